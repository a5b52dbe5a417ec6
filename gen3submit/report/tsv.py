"""The report as a table: the user's own rows with verdict and reasons in front, for a spreadsheet.

The added columns have names in brackets, which no property has. The rows are read again from the files; the columns of
all files stand side by side, each once. See `gen3submit.report.spreadsheets` for what is done to cells.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from gen3submit.errors import UsageProblem
from gen3submit.messages import report as words
from gen3submit.report.rereading import Rereading
from gen3submit.report.said import SaidOnce
from gen3submit.report.spreadsheets import harmless
from gen3submit.tables.source import Source
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.findings import Finding, RowResult
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import ReportView

OURS = ("[verdict]", "[reasons]", "[file]", "[line]")
OF_A_RUN = ("[id]", "[request]", "[server]")
FURTHER = "[further cells]"
"""The cells of a row behind the last column."""

_MAY_BE_FORMULA = tuple(" =+-@")
_FORMULA = re.compile(r"\t[ =+@-]")

_Column = tuple[str, int]
"""A column's name as the file spells it, and how many of this name stand before it."""


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:
    """Write a line for each row.

    Raises:
        UsageProblem: a file has changed since it was checked, or cannot be read any more.
    """
    tables = _tables(view, options.sources or ()) if view.shows_values else {}
    columns: dict[_Column, None] = {}
    further = False
    for table in tables.values():
        columns.update(dict.fromkeys(table.columns))
        further = further or table.has_further_cells
    lines = _Lines(stream)
    mine = OURS if view.kind == "check" else (*OURS, *OF_A_RUN)
    lines.write([*mine, *(name for name, _ in columns), *([FURTHER] if further else [])])
    say = _Reasons()
    for path, rows in groupby(view.rows(), lambda row: row.result.path):
        cells_of = _Cells(tables.get(path), list(columns), further=further)
        for row in rows:
            first = [row.state, say(row.result.findings), path, str(row.result.line)]
            if view.kind != "check":
                first += [row.id or "", row.request or "", row.server_message or ""]
            lines.write(first + cells_of(row.result))
        cells_of.end()


class _Table:
    """A table whose rows are repeated."""

    def __init__(self, source: Source, sha256: str) -> None:
        """Go through it once, to see that it is the one that was checked.

        Raises:
            UsageProblem: it is another one, or cannot be read.
        """
        self._source = source
        self._sha256 = sha256
        reread = Rereading(source)
        most = max(map(len, reread), default=0)
        self._require_same(reread)
        self.columns = list(_columns(reread.header))
        self.has_further_cells = most > len(self.columns)
        """Whether a row has cells behind the last column."""

    def rows(self) -> Iterator[list[str]]:
        """The cells of its rows. Raises as making it does."""
        reread = Rereading(self._source)
        yield from reread
        self._require_same(reread)

    def _require_same(self, reread: Rereading) -> None:
        if reread.sha256 != self._sha256:
            raise UsageProblem(words.changed_since(self._source.path))


def _tables(view: ReportView, sources_: Sequence[Source]) -> dict[str, _Table]:
    """The tables by path, without DataFrames that the caller did not give again."""
    given = {source.path: source for source in sources_}
    found = {}
    for file in view.files:
        source = given.get(file.path)
        if source is None and not file.path.startswith("<"):
            source = _source(file.path)
        if source is not None:
            found[file.path] = _Table(source, file.sha256)
    return found


def _source(path: str) -> Source:
    base = path.rpartition("[")[0] if path.endswith("]") else path
    for source in sources([base]):
        if source.path == path:
            return source
    raise UsageProblem(words.changed_since(path))


def _columns(header: Sequence[str]) -> Iterator[_Column]:
    before: Counter[str] = Counter()
    for name in header:
        yield name.strip(), before[name.strip()]
        before[name.strip()] += 1


class _Cells:
    """The user's cells of one table's rows, under the columns of all tables."""

    def __init__(self, table: _Table | None, columns: Sequence[_Column], *, further: bool) -> None:
        """`further` tells whether there is a column for the cells behind the last."""
        self._columns = columns
        self._further = further
        self._rows = None if table is None else table.rows()
        places = {} if table is None else {column: place for place, column in enumerate(table.columns)}
        self._width = len(places)
        self._order = [places.get(column, self._width) for column in columns]

    def __call__(self, row: RowResult) -> list[str]:
        """The cells of the next row."""
        if self._rows is None:
            known = {("type", 0): row.type, ("submitter_id", 0): row.submitter_id}
            return [known.get(column) or "" for column in self._columns] + [""] * self._further
        read, width = next(self._rows, []), self._width
        cells = read if len(read) == width else [*read[:width], *[""] * (width - len(read))]
        cells.append("")  # for columns of other tables
        found = list(map(cells.__getitem__, self._order))
        return [*found, "\t".join(read[width:])] if self._further else found

    def end(self) -> None:
        """See that the table is the one that was checked, to its end."""
        for _ in self._rows or ():
            pass


class _Lines:
    """Writes lines of cells that do no harm."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._writer = csv.writer(stream, delimiter="\t", lineterminator="\n")

    def write(self, cells: Sequence[str]) -> None:
        """Write a line."""
        text = "\t".join(cells)
        if self._is_harmless(text) and text.count("\t") == len(cells) - 1:
            self._stream.write(f"{text}\n")  # as most are: a tenth of the time
        else:
            self._writer.writerow(list(map(harmless, cells)))

    @staticmethod
    def _is_harmless(text: str) -> bool:
        plain = text.isascii() and '"' not in text and text.replace("\t", " ").isprintable()
        return plain and text[:1] not in _MAY_BE_FORMULA and not _FORMULA.search(text)


class _Reasons:
    """The findings of a row in one cell; one that repeats is put into words once."""

    def __init__(self) -> None:
        self._said: SaidOnce = SaidOnce(lambda finding: words.reason(finding.code, finding.message, finding.help))

    def __call__(self, findings: Sequence[Finding]) -> str:
        return " | ".join(map(self._said, findings)) if findings else ""
