"""A big table of the submission, opened: its slices put together, and single rows of it read again when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking import structure
from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.body import Body, Extent, NotColumnar
from gen3submit.checking.columnar.contents import Contents
from gen3submit.checking.columnar.cutting import Slice
from gen3submit.checking.columnar.facts import SliceFacts
from gen3submit.checking.columnar.keys import Keys
from gen3submit.checking.columnar.outcomes import Columns, Outcome
from gen3submit.checking.columnar.reading import read_slice, rows_of
from gen3submit.checking.columnar.results import Lines, Names, Types
from gen3submit.checking.opening import OpenTable, examine
from gen3submit.findings import FileFinding, FileResult, Finding, Verdict
from gen3submit.rules.bodies import DELIMITERS, Row, Table
from gen3submit.rules.documents import Document, ReadTable
from gen3submit.tables.source import Source

Rows = npt.NDArray[np.int64]
_FEW = 2_000
"""So many rows of a slice are rather looked up by their lines than read with all the others."""
_THREADS = min(4, os.cpu_count() or 1)
_SERVER_LINES = 1 << 40
"""The server's line numbers of special rows are told apart by slice; only their neighbours matter."""


@dataclass(frozen=True, slots=True)
class CellHashes:
    """The hashes of some cells: a line for each row, with a place for each column."""

    rows: Rows
    hashes: npt.NDArray[np.uint64]
    plain: npt.NDArray[np.bool_]
    """Whether the cell is empty or stored as it is."""


