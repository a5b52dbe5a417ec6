"""Where tables come from: files, folders, patterns, workbooks and DataFrames, each as the bytes Sheepdog would get."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.errors import UsageProblem
from gen3submit.messages import tables as words
from gen3submit.tables.source import Source
from gen3submit.tables.writing import as_cell, body_bytes

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = {".tsv": "tsv", ".txt": "tsv", ".csv": "csv"}
"""The endings of files that are tables, and how each is read."""

Input = "str | os.PathLike[str] | pd.DataFrame"
"""What a caller may give as a table, or as a folder or pattern of tables."""


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
