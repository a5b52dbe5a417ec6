"""Sentences about corrections: why each was made, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gen3submit.messages.wording import counted, line_list, shortened, shown, visible

WHY: Mapping[str, str] = {
    # the file
    "encoding": "the server reads UTF-8 only",
    "byte-order-mark": "the server takes the mark for part of the first column's name",
    "delimiter": "the ending of the file's name says what stands between its cells",
    "line-ends": "line ends of one kind",
    "blank-line": "a line without anything in it",
    "comment-line": "the server knows no comments, and drops them as rows of no type",
    "header-repeated": "the server drops a header among the rows",
    "line-separator": "the server ends the row at this invisible character",
    "cells-too-many": "empty cells beyond the last column make the server refuse the file",
    "nameless-column": "an empty column without a name is refused in every row",
    "repeated-column": "a column that is there twice, and says nothing else the other time",
    "open-quote": "a quotation mark that is never closed takes in the lines below",
    # names
    "column-name": "the dictionary spells the name so",
    "type": "the dictionary spells the node type so",
    "type-of-the-others": "the other rows of the file are of this type",
    # cells
    "white-space": "white space at the ends is not part of a value",
    "invisible-character": "invisible characters are not part of a value",
    "allowed-value": "the dictionary spells the value so",
    "nearest-allowed-value": "the nearest allowed value",
    "boolean": "a boolean is `true` or `false`",
    "integer": "an integer has no decimal point",
    "letter-case": "the form asked for has the other letter case",
    "date-time-form": "`T` stands between date and time, a colon in the offset",
    "date-time-offset": "the offset from universal time, taken to be none",
    "day-as-date-time": "a day, taken as its first moment in universal time",
    "not-known": "an empty cell says that a value is not known",
    "decimal-comma": "a decimal point stands in numbers",
    "exponent": "an integer has no exponent; digits that a spreadsheet rounded away do not come back",
    "unit": "the column names the unit",
    "list-separator": "the character that the server expects between the items of a list",
    "project-code": "the link names the project's code alone",
    "nearest-id": "the one id that reads the same",
}
"""Why a change of each kind is made."""

_REMOVED: Mapping[str, str] = {
    "blank-line": "blank line removed",
    "byte-order-mark": "byte order mark removed",
    "header-repeated": "repeated header removed",
    "cells-too-many": "empty cells removed",
    "nameless-column": "empty column without a name removed",
    "repeated-column": "repeated column removed",
}
COLUMNS = ("file", "line", "column", "before", "after", "guess", "kind", "why")
"""The head of the list of changes as a table."""

GUESS = "guess"


FILES = "files"


def reading() -> str:
    return "reading"


def correcting() -> str:
    return "correcting"


def why(kind: str) -> str:
    return WHY[kind]


def did(kind: str, before: str, after: str) -> str:
    """What was done, without its place."""
    if kind in _REMOVED:
        return _REMOVED[kind]
    if kind == "comment-line":
        return f"{shown(before)} removed"
    return f"{shown(before)} → {shown(after)}" if after else f"{shown(before)} → an empty cell"


def place(path: str, lines: Sequence[int], column: str | None) -> str:
    """``sample.tsv:3  sample_type``."""
    where = visible(path) if not lines else f"{visible(path)}:{lines[0]}"
    return where if column is None else f"{where}  {visible(shortened(column))}"


def also_on(lines: Sequence[int]) -> str:
    return f"also on {line_list(lines[1:])}" if len(lines) > 1 else ""


def more_changes(number: int) -> str:
    return f"… {counted(number, 'further change')}; --all shows them"


def made(changes: int, guesses: int, changed: int, files: int) -> str:
    if not changes:
        return f"nothing to change in {counted(files, 'file')}"
    guessed = f", {guesses:,} of them {'a guess' if guesses == 1 else 'guesses'}" if guesses else ""
    return f"{counted(changes, 'change')}{guessed}, in {changed:,} of {counted(files, 'file')}"


def written_to(folder: str, files: int, listing: str) -> str:
    return f"written: {counted(files, 'file')} in {visible(folder)}; the changes are listed in {visible(listing)}"


def written_in_place(files: int) -> str:
    return f"written: {counted(files, 'file')}, in place"


def nothing_written() -> str:
    return "nothing was written; --output DIR writes corrected copies"


def guesses_possible() -> str:
    return "--unsafe makes guesses at some of what is left, and lists each"


def checked_again(ok: bool) -> str:
    return "checked again: no error is left" if ok else "checked again; this is left:"


def both_places() -> str:
    return "--output and --in-place exclude each other"


def listing_ending(path: str) -> str:
    return f"{path}: a list of changes ends in .json or .tsv"


def would_overwrite_original(path: str) -> str:
    return f"{path}: this is one of the tables themselves; name another folder, or use --in-place"


def exists_already(path: str) -> str:
    return f"{path}: there is such a file already; name another folder, or use --overwrite"


def not_a_text_file(path: str) -> str:
    return f"{path}: cannot be corrected in place; name a folder with --output"


def not_written(path: str, why: str) -> str:
    return f"{path}: cannot be written ({why})"
