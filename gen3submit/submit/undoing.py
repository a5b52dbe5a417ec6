"""Undoing a submission: the records that it created are deleted, children first; all others are left alone.

Nothing is deleted that was there before. What the submission changed in such records is only told, with the old values.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.commons import Answer
from gen3submit.commons.errors import CommonsProblem
from gen3submit.errors import UsageProblem
from gen3submit.journal import Journal, RequestState, RowState, RunState, requests
from gen3submit.journal import rows as row_store
from gen3submit.journal.carried import reopened
from gen3submit.journal.locks import Lock
from gen3submit.journal.places import journal_of, lock_path
from gen3submit.journal.ranges import ranges_of
from gen3submit.journal.requests import RequestEntry
from gen3submit.messages import submit as words
from gen3submit.planning.planned import PlannedChange, changes_in
from gen3submit.planning.stages import steps
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.submit.circumstances import Circumstances

if TYPE_CHECKING:
    from gen3submit.commons import Commons

DELETED = "deleted"
GONE = "gone"
"""It was not there any more."""
KEPT = "kept"
"""The commons does not let it be deleted: records of others depend on it, or its state forbids it."""
"""What undo did with a record, as the journal keeps it."""


@dataclass(frozen=True, slots=True)
class CreatedRecord:
    """A record that a submission created."""

    row: int
    """The number of its row in the journal."""
    type: str
    submitter_id: str | None
    id: str


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record that could not be deleted, and why."""

    record: CreatedRecord
    why: str


@dataclass(slots=True)
class Undone:
    """What became of an undo."""

    deleted: int = 0
    gone: int = 0
    """How many were not there any more."""
    kept: list[KeptRecord] = field(default_factory=list)
    stopped: str | None = None
    """Why it stopped before its end; undo again goes on."""

    @property
    def ok(self) -> bool:
        """Whether no record of the submission is left."""
        return not self.kept and self.stopped is None

    @property
    def exit_code(self) -> int:
        """0 where none is left, 1 where some had to be kept, 3 where it stopped."""
        return 3 if self.stopped is not None else 0 if self.ok else 1

    def to_dict(self) -> dict[str, Any]:
        """The undo as JSON."""
        return {
            "ok": self.ok,
            "deleted": self.deleted,
            "gone": self.gone,
            "kept": [
                {
                    "type": each.record.type,
                    "submitter_id": each.record.submitter_id,
                    "id": each.record.id,
                    "why": each.why,
                }
                for each in self.kept
            ],
            "stopped": self.stopped,
        }


