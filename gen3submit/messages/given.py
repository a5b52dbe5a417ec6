"""Sentences about what users name: ids and node types."""

from __future__ import annotations

from collections.abc import Sequence

from gen3submit.messages.wording import listed, shown, visible


def unreadable(path: str, why: str) -> str:
    return f"{visible(path)}: cannot be read: {visible(why)}"


def no_ids(text: str) -> str:
    return f"{shown(text)}: no ids in it. Give them with commas between, or a file with one on a line"


def no_such_node(name: str, similar: Sequence[str]) -> str:
    hint = f"; similar: {listed(similar)}" if similar else ""
    return f"the dictionary has no node type {shown(name)}{hint}"


def not_submittable(name: str) -> str:
    return f"records of {shown(name)} do not belong to a project"
