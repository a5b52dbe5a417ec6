"""Each of the sample mistakes is found where it is, with its code, and its page says what the check says.

Run as a program it writes the page's table anew.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from gen3submit import CheckResult, Dictionary, check
from gen3submit.dictionary import practice_dictionary_folder
from gen3submit.findings import Folded

ROOT = Path(__file__).parent.parent
MISTAKES = Path("sample_data/mistakes")
EXPECTED: dict[str, dict[str, Any]] = json.loads((ROOT / MISTAKES / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@functools.cache
def dictionary() -> Dictionary:
    return Dictionary.load(practice_dictionary_folder())


@functools.cache
def checked(name: str) -> CheckResult:
    paths = [MISTAKES / other for other in (*EXPECTED[name].get("together_with", ()), name)]
    return check(paths, dictionary=dictionary(), project="practice-study", existing=["sample_data/study"])


def told(name: str) -> Folded:
    """The finding that the file is there for."""
    found = [item for item in checked(name).folded() if item.finding.code == EXPECTED[name]["code"]]
    assert found, [item.finding.code for item in checked(name).folded()]
    return found[0]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_mistake_is_found_at_its_line_and_column(name: str) -> None:
    expected, found = EXPECTED[name], told(name)
    assert Path(found.path).name == name
    assert (found.lines[0] if found.lines else None) == expected["line"]
    assert found.finding.column == expected["column"]
    assert checked(name).files[-1].verdict == expected["verdict"]


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_else_is_said_of_it(name: str) -> None:
    """One mistake is one finding, and besides what becomes of the file for it."""
    codes = {item.finding.code for item in checked(name).folded()} - {"file-lost"}
    assert codes == {EXPECTED[name]["code"]}


def test_the_study_that_the_mistakes_belong_to_has_none() -> None:
    for existing in (None, [], ["sample_data/study"]):
        result = check("sample_data/study", dictionary=dictionary(), project="practice-study", existing=existing)
        assert [item.finding for item in result.folded()] == []
        assert result.ok


def page_table() -> list[str]:
    """The table of the page."""
    lines = ["| file | line | column | what is wrong | what the check says |", "|---|---|---|---|---|"]
    for name, mistake in EXPECTED.items():
        together = "".join(f" (with `{other}`)" for other in mistake.get("together_with", ()))
        column = "" if mistake["column"] is None else f"`{mistake['column']}`".replace("``", "(no name)")
        column = column.replace("\ufeff", "")
        message = told(name).finding.message.replace("|", "\\|")
        line = mistake["line"] or ""
        said = f"`{mistake['code']}`: {message}"
        lines.append(f"| `{name}`{together} | {line} | {column} | {mistake['about']} | {said} |")
    return lines


def test_the_page_says_what_the_check_says() -> None:
    page = (ROOT / MISTAKES / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in page if line.startswith("|")] == page_table()


def write_page() -> None:
    page = MISTAKES / "README.md"
    text = [line for line in page.read_text(encoding="utf-8").splitlines() if not line.startswith("|")]
    page.write_text("\n".join([*text, *page_table()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_page()
