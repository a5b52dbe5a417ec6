"""Submissions of the same files that did not come to their end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gen3submit.errors import UsageProblem
from gen3submit.journal import Journal, JournalProblem, RunState
from gen3submit.journal import rows as row_store
from gen3submit.journal.places import forget, journals, remember
from gen3submit.messages import submit as words
from gen3submit.tables.source import Source, digest

GOES_ON = frozenset({RunState.SENDING, RunState.STOPPED})
"""The states of a run that can go on."""


class UnfinishedSubmission(UsageProblem):
    """Raised when the same files were being submitted to the same project, and that did not come to its end.

    Attributes:
        run_id: how that submission is named; `resume` goes on with it.
        journal: its journal.
    """

    def __init__(self, run_id: str, journal: Path) -> None:
        super().__init__(words.unfinished(run_id))
        self.run_id = run_id
        self.journal = journal


def find_unfinished(folder: Path, endpoint: str, project: str, tables: Sequence[Source]) -> Path | None:
    """The journal of the newest submission of these tables that did not come to its end, if there is one.

    What was planned and never begun is removed: nothing was sent. The project must be locked.
    """
    wanted = {_name(source) for source in tables}
    found = None
    for _, path in journals(folder):
        try:
            journal = Journal.open(path, thorough=False)
        except JournalProblem:
            continue
        with journal:
            run = journal.run
            if (run.endpoint, run.project) != (endpoint, project):
                continue
            begun = run.state in GOES_ON
            same = begun and {file.place or file.sha256 for file in row_store.files(journal)} == wanted
        if same:
            found = path
        elif run.state in (RunState.PLANNING, RunState.READY) and path.parent == folder / "runs":
            forget(path)
    return found


def set_aside(path: Path, folder: Path) -> None:
    """Make room for a new journal at the place of one that was given up, which is still found by its id.

    Raises:
        UsageProblem: it cannot be moved.
    """
    with Journal.open(path, thorough=False) as journal:
        journal.checkpoint()
        run_id = journal.run.id
    aside = path.with_name(f"{path.name}.{run_id}")
    try:
        path.replace(aside)
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(path), error.strerror or str(error))) from None
    remember(folder, run_id, aside)


def _name(source: Source) -> str:
    return digest(source.read()) if source.file is None else str(source.file.resolve())