@dataclass
class ColumnarTable:
    """A table whose rows are judged by column. Rows are counted from 0, those that hold nothing left out."""

    source: Source
    body: Body
    extent: Extent
    columns: Columns
    sha256: str
    slices: Sequence[Slice]
    facts: Sequence[SliceFacts]
    verdict: Verdict = Verdict.ACCEPT
    file_findings: Sequence[FileFinding] = ()
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    """By row, from 1, as in the result."""
    row_findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    announced: dict[int, list[Finding]] = field(default_factory=dict)
    """What was found wrong with rows when the submission's records were announced."""

    def __post_init__(self) -> None:
        facts = self.facts
        self._raw_first = np.append(0, np.cumsum([each.rows for each in facts]))
        lines = np.append(0, np.cumsum([each.lines for each in facts])) + self.extent.header_line + 1
        self._line_first = lines
        self.special: dict[int, Row] = {}
        """Rows that are in no marks, by their raw number, with their lines in the file."""
        for number, each in enumerate(facts):
            for place, row in each.special:
                line = int(lines[number]) + row.line
                server_line = row.server_line + number * _SERVER_LINES
                raw = int(self._raw_first[number]) + place
                self.special[raw] = replace(row, number=raw + 1, line=line, server_line=server_line)
        self._blank = np.array([raw for raw, row in self.special.items() if structure.is_blank(row)], np.int64)
        self.length = int(self._raw_first[-1]) - len(self._blank)
        self.opened = self.exactly({})
        if not {*self.opened.types} <= {self.columns.layout.node.id}:
            raise NotColumnar("several node types")

    def __len__(self) -> int:
        return self.length

    @property
    def is_text(self) -> bool:
        """Whether it could be read."""
        return True

    @property
    def path(self) -> str:
        """The table's name."""
        return self.source.path

    @property
    def types(self) -> list[str]:
        """The node types of its records: one, or none where no row is a record."""
        records = self.length - len(self.special_rows) - len(self.refused) + len(self.opened.types)
        return [self.columns.layout.node.id] if records else []

    @cached_property
    def refused(self) -> Rows:
        """The rows for which the server would refuse the table because of a link that there is not."""
        found = [np.empty(0, np.int64)]
        for link, _ in enumerate(self.columns.links):
            for rows, codes, outcomes in self.link_marks(link):
                refused = np.array([outcome.refused is not None for outcome in outcomes], bool)
                found.append(rows[refused[codes]])
        return arrays.distinct(np.concatenate(found))

    @property
    def has_nul(self) -> bool:
        """Whether there is a NUL anywhere in it."""
        return any(each.has_nul for each in self.facts)

    def rows(self, number: int, places: npt.NDArray[Any] | None) -> Rows:
        """The rows of the table, given their places in a slice; None: all of its rows."""
        if places is None:
            places = np.arange(self.facts[number].rows)
        raw: Rows = places.astype(np.int64) + self._raw_first[number]
        return raw - np.searchsorted(self._blank, raw) if len(self._blank) else raw

    def raw(self, rows: Rows) -> Rows:
        """The raw numbers, which count blank rows too."""
        if not len(self._blank):
            return rows
        return rows + np.searchsorted(self._blank - np.arange(len(self._blank)), rows, side="right")

    @cached_property
    def special_rows(self) -> Rows:
        """The rows that are in no marks."""
        raw = np.array([raw for raw, row in self.special.items() if not structure.is_blank(row)], np.int64)
        return raw - np.searchsorted(self._blank, raw)

    @cached_property
    def ids(self) -> Any:
        """The submitter_id of each row, stripped; null where there is none."""
        ids = pa.chunked_array([each.ids for each in self.facts], pa.string())
        if not len(self._blank):
            return ids
        keep = np.ones(len(ids), bool)
        keep[self._blank] = False
        return ids.filter(arrays.mask(keep))

    @cached_property
    def keys(self) -> Keys:
        """The submitter_ids that name records: without those that are the word for nothing."""
        named = ~arrays.flags(pc.equal(self.ids, arrays.text("null")))
        if named.all() and not len(self._blank):
            return Keys(self.ids, np.concatenate([each.hashes for each in self.facts]))
        nothing = arrays.texts([None])[0]
        return Keys(pc.if_else(arrays.mask(named), self.ids, nothing))

    @cached_property
    def lines(self) -> Sequence[int]:
        """The line of each row."""
        if all(each.line_of is None for each in self.facts) and not len(self._blank):
            first = int(self._line_first[0])
            return range(first, first + self.length)
        found = [
            int(first) + (np.arange(each.rows) if each.line_of is None else each.line_of)
            for first, each in zip(self._line_first, self.facts, strict=False)
        ]
        return Lines(np.delete(np.concatenate(found), self._blank))

    def marks(self, place: int) -> Iterator[tuple[Rows, npt.NDArray[Any], Sequence[Outcome]]]:
        """Rows, codes and outcomes for the cells of a property's column, slice by slice."""
        for number, each in enumerate(self.facts):
            marks = each.marks.get(place)
            if marks is not None:
                yield self.rows(number, marks.rows), marks.codes, marks.outcomes

    def link_marks(self, link: int) -> Iterator[tuple[Rows, npt.NDArray[Any], Sequence[Outcome]]]:
        """The same for the cells of a link."""
        for number, each in enumerate(self.facts):
            marks = each.link_marks[link]
            if marks is not None:
                yield self.rows(number, marks.rows), marks.codes, marks.outcomes

    def references(self, link: int) -> tuple[Rows, Any]:
        """The parents that a link's cells name: the row of each, and the texts."""
        rows, texts = [], []
        for number, each in enumerate(self.facts):
            found = each.references[link]
            if found is not None:
                rows.append(self.rows(number, found.rows))
                texts.append(found.texts)
        return np.concatenate(rows) if rows else np.empty(0, np.int64), pa.chunked_array(texts, pa.string())

    @cached_property
    def contents(self) -> Contents:
        """Of the data files that ordinary rows describe."""
        found = [(number, each.contents) for number, each in enumerate(self.facts) if each.contents is not None]
        return Contents(
            np.concatenate([np.empty(0, np.int64), *(self.rows(number, each.rows) for number, each in found)]),
            np.concatenate([np.empty(0, np.uint64), *(each.hashes for _, each in found)]),
            np.concatenate([np.empty(0, np.uint8), *(each.states for _, each in found)]),
        )

    def release(self) -> None:
        """Give back what is not needed once the table is judged."""
        self.facts = [
            replace(
                each,
                marks={},
                link_marks=[None] * len(each.link_marks),
                references=[
                    found if texts.has_one_child else None
                    for found, texts in zip(each.references, self.columns.links, strict=True)
                ],
            )
            for each in self.facts
        ]
        self.keys.release()

    def special_parents(self, link: str) -> list[tuple[int, str]]:
        """The parents that special rows name over a link, with the rows."""
        return [
            (row, str(text))
            for row, item in zip(self.special_rows.tolist(), self.opened.rows, strict=True)
            for reference in (item.document or {}).get(link) or ()
            for text in reference.values()
        ]

    def exactly(self, rows: Mapping[int, Row]) -> OpenTable:
        """The table with its special rows and these others alone, as the exact reader opens it."""
        raw = self.raw(np.fromiter(rows, np.int64, len(rows))).tolist()
        chosen = sorted({**dict(zip(raw, rows.values(), strict=True)), **self.special}.items())
        last = len(self.facts) - 1
        broken = self.facts[last].broken
        table = Table(
            self.extent.header,
            self.extent.header_line,
            [_numbered(row, number) for number, (_, row) in enumerate(chosen, 1)],
            cut_after={
                line + number * _SERVER_LINES: separator
                for number, each in enumerate(self.facts)
                for line, separator in each.cut_after.items()
            },
            broken=None if broken is None else broken[0],
            broken_line=None if broken is None else int(self._line_first[last]) + broken[1],
        )
        opened = OpenTable(self.source, self.sha256, None, "\0" if self.has_nul else "")
        layout = self.columns.layout
        examine(opened, ReadTable(table, layout.columns), self.columns.reader, layout.nodes)
        return opened

    def rows_at(self, rows: Rows) -> Iterator[tuple[int, Row]]:
        """Ordinary rows, by number in order, read again."""
        raw = self.raw(rows)
        slices = np.searchsorted(self._raw_first, raw, side="right") - 1
        numbered = zip(slices.tolist(), raw.tolist(), rows.tolist(), strict=True)
        groups = [(number, list(group)) for number, group in groupby(numbered, key=lambda item: item[0])]

        def read(item: tuple[int, list[tuple[int, int, int]]]) -> list[Row]:
            number, group = item
            return list(self._again(number, [raw_row - int(self._raw_first[number]) for _, raw_row, _ in group]))

        with ThreadPoolExecutor(_THREADS) as threads:
            for (_, group), found in zip(groups, threads.map(read, groups), strict=True):
                yield from zip((row for _, _, row in group), found, strict=True)

    def _again(self, number: int, places: Sequence[int]) -> Iterator[Row]:
        part, facts, layout = self.slices[number], self.facts[number], self.columns.layout
        data, first_line = self.body.read(part.start, part.stop), int(self._line_first[number])
        if facts.line_of is not None or len(places) > _FEW:
            rows = read_slice(data, part.quoted, layout, self.columns.low, final=part.final)
            yield from rows_of(rows, places, first_line)
            return
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        for place in places:
            start = int(ends[place - 1]) + 1 if place else 0
            line = data[start : int(ends[place]) if place < len(ends) else len(data)]
            yield Row(1, first_line + place, line.decode("utf-8").split(DELIMITERS[layout.format]), (), 0)

    def by_slice(self, rows: Rows) -> Iterator[list[int]]:
        """Rows (in order), those of one slice at a time: as many as are in memory when a slice is read."""
        slices = np.searchsorted(self._raw_first, self.raw(rows), side="right")
        for part in np.split(rows, np.flatnonzero(np.diff(slices)) + 1):
            if len(part):
                yield part.tolist()

    def hashes_at(self, rows: Rows, columns: Sequence[int]) -> CellHashes:
        """The hashes of the cells of ordinary rows (in order) in these columns of the file, read again."""
        raw = self.raw(rows)
        slices = np.searchsorted(self._raw_first, raw, side="right") - 1

        def read(number: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
            part, layout = self.slices[number], self.columns.layout
            data = self.body.read(part.start, part.stop)
            found = read_slice(data, part.quoted, layout, self.columns.low, final=part.final)
            return found.hashes(raw[slices == number] - self._raw_first[number], columns)

        with ThreadPoolExecutor(_THREADS) as threads:
            parts = list(threads.map(read, arrays.distinct(slices).tolist()))
        return CellHashes(
            rows, np.concatenate([each for each, _ in parts]), np.concatenate([each for _, each in parts])
        )

    def documents(self, rows: Sequence[int]) -> dict[int, Document]:
        """What tells which records rows are: what the server makes of each, or would if it did not refuse the table."""
        special, wanted = set(self.special_rows.tolist()), set(rows)
        ordinary = [row for row in rows if row not in special]
        opened = self.exactly(dict(self.rows_at(np.array(ordinary, np.int64))))
        found = {}
        for place, row in enumerate(sorted({*ordinary, *special})):
            document = opened.rows[place].document
            if document is None:
                document = opened.identity(place)
            if document is not None and row in wanted:
                found[row] = document
        return found

    def result(self) -> FileResult:
        """The table in the check's result."""
        others = {
            row: item.type
            for row, item in zip(self.special_rows.tolist(), self.opened.rows, strict=True)
            if item.type != self.columns.layout.node.id
        }
        return FileResult(
            self.path,
            self.verdict,
            self.source.format,
            self.sha256,
            tuple(self.file_findings),
            self.lines,
            Types(self.columns.layout.node.id, others, self.length),
            Names(self.ids),
            self.verdicts,
            self.row_findings,
        )


def _numbered(row: Row, number: int) -> Row:
    """The row with another number; ``dataclasses.replace`` takes five times as long."""
    return Row(number, row.line, row.cells, row.extra, row.server_line, row.lines_taken)
