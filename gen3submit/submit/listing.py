"""The submissions that are known on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gen3submit.errors import UsageProblem
from gen3submit.journal import Journal, Outcome, RunState
from gen3submit.journal import rows as row_store
from gen3submit.journal.carried import not_written
from gen3submit.journal.locks import Lock
from gen3submit.journal.places import lock_path, opened, state_folder
from gen3submit.journal.telling import iso


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A submission in a line."""

    id: str
    state: str
    """``ready``, ``sending``, ``stopped``, ``finished``, ``abandoned``, ``refused``."""
    endpoint: str | None
    project: str
    started: str | None
    """ISO 8601."""
    ended: str | None
    files: int
    counts: Mapping[str, int]
    """How many rows have each outcome."""
    stopped: str | None
    """Why it stopped."""
    journal: Path
    under_way: bool
    """Whether a process is working on it at this moment."""

    @property
    def can_go_on(self) -> bool:
        """Whether `resume` would go on with it."""
        return not self.under_way and self.state in (RunState.READY, RunState.SENDING, RunState.STOPPED)


def runs(state: Path | None = None) -> list[RunSummary]:
    """The submissions that are known on this machine, the oldest first.

    Args:
        state: the folder of journals; the user's state folder if not given.
    """
    folder = state_folder(state)
    found: list[tuple[float, RunSummary]] = []
    for journal in opened(folder):
        run = journal.run
        if run.state is RunState.PLANNING:
            continue
        summary = RunSummary(
            run.id,
            str(run.state),
            run.endpoint,
            run.project,
            iso(run.begun or run.created),
            iso(run.ended),
            len(row_store.files(journal)),
            {str(each): number for each, number in _outcomes(journal).items()},
            run.stopped,
            journal.path,
            run.state is RunState.SENDING and _is_locked(folder, run.endpoint, run.project),
        )
        found.append((run.created, summary))
    return [summary for _, summary in sorted(found, key=lambda each: each[0])]


def _outcomes(journal: Journal) -> dict[Outcome, int]:
    """How many rows have each outcome, of a journal that another process may be working on."""
    counts = row_store.outcome_counts(journal)
    under_way = not_written(journal)
    counts[Outcome.NOT_SENT] -= under_way
    counts[Outcome.UNKNOWN] += under_way
    return counts


def _is_locked(folder: Path, endpoint: str | None, project: str) -> bool:
    try:
        with Lock(lock_path(folder, str(endpoint), project), project):
            return False
    except UsageProblem:
        return True
