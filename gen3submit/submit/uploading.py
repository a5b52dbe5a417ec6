"""Submitting tables to a commons, from the check to the report; and going on where a submission stopped."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gen3submit.checking import check
from gen3submit.checking.choosing import LEAST_BYTES
from gen3submit.collecting import collecting_seldom
from gen3submit.commons.clock import Clock
from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.findings import CheckResult
from gen3submit.journal import Journal, RunState
from gen3submit.journal import rows as row_store
from gen3submit.journal.carried import reopened
from gen3submit.journal.locks import Lock
from gen3submit.journal.places import forget, journal_of, lock_path, new_journal_path, new_run_id, remember
from gen3submit.journal.run import Choices
from gen3submit.messages import submit as words
from gen3submit.planning import Plan, plan
from gen3submit.planning.held import Held
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId
from gen3submit.submit.asked import Asked
from gen3submit.submit.carrying import carry_on, carry_out, give_up
from gen3submit.submit.checked import as_list, checked
from gen3submit.submit.circumstances import Circumstances
from gen3submit.submit.report import SubmissionReport
from gen3submit.submit.unfinished import GOES_ON, UnfinishedSubmission, find_unfinished, set_aside
from gen3submit.tables.source import Source
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons


@collecting_seldom()
def upload(
    paths: Any,
    *,
    project: str | ProjectId,
    commons: Commons,
    dictionary: Any = None,
    existing: Sequence[Any] | None = None,
    good_rows: bool = False,
    dry_run: bool = False,
    as_: Literal["json", "tsv"] = "json",
    batch_size: int | None = None,
    parallel: int = 1,
    verify: bool = True,
    overwrite: bool = False,
    resend_unchanged: bool = False,
    no_values: bool = False,
    journal: str | Path | None = None,
    resume: bool | None = None,
    progress: Progress = NO_PROGRESS,
    circumstances: Circumstances | None = None,
) -> SubmissionReport:
    """Check tables, plan their submission, send it, and report every row.

    Args:
        paths: files, folders, patterns and DataFrames; one of these or a list of them.
        project: ``PROGRAM-CODE``.
        commons: where to.
        dictionary: a `Dictionary`, or whatever `Dictionary.load` takes; the commons' own if not given.
        existing: tables of the records that the commons holds, for the check; it is asked if not given.
        good_rows: whether the good rows are sent although others have errors. Without it errors stop everything.
        dry_run: whether the commons is only asked what it would say.
        as_: the form in which rows are sent.
        batch_size: the most rows in a request; as many as the commons takes in about ten seconds if not given.
        parallel: how many requests may be under way at once.
        verify: whether success is proved and not only believed.
        overwrite: whether rows are sent that somebody else changes in the commons after the plan is made.
        resend_unchanged: whether rows are sent that the commons holds exactly so already.
        no_values: whether journal and report keep no values of the data.
        journal: the file of the journal; one in the user's state folder if not given.
        resume: whether an unfinished submission of the same files goes on (True) or is given up for a new one
            (False); not given, it is an error.
        progress: is told how far the submission is.
        circumstances: clock, patience, the user's wish to stop, places.

    Returns:
        The report. Rows that failed, and a submission that stopped, are told there and are no exception.

    Raises:
        UnfinishedSubmission: the same files were being submitted, and `resume` does not say what to do about it.
        UsageProblem: an input cannot be used, another process is sending to this project, or the journal cannot be
            written. Nothing was sent, or the sentence says so.
        CommonsProblem: the commons cannot be asked before anything was sent.
    """
    around = circumstances or Circumstances()
    choices = Choices(as_, batch_size, parallel, verify, overwrite, resend_unchanged, good_rows, no_values, dry_run)
    _check_choices(choices)
    project_id = str(ProjectId.parse(project))
    paths = as_list(paths)
    tables = sources(paths)
    if dry_run:
        return _dry_run(paths, tables, project_id, commons, dictionary, existing, choices, progress, around)
    with _locked(around, commons.endpoint, project_id):
        unfinished = _unfinished(journal, around, commons.endpoint, project_id, tables)
        if unfinished is not None:
            if resume is None:
                with Journal.open(unfinished, thorough=False) as found:
                    raise UnfinishedSubmission(found.run.id, unfinished)
            if resume:
                return _go_on(unfinished, commons, dictionary, tables, {}, progress, around)
            give_up(unfinished, commons, progress, around)
            if journal is not None and Path(journal) == unfinished:
                set_aside(unfinished, around.folder)
        # Small submissions are there before an answer is.
        takes_long = sum(source.size() for source in tables) >= LEAST_BYTES
        log = Asked(lambda: commons.transaction_log(project_id, 1, answers=False)) if takes_long else None
        held = Held(commons, project_id, progress)
        try:
            loaded, result = checked(paths, project_id, commons, dictionary, existing, held, progress)
            if _has_errors(result) and not good_rows:
                return _refused(result, tables, loaded, choices, around)
            run_id = new_run_id(around.clock.now())
            path = Path(journal) if journal is not None else new_journal_path(around.folder, run_id)
            planned = plan(
                result,
                tables,
                loaded,
                commons,
                choices=choices,
                held=held,
                journal=path,
                run_id=run_id,
                progress=progress,
                clock=around.clock,
            )
        finally:
            held.close()
        if not good_rows and row_store.count(planned.journal, row_store.FAILED):
            # What the check cannot see: records that are their own ancestors.
            planned.journal.set_run(state=RunState.REFUSED)
            if journal is None:
                weakref.finalize(planned.journal, forget, path)
            return SubmissionReport(planned.journal)
        remember(around.folder, run_id, path)
        carry_out(planned.journal, commons, loaded, tables, progress, around, log)
        return SubmissionReport(planned.journal)


@collecting_seldom()
def prepare(
    paths: Any,
    *,
    project: str | ProjectId,
    commons: Commons | None = None,
    dictionary: Any = None,
    existing: Sequence[Any] | None = None,
    choices: Choices | None = None,
    progress: Progress = NO_PROGRESS,
    clock: Clock | None = None,
) -> Plan:
    """Check tables and plan their submission, as `upload` would, without sending anything.

    Args:
        paths: files, folders, patterns and DataFrames; one of these or a list of them.
        project: ``PROGRAM-CODE``.
        commons: compared with its records; without it the plan does not tell what is there already.
        dictionary: a `Dictionary`, or whatever `Dictionary.load` takes; the commons' own if not given.
        existing: tables of the records that the commons holds, for the check; it is asked if not given.
        choices: how it will be sent; a saved plan keeps them.
        progress: is told how far it is.
        clock: the time.

    Returns:
        The plan. Where the check found errors and not only the good rows are wanted, nothing was compared.

    Raises:
        UsageProblem: an input cannot be used, or neither a dictionary nor a commons is given.
        CommonsProblem: the commons cannot be asked.
    """
    choices = choices or Choices()
    _check_choices(choices)
    project_id = str(ProjectId.parse(project))
    paths = as_list(paths)
    if commons is None:
        if dictionary is None:
            raise UsageProblem(words.no_dictionary())
        loaded = Dictionary.load(dictionary)
        result = check(paths, dictionary=loaded, project=project_id, existing=existing, progress=progress)
        return plan(result, paths, loaded, choices=choices, progress=progress, clock=clock)
    held = Held(commons, project_id, progress)
    try:
        loaded, result = checked(paths, project_id, commons, dictionary, existing, held, progress)
        comparable = choices.good_rows or not _has_errors(result)
        return plan(
            result,
            paths,
            loaded,
            commons,
            choices=choices,
            held=held if comparable else None,
            progress=progress,
            clock=clock,
        )
    finally:
        held.close()


@collecting_seldom()
def resume(
    run: str | os.PathLike[str],
    *,
    commons: Commons,
    dictionary: Any = None,
    tables: Any = None,
    parallel: int | None = None,
    batch_size: int | None = None,
    verify: bool | None = None,
    overwrite: bool | None = None,
    progress: Progress = NO_PROGRESS,
    circumstances: Circumstances | None = None,
) -> SubmissionReport:
    """Go on with a submission that stopped, or begin one that was planned and saved.

    Args:
        run: its id, its plan file or its journal.
        commons: the same commons as before.
        dictionary: the same dictionary as before; the commons' own if not given.
        tables: the tables again, where they were DataFrames; files are read from where they were.
        parallel: as `upload`; as before if not given, like the others below.
        batch_size: as `upload`.
        verify: as `upload`.
        overwrite: as `upload`; rows that were kept back because their records changed are then sent.
        progress: is told how far the submission is.
        circumstances: clock, patience, the user's wish to stop, places.

    Returns:
        The report. A submission that is finished is only reported.

    Raises:
        UsageProblem: there is no such run, it belongs to another commons, or files or dictionary changed since.
        CommonsProblem: the commons cannot be asked.
    """
    around = circumstances or Circumstances()
    path = journal_of(run, around.folder)
    changes = {"parallel": parallel, "batch_size": batch_size, "verify": verify, "overwrite": overwrite}
    given = {name: value for name, value in changes.items() if value is not None}
    with Journal.open(path, thorough=False) as journal:
        project = journal.run.project
    with _locked(around, commons.endpoint, project):
        found = None if tables is None else sources(tables)
        return _go_on(path, commons, dictionary, found, given, progress, around)


def _go_on(
    path: Path,
    commons: Commons,
    dictionary: Any,
    tables: Sequence[Source] | None,
    given: Mapping[str, Any],
    progress: Progress,
    around: Circumstances,
) -> SubmissionReport:
    journal = reopened(path)
    try:
        remember(around.folder, journal.run.id, path)
        if given:
            journal.set_run(choices=replace(journal.run.choices, **given))
            _check_choices(journal.run.choices)
        carry_on(journal, commons, dictionary, tables, progress, around)
    except BaseException:
        journal.close()
        raise
    return SubmissionReport(journal)


def _locked(around: Circumstances, endpoint: str, project: str) -> Lock:
    return Lock(lock_path(around.folder, around.locked_as or endpoint, project), words.project_on(project, endpoint))


def _unfinished(
    journal: str | Path | None, around: Circumstances, endpoint: str, project: str, tables: Sequence[Source]
) -> Path | None:
    """The journal of an unfinished submission that stands in the way of a new one."""
    if journal is None or not Path(journal).exists():
        return find_unfinished(around.folder, endpoint, project, tables)
    with Journal.open(Path(journal), thorough=False) as found:
        state = found.run.state
    if state is RunState.PLANNING:
        forget(Path(journal))
        return None
    if state not in (*GOES_ON, RunState.READY):
        raise UsageProblem(words.journal_exists(str(journal)))
    return Path(journal)


def _has_errors(result: CheckResult) -> bool:
    return any(file.has_errors or file.verdicts for file in result.files)


def _refused(
    result: CheckResult, tables: Sequence[Source], dictionary: Dictionary, choices: Choices, around: Circumstances
) -> SubmissionReport:
    """The report of a submission of which nothing is sent, because the check found errors."""
    planned = plan(result, tables, dictionary, choices=choices, clock=around.clock)
    return SubmissionReport(planned.journal)


def _dry_run(
    paths: Sequence[Any],
    tables: Sequence[Source],
    project: str,
    commons: Commons,
    dictionary: Any,
    existing: Sequence[Any] | None,
    choices: Choices,
    progress: Progress,
    around: Circumstances,
) -> SubmissionReport:
    """Ask the commons what it would say; the journal vanishes with the report."""
    from gen3submit.submit.trying import try_out  # noqa: PLC0415  # only needed here

    held = Held(commons, project, progress)
    try:
        loaded, result = checked(paths, project, commons, dictionary, existing, held, progress)
        if _has_errors(result) and not choices.good_rows:
            return _refused(result, tables, loaded, choices, around)
        planned = plan(
            result, tables, loaded, commons, choices=choices, held=held, progress=progress, clock=around.clock
        )
    finally:
        held.close()
    try_out(planned.journal, commons, loaded, tables, progress, around)
    return SubmissionReport(planned.journal)


def _check_choices(choices: Choices) -> None:
    if choices.as_ not in ("json", "tsv"):
        raise UsageProblem(words.bad_form(str(choices.as_)))
    if choices.parallel < 1 or (choices.batch_size is not None and choices.batch_size < 1):
        raise UsageProblem(words.bad_number())
