"""What became of every row of a submission, told from its journal; the same whenever it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gen3submit.findings import CheckResult, RowResult
from gen3submit.journal import Journal, Outcome, RunState, requests
from gen3submit.journal import rows as row_store
from gen3submit.journal.carried import reopened
from gen3submit.journal.states import outcome
from gen3submit.journal.telling import check_result, iso, told_rows
from gen3submit.planning.planned import PlannedChange, changes_in

if TYPE_CHECKING:
    import pandas as pd

    from gen3submit.journal.run import Run

FINE = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED})
"""The outcomes with which nothing is to be done about a row."""

EXIT_FAILED = 1
EXIT_STOPPED = 3


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A row and what became of it."""

    result: RowResult
    """The row with everything that was found in it."""
    outcome: str
    """One of `Outcome`."""
    id: str | None
    """The id of the record in the commons."""
    request: str | None
    """The name of the request that settled it."""
    server_message: str | None
    """What the commons has against it."""

    def to_dict(self) -> dict[str, Any]:
        """The row in the JSON report."""
        return {
            **self.result.to_dict(),
            "outcome": self.outcome,
            "id": self.id,
            "request": self.request,
            "server_message": self.server_message,
        }


@dataclass(frozen=True, slots=True)
class ReportedRequest:
    """A request and what came of it."""

    time: str
    """When it left, ISO 8601."""
    name: str
    """Its document name in the transaction log."""
    kind: str
    """``submit``, ``dry-run`` or ``delete``."""
    type: str | None
    rows: int
    attempts: int
    """How often these rows were sent together so far."""
    status: int | None
    transaction_id: int | None
    confirmed: str | None
    """What settled it: ``log`` or ``read-back`` where it is proved; ``answer``, ``refused``, ``no-trace`` ..."""
    seconds: float | None
    words: str | None
    """What came back, where it was no success."""

    def to_dict(self) -> dict[str, Any]:
        """The request in the JSON report."""
        return {
            "time": self.time,
            "name": self.name,
            "attempts": self.attempts,
            "status": self.status,
            "transaction_id": self.transaction_id,
            "confirmed": self.confirmed,
        }


