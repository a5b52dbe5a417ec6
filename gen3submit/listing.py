"""Values that a server gave, as text: JSON, aligned tables and TSV, with nothing in them that a terminal would obey."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gen3submit.messages.wording import shortened, visible
from gen3submit.tables.writing import table_bytes

WIDEST_CELL = 60
"""Of an aligned table; longer cells are cut in their middle."""

# Everything that does not print, but for the line ends that `json` itself writes.
_UNPRINTABLE = re.compile("[^ -~\n\u00a1-\u00ac\u00ae-\u0377]")


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """The value as JSON; characters that do not print are escaped, as JSON may have them anywhere in a text."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() else json.dumps(character)[1:-1]


def plain(value: Any) -> str:
    """A value as the text of a cell: empty for null, JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(item, list | Mapping) for item in value):
        return ",".join(map(plain, value))
    return json.dumps(value, ensure_ascii=False)


def aligned(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, widest: int = WIDEST_CELL) -> Iterator[str]:
    """The lines of a table for people: a heading, and the cells of each column under each other."""
    lines = [[visible(column) for column in columns]]
    lines += [[visible(shortened(plain(cell), widest)) for cell in row] for row in rows]
    widths = [max(map(_width, cells)) for cells in zip(*lines, strict=True)]
    for cells in lines:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()


def tsv(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, for_terminal: bool = False) -> Iterator[str]:
    """The lines of a TSV table, quoted where a reader needs it.

    Args:
        columns: the header.
        rows: the cells.
        for_terminal: whether characters that do not print are written as escapes instead.
    """
    for cells in ([*columns], *([plain(cell) for cell in row] for row in rows)):
        if for_terminal:
            yield "\t".join(map(visible, cells))
        else:
            safe = [cell.encode("utf-8", "backslashreplace").decode() for cell in cells]
            yield table_bytes([safe]).decode().removesuffix("\n")


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
