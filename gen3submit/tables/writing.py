"""Rows of cells as the bytes of a table that Sheepdog reads back to the same cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_LINE_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # those of ``str.splitlines``


def _is_missing(cell: object) -> bool:
    if isinstance(cell, list | tuple | str):
        return False
    # pandas' NA answers no comparison; NaN and NaT differ from themselves
    return cell is None or str(cell) == "<NA>" or bool(cell != cell)  # noqa: PLR0124


def as_cell(value: object) -> str:
    """A value of a DataFrame or workbook as the text of a cell; missing ones are empty, lists have commas."""
    if getattr(value, "ndim", 0):  # numpy's arrays, which Parquet files give for lists
        value = value.tolist()  # type: ignore[attr-defined]  # what has dimensions has this method
    if _is_missing(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(as_cell, value))
    is_integer = getattr(value, "is_integer", None)  # Python's floats and numpy's, whatever their width
    if callable(is_integer) and is_integer():
        return str(int(value))  # type: ignore[call-overload]  # a number
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def table_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of cells as lines of a TSV table that Sheepdog reads back to the same cells.

    Not quite the same: line breaks within a cell become one kind, and half a character makes the table no UTF-8.
    """
    return _joined([_quoted(cell) for cell in row] for row in rows)


def body_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of cells as a whole TSV body, which Sheepdog strips before it reads: what is empty at its ends is kept."""
    lines = [[_quoted(cell) for cell in row] for row in rows]
    if lines and lines[0]:
        lines[0][0] = _kept(lines[0][0])
        lines[-1][-1:] = map(_kept, lines[-1][-1:])
    return _joined(lines)


def _joined(lines: Iterable[list[str]]) -> bytes:
    return ("\n".join(map("\t".join, lines)) + "\n").encode("utf-8", "surrogatepass")


def _quoted(cell: str) -> str:
    plain = not cell.startswith('"') and "\t" not in cell and not _LINE_BREAK.search(cell)
    return cell if plain else '"' + cell.replace('"', '""') + '"'


def _kept(cell: str) -> str:
    return cell if cell and cell == cell.strip() else f'"{cell}"'
