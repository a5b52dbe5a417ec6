"""Mending a table as a table: its delimiter, line ends, invisible line breaks, blank lines and cells too many."""

from __future__ import annotations

import re
from collections.abc import Collection

from gen3submit.fixing.changes import ChangeLog
from gen3submit.fixing.lexing import WrittenRow, WrittenTable, read_written, split_quoted, value_of, written
from gen3submit.fixing.spelling import folded_name, only_match
from gen3submit.rules.bodies import DELIMITERS
from gen3submit.rules.columns import clean_name

SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line for Sheepdog and not for an editor."""
_SEPARATOR = re.compile(f"[{SEPARATORS}]")
_LINE_END = re.compile("[\r\n]")
_TO_SPACE = dict.fromkeys(map(ord, SEPARATORS), " ")
_COMMENTS = ("#", "//")
_OTHERS = {"tsv": ",;|", "csv": "\t;|"}
_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "strokes"}


def with_right_delimiter(text: str, format_: str, log: ChangeLog) -> WrittenTable:
    """The table; where its cells are plainly separated by another character, with the one that its name promises."""
    delimiter = DELIMITERS[format_]
    table = read_written(text, delimiter)
    if len(table.header.cells) > 1 or not text.strip():
        return table
    for other in _OTHERS[format_]:
        found = read_written(text, other)
        if not _is_regular(found):
            continue
        for row in (found.header, *found.rows):
            row.cells = [written(value_of(cell), delimiter) for cell in row.cells]
        found.delimiter = delimiter
        log.note("delimiter", None, None, _NAMES[other], _NAMES[delimiter])
        return found
    return table


def _is_regular(table: WrittenTable) -> bool:
    names = [folded_name(value_of(cell)) for cell in table.header.cells]
    width = len(names)
    return width > 1 and "type" in names and all(len(row.cells) == width or row.is_blank for row in table.rows)


def mend_swallowed_rows(table: WrittenTable, log: ChangeLog) -> None:
    """Take a quotation mark that is never closed, and so takes in the lines below, for a character of its cell.

    A guess; made only where each of the lines is then a whole row.
    """
    width = len(table.header.cells)
    rows: list[WrittenRow] = []
    for row in table.rows:
        if any(_LINE_END.search(cell) and table.delimiter in value_of(cell) for cell in row.cells):
            apart = _apart(row, table.delimiter)
            if all(len(each.cells) == width for each in apart):
                rows += apart
                for each in apart:
                    _note_quotes(table, each, log)
                continue
        rows.append(row)
    table.rows = rows


def _apart(row: WrittenRow, delimiter: str) -> list[WrittenRow]:
    """The lines that a row takes up, each read as a row of its own."""
    found = []
    lines = delimiter.join(row.cells).splitlines(keepends=True)
    for number, kept in enumerate(lines):
        line = kept.splitlines()[0]
        cells = split_quoted(line, delimiter)
        if cells is None:
            closed = line.split(delimiter)
            cells = [
                written(c, delimiter) if c.startswith('"') and split_quoted(c, delimiter) is None else c for c in closed
            ]
        is_last = number == len(lines) - 1
        found.append(WrittenRow(row.line + number, cells, row.end if is_last else kept[len(line) :]))
    found[-1].tail = row.tail
    return found


def _note_quotes(table: WrittenTable, row: WrittenRow, log: ChangeLog) -> None:
    for index, cell in enumerate(row.cells):
        if cell.startswith('"""'):
            column = clean_name(value_of(table.header.cells[index]))
            log.note("open-quote", row.line, column, value_of(cell), cell, guess=True)


def mend_line_breaks(table: WrittenTable, node_ids: Collection[str], log: ChangeLog) -> None:
    """Put a space in the place of characters that would cut a row, where they are surely inside its cells."""
    if not _SEPARATOR.search(table.text()):
        return
    width = len(table.header.cells)
    for row in (table.header, *table.rows):
        if not any(_SEPARATOR.search(cell) for cell in row.cells):
            continue
        is_last = row is table.rows[-1]  # its empty cells at the end are cut off
        inside = len(row.cells) == width or (is_last and len(row.cells) < width)
        if not inside or _may_be_rows(row, node_ids):
            continue
        for index, cell in enumerate(row.cells):
            better = cell.translate(_TO_SPACE)
            if better != cell:
                row.cells[index] = better
                column = clean_name(value_of(table.header.cells[index]))
                log.note("line-separator", row.line, column, value_of(cell), value_of(better))


