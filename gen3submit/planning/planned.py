"""A plan: a journal before its first request, and what it tells."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gen3submit.findings import CheckResult, RowResult
from gen3submit.journal import Action, Journal, RowState
from gen3submit.journal import rows as row_store
from gen3submit.journal.telling import ToldRow, check_result, iso, told_rows
from gen3submit.planning.comparing import Change

if TYPE_CHECKING:
    from gen3submit.journal.run import Run

OUTCOMES = ("create", "update", "unchanged", "rejected", "blocked")
"""What is planned for a row; `rejected`: it is kept back, and its findings say why."""


@dataclass(frozen=True, slots=True)
class PlannedType:
    """A node type in the plan."""

    stage: int | None
    """Types of one stage do not depend on each other; earlier stages are sent first. None: never sent."""
    name: str
    rows: int
    counts: Mapping[str, int]
    """How many rows have each of the `OUTCOMES`."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A row that changes a record of the commons."""

    path: str
    line: int
    type: str
    submitter_id: str | None
    id: str | None
    changes: tuple[Change, ...]
    """Old and new values are None where the plan keeps no values."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row and what is planned for it."""

    result: RowResult
    outcome: str
    id: str | None
    request: str | None = None
    server_message: str | None = None


class Plan:
    """What a submission would send, in which order, and what that does to the commons. Nothing was sent."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The plan in a file.

        Raises:
            UsageProblem: it is no plan, or damaged.
        """
        return cls(Journal.open(Path(path)))

    def save(self, path: str | Path) -> Path:
        """Write the plan to a file of its own; `submit` takes it from there.

        Raises:
            UsageProblem: it cannot be written.
        """
        target = Path(path)
        self.journal.copy_to(target)
        return target

    def close(self) -> None:
        """Close the file; a plan that was not saved vanishes with this object."""
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def run(self) -> Run:
        """What is told of the submission as a whole."""
        return self.journal.run

    @property
    def project(self) -> str:
        """``PROGRAM-CODE``."""
        return self.run.project

    @property
    def commons(self) -> str | None:
        """The address of the commons that it was compared with; None where it was compared with none."""
        return self.run.endpoint

    @property
    def started(self) -> str | None:
        """When it was made, ISO 8601."""
        return iso(self.run.created)

    @property
    def ended(self) -> str | None:
        """As `started`."""
        return iso(self.run.created)

    @property
    def requests(self) -> Sequence[Any]:
        """None: nothing was sent."""
        return ()

    @property
    def events(self) -> Sequence[tuple[str, str]]:
        """What happened when it was made: (time, words)."""
        return [(str(iso(at)), content) for at, content in self.journal.rows("SELECT at, content FROM note")]

    @cached_property
    def check(self) -> CheckResult:
        """The check that was made before, with what was found when the plan was made."""
        return check_result(self.journal)

    @property
    def ok(self) -> bool:
        """Whether every row can be sent (or need not be)."""
        return not row_store.count(self.journal, row_store.FAILED) and self.check.ok

    @property
    def has_errors(self) -> bool:
        """Whether a row or file has an error, which stops a submission unless only the good rows are sent."""
        return bool(row_store.count(self.journal, row_store.FAILED)) or any(
            file.has_errors for file in self.check.files
        )

    @property
    def exit_code(self) -> int:
        """0 where every row can be sent, else 1."""
        return 0 if self.ok else 1

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each of the `OUTCOMES`."""
        found: Counter[str] = Counter()
        for type_ in self.types():
            found.update(type_.counts)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def types(self) -> list[PlannedType]:
        """The node types in the order in which they are sent."""
        found: dict[int | None, Counter[str]] = {}
        for (type_, state, _, planned), number in row_store.state_counts(self.journal).items():
            found.setdefault(type_, Counter())[_outcome(state, planned)] += number
        entries = {entry.number: entry for entry in row_store.types(self.journal)}
        listed = []
        for type_number, counts in found.items():
            filled = {outcome: counts[outcome] for outcome in OUTCOMES}
            entry = entries.get(type_number or 0)
            name, stage = ("", None) if entry is None else (entry.name, entry.stage)
            listed.append(PlannedType(stage, name, counts.total(), filled))
        return sorted(listed, key=lambda type_: (type_.stage is None, type_.stage or 0, type_.name))

    def changes(self) -> Iterator[PlannedChange]:
        """The rows that change a record of the commons, with the old and new values."""
        yield from changes_in(self.journal)

    def counted(self) -> Iterator[tuple[str, str | None, str, int]]:
        """How many rows there are of each (path, node type, outcome)."""
        for each in row_store.counts_by_file(self.journal):
            yield each.path, each.type, _outcome(each.state, each.planned), each.rows

    def rows(self) -> Iterator[PlannedRow]:
        """Every row, in the order of the files."""
        for row in told_rows(self.journal):
            yield PlannedRow(row.result, _told_outcome(row), row.id)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON, in the form of the check's report."""
        check = self.check.to_dict()
        rows = (
            {
                **row.result.to_dict(),
                "outcome": row.outcome,
                "id": row.id,
                "request": None,
                "server_message": None,
            }
            for row in self.rows()
        )
        return {
            **check,
            "ok": self.ok,
            "summary": {**check["summary"], "rows_by_outcome": self.counts},
            "commons": self.commons,
            "started": self.started,
            "ended": self.ended,
            "requests": [],
            "rows": list(rows),
        }


def changes_in(journal: Journal) -> Iterator[PlannedChange]:
    """The changes to records of the commons that a journal's plan holds."""
    names = {entry.number: entry.name for entry in row_store.types(journal)}
    sql = (
        "SELECT f.path, r.line, r.type, r.submitter_id, r.id, c.content FROM change c JOIN row r ON r.number = c.row"
        " JOIN file f ON f.number = r.file ORDER BY c.row"
    )
    for path, line, type_, submitter_id, id_, content in journal.each(sql):
        changes = tuple(Change(*change) for change in json.loads(content))
        yield PlannedChange(path, line, names[type_], submitter_id, id_, changes)


def _outcome(state: str, planned: str | None) -> str:
    if state == RowState.LEFT_OUT:
        return "rejected"
    if state == RowState.BLOCKED:
        return "blocked"
    return planned or str(Action.CREATE)


def _told_outcome(row: ToldRow) -> str:
    return _outcome(row.state, row.planned)
