"""Templates as an Excel workbook: a sheet for each node type, drop-down lists, and a sheet of notes.

Every cell is a text cell, so that a spreadsheet does not turn ids into numbers or dates into its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.errors import UsageProblem
from gen3submit.messages import templates as words
from gen3submit.templates import Column, Template

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_LAST_ROW = 1_048_576
"""Of a sheet, as the file format has it."""
_LONGEST_CELL = 32_767
_LONGEST_NAME = 31
_LONGEST_PROMPT = 250
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_CELLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_HEAD = "FFD9E2EC"
_REQUIRED_HEAD = "FFF5D08A"
_NOTE_WIDTHS = (22, 30, 14, 40, 50, 70)


def workbook(templates: Sequence[Template], *, mark_required: bool = False) -> bytes:
    """The bytes of an .xlsx file with a sheet for each template, in their order.

    Args:
        templates: at least one.
        mark_required: with an asterisk before the names of required columns.

    Raises:
        UsageProblem: openpyxl is not installed.
    """
    try:
        import openpyxl  # noqa: PLC0415  # optional
    except ImportError:
        raise UsageProblem(words.excel_missing()) from None
    book = openpyxl.Workbook()
    book.remove(book.active)
    lists = _Lists()
    taken = {words.NOTES.lower(), words.LISTS.lower()}
    for each in templates:
        sheet = book.create_sheet(_sheet_name(each.node, taken))
        _fill(sheet, each, mark_required)
        for index, column in enumerate(each.columns, 1):
            if column.allowed:
                sheet.add_data_validation(lists.validation(f"{each.node}.{column.name}", column, _range(index)))
    _fill_notes(book.create_sheet(words.NOTES), templates)
    lists.fill(book.create_sheet(words.LISTS))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _sheet_name(node: str, taken: set[str]) -> str:
    """The node's name as a sheet may be called: short, and like no other, letter case aside."""
    stem = _NOT_IN_NAMES.sub("_", node)[:_LONGEST_NAME] or "_"
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem[: _LONGEST_NAME - 4]}-{number}"
    taken.add(name.lower())
    return name


def _fill(sheet: Worksheet, template: Template, mark_required: bool) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415  # optional
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415  # optional

    for index, (column, name) in enumerate(
        zip(template.columns, template.header(mark_required=mark_required), strict=True), 1
    ):
        cell = _put(sheet, 1, index, name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=_REQUIRED_HEAD if column.required else _HEAD)
        note = _plain("\n".join(filter(None, (column.kind, column.description))))[:1_000]
        cell.comment = Comment(note, "gen3submit", width=320, height=140)
        dimension = sheet.column_dimensions[_letter(index)]
        dimension.width = min(max(len(name) + 4, 12), 40)
        dimension.number_format = "@"
    sheet.freeze_panes = "A2"


def _fill_notes(sheet: Worksheet, templates: Sequence[Template]) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415  # optional

    rows: list[tuple[str, ...]] = [words.NOTES_HEAD]
    rows += [
        (
            each.node,
            column.name,
            column.need.replace("`", ""),
            column.kind,
            "\n".join(column.allowed),
            column.description,
        )
        for each in templates
        for column in each.columns
    ]
    for number, row in enumerate(rows, 1):
        for index, text in enumerate(row, 1):
            cell = _put(sheet, number, index, text)
            cell.alignment = Alignment(wrap_text=index > 3, vertical="top")
            cell.font = Font(bold=number == 1)
    for index, width in enumerate(_NOTE_WIDTHS, 1):
        sheet.column_dimensions[_letter(index)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{_letter(len(words.NOTES_HEAD))}{len(rows)}"


class _Lists:
    """The allowed values of every column, each list once, on a sheet that nobody sees."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], tuple[str, str]] = {}

    def validation(self, place: str, column: Column, cells: str) -> Any:
        """A drop-down list for the cells; strict where nothing else may stand in them."""
        from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415  # optional

        if column.allowed not in self._columns:
            self._columns[column.allowed] = (_letter(len(self._columns) + 1), place)
        letter = self._columns[column.allowed][0]
        found = DataValidation(
            type="list",
            formula1=f"'{words.LISTS}'!${letter}$2:${letter}${len(column.allowed) + 1}",
            allow_blank=True,
            showErrorMessage=column.is_strict,
            errorStyle="stop",
            errorTitle=words.NOT_ALLOWED,
            error=words.choose(len(column.allowed)),
            showInputMessage=bool(column.description),
            promptTitle=_plain(column.name)[:32],
            prompt=_plain(column.description)[:_LONGEST_PROMPT],
        )
        found.add(cells)
        return found

    def fill(self, sheet: Worksheet) -> None:
        """Write the lists, each under the name of the first column that uses it."""
        for allowed, (letter, place) in self._columns.items():
            index = sheet[f"{letter}1"].column
            for number, text in enumerate((place, *allowed), 1):
                _put(sheet, number, index, text)
        sheet.sheet_state = "hidden"


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    cell = sheet.cell(row, column)
    cell.value = _plain(text)[:_LONGEST_CELL]
    if cell.data_type == "f":  # openpyxl takes a text that begins with `=` for a formula
        cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _plain(text: str) -> str:
    """The text without the characters that a workbook cannot hold."""
    return _NOT_IN_CELLS.sub("", text)


def _letter(index: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  # optional

    letter: str = get_column_letter(index)
    return letter


def _range(index: int) -> str:
    return f"{_letter(index)}2:{_letter(index)}{_LAST_ROW}"
