"""Fixing tables: corrected copies, and a list of every change.

Without `unsafe` only what cannot alter the meaning is changed. Whatever is not changed stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gen3submit.dictionary import Dictionary
from gen3submit.fixing.changes import Change, FixedTable, FixResult, file_names
from gen3submit.fixing.correcting import Asked, correct
from gen3submit.fixing.parents import KnownIds, RememberedCommons
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId
from gen3submit.rules.documents import TableReader
from gen3submit.tables.sources import sources

__all__ = ["Change", "FixResult", "FixedTable", "fix"]


def fix(
    paths: Any,
    *,
    dictionary: Any,
    project: str | ProjectId | None = None,
    existing: Any = None,
    unsafe: bool = False,
    progress: Progress = NO_PROGRESS,
) -> FixResult:
    """Correct the tables of a submission. Nothing is written; `FixResult.write` does that.

    Args:
        paths: files, folders, patterns and DataFrames, as `gen3submit.check` takes them.
        dictionary: a `Dictionary`, or whatever `Dictionary.load` takes.
        project: ``PROGRAM-CODE``.
        existing: what the commons holds already, as `gen3submit.check` takes it.
        unsafe: make guesses too, each marked as one.
        progress: is told how far the work is.

    Returns:
        The corrected tables with the list of changes, and a check of them.

    Raises:
        UsageProblem: an input cannot be used, as `gen3submit.check` says.
        CommonsProblem: the commons given as `existing` cannot be asked.
    """
    loaded = Dictionary.load(dictionary)
    project_id = None if project is None else ProjectId.parse(project)
    reader = TableReader(loaded.nodes)
    tables = sources(paths)
    known = existing if existing is None or isinstance(existing, Sequence) else RememberedCommons(existing)
    asked = Asked(loaded.nodes, reader, KnownIds(known, reader, project_id), project_id, unsafe)
    names = file_names(tables)
    fixed = tuple(
        FixedTable(each.source, each.data(), each.log.changes(), names[each.source.path])
        for each in correct(tables, asked, progress)
    )
    return FixResult(fixed, loaded, None if project_id is None else str(project_id), known, progress)
