"""Rows are read one by one exactly as the whole table is read."""

from __future__ import annotations

import csv
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
from gen3submit.rules import line_ends
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


COLUMNS = ("type", "submitter_id", "text", "whole", "number", "flag", "names", "either", "cases.submitter_id", "state")
USUAL_CELLS = ["a text", "7", "-12", "7.5", "0.25", "true", "low", "C-1", "é", "日本語", "x" * 40, "\\", "a'b"]
OTHER_CELLS = [
    "",
    "",
    " ",
    "null",
    "None",
    " x",
    "x ",
    "\u00a0y",
    "y\u3000",
    "a,b",
    "C-1,C-2",
    "C-1#C-2",
    "\ufeff",
    "a\\b",
]
CONTROLS = ["\x00", "a\x00b", "a\x1fb", "\x1fa", "a\x7f", "a\x01"]
HARD_PIECES = ['"', '"a"', "a\x0bb", "\x0c", "\x1c", "\x1e", "a\x85", "\u2028", "\u2029b", "\r"]
NUMBERS_AS_WRITTEN = [*NUMBERS, *SMALL_AND_LARGE, "٣", "9" * 30]


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str]:
    """The text of a table whose lines are nearly all as they usually are, and its format."""
    form = draw(st.sampled_from(["tsv", "csv"]))
    delimiter = {"tsv": "\t", "csv": ","}[form]
    more = draw(st.sampled_from([[], [], OTHER_CELLS, OTHER_CELLS + CONTROLS, [*OTHER_CELLS, *NUMBERS_AS_WRITTEN]]))
    cells = st.sampled_from([*USUAL_CELLS, *more]).map(lambda cell: cell.replace(delimiter, ";"))
    ids = st.sampled_from(["V-{}", "V-{}", "V-{}", " é{}", "{}", "null"]) if more else st.just("V-{}")
    names = draw(st.permutations(COLUMNS[: draw(st.integers(2, len(COLUMNS)))]))
    lines = []
    for number in range(draw(st.integers(0, 12))):
        row = {name: draw(cells) for name in names}
        row |= {"type": "visit", "submitter_id": draw(ids).format(number)}
        lines.append([row[name] for name in names])
    if lines and draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["hard", "short", "long", "blank", "white", "mark", "type"])):
            case "hard":
                lines[place][draw(st.integers(0, len(names) - 1))] += draw(st.sampled_from(HARD_PIECES))
            case "short":
                lines[place].pop()
            case "long":
                lines[place].append("more")
            case "blank":
                lines[place] = []
            case "white":
                lines[place] = ["", *["\u00a0"] * (len(names) - 1)]
            case "mark":
                lines[place][0] = "\ufeff" + lines[place][0]
            case "type":
                lines[place][names.index("type")] = draw(st.sampled_from(["case", " visit", "nothing", ""]))
    ends = st.sampled_from(draw(st.sampled_from([["\n"], ["\n"], ["\r\n"], ["\n", "\r\n"], ["\n", "\n\n", "\n \n"]])))
    text = "".join(delimiter.join(line) + draw(ends) for line in [list(names), *lines])
    return draw(st.sampled_from(["", "", "\n \r\n", "\u2003\n"])) + text + draw(
        st.sampled_from(["", "x", "\n\t\n"])
    ), form


@given(tables(), st.sampled_from([1, 5, 64, 1 << 20, 1 << 20]), st.sampled_from([2, 3, 5_000]), st.data())
def test_documents_of_tables_of_every_kind_are_those_of_the_whole_table(
    table: tuple[str, str], block: int, at_once: int, data: st.DataObject
) -> None:
    """So are those of some rows of a slice, and their lines and numbers."""
    text, form = table
    source = Source("table", form, text.encode)
    read = Slices(source)
    found: list[tuple[int, contents.Content | None]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "LEAST_BYTES", 0)
        patch.setattr(slices, "BLOCK", block)
        patch.setattr(slices, "_ROWS_AT_ONCE", at_once)
        made = contents.Contents(source, read, clinic().nodes)
        for part in read:
            assert part.first == len(found) + 1
            places = data.draw(st.lists(st.integers(0, len(part) - 1), unique=True, min_size=1).map(sorted))
            chosen = part.only(places)
            some = made.of(chosen)
            every = made.of(part)
            assert some == [every[place] for place in places]
            assert list(chosen.lines) == [part.lines[place] for place in places]
            found += zip(part.lines, every, strict=True)
    assert [(line, content and tuple(content)) for line, content in found] == [
        (line, document and (type_, str(document.get("submitter_id")), encoded(document)))
        for line, type_, document in whole(text, form)
    ]
    assert read.rows == len(found)
    assert read.sha256 == digest(text.encode())


@given(st.text("a\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029Â‰"))
def test_odd_line_ends_are_those_at_which_only_python_cuts(text: str) -> None:
    text += "."
    assert line_ends.has_odd(text.encode()) == (text.splitlines() != text.replace("\r\n", "\n").split("\n"))
    assert bool(line_ends.ODD.search(text.encode())) == line_ends.has_odd(text.encode())


def contents_of(text: str) -> list[list[contents.Content | None]]:
    """The documents of a table, slice by slice, as if it were a big one."""
    source = Source("table", "tsv", text.encode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "LEAST_BYTES", 0)
        read = Slices(source)
        return list(map(contents.Contents(source, read, clinic().nodes).of, read))


def test_a_cell_that_is_longer_than_python_reads_is_not_sent() -> None:
    with pytest.raises(csv.Error):
        contents_of(f"type\tsubmitter_id\ttext\nvisit\tV-1\t{'x' * 131_073}\nvisit\tV-2\ty\n")


def test_a_long_cell_of_characters_of_several_bytes_is_sent() -> None:
    text = f"type\tsubmitter_id\ttext\nvisit\tV-1\t{'é' * 131_000}\nvisit\tV-2\ty\n"
    (first,), (last,) = contents_of(text)
    assert first is not None
    assert "é" * 131_000 in first.content.decode()
    assert last is not None
    assert last.content == b'{"type":"visit","submitter_id":"V-2","text":"y"}'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85"])
def test_rows_come_before_the_whole_table_is_read(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = end.join(["type\tsubmitter_id", *[f"case\tC-{number}" for number in range(100)]]).encode()
    monkeypatch.setattr(slices, "BLOCK", 64)
    monkeypatch.setattr(slices, "_ROWS_AT_ONCE", 2)
    table = Slices(Source("table", "tsv", lambda: data))
    next(iter(table))
    assert len(table.blocks) * 64 < len(data) / 4
