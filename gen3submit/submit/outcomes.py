"""Writing into the journal what became of a request and of its rows, each time in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gen3submit.commons import Answer
from gen3submit.journal import Action, RequestState, RowState, carried, requests
from gen3submit.journal import rows as row_store
from gen3submit.journal.ranges import numbers_in, ranges_of
from gen3submit.journal.requests import RequestEntry
from gen3submit.journal.rows import Answers
from gen3submit.messages import submit as words
from gen3submit.submit import points
from gen3submit.submit.answers import NotTaken, Refused, RowRefused, Stored
from gen3submit.submit.batches import Batch
from gen3submit.submit.settling import ReadBack
from gen3submit.submit.under_way import UnderWay


class Outcomes:
    """Writes outcomes into the journal of a submission."""

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way
        self._journal = under_way.journal
        self._no_values = under_way.journal.run.choices.no_values

    def answered(self, entry: RequestEntry, answer: Answer) -> RequestEntry:
        """The request with what came back for it; it is written together with what that means."""
        said = None
        if answer.error is not None:
            said = str(answer.status or answer.problem) if self._no_values else answer.words
        return replace(
            entry, ended=self._under_way.clock.now(), status=answer.status, problem=answer.problem, words=said
        )

    def stored(self, entry: RequestEntry, verdict: Stored, *, by: str, proved: bool) -> None:
        """The commons stored every row; `proved` tells whether that is more than its word."""
        said = row_store.answers_as_text(self._answers(verdict))
        with self._journal.writing():
            if proved:
                self._write(entry, RequestState.DONE, by, verdict.transaction_id)
                row_store.set_answers(self._journal, entry.number, said, RowState.CONFIRMED)
            else:
                self._write(entry, RequestState.ANSWERED, None, verdict.transaction_id)
                carried.keep(self._journal, entry.number, said)
        self._under_way.seen_transaction(verdict.transaction_id)
        self._under_way.at(points.AFTER_ANSWER_IN_JOURNAL)

    def _answers(self, verdict: Stored) -> Answers:
        """What the commons did with each row; a record that our own earlier request made after all is ours."""
        updated = verdict.ids[Action.UPDATE]
        before = self._made_before(updated) if updated else set()
        if not before:
            return verdict.ids
        return {
            str(Action.CREATE): {**verdict.ids[Action.CREATE], **{number: updated[number] for number in before}},
            str(Action.UPDATE): {number: id_ for number, id_ in updated.items() if number not in before},
        }

    def _made_before(self, updated: Mapping[int, str]) -> set[int]:
        """Those of some rows that were to be created, and were once in a request that left no trace at first."""
        before = self._journal.rows("SELECT rows FROM request WHERE settled = 'no-trace' AND kind = 'submit'")
        unsettled = updated.keys() & {number for (ranges,) in before for number in numbers_in(ranges)}
        return {row.number for row in row_store.rows_of(self._journal, unsettled) if row.planned == Action.CREATE}

    def refused(self, entry: RequestEntry, batch: Batch, verdict: Refused, named: Mapping[int, RowRefused]) -> None:
        """The commons refused the batch; the rows that are to blame are rejected, the others pending again."""
        with self._journal.writing():
            self._write(
                replace(entry, words=self._shown(verdict.words)), RequestState.DONE, "refused", verdict.transaction_id
            )
            innocent = batch.without(set(named))
            if innocent is not None:
                row_store.give_back(self._journal, entry.number, innocent.ranges)
            row_store.give_back(self._journal, entry.number, ranges_of(named))
            self._reject(named)
        if named:
            self._under_way.failed.note(batch.type)
        self._under_way.seen_transaction(verdict.transaction_id)
        self._under_way.at(points.AFTER_ANSWER_IN_JOURNAL)

    def reject(self, batch: Batch, why: RowRefused) -> None:
        """Every row of the batch is rejected."""
        self.reject_rows({item.number: why for item in batch.items})
        self._under_way.failed.note(batch.type)

    def reject_rows(self, rows: Mapping[int, RowRefused]) -> None:
        """Rows are rejected."""
        with self._journal.writing():
            self._reject(rows)

    def not_taken(self, entry: RequestEntry, batch: Batch, verdict: NotTaken) -> None:
        """Nobody looked at the rows; they are pending again."""
        with self._journal.writing():
            self._write(replace(entry, words=verdict.words), RequestState.DONE, str(verdict.why), None)
            row_store.give_back(self._journal, entry.number, batch.ranges)

    def read_back(self, entry: RequestEntry, batch: Batch, told: ReadBack) -> None:
        """Reading back told which rows are stored; the others are pending again."""
        with self._journal.writing():
            self._write(entry, RequestState.DONE, told.by, None)
            stored: dict[str, dict[int, str]] = {str(Action.CREATE): {}, str(Action.UPDATE): {}}
            for row in row_store.rows_of(self._journal, told.stored):
                stored[_done(row.planned)][row.number] = told.stored[row.number]
            said = row_store.answers_as_text(stored)
            row_store.set_answers(self._journal, entry.number, said, RowState.CONFIRMED)
            left = batch.without(set(told.stored))
            if left is not None:
                row_store.give_back(self._journal, entry.number, left.ranges)
        self._under_way.note(words.read_back(entry.number, len(told.stored), len(batch.items)))

    def unsettled(self, entry: RequestEntry, batch: Batch, said: str) -> None:
        """It cannot be told now what became of the rows."""
        with self._journal.writing():
            self._write(replace(entry, words=entry.words or said), RequestState.UNSETTLED, None, None)
            row_store.set_state(self._journal, batch.ranges, RowState.UNKNOWN, request=entry.number)

    def believed(self, entry: RequestEntry) -> None:
        """The rows that were answered with success are taken to be stored, because the user wants no proof."""
        carried.prove(self._journal, entry, "answer")

    def _reject(self, rows: Mapping[int, RowRefused]) -> None:
        row_store.set_state(self._journal, ranges_of(rows), RowState.REJECTED)
        row_store.say(
            self._journal,
            {
                number: {"message": self._told(why), "types": list(why.types), "keys": list(why.keys)}
                for number, why in rows.items()
            },
        )

    def _told(self, why: RowRefused) -> str:
        if not self._no_values:
            return why.message
        return words.refused_without_values(why.types, why.keys)

    def _shown(self, said: str) -> str | None:
        return None if self._no_values else said

    def _write(self, entry: RequestEntry, state: RequestState, settled: str | None, transaction: int | None) -> None:
        requests.update(
            self._journal,
            entry.number,
            ended=entry.ended,
            state=state,
            status=entry.status,
            problem=entry.problem,
            transaction_id=transaction,
            settled=settled,
            words=entry.words,
        )


def _done(planned: str | None) -> str:
    """What the commons did with a row of which only this is known, and that it is stored."""
    return str(Action.CREATE if planned == Action.CREATE else Action.UPDATE)
