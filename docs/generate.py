"""Writes the pages that are made of the code: one on every command, one on every finding code."""

from __future__ import annotations

from pathlib import Path

import click

from gen3submit.cli.main import commands
from gen3submit.messages.codes import codes


def pages(folder: Path) -> None:
    """Write ``commands.md`` and ``codes.md`` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "commands.md", _commands())
    _write(folder / "codes.md", _codes())


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:  # an unchanged page is not built anew
        path.write_text(text, encoding="utf-8")


def _commands() -> str:
    context = click.Context(commands, info_name="gen3submit")
    parts = ["# Commands", "", "```text", commands.get_help(context).rstrip(), "```", ""]
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        parts += _command(command, click.Context(command, info_name=name, parent=context, max_content_width=100), 2)
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context, level: int) -> list[str]:
    parts = [f"{'#' * level} {context.command_path}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            inner_context = click.Context(inner, info_name=name, parent=context, max_content_width=100)
            parts += _command(inner, inner_context, level + 1)
    return parts


def _codes() -> str:
    parts = ["# Findings", "", "Every finding has a stable code. `gen3submit explain CODE` shows the same text.", ""]
    for page in codes():
        parts += [f"## {page.code}", "", f"**{page.title}**", "", page.meaning, "", page.server, "", page.mend, ""]
        if page.example:
            parts += ["```text", page.example.rstrip(), "```", ""]
    return "\n".join(parts)
