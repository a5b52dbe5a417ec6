"""Export, check, submit: the commons is as it was before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_practice import Api, in_process, with_study
from clinic import clinic, served
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen3submit import CheckResult, Dictionary, check
from gen3submit.exporting import NOT_IN_TABLES, Exported, export_project
from gen3submit.exporting import tables as export_tables
from gen3submit.findings import Severity


@pytest.fixture(scope="module")
def study() -> Iterator[Api]:
    with with_study() as api:
        yield api


@pytest.fixture
def clinical() -> Api:
    api = in_process(clinic(), "P-X")
    api.put({"type": "case", "submitter_id": "C-1", "projects": {"code": "X"}})
    return api


def exported(api: Api, folder: Path) -> Exported:
    return export_project(api.commons, api.project, folder, nodes=api.dictionary)


def checked(api: Api, folder: Path) -> CheckResult:
    return check(str(folder), dictionary=api.dictionary, project=api.project, existing=api.commons)


def errors(result: CheckResult) -> list[tuple[str, str]]:
    return [(found.path, found.finding.code) for found in result.folded() if found.finding.severity is Severity.ERROR]


def goes_back_unchanged(api: Api, folder: Path) -> Exported:
    """Export into `folder`, check and submit the tables, and compare the commons with what it was."""
    before = api.everything()
    result = exported(api, folder)
    assert result.records == {type_: len(records) for type_, records in before.items()}
    found = checked(api, folder)
    assert (errors(found), found.ok) == ([], True)
    counts = api.put_folder(folder)
    assert counts == {"created": 0, "updated": sum(file.records for file in result.files)}
    assert api.everything() == before
    return result


def visit(submitter_id: str, **values: Any) -> dict[str, Any]:
    return {"type": "visit", "submitter_id": submitter_id, "cases": {"submitter_id": "C-1"}, "grade": "low", **values}


def not_in_tables(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / NOT_IN_TABLES).read_text())
    return found


# The whole study


def test_the_study_goes_back_unchanged(study: Api, tmp_path: Path) -> None:
    result = goes_back_unchanged(study, tmp_path / "out")
    assert result.notes == ()
    assert result.incomplete is None
    assert sum(result.records.values()) == 822
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{node}.tsv" for node in result.records}


def test_the_tables_fill_an_empty_project_to_the_same_records(study: Api, tmp_path: Path) -> None:
    exported(study, tmp_path / "out")
    other = in_process()
    assert other.put_folder(tmp_path / "out") == {"created": 822, "updated": 0}

    def bare(records: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
        """Without what every commons chooses itself."""

        def of(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: of(each) for name, each in value.items() if name not in ("id", "node_id", "object_id")}
            return [of(each) for each in value] if isinstance(value, list) else value

        return {
            type_: sorted(json.dumps(of(record), sort_keys=True) for record in found)
            for type_, found in records.items()
        }

    without_objects = {
        type_: [{name: value for name, value in record.items() if name != "object_id"} for record in found]
        for type_, found in other.everything().items()
    }
    assert bare(without_objects) == bare(study.everything())


def test_json_is_what_the_commons_exports(study: Api, tmp_path: Path) -> None:
    result = export_project(study.commons, study.project, tmp_path / "out", nodes=study.dictionary, format="json")
    read = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "out").iterdir()}
    assert {
        type_: sorted(records, key=lambda each: each["id"]) for type_, records in read.items()
    } == study.everything()
    assert [file.path for file in result.files] == [tmp_path / "out" / f"{node}.json" for node in result.records]


# Values


texts = st.text(max_size=12).filter(lambda text: "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text))
tricky = st.text(alphabet="a,\"\t\n\r\x0b\x85\u2028 '*|#", max_size=6)
values = st.fixed_dictionaries(
    {},
    optional={
        "text": texts | tricky | st.sampled_from(["null", "None", "NA", "", " ", "true", "007", "=1+1"]),
        "whole": st.integers(-(10**20), 10**20),
        "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        "flag": st.booleans(),
        "grade": st.sampled_from(["low", "high", "Not Reported"]),
        "names": st.lists(texts | tricky, max_size=3),
        "counts": st.lists(st.integers(-(2**53), 2**60), max_size=3),
        "flags": st.lists(st.booleans(), max_size=3),
        "signs": st.lists(st.sampled_from(["cough", "fever"]), max_size=3),
        "either": st.integers() | st.just("unknown"),
        "colour": st.sampled_from(["red", "blue"]),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=1, max_size=6))
def test_any_values_go_back_unchanged(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    """What a table carries comes back as it was; what none carries is left as it was, and kept whole beside."""
    api = in_process(clinic(), "P-X")
    api.put({"type": "case", "submitter_id": "C-1", "projects": {"code": "X"}})
    api.put(*(visit(f"V-{number}", **row) for number, row in enumerate(rows)))
    folder = tmp_path_factory.mktemp("any") / "out"
    before = api.everything()
    result = exported(api, folder)
    assert errors(checked(api, folder)) == []
    api.put_folder(folder)
    assert api.everything() == before
    in_tables = sum(file.records for file in result.files if file.node == "visit")
    whole = {record["submitter_id"] for record in not_in_tables(folder)} if result.incomplete else set()
    assert in_tables == len(rows)
    assert bool(result.notes) == bool(whole)
    for record in before["visit"]:
        if record["submitter_id"] in whole:
            assert record in not_in_tables(folder)


def test_tabs_line_breaks_and_quotes_survive(clinical: Api, tmp_path: Path) -> None:
    clinical.put(visit("V-1", text='tab\there\n"quoted" line\nlast'), visit("V-2", text='"starts with a quote'))
    assert goes_back_unchanged(clinical, tmp_path / "out").notes == ()


def test_a_comma_inside_an_item_is_left_out_named_and_kept_whole(clinical: Api, tmp_path: Path) -> None:
    clinical.put(visit("V-1", names=["a,b", "c"], text="x"), visit("V-2", names=["a", "b"], text="y"))
    result = goes_back_unchanged(clinical, tmp_path / "out")
    (note,) = result.notes
    assert "visit.names" in note
    assert "V-1" in note
    assert "comma" in note
    assert [(record["submitter_id"], record["names"]) for record in not_in_tables(tmp_path / "out")] == [
        ("V-1", ["a,b", "c"])
    ]
    first, second = ((tmp_path / "out" / name).read_text() for name in ("visit.tsv", "visit-2.tsv"))
    assert sorted(["names" in first.split("\n")[0], "names" in second.split("\n")[0]]) == [False, True]
    assert "x" in first + second  # the rest of the record stands in a table


def test_a_required_value_that_no_table_carries_keeps_the_record_out_of_them(tmp_path: Path) -> None:
    schemas = served()
    schemas["visit"]["required"].append("text")
    api = in_process(Dictionary.load(schemas), "P-X")
    api.put({"type": "case", "submitter_id": "C-1", "projects": {"code": "X"}})
    api.put(visit("V-1", text=" space"), visit("V-2", text="no space"))
    before = api.everything()
    result = exported(api, tmp_path / "out")
    assert "V-1" not in (tmp_path / "out" / "visit.tsv").read_text()
    assert [record["submitter_id"] for record in not_in_tables(tmp_path / "out")] == ["V-1"]
    (note,) = result.notes
    assert "in no table" in note
    api.put_folder(tmp_path / "out")
    assert api.everything() == before


def test_a_submitter_id_that_no_table_carries_keeps_the_record_out_of_them(clinical: Api, tmp_path: Path) -> None:
    clinical.put(visit(" V-1"), visit("V-2"))
    result = exported(clinical, tmp_path / "out")
    assert [file.records for file in result.files if file.node == "visit"] == [1]
    assert [record["submitter_id"] for record in not_in_tables(tmp_path / "out")] == [" V-1"]


# Columns that take no empty cell


def strict() -> Dictionary:
    """With properties that have a type and allowed values: the server adds null to the one and not to the other."""
    schemas = served()
    for number in range(6):
        schemas["visit"]["properties"][f"strict{number}"] = {"type": "string", "enum": ["a", "b"]}
    return Dictionary.load(schemas)


def test_columns_that_take_no_empty_cell_stand_where_every_row_has_a_value(tmp_path: Path) -> None:
    api = in_process(strict(), "P-X")
    api.put({"type": "case", "submitter_id": "C-1", "projects": {"code": "X"}})
    api.put(visit("V-1", strict0="a"), visit("V-2"), visit("V-3", strict1="b"), visit("V-4", strict0="b", strict1="a"))
    result = goes_back_unchanged(api, tmp_path / "out")
    assert sum(file.node == "visit" for file in result.files) == 4
    assert result.notes == ()


def test_the_largest_table_has_the_plain_name(tmp_path: Path) -> None:
    api = in_process(strict(), "P-X")
    api.put({"type": "case", "submitter_id": "C-1", "projects": {"code": "X"}})
    api.put(visit("V-1", strict0="a"), visit("V-2"), visit("V-3"))
    result = exported(api, tmp_path / "out")
    assert [(file.path.name, file.records) for file in result.files if file.node == "visit"] == [
        ("visit.tsv", 2),
        ("visit-2.tsv", 1),
    ]


def test_more_tables_than_anybody_wants_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_tables, "MOST_TABLES", 3)
    api = in_process(strict(), "P-X")
    api.put({"type": "case", "submitter_id": "C-1", "projects": {"code": "X"}})
    api.put(*(visit(f"V-{number}", **{f"strict{number}": "a"}) for number in range(5)))
    before = api.everything()
    result = exported(api, tmp_path / "out")
    assert sum(file.node == "visit" for file in result.files) == 3
    assert len(not_in_tables(tmp_path / "out")) == 2
    assert any("2 records" in note for note in result.notes)
    api.put_folder(tmp_path / "out")
    assert api.everything() == before


# Links and identity


def test_parents_that_no_cell_can_name_stand_by_id(clinical: Api, tmp_path: Path) -> None:
    clinical.put({"type": "case", "submitter_id": "C,2", "projects": {"code": "X"}})
    clinical.put({**visit("V-1"), "cases": {"submitter_id": "C,2"}}, visit("V-2"))
    clinical.put({"type": "study", "submitter_id": "T", "cases": [{"submitter_id": "C,2"}, {"submitter_id": "C-1"}]})
    result = goes_back_unchanged(clinical, tmp_path / "out")
    assert len(result.notes) == 2
    assert all("C,2" in note and "by id" in note for note in result.notes)


def test_several_parents_come_once_each_however_the_commons_repeats_them(tmp_path: Path) -> None:
    """Its export joins all links: each parent comes once per combination with the others."""
    schemas = served()
    schemas["study"] = json.loads(json.dumps(schemas["study"]))
    other = json.loads(json.dumps(schemas["study"]["links"][0]).replace("cases", "visits").replace('"case"', '"visit"'))
    schemas["study"]["links"] += [other | {"multiplicity": "many_to_many"}]
    schemas["study"]["properties"]["visits"] = schemas["study"]["properties"]["cases"]
    api = in_process(Dictionary.load(schemas), "P-X")
    api.put(*({"type": "case", "submitter_id": f"C-{n}", "projects": {"code": "X"}} for n in (1, 2)))
    api.put(visit("V-1"), visit("V-2"))
    api.put({
        "type": "study",
        "submitter_id": "T",
        "cases": [{"submitter_id": "C-1"}, {"submitter_id": "C-2"}],
        "visits": [{"submitter_id": "V-1"}, {"submitter_id": "V-2"}],
    })  # fmt: skip
    goes_back_unchanged(api, tmp_path / "out")
    header, row = (tmp_path / "out" / "study.tsv").read_text().splitlines()
    cells = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    assert sorted(cells["cases.submitter_id"].split(",")) == ["C-1", "C-2"]
    assert sorted(cells["visits.submitter_id"].split(",")) == ["V-1", "V-2"]


def test_a_node_type_that_links_to_itself_is_exported_too(clinical: Api, tmp_path: Path) -> None:
    """The commons' own export of such a type breaks off at once."""
    clinical.put({"type": "specimen", "submitter_id": "A", "cases": {"submitter_id": "C-1"}})
    clinical.put({"type": "specimen", "submitter_id": "B", "specimens": {"submitter_id": "A"}})
    clinical.put({"type": "specimen", "submitter_id": "0", "specimens": {"submitter_id": "B"}})
    goes_back_unchanged(clinical, tmp_path / "out")


def test_records_without_a_submitter_id_stand_by_id(clinical: Api, tmp_path: Path) -> None:
    (unnamed,) = clinical.put({"type": "keyword", "text": "no name"})
    clinical.put({"type": "keyword", "submitter_id": "K", "text": "a name"})
    result = exported(clinical, tmp_path / "out")
    tables = [file.path.read_text() for file in result.files if file.node == "keyword"]
    assert sorted(table.split("\n")[0] for table in tables) == ["type\tid\ttext", "type\tsubmitter_id\ttext"]
    assert any(unnamed in table for table in tables)
    before = clinical.everything()
    clinical.put_folder(tmp_path / "out")
    assert clinical.everything() == before


def test_ids_and_project_stay_out_of_the_tables(study: Api, tmp_path: Path) -> None:
    """They would keep the tables from going into another project."""
    exported(study, tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        header = path.read_text().split("\n")[0].split("\t")
        assert header[:2] == ["type", "submitter_id"]
        assert not {"id", "project_id", "state", "created_datetime"} & set(header)
