"""Taking a request's body to pieces as Sheepdog does: TSV and CSV into rows of cells, JSON into documents.

(Facts: Sheepdog 5.2.4, ``DelimitedConverter`` and ``parse_request_json``; Python's ``csv.DictReader``.)
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gen3submit.rules.columns import DocumentRefused, clean_name

FORMATS = {"text/tab-separated-values": "tsv", "text/tsv": "tsv", "text/csv": "csv"}
"""The content types, letter case aside, that are no JSON; a parameter such as ``; charset=utf-8`` makes them JSON."""

DELIMITERS = {"tsv": "\t", "csv": ","}
LINK_SEPARATORS = {"tsv": ",", "csv": "#"}


def body_format(content_type: str | None) -> str:
    """``tsv``, ``csv`` or ``json``, as Sheepdog takes the header."""
    return FORMATS.get((content_type or "").lower(), "json")


def decode(body: bytes) -> str:
    """The text of a body.

    Raises:
        DocumentRefused: a byte is not UTF-8.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentRefused(
            f"UnicodeDecodeError: {error}: unable to decode data: {body!r}", kind="not-utf8"
        ) from None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table as Sheepdog reads it."""

    number: int
    """1 for the first row after the header; empty lines are not counted."""
    line: int
    """The line of the file, as an editor counts them, on which the row begins (1-based)."""
    cells: Sequence[str | None]
    """One cell a column of the header, text as in the file; None where the row ends before."""
    extra: Sequence[str]
    """Cells beyond the last column."""
    server_line: int
    """The line that Sheepdog would name: it counts the lines of the stripped body, up to the row's last."""
    lines_taken: int = 1
    """More than 1 where a quoted cell holds line breaks."""


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a TSV or CSV body and its rows."""

    header: Sequence[str]
    header_line: int
    rows: Sequence[Row]
    header_lines: int = 1
    """More than 1 where a quoted name holds line breaks."""
    cut_after: Mapping[int, str] = field(default_factory=dict)
    """Lines that Sheepdog ends at a character that is no line end for an editor, with it; numbered as `server_line`."""
    broken: str | None = None
    """Why the csv module stopped after the last of `rows`; None where it read to the end."""
    broken_line: int | None = None
    """The line of the file on which the row that it stopped at begins."""


def read_table(text: str, delimiter: str) -> Table:
    """Read a body as Sheepdog does.

    The whole body is stripped, cut with ``str.splitlines`` and read by Python's csv module with its default quoting.
    """
    lines, places, cuts = _lines(text)
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    rows: list[Row] = []
    header: Sequence[str] = ()
    broken = None
    taken = header_lines = 0
    try:
        header = next(reader, ())
        taken = header_lines = reader.line_num
        width = len(header)
        for cells in reader:
            start, taken = taken, reader.line_num
            if not cells:
                continue
            rows.append(
                Row(
                    number=len(rows) + 1,
                    line=places[start],
                    cells=cells if len(cells) == width else _fitted(cells, width),
                    extra=cells[width:],
                    server_line=taken,
                    lines_taken=taken - start,
                )
            )
    except csv.Error as error:
        broken = str(error)  # a cell beyond 131,072 characters
    return Table(
        header, places[0] if places else 1, rows, header_lines, cuts, broken, places[taken] if broken else None
    )


def _fitted(cells: list[str], width: int) -> Sequence[str | None]:
    return cells[:width] if len(cells) > width else [*cells, *[None] * (width - len(cells))]


def _lines(text: str) -> tuple[list[str], list[int], dict[int, str]]:
    """The lines Sheepdog sees, the editor's line number of each, and after which of them the two disagree."""
    stripped = text.strip()
    lead = text[: len(text) - len(text.lstrip())]
    number = 1 + lead.count("\n") + lead.count("\r") - lead.count("\r\n")
    lines: list[str] = []
    places: list[int] = []
    cuts: dict[int, str] = {}
    for kept in stripped.splitlines(keepends=True):
        line = kept.splitlines()[0]
        end = kept[len(line) :]
        lines.append(line)
        places.append(number)
        if end in ("\n", "\r", "\r\n"):
            number += 1
        elif end:
            cuts[len(lines)] = end
    return lines, places, {line: end for line, end in cuts.items() if line < len(lines) and lines[line].strip()}


def cleaned_columns(header: Sequence[str]) -> list[tuple[str, int]]:
    """(cleaned name, index of its cell) of each column that counts.

    Where names repeat, Sheepdog's dictionaries keep one: exact repetitions and those that differ in white space keep
    the later cell; then names are cleaned of asterisks in order, each taking the place of the one before it.
    """
    stripped: dict[str, int] = {}
    exact = {name: index for index, name in enumerate(header)}
    for name, index in exact.items():
        stripped[name.strip()] = index
    for name in list(stripped):
        stripped[clean_name(name)] = stripped.pop(name)
    return list(stripped.items())


def read_json(text: str) -> list[Any]:
    """The documents of a JSON body: an object, or a list.

    Raises:
        DocumentRefused: no JSON, a key twice in an object, or something else than an object or a list.
    """
    constants: list[str] = []  # ``NaN``, ``Infinity``, ``-Infinity``: Sheepdog's parser (simplejson) refuses them
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=constants.append)
    except json.JSONDecodeError as error:
        raise DocumentRefused(f"Unable to parse json: {_as_simplejson(error)}", kind="unreadable-json") from None
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(f"Unable to parse json: {error}", kind="unreadable-json") from None
    if constants:
        found = json.JSONDecodeError("Expecting value", text, _first_constant(text))
        raise DocumentRefused(f"Unable to parse json: {found}", kind="unreadable-json")
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return value
    raise DocumentRefused(
        f"JSON parsed from request is an invalid type: {type(value).__name__}", kind="unreadable-json"
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = dict.fromkeys(name for name in names if names.count(name) > 1)
        raise ValueError(f"The document contains duplicate keys: {','.join(repeated)}")
    return found


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|NaN|-?Infinity')


def _first_constant(text: str) -> int:
    return next(match.start() for match in _TOKEN.finditer(text) if match[0].endswith(("NaN", "Infinity")))


def _as_simplejson(error: json.JSONDecodeError) -> str:
    """The error in simplejson's words, which name what would have closed the object or list."""
    if error.msg.startswith("Expecting property name") and error.doc[: error.pos].rstrip().endswith("{"):
        return str(json.JSONDecodeError(f"{error.msg} or '}}'", error.doc, error.pos))
    if error.msg != "Expecting ',' delimiter":
        return str(error)
    closing: list[str] = []
    for match in _TOKEN.finditer(error.doc, 0, error.pos):
        if match[0] in "[{":
            closing.append("]" if match[0] == "[" else "}")
        elif match[0] in "]}":
            closing.pop()
    return str(json.JSONDecodeError(f"{error.msg} or '{closing[-1]}'", error.doc, error.pos))
