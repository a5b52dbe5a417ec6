"""A dry run: the commons is asked what it would say of each batch, and stores nothing.

A row whose parents are new is sent together with them, because they will not be in the commons when it is tried.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gen3submit.commons import Answer
from gen3submit.commons.errors import CommonsProblem
from gen3submit.dictionary import Dictionary
from gen3submit.journal import Action, Journal, RequestState, RunState, requests
from gen3submit.journal import rows as row_store
from gen3submit.journal.requests import RequestEntry
from gen3submit.messages import submit as words
from gen3submit.planning.parents import references
from gen3submit.planning.rows import PlannedDocument
from gen3submit.planning.stages import steps
from gen3submit.progress import Progress
from gen3submit.submit.answers import NotTaken, Refused, RowRefused, Stored, Verdict, Why, judge
from gen3submit.submit.batches import Batch, Batches, Key
from gen3submit.submit.circumstances import Circumstances
from gen3submit.submit.lanes import call
from gen3submit.submit.outcomes import Outcomes
from gen3submit.submit.sizes import BatchSize
from gen3submit.submit.stopping import Interrupted
from gen3submit.submit.under_way import Stopped, UnderWay
from gen3submit.tables.source import Source

if TYPE_CHECKING:
    from gen3submit.commons import Commons

_MOST_ROWS = 500


def try_out(
    journal: Journal,
    commons: Commons,
    dictionary: Dictionary,
    tables: Sequence[Source],
    progress: Progress,
    around: Circumstances,
) -> None:
    """Try every row that is pending, and write what the commons would say.

    Raises:
        UsageProblem: a file is not the one that was checked.
    """
    sources = {source.path: source for source in tables}
    under_way = UnderWay(journal, commons, dictionary, sources, around.waiting(progress), progress, around.at)
    journal.set_run(state=RunState.SENDING, begun=around.clock.now())
    ending: Mapping[str, Any] = {"state": RunState.FINISHED}
    try:
        _Trying(under_way).run()
    except Interrupted:
        ending = {"state": RunState.STOPPED, "stopped": words.interrupted(), "interrupted": True}
    except (Stopped, CommonsProblem) as stopped:
        ending = {"state": RunState.STOPPED, "stopped": str(stopped)}
    row_store.settle_twins(journal)
    journal.set_run(ended=around.clock.now(), **ending)


@dataclass(frozen=True, slots=True)
class _Family:
    """The rows of a request: those that are tried, and the new parents that they need."""

    keys: Mapping[Key, int]
    content: bytes
    has_repeats: bool
    """Whether two of them have the same submitter_id, which no request may hold, whatever their types."""


class _Trying:
    """Tries batch after batch."""

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way
        self._journal = under_way.journal
        self._outcomes = Outcomes(under_way)
        self._untried = 0
        # Vanishes with the journal's connection.
        self._journal.execute("CREATE TEMP TABLE IF NOT EXISTS document (row INTEGER PRIMARY KEY, content BLOB)")

    def run(self) -> None:
        """Try everything, parents first.

        Raises:
            Stopped: the commons gives no answer.
            Interrupted: the user wants to stop.
        """
        under_way = self._under_way
        condition = "state = 'pending' AND twin IS NULL"
        size = BatchSize(self._journal.run.choices.batch_size or _MOST_ROWS, under_way.patience.target)
        for types in steps(self._journal):
            by_number = {entry.number: entry for entry in types}
            marks = ", ".join("?" for _ in by_number)
            sql = f"SELECT count(*) FROM row WHERE type IN ({marks}) AND {condition}"  # noqa: S608  # fixed texts
            left = self._journal.value(sql, *by_number)
            documents = self._kept(under_way.documents(by_number, condition))
            batches = Batches(documents, size, 1, left, False, under_way.failed, under_way.findings)
            with under_way.progress.start(", ".join(entry.name for entry in types), left) as task:
                while (batch := batches.next()) is not None:
                    under_way.stop.check()
                    self._try(batch, batches)
                    task.advance(len(batch.items))
        if self._untried:
            under_way.note(words.untried(self._untried))

    def _kept(self, documents: Iterator[PlannedDocument]) -> Iterator[PlannedDocument]:
        """The documents, each kept on disk for the children that will need it."""
        for item in documents:
            sql = "INSERT OR REPLACE INTO temp.document VALUES (?, ?)"
            self._journal.execute(sql, item.number, item.content)
            yield item

    def _try(self, batch: Batch, batches: Batches) -> None:
        family = self._family(batch)
        if family.has_repeats:
            if len(batch.items) == 1:
                self._untried += 1
            else:
                batches.give_back(*batch.halves())
            return
        verdict = self._ask(batch, family)
        if isinstance(verdict, Stored):
            return
        if isinstance(verdict, NotTaken) and verdict.why is Why.TOO_LARGE and len(batch.items) > 1:
            batches.give_back(*batch.halves())
        elif isinstance(verdict, Refused):
            self._refused(batch, batches, verdict)
        else:
            raise Stopped(verdict.words)

    def _refused(self, batch: Batch, batches: Batches, verdict: Refused) -> None:
        tried = {item.number for item in batch.items}
        named = {number: why for number, why in verdict.named.items() if number in tried}
        if not named and len(batch.items) == 1:
            named = {batch.items[0].number: RowRefused(verdict.words)}
        if not named:
            batches.give_back(*batch.halves())
            return
        self._outcomes.reject_rows(named)
        self._under_way.failed.note(batch.type)
        batches.give_back(batch.without(set(named)))

    def _ask(self, batch: Batch, family: _Family) -> Verdict:
        """One dry run; asked again where that can help, since it changes nothing."""
        under_way, commons = self._under_way, self._under_way.commons
        for attempt in range(1, under_way.patience.attempts + 1):
            entry = self._entry(batch, family, attempt)
            requests.begin(self._journal, entry)
            asked = partial(commons.submit, under_way.project, family.content, document_name=entry.name, dry_run=True)
            answer: Answer = call(asked, under_way.stop)
            verdict = judge(answer, family.keys, under_way.project, dry_run=True)
            told = self._outcomes.answered(entry, answer)
            requests.update(
                self._journal,
                entry.number,
                ended=told.ended,
                state=RequestState.DONE,
                status=told.status,
                problem=told.problem,
                settled="answer",
                words=told.words,
            )
            if isinstance(verdict, Stored | Refused):
                return verdict
            if isinstance(verdict, NotTaken):
                if verdict.why is Why.UNAUTHENTICATED and attempt == 1:
                    under_way.ask(partial(commons.renew, answer))
                    continue
                if verdict.why not in (Why.BUSY, Why.NOT_SENT):
                    return verdict
            pause = max(under_way.waiting.back_off(attempt), getattr(verdict, "retry_after", None) or 0.0)
            under_way.waiting.pause(pause, verdict.words)
        return verdict

    def _entry(self, batch: Batch, family: _Family, attempt: int) -> RequestEntry:
        number = requests.next_number(self._journal)
        return RequestEntry(
            number,
            "dry-run",
            f"gen3submit {self._journal.run.id} {number} {secrets.token_hex(4)}",
            batch.type,
            batch.ranges,
            len(batch.items),
            "json",
            len(family.content),
            sha256(family.content).hexdigest(),
            attempt,
            None,
            self._under_way.clock.now(),
        )

    def _family(self, batch: Batch) -> _Family:
        """The rows of a batch together with their new parents, and theirs."""
        under_way = self._under_way
        keys = batch.keys()
        contents = {item.number: item.content for item in batch.items}
        waiting = [item.document for item in batch.items]
        while waiting:
            document = waiting.pop()
            node = under_way.dictionary.nodes[str(document["type"])]
            for _, target, reference in references(document, node):
                parent = under_way.failed.row_of(target, reference)
                if parent is None or parent.planned != Action.CREATE or parent.number in contents:
                    continue
                content = self._journal.value("SELECT content FROM temp.document WHERE row = ?", parent.number)
                if content is not None:
                    contents[parent.number] = content
                    keys[target, str(parent.submitter_id)] = parent.number
                    waiting.append(json.loads(content))
        names = [submitter_id for _, submitter_id in keys]
        body = b"[" + b",".join(contents.values()) + b"]"
        return _Family(keys, body, len(set(names)) < len(names))
