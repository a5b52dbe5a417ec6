"""What a check takes: tables of every kind, records that are there already, a project or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from clinic import CASES, PROJECT, checked, clinic, of_files, of_rows, served, the_finding, verdicts, write

from gen3submit import Dictionary, check
from gen3submit.errors import UsageProblem
from gen3submit.findings import Severity, Verdict

VISIT = "type\tsubmitter_id\tcases.submitter_id\tgrade\n"


def test_a_parent_of_whom_nothing_is_known_is_a_warning(tmp_path: Path) -> None:
    result = checked(tmp_path, f"{VISIT}visit\tV\tC-1\tlow\n", existing=None)
    assert of_rows(result) == [(2, "parent-unverified", "cases.submitter_id", "C-1")]
    assert result.ok


def test_a_parent_that_an_empty_commons_lacks_is_an_error(tmp_path: Path) -> None:
    result = checked(tmp_path, f"{VISIT}visit\tV\tC-1\tlow\n", existing=[])
    assert of_rows(result) == [(2, "parent-missing", "cases.submitter_id", "C-1")]
    assert not result.ok


def test_a_parent_in_the_submission_is_found_whatever_is_known(tmp_path: Path) -> None:
    tables = {"cases.tsv": CASES, "visits.tsv": f"{VISIT}visit\tV\tC-1\tlow\nvisit\tW\tc-2\tlow\n"}
    for existing in (None, []):
        result = checked(tmp_path, tables, existing=existing)
        assert of_rows(result) == []
        assert of_files(result) == []


def test_records_that_are_there_are_applied_in_order(tmp_path: Path) -> None:
    """Later files update what earlier ones made; rows that the server drops or refuses do not count as new."""
    existing = [
        "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\tone\nfoo\tB\tX\tone\n",
        "type\tsubmitter_id\tprojects.code\ttext\ncase\ta\tX\ttwo\n",
    ]
    table = "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\t\ncase\tB\tX\tb\n"
    result = checked(tmp_path, table, existing=existing)
    assert of_rows(result) == [(2, "submitter-id-renamed", "submitter_id", "A"), (2, "value-cleared", "text", "")]
    assert the_finding(result, "value-cleared").facts["held"] == "two"
    assert the_finding(result, "submitter-id-renamed").facts["held"] == "a"


def test_an_id_column_gives_the_ids_of_records_that_are_there(tmp_path: Path) -> None:
    id_ = "11111111-1111-4111-8111-111111111111"
    existing = [f"type\tid\tsubmitter_id\tprojects.code\ncase\t{id_}\tA\tX\n"]
    result = checked(tmp_path, f"type\tsubmitter_id\tcases.id\tgrade\nvisit\tV\t{id_}\tlow\n", existing=existing)
    assert of_rows(result) == []


def test_a_folder_of_records_that_are_there_is_taken_parents_first(tmp_path: Path) -> None:
    write(tmp_path / "there", {"z-cases.tsv": CASES, "a-visits.tsv": f"{VISIT}visit\tV\tC-1\tlow\n"})
    table = write(tmp_path, "type\tsubmitter_id\tvisits.submitter_id\nsample\tS\tV\n")
    result = check(table, dictionary=clinic(), project=PROJECT, existing=[tmp_path / "there"])
    assert of_rows(result) == []


@pytest.mark.parametrize("form", ["list", "data"])
def test_exports_in_json_are_records_that_are_there(tmp_path: Path, form: str) -> None:
    case_id, study_id = (f"{n * 8}-1111-4111-8111-111111111111" for n in "12")
    a_case = {"type": "case", "id": case_id, "submitter_id": "A", "project_id": PROJECT, "projects": [{"code": "X"}]}
    linked = {
        "type": "study",
        "id": study_id,
        "submitter_id": "S",
        "cases": [{"node_id": case_id, "submitter_id": "A"}],
    }
    alone = {"type": "study", "id": case_id, "submitter_id": "T", "text": None, "cases": []}
    records: list[dict[str, Any]] = [a_case, linked, alone]
    (tmp_path / "export.json").write_text(json.dumps(records if form == "list" else {"data": records}))
    table = write(tmp_path, f"type\tsubmitter_id\tcases.id\ttext\nstudy\tS\t{case_id}\tx\nstudy\tT\t\ty\n")
    result = check(table, dictionary=clinic(), project=PROJECT, existing=[tmp_path / "export.json"])
    assert of_rows(result) == []
    table = write(tmp_path, "type\tsubmitter_id\tcases.submitter_id\ttext\nstudy\tS\t\tx\nstudy\tT\t\ty\n")
    result = check(table, dictionary=clinic(), project=PROJECT, existing=[tmp_path / "export.json"])
    assert the_finding(result, "link-kept").facts["parents"] == ["A"]
    assert of_rows(result) == [(2, "link-kept", "cases.submitter_id", "")]


def test_records_that_are_there_may_break_the_rules(tmp_path: Path) -> None:
    """What a commons holds is a fact, also where today's dictionary would refuse it."""
    existing = ["type\tsubmitter_id\tprojects.code\twhole\ncase\tA\tX\tmany\n"]
    result = checked(tmp_path, f"{VISIT}visit\tV\tA\tlow\n", existing=existing)
    assert of_rows(result) == []


