"""Making a plan: rows in order, what is kept back, and what each row does to the commons."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.commons.clock import Clock
from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.findings import CheckResult, FileResult, Finding, Severity, Verdict
from gen3submit.journal import Action, Journal, RowState, RunState
from gen3submit.journal import rows as row_store
from gen3submit.journal.findings import FindingWriter, file_findings_as_text, without_values
from gen3submit.journal.places import forget, new_run_id
from gen3submit.journal.rows import Fate, NewRow
from gen3submit.journal.run import Choices, Run
from gen3submit.messages import submit as words
from gen3submit.planning.held import Held
from gen3submit.planning.planned import Plan
from gen3submit.planning.rows import RowPlanner
from gen3submit.planning.stages import number_types
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.tables.source import Source
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons

BLOCKED_CODES = frozenset({"parent-rejected"})
"""Findings that are no fault of the row itself."""

_CONSEQUENCES = frozenset({"file-lost", "server-crash", "lost-with-file"})
"""Findings that only follow from other rows of the file, which have findings of their own."""

_AT_ONCE = 5_000
_FEW = 0.25
"""A part of all rows."""


def plan(
    result: CheckResult,
    tables: Sequence[Source] | Any,
    dictionary: Dictionary,
    commons: Commons | None = None,
    *,
    good_rows: bool = False,
    choices: Choices | None = None,
    held: Held | None = None,
    journal: Path | None = None,
    run_id: str | None = None,
    progress: Progress = NO_PROGRESS,
    clock: Clock | None = None,
) -> Plan:
    """Plan the submission of checked tables. Nothing is sent.

    Args:
        result: what the check of the tables found.
        tables: the tables, in any form that the check takes.
        dictionary: the one that the check was made with.
        commons: compared with its records, so that the plan tells what is new, changed or there already.
        good_rows: whether the rows without errors are sent although others have some.
        choices: how it will be sent; `good_rows` is taken from there if they are given.
        held: what was read of the commons already.
        journal: where the plan is written; to a file that vanishes with it, if not given.
        run_id: the id of the run.
        progress: is told how far the plan is.
        clock: the time.

    Raises:
        UsageProblem: there is no project, a table changed since the check, or the plan cannot be written.
        CommonsProblem: the commons cannot be asked.
    """
    clock = clock or Clock()
    choices = choices or Choices(good_rows=good_rows)
    if result.project is None:
        raise UsageProblem(words.no_project())
    if result.dictionary.get("sha256") not in (None, dictionary.sha256):
        raise UsageProblem(words.other_dictionary())
    found = {source.path: source for source in _as_sources(tables)}
    now = clock.now()
    from gen3submit import __version__  # noqa: PLC0415  # the package imports its public names lazily

    run = Run(
        run_id or new_run_id(now),
        RunState.PLANNING,
        commons.endpoint if commons else None,
        result.project,
        dict(result.dictionary),
        choices,
        now,
        version=__version__,
        seconds=result.seconds,
    )
    path = journal or Path(tempfile.mkdtemp(prefix="gen3submit-")) / "plan"
    written = Journal.create(path, run)
    if journal is None:
        weakref.finalize(written, shutil.rmtree, path.parent, ignore_errors=True)
    own_held = Held(commons, result.project, progress) if commons is not None and held is None else None
    try:
        written.relaxed(True)
        clean = _write_rows(written, result, found, dictionary, held, choices)
        if clean or choices.good_rows:
            planner = RowPlanner(written, found, dictionary, held or own_held, progress)
            planner.plan()
            if held or own_held:
                readable = planner.compared
                written.set_run(compared=now if readable else None)
                if not readable:
                    written.note(now, words.commons_not_readable())
        written.relaxed(False)
        written.set_run(state=RunState.READY if clean or choices.good_rows else RunState.REFUSED)
        written.checkpoint()
    except BaseException:
        written.close()
        forget(path)
        raise
    finally:
        if own_held is not None:
            own_held.close()
    return Plan(written)


def _as_sources(tables: Any) -> list[Source]:
    if isinstance(tables, Sequence) and all(isinstance(each, Source) for each in tables):
        return list(tables)
    return sources(tables)


def _write_rows(
    journal: Journal,
    result: CheckResult,
    found: dict[str, Source],
    dictionary: Dictionary,
    held: Held | None,
    choices: Choices,
) -> bool:
    """Write files, types, rows and findings; whether nothing is kept back."""
    clean = True
    numbers = number_types(journal, result, dictionary)
    writer = FindingWriter(journal, no_values=choices.no_values)
    settled = RowState.PENDING if choices.resend_unchanged else RowState.UNCHANGED
    first = 1
    for number, file in enumerate(result.files, 1):
        source = found.get(file.path)
        if source is None:
            raise UsageProblem(words.not_among_the_tables(file.path))
        findings = file.findings
        if choices.no_values:
            findings = tuple(type(item)(without_values(item.finding), item.line) for item in findings)
        place = None if source.file is None else str(source.file.resolve())
        with journal.writing():
            journal.insert(
                "file",
                number,
                file.path,
                place,
                file.format,
                file.sha256,
                str(file.verdict),
                first,
                len(file),
                file_findings_as_text(findings),
            )
        clean = _write_rows_of(journal, file, number, first, numbers, held, settled) and clean
        writer.add((first + row - 1, found) for row, found in sorted(file.row_findings.items()))
        writer.add((first + row - 1, [_nameless(file, row)]) for row in _without_name(file))
        first += len(file)
    journal.index_keys()
    if row_store.count(journal, [RowState.PENDING]) < (first - 1) * _FEW:
        journal.index_states()
    _mark_twins(journal)
    return clean


def _write_rows_of(
    journal: Journal,
    file: FileResult,
    number: int,
    first: int,
    types: dict[str, int],
    held: Held | None,
    settled: RowState,
) -> bool:
    """Write the rows of a file; whether none of them is kept back.

    Rows that the commons was found to have exactly so are `settled` at once.
    """
    noted = None if held is None else held.table(file.path)
    if noted is not None and noted.sha256 != file.sha256:
        raise UsageProblem(words.file_changed(file.path))
    whole_file = any(
        item.finding.severity is Severity.ERROR and item.finding.code not in _CONSEQUENCES for item in file.findings
    )
    clean = not any(item.finding.severity is Severity.ERROR for item in file.findings)
    looked_at = bool(file.verdicts) or bool(file.row_findings)
    pending = {
        type_: Fate(
            number,
            None if type_ is None else types[type_],
            None,
            str(RowState.PENDING),
            str(Action.CREATE) if held is not None and type_ is not None and held.is_empty(type_) else None,
        )
        for type_ in (None, *types)
    }
    same_as_held = {
        type_: fate._replace(state=str(settled), planned=str(Action.UNCHANGED), held=row_store.AS_SAID, has_ids=True)
        for type_, fate in pending.items()
    }
    columns = enumerate(zip(file.lines, file.types, file.submitter_ids, strict=True), 1)
    while some := list(islice(columns, _AT_ONCE)):
        same: dict[int, str] = {}
        if held is not None and noted is not None:
            same = dict(held.same(file.path, some[0][0], some[-1][0]))
        rows: dict[Fate, list[NewRow]] = {}
        for row, (line, type_, submitter_id) in some:
            state, told = RowState.PENDING, None
            if looked_at:
                verdict = file.verdicts.get(row)
                told = None if verdict is None else str(verdict)
                if row in file.row_findings:
                    errors = {found.code for found in file.row_findings[row] if found.severity is Severity.ERROR}
                    clean = clean and not errors
                    if errors - _CONSEQUENCES:
                        state = RowState.BLOCKED if errors <= BLOCKED_CODES else RowState.LEFT_OUT
                if verdict is Verdict.DROP:
                    state = RowState.LEFT_OUT
            if whole_file or submitter_id is None:
                state = RowState.LEFT_OUT
            key = None if submitter_id is None else submitter_id.lower()
            new: NewRow = (first + row - 1, row, line, submitter_id, key)
            if state is not RowState.PENDING:
                clean = False
                fate = pending[type_]._replace(state=str(state), planned=None)
            elif (id_ := same.get(row)) is not None:
                fate = same_as_held[type_]
                new = (*new, id_)
            else:
                fate = pending[type_]
            if told is not None:
                fate = fate._replace(verdict=told)
            rows.setdefault(fate, []).append(new)
        for fate, those in rows.items():
            row_store.add(journal, fate, those)
    return clean


def _without_name(file: FileResult) -> Iterator[int]:
    """The rows without a submitter_id of which the check says nothing: there is no way to find their records again."""
    for row, submitter_id in enumerate(file.submitter_ids, 1):
        if submitter_id is None and row not in file.row_findings and file.verdicts.get(row) is not Verdict.DROP:
            yield row


def _nameless(file: FileResult, row: int) -> Finding:
    return Finding("submitter-id-empty", Severity.ERROR, property="submitter_id", node=file.types[row - 1])


def _mark_twins(journal: Journal) -> None:
    """Rows that repeat another one, which the check lets pass only where they are identical, are sent once."""
    repeated = journal.rows(
        "SELECT type, key, min(number) FROM row WHERE state = 'pending' AND key IS NOT NULL"
        " GROUP BY type, key HAVING count(*) > 1"
    )
    with journal.writing():
        for type_, key, first in repeated:
            condition = "type = ? AND key = ? AND number > ? AND state = 'pending'"
            journal.update("row", {"twin": first, "planned": "unchanged"}, condition, type_, key, first)
