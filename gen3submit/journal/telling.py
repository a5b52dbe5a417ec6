"""What a journal tells of a submission, in the shapes that reports take; no row is held longer than it is looked at."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, overload

from gen3submit.findings import CheckResult, FileResult, RowResult, Verdict
from gen3submit.journal import rows as row_store
from gen3submit.journal.file import Journal
from gen3submit.journal.findings import FindingReader, file_findings_from
from gen3submit.journal.rows import FileEntry

_SLICE = 2_000


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A row with everything that the journal knows of it."""

    number: int
    """In the journal."""
    result: RowResult
    """The row and what was found in it, before and while it was sent."""
    state: str
    planned: str | None
    """What sending it does, as far as the plan knew."""
    action: str | None
    """What the commons did."""
    id: str | None
    request: str | None
    """The name of the request that settled it."""
    said: str | None
    """What the commons said of it where it failed."""
    twin: bool
    """Whether it repeats a row before it."""


class _Column(Sequence[Any]):
    """A column of the rows of a file, read when it is looked at."""

    def __init__(self, journal: Journal, column: str, first: int, length: int) -> None:
        self._journal = journal
        self._column = column
        self._first = first
        self._length = length

    def __len__(self) -> int:
        return self._length


class _FromJournal(_Column):
    """A column of which nothing is held."""

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        places = range(self._length)[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        return self._journal.value(f"SELECT {self._column} FROM row WHERE number = ?", self._first + places)  # noqa: S608  # fixed names

    def __iter__(self) -> Iterator[Any]:
        sql = f"SELECT {self._column} FROM row WHERE number BETWEEN ? AND ? ORDER BY number"  # noqa: S608  # fixed names
        for start in range(self._first, self._first + self._length, _SLICE):
            end = min(start + _SLICE, self._first + self._length) - 1
            for (value,) in self._journal.rows(sql, start, end):
                yield value


class _Numbers(_Column):
    """A column of numbers, held in eight bytes each once it was read."""

    @cached_property
    def _numbers(self) -> array[int]:
        sql = f"SELECT {self._column} FROM row WHERE number BETWEEN ? AND ? ORDER BY number"  # noqa: S608  # fixed names
        last = self._first + self._length - 1
        return array("q", (number or 0 for (number,) in self._journal.each(sql, self._first, last)))

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._numbers[index]


class _Types(_Numbers):
    """The node types of the rows of a file, by their numbers."""

    def __init__(self, names: Sequence[str | None], journal: Journal, first: int, length: int) -> None:
        super().__init__(journal, "type", first, length)
        self._names = names

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str | None]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self._names[number] for number in self._numbers[index]]
        return self._names[self._numbers[index]]


def told_rows(journal: Journal) -> Iterator[ToldRow]:
    """Every row, in the order of the files."""
    names = {entry.number: entry.name for entry in row_store.types(journal)}
    reader = FindingReader(journal)
    sql = (
        "SELECT r.number, r.row, r.line, r.type, r.submitter_id, r.verdict, r.state, r.planned, r.action, r.id, q.name,"
        " s.content, r.twin FROM row r LEFT JOIN request q ON q.number = r.request LEFT JOIN said s ON s.row = r.number"
        " WHERE r.number BETWEEN ? AND ? ORDER BY r.number"
    )
    for file in row_store.files(journal):
        end = file.first + file.rows - 1
        for start in range(file.first, end + 1, _SLICE):
            last = min(start + _SLICE - 1, end)
            findings = reader.between(start, last)
            for (
                number, row, line, type_, submitter_id, verdict, state, planned, action, id_, request, said, twin
            ) in journal.rows(sql, start, last):  # fmt: skip
                yield ToldRow(
                    number,
                    RowResult(
                        file.path,
                        row,
                        line,
                        names.get(type_),
                        submitter_id,
                        Verdict.ACCEPT if verdict is None else Verdict(verdict),
                        findings.get(number, ()),
                    ),
                    state,
                    planned,
                    action,
                    id_,
                    request,
                    None if said is None else json.loads(said).get("message"),
                    twin is not None,
                )


def check_result(journal: Journal) -> CheckResult:
    """The check that was made before, with what was found since."""
    reader = FindingReader(journal)
    entries = row_store.types(journal)
    names: list[str | None] = [None, *(entry.name for entry in entries)]
    stages: dict[int, list[str]] = {}
    for entry in entries:
        if entry.stage is not None:
            stages.setdefault(entry.stage, []).append(entry.name)
    return CheckResult(
        journal.run.project,
        tuple(_file_result(journal, file, names, reader) for file in row_store.files(journal)),
        tuple(tuple(sorted(stages[stage])) for stage in sorted(stages)),
        journal.run.dictionary,
        journal.run.seconds,
    )


def _file_result(journal: Journal, file: FileEntry, names: Sequence[str | None], reader: FindingReader) -> FileResult:
    first, last = file.first, file.first + file.rows - 1
    verdicts = {
        number - first + 1: Verdict(verdict)
        for number, verdict in journal.each(
            "SELECT number, verdict FROM row WHERE number BETWEEN ? AND ? AND verdict IS NOT NULL", first, last
        )
    }
    found = {number - first + 1: findings for number, findings in reader.between(first, last).items()}
    return FileResult(
        file.path,
        Verdict(file.verdict),
        file.format,
        file.sha256,
        file_findings_from(file.findings),
        _Numbers(journal, "line", first, file.rows),
        _Types(names, journal, first, file.rows),
        _FromJournal(journal, "submitter_id", first, file.rows),
        verdicts,
        found,
    )


def iso(moment: float | None) -> str | None:
    """A moment as reports write it."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
