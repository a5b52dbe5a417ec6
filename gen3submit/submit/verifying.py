"""Reading everything back: each row equal in the commons, different there, or missing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.journal import Journal
from gen3submit.journal import rows as row_store
from gen3submit.journal.carried import reopened
from gen3submit.journal.places import journal_of, state_folder
from gen3submit.messages import submit as words
from gen3submit.planning.comparing import Change, changes
from gen3submit.planning.held import Held
from gen3submit.planning.streaming import Streamed
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId
from gen3submit.submit.tables import same_dictionary, tables_of
from gen3submit.tables.source import Source
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons


class Found(StrEnum):
    """What the commons has of a row."""

    EQUAL = "equal"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class VerifiedRow:
    """A row and what the commons has of it."""

    path: str
    row: int
    """1 for the first row after the header."""
    line: int
    type: str
    submitter_id: str | None
    found: Found
    id: str | None
    """Of the record."""
    differences: tuple[Change, ...]
    """The properties that differ: `old` is what the commons has, `new` what the file says."""

    def to_dict(self) -> dict[str, Any]:
        """The row in the JSON report."""
        return {
            "path": self.path,
            "row": self.row,
            "line": self.line,
            "type": self.type,
            "submitter_id": self.submitter_id,
            "found": str(self.found),
            "id": self.id,
            "differences": [
                {"property": each.property, "commons": each.old, "file": each.new} for each in self.differences
            ],
        }


class Verification:
    """The rows of tables compared with a commons, one by one as they are asked for; counts come with them."""

    def __init__(
        self,
        tables: Sequence[Source],
        commons: Commons,
        project: str,
        dictionary: Dictionary,
        progress: Progress = NO_PROGRESS,
    ) -> None:
        self.project = project
        self.commons = commons.endpoint
        self.counts = dict.fromkeys(map(str, Found), 0)
        """How many rows were found equal, different and missing so far."""
        self._tables = tables
        self._commons = commons
        self._dictionary = dictionary
        self._progress = progress

    @property
    def ok(self) -> bool:
        """Whether every row that was looked at is equal."""
        return not self.counts[Found.DIFFERENT] and not self.counts[Found.MISSING]

    @property
    def exit_code(self) -> int:
        """0 where every row is equal, else 1."""
        return 0 if self.ok else 1

    def __iter__(self) -> Iterator[VerifiedRow]:
        """Every row that the commons would take up, in the order of the files.

        Raises:
            UsageProblem: a table cannot be read.
            CommonsProblem: the commons cannot be asked.
        """
        self.counts = dict.fromkeys(map(str, Found), 0)
        held = Held(self._commons, self.project, self._progress)
        nodes = self._dictionary.nodes
        try:
            with self._progress.start(words.reading_back()) as task:
                for source in self._tables:
                    for item in Streamed(source, nodes):
                        if item.document is None or item.type is None or not nodes[item.type].is_submittable:
                            continue
                        held.read_all(item.type)
                        submitter_id = item.document.get("submitter_id")
                        name = None if submitter_id is None else str(submitter_id)
                        record = None if name is None else held.get(item.type, name.lower())
                        differences: tuple[Change, ...] = ()
                        found = Found.MISSING
                        if record is not None:
                            differences = changes(item.document, record.record, nodes[item.type])
                            found = Found.DIFFERENT if differences else Found.EQUAL
                        self.counts[found] += 1
                        task.advance()
                        id_ = None if record is None else record.id
                        yield VerifiedRow(source.path, item.row, item.line, item.type, name, found, id_, differences)
        finally:
            held.close()

    def to_dict(self) -> dict[str, Any]:
        """The verification as JSON."""
        rows = [row.to_dict() for row in self]
        return {
            "version": 1,
            "ok": self.ok,
            "project": self.project,
            "commons": self.commons,
            "summary": dict(self.counts),
            "rows": rows,
        }


def verify(
    what: Any,
    *,
    commons: Commons,
    project: str | ProjectId | None = None,
    dictionary: Any = None,
    state: Path | None = None,
    progress: Progress = NO_PROGRESS,
) -> Verification:
    """Compare a submission, or tables, with what the commons holds now. Nothing is sent.

    Args:
        what: a run (its id, its plan file or its journal), or files, folders, patterns and DataFrames.
        commons: the commons.
        project: ``PROGRAM-CODE``; that of the run if a run is given.
        dictionary: a `Dictionary`, or whatever `Dictionary.load` takes; the commons' own if not given.
        state: the folder of journals; the user's state folder if not given.
        progress: is told how far it is.

    Raises:
        UsageProblem: there is no such run or file, or no project is named.
        CommonsProblem: the commons cannot be asked.
    """
    journal = _run(what, state) if project is None else None
    if journal is not None:
        with journal:
            if journal.run.endpoint not in (None, commons.endpoint):
                raise UsageProblem(words.other_commons(journal.run.id, str(journal.run.endpoint), commons.endpoint))
            loaded = same_dictionary(journal, commons, dictionary)
            tables = tables_of(journal, row_store.files(journal))
            return Verification(tables, commons, journal.run.project, loaded, progress)
    if project is None:
        raise UsageProblem(words.no_project())
    loaded = Dictionary.load(commons if dictionary is None else dictionary)
    return Verification(sources(what), commons, str(ProjectId.parse(project)), loaded, progress)


def _run(what: Any, state: Path | None) -> Journal | None:
    """The journal that is named; None where tables are named."""
    if not isinstance(what, str | os.PathLike):
        return None
    with suppress(UsageProblem):
        path = journal_of(what, state_folder(state))
        return reopened(path)
    return None
