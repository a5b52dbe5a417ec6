"""Carrying a planned submission out, from its first request to its last, and taking it up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import CommonsProblem
from gen3submit.commons.transactions import Transaction
from gen3submit.dictionary import Dictionary
from gen3submit.errors import Gen3SubmitError, UsageProblem
from gen3submit.journal import Journal, JournalProblem, RequestState, RowState, RunState, carried, requests
from gen3submit.journal import rows as row_store
from gen3submit.journal.ranges import ranges_of
from gen3submit.messages import submit as words
from gen3submit.planning.held import Held
from gen3submit.planning.rows import RowPlanner
from gen3submit.progress import Progress
from gen3submit.submit import points
from gen3submit.submit.asked import Asked
from gen3submit.submit.batches import Batch
from gen3submit.submit.circumstances import Circumstances
from gen3submit.submit.foreign import Foreign, release
from gen3submit.submit.patience import Patience
from gen3submit.submit.sending import Sending
from gen3submit.submit.settling import Settling
from gen3submit.submit.stopping import Interrupted
from gen3submit.submit.tables import same_dictionary, same_tables
from gen3submit.submit.under_way import Stopped, UnderWay
from gen3submit.tables.source import Source

if TYPE_CHECKING:
    from gen3submit.commons import Commons

_OPEN = (RequestState.OPEN, RequestState.ANSWERED, RequestState.UNSETTLED)
_NOT_SETTLED = (RowState.PENDING, RowState.SENT, RowState.UNKNOWN)


def carry_out(
    journal: Journal,
    commons: Commons,
    dictionary: Dictionary,
    tables: Sequence[Source],
    progress: Progress,
    around: Circumstances,
    log: Asked[list[Transaction]] | None = None,
) -> None:
    """Send what a fresh plan holds. How it ended stands in the journal.

    Args:
        journal: the plan.
        commons: where to.
        dictionary: the one that the tables were checked with.
        tables: the tables.
        progress: is told how far it is.
        around: clock, patience, the user's wish to stop, places.
        log: the newest entry of the project's transaction log, if that was asked for.

    Raises:
        UsageProblem: a file is not the one that was checked, or the journal cannot be written.
    """
    newest = None if log is None else log.answer
    _carry(_under_way(journal, commons, dictionary, tables, progress, around), around, fresh=True, newest=newest)


def carry_on(
    journal: Journal,
    commons: Commons,
    dictionary: Any,
    tables: Sequence[Source] | None,
    progress: Progress,
    around: Circumstances,
) -> None:
    """Go on with a submission: settle what was under way, look whether the commons changed, then send the rest.

    Raises:
        UsageProblem: it cannot go on: another commons, changed files, another dictionary; or the journal cannot be
            written.
        CommonsProblem: the commons cannot be asked.
    """
    run = journal.run
    if run.state is RunState.FINISHED and not run.choices.overwrite:
        return
    if run.state in (RunState.REFUSED, RunState.ABANDONED, RunState.PLANNING):
        raise UsageProblem(words.cannot_go_on(run.id, str(run.state)))
    if run.endpoint is not None and run.endpoint != commons.endpoint:
        raise UsageProblem(words.other_commons(run.id, run.endpoint, commons.endpoint))
    loaded = same_dictionary(journal, commons, dictionary)
    found = same_tables(journal, tables)
    if run.endpoint is None:
        journal.set_run(endpoint=commons.endpoint)
    under_way = _under_way(journal, commons, loaded, found, progress, around)
    if run.compared is None and run.begun is None:
        _compare(under_way)
    _carry(under_way, around, fresh=False)


def give_up(path: Path, commons: Commons, progress: Progress, around: Circumstances) -> None:
    """Give a submission up for a new one, once none of its requests is under way any more.

    Raises:
        UsageProblem: the journal cannot be written.
        CommonsProblem: the commons cannot be asked.
    """
    with Journal.open(path, thorough=False) as journal:
        left = requests.in_state(journal, *_OPEN)
        if left:
            dictionary = Dictionary.load(commons)
            under_way = _under_way(journal, commons, dictionary, (), progress, around)
            try:
                under_way.look_at_log()
                for entry in left:
                    _wait_for(under_way, entry, around.patience)
            except (Stopped, Interrupted) as stopped:
                raise UsageProblem(words.still_under_way(journal.run.id, str(stopped))) from None
        journal.set_run(state=RunState.ABANDONED, ended=around.clock.now())


def _under_way(
    journal: Journal,
    commons: Commons,
    dictionary: Dictionary,
    tables: Sequence[Source],
    progress: Progress,
    around: Circumstances,
) -> UnderWay:
    return UnderWay(
        journal,
        commons,
        dictionary,
        {source.path: source for source in tables},
        around.waiting(progress),
        progress,
        around.at,
    )


def _carry(
    under_way: UnderWay, around: Circumstances, *, fresh: bool, newest: Sequence[Transaction] | None = None
) -> None:
    """Send until the end, or until it cannot go on; write which of the two it was."""
    journal, clock = under_way.journal, around.clock
    under_way.at(points.PLANNED)
    journal.set_run(
        state=RunState.SENDING,
        begun=journal.run.begun or clock.now(),
        ended=None,
        stopped=None,
        interrupted=False,
    )
    ending: Mapping[str, Any]
    try:
        _send(under_way, fresh=fresh, newest=newest)
    except Interrupted:
        ending = {"state": RunState.STOPPED, "stopped": words.interrupted(), "interrupted": True}
    except (Stopped, CommonsProblem) as stopped:
        ending = {"state": RunState.STOPPED, "stopped": str(stopped)}
    except JournalProblem:
        raise
    except Gen3SubmitError as problem:
        journal.set_run(state=RunState.STOPPED, stopped=str(problem), ended=clock.now())
        raise
    else:
        under_way.at(points.BEFORE_END)
        ending = {"state": RunState.FINISHED}
    carried.write_down(journal)
    row_store.settle_twins(journal)
    journal.set_run(ended=clock.now(), **ending)
    journal.checkpoint()
    under_way.at(points.FINISHED)


def _send(under_way: UnderWay, *, fresh: bool, newest: Sequence[Transaction] | None) -> None:
    journal = under_way.journal
    left = requests.in_state(journal, *_OPEN)
    if not left and not row_store.count(journal, _NOT_SETTLED) and not journal.run.choices.overwrite:
        return
    under_way.look_at_log(newest)
    sending = Sending(under_way)
    if left:
        _take_up(under_way, sending, left)
    foreign = Foreign(under_way)
    if journal.run.choices.overwrite:
        release(under_way)
    elif not fresh:
        foreign.look_now(row_store.types(journal))
    sending.send(foreign.look)


def _take_up(under_way: UnderWay, sending: Sending, left: list[requests.RequestEntry]) -> None:
    """Settle the requests that an earlier process left behind."""
    under_way.stop.gentle = True
    try:
        sending.take_up_answered([entry for entry in left if entry.state == RequestState.ANSWERED])
        for entry in left:
            if entry.state == RequestState.ANSWERED:
                continue
            rows = [
                row.number for row in row_store.rows_of(under_way.journal, entry.rows) if row.request == entry.number
            ]
            items = under_way.documents_of(ranges_of(rows))
            if items:
                sending.take_up(entry, Batch(items, entry.attempt))
    finally:
        under_way.stop.gentle = False


def _wait_for(under_way: UnderWay, entry: requests.RequestEntry, patience: Patience) -> None:
    """Wait until a request that an earlier process left behind cannot be running any more."""
    settling = Settling(under_way)
    while True:
        age = under_way.clock.now() - entry.begun
        if age >= patience.running:
            return
        if under_way.log_readable:
            logged = settling.look_up(entry)
            over = logged.transaction is not None and logged.transaction.state != "PENDING"
            unseen = logged.transaction is None and not logged.unnamed and age >= patience.unseen
            if over or unseen:
                return
        elif age >= patience.blind:
            return
        under_way.waiting.pause(min(2.0, patience.unseen / 4))


def _compare(under_way: UnderWay) -> None:
    """Compare a plan with the commons that was made without one."""
    held = Held(under_way.commons, under_way.project, under_way.progress)
    try:
        journal = under_way.journal
        with journal.writing():
            journal.execute("DELETE FROM given_id")
        planner = RowPlanner(journal, under_way.sources, under_way.dictionary, held, under_way.progress)
        planner.plan()
        if planner.compared:
            journal.set_run(compared=under_way.clock.now())
    finally:
        held.close()
