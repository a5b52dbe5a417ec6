"""Tables come from files, folders, patterns, workbooks and DataFrames, each as the bytes that the server would get."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.errors import UsageProblem
from gen3submit.rules.bodies import read_table
from gen3submit.tables.source import digest
from gen3submit.tables.sources import sources
from gen3submit.tables.writing import as_cell


def cells_of(data: bytes) -> list[list[str | None]]:
    table = read_table(data.decode(), "\t")
    return [list(table.header), *(list(row.cells) for row in table.rows)]


def test_a_folder_gives_its_tables_by_name_and_no_others(tmp_path: Path) -> None:
    for name in ("b.tsv", "A.TSV", "c.csv", "d.txt", "notes.md", ".hidden.tsv", "~$lock.xlsx"):
        (tmp_path / name).write_text("type\n")
    (tmp_path / "folder.tsv").mkdir()
    found = sources(tmp_path)
    assert [Path(source.path).name for source in found] == ["A.TSV", "b.tsv", "c.csv", "d.txt"]
    assert [source.format for source in found] == ["tsv", "tsv", "csv", "tsv"]


def test_a_pattern_gives_what_matches_and_a_file_named_twice_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.tsv", "b.tsv", "c.md"):
        (tmp_path / name).write_text("type\n")
    assert [source.path for source in sources(["*.*", "a.tsv", tmp_path / "b.tsv"])] == ["a.tsv", "b.tsv"]


def test_a_name_with_the_signs_of_a_pattern_is_a_file_where_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "a[1].tsv").write_text("type\n")
    assert [Path(source.path).name for source in sources(tmp_path / "a[1].tsv")] == ["a[1].tsv"]


def test_a_file_is_read_anew_each_time_and_its_loss_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("one")
    (source,) = sources(tmp_path / "a.tsv")
    (tmp_path / "a.tsv").write_text("two")
    assert source.read() == b"two"
    assert digest(b"two") == digest(source.read())
    (tmp_path / "a.tsv").unlink()
    with pytest.raises(UsageProblem, match=r"a\.tsv"):
        source.read()


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (True, "true"),
        (np.bool_(False), "False"),
        (5.0, "5"),
        (np.float32(5), "5"),
        (np.float32(0.1), "0.1"),
        (2.5, "2.5"),
        (-0.0, "0"),
        (float("inf"), "inf"),
        (np.int64(3), "3"),
        (10**20, "100000000000000000000"),
        (["a", "b"], "a,b"),
        ([1.0, 2.5], "1,2.5"),
        (np.array(["a", "b"]), "a,b"),
        (np.array([1.5, 2]), "1.5,2"),
        ((), ""),
        ("<NA>", "<NA>"),
        ("nan", "nan"),
        (pd.Timestamp("2024-05-17T09:30", tz="UTC"), "2024-05-17T09:30:00+00:00"),
        (datetime.date(2024, 5, 17), "2024-05-17"),
    ],
)
def test_a_value_becomes_the_cell_that_a_person_would_write(value: Any, cell: str) -> None:
    assert as_cell(value) == cell


@pytest.mark.parametrize("dtype", ["object", "string", "Int64", "float32", "boolean", "category"])
def test_a_column_of_any_type_may_have_gaps(dtype: str) -> None:
    values = [True, None] if dtype == "boolean" else [1, None] if dtype in ("Int64", "float32") else ["1", None]
    frame = pd.DataFrame({"a": pd.array(values, dtype=dtype) if dtype != "float32" else np.array([1, np.nan], "f4")})
    rows = cells_of(sources(frame)[0].read())
    assert rows[0] == ["a"]
    assert rows[1][0] in ("1", "true", "True")
    assert rows[2:] == [[""]]


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
            )
        ),
        max_size=4,
    )
)
def test_a_data_frame_of_text_survives(rows: list[list[str]]) -> None:
    frame = pd.DataFrame([(*row, "", "")[:2] for row in rows], columns=["", "b "])
    assert cells_of(sources(frame)[0].read()) == [["", "b "], *([*row, "", ""][:2] for row in rows)]


def test_half_a_character_in_a_data_frame_is_no_crash() -> None:
    data = sources(pd.DataFrame({"type": pd.Series(["\ud800"], dtype=object)}))[0].read()
    with pytest.raises(UnicodeDecodeError):
        data.decode()


def test_several_data_frames_have_names_of_their_own() -> None:
    frame = pd.DataFrame({"type": ["case"]})
    assert [source.path for source in sources([frame, frame])] == ["<DataFrame 1>", "<DataFrame 2>"]


def test_each_sheet_with_a_type_column_is_a_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "cases"
    for row in (["*type", "n", "day"], ["case", 5.0, datetime.datetime(2024, 5, 17, 9, 30)], ["case", None, "x"], []):
        first.append(row)
    book.create_sheet("notes").append(["read me"])
    book.save(tmp_path / "book.xlsx")
    (source,) = sources(tmp_path)
    assert source.path.endswith("book.xlsx[cases]")
    assert cells_of(source.read()) == [["*type", "n", "day"], ["case", "5", "2024-05-17T09:30:00"], ["case", "", "x"]]


def test_a_workbook_without_tables_or_that_is_none_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["read me"])
    book.save(tmp_path / "notes.xlsx")
    (tmp_path / "broken.xlsx").write_bytes(b"PK no zip")
    for name in ("notes.xlsx", "broken.xlsx"):
        with pytest.raises(UsageProblem, match=name):
            sources(tmp_path / name)
