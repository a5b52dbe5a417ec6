"""Proof that what was answered with success is stored: the service can say success and have stored nothing.

The transaction log proves it, one question for many transactions; where it cannot be read, the rows are read back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gen3submit.commons.errors import CommonsProblem, NotAllowed
from gen3submit.commons.transactions import PENDING, SUCCEEDED
from gen3submit.journal import Action, carried
from gen3submit.journal.requests import RequestEntry
from gen3submit.messages import submit as words
from gen3submit.planning.comparing import changes
from gen3submit.planning.held import Held
from gen3submit.planning.rows import PlannedDocument
from gen3submit.submit import points
from gen3submit.submit.batches import Batch
from gen3submit.submit.readback import equal_rows
from gen3submit.submit.under_way import Stopped, UnderWay

_FIRST_POLL = 0.25


@dataclass(frozen=True, slots=True)
class Lost:
    """Rows that were answered with success and are not in the commons."""

    request: RequestEntry
    batch: Batch


class Proof:
    """Proves the requests of a submission that were answered with success."""

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way

    def prove(self, entries: Sequence[RequestEntry]) -> list[Lost]:
        """Prove what these requests stored; what is not stored is given back.

        Raises:
            Stopped: the commons gives no answer.
            Interrupted: the user wants to stop.
        """
        if not entries:
            return []
        under_way = self._under_way
        under_way.at(points.BEFORE_PROOF)
        unproved = list(entries)
        if under_way.log_readable:
            unproved = self._by_log(unproved)
        if not unproved:
            return []
        if under_way.log_readable:
            return [lost for entry in unproved for lost in self._by_reading(entry)]
        return self._by_export(unproved)

    def _by_log(self, entries: list[RequestEntry]) -> list[RequestEntry]:
        """Confirm what the log calls SUCCEEDED; the rest is returned."""
        under_way = self._under_way
        poll, end = _FIRST_POLL, under_way.clock.monotonic() + under_way.patience.proof
        while True:
            numbers = [entry.transaction_id for entry in entries if entry.transaction_id is not None]
            try:
                states = under_way.ask(lambda: under_way.commons.transactions(numbers))  # noqa: B023  # asked at once
            except CommonsProblem:
                states = {}
            proved = [entry for entry in entries if states.get(entry.transaction_id or -1) == SUCCEEDED]
            self._confirm(proved, "log")
            entries = [entry for entry in entries if entry not in proved]
            waits = any(states.get(entry.transaction_id or -1) == PENDING for entry in entries)
            if not waits or under_way.clock.monotonic() >= end:
                return entries
            under_way.waiting.pause(poll)
            poll *= 2

    def _by_reading(self, entry: RequestEntry) -> Iterator[Lost]:
        """Confirm what is there of a request that the log does not prove."""
        batch = Batch(self._under_way.documents_of(entry.rows), entry.attempt)
        yield from self._conclude(entry, batch, equal_rows(self._under_way, batch.items))

    def _by_export(self, entries: list[RequestEntry]) -> list[Lost]:
        """Confirm what is there, type by type, where there is no log."""
        under_way = self._under_way
        held = Held(under_way.commons, under_way.project, under_way.progress)
        lost: list[Lost] = []
        try:
            for name in dict.fromkeys(entry.type for entry in entries):
                of_type = [entry for entry in entries if entry.type == name]
                under_way.ask(lambda: held.read_all(str(name)))  # noqa: B023  # asked at once
                for entry in of_type:
                    batch = Batch(under_way.documents_of(entry.rows), entry.attempt)
                    lost += self._conclude(entry, batch, self._there(entry, batch.items, held))
        except NotAllowed as problem:
            raise Stopped(words.cannot_prove(str(problem))) from None
        finally:
            held.close()
        return lost

    def _there(self, entry: RequestEntry, items: Sequence[PlannedDocument], held: Held) -> dict[int, str]:
        """The rows that are in the commons: created, the id is there; updated, what was sent is there."""
        created = carried.kept(self._under_way.journal, entry.number)[Action.CREATE]
        found = {}
        for item in items:
            record = held.get(item.type.name, item.key)
            if record is None:
                continue
            node = self._under_way.dictionary.nodes[item.type.name]
            if created.get(item.number) == record.id or not changes(item.document, record.record, node):
                found[item.number] = record.id
        return found

    def _conclude(self, entry: RequestEntry, batch: Batch, stored: Mapping[int, str]) -> Iterator[Lost]:
        gone = batch.without(set(stored))
        if gone is None:
            self._confirm([entry], "read-back")
            return
        self._under_way.at(points.AFTER_PROOF_BEFORE_JOURNAL)
        lost = {item.number for item in gone.items}
        carried.prove(self._under_way.journal, entry, "read-back" if stored else "lost", lost)
        self._under_way.note(words.lost_write(entry.number, len(gone.items), entry.type or ""))
        yield Lost(entry, gone)

    def _confirm(self, entries: Sequence[RequestEntry], by: str) -> None:
        if not entries:
            return
        journal = self._under_way.journal
        self._under_way.at(points.AFTER_PROOF_BEFORE_JOURNAL)
        with journal.writing():
            for entry in entries:
                carried.prove(journal, entry, by)
        self._under_way.at(points.AFTER_PROOF)
