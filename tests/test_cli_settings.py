"""Settings: a file found upwards, variables over it, flags over both."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.cli.main import run
from gen3submit.cli.settings import Settings, settings
from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.errors import UsageProblem

NAMES = ("commons", "project", "dictionary", "credentials")


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GEN3")]:
        monkeypatch.delenv(name)


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gen3submit.toml").write_text(text, encoding="utf-8")


values = st.dictionaries(st.sampled_from(NAMES), st.text(alphabet="abc/:.-", min_size=1, max_size=5))


@given(values, values, values)
def test_flags_come_before_variables_and_those_before_the_file(
    in_file: dict[str, str], in_variables: dict[str, str], in_flags: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), "\n".join(f"{name} = {json.dumps(value)}" for name, value in in_file.items()))
        environment = {f"GEN3SUBMIT_{name.upper()}": value for name, value in in_variables.items()}
        flags: dict[str, str | None] = {name: in_flags.get(name) for name in NAMES}
        found = settings(Path(folder), environment, **flags)
    for name in NAMES:
        wanted = in_flags.get(name) or in_variables.get(name) or in_file.get(name)
        # A path that names something beside the file is meant from there; `.` and `..` do.
        assert getattr(found, name) == wanted or getattr(found, name) == str(Path(folder) / str(wanted))


def test_the_file_is_looked_for_upwards_and_the_nearest_one_counts(tmp_path: Path) -> None:
    write(tmp_path, 'project = "far-away"\ncommons = "https://far.example"')
    write(tmp_path / "a", 'project = "near-by"')
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    assert settings(tmp_path / "a" / "b" / "c", {}) == Settings(project="near-by")
    assert settings(tmp_path, {}).project == "far-away"


def test_without_any_there_are_none(tmp_path: Path) -> None:
    assert settings(tmp_path, {}) == Settings()


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    write(tmp_path, 'project = "in-file"')
    assert settings(tmp_path, {"GEN3SUBMIT_PROJECT": ""}).project == "in-file"


def test_paths_in_the_file_are_meant_from_its_own_folder(tmp_path: Path) -> None:
    write(tmp_path, 'dictionary = "schemas"\ncredentials = "keys/mine.json"')
    (tmp_path / "schemas").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "mine.json").write_text("{}", encoding="utf-8")
    (tmp_path / "below").mkdir()
    found = settings(tmp_path / "below", {})
    assert found.dictionary == str(tmp_path / "schemas")
    assert found.credentials == str(tmp_path / "keys" / "mine.json")


def test_addresses_and_names_that_are_no_paths_stay(tmp_path: Path) -> None:
    write(tmp_path, 'dictionary = "https://example.org/dictionary.json"\ncredentials = "my-key"')
    found = settings(tmp_path, {})
    assert (found.dictionary, found.credentials) == ("https://example.org/dictionary.json", "my-key")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("project = ", "gen3submit.toml"),
        ("projekt = 'a-b'", "`projekt`"),
        ("project = 12", "`project` must be text"),
        ("[project]\nname = 'a'", "`project` must be text"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    with pytest.raises(UsageProblem) as problem:
        settings(tmp_path, {})
    assert told in str(problem.value)
    assert str(tmp_path) in str(problem.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "gen3submit.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageProblem, match=r"gen3submit\.toml"):
        settings(tmp_path, {})


def explained(capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    """What `explain` says of the type that only one of the two dictionaries has."""
    code = run(["explain", "own_type", *flags])
    out = capsys.readouterr()
    return out.out if code == 0 else out.err


def test_a_command_obeys_flag_variable_and_file_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    practice = str(practice_dictionary_folder())
    served = Dictionary.load(practice).served()
    served["own_type"] = {**served["sample"], "id": "own_type"}
    (tmp_path / "own.json").write_text(json.dumps(served), encoding="utf-8")
    assert "name a dictionary" in explained(capsys)
    write(tmp_path, 'dictionary = "own.json"')
    assert "own_type" in explained(capsys)
    monkeypatch.setenv("GEN3SUBMIT_DICTIONARY", practice)
    assert "no node type" in explained(capsys)
    assert "a node type" in explained(capsys, "--dictionary", str(tmp_path / "own.json"))
