"""Cells that a spreadsheet opens as text.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return as a formula. An
apostrophe in front makes it text. Plain numbers such as ``-5`` and ``+1.5e3`` are left as they are: they are what the
user wrote, and a formula needs more than digits.
"""

from __future__ import annotations

import re
import unicodedata

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are full-width forms that some spreadsheets take for the others."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def harmless(cell: str) -> str:
    """The cell as text that no spreadsheet runs and no terminal obeys.

    Control characters other than tab and line feed are written as escapes; everything else is left as it is, but for
    the apostrophe in front of what would be a formula.
    """
    if not cell:
        return cell
    plain = cell.isascii() and cell.isprintable()
    if plain and cell[0] not in " =+-@":
        return cell
    text = cell
    if not plain:
        text = "".join(_visible(c) if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n" else c for c in cell)
    if cell.lstrip(" ").startswith(_STARTS_FORMULA) and not _NUMBER.fullmatch(cell.strip(" ")):
        return f"'{text}"
    return text


def _visible(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