def test_a_data_frame_is_a_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "type": ["visit", "visit"],
            "submitter_id": ["V", "W"],
            "cases.submitter_id": ["C-1", "C-3"],
            "grade": ["low", None],
            "whole": [1.0, float("nan")],
            "flag": [True, False],
            "names": [["a", "b"], None],
            "text": ["NA", " x"],
        }
    )
    cases = pd.DataFrame({"type": ["case"], "submitter_id": ["C-1"], "projects.code": ["X"]})
    result = check(frame, dictionary=clinic(), project=PROJECT, existing=[cases])
    assert of_rows(result) == [
        (3, "space-trimmed", "text", " x"),
        (3, "required-cell-empty", "grade", ""),
    ]
    assert result.files[0].path == "<DataFrame 1>"
    result = check([cases, frame.head(1)], dictionary=clinic(), project=PROJECT, existing=[])
    assert result.ok
    assert [file.path for file in result.files] == ["<DataFrame 1>", "<DataFrame 2>"]


def test_an_emptied_cell_at_the_end_of_a_data_frame_is_one(tmp_path: Path) -> None:
    """A file's last row loses its empty cells; a DataFrame has no end that the server could strip."""
    there = pd.DataFrame({"type": ["case"], "submitter_id": ["A"], "projects.code": ["X"], "text": ["old"]})
    result = check(there.assign(text=None), dictionary=clinic(), project=PROJECT, existing=[there])
    assert [code for _, code, _, _ in of_rows(result)] == ["value-cleared"]


def test_files_are_judged_parents_first_in_whatever_order_they_are_named(tmp_path: Path) -> None:
    tables = {
        "1.tsv": "type\tsubmitter_id\tvisits.submitter_id\nsample\tS\tV\n",
        "2.tsv": f"{VISIT}visit\tV\tA\tlow\n",
        "3.tsv": "type\tsubmitter_id\tprojects.code\ncase\tA\tX\n",
    }
    result = checked(tmp_path, tables, existing=[])
    assert [Path(file.path).name for file in result.files] == ["3.tsv", "2.tsv", "1.tsv"]
    assert result.order == (("case",), ("visit",), ("sample",))
    assert of_rows(result) == []


def test_without_a_project_links_to_it_are_not_verified_and_that_is_said_once_a_file(tmp_path: Path) -> None:
    table = "type\tsubmitter_id\tproject_id\tprojects.code\ncase\tA\tP-X\tX\ncase\tB\tQ-Y\tY\n"
    result = checked(tmp_path, table, project=None, existing=None)
    assert of_files(result) == [(None, "project-unverified")]
    assert of_rows(result) == []
    assert result.project is None


def test_a_clean_table_gives_nothing_at_all(tmp_path: Path) -> None:
    table = (
        "type\tsubmitter_id\tcases.submitter_id\tgrade\twhole\tnumber\tflag\tmoment\tnames\tcounts\tflags\ttext\n"
        "visit\tV\tC-1\tlow\t-5\t1.50\tTRUE\t2024-05-17T09:30:00Z\ta, b\t1,2\ttrue,no\tNA\n"
        "visit\tW\tC-2\tNot Reported\t0\t5.0\tfalse\t2024-05-17t09:30:00.5+02:00\ta\t1\tf\tn/a\n"
        "visit\tX\tC-2\thigh\t\t1e3\t\t\t\t\t\t\n"
    )
    result = checked(tmp_path, table)
    assert of_rows(result) == []
    assert of_files(result) == []
    assert result.ok
    assert verdicts(result) == ["accept"] * 4


@pytest.mark.parametrize(
    ("paths", "match"),
    [
        ("nowhere.tsv", "nowhere.tsv"),
        ("empty", "no table"),
        ("notes.md", "notes.md"),
        ("*.tsv", "no file"),
        ([], "table"),
        (3, "int"),
        (None, "None"),
    ],
)
def test_what_is_no_table_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: Any, match: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("x")
    with pytest.raises(UsageProblem, match=match) as caught:
        check(paths, dictionary=clinic(), project=PROJECT)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("project", ["P", "", "-X", "P-", "P-X/Y"])
