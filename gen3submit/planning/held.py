"""What the commons holds of the node types of a submission, kept on disk so that memory does not grow with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import CommonsProblem, NotAllowed
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.planning.encoding import record_digest
from gen3submit.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from gen3submit.commons import Commons

LARGE = 50_000
"""From so many records on it is asked which of them are wanted before they are read."""
MANY_TIMES = 20
"""Only where there are so many times more records than rows."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record of the commons."""

    id: str
    digest: bytes
    record: dict[str, Any]
    """As an export gives it."""


class Held:
    """The records of a project, read type by type when they are wanted; in a database that vanishes with it."""

    def __init__(self, commons: Commons, project: str, progress: Progress = NO_PROGRESS) -> None:
        self._commons = commons
        self._project = project
        self._progress = progress
        self._read: set[str] = set()
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # one thread at a time
        execute = self._database.execute
        execute("PRAGMA journal_mode = OFF")
        execute("PRAGMA synchronous = OFF")
        execute("PRAGMA cache_size = -16000")
        execute("CREATE TABLE held (type TEXT, key TEXT, id TEXT, digest BLOB, record TEXT)")
        execute("CREATE UNIQUE INDEX held_key ON held (type, key)")
        self.readable = True
        """False where the caller may not read the records of the project."""

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def forget(self, node: str) -> None:
        """Forget the records of a type, so that they are read again."""
        self._read.discard(node)
        self._database.execute("DELETE FROM held WHERE type = ?", (node,))

    def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
        """The records of a type, for a check that wants them all; they are kept for the plan."""
        if project_id != self._project:
            raise UsageProblem(words.other_project(project_id, self._project))
        self.read_all(node)
        with closing(self._database.execute("SELECT record FROM held WHERE type = ? ORDER BY rowid", (node,))) as rows:
            for (record,) in rows:
                yield json.loads(record)

    def read_all(self, node: str) -> None:
        """Read all records of a type, if that was not done before.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        if node not in self._read:
            self._keep(node, self._commons.export(self._project, node))

    def read(self, node: str, rows: int, is_wanted: Callable[[str], bool]) -> None:
        """Read the records of a type, if that was not done before.

        Args:
            node: the node type.
            rows: how many rows of it the submission has.
            is_wanted: whether the submission has a row with this key (a submitter_id, letter case aside).

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        if node in self._read or not self.readable:
            return
        try:
            count = self._count(node)
            if count is not None and count >= LARGE and count >= MANY_TIMES * rows:
                ids = self._commons.record_ids(self._project, node)
                wanted = [id_ for submitter_id, id_ in ids.items() if is_wanted(submitter_id.lower())]
                self._keep(node, self._commons.export_ids(self._project, wanted), len(wanted))
            else:
                self._keep(node, self._commons.export(self._project, node), count)
        except NotAllowed:
            self.readable = False

    def get(self, node: str, key: str) -> HeldRecord | None:
        """The record with this key, if the commons has one."""
        sql = "SELECT id, digest, record FROM held WHERE type = ? AND key = ?"
        row = self._database.execute(sql, (node, key)).fetchone()
        return None if row is None else HeldRecord(row[0], row[1], json.loads(row[2]))

    def digest(self, node: str, key: str) -> bytes | None:
        """The digest of the record with this key; None where the commons has none."""
        sql = "SELECT digest FROM held WHERE type = ? AND key = ?"
        row = self._database.execute(sql, (node, key)).fetchone()
        return None if row is None else bytes(row[0])

    def _count(self, node: str) -> int | None:
        try:
            return self._commons.record_count(self._project, node)
        except CommonsProblem:  # no right to GraphQL: the export will tell
            return None

    def _keep(self, node: str, records: Iterable[dict[str, Any]], total: int | None = None) -> None:
        execute = self._database.execute
        with self._progress.start(words.reading_commons(node), total, "records") as task:
            execute("DELETE FROM held WHERE type = ?", (node,))  # what a reading left that broke off
            kept = (
                (node, str(record["submitter_id"]).lower(), str(record["id"]), record_digest(record), _text(record))
                for record in records
                if record.get("submitter_id") is not None and record.get("id") is not None
            )
            while some := list(islice(kept, _AT_ONCE)):
                execute("BEGIN")
                self._database.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)", some)
                execute("COMMIT")
                task.advance(len(some))
        self._read.add(node)


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
