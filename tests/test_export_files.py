"""Where an export goes: whole or not at all, never outside its folder, never over anything."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clinic import clinic, served

from gen3submit import Dictionary
from gen3submit.commons.errors import ServerTrouble
from gen3submit.errors import UsageProblem
from gen3submit.exporting import export_project, export_records


class Given:
    """A commons that exports what a test gives it."""

    def __init__(self, records: dict[str, list[dict[str, Any]]], *, breaks_at: str | None = None) -> None:
        self.records = records
        self.breaks_at = breaks_at

    def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
        yield from self.records.get(node, ())
        if node == self.breaks_at:
            raise ServerTrouble("broke off", broke_off=True)

    def export_ids(self, project_id: str, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        raise AssertionError("nobody asks for single records here")

    def projects(self, program: str) -> list[str]:
        return ["X"]


def case(submitter_id: str, **values: Any) -> dict[str, Any]:
    return {"type": "case", "id": f"id of {submitter_id}", "submitter_id": submitter_id, **values}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    export_project(Given({"case": [case("A")]}), "P-X", tmp_path / "a" / "b", nodes=clinic())
    assert files(tmp_path / "a" / "b") == ["case.tsv"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export_project(Given({"case": [case("A")]}), "P-X", tmp_path / "out", nodes=clinic())
    assert files(tmp_path) == ["out"]
    assert files(tmp_path / "out") == ["case.tsv"]


@pytest.mark.parametrize("kind", ["a folder with something in it", "a file"])
def test_what_is_there_is_not_touched(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if kind == "a file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "mine.tsv").write_text("mine")
    with pytest.raises(UsageProblem, match="new folder"):
        export_project(Given({"case": [case("A")]}), "P-X", out, nodes=clinic())
    assert (out if out.is_file() else out / "mine.tsv").read_text() == "mine"
    assert files(tmp_path) == ["out"]


def test_an_export_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    commons = Given({"case": [case("A")], "visit": [case("B")]}, breaks_at="visit")
    with pytest.raises(ServerTrouble):
        export_project(commons, "P-X", tmp_path / "out", nodes=clinic())
    assert files(tmp_path) == []


def test_a_project_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no project"):
        export_project(Given({}), "P-nope", tmp_path / "out", nodes=clinic())
    result = export_project(Given({}), "P-X", tmp_path / "out", nodes=clinic())
    assert result.files == ()
    assert files(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/b", "a\\b", "..", "evil\n", "x\0", "a b", ""])
def test_a_node_type_never_becomes_a_path(name: str, tmp_path: Path) -> None:
    for form in ("tsv", "json"):
        with pytest.raises(UsageProblem, match="cannot name a node type"):
            export_project(
                Given({name: [case("A")]}),
                "P-X",
                tmp_path / "in" / "out",
                nodes={name: replace(clinic()["case"], id=name)},
                format=form,  # type: ignore[arg-type]  # both are formats
            )
    assert files(tmp_path) == ["in"]
    assert files(tmp_path / "in") == []


def test_names_that_differ_in_letter_case_only_are_two_files(tmp_path: Path) -> None:
    """Some disks cannot tell them apart."""
    schemas = served() | {"CASE": served()["case"] | {"id": "CASE"}}
    nodes = Dictionary.load(schemas)
    records = {"case": [case("lower")], "CASE": [case("upper") | {"type": "CASE"}]}
    export_project(Given(records), "P-X", tmp_path / "out", nodes=nodes)
    assert len({name.casefold() for name in files(tmp_path / "out")}) == 2
    assert "lower" in (tmp_path / "out" / "case.tsv").read_text()
    assert "upper" in (tmp_path / "out" / "CASE-2.tsv").read_text()


def test_records_in_any_form_a_server_may_give_do_no_harm(tmp_path: Path) -> None:
    """Unknown properties, links that are none, ids that are objects: told or left out, never a crash."""
    odd: list[dict[str, Any]] = [
        case("A", nonsense=1, text={"deep": [1]}, projects="X"),
        case("B", projects=[1, {"code": None}, {"code": "X"}]),
        case("C", whole="five", text=["a"]),
        {"id": {"x": 1}, "submitter_id": ["L"], "a\tb": "c"},
        {},
    ]
    result = export_project(Given({"case": odd}), "P-X", tmp_path / "out", nodes=clinic())
    assert result.records == {"case": 5}
    assert any("nonsense" in note for note in result.notes)
    assert result.incomplete is not None
    table = (tmp_path / "out" / "case.tsv").read_text()
    assert "nonsense" not in table
    assert "a\tb" not in table.split("\n")[0]


def test_one_table_of_given_records_names_what_it_changes() -> None:
    stream = io.BytesIO()
    records = [case("A", text=" spaces"), case("B", text="plain")]
    number, notes = export_records(records, stream, nodes=clinic(), node="case", with_id=True)
    assert number == 2
    assert stream.getvalue().decode().splitlines() == [
        "type\tid\tsubmitter_id\ttext",
        "case\tid of A\tA\t spaces",
        "case\tid of B\tB\tplain",
    ]
    (note,) = notes
    assert "case.text" in note
    assert "`A`" in note


def test_a_table_is_of_one_node_type() -> None:
    records = [case("A"), {"type": "visit", "submitter_id": "V"}]
    with pytest.raises(UsageProblem, match="one node type"):
        export_records(records, io.BytesIO(), nodes=clinic())
    with pytest.raises(UsageProblem, match="dictionary does not have"):
        export_records([{"type": "nonsense"}], io.BytesIO(), nodes=clinic())
    stream = io.BytesIO()
    assert export_records(records, stream, nodes=clinic(), format="json") == (2, ())
    assert stream.getvalue().startswith(b"[\n{")
    assert export_records([], io.BytesIO(), nodes=clinic()) == (0, ())
