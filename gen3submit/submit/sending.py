"""Sending: batch after batch in the order of the plan, each request in the journal before it leaves and after it.

A batch is all or nothing. What was refused by name is taken out and the rest sent again; what was refused without a
name is halved until the culprit is alone; what is unclear is settled before anything is sent over it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from gen3submit.commons import Answer
from gen3submit.commons.errors import CommonsProblem, NotAuthenticated
from gen3submit.journal import requests
from gen3submit.journal.requests import RequestEntry
from gen3submit.journal.rows import TypeEntry
from gen3submit.messages import submit as words
from gen3submit.planning.stages import steps
from gen3submit.progress import Task
from gen3submit.submit import points
from gen3submit.submit.answers import NotTaken, Refused, RowRefused, Stored, Unclear, Why, judge
from gen3submit.submit.batches import Batch, Batches
from gen3submit.submit.bodies import Body, body
from gen3submit.submit.lanes import Lanes
from gen3submit.submit.outcomes import Outcomes
from gen3submit.submit.proof import Proof
from gen3submit.submit.settling import Settled, Settling
from gen3submit.submit.sizes import BatchSize
from gen3submit.submit.stopping import Interrupted
from gen3submit.submit.under_way import Stopped, UnderWay

PROVE_AFTER = 50
"""So many requests are proved together, at most."""
PROVE_SECONDS = 30.0
"""And after so long."""
_FRUITLESS = 5
"""So many rows in a row that are refused on their own, without a reason of theirs: then the fault is not with them."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A batch on its way."""

    entry: RequestEntry
    batch: Batch
    body: Body


