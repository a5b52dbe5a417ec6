"""Excel workbooks: each sheet a table (needs openpyxl, the extra ``excel``)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from gen3submit.errors import UsageProblem
from gen3submit.messages import tables as words
from gen3submit.tables.source import Source
from gen3submit.tables.writing import as_cell, body_bytes

_FORMULA = re.compile(rb"<f[ />]")


def workbook(path: Path) -> Iterator[Source]:
    """A table for each sheet that has a ``type`` column in its first row; other sheets are notes.

    Raises:
        UsageProblem: openpyxl is not installed, the file is no workbook, or no sheet is a table.
    """
    try:
        import openpyxl  # noqa: PLC0415  # optional
    except ImportError:
        raise UsageProblem(words.excel_missing(str(path))) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever zip and XML raise
        raise UsageProblem(words.unreadable(str(path), str(error))) from None
    names = [sheet.title for sheet in book.worksheets if _is_table(next(sheet.iter_rows(values_only=True), ()))]
    book.close()
    if not names:
        raise UsageProblem(words.no_tables(str(path)))
    for name in names:
        yield Source(f"{path}[{name}]", "tsv", partial(_sheet, path, name), path)


def _is_table(first: tuple[object, ...]) -> bool:
    return any(str(cell).strip().lstrip("*") == "type" for cell in first)


def _sheet(path: Path, name: str) -> bytes:
    import openpyxl  # noqa: PLC0415  # optional

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = [[as_cell(cell) for cell in row] for row in book[name].iter_rows(values_only=True)]
    book.close()
    if _has_formulas(path):
        _check_results(path, name, rows)
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((index + 1 for row in rows[:1] for index, cell in enumerate(row) if cell), default=0)
    return body_bytes(row[:width] if not any(row[width:]) else row for row in rows)


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(_FORMULA.search(archive.read(name)) for name in sheets)


def _check_results(path: Path, name: str, rows: Sequence[Sequence[str]]) -> None:
    """Look whether each formula of a sheet has its result beside it.

    A program that is no spreadsheet writes formulas alone, and such a cell would be read as empty.

    Raises:
        UsageProblem: one has none.
    """
    import openpyxl  # noqa: PLC0415  # optional

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for number, row in enumerate(book[name].iter_rows()):
            for index, cell in enumerate(row):
                if cell.data_type == "f" and not rows[number][index]:
                    raise UsageProblem(words.no_result(f"{path}[{name}]", cell.coordinate))
    finally:
        book.close()
