"""Reading a slice of a table into Arrow columns: every cell as the exact reader would give it.

Lines that only the exact reader understands are cut out of the bytes and given to it: quoted cells, characters at
which ``str.splitlines`` cuts, too few or too many cells. Where all it finds is an ordinary row, that row joins the
columns again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking import structure
from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.body import NotColumnar
from gen3submit.checking.columnar.cutting import IN_CACHE, Slice
from gen3submit.checking.columnar.keys import hashes_of
from gen3submit.checking.columnar.layout import Layout
from gen3submit.checking.columnar.parsing import parsed, plain_array
from gen3submit.checking.columnar.proofs import plain
from gen3submit.rules import line_ends
from gen3submit.rules.bodies import DELIMITERS, Row, Table, read_table
from gen3submit.rules.documents import ReadTable

Numbers = npt.NDArray[np.int64]
Span = tuple[int, int]

_BOM = b"\xef\xbb\xbf"
_NO_PLACES: Numbers = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class SliceRows:
    """The rows of a slice."""

    count: int
    lines: int
    """How many lines the slice has, as an editor counts."""
    columns: Sequence[Any]
    """An array of texts for each column of the file, null where the row ends before; low columns dictionary-encoded."""
    places: Numbers | None
    """Which row of the slice each element of the arrays is (from 0, in order); None: the same."""
    line_of: Numbers | None
    """The line of each row of the slice (from 0); None: a row is a line."""
    special: Sequence[tuple[int, Row]] = ()
    """Rows that are no ordinary ones, by their place; the lines in them count from 0."""
    cut_after: dict[int, str] = field(default_factory=dict)
    """As in `Table`, for the special rows."""
    broken: tuple[str, int] | None = None
    """Why the csv module stopped after these rows, and at which line (from 0)."""
    has_nul: bool = False

    def hashes(self, places: Numbers, columns: Sequence[int]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
        """The hashes of the cells in these places and columns, and whether each is empty or stored as it is."""
        elements = arrays.places(places if self.places is None else np.searchsorted(self.places, places))
        texts = [plain_array(self.columns[column].take(elements)) for column in columns]
        is_plain = [plain(each) | ~arrays.flags(pc.not_equal(each, arrays.text(""))) for each in texts]
        return np.stack([hashes_of(each) for each in texts], axis=1), np.stack(is_plain, axis=1)


def read_slice(data: bytes, part: Slice, layout: Layout, low: Sequence[int]) -> SliceRows:
    """Read the rows of a slice.

    Args:
        data: its bytes: whole lines, beginning outside quotes.
        part: what is known of it.
        layout: what the columns are.
        low: the columns (indexes in the file) that are better dictionary-encoded.

    Raises:
        NotColumnar: the bytes are no UTF-8, or a cell is longer than the csv module takes.
    """
    _require_utf8(data)
    spans, wrapped = list(part.quoted), part.wrapped
    regular = None
    if not spans and b"\r" not in data:
        regular = _parsed_if_even(data, spans, layout, low, wrapped)
        if regular is not None and _is_simple(data, regular.num_rows, layout):
            return SliceRows(regular.num_rows, regular.num_rows, _chunks(regular), None, None)
    odd = _odd_lines(data)
    if odd or regular is None:
        spans = _joined([*spans, *odd])
        regular = _parsed_if_even(data, spans, layout, low, wrapped)
    if regular is None:
        spans = _joined([*spans, *_uneven_lines(data, spans, layout, wrapped)])
        regular = _parsed(data, spans, layout, low, wrapped)
    return _merged(data, spans, regular, layout, final=part.final)


def rows_of(rows: SliceRows, places: Sequence[int], first_line: int) -> Iterator[Row]:
    """Ordinary rows, by their places in the slice, in order."""
    wanted = np.asarray(places, np.int64)
    elements = wanted if rows.places is None else np.searchsorted(rows.places, wanted)
    texts = [plain_array(column.take(arrays.places(elements))).to_pylist() for column in rows.columns]
    for place, *cells in zip(wanted.tolist(), *texts, strict=True):
        line = place if rows.line_of is None else int(rows.line_of[place])
        yield Row(1, first_line + line, cells, (), 0)


def _require_utf8(data: bytes) -> None:
    if not data.isascii() and not arrays.is_utf8(data):
        raise NotColumnar("not UTF-8")


def _is_simple(data: bytes, rows: int, layout: Layout) -> bool:
    """Whether all control characters are the delimiters and newlines of so many rows, and nothing else cuts lines."""
    expected = rows if data.endswith(b"\n") else rows - 1
    if layout.format == "tsv":
        expected += rows * (len(layout.header) - 1)
    values = np.frombuffer(data, np.uint8)
    pieces = (values[start : start + IN_CACHE] for start in range(0, len(values), IN_CACHE))
    if sum(np.count_nonzero(piece < ord(" ")) for piece in pieces) != expected:
        return False
    return data.isascii() or not (data.startswith(_BOM) or line_ends.has_odd_character(data))


def _odd_lines(data: bytes) -> list[Span]:
    """The lines in which something else than a newline ends a line, or a byte order mark stands first."""
    found = [_line_around(data, 0)] if data.startswith(_BOM) else []
    if line_ends.has_odd(data):
        found += [_line_around(data, match.start()) for match in line_ends.ODD.finditer(data)]
    return found


def _line_around(data: bytes, position: int) -> Span:
    end = data.find(b"\n", position)
    return data.rfind(b"\n", 0, position) + 1, end + 1 if end >= 0 else len(data)


def _uneven_lines(data: bytes, spans: Sequence[Span], layout: Layout, wrapped: bool) -> list[Span]:
    """The lines that have not one cell a column, empty ones left out; of those in spans nothing is certain."""
    values = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(values == ord("\n")) + 1
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.append(0, ends[:-1])
    delimiters = np.flatnonzero(values == ord(DELIMITERS[layout.format]))
    if wrapped:  # those within quotes are part of cells
        marks = np.flatnonzero(values == ord('"'))
        marks = marks[np.searchsorted(np.array(spans, np.int64).ravel(), marks, side="right") & 1 == 0]
        delimiters = delimiters[np.searchsorted(marks, delimiters) & 1 == 0]
    cells = np.diff(np.searchsorted(delimiters, np.append(0, ends))) + 1
    uneven = (cells != len(layout.header)) & ~_empty(values, starts, ends)
    return list(zip(starts[uneven].tolist(), ends[uneven].tolist(), strict=True))


def _empty(values: npt.NDArray[np.uint8], starts: Numbers, ends: Numbers) -> npt.NDArray[np.bool_]:
    length = ends - starts
    found: npt.NDArray[np.bool_] = (length == 1) | ((length == 2) & (values[starts] == ord("\r")))
    return found


def _joined(spans: list[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap made one."""
    found: list[Span] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _between(spans: Sequence[Span], length: int) -> Iterator[Span]:
    start = 0
    for begin, stop in spans:
        yield start, begin
        start = stop
    yield start, length


