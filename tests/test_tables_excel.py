"""Workbooks as tables: each cell as the text that a person sees, and nothing lost on the way."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen3submit import check
from gen3submit.dictionary import practice_dictionary_folder
from gen3submit.errors import UsageProblem
from gen3submit.rules.bodies import read_table
from gen3submit.tables.sources import sources

openpyxl = pytest.importorskip("openpyxl")

Sheets = dict[str, list[list[Any]]]


def book(path: Path, sheets: Sheets) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for index, value in enumerate(row, 1):
                cell = sheet.cell(number, index, value)
                if isinstance(value, str) and not value.startswith("=SUM"):
                    cell.data_type = "s"
    made.save(path)
    return path


def cells(path: Path) -> list[list[str | None]]:
    (source,) = sources(path)
    table = read_table(source.read().decode(), "\t")
    return [list(table.header), *(list(row.cells) for row in table.rows)]


def test_each_sheet_with_a_type_column_is_a_table_and_others_are_notes(tmp_path: Path) -> None:
    path = book(
        tmp_path / "study.xlsx",
        {
            "Subjects": [["type", "submitter_id"], ["subject", "S-1"]],
            "read me": [["This is about types."]],
            "empty": [],
            "samples": [["submitter_id", " *type "], ["A-1", "sample"]],
        },
    )
    found = sources(path)
    assert [source.path for source in found] == [f"{path}[Subjects]", f"{path}[samples]"]
    assert {source.format for source in found} == {"tsv"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        (0.1, "0.1"),
        (True, "true"),
        (False, "false"),
        ("007", "007"),
        ("12.0", "12.0"),
        ("TRUE", "TRUE"),
        ("=1+1", "=1+1"),
        ("#N/A", "#N/A"),
        (" padded ", " padded "),
        ('"quoted"', '"quoted"'),
        ("a\tb", "a\tb"),
        ("two\nlines", "two\nlines"),
        (None, ""),
        (datetime.datetime(2024, 5, 17, 9, 30), "2024-05-17T09:30:00"),  # workbooks know no offsets
    ],
)
def test_a_cell_is_the_text_that_it_shows(value: Any, text: str, tmp_path: Path) -> None:
    path = book(tmp_path / "one.xlsx", {"sheet": [["type", "value", "end"], ["sample", value, "x"]]})
    assert cells(path) == [["type", "value", "end"], ["sample", text, "x"]]


@given(
    rows=st.lists(
        st.lists(st.text(alphabet='aß"\t\n ,\u2028', min_size=1, max_size=8), min_size=2, max_size=2), max_size=4
    )
)
@settings(max_examples=30, deadline=None)
def test_texts_go_through_unchanged(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("books") / "texts.xlsx"
    wanted = [["type", "value", "end"], *([*row, "x"] for row in rows)]
    book(path, {"sheet": wanted})
    # What Sheepdog takes for a line end becomes a plain one in a quoted cell.
    assert cells(path) == [[cell.replace("\u2028", "\n") for cell in row] for row in wanted]


def test_empty_rows_and_columns_beyond_the_table_are_none(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["type", "submitter_id", None, ""], ["sample", "A-1", None, ""], [None], ["", None]]
    path = book(tmp_path / "wide.xlsx", {"sheet": rows})
    assert cells(path) == [["type", "submitter_id"], ["sample", "A-1"]]


def test_a_cell_beyond_the_last_column_is_kept_and_told(tmp_path: Path) -> None:
    path = book(tmp_path / "long.xlsx", {"sheet": [["type", "submitter_id"], ["subject", "A-1", "note to self"]]})
    result = check(path, dictionary=practice_dictionary_folder())
    assert "row-too-long" in result.summary()["findings_by_code"]


def test_findings_name_the_sheet_and_the_row_as_the_spreadsheet_counts(tmp_path: Path) -> None:
    rows = [
        ["type", "submitter_id", "studies.submitter_id", "species"],
        ["subject", "A-1", "S-1", "Homo sapiens"],
        ["subject", "A-2", "S-1", "Homo"],
    ]
    path = book(tmp_path / "study.xlsx", {"subjects": rows})
    result = check(path, dictionary=practice_dictionary_folder(), project="practice-study")
    (found,) = [each for each in result.folded() if each.finding.code == "value-not-allowed"]
    assert (found.path, found.lines) == (f"{path}[subjects]", (3,))


def test_a_formula_without_a_result_is_told_not_read_as_empty(tmp_path: Path) -> None:
    path = book(tmp_path / "formula.xlsx", {"sheet": [["type", "submitter_id", "a"], ["subject", "A-1", "=SUM(1,2)"]]})
    with pytest.raises(UsageProblem, match="C2 has a formula without a result"):
        check(path, dictionary=practice_dictionary_folder())


def test_a_sheet_that_changes_between_two_readings_is_read_anew(tmp_path: Path) -> None:
    path = book(tmp_path / "study.xlsx", {"sheet": [["type"], ["subject"]]})
    (source,) = sources(path)
    first = source.read()
    book(path, {"sheet": [["type"], ["sample"]]})
    assert (first, source.read()) == (b"type\nsubject\n", b"type\nsample\n")


def test_a_workbook_in_a_folder_is_taken_with_the_text_files(tmp_path: Path) -> None:
    book(tmp_path / "b.xlsx", {"sheet": [["type"], ["subject"]]})
    (tmp_path / "a.tsv").write_text("type\nsample\n", encoding="utf-8")
    (tmp_path / "~$b.xlsx").write_bytes(b"the lock of a spreadsheet")
    assert [Path(source.path).name for source in sources(tmp_path)] == ["a.tsv", "b.xlsx[sheet]"]


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match=r"broken\.xlsx: cannot be read"):
        sources(path)


def test_a_workbook_without_a_table_is_told(tmp_path: Path) -> None:
    path = book(tmp_path / "notes.xlsx", {"sheet": [["just", "notes"]]})
    with pytest.raises(UsageProblem, match="no tables"):
        sources(path)


def test_without_openpyxl_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "study.xlsx", {"sheet": [["type"], ["subject"]]})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UsageProblem, match=r"gen3submit\[excel\]"):
        sources(path)
