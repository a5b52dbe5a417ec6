"""Making a new journal in place of a damaged one, from the files and what the commons holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.errors import UsageProblem
from gen3submit.journal import Action, Journal, JournalDamaged, RequestState, RowState, RunState
from gen3submit.journal import rows as row_store
from gen3submit.journal.layout import names, prepare, sealing
from gen3submit.journal.locks import Lock
from gen3submit.journal.places import journal_of, lock_path, new_run_id, remember
from gen3submit.journal.run import Choices, Run, run_from
from gen3submit.messages import submit as words
from gen3submit.planning import plan
from gen3submit.planning.held import Held
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId
from gen3submit.submit.checked import as_list, checked
from gen3submit.submit.circumstances import Circumstances
from gen3submit.submit.report import SubmissionReport
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons


def recover(
    run: str | Path,
    paths: Any = None,
    *,
    commons: Commons,
    project: str | ProjectId | None = None,
    dictionary: Any = None,
    progress: Progress = NO_PROGRESS,
    circumstances: Circumstances | None = None,
) -> SubmissionReport:
    """Make a new journal in place of a damaged one. Nothing is sent; `resume` goes on with what is left.

    The files are checked again and compared with the commons: rows that it holds as the files have them are settled,
    all others are pending. What can still be read of the damaged journal tells which of them the submission created.

    Args:
        run: the run: its id or its journal.
        paths: the tables of the submission; those that the journal names, if it can still be read so far.
        commons: the same commons as before.
        project: ``PROGRAM-CODE``; that of the journal, as above.
        dictionary: a `Dictionary`, or whatever `Dictionary.load` takes; the commons' own if not given.
        progress: is told how far it is.
        circumstances: clock, patience, places.

    Raises:
        UsageProblem: the journal is not damaged, or does not tell which files and which project it was about.
        CommonsProblem: the commons cannot be asked.
    """
    around = circumstances or Circumstances()
    path = journal_of(run, around.folder)
    try:
        Journal.open(path).close()
    except JournalDamaged:
        pass
    else:
        raise UsageProblem(words.not_damaged(str(path)))
    salvaged = _salvaged(path)
    wanted = salvaged.files if paths is None else as_list(paths)
    project_id = (
        str(ProjectId.parse(project)) if project is not None else (salvaged.run.project if salvaged.run else "")
    )
    if not wanted or not project_id:
        raise UsageProblem(words.cannot_recover(str(path)))
    lock = lock_path(around.folder, around.locked_as or commons.endpoint, project_id)
    with Lock(lock, words.project_on(project_id, commons.endpoint)):
        held = Held(commons, project_id, progress)
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        choices = replace(salvaged.run.choices if salvaged.run else Choices(), good_rows=True)
        try:
            loaded, result = checked(wanted, project_id, commons, dictionary, None, held, progress)
            made = plan(
                result,
                sources(wanted),
                loaded,
                commons,
                choices=choices,
                held=held,
                journal=fresh,
                run_id=salvaged.run.id if salvaged.run else new_run_id(around.clock.now()),
                progress=progress,
                clock=around.clock,
            )
        finally:
            held.close()
        journal = made.journal
        _restore(journal, salvaged)
        finished = not row_store.count(journal, [RowState.PENDING])
        state = RunState.FINISHED if finished else RunState.STOPPED
        now = around.clock.now()
        journal.set_run(state=state, begun=now, ended=now, stopped=None if finished else words.recovered_from())
        aside = _aside(path)
        journal.note(now, words.recovered(str(aside)))
        journal.checkpoint()
        journal.close()
        _replace(path, aside, fresh)
    remember(around.folder, made.run.id, path)
    return SubmissionReport.of(path)


class _Salvaged:
    """What can still be read of a damaged journal."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self.files: list[str] = []
        self.created: dict[tuple[str, str], tuple[str, int | None]] = {}
        """The ids of records that the submission created, and the requests that did it, by type and key."""
        self.requests: list[tuple[Any, ...]] = []
        """The requests whose seals are whole."""


def _salvaged(path: Path) -> _Salvaged:
    found = _Salvaged()
    with suppress(sqlite3.Error), closing(sqlite3.connect(str(path))) as database:
        with suppress(sqlite3.Error, ValueError, TypeError, KeyError):
            found.run = run_from(database.execute(f"SELECT {', '.join(names('run'))} FROM run").fetchone())  # noqa: S608
        with suppress(sqlite3.Error):
            for (place,) in database.execute("SELECT place FROM file WHERE place IS NOT NULL"):
                if Path(str(place)).exists() and str(place) not in found.files:
                    found.files.append(str(place))
        sql = (
            "SELECT t.name, r.key, r.id, r.request FROM row r JOIN type t ON t.number = r.type"
            " WHERE r.state = 'confirmed' AND r.action = 'create'"
        )
        with suppress(sqlite3.Error):
            for name, key, id_, request in database.execute(sql):
                if name and key and id_:
                    found.created[str(name), str(key)] = (str(id_), request)
        with suppress(sqlite3.Error):
            prepare(database)
            for (number,) in database.execute("SELECT number FROM request ORDER BY number").fetchall():
                found.requests += _whole_request(database, number)
    return found


def _whole_request(database: sqlite3.Connection, number: int) -> list[tuple[Any, ...]]:
    """The request of this number; nothing where its seal is broken."""
    sql = f"SELECT {', '.join(names('request'))} FROM request WHERE number = ? AND seal IS {sealing('request')}"  # noqa: S608  # fixed names
    try:
        return database.execute(sql, (number,)).fetchall()
    except sqlite3.Error:
        return []


def _restore(journal: Journal, salvaged: _Salvaged) -> None:
    """Write the requests, and call those rows created that they created and that the commons still has."""
    numbers = {int(values[0]) for values in salvaged.requests}
    with journal.writing():
        journal.insert_many("request", salvaged.requests)
        journal.update("request", {"state": str(RequestState.DONE)}, "1")
    for entry in row_store.types(journal):
        for file in row_store.files(journal):
            condition = f"type = {entry.number} AND state = '{RowState.UNCHANGED}'"
            for row in row_store.rows_between(journal, file.first, file.first + file.rows - 1, condition):
                id_, request = salvaged.created.get((entry.name, str(row.key)), (None, None))
                if row.id is not None and id_ == row.id:
                    by = request if request in numbers else None
                    row_store.set_state(
                        journal, str(row.number), RowState.CONFIRMED, action=str(Action.CREATE), request=by
                    )


def _aside(path: Path) -> Path:
    number = 0
    while True:
        number += 1
        aside = path.with_name(f"{path.name}.damaged" + ("" if number == 1 else f"-{number}"))
        if not aside.exists():
            return aside


def _replace(path: Path, aside: Path, fresh: Path) -> None:
    try:
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        fresh.replace(path)
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(path), error.strerror or str(error))) from None
