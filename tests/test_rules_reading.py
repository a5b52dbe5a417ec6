"""Tables are read as Sheepdog reads them, whatever they hold; every line is counted as an editor counts it."""

from __future__ import annotations

import contextlib
import csv
import io
import re

import pytest
from clinic import clinic
from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.rules.bodies import DELIMITERS, body_format, cleaned_columns, read_json, read_table
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import TableReader
from gen3submit.tables.writing import body_bytes

LINE_ENDS = ["\n", "\r", "\r\n"]
CUTS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]

texts = st.text(st.sampled_from([*'ab"\t, \0\ufeff*', *CUTS, "\r", "\n"]), max_size=60)
"""Texts of the characters that reading turns on."""
words = st.text(st.characters(exclude_characters='"\t', exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=4)


def rows_of_sheepdog(text: str, delimiter: str) -> list[dict[str | None, object]]:
    """What Sheepdog's reader gives: Python's `csv.DictReader` over the stripped and split body."""
    lines = "\n".join(text.strip().splitlines())
    return list(csv.DictReader(io.StringIO(lines), delimiter=delimiter))


@given(st.one_of(texts, st.text()), st.sampled_from(["\t", ","]))
@example('a\tb\n"x', "\t")
@example("a\na\tb", "\t")
def test_rows_are_those_of_the_server(text: str, delimiter: str) -> None:
    table = read_table(text, delimiter)
    ours = []
    for row in table.rows:
        cells: dict[str | None, object] = dict(zip(table.header, row.cells, strict=True))
        if row.extra:
            cells[None] = list(row.extra)
        ours.append(cells)
    assert ours == rows_of_sheepdog(text, delimiter)
    assert [row.number for row in table.rows] == list(range(1, len(table.rows) + 1))


@given(st.one_of(texts, st.text()))
def test_columns_are_those_of_the_server(text: str) -> None:
    """Stripped names replace each other in the row's dictionary, then names without their asterisks do."""
    table = read_table(f"{text}\n1\t2\t3\t4\t5\t6", "\t")
    if not table.rows or table.rows[0].extra:
        return
    cells = {
        str(name).strip(): cell for name, cell in dict(zip(table.header, table.rows[0].cells, strict=True)).items()
    }
    for name in list(cells):
        cells[name.lstrip("*")] = cells.pop(name)
    assert {name: table.rows[0].cells[index] for name, index in cleaned_columns(table.header)} == cells


@given(st.data())
def test_a_row_knows_the_line_it_begins_on(data: st.DataObject) -> None:
    """Lines end as they like, cells hold line breaks, lines are cut at what no editor shows, some are empty."""
    end = st.sampled_from(LINE_ENDS)
    text = data.draw(st.sampled_from(["", "\n", "\r\n\n"])) + "type\tname\ttext" + data.draw(end)
    expected = []
    for number in range(data.draw(st.integers(0, 5))):
        text += "".join(data.draw(st.lists(end, max_size=2)))
        expected.append(1 + len(re.findall("\r\n|\n|\r", text)))
        cut = data.draw(st.sampled_from(CUTS))
        cell = data.draw(st.sampled_from(["x", '"x\ny"', '"x\r\ny\rz"', f'"a{cut}b"']))
        text += f"case\t{number}\t{cell}{data.draw(end)}"
    assert [row.line for row in read_table(text, "\t").rows] == expected


@given(st.lists(words, min_size=1, max_size=4), st.sampled_from(CUTS), st.sampled_from(LINE_ENDS))
def test_a_cut_is_noted_unless_nothing_is_cut_off(parts: list[str], cut: str, end: str) -> None:
    table = read_table(f"a\tb{end}x{cut}{cut.join(parts)}{end}z", "\t")
    assert bool(table.cut_after) is any(part.strip() for part in parts)


@given(st.binary(), st.sampled_from(["tsv", "csv"]))
def test_documents_are_made_or_refused_and_nothing_else(data: bytes, format_: str) -> None:
    text = data.decode("utf-8", "replace")
    reader = TableReader(clinic().nodes)
    try:
        read = reader.read(f"type{DELIMITERS[format_]}{text}\ncase{DELIMITERS[format_]}{text}", format_)
    except DocumentRefused:
        return
    assert len(read.rows) == len(read.table.rows)
    assert all(row.document is None or row.document["type"] in clinic() for row in read.rows)


@given(st.text())
def test_a_json_body_is_read_or_refused_and_nothing_else(text: str) -> None:
    for body in (text, f'{{"a": "{text}"}}', f"[{text}]"):
        with contextlib.suppress(DocumentRefused):
            assert isinstance(read_json(body), list)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"b": 1, "a": 1, "b": 2, "a": 2}', "Unable to parse json: The document contains duplicate keys: b,a"),
        ("3", "JSON parsed from request is an invalid type: int"),
        ('{"a": NaN}', "Unable to parse json: Expecting value: line 1 column 7 (char 6)"),
        ('["\\"Infinity\\"", -Infinity]', "Unable to parse json: Expecting value: line 1 column 18 (char 17)"),
        ("[1 2]", "Unable to parse json: Expecting ',' delimiter or ']': line 1 column 4 (char 3)"),
        ('{"a": [1, 2], "b" 3}', "Unable to parse json: Expecting ':' delimiter: line 1 column 19 (char 18)"),
    ],
)
def test_a_json_body_is_refused_in_the_words_of_the_server(body: str, said: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        read_json(body)
    assert str(caught.value) == said


def test_numbers_that_break_json_are_told_from_text() -> None:
    assert read_json('["NaN", {"Infinity": "-Infinity"}]') == ["NaN", {"Infinity": "-Infinity"}]


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=3, max_size=3), min_size=1
    )
)
def test_cells_are_written_so_that_the_server_reads_them_back(rows: list[list[str]]) -> None:
    """All but the kind of line breaks in a cell survives, white space and emptiness at the ends of a table too."""
    table = read_table(body_bytes(rows).decode(), "\t")
    kept = [["\n".join(f"{cell}x".splitlines())[:-1] for cell in row] for row in rows]
    assert [list(table.header), *([*row.cells, *row.extra] for row in table.rows)] == kept


@pytest.mark.parametrize(
    ("header", "format_"),
    [
        ("text/tab-separated-values", "tsv"),
        ("TEXT/TSV", "tsv"),
        ("text/csv", "csv"),
        ("text/csv; charset=utf-8", "json"),
        ("text/plain", "json"),
        ("application/json", "json"),
        ("", "json"),
        (None, "json"),
    ],
)
def test_the_content_type_decides_how_a_body_is_read(header: str | None, format_: str) -> None:
    assert body_format(header) == format_