class Sending:
    """Sends what is pending, step by step."""

    def __init__(self, under_way: UnderWay, size: BatchSize | None = None) -> None:
        self._under_way = under_way
        choices = under_way.journal.run.choices
        self._choices = choices
        self._size = size or BatchSize(choices.batch_size, under_way.patience.target)
        self._settling = Settling(under_way)
        self._proof = Proof(under_way)
        self._outcomes = Outcomes(under_way)
        self._lanes: Lanes[_Sent, Answer] = Lanes(choices.parallel, self._carry, under_way.stop)
        self._unproved: list[RequestEntry] = []
        self._proved_at = under_way.clock.monotonic()
        self._fruitless = 0
        self._task: Task | None = None
        self._batches: Batches | None = None

    def send(self, before_step: Callable[[list[TypeEntry]], None] = lambda _: None) -> None:
        """Send every row that is pending.

        Args:
            before_step: called with the node types whose turn it is.

        Raises:
            Stopped: it cannot go on now.
            Interrupted: the user wants to stop.
            UsageProblem: a file is not the one that was checked, or the journal cannot be written.
        """
        self._under_way.stop.gentle = True
        try:
            for types in steps(self._under_way.journal):
                before_step(types)
                by_number = {entry.number: entry for entry in types}
                for level in self._levels(types):
                    self._step(by_number, level)
        except (Stopped, Interrupted):
            self._bring_home()
            raise
        finally:
            self._under_way.stop.gentle = False

    def _levels(self, types: list[TypeEntry]) -> Iterator[int | None]:
        """The levels that have rows to be sent; None for types that need none."""
        if types[0].circle is None:
            yield None
            return
        marks = ", ".join("?" for _ in types)
        sql = f"SELECT DISTINCT level FROM row WHERE type IN ({marks}) AND state = 'pending' ORDER BY level"  # noqa: S608
        for (level,) in self._under_way.journal.rows(sql, *(entry.number for entry in types)):
            yield level

    def _step(self, types: dict[int, TypeEntry], level: int | None) -> None:
        """Send the rows of types (or of one level of a circle of types), and have them all proved at the end."""
        under_way = self._under_way
        condition = "state = 'pending' AND twin IS NULL" + ("" if level is None else f" AND level = {level}")
        marks = ", ".join("?" for _ in types)
        sql = f"SELECT count(*) FROM row WHERE type IN ({marks}) AND {condition}"  # noqa: S608  # fixed texts
        left = under_way.journal.value(sql, *types)
        if not left:
            return
        batches = self._batches = Batches(
            under_way.documents(types, condition),
            self._size,
            self._choices.parallel,
            left,
            self._choices.as_ == "tsv",
            under_way.failed,
            under_way.findings,
        )
        with under_way.progress.start(", ".join(entry.name for entry in types.values()), left) as self._task:
            while True:
                while self._lanes.has_room and (batch := self._next(batches)) is not None:
                    self._send(batch)
                if self._lanes.under_way:
                    self._take(*self._lanes.next())
                    if self._proof_is_due():
                        self._prove()
                elif not self._unproved:
                    return
                else:
                    self._prove()

    def _next(self, batches: Batches) -> Batch | None:
        self._under_way.stop.check()
        batch = batches.next()
        if batch is not None and batch.attempt > self._under_way.patience.attempts:
            raise Stopped(words.gave_up(self._under_way.patience.attempts, batch.last_words))
        return batch

    def _send(self, batch: Batch) -> None:
        """Write the request, then let it leave."""
        under_way = self._under_way
        journal = under_way.journal
        content = body(batch.items, self._choices.as_, under_way.dictionary.nodes)
        under_way.at(points.BEFORE_JOURNAL)
        number = requests.next_number(journal)
        entry = RequestEntry(
            number,
            "submit",
            f"gen3submit {journal.run.id} {number} {secrets.token_hex(4)}",
            batch.type,
            batch.ranges,
            len(batch.items),
            content.format,
            len(content.content),
            content.sha256,
            batch.attempt,
            under_way.newest_transaction,
            under_way.clock.now(),
        )
        with journal.writing():
            requests.begin(journal, entry)
        under_way.at(points.AFTER_JOURNAL_BEFORE_SEND)
        self._lanes.start(_Sent(entry, batch, content))

    def _carry(self, sent: _Sent) -> Answer:
        """The request itself, in a thread of its own."""
        answer = self._under_way.commons.submit(
            self._under_way.project,
            sent.body.content,
            content_type=sent.body.content_type,
            document_name=sent.entry.name,
        )
        self._under_way.at(points.AFTER_SEND)
        return answer

    def _take(self, sent: _Sent, answer: Answer) -> None:
        """Write what came back, and see to what has to be sent again."""
        under_way = self._under_way
        under_way.at(points.AFTER_RESPONSE_BEFORE_JOURNAL)
        verdict = judge(answer, sent.batch.keys(), under_way.project)
        if self._choices.no_values and not isinstance(verdict, Stored):
            verdict = replace(verdict, words=words.bare_answer(answer.status, answer.problem))
        entry = self._outcomes.answered(sent.entry, answer)
        match verdict:
            case Stored():
                self._size.answered(len(sent.batch.items), answer.elapsed)
                self._stored(entry, sent.batch, verdict)
            case Refused(before_looking=True):
                self._doubted(entry, sent.batch, verdict)
            case Refused():
                self._refused(entry, sent.batch, verdict)
            case NotTaken():
                self._not_taken(entry, sent, answer, verdict)
            case Unclear():
                if verdict.slow:
                    self._size.too_slow(len(sent.batch.items))
                self._unclear(entry, sent.batch, verdict)

    def _stored(self, entry: RequestEntry, batch: Batch, verdict: Stored, by: str = "answer") -> None:
        proved = by != "answer" or not self._choices.verify
        self._outcomes.stored(entry, verdict, by=by, proved=proved)
        self._fruitless = 0
        if not proved:
            self._unproved.append(replace(entry, transaction_id=verdict.transaction_id))
        elif self._task is not None:
            self._task.advance(len(batch.items))

    def _refused(self, entry: RequestEntry, batch: Batch, verdict: Refused) -> None:
        alone = len(batch.items) == 1
        named = dict(verdict.named)
        if alone and not named:
            self._fruitless += 1
            named = {batch.items[0].number: RowRefused(verdict.words)}
        elif named:
            self._fruitless = 0
        self._outcomes.refused(entry, batch, verdict, named)
        self._advance(len(named))
        if self._fruitless >= _FRUITLESS:
            raise Stopped(words.fruitless(self._fruitless, verdict.words))
        if self._batches is None:
            return
        if named:
            self._batches.give_back(batch.without(set(named)))
        else:
            self._batches.give_back(*(replace(half, attempt=1) for half in batch.halves()))

    def _doubted(self, entry: RequestEntry, batch: Batch, verdict: Refused) -> None:
        """A refusal without a word on rows: a commons gives it before it takes them up, a gateway at any time."""
        settled = self._looked_up(entry, batch, verdict.words)
        if settled is None:
            self._refused(entry, batch, verdict)
        else:
            self._settle(entry, batch, settled, verdict.words)

    def _looked_up(self, entry: RequestEntry, batch: Batch, said: str) -> Settled | None:
        """What the log says of a request that seems not to have been carried out; None where it says nothing."""
        try:
            return self._settling.look_once(entry, batch)
        except (Stopped, Interrupted):
            self._outcomes.unsettled(entry, batch, said)
            raise

    def _not_taken(self, entry: RequestEntry, sent: _Sent, answer: Answer, verdict: NotTaken) -> None:
        """The request was turned away: see whether that is so, then whether it can be sent again."""
        batch = sent.batch
        renewed = verdict.why is Why.UNAUTHENTICATED and not batch.renewed and self._renew(answer)
        stands = verdict.why in (Why.NOT_SENT, Why.NO_TOKEN) or (verdict.why is Why.UNAUTHENTICATED and not renewed)
        if not stands:
            if verdict.why is Why.BUSY:
                self._wait(entry, batch, verdict)
            settled = self._looked_up(entry, batch, verdict.words)
            if settled is not None:
                self._settle(entry, batch, settled, verdict.words)
                return
        self._outcomes.not_taken(entry, batch, verdict)
        self._send_again(entry, sent, verdict, renewed=renewed)

    def _send_again(self, entry: RequestEntry, sent: _Sent, verdict: NotTaken, *, renewed: bool) -> None:
        """Give a batch back that was turned away, if that can help."""
        under_way, batch = self._under_way, sent.batch
        again: tuple[Batch, ...] = (replace(batch, attempt=batch.attempt + 1, last_words=verdict.words),)
        match verdict.why:
            case Why.STOPS | Why.NO_TOKEN:
                raise Stopped(verdict.words)
            case Why.UNAUTHENTICATED:
                if not renewed:
                    raise Stopped(verdict.words)
                again = (replace(again[0], renewed=True),)
            case Why.NOT_SENT:
                if batch.attempt >= under_way.patience.attempts:
                    raise Stopped(verdict.words)
                under_way.waiting.pause(under_way.waiting.back_off(batch.attempt), verdict.words)
            case Why.TOO_LARGE:
                if len(batch.items) == 1:
                    self._outcomes.reject(batch, RowRefused(verdict.words))
                    self._advance(1)
                    return
                self._size.too_large(len(batch.items), len(sent.body.content))
                under_way.note(words.halved(entry.number, len(batch.items), verdict.words))
                again = tuple(replace(half, attempt=1) for half in batch.halves())
            case Why.BUSY:
                if (verdict.retry_after or 0.0) > under_way.patience.longest_wish:
                    raise Stopped(verdict.words)
        if self._batches is not None:
            self._batches.give_back(*again)

    def _renew(self, answer: Answer) -> bool:
        """Get a new token after a 401; False where there is none to be had."""
        under_way = self._under_way
        try:
            under_way.ask(partial(under_way.commons.renew, answer))
        except (Stopped, NotAuthenticated) as problem:
            under_way.note(str(problem))
            return False
        except CommonsProblem:
            return False
        return True

    def _wait(self, entry: RequestEntry, batch: Batch, verdict: NotTaken) -> None:
        """Wait as long as the commons wishes, within limits."""
        waiting = self._under_way.waiting
        wish = verdict.retry_after or 0.0
        if wish > waiting.patience.longest_wish:
            return
        try:
            waiting.pause(max(waiting.back_off(batch.attempt), wish), verdict.words)
        except Interrupted:
            self._outcomes.unsettled(entry, batch, verdict.words)
            raise

    def _unclear(self, entry: RequestEntry, batch: Batch, verdict: Unclear) -> None:
        under_way = self._under_way
        under_way.at(points.BEFORE_SETTLING)
        try:
            settled = self._settling.settle(entry, batch, slow=verdict.slow or (entry.status or 0) >= 500)
        except (Stopped, Interrupted):
            self._outcomes.unsettled(entry, batch, verdict.words)
            raise
        under_way.at(points.AFTER_SETTLING_BEFORE_JOURNAL)
        self._settle(entry, batch, settled, verdict.words)
        under_way.at(points.AFTER_SETTLING)
        if verdict.stops and not isinstance(settled, Stored):
            raise Stopped(verdict.words)

    def _settle(self, entry: RequestEntry, batch: Batch, settled: Settled, said: str) -> None:
        """Write what became of a request that was unclear, and see to what has to be sent again."""
        match settled:
            case Stored():
                self._stored(entry, batch, settled, by="log")
            case Refused():
                self._refused(entry, batch, settled)
            case _:
                self._outcomes.read_back(entry, batch, settled)
                self._advance(len(settled.stored))
                left = batch.without(set(settled.stored))
                if left is not None and self._batches is not None:
                    self._batches.give_back(replace(left, attempt=batch.attempt + 1, last_words=said))

    def take_up(self, entry: RequestEntry, batch: Batch) -> None:
        """Settle a request that an earlier process left behind without an answer.

        Raises:
            Stopped: it cannot be told what became of it.
            Interrupted: the user wants to stop.
        """
        self._unclear(entry, batch, Unclear(entry.words or words.left_behind(), slow=(entry.status or 0) >= 500))

    def take_up_answered(self, entries: list[RequestEntry]) -> None:
        """Prove requests that an earlier process left behind with an answer; as `take_up` otherwise."""
        if self._choices.verify:
            self._unproved += entries
            self._prove()
        else:
            for entry in entries:
                self._outcomes.believed(entry)

    def _proof_is_due(self) -> bool:
        late = self._under_way.clock.monotonic() - self._proved_at >= PROVE_SECONDS
        # Where there is no log, all records of a type are read for a proof: once, at the end of the step.
        return self._under_way.log_readable and bool(self._unproved) and (late or len(self._unproved) >= PROVE_AFTER)

    def _prove(self) -> None:
        unproved = self._unproved
        lost = self._proof.prove(unproved)
        self._unproved = []
        self._proved_at = self._under_way.clock.monotonic()
        gone = sum(len(each.batch.items) for each in lost)
        self._advance(sum(entry.row_count for entry in unproved) - gone)
        for each in lost:
            if len(each.batch.items) == 1:
                self._outcomes.reject(each.batch, RowRefused(words.lost_row()))
                self._advance(1)
            elif self._batches is not None:
                self._batches.give_back(*(replace(half, attempt=1) for half in each.batch.halves()))

    def _advance(self, rows: int) -> None:
        if self._task is not None:
            self._task.advance(rows)

    def _bring_home(self) -> None:
        """Take the answers of the requests that are still under way, as long as there is time; send nothing more."""
        self._batches = None
        self._try_to_prove()
        while self._lanes.under_way and self._under_way.stop.seconds_left > 0:
            with suppress(Stopped, Interrupted):
                self._take(*self._lanes.next())
        self._try_to_prove()

    def _try_to_prove(self) -> None:
        """Prove what was answered; what cannot be proved now is proved when the submission is resumed."""
        with suppress(Stopped, Interrupted, CommonsProblem):
            self._prove()