class UndoPlan:
    """What undoing a submission would do. `carry_out` does it."""

    def __init__(self, journal: Journal, commons: Commons, progress: Progress, around: Circumstances) -> None:
        self.journal = journal
        self._commons = commons
        self._progress = progress
        self._around = around

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()

    def __enter__(self) -> UndoPlan:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each node type would be deleted, in the order in which that happens."""
        found: dict[str, int] = {}
        for record in self.records():
            found[record.type] = found.get(record.type, 0) + 1
        return found

    def records(self) -> Iterator[CreatedRecord]:
        """The records that would be deleted, children first."""
        names = {entry.number: entry.name for entry in row_store.types(self.journal)}
        sql = (
            "SELECT number, type, submitter_id, id FROM row WHERE state = ? AND action = 'create' AND id IS NOT NULL"
            " AND (undone IS NULL OR undone = ?) AND type IN ({}) ORDER BY level DESC, number DESC"
        )
        for types in reversed(steps(self.journal)):
            marks = ", ".join("?" for _ in types)
            numbers = [entry.number for entry in types]
            for number, type_, submitter_id, id_ in self.journal.rows(
                sql.format(marks), str(RowState.CONFIRMED), KEPT, *numbers
            ):
                yield CreatedRecord(number, names[type_], submitter_id, id_)

    def changes(self) -> Iterator[PlannedChange]:
        """What the submission changed in records that were there before, with the old values; that stays."""
        rows = {
            (path, line)
            for path, line in self.journal.each(
                "SELECT f.path, r.line FROM row r JOIN file f ON f.number = r.file JOIN change c ON c.row = r.number"
                " WHERE r.state = ? AND r.action = 'update'",
                str(RowState.CONFIRMED),
            )
        }
        return (change for change in changes_in(self.journal) if (change.path, change.line) in rows)

    def carry_out(self) -> Undone:
        """Delete the records, children first.

        Raises:
            UsageProblem: another process is sending to the project, or the journal cannot be written.
        """
        run = self.journal.run
        endpoint = self._around.locked_as or self._commons.endpoint
        what = words.project_on(run.project, self._commons.endpoint)
        with Lock(lock_path(self._around.folder, endpoint, run.project), what):
            return _Deleting(self.journal, self._commons, self._progress, self._around).delete(list(self.records()))


class _Deleting:
    """Deletes records in batches, each all or nothing; what stands in the way is kept and the rest goes."""

    def __init__(self, journal: Journal, commons: Commons, progress: Progress, around: Circumstances) -> None:
        self._journal = journal
        self._commons = commons
        self._progress = progress
        self._around = around
        self._waiting = around.waiting(progress)
        self._done = Undone()

    def delete(self, records: Sequence[CreatedRecord]) -> Undone:
        project = self._journal.run.project
        by_id = {record.id: record for record in records}
        with self._progress.start(words.deleting(), len(records), "records") as task:
            for ids in self._commons.deletion_batches(project, by_id):
                if self._around.stop.asked:
                    self._done.stopped = words.interrupted()
                if self._done.stopped is not None:
                    break
                self._delete_batch({id_: by_id[id_] for id_ in ids})
                task.advance(len(ids))
        return self._done

    def _delete_batch(self, batch: Mapping[str, CreatedRecord]) -> None:
        """Delete the records of a batch, without those that stand in its way."""
        left = dict(batch)
        for attempt in range(1, self._around.patience.attempts * 2):
            if not left:
                return
            answer = self._request(left, attempt)
            content = answer.json if isinstance(answer.json, Mapping) else {}
            if answer.status == 200 and content.get("success") is True and answer.problem is None:
                self._note(left.values(), DELETED)
                return
            if answer.status == 400 and content.get("success") is False:
                blamed = self._take_out(left, content.get("entities"))
                if not blamed:
                    self._done.stopped = answer.server_words or answer.words
                    return
            elif not self._settle(left, answer, attempt):
                return
        if left:
            self._done.stopped = words.gave_up(self._around.patience.attempts, "")

    def _request(self, left: Mapping[str, CreatedRecord], attempt: int) -> Answer:
        """One deletion, in the journal before it leaves and after it."""
        journal, ids = self._journal, list(left)
        number = requests.next_number(journal)
        body = ",".join(ids)
        entry = RequestEntry(
            number,
            "delete",
            f"gen3submit {journal.run.id} {number} {secrets.token_hex(4)}",
            None,
            ranges_of(record.row for record in left.values()),
            len(ids),
            "ids",
            len(body),
            sha256(body.encode()).hexdigest(),
            attempt,
            None,
            self._around.clock.now(),
        )
        with journal.writing():
            requests.begin(journal, entry)
        answer = self._commons.delete_records(journal.run.project, ids)
        transaction = answer.json.get("transaction_id") if isinstance(answer.json, Mapping) else None
        requests.update(
            journal,
            number,
            ended=self._around.clock.now(),
            state=RequestState.DONE,
            status=answer.status,
            problem=answer.problem,
            transaction_id=transaction if isinstance(transaction, int) else None,
            settled="answer" if answer.error is None else None,
            words=answer.words or None,
        )
        return answer

    def _take_out(self, left: dict[str, CreatedRecord], entities: Any) -> bool:
        """Take out of a batch what the commons has against it; False where it named nothing."""
        before = len(left)
        for entity in entities if isinstance(entities, list) else ():
            for error in entity.get("errors") or ():
                if error.get("type") == "NOT_FOUND" and str(error.get("id")) in left:
                    self._note([left.pop(str(error["id"]))], GONE)
                elif entity.get("id") in left:
                    record = left.pop(entity["id"])
                    self._done.kept.append(KeptRecord(record, words.kept_for_others(str(error.get("message")))))
                    self._note([record], KEPT)
        return len(left) < before

    def _settle(self, left: dict[str, CreatedRecord], answer: Answer, attempt: int) -> bool:
        """Find out what became of a deletion without a clear answer; whether to go on with what is left."""
        if answer.status == 401 and attempt == 1:
            try:
                self._commons.renew(answer)
            except CommonsProblem as problem:
                self._done.stopped = str(problem)
                return False
            return True
        if answer.status in (401, 403, 404, 405) or answer.problem == "unauthenticated":
            self._done.stopped = answer.words
            return False
        self._waiting.pause(self._waiting.back_off(attempt), answer.words)
        try:
            there = {id_ for type_ in {r.type for r in left.values()} for id_ in self._there(type_)}
        except CommonsProblem as problem:
            self._done.stopped = words.deletion_unclear(str(problem))
            return False
        gone = [record for id_, record in left.items() if id_ not in there]
        self._note(gone, DELETED)
        for record in gone:
            del left[record.id]
        return True

    def _there(self, type_: str) -> set[str]:
        """The ids of the records of a type that are there."""
        project = self._journal.run.project
        try:
            found = set(self._commons.record_ids(project, type_).values())
        except CommonsProblem:
            found = set()
        # Nothing at all may mean no right to see it; the export tells.
        return found or {str(record.get("id")) for record in self._commons.export(project, type_)}

    def _note(self, records: Iterable[CreatedRecord], what: str) -> None:
        numbers = [record.row for record in records]
        if what == DELETED:
            self._done.deleted += len(numbers)
        elif what == GONE:
            self._done.gone += len(numbers)
        with self._journal.writing():
            self._journal.update_many("row", ("undone",), ((what, each) for each in numbers))


def undo(
    run: str | Path,
    *,
    commons: Commons,
    progress: Progress = NO_PROGRESS,
    circumstances: Circumstances | None = None,
) -> UndoPlan:
    """Plan to undo a submission. Nothing is deleted before `UndoPlan.carry_out`.

    Args:
        run: its id, its plan file or its journal.
        commons: the same commons as before.
        progress: is told how far it is.
        circumstances: clock, patience, the user's wish to stop, places.

    Raises:
        UsageProblem: there is no such run, it goes to another commons, or the fate of some rows is not settled.
    """
    around = circumstances or Circumstances()
    journal = reopened(journal_of(run, around.folder))
    try:
        endpoint = journal.run.endpoint
        if endpoint is not None and endpoint != commons.endpoint:
            raise UsageProblem(words.other_commons(journal.run.id, endpoint, commons.endpoint))
        unsettled = row_store.count(journal, [RowState.SENT, RowState.UNKNOWN])
        if unsettled or journal.run.state in (RunState.PLANNING, RunState.SENDING):
            raise UsageProblem(words.still_sending(journal.run.id))
    except BaseException:
        journal.close()
        raise
    return UndoPlan(journal, commons, progress, around)
