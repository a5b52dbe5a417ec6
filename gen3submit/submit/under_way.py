"""A submission under way: what every part of it works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gen3submit.commons import Commons
from gen3submit.commons.clock import Clock
from gen3submit.commons.errors import CommonsProblem, NotAuthenticated, ServerTrouble, Unreachable
from gen3submit.commons.transactions import Transaction
from gen3submit.dictionary import Dictionary
from gen3submit.journal import Journal
from gen3submit.journal import rows as row_store
from gen3submit.journal.findings import FindingWriter
from gen3submit.journal.ranges import bounds_in
from gen3submit.journal.rows import FileEntry, TypeEntry
from gen3submit.messages import submit as words
from gen3submit.planning.parents import FailedParents
from gen3submit.planning.rows import PlannedDocument, documents
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.submit import lanes
from gen3submit.submit.patience import Patience, Waiting
from gen3submit.submit.points import Points, nowhere
from gen3submit.submit.stopping import Stop
from gen3submit.tables.source import Source

R = TypeVar("R")


class Stopped(Exception):
    """Raised within a submission when it cannot go on now; `str()` of it says why. It can be resumed."""


@dataclass
class UnderWay:
    """What every part of a submission works with."""

    journal: Journal
    commons: Commons
    dictionary: Dictionary
    sources: Mapping[str, Source]
    """The tables by path."""
    waiting: Waiting
    progress: Progress = NO_PROGRESS
    at: Points = nowhere
    log_readable: bool = field(default=False, init=False)
    """Whether the transaction log can be read."""
    newest_transaction: int | None = field(default=None, init=False)
    """The newest transaction of the project that is known."""

    def __post_init__(self) -> None:
        self.failed = FailedParents(self.journal, self.dictionary)
        self.failed.refresh()
        self.findings = FindingWriter(self.journal, no_values=self.journal.run.choices.no_values)

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.waiting.clock

    @property
    def patience(self) -> Patience:
        """The limits of waiting."""
        return self.waiting.patience

    @property
    def stop(self) -> Stop:
        """Whether the user wants to stop."""
        return self.waiting.stop

    @property
    def project(self) -> str:
        """``PROGRAM-CODE``."""
        return self.journal.run.project

    def note(self, said: str) -> None:
        """Tell the user now, and keep it for the report."""
        self.progress.note(said)
        self.journal.note(self.clock.now(), said)

    def ask(self, question: Callable[[], R]) -> R:
        """The answer to something that is read of the commons; asked again while the commons fails.

        Raises:
            Stopped: it gives no answer.
            Interrupted: the user wants to stop.
            CommonsProblem: it says no, and would say so again.
        """
        for attempt in range(1, self.patience.attempts + 1):
            try:
                return lanes.call(question, self.stop)
            except NotAuthenticated as problem:
                raise Stopped(str(problem)) from None
            except (ServerTrouble, Unreachable) as problem:
                if attempt == self.patience.attempts:
                    raise Stopped(str(problem)) from None
                self.waiting.pause(self.waiting.back_off(attempt), str(problem))
        raise AssertionError  # the loop ends before

    def look_at_log(self, newest: Sequence[Transaction] | None = None) -> None:
        """Find out whether the log can be read, and what its newest entry is.

        Args:
            newest: that entry, if it was asked for since the run began.

        Raises:
            Stopped: the commons gives no answer.
        """
        try:
            newest = newest or self.ask(lambda: self.commons.transaction_log(self.project, 1, answers=False))
        except CommonsProblem:
            newest = []
        # Every project has an entry from its beginning on: an empty log is one that the caller may not read.
        self.log_readable = bool(newest)
        if newest:
            self.newest_transaction = newest[0].id
        else:
            self.note(words.log_not_readable())
        self.journal.set_run(log_readable=self.log_readable)

    def seen_transaction(self, number: int | None) -> None:
        """A transaction of the project became known."""
        if number is not None and number > (self.newest_transaction or 0):
            self.newest_transaction = number

    def documents(self, types: Mapping[int, TypeEntry], condition: str) -> Iterator[PlannedDocument]:
        """The rows of these types that meet a condition, with their documents.

        Raises:
            UsageProblem: a file is not the one that was checked.
        """
        for file in self.files_with(types, condition):
            yield from self.documents_in(file, self.sources[file.path], types, condition)

    def documents_in(
        self, file: FileEntry, source: Source, types: Mapping[int, TypeEntry], condition: str
    ) -> Iterator[PlannedDocument]:
        """The same of one file."""
        return documents(self.journal, file, source, self.dictionary, types, condition)

    def files_with(self, types: Mapping[int, TypeEntry], condition: str) -> list[FileEntry]:
        """The files that have rows of these types that meet a condition."""
        marks = ", ".join("?" for _ in types)
        sql = f"SELECT DISTINCT file FROM row WHERE type IN ({marks}) AND ({condition})"  # noqa: S608  # fixed texts
        found = {number for (number,) in self.journal.rows(sql, *types)}
        return [file for file in row_store.files(self.journal) if file.number in found]

    def documents_of(self, ranges: str) -> tuple[PlannedDocument, ...]:
        """The rows of these numbers with their documents.

        Raises:
            UsageProblem: a file is not the one that was checked.
        """
        types = {entry.number: entry for entry in row_store.types(self.journal)}
        bounds = " OR ".join(f"number BETWEEN {first} AND {last}" for first, last in bounds_in(ranges))
        return tuple(self.documents(types, bounds or "0"))
