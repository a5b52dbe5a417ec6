"""A dictionary that is fetched is written so that it can be used again."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from clinic import clinic, served
from practice import practice_dictionary

from gen3submit import Dictionary
from gen3submit.dictionary.writing import write_dictionary
from gen3submit.errors import UsageProblem


@pytest.mark.parametrize("name", ["out.json", "OUT.JSON", "folder", "folder/below"])
def test_what_is_written_loads_to_the_same(name: str, tmp_path: Path) -> None:
    dictionary = practice_dictionary()
    files = write_dictionary(dictionary, tmp_path / name)
    again = Dictionary.load(tmp_path / name)
    assert again.sha256 == dictionary.sha256
    assert again.version == dictionary.version
    assert all(file.is_file() for file in files)
    assert len(files) == (1 if name.lower().endswith(".json") else len(dictionary.served()))
    assert list(tmp_path.rglob("*.part")) == []


def test_the_json_is_what_the_commons_serves(tmp_path: Path) -> None:
    write_dictionary(clinic(), tmp_path / "d.json")
    assert json.loads((tmp_path / "d.json").read_text()) == clinic().served()


def test_words_that_yaml_would_read_as_something_else_stay_words(tmp_path: Path) -> None:
    schemas = copy.deepcopy(served())
    words = ["yes", "No", "on", "null", "~", "2024-05-17", "1e3", "0x10", "", " a", "a: b", "# x", "é\u2028", "12:30"]
    schemas["visit"]["properties"]["grade"]["enum"] = words
    dictionary = Dictionary.load(schemas)
    write_dictionary(dictionary, tmp_path / "folder")
    assert list(Dictionary.load(tmp_path / "folder")["visit"].properties["grade"].enum) == words


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UsageProblem, match="already"):
        write_dictionary(clinic(), tmp_path / "mine")
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]
    with pytest.raises(UsageProblem, match="cannot be written"):
        write_dictionary(clinic(), tmp_path / "mine" / "notes.txt" / "d.json")


@pytest.mark.parametrize("name", ["../evil", "_/etc/evil", "_a\\b", "_..", "_" + "x" * 300, "_\x1b[31m"])
def test_a_name_in_the_dictionary_never_becomes_a_path(name: str, tmp_path: Path) -> None:
    """Entries that are no node types may have any name."""
    hostile = Dictionary(served() | {name: {}}, clinic().nodes, "hostile", from_cache=False)
    with pytest.raises(UsageProblem, match="no file name"):
        write_dictionary(hostile, tmp_path / "in" / "folder")
    assert list(tmp_path.rglob("*")) == []