class SubmissionReport:
    """What became of a submission. Rows are read from the journal when they are asked for."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    @classmethod
    def of(cls, journal: str | Path) -> Self:
        """The report of the submission with this journal."""
        return cls(reopened(Path(journal)))

    def close(self) -> None:
        """Close the journal; that of a submission of which nothing was sent vanishes with this object."""
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
    def run_id(self) -> str:
        """How the submission is named."""
        return self.run.id

    @property
    def project(self) -> str:
        """``PROGRAM-CODE``."""
        return self.run.project

    @property
    def commons(self) -> str | None:
        """The address of the commons."""
        return self.run.endpoint

    @property
    def started(self) -> str | None:
        """When the submission began, ISO 8601."""
        return iso(self.run.begun or self.run.created)

    @property
    def ended(self) -> str | None:
        """When it ended or stopped, ISO 8601."""
        return iso(self.run.ended)

    @property
    def stopped(self) -> str | None:
        """Why it stopped before its end; None where it did not."""
        return self.run.stopped

    @property
    def interrupted(self) -> bool:
        """Whether its user stopped it."""
        return self.run.interrupted

    @property
    def dry_run(self) -> bool:
        """Whether the commons was only asked what it would say."""
        return self.run.choices.dry_run

    @property
    def sent(self) -> bool:
        """Whether anything was sent; False where errors were found before."""
        return self.run.state is not RunState.REFUSED

    @property
    def verified(self) -> bool:
        """Whether success was proved, and not only believed."""
        return self.run.choices.verify

    @property
    def log_readable(self) -> bool | None:
        """Whether the transaction log could be read; where not, rows were read back instead."""
        return self.run.log_readable

    @cached_property
    def check(self) -> CheckResult:
        """The check that was made before, with what was found while sending."""
        return check_result(self.journal)

    @property
    def events(self) -> Sequence[tuple[str, str]]:
        """Waits, retries and what else happened: (time, words)."""
        return [(str(iso(at)), said) for at, said in self.journal.rows("SELECT at, content FROM note ORDER BY number")]

    @property
    def requests(self) -> Sequence[ReportedRequest]:
        """Every request, in order."""
        return [
            ReportedRequest(
                str(iso(entry.begun)),
                entry.name,
                entry.kind,
                entry.type,
                entry.row_count,
                entry.attempt,
                entry.status,
                entry.transaction_id,
                entry.settled,
                None if entry.ended is None else entry.ended - entry.begun,
                entry.words,
            )
            for entry in requests.all_requests(self.journal)
            if entry.kind != "delete"
        ]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome; they add up to the rows of the files."""
        return {str(each): number for each, number in row_store.outcome_counts(self.journal).items()}

    def counts_by_type(self) -> dict[str, dict[str, int]]:
        """How many rows of each node type have each outcome."""
        names = {entry.number: entry.name for entry in row_store.types(self.journal)}
        found: dict[str, Counter[str]] = {}
        for (type_, state, action, _), number in row_store.state_counts(self.journal).items():
            name = "" if type_ is None else names[type_]
            found.setdefault(name, Counter())[str(outcome(state, action))] += number
        return {name: dict(found[name]) for name in sorted(found)}

    @property
    def ok(self) -> bool:
        """Whether every row is in the commons as the file has it; for a dry run, whether it would be."""
        if self.run.state is not RunState.FINISHED:
            return False
        fine = FINE | {Outcome.NOT_SENT} if self.dry_run else FINE
        return not any(number for name, number in self.counts.items() if name not in fine) and not self._left_out

    @property
    def exit_code(self) -> int:
        """0 where all is well, 1 where rows failed or were kept back, 3 where it stopped and can go on."""
        if self.run.state in (RunState.STOPPED, RunState.SENDING, RunState.READY):
            return EXIT_STOPPED
        return 0 if self.ok else EXIT_FAILED

    @property
    def _left_out(self) -> bool:
        return bool(self.journal.value("SELECT 1 FROM row WHERE state = 'left-out' LIMIT 1"))

    def counted(self) -> Iterator[tuple[str, str | None, str, int]]:
        """How many rows there are of each (path, node type, outcome)."""
        for each in row_store.counts_by_file(self.journal):
            yield each.path, each.type, str(outcome(each.state, each.action)), each.rows

    def rows(self) -> Iterator[ReportedRow]:
        """Every row, in the order of the files."""
        for row in told_rows(self.journal):
            yield ReportedRow(row.result, str(outcome(row.state, row.action)), row.id, row.request, row.said)

    def __iter__(self) -> Iterator[ReportedRow]:
        return self.rows()

    def changes(self) -> Iterator[PlannedChange]:
        """The records that were there before and that the submission changes, with old and new values."""
        return changes_in(self.journal)

    def head(self) -> dict[str, Any]:
        """The JSON report without its rows."""
        check = self.check
        return {
            "version": 1,
            "ok": self.ok,
            "project": self.project,
            "dictionary": dict(check.dictionary),
            "order": [list(stage) for stage in check.order],
            "summary": {**check.summary(), "rows_by_outcome": self.counts},
            "files": [
                {
                    "path": file.path,
                    "verdict": str(file.verdict),
                    "rows": len(file),
                    "sha256": file.sha256,
                    "findings": [item.to_dict() for item in file.findings],
                }
                for file in check.files
            ],
            "commons": self.commons,
            "started": self.started,
            "ended": self.ended,
            "requests": [request.to_dict() for request in self.requests],
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON report."""
        return {**self.head(), "rows": [row.to_dict() for row in self.rows()]}

    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame with a line for each row."""
        import pandas as pd  # noqa: PLC0415  # costs a second to import; only who asks for it pays

        columns = [
            "path",
            "row",
            "line",
            "type",
            "submitter_id",
            "verdict",
            "outcome",
            "id",
            "request",
            "server_message",
        ]
        records = (
            (
                row.result.path,
                row.result.row,
                row.result.line,
                row.result.type,
                row.result.submitter_id,
                str(row.result.verdict),
                row.outcome,
                row.id,
                row.request,
                row.server_message,
            )
            for row in self.rows()
        )
        return pd.DataFrame.from_records(records, columns=columns)
