"""Rows are read one by one exactly as the whole table is read."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.errors import UsageProblem
from gen3submit.planning import contents, slices
from gen3submit.planning.encoding import encoded
from gen3submit.planning.slices import Slices
from gen3submit.planning.streaming import Streamed
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import TableReader
from gen3submit.tables.source import Source, digest
from gen3submit.tables.sources import sources
from tests.clinic import clinic

PIECES = [
    "type",
    "submitter_id",
    "cases.submitter_id",
    "text",
    "whole",
    "names",
    "case",
    "visit",
    "low",
    "C-1",
    "7",
    "1_0",
    "null",
    "a,b",
    "\t",
    "\t",
    "\t",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\x0b",
    "\u2028",
    "\x85",
    " ",
    "\xa0",
    "\ufeff",
    '"',
    '""',
    "*",
    "é",
    "😀",
]

bodies = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def whole(text: str, form: str) -> list[tuple[int, str | None, object]]:
    """What the reader of whole tables makes of it, blank rows left out as a check leaves them out."""
    reader = TableReader(clinic().nodes)
    read = reader.open(text, form)
    refusals: list[DocumentRefused] = []
    for _ in reader.rows(read, form, text, refusals.append):
        pass
    if read.table.broken:
        raise UsageProblem(read.table.broken)
    return [
        (item.row.line, item.type, item.document)
        for item in read.rows
        if item.document is not None or any(c and c.strip() for c in (*item.row.cells, *item.row.extra))
    ]


def streamed(data: bytes, form: str) -> list[tuple[int, str | None, object]]:
    source = Source("table", form, lambda: data)
    table = Streamed(source, clinic().nodes)
    rows = [(item.line, item.type, item.document) for item in table]
    assert table.sha256 == digest(data)
    return rows


@given(bodies, st.sampled_from(["tsv", "csv"]), st.sampled_from([1, 2, 3, 7, 1 << 20]))
@example("\r\n type\tsubmitter_id\r\ncase\tC-1\t\r\ncase\t\t\t\r\n \r\n", "tsv", 1)
@example('type\tsubmitter_id\ttext\ncase\tC-1\t"a\r\nb\u2028c""d"\ncase\tC-2\t"open\n\n\n', "tsv", 3)
@example("type\tsubmitter_id\ncase\tC-1\r\r\ncase\tC-2\x85case\tC-3\n", "tsv", 2)
@example("", "tsv", 1)
def test_streamed_rows_are_those_of_the_whole_table(text: str, form: str, block: int) -> None:
    before = slices.BLOCK
    slices.BLOCK = block
    try:
        assert streamed(text.encode(), form) == whole(text, form)
    finally:
        slices.BLOCK = before


@given(st.lists(st.tuples(st.text(max_size=5), st.integers()), max_size=30))
def test_slices_do_not_matter(rows: list[tuple[str, int]]) -> None:
    from gen3submit.tables.writing import table_bytes

    data = table_bytes(
        [["type", "submitter_id", "text", "whole"], *(["case", f"C-{n}", t, str(w)] for n, (t, w) in enumerate(rows))]
    )
    before = slices._ROWS_AT_ONCE
    slices._ROWS_AT_ONCE = 3
    try:
        assert streamed(data, "tsv") == whole(data.decode(), "tsv")
    finally:
        slices._ROWS_AT_ONCE = before


def test_files_workbooks_and_frames_give_the_same_rows(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"type": ["case", "case"], "submitter_id": ["C-1", "C-2"], "text": ["x", None]})
    frame.to_csv(tmp_path / "case.tsv", sep="\t", index=False)
    pytest.importorskip("openpyxl")
    frame.to_excel(tmp_path / "book.xlsx", index=False, sheet_name="case")
    given = [*sources(tmp_path / "case.tsv"), *sources(tmp_path / "book.xlsx"), *sources(frame)]
    tables = [[item.document for item in Streamed(source, clinic().nodes)] for source in given]
    assert len(tables) == 3
    assert tables[0][0] == {"type": "case", "submitter_id": "C-1", "text": "x"}
    assert {str(table[0]) for table in tables} == {str(tables[0][0])}


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    path = tmp_path / "case.tsv"
    path.write_text("type\n")
    (source,) = sources(path)
    path.unlink()
    with pytest.raises(UsageProblem, match="case.tsv"):
        list(Streamed(source, clinic().nodes))


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(UsageProblem, match="changed since"):
        streamed(b"type\tsubmitter_id\ncase\t\xff\n", "tsv")


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.tsv"
        with path.open("w") as file:
            file.write("type\tsubmitter_id\tprojects.code\ttext\n")
            for number in range(rows):
                file.write(f"case\tC-{number}\tX\tsome text that differs {number}\n")
        (source,) = sources(path)
        tracemalloc.start()
        count = sum(1 for _ in Streamed(source, clinic().nodes))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == rows
        return most

    assert peak(30_000) < 1.2 * peak(10_000) + 2_000_000


@given(bodies, st.sampled_from(["tsv", "csv"]), st.sampled_from([1, 7, 1 << 20]))
@example("type\tsubmitter_id\tcases.submitter_id\twhole\ncase\tC-1\tx,y\t1_0\ncase\t7\tnull\t 7 \n", "tsv", 1 << 20)
@example("type\tsubmitter_id\tcases.submitter_id\tcases.id\tcases\ncase\tC-1\tx\ty\tz\n", "tsv", 1 << 20)
def test_documents_made_column_by_column_are_those_made_row_by_row(text: str, form: str, block: int) -> None:
    source = Source("table", form, text.encode)
    table = Slices(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "LEAST_BYTES", 0)
        patch.setattr(slices, "BLOCK", block)
        by_column = contents.Contents(source, table, clinic().nodes)
        made = [content for part in table for content in by_column.of(part)]
        exact = [item.document for item in Streamed(source, clinic().nodes)]
    assert [None if content is None else content.content for content in made] == [
        None if document is None else encoded(document) for document in exact
    ]
    names = [document and (document["type"], str(document.get("submitter_id"))) for document in exact]
    assert [content and (content.type, content.name) for content in made] == names


TEXTS = [
    "",
    " ",
    "null",
    "NULL",
    "None",
    "true",
    "low",
    'a"b',
    "a,b",
    "1,2",
    "\\x",
    "é",
    "é ",
    "\x7f",
    "a\x01b",
    "\x1fa",
]
NUMBERS = ["7", "7.0", "7.50", "10", "100", "007", "-0", "-0.0", "-7", "1e3", "1_0", "0.5", "-0.5", "0.10", "10.01"]
SMALL_AND_LARGE = ["0.1", "0.01", "0.0001", "0.00001", "123456789.123456", "1234567890123456789", ".5", "5.", "0."]
VALUES = st.sampled_from([*TEXTS, *NUMBERS, *SMALL_AND_LARGE])


@given(st.lists(st.tuples(*[VALUES] * 8), min_size=1, max_size=8))
def test_values_of_every_kind_are_written_as_the_exact_reader_has_them(rows: list[tuple[str, ...]]) -> None:
    columns = ("text", "whole", "number", "flag", "names", "counts", "either", "cases.submitter_id")
    lines = ["\t".join(("type", "submitter_id", *columns))]
    lines += ["\t".join(("visit", f" V-{place}", *cells)) for place, cells in enumerate(rows)]
    source = Source("table", "tsv", "\n".join([*lines, "\t".join(["visit", "last", *"x" * 8])]).encode)
    table = Slices(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "LEAST_BYTES", 0)
        by_column = contents.Contents(source, table, clinic().nodes)
    made = [content for part in table for content in by_column.of(part)]
    assert [content and content.content for content in made] == [
        item.document and encoded(item.document) for item in Streamed(source, clinic().nodes)
    ]
