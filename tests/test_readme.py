"""The README says what is so: its library examples run, and the commands it names are there with their options."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

import gen3submit
from gen3submit.cli.main import commands, run
from gen3submit.messages.command_line import COMMANDS, EXIT_CODES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial" / "practice.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_library_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the practice commons in the place of the address."""
    for name in ("sample_data", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "sample_data" / "study", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    practice = gen3submit.practice_commons(project="DEV-test")
    for table, columns in (("study", 2), ("core_metadata_collection", 2)):
        path = tmp_path / "data" / f"{table}.tsv"
        lines = path.read_text().splitlines()
        index = lines[0].split("\t").index("projects.code")
        rows = [line.split("\t") for line in lines]
        for row in rows[1:]:
            row[index] = "test"
        path.write_text("".join("\t".join(row) + "\n" for row in rows))
        assert len(rows) >= columns
    names: dict[str, object] = {}
    for block in blocks(README, "python"):
        code = re.sub(r"^commons = Commons\(.*\)$", "commons = practice", block, flags=re.MULTILINE)
        exec(compile(code, "README.md", "exec"), {**names, "practice": practice}, names)
    assert names["report"].to_dict()["summary"]["rows_by_outcome"]["created"] == 822  # type: ignore[attr-defined]  # any object


@pytest.mark.parametrize("text", [README, TUTORIAL], ids=["README", "tutorial"])
def test_every_command_line_that_is_shown_can_be_parsed(text: str) -> None:
    shown = [line for block in blocks(text, "sh") for line in block.splitlines()]
    lines = [line[line.index("gen3submit ") :] for line in shown if "gen3submit " in line and "pip install" not in line]
    assert lines
    context = commands.make_context("gen3submit", ["--help"], resilient_parsing=True)
    for line in lines:
        name, *arguments = shlex.split(line)[1:]
        command = commands.get_command(context, name)
        assert command is not None, line
        command.make_context(name, arguments, parent=context)


def test_the_tutorial_goes_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    codes = []
    for block in blocks(TUTORIAL, "sh"):
        for line in block.splitlines():
            arguments = shlex.split(line)[1:]
            if line.startswith("gen3submit ") and arguments[0] != "sandbox":
                codes.append((arguments[0], run([*arguments, "-qq"])))
    assert codes == [("check", 0), ("check", 1), ("submit", 0)]


def test_the_exit_codes_are_those_of_the_help() -> None:
    in_readme = re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)
    assert in_readme == re.findall(r"(?:^|, )(\d+) ", EXIT_CODES)


def test_every_command_is_named_somewhere_in_the_documentation() -> None:
    pages = README + "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md"))
    assert [each.name for each in COMMANDS if f"gen3submit {each.name}" not in pages] == []


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in gen3submit.__all__ if getattr(gen3submit, name, None) is None] == []
