"""What the report of a submission, or of a plan, asks of the object that tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

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


class SubmittedRowLike(Protocol):
    """A row as a submission tells of it."""

    @property
    def result(self) -> RowResult:
        """The row and what the check said of it."""

    @property
    def outcome(self) -> str:
        """One of `gen3submit.report.view.SUBMIT_STATES` (or `PLAN_STATES`)."""

    @property
    def id(self) -> str | None:
        """The id of the record in the commons."""

    @property
    def request(self) -> str | None:
        """The name of the request that settled it."""

    @property
    def server_message(self) -> str | None:
        """The server's words on the row."""


class SubmissionLike(Protocol):
    """What the writers need of a submission (or a plan, which has no requests)."""

    @property
    def ok(self) -> bool:
        """Whether every row is confirmed."""

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
    def requests(self) -> Sequence[RequestLike]:
        """Every request, in order."""

    @property
    def events(self) -> Sequence[tuple[str, str]]:
        """Waits, retries and what else happened: (time, words)."""

    def rows(self) -> Iterable[SubmittedRowLike]:
        """Every row of every file, in order."""
