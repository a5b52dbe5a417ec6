"""What the report of a submission, or of a plan, asks of the object that tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from gen3submit.findings import CheckResult, RowResult


class RequestLike(Protocol):
    """A request as a submission tells of it."""

    @property
    def time(self) -> str:
        """When it was first sent, ISO 8601."""

    @property
    def name(self) -> str:
        """The document name, unique for the request."""

    @property
    def type(self) -> str | None:
        """The node type of its rows."""

    @property
    def rows(self) -> int:
        """How many it carries."""

    @property
    def attempts(self) -> int:
        """How often it was sent."""

    @property
    def status(self) -> int | None:
        """The HTTP status of the last answer; None where none came."""

    @property
    def transaction_id(self) -> str | int | None:
        """The transaction in the commons, where it is known."""

    @property
    def confirmed(self) -> str | None:
        """How its rows were settled, such as ``answer`` or ``read-back``; None where they were not."""

    @property
    def seconds(self) -> float | None:
        """How long it took."""

    @property
    def words(self) -> str | None:
        """What came back, where it was no success."""


class OutcomeLike(Protocol):
    """A row, and what became of it or is planned for it."""

    @property
    def result(self) -> RowResult:
        """The row and everything that was found in it."""

    @property
    def outcome(self) -> str:
        """One of `gen3submit.report.model.SUBMIT_STATES`, or of `PLAN_STATES`."""

    @property
    def id(self) -> str | None:
        """The id of the record in the commons."""

    @property
    def request(self) -> str | None:
        """The name of the request that settled it."""

    @property
    def server_message(self) -> str | None:
        """The server's words on the row."""


class ChangeLike(Protocol):
    """A property or link that sending a row changes."""

    @property
    def old(self) -> Any:
        """As the commons had it; None where there was nothing."""

    @property
    def new(self) -> Any:
        """As the row has it."""

    @property
    def property(self) -> str:
        """Its name."""


class ChangedRowLike(Protocol):
    """A row that changes a record of the commons."""

    @property
    def path(self) -> str:
        """Of its file."""

    @property
    def line(self) -> int:
        """As an editor counts."""

    @property
    def type(self) -> str:
        """The node type."""

    @property
    def submitter_id(self) -> str | None:
        """Of the record."""

    @property
    def changes(self) -> Sequence[ChangeLike]:
        """What changes."""


class PlanLike(Protocol):
    """What the report of a plan needs."""

    @property
    def ok(self) -> bool:
        """Whether every row can be sent."""

    @property
    def check(self) -> CheckResult:
        """The check that was made before."""

    @property
    def commons(self) -> str | None:
        """The address of the commons."""

    @property
    def started(self) -> str | None:
        """ISO 8601."""

    @property
    def ended(self) -> str | None:
        """ISO 8601; None where it has not ended."""

    @property
    def events(self) -> Sequence[tuple[str, str]]:
        """Waits, retries and what else happened: (time, words)."""

    def counted(self) -> Iterable[tuple[str, str | None, str, int]]:
        """How many rows there are of each (path, node type, outcome)."""

    def rows(self) -> Iterable[OutcomeLike]:
        """Every row of every file, in order."""

    def changes(self) -> Iterable[ChangedRowLike]:
        """The rows that change a record of the commons."""


class SubmissionLike(PlanLike, Protocol):
    """What the report of a submission needs; `ok` tells whether every row is confirmed."""

    @property
    def requests(self) -> Sequence[RequestLike]:
        """Every request, in order."""

    @property
    def run_id(self) -> str:
        """How the run is named when it is continued."""

    @property
    def dry_run(self) -> bool:
        """Whether the commons was only asked what it would say."""

    @property
    def sent(self) -> bool:
        """Whether anything was sent; False where errors were found before."""

    @property
    def stopped(self) -> str | None:
        """Why it stopped before its end; None where it did not."""
