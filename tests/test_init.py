"""``gen3submit init``: a folder that works at once, and that never costs anybody a file."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from gen3submit.cli.main import run
from gen3submit.dictionary import Dictionary, practice_dictionary_folder

STUDY = Path(__file__).parent.parent / "sample_data" / "study"
DICTIONARY = str(practice_dictionary_folder())


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GEN3")]:
        monkeypatch.delenv(name)


def test_a_template_for_every_node_type_settings_and_next_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", "mine", "--dictionary", DICTIONARY, "--project", "practice-study"]) == 0
    submittable = {node.id for node in Dictionary.load(DICTIONARY).values() if node.is_submittable}
    assert {path.stem for path in (tmp_path / "mine" / "templates").iterdir()} == submittable
    readme = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert readme.index("`study`") < readme.index("`subject`") < readme.index("`sample`")
    assert "gen3submit check data" in readme
    assert "wrote" in capsys.readouterr().out


def test_commands_in_the_folder_need_no_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", "mine", "--dictionary", DICTIONARY, "--project", "practice-study"]) == 0
    for path in STUDY.iterdir():
        (tmp_path / "mine" / "data" / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path / "mine")
    capsys.readouterr()
    assert run(["check", "data"]) == 0
    assert "everything would go in" in capsys.readouterr().out


def test_a_dictionary_beside_the_folder_is_named_from_it(tmp_path: Path) -> None:
    (tmp_path / "dictionary.json").write_text(json.dumps(Dictionary.load(DICTIONARY).served()), encoding="utf-8")
    assert run(["init", "mine", "--dictionary", "dictionary.json", "--node", "sample"]) == 0
    text = (tmp_path / "mine" / "gen3submit.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {"dictionary": "../dictionary.json"}
    assert [path.name for path in (tmp_path / "mine" / "templates").iterdir()] == ["sample.tsv"]


def test_the_practice_commons_and_workbooks(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    assert run(["init", "mine", "--commons", "sandbox", "--node", "study", "--format", "xlsx"]) == 0
    settings = tomllib.loads((tmp_path / "mine" / "gen3submit.toml").read_text(encoding="utf-8"))
    assert settings == {"commons": "sandbox", "project": "practice-study"}
    assert [path.name for path in (tmp_path / "mine" / "templates").iterdir()] == ["study.xlsx"]


def test_nothing_that_is_there_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    (folder / "templates").mkdir(parents=True)
    (folder / "README.md").write_text("my own", encoding="utf-8")
    (folder / "templates" / "sample.tsv").write_text("my own", encoding="utf-8")
    assert run(["init", "mine", "--dictionary", DICTIONARY, "--node", "sample", "--node", "subject"]) == 0
    assert (folder / "README.md").read_text(encoding="utf-8") == "my own"
    assert (folder / "templates" / "sample.tsv").read_text(encoding="utf-8") == "my own"
    assert (folder / "templates" / "subject.tsv").exists()
    assert capsys.readouterr().out.count("it was there already") == 2


@pytest.mark.parametrize(
    "arguments",
    [["mine"], ["mine", "--dictionary", DICTIONARY, "--node", "nothing"], ["file", "--dictionary", DICTIONARY]],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing_behind(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run(["init", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "mine").exists()
