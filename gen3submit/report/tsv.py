"""The report as a table: the user's own rows with verdict and reasons in front, for a spreadsheet.

The added columns have names in brackets, which no property has. The rows are read again from the files; the columns of
all files stand side by side, each once. See `gen3submit.report.spreadsheets` for what is done to cells.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from gen3submit.errors import UsageProblem
from gen3submit.messages import report as words
from gen3submit.report.spreadsheets import harmless
from gen3submit.rules.bodies import DELIMITERS, Table, read_table
from gen3submit.tables.source import Source, digest
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.findings import Finding
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import FileView, ReportView, RowView

OURS = ("[verdict]", "[reasons]", "[file]", "[line]")
OF_A_RUN = ("[id]", "[request]", "[server]")
FURTHER = "[further cells]"
"""The cells of a row behind the last column."""

_Column = tuple[str, int]
"""A column's name as the file spells it, and how many of this name stand before it."""


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:
    """Write a line for each row.

    Raises:
        UsageProblem: a file has changed since it was checked, or cannot be read any more.
    """
    given = {source.path: source for source in options.sources or ()}
    files = {file.path: file for file in view.files}
    columns: dict[_Column, None] = {}
    further = False
    for file in view.files if view.shows_values else ():
        own, wider = _shape(_table(file, given))
        columns.update(dict.fromkeys(own))
        further = further or wider
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    mine = OURS if view.kind == "check" else (*OURS, *OF_A_RUN)
    writer.writerow([*mine, *(harmless(name) for name, _ in columns), *([FURTHER] if further else [])])
    say = _Reasons()
    for path, rows in groupby(view.rows(), lambda row: row.result.path):
        table = _table(files[path], given) if view.shows_values else None
        places = None if table is None else {column: place for place, column in enumerate(_columns(table))}
        order = None if places is None else [places.get(column) for column in columns]
        for row in rows:
            first = [row.state, say(row), path, str(row.result.line)]
            if view.kind != "check":
                first += [row.id or "", row.request or "", row.server_message or ""]
            writer.writerow([*map(harmless, first), *_cells(row, table, order, columns, further)])
        del table  # before the next one is read


def _table(file: FileView, given: Mapping[str, Source]) -> Table | None:
    """The rows of the file; None for a DataFrame that the caller did not give again."""
    source = given.get(file.path)
    if source is None:
        if file.path.startswith("<"):
            return None
        base = file.path.rpartition("[")[0] if file.path.endswith("]") else file.path
        found = {each.path: each for each in sources([base])}
        source = found.get(file.path)
        if source is None:
            raise UsageProblem(words.changed_since(file.path))
    data = source.read()
    if digest(data) != file.sha256:
        raise UsageProblem(words.changed_since(file.path))
    return read_table(data.decode("utf-8", errors="replace"), DELIMITERS[source.format])


def _shape(table: Table | None) -> tuple[list[_Column], bool]:
    """The columns of a table, and whether a row has cells behind the last."""
    return ([], False) if table is None else (list(_columns(table)), any(row.extra for row in table.rows))


def _columns(table: Table) -> Iterator[_Column]:
    before: Counter[str] = Counter()
    for name in table.header:
        yield name.strip(), before[name.strip()]
        before[name.strip()] += 1


def _cells(
    row: RowView,
    table: Table | None,
    order: Sequence[int | None] | None,
    columns: Mapping[_Column, None],
    further: bool,
) -> Sequence[str]:
    """The user's cells of a row, under the columns of all files; `order` tells the place of each in this file."""
    if table is None or order is None:
        known = {("type", 0): row.result.type, ("submitter_id", 0): row.result.submitter_id}
        return [harmless(known.get(column) or "") for column in columns] + [""] * further
    read = table.rows[row.result.row - 1]
    cells = [harmless(read.cells[place] or "") if place is not None else "" for place in order]
    return [*cells, harmless("\t".join(read.extra))] if further else cells


class _Reasons:
    """The findings of a row in one cell; each finding is put into words once."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[Finding, str]] = {}

    def __call__(self, row: RowView) -> str:
        return " | ".join(map(self._of, row.result.findings))

    def _of(self, finding: Finding) -> str:
        known = self._said.get(id(finding))
        if known is None:
            # The finding is kept beside its words, so that its identity stays its own.
            known = self._said[id(finding)] = (finding, words.reason(finding.code, finding.message, finding.help))
        return known[1]
