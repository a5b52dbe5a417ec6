"""A table as it is written: its cells with their quotes, and the line ends, so that what is not mended stays as it is.

The cells are those that Sheepdog reads (Python's csv module), but for the characters that only Sheepdog takes for line
ends (U+2028 and its like): here they are ordinary characters of a cell, as they are for an editor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile("(\r\n|\n|\r)")
_NEEDS_QUOTES = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(slots=True)
class WrittenRow:
    """A row of a table (or its header), as it stands in the file."""

    line: int
    """The line on which it begins, as an editor counts (1-based)."""
    cells: list[str]
    """Each as it is written, with its quotes; `value_of` tells what it says."""
    end: str
    """The line end; empty at the end of the file."""
    tail: str = ""
    """White space between the last cell and the line end that Sheepdog cuts off: only the last row has any."""

    def values(self) -> list[str]:
        """What the cells say."""
        return [value_of(cell) for cell in self.cells]

    @property
    def is_blank(self) -> bool:
        """Whether no cell says anything."""
        return not any(value_of(cell).strip() for cell in self.cells)


@dataclass(slots=True)
class WrittenTable:
    """A table's header and rows, blank lines among them."""

    delimiter: str
    header: WrittenRow
    rows: list[WrittenRow]
    lead: str = ""
    """White space before the header."""
    beyond: str = ""
    """The lines after the last row, which are all blank."""
    beyond_line: int = 0
    """The first line of `beyond`."""

    def text(self) -> str:
        """The table as a file holds it."""
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        yield self.lead
        for row in (self.header, *self.rows):
            yield self.delimiter.join(row.cells)
            yield row.tail
            yield row.end
        yield self.beyond

    @property
    def blank_ends(self) -> list[int]:
        """The lines before the header and after the last row."""
        before = range(1, 1 + len(_LINE_END.findall(self.lead)))
        lines = _LINE_END.split(self.beyond)[::2]
        count = len(lines) if lines[-1] else len(lines) - 1
        return [*before, *range(self.beyond_line, self.beyond_line + count)]


def read_written(text: str, delimiter: str) -> WrittenTable:
    """Take a table's text to pieces."""
    core = text.strip()
    start = len(text) - len(text.lstrip())
    lead, after = text[:start], text[start + len(core) :]
    first_line = 1 + len(_LINE_END.findall(lead))
    rows = list(written_rows(core, delimiter, first_line))
    rows = rows or [WrittenRow(first_line, [""], "")]
    tail, end, beyond = _first_line(after)
    last = rows[-1]
    last.tail, last.end = tail, end
    return WrittenTable(delimiter, rows[0], rows[1:], lead, beyond, first_line + len(_LINE_END.findall(core)) + 1)


def _first_line(text: str) -> tuple[str, str, str]:
    parts = _LINE_END.split(text, maxsplit=1)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def written_rows(text: str, delimiter: str, first_line: int) -> Iterator[WrittenRow]:
    """The rows of a text; an empty line is a row of one empty cell."""
    pieces = _LINE_END.split(text)
    lines, ends = pieces[::2], [*pieces[1::2], ""]
    number = 0
    while number < len(lines):
        start, line = number, lines[number]
        if '"' in line:
            cells = split_quoted(line, delimiter)
            while cells is None and number + 1 < len(lines):
                line += ends[number] + lines[number + 1]
                number += 1
                # Only a further quote can close the cell.
                cells = split_quoted(line, delimiter) if '"' in lines[number] else None
            if cells is None:  # open to the end of the file, where Python's reader closes it
                cells = split_quoted(line + '"', delimiter)
                assert cells is not None
                cells[-1] = cells[-1][:-1]
        else:
            cells = line.split(delimiter)
        yield WrittenRow(first_line + start, cells, ends[number])
        number += 1


def split_quoted(line: str, delimiter: str) -> list[str] | None:
    """The cells of a row that has quotes, as written; None where a quote is open at the end."""
    cells: list[str] = []
    place = 0
    while True:
        look_from = place
        if line.startswith('"', place):
            close = _closing_quote(line, place + 1)
            if close is None:
                return None
            look_from = close + 1
        cut = line.find(delimiter, look_from)
        if cut < 0:
            cells.append(line[place:])
            return cells
        cells.append(line[place:cut])
        place = cut + 1


def _closing_quote(line: str, start: int) -> int | None:
    while True:
        place = line.find('"', start)
        if place < 0:
            return None
        if not line.startswith('"', place + 1):
            return place
        start = place + 2


def value_of(cell: str) -> str:
    """What a cell says: without its quotes, doubled ones single; text after the closing quote belongs to it."""
    if not cell.startswith('"'):
        return cell
    close = _closing_quote(cell, 1)
    if close is None:
        return cell[1:].replace('""', '"')
    return cell[1:close].replace('""', '"') + cell[close + 1 :]


def written(value: str, delimiter: str, like: str = "") -> str:
    """A value as a cell: in quotes where it needs them, or where the cell `like` that it replaces had them."""
    if like.startswith('"') or value.startswith('"') or delimiter in value or _NEEDS_QUOTES.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value