def test_what_is_no_project_is_one_clear_sentence(tmp_path: Path, project: str) -> None:
    with pytest.raises(UsageProblem):
        checked(tmp_path, CASES, project=project)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.json", "{"),
        ("export.json", "[" * 100_000),
        ("export.json", '{"data": 3}'),
        ("export.json", '["x"]'),
        ("table.tsv", b"\xff"),
        ("table.tsv", "type\tsubmitter_id\ncase\tA\tX\n"),
        ("nowhere.tsv", None),
    ],
)
def test_records_that_cannot_be_read_are_one_clear_sentence(
    tmp_path: Path, name: str, content: str | bytes | None
) -> None:
    if content is not None:
        write(tmp_path / "there", content, name)
    with pytest.raises(UsageProblem, match=name) as caught:
        check(write(tmp_path, CASES), dictionary=clinic(), project=PROJECT, existing=[tmp_path / "there" / name])
    assert "\n" not in str(caught.value)


def test_a_dictionary_is_whatever_can_be_loaded_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "dictionary.json"
    folder.write_text(json.dumps(served()))
    assert check(write(tmp_path, CASES), dictionary=folder, project=PROJECT, existing=[]).ok
    with pytest.raises(UsageProblem):
        check(write(tmp_path, CASES), dictionary=tmp_path / "nowhere", project=PROJECT)


def test_the_report_has_the_form_that_others_read(tmp_path: Path) -> None:
    table = f"{VISIT}visit\tV\tC-1\tLow\nVisit\tW\tC-1\tlow\nvisit\tU\tC-1\tlow\n"
    report = checked(tmp_path, table).to_dict()
    assert (report["version"], report["ok"], report["project"]) == (1, False, "P-X")
    assert report["summary"]["rows"] == 3
    assert report["summary"]["rows_by_verdict"] == {"accept": 1, "reject": 1, "drop": 1, "lost": 0}
    assert report["summary"]["findings_by_code"] == {"type-unknown": 1, "value-not-allowed": 1}
    (file,) = report["files"]
    assert (Path(file["path"]).name, file["verdict"], file["rows"]) == ("table.tsv", "reject", 3)
    first, second, third = report["rows"]
    assert {key: first[key] for key in ("row", "line", "type", "submitter_id", "verdict")} == {
        "row": 1,
        "line": 2,
        "type": "visit",
        "submitter_id": "V",
        "verdict": "reject",
    }
    assert first["findings"] == [
        {
            "code": "value-not-allowed",
            "severity": "error",
            "column": "grade",
            "property": "grade",
            "value": "Low",
            "message": "`Low` is not an allowed value of `grade`",
            "help": "similar allowed value: `low`",
            "server_type": "ERROR",
            "keys": ["grade"],
        }
    ]
    assert (second["verdict"], second["findings"][0]["server_type"], second["findings"][0]["keys"]) == (
        "drop",
        None,
        None,
    )
    assert (third["verdict"], third["findings"]) == ("accept", [])
    json.dumps(report)


def test_the_result_is_a_data_frame_with_a_line_for_each_row_and_finding(tmp_path: Path) -> None:
    table = f"{VISIT}visit\tV\tC-9\tLow\nvisit\tU\tC-1\tlow\n"
    frame = checked(tmp_path, table).to_pandas()
    assert list(frame["line"]) == [2, 3]
    assert list(frame["verdict"]) == ["reject", "accept"]
    assert list(frame["code"].isna()) == [False, True]


def test_rows_with_the_same_mistake_share_its_finding(tmp_path: Path) -> None:
    table = VISIT + "".join(f"visit\tV-{n}\tC-1\tLow\n" for n in range(50))
    (folded,) = checked(tmp_path, table).folded()
    assert folded.lines == tuple(range(2, 52))
    assert folded.submitter_id == "V-0"
    assert folded.finding.severity is Severity.ERROR


def test_a_check_of_many_dictionaries_keeps_them_apart(tmp_path: Path) -> None:
    """The rules of a dictionary are kept from check to check, and never used for another."""
    for grade in ("low", "other"):
        form = served()
        form["visit"]["properties"]["grade"] = {"enum": [grade]}
        result = checked(tmp_path, f"{VISIT}visit\tV\tC-1\tlow\n", dictionary=Dictionary.load(form))
        assert (result.files[0].verdict is Verdict.ACCEPT) is (grade == "low")