def _may_be_rows(row: WrittenRow, node_ids: Collection[str]) -> bool:
    """Whether a piece behind such a character begins as a record does."""
    pieces = [piece for cell in row.cells for piece in cell.splitlines()[1:]]
    return any(piece.strip() in node_ids for piece in pieces)


def mend_lines(table: WrittenTable, log: ChangeLog) -> None:
    """Remove blank lines, and make line ends alike where they are not, or where they are of the old Macintosh."""
    blank = [row.line for row in table.rows if row.is_blank] + table.blank_ends
    for line in blank:
        log.note("blank-line", line, None, "", "")
    table.rows = [row for row in table.rows if not row.is_blank]
    table.lead = table.beyond = ""
    rows = [table.header, *table.rows]
    ends = {row.end for row in rows} - {""}
    if len(ends) > 1 or "\r" in ends:
        for row in rows:
            row.end = "\n" if row.end else ""
        log.note("line-ends", None, None, ", ".join(sorted(map(_end_name, ends))), "LF")


def _end_name(end: str) -> str:
    return end.replace("\r", "CR").replace("\n", "LF")


def mend_comments(table: WrittenTable, log: ChangeLog) -> None:
    """Remove comments before the header, where a header follows them."""
    rows = [table.header, *table.rows]
    for number, row in enumerate(rows):
        first = value_of(row.cells[0]).strip()
        if any(folded_name(value_of(cell)) == "type" for cell in row.cells) and not first.startswith(_COMMENTS):
            for comment in rows[:number]:
                log.note("comment-line", comment.line, None, table.delimiter.join(comment.cells), "")
            table.header, table.rows = row, rows[number + 1 :]
            return
        if not (first.startswith(_COMMENTS) or row.is_blank):
            return


def mend_no_records(table: WrittenTable, type_column: int, node_ids: Collection[str], log: ChangeLog) -> None:
    """Remove comments and repetitions of the header, which the server would drop as rows of no type."""
    header = [clean_name(value) for value in table.header.values()]
    records: dict[str, bool] = {}
    kept = []
    for row in table.rows:
        type_ = value_of(row.cells[type_column]).strip() if type_column < len(row.cells) else ""
        if type_ not in records:
            records[type_] = only_match(type_, node_ids, folded_name) is not None
        if records[type_]:
            kept.append(row)
            continue
        values = row.values()
        if values[0].strip().startswith(_COMMENTS):
            log.note("comment-line", row.line, None, table.delimiter.join(row.cells), "")
        elif [clean_name(value) for value in values] == header:
            log.note("header-repeated", row.line, None, table.delimiter.join(row.cells), "")
        else:
            kept.append(row)
    table.rows = kept


def mend_width(table: WrittenTable, log: ChangeLog) -> None:
    """Remove empty cells beyond the last column, and columns without a name whose cells are all empty."""
    nameless = [
        index
        for index, name in enumerate(table.header.values())
        if not clean_name(name)
        and not any(index < len(row.cells) and value_of(row.cells[index]).strip() for row in table.rows)
    ]
    if nameless and len(nameless) < len(table.header.cells):
        for index in reversed(nameless):
            remove_column(table, index)
        log.note("nameless-column", table.header.line, None, "", "")
    width = len(table.header.cells)
    for row in table.rows:
        if len(row.cells) > width and not any(value_of(cell).strip() for cell in row.cells[width:]):
            log.note("cells-too-many", row.line, None, "", "")
            del row.cells[width:]


def remove_column(table: WrittenTable, index: int) -> None:
    """Remove a column from the header and every row."""
    for row in (table.header, *table.rows):
        if index < len(row.cells):
            del row.cells[index]
    if table.rows:
        table.rows[-1].tail = ""
