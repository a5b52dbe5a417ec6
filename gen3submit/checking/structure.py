"""What is wrong with a table as a table: header, line ends, quotes, rows that are no records."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from gen3submit.checking.nearest import nearest
from gen3submit.dictionary.model import Node
from gen3submit.findings import FileFinding, Finding, Severity
from gen3submit.rules.bodies import DELIMITERS, Row, Table
from gen3submit.rules.columns import DocumentRefused, clean_name
from gen3submit.rules.documents import ReadRow, ReadTable

_SEPARATORS = {
    "\x0b": "vertical tab",
    "\x0c": "form feed",
    "\x1c": "U+001C",
    "\x1d": "U+001D",
    "\x1e": "U+001E",
    "\x85": "U+0085",
    "\u2028": "U+2028",
    "\u2029": "U+2029",
}
_BOM = "\ufeff"


def not_utf8(data: bytes, delimiter: str) -> FileFinding:
    """The place of the first byte that is not UTF-8, and the encoding that the file probably has."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    guess = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "Windows-1252"
    facts = {"byte": f"0x{data[start]:02X}", "guess": guess}
    if guess == "UTF-16":
        return FileFinding(_error("not-utf8", facts=facts), 1)
    before = data[:start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    after = data[start:].replace(b"\r", b"\n").partition(b"\n")[0].decode("cp1252", "replace")
    header = next(csv.reader([before[0]], delimiter=delimiter), [])
    index = before[-1].count(delimiter)
    named = len(before) > 1 and index < len(header) and '"' not in before[-1]
    cell = (before[-1].rpartition(delimiter)[2] + after.partition(delimiter)[0]).strip() if named else None
    column = header[index] if named else None
    return FileFinding(_error("not-utf8", column=column, value=cell, facts=facts), len(before))


def refusal(
    refused: DocumentRefused, read: ReadTable, node_of: Mapping[int, str | None], known: Node | None
) -> Finding:
    """The finding for a row or header that makes Sheepdog refuse the whole table."""
    facts: dict[str, Any] = {}
    if refused.kind == "row-too-long" and refused.row:
        row = read.table.rows[refused.row - 1]
        facts = {"columns": len(read.table.header), "cells": len(row.cells) + len(row.extra)}
    elif refused.kind == "cell-too-long":
        facts = {"limit": 131_072}
    elif refused.kind == "unknown-link" and known is not None:
        columns = link_columns(known)
        meant = nearest(str(refused.column).partition(".")[0], list(columns), 2)
        facts = {"known": list(columns.values()), "similar": [columns[name] for name in meant]}
    node = node_of.get(refused.row or 0)
    return _error(refused.kind, column=refused.column, node=node, facts=facts, server_words=(str(refused),))


def link_columns(node: Node) -> dict[str, str]:
    """The column in which the parents of each link are named."""
    return {
        name: f"{name}.{'code' if link.target == 'project' else 'submitter_id'}"
        for name, link in node.links_by_name.items()
    }


def header_findings(read: ReadTable, format_: str, node_ids: Collection[str]) -> Iterator[FileFinding]:
    """What is wrong with the header line itself."""
    table = read.table
    line = table.header_line
    swallowing = next((name for name in table.header if _holds_rows(name, DELIMITERS[format_], read, node_ids)), None)
    if swallowing is not None:
        begins = swallowing.split("\n")[0].split(DELIMITERS[format_])[0]
        yield FileFinding(_quote_swallows(begins, line, table.header_lines), line)
    places: dict[str, list[int]] = {}
    for index, name in enumerate(table.header):
        places.setdefault(clean_name(name), []).append(index)
    counted = dict(read.columns)
    for name, indexes in places.items():
        if len(indexes) > 1:
            spellings = [table.header[index] for index in indexes]
            wins = counted.get(name, indexes[-1]) + 1
            yield FileFinding(
                _warning("column-repeated", column=spellings[-1], property=name, columns=spellings, wins=wins), line
            )
    if table.header and table.header[0].startswith(_BOM):
        yield FileFinding(_error("byte-order-mark", column=table.header[0]), line)
    elif "type" not in counted and table.rows:
        yield FileFinding(_no_type_column(table, format_, node_ids), line)


def _no_type_column(table: Table, format_: str, node_ids: Iterable[str]) -> Finding:
    if len(table.header) == 1:
        only = table.header[0]
        for separator, found in ((",", "commas"), (";", "semicolons"), ("\t", "tabs"), (None, "spaces")):
            names = [clean_name(name).strip('"') for name in only.split(separator)]
            if len(names) > 1 and "type" in names:
                expected = "tabs" if format_ == "tsv" else "commas"
                return _error("wrong-delimiter", facts={"found": found, "expected": expected})
    if any(name.strip().startswith("#") for name in table.header[:1]):
        return _error("comment-line", value=table.header[0], facts={"header": True})
    similar = nearest("type", [clean_name(name) for name in table.header])
    facts = {"found": list(table.header), "similar": similar, "nodes": list(node_ids)}
    return _error("type-column-missing", facts=facts)


def is_blank(row: Row) -> bool:
    """Whether no cell of the row holds anything: a line of tabs or spaces is no record and no loss."""
    return not any(cell and cell.strip() for cell in (*row.cells, *row.extra))


def dropped(item: ReadRow, read: ReadTable, node_ids: Collection[str]) -> Finding:
    """Why Sheepdog drops the row without a word."""
    cells = [cell or "" for cell in item.row.cells]
    first = cells[0].strip() if cells else ""
    column = next((read.table.header[index] for name, index in read.columns if name == "type"), None)
    if first.startswith(("#", "//")):
        return _error("comment-line", value=first)
    header = read.table.header
    if len(cells) == len(header) and all(clean_name(a) == clean_name(b) for a, b in zip(cells, header, strict=True)):
        return _error("header-repeated")
    if item.type is None:
        return _error("type-empty", column=column, property="type")
    return _unknown_type(item.type, column, tuple(node_ids))


@lru_cache(maxsize=1_000)  # one mistake is often made in many rows
def _unknown_type(written: str, column: str | None, node_ids: tuple[str, ...]) -> Finding:
    facts = {"similar": nearest(written, node_ids), "known": list(node_ids)}
    return _error("type-unknown", column=column, property="type", value=written, facts=facts)


def cut_lines(table: Table) -> dict[int, Finding]:
    """Row number to finding, for both parts of rows that Sheepdog cuts at a separator that editors do not show."""
    if not table.cut_after:
        return {}
    found: dict[int, Finding] = {}
    for row in table.rows:
        separator = table.cut_after.get(row.server_line)
        if separator is not None:  # the first part, which ends in the cell that is cut
            given = [index for index, cell in enumerate(row.cells) if cell is not None]
            found[row.number] = _cut(separator, table.header[given[-1]])
            continue
        separator = table.cut_after.get(row.server_line - row.lines_taken)
        if separator is not None:
            found[row.number] = _cut(separator)
    return found


def _cut(separator: str, column: str | None = None) -> Finding:
    facts = {"separator": _SEPARATORS.get(separator, f"U+{ord(separator):04X}")}
    return _error("row-cut", column=column, facts=facts)


def swallowed(read: ReadTable, format_: str, node_ids: Collection[str]) -> dict[int, Finding]:
    """Row number to finding, for rows in which an open quote took in the lines that follow."""
    found: dict[int, Finding] = {}
    for row in read.table.rows:
        if row.lines_taken == 1:
            continue
        for index, cell in enumerate((*row.cells, *row.extra)):
            if cell and _holds_rows(cell, DELIMITERS[format_], read, node_ids):
                column = read.table.header[index] if index < len(read.table.header) else None
                found[row.number] = _quote_swallows(column, row.line, row.lines_taken)
                break
    return found


def _holds_rows(cell: str, delimiter: str, read: ReadTable, node_ids: Collection[str]) -> bool:
    """Whether the text of a cell has taken in rows; a line break alone may be meant.

    Tabs hardly ever stand in a text on purpose; commas do, so a line of a CSV file must have a node type in its place.
    """
    if "\n" not in cell:
        return False
    lines = cell.split("\n")[1:]
    if delimiter == "\t":
        return any("\t" in line for line in lines)
    index = dict(read.columns).get("type", 0)
    rows = (line.split(delimiter) for line in lines if delimiter in line)
    return any(index < len(cells) and cells[index].strip() in node_ids for cells in rows)


def _quote_swallows(column: str | None, line: int, lines_taken: int) -> Finding:
    facts = {"lines": lines_taken - 1, "first_line": line, "last_line": line + lines_taken - 1}
    return _error("quote-swallows-rows", column=column, facts=facts)


def blank_rows(lines: list[int]) -> FileFinding:
    """One finding for all the blank rows of a table."""
    return FileFinding(_warning("blank-rows", lines=lines), lines[0])


def nothing_to_submit(read: ReadTable) -> FileFinding:
    """Why nothing is left of the table."""
    reason = "empty" if not read.table.header else "header-only" if not read.table.rows else "all-dropped"
    facts = {"reason": reason}
    return FileFinding(_error("nothing-to-submit", facts=facts, server_words=("Nothing to submit",)))


def _error(
    code: str,
    *,
    column: str | None = None,
    property: str | None = None,  # noqa: A002  # the field's name
    value: str | None = None,
    node: str | None = None,
    facts: Mapping[str, Any] | None = None,
    server_words: tuple[str, ...] | None = None,
) -> Finding:
    return Finding(code, Severity.ERROR, column, property, value, node, facts or {}, server_words=server_words)


def _warning(code: str, *, column: str | None = None, property: str | None = None, **facts: Any) -> Finding:  # noqa: A002  # the field's name
    return Finding(code, Severity.WARNING, column, property, facts=facts)
