"""Settling what became of a request whose answer does not tell, before anything is sent again.

First the transaction log: the request's document name leads to the answer that was recorded there, which is complete.
While its transaction is PENDING, or while transactions are that have no name yet, it is waited for. Then the rows are
read back: equal means stored; absent or different, with nothing of ours running any more, means not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gen3submit.commons.errors import CommonsProblem
from gen3submit.commons.transactions import FAILED, PENDING, SUCCEEDED, Transaction
from gen3submit.journal.requests import RequestEntry
from gen3submit.messages import submit as words
from gen3submit.submit.answers import Refused, Stored, judge_content
from gen3submit.submit.batches import Batch
from gen3submit.submit.readback import equal_rows
from gen3submit.submit.under_way import Stopped, UnderWay

_LOOKS = (20, 100, 500, 2_500)
"""How many entries of the log are looked through, newest first, as long as the request is not found."""
_FIRST_POLL = 0.25
_LOOK_FROM = 1.0
_BLIND_POLL = 2.0
"""Reading rows back where there is no log means reading all records of their type."""
_LONGEST_POLL = 10.0


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log says of a request."""

    transaction: Transaction | None
    """Its transaction; None where there is none with its name."""
    unnamed: bool
    """Whether a newer transaction is PENDING that has no name yet, and so may be its own."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What reading the rows back told: these are stored, by number with their ids; the others are not."""

    stored: Mapping[int, str]
    by: str
    """`read-back`; `no-trace` where none of them is there."""


Settled = Stored | Refused | ReadBack


class Settling:
    """Settles the requests of a submission."""

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way

    def settle(self, entry: RequestEntry, batch: Batch, *, slow: bool) -> Settled:
        """What became of a request.

        Args:
            entry: the request.
            batch: its rows.
            slow: whether the commons may be busy with it, or with others, for long.

        Raises:
            Stopped: it cannot be told; nothing may be sent over it.
            Interrupted: the user wants to stop.
        """
        under_way = self._under_way
        waiting, patience = under_way.waiting, under_way.patience
        poll = _FIRST_POLL
        told = False
        while True:
            running = over = False
            logged = self.look_up(entry) if under_way.log_readable else None
            if logged is not None and logged.transaction is not None:
                settled = self._from_log(logged.transaction, batch)
                if settled is not None:
                    return settled
                running = logged.transaction.state == PENDING
                over = not running
            age = max(0.0, under_way.clock.now() - entry.begun)
            if logged is None:
                limit = patience.running if slow else patience.blind
                poll = max(poll, _BLIND_POLL)
            elif over:
                limit = 0.0
            elif running or logged.unnamed:
                limit = patience.running
            else:
                limit = patience.unseen_slow if slow else patience.unseen
            # While a transaction is PENDING its rows cannot be seen, unless only its entry in the log is behind.
            if logged is None or age >= limit or (running and poll >= _LOOK_FROM):
                stored = equal_rows(under_way, batch.items)
                if age >= limit or len(stored) == len(batch.items):
                    return self._read_back(stored, batch, running=running)
            if not told:
                under_way.note(words.settling(entry.number, running=running))
                told = True
            waiting.pause(min(poll, max(0.05, limit - age)))
            poll = min(poll * 2, _LONGEST_POLL)

    def look_once(self, entry: RequestEntry, batch: Batch) -> Settled | None:
        """Whether a request that was turned away was carried out all the same; None where nothing speaks for it."""
        if not self._under_way.log_readable:
            return None
        transaction = self.look_up(entry).transaction
        return None if transaction is None else self.settle(entry, batch, slow=True)

    def look_up(self, entry: RequestEntry) -> Logged:
        """Look for a request in the log.

        Raises:
            Stopped: the log cannot be read at present.
        """
        under_way = self._under_way
        since = entry.after_transaction or 0
        unnamed = False
        for last in _LOOKS:
            log = self._log(last, answers=False)
            newer = [each for each in log if each.id > since]
            for position, transaction in enumerate(log):
                if any(document.name == entry.name for document in transaction.documents):
                    return Logged(self._with_answer(transaction, position), unnamed=False)
            unnamed = any(each.state == PENDING and not each.documents and not each.is_dry_run for each in newer)
            if len(newer) < len(log) or len(log) < last:
                break
        for transaction in newer:
            under_way.seen_transaction(transaction.id)
        return Logged(None, unnamed)

    def _with_answer(self, transaction: Transaction, position: int) -> Transaction:
        """The transaction with the answer that was recorded, which is not asked for while many are looked through."""
        for last in (position + 1, position + 20):  # newer ones may have come meanwhile
            for again in self._log(last, answers=True):
                if again.id == transaction.id:
                    return again
        return transaction

    def _log(self, last: int, *, answers: bool) -> list[Transaction]:
        under_way = self._under_way
        try:
            return under_way.ask(lambda: under_way.commons.transaction_log(under_way.project, last, answers=answers))
        except CommonsProblem as problem:
            raise Stopped(str(problem)) from None

    def _from_log(self, transaction: Transaction, batch: Batch) -> Settled | None:
        """What the recorded answer says; None where there is none to rely on."""
        if transaction.state not in (SUCCEEDED, FAILED):
            return None
        recorded = next((document.answer for document in transaction.documents if document.answer is not None), None)
        if isinstance(recorded, Mapping):
            status = 200 if transaction.state == SUCCEEDED else 400
            content = {**recorded, "transaction_id": transaction.id}
            verdict = judge_content(content, status, batch.keys(), self._under_way.project)
            if isinstance(verdict, Stored | Refused) and isinstance(verdict, Stored) == (status == 200):
                return verdict
        if transaction.state == FAILED:
            return Refused({}, words.failed_in_log(), transaction.id)
        return None

    def _read_back(self, stored: Mapping[int, str], batch: Batch, *, running: bool) -> ReadBack:
        if running and len(stored) < len(batch.items):
            raise Stopped(words.still_running(batch.type))
        return ReadBack(stored, "read-back" if stored else "no-trace")
