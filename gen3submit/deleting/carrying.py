"""Carries a deletion out: children first, batch by batch, until it is clear what became of each record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gen3submit.deleting.answers import ATTEMPTS, Entity, entities_or_none, is_success, may_pass, sent
from gen3submit.deleting.records import DeletionPlan, DeletionReport, Refusal, Target
from gen3submit.errors import CommonsProblem
from gen3submit.messages import deleting as words
from gen3submit.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from gen3submit.commons import Commons

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0


def delete(
    commons: Commons,
    plan: DeletionPlan,
    *,
    progress: Progress = NO_PROGRESS,
    sleep: Callable[[float], None] = time.sleep,
) -> DeletionReport:
    """Delete the records of a plan, children first, in requests that are carried out whole or not at all.

    It stops at the first record that the commons refuses. After an answer that was lost or unclear it deletes again:
    what is gone cannot be deleted twice. Nothing is raised for what the commons does; the report tells.

    Args:
        commons: where the records are.
        plan: what is to be deleted.
        progress: is told how far it is.
        sleep: waits.
    """
    report = DeletionReport(plan.project)
    waiting = list(plan.targets)
    batches = _Batches(commons, report, {target.id: target for target in plan.targets}, sleep)
    with progress.start(words.deleting(), len(waiting), words.records()) as task:
        while waiting and report.stopped is None:
            ids = next(commons.deletion_batches(plan.project, (target.id for target in waiting)))
            batch, waiting = waiting[: len(ids)], waiting[len(ids) :]
            done = len(report.deleted) + len(report.gone)
            try:
                waiting = batches.delete(batch, waiting)
            except CommonsProblem as problem:
                report.stopped = str(problem)
                waiting = [*(target for target in batch if not _is_told(report, target)), *waiting]
            task.advance(len(report.deleted) + len(report.gone) - done)
    report.not_tried += waiting
    return report


class _Batches:
    """Sends batches, each until it is clear what became of it."""

    def __init__(
        self, commons: Commons, report: DeletionReport, known: Mapping[str, Target], sleep: Callable[[float], None]
    ) -> None:
        self._commons = commons
        self._report = report
        self._known = known
        self._sleep = sleep
        self._reorderings_left = 2 * len(known) + 10
        """How often children may still be put before their parents: there must be an end to it."""

    def delete(self, batch: list[Target], waiting: list[Target]) -> list[Target]:
        """Delete the batch; what is to be deleted after it.

        Raises:
            CommonsProblem: nothing of the batch was deleted, and the next one would fare no better.
        """
        attempts = 0
        unclear = False
        while batch:
            attempts += 1
            try:
                answer = sent(self._commons, self._report.project, [target.id for target in batch])
            except CommonsProblem as problem:
                if not unclear:
                    raise
                return self._given_up(batch, waiting, str(problem), unclear=True)
            told = entities_or_none(answer)
            if told is not None and is_success(answer, batch, told):
                self._report.deleted += batch
                return waiting
            if told is not None and answer.status == 400:
                gone = {id_ for entity in told for id_ in entity.missing}
                if not gone & {target.id for target in batch}:
                    return self._refused(batch, waiting, told)
                # All or nothing: after an unclear answer, what is gone was deleted by us.
                there = self._report.deleted if unclear else self._report.gone
                there += (target for target in batch if target.id in gone)
                batch = [target for target in batch if target.id not in gone]
                attempts = 0
                continue
            problem_met = answer.error
            if problem_met is not None and not may_pass(answer) and not unclear:
                raise problem_met
            unclear = unclear or answer.sent
            if attempts >= ATTEMPTS:
                return self._given_up(batch, waiting, str(problem_met or words.no_success()), unclear=unclear)
            # A second deletion of what is gone is refused and changes nothing.
            self._sleep(min(answer.retry_after or _FIRST_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE))
        return waiting

    def _given_up(self, batch: list[Target], waiting: list[Target], why: str, *, unclear: bool) -> list[Target]:
        self._report.stopped = why
        (self._report.unknown if unclear else self._report.not_tried).extend(batch)
        return waiting

    def _refused(self, batch: list[Target], waiting: list[Target], told: list[Entity]) -> list[Target]:
        """After a refusal, which leaves all of the batch: what waits now."""
        later = {target.id: target for target in waiting} if self._reorderings_left > 0 else {}
        ahead: dict[str, Target] = {}
        refused: list[Refusal] = []
        for entity in told:
            for reason, dependents in entity.errors:
                # They are a path down: child, grandchild, and so on.
                ours = [id_ for _, id_ in reversed(dependents) if id_ in later]
                ahead.update((id_, later[id_]) for id_ in ours)
                if not ours and entity.target is not None and entity.target.id in self._known:
                    listed = tuple(f"{type_} {id_}" for type_, id_ in dependents)
                    refused.append(Refusal(self._known[entity.target.id], reason, listed))
        if ahead and not refused:
            self._reorderings_left -= 1
            return [*ahead.values(), *batch, *(target for target in waiting if target.id not in ahead)]
        self._report.refused += refused
        self._report.stopped = words.refused()
        kept = {refusal.target.id for refusal in refused}
        return [*(target for target in batch if target.id not in kept), *waiting]


def _is_told(report: DeletionReport, target: Target) -> bool:
    return any(target in told for told in (report.deleted, report.gone, report.unknown, report.not_tried)) or any(
        refusal.target == target for refusal in report.refused
    )
