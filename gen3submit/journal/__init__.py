"""The journal of a submission: one SQLite file that knows of every row what was sent and what became of it."""

from __future__ import annotations

from gen3submit.journal.errors import JournalDamaged, JournalProblem
from gen3submit.journal.file import Journal
from gen3submit.journal.states import Action, Outcome, RequestState, RowState, RunState

__all__ = ["Action", "Journal", "JournalDamaged", "JournalProblem", "Outcome", "RequestState", "RowState", "RunState"]
