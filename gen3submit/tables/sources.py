"""Where tables come from: files, folders, patterns, workbooks and DataFrames, each as the bytes Sheepdog would get."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.errors import UsageProblem
from gen3submit.messages import tables as words

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = {".tsv": "tsv", ".txt": "tsv", ".csv": "csv"}
"""The endings of files that are tables, and how each is read."""

_LINE_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # those of ``str.splitlines``

Input = "str | os.PathLike[str] | pd.DataFrame"
"""What a caller may give as a table, or as a folder or pattern of tables."""


@dataclass(frozen=True, slots=True)
class Source:
    """One table: its name for people, how it is read, and its bytes."""

    path: str
    """The path as the user would write it; ``<DataFrame 1>``, or ``book.xlsx[sheet]``."""
    format: str
    """``tsv`` or ``csv``."""
    load: Callable[[], bytes] = field(repr=False, compare=False)
    """Gives the bytes; called anew each time they are needed, so that a big submission is never held whole."""
    file: Path | None = None
    """The file itself; None where the bytes are made of something else."""

    def read(self) -> bytes:
        """The bytes of the table.

        Raises:
            UsageProblem: the file cannot be read (any more).
        """
        try:
            return self.load()
        except OSError as error:
            raise UsageProblem(words.unreadable(self.path, error.strerror or str(error))) from None


def sources(inputs: Sequence[Any] | Any) -> list[Source]:
    """The tables that the inputs name: paths of files and folders, patterns, DataFrames; one of these or several.

    A folder gives the tables directly in it, in the order of their names. The same file named twice counts once.

    Raises:
        UsageProblem: a path that is not there, a folder without tables, a file that is no table.
    """
    single = isinstance(inputs, str | os.PathLike) or _is_frame(inputs) or not isinstance(inputs, Iterable)
    given = [inputs] if single else list(inputs)
    if not given:
        raise UsageProblem(words.nothing_given())
    found: dict[object, Source] = {}
    for number, item in enumerate(given, 1):
        for source in _expand(item, number):
            found.setdefault(source.file.resolve() if source.file and "[" not in source.path else source.path, source)
    return list(found.values())


def digest(data: bytes) -> str:
    """The SHA-256 of a table's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def _is_frame(item: object) -> bool:
    return hasattr(item, "columns") and hasattr(item, "itertuples")


def _expand(item: Any, number: int) -> Iterator[Source]:
    if _is_frame(item):
        yield _frame(item, f"<DataFrame {number}>")
        return
    if isinstance(item, Source):
        yield item
        return
    if not isinstance(item, str | os.PathLike):
        raise UsageProblem(words.not_an_input(type(item).__name__))
    text = os.fspath(item)
    path = Path(text)
    if path.is_dir():
        files = sorted(child for child in path.iterdir() if child.suffix.lower() in (*SUFFIXES, ".xlsx"))
        files = [child for child in files if child.is_file() and not child.name.startswith((".", "~$"))]
        if not files:
            raise UsageProblem(words.no_tables(text))
        for child in files:
            yield from _file(child)
    elif path.exists():
        yield from _file(path)
    elif glob.has_magic(text):
        matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207  # Path.glob knows no absolute patterns
        if not matches:
            raise UsageProblem(words.no_match(text))
        for match in matches:
            if Path(match).suffix.lower() in (*SUFFIXES, ".xlsx"):
                yield from _file(Path(match))
    else:
        raise UsageProblem(words.no_such_path(text))


def _file(path: Path) -> Iterator[Source]:
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        from gen3submit.tables.workbooks import workbook  # noqa: PLC0415  # needs an optional dependency

        yield from workbook(path)
    elif suffix in SUFFIXES:
        yield Source(str(path), SUFFIXES[suffix], path.read_bytes, path)
    else:
        raise UsageProblem(words.not_a_table(str(path), suffix or path.name))


def _frame(frame: pd.DataFrame, name: str) -> Source:
    columns = [str(column) for column in frame.columns]
    rows = ([as_cell(cell) for cell in row] for row in frame.itertuples(index=False, name=None))
    data = body_bytes([columns, *rows])
    return Source(name, "tsv", lambda: data)


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
