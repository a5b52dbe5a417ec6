"""The list of changes: for reading, as a table, and as JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from gen3submit.errors import UsageProblem
from gen3submit.fixing.changes import Change, FixResult, iterate_lines, write_whole
from gen3submit.messages import fixing as words

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_ENDINGS = (".json", ".tsv")


def write_text(changes: Sequence[Change], stream: TextIO, *, most: int | None = 50) -> None:
    """Write a line for each change, `most` at most, and count the rest."""
    shown = changes if most is None else changes[:most]
    for change in shown:
        guess = f"{words.GUESS}  " if change.guess else ""
        also = words.also_on(change.lines)
        parts = (
            guess + words.place(change.path, change.lines, change.column),
            words.did(change.kind, change.before, change.after),
            f"({change.why})",
            also,
        )
        stream.write("  ".join(part for part in parts if part) + "\n")
    if len(shown) < len(changes):
        stream.write(words.more_changes(len(changes) - len(shown)) + "\n")


def write_tsv(changes: Sequence[Change], stream: TextIO) -> None:
    """Write a table with a line for each line that was changed, fit for a spreadsheet."""
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    writer.writerow(words.COLUMNS)
    for change, line in iterate_lines(changes):
        cells = (change.path, "" if line is None else str(line), change.column or "", change.before, change.after)
        guess = "true" if change.guess else "false"
        writer.writerow([*map(_harmless, cells), guess, change.kind, change.why])


def write_json(result: FixResult, stream: TextIO) -> None:
    """Write the list of changes as JSON."""
    json.dump(result.to_dict(), stream, ensure_ascii=True, indent=2)
    stream.write("\n")


def check_ending(path: str) -> None:
    """Look at the name of a list before the work begins.

    Raises:
        UsageProblem: it is neither JSON nor TSV.
    """
    if not path.lower().endswith(_ENDINGS):
        raise UsageProblem(words.listing_ending(path))


def write_file(result: FixResult, path: str | Path) -> None:
    """Write the list of changes to a file, as its ending says.

    Raises:
        UsageProblem: no such ending, or it cannot be written.
    """
    check_ending(str(path))
    stream = io.StringIO()
    if str(path).lower().endswith(".json"):
        write_json(result, stream)
    else:
        write_tsv(result.changes, stream)
    write_whole(Path(path), stream.getvalue().encode("utf-8", "backslashreplace"))


def _harmless(text: str) -> str:
    """The text so that a spreadsheet takes it for text and not for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
