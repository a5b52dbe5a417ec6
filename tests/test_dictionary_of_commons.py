"""The dictionary of a commons is kept on disk, and used when the commons cannot be reached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from dictionary_pieces import node

from gen3submit.dictionary import Dictionary, DictionaryError
from gen3submit.errors import CommonsProblem


class CommonsOnAndOff:
    """As much of a commons as the dictionary asks for."""

    def __init__(self, endpoint: str, served: dict[str, Any]) -> None:
        self.endpoint = endpoint
        self.served = served
        self.reachable = True

    def dictionary(self) -> dict[str, Any]:
        if not self.reachable:
            raise CommonsProblem("nobody answers")
        return self.served


@pytest.fixture
def commons() -> CommonsOnAndOff:
    return CommonsOnAndOff("https://commons.example.org", {"visit": node("visit")})


def test_a_commons_that_answers_is_asked_each_time(commons: CommonsOnAndOff, tmp_path: Path) -> None:
    first = Dictionary.load(commons, cache_folder=tmp_path)
    commons.served = {"sample": node("sample")}
    second = Dictionary.load(commons, cache_folder=tmp_path)
    assert (list(first), list(second)) == (["visit"], ["sample"])
    assert not second.from_cache
    assert second.source == commons.endpoint


def test_what_a_commons_answered_last_is_used_when_it_cannot_be_reached(
    commons: CommonsOnAndOff, tmp_path: Path
) -> None:
    asked = Dictionary.load(commons, cache_folder=tmp_path)
    commons.reachable = False
    kept = Dictionary.load(commons, cache_folder=tmp_path)
    assert kept.from_cache
    assert kept.nodes == asked.nodes
    assert kept.sha256 == asked.sha256
    assert kept.source == commons.endpoint


def test_a_commons_never_asked_and_not_reached_is_a_problem_of_the_commons(
    commons: CommonsOnAndOff, tmp_path: Path
) -> None:
    Dictionary.load(commons, cache_folder=tmp_path)
    other = CommonsOnAndOff("https://commons.example.org:8443", {})
    other.reachable = False
    with pytest.raises(CommonsProblem, match="nobody answers"):
        Dictionary.load(other, cache_folder=tmp_path)


@pytest.mark.parametrize("change", ["one letter", "cut short", "no JSON", "another commons", "no text"])
def test_a_kept_dictionary_that_was_changed_is_not_used(commons: CommonsOnAndOff, tmp_path: Path, change: str) -> None:
    Dictionary.load(commons, cache_folder=tmp_path)
    (file,) = tmp_path.iterdir()
    kept = json.loads(file.read_text())
    content = {
        "one letter": json.dumps(kept | {"dictionary": kept["dictionary"].replace("visit", "visid")}),
        "cut short": file.read_text()[:-20],
        "no JSON": "",
        "another commons": json.dumps(kept | {"endpoint": "https://other.example.org"}),
        "no text": json.dumps(kept | {"dictionary": 3}),
    }[change]
    file.write_text(content)
    commons.reachable = False
    with pytest.raises(CommonsProblem):
        Dictionary.load(commons, cache_folder=tmp_path)


def test_a_broken_dictionary_is_not_kept(commons: CommonsOnAndOff, tmp_path: Path) -> None:
    good = Dictionary.load(commons, cache_folder=tmp_path)
    commons.served = {"visit": {}}
    with pytest.raises(DictionaryError, match="no node type"):
        Dictionary.load(commons, cache_folder=tmp_path)
    commons.reachable = False
    assert Dictionary.load(commons, cache_folder=tmp_path).sha256 == good.sha256


def test_a_cache_that_cannot_be_written_stops_nothing(commons: CommonsOnAndOff, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "visit" in Dictionary.load(commons, cache_folder=tmp_path / "file" / "cache")


def test_the_users_cache_folder_is_used_unless_another_is_named(
    commons: CommonsOnAndOff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name, **_: tmp_path / name)
    Dictionary.load(commons)
    (file,) = (tmp_path / "gen3submit" / "dictionaries").iterdir()
    assert file.name.startswith("commons.example.org-")


def test_the_name_of_the_kept_file_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    hostile = CommonsOnAndOff("https://../../../etc/passwd\0", {"visit": node("visit")})
    Dictionary.load(hostile, cache_folder=tmp_path / "cache")
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "cache"]