def _parsed_if_even(data: bytes, spans: Sequence[Span], layout: Layout, low: Sequence[int], wrapped: bool) -> Any:
    """As `_parsed`; None where a line has too few or too many cells."""
    try:
        return _parsed(data, spans, layout, low, wrapped)
    except pa.ArrowInvalid:
        return None


def _parsed(data: bytes, spans: Sequence[Span], layout: Layout, low: Sequence[int], wrapped: bool) -> Any:
    """The lines outside the spans as an Arrow table, its columns in one chunk each."""
    if spans:
        data = b"".join(data[start:stop] for start, stop in _between(spans, len(data)))
    return parsed(data, len(layout.header), DELIMITERS[layout.format], low, wrapped=wrapped)


def _merged(data: bytes, spans: list[Span], regular: Any, layout: Layout, *, final: bool) -> SliceRows:
    """The regular rows and those of the exact reader, each in its place."""
    regular_lines, span_lines, lines = _numbered(data, spans)
    if len(regular_lines) != regular.num_rows:
        raise NotColumnar("lines that the two readers count differently")
    table, exact = _read_exactly(data, spans, span_lines, layout, to_end=final)
    line_of = np.concatenate([regular_lines, np.fromiter((row.line for row in exact), np.int64, len(exact))])
    order = np.argsort(line_of, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    last_span = span_lines[-1] if final and spans else lines
    special: list[tuple[int, Row]] = []
    ordinary: list[tuple[int, Row]] = []
    for row, where in zip(exact, place[len(regular_lines) :].tolist(), strict=True):
        is_special = row.line >= last_span or _is_special(row, table, layout)
        (special if is_special else ordinary).append((where, row))
    columns = _chunks(regular)
    places = place[: len(regular_lines)]
    if ordinary:
        columns, places = _with_rows(columns, places, ordinary)
    broken = None if table.broken is None else (table.broken, table.broken_line or 0)
    cut_after = dict(table.cut_after)
    return SliceRows(len(order), lines, columns, places, line_of[order], special, cut_after, broken, b"\0" in data)


def _with_rows(columns: list[Any], places: Numbers, rows: list[tuple[int, Row]]) -> tuple[list[Any], Numbers]:
    """The columns with more rows, all in order."""
    places = np.concatenate([places, np.array([where for where, _ in rows], np.int64)])
    order = np.argsort(places)
    found = []
    for index, column in enumerate(columns):
        more = arrays.texts([row.cells[index] for _, row in rows])
        found.append(pa.concat_arrays([plain_array(column), more]).take(arrays.places(order)))
    return found, places[order]


def _chunks(table: Any) -> list[Any]:
    return [column.chunk(0) if column.num_chunks else pa.nulls(0, column.type) for column in table.columns]


def _numbered(data: bytes, spans: Sequence[Span]) -> tuple[Numbers, list[int], int]:
    """The line of each regular row, of each span's beginning, and how many lines there are."""
    found: list[Numbers] = []
    span_lines: list[int] = []
    line = 0
    for (start, stop), span in zip(_between(spans, len(data)), [*spans, None], strict=True):
        values = np.frombuffer(data, np.uint8)[start:stop]
        ends = np.flatnonzero(values == ord("\n")) + 1
        if stop > start and values[-1] != ord("\n"):
            ends = np.append(ends, stop - start)
        filled = ~_empty(values, np.append(0, ends[:-1]).astype(np.int64), ends) if len(ends) else np.empty(0, bool)
        found.append(np.flatnonzero(filled) + line)
        line += len(ends)
        if span is not None:
            span_lines.append(line)
            piece = data[span[0] : span[1]]
            line += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
            line += not piece.endswith((b"\n", b"\r"))
    return np.concatenate(found) if found else _NO_PLACES, span_lines, line


def _read_exactly(
    data: bytes, spans: Sequence[Span], span_lines: Sequence[int], layout: Layout, *, to_end: bool
) -> tuple[Table, list[Row]]:
    """What the exact reader makes of the spans: the table, and its rows with their lines in the slice."""
    pieces = [data[start:stop].decode("utf-8") for start, stop in spans]
    # The line behind keeps the reader from stripping the last one, where the body does not end with it.
    text = layout.header_text + "\n" + "".join(pieces) + ("" if to_end else "x")
    table = read_table(text, DELIMITERS[layout.format])
    rows = list(table.rows if to_end or table.broken else table.rows[:-1])
    counts = [piece.count("\n") + piece.count("\r") - piece.count("\r\n") for piece in pieces]
    first = np.append(0, np.cumsum(counts))[:-1] if pieces else _NO_PLACES
    found = []
    for row in rows:
        at = int(np.searchsorted(first, row.line - 2, side="right")) - 1
        found.append(replace(row, line=span_lines[at] + row.line - 2 - int(first[at])))
    if table.broken_line is not None:
        table = replace(table, broken_line=span_lines[-1] + table.broken_line - 2 - int(first[-1]))
    return table, found


def _is_special(row: Row, table: Table, layout: Layout) -> bool:
    """Whether there is more to the row than its cells."""
    if row.extra or row.server_line in table.cut_after or row.server_line - row.lines_taken in table.cut_after:
        return True
    if row.lines_taken == 1:
        return False
    alone = ReadTable(Table(layout.header, 1, [row]), layout.columns)
    types = dict.fromkeys(node.id for node in layout.nodes.values() if node.is_submittable)
    return bool(structure.swallowed(alone, layout.format, types))
