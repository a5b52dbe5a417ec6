"""What the commons holds of the node types of a submission, kept on disk so that memory does not grow with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import CommonsProblem, NotAllowed, NotAuthenticated
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.planning.encoding import canonical, digest
from gen3submit.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from gen3submit.commons import Commons

LARGE = 50_000
"""From so many records on it is asked which of them are wanted before they are read."""
MANY_TIMES = 20
"""Only where there are so many times more records than wanted ones."""

_AT_ONCE = 1_000
_TABLES = (
    "CREATE TABLE held (type TEXT, key TEXT, id TEXT, digest BLOB, record BLOB, same INTEGER NOT NULL DEFAULT 0)",
    "CREATE UNIQUE INDEX held_key ON held (type, key)",
    "CREATE TABLE wanted (type TEXT, key TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record of the commons."""

    id: str
    digest: bytes
    record: dict[str, Any] | None
    """As an export gives it; None where a row of the submission says exactly the same."""


class Held:
    """The records of a project, read type by type when they are wanted; in a database that vanishes with it.

    Used by one thread at a time.
    """

    def __init__(self, commons: Commons, project: str, progress: Progress = NO_PROGRESS) -> None:
        self.commons = commons
        self._project = project
        self._progress = progress
        self._read: dict[str, int] = {}
        self._counts: dict[str, int | None] = {}
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        execute = self._database.execute
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
            execute(f"PRAGMA {pragma}")
        for statement in _TABLES:
            execute(statement)
        self.readable = True
        """False where the caller may not read the records of the project."""

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def forget(self, node: str) -> None:
        """Forget the records of a type, so that they are read again."""
        self._read.pop(node, None)
        self._database.execute("DELETE FROM held WHERE type = ?", (node,))

    def want(self, records: Iterable[tuple[str, str]]) -> None:
        """Take note of records that matter: (node type, submitter_id with letter case aside)."""
        self._many("INSERT OR IGNORE INTO wanted VALUES (?, ?)", records)

    def is_large(self, node: str) -> bool:
        """Whether the commons has so many records of a type that only those are read that matter."""
        return (self._count(node) or 0) >= LARGE

    def read(self, node: str) -> None:
        """Read the records of a type, if that was not done before; of a large one those that matter, if they are few.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        if node in self._read or not self.readable:
            return
        try:
            wanted = self._value("SELECT count(*) FROM wanted WHERE type = ?", node)
            count = self._count(node)
            if count is not None and count >= LARGE and count >= MANY_TIMES * wanted:
                ids = [
                    id_
                    for submitter_id, id_ in self.commons.record_ids(self._project, node).items()
                    if self._is_wanted(node, submitter_id.lower())
                ]
                self._keep(node, self.commons.export_ids(self._project, ids), len(ids))
            else:
                self._keep(node, self.commons.export(self._project, node), count)
        except NotAllowed:
            self.readable = False

    def read_all(self, node: str) -> None:
        """Read all records of a type, if that was not done before.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        if node not in self._read:
            self._keep(node, self.commons.export(self._project, node))

    def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
        """The records of a type for a check, save those of which the submission says exactly the same.

        Raises:
            NotAllowed: they may not be read.
            CommonsProblem: the commons cannot be asked.
        """
        if project_id != self._project:
            raise UsageProblem(words.other_project(project_id, self._project))
        self.read(node)
        if not self.readable:
            raise NotAllowed(words.commons_not_readable())
        sql = "SELECT record FROM held WHERE type = ? AND NOT same ORDER BY rowid"
        with closing(self._database.execute(sql, (node,))) as rows:
            for (record,) in rows:
                yield json.loads(record)

    def has_any(self, node: str) -> bool:
        """Whether any record of a type was found."""
        return self._read.get(node, 0) > 0

    def is_empty(self, node: str) -> bool:
        """Whether it is known that there is no record of a type, or none that matters."""
        return self._read.get(node) == 0

    def get(self, node: str, key: str) -> HeldRecord | None:
        """The record with this key, if the commons has one."""
        if not self.has_any(node):
            return None
        sql = "SELECT id, digest, record, same FROM held WHERE type = ? AND key = ?"
        row = self._database.execute(sql, (node, key)).fetchone()
        if row is None:
            return None
        return HeldRecord(row[0], row[1], None if row[3] else json.loads(row[2]))

    def get_many(self, node: str, keys: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The records with these keys, as an export gives them, each with its key."""
        sql = "SELECT key, record FROM held WHERE type = ? AND key IN (SELECT value FROM json_each(?))"
        with closing(self._database.execute(sql, (node, json.dumps(keys)))) as rows:
            for key, record in rows:
                yield key, json.loads(record)

    def same(self, node: str, key: str) -> tuple[str, bytes] | None:
        """Id and digest of the record with this key, if a row of the submission says exactly the same."""
        if not self.has_any(node):
            return None
        sql = "SELECT id, digest FROM held WHERE type = ? AND key = ? AND same"
        found: tuple[str, bytes] | None = self._database.execute(sql, (node, key)).fetchone()
        return found

    def digest(self, node: str, key: str) -> bytes | None:
        """The digest of the record with this key; None where the commons has none."""
        found: bytes | None = self._value("SELECT digest FROM held WHERE type = ? AND key = ?", node, key)
        return found

    def call_same(self, records: Iterable[tuple[str, str]]) -> None:
        """Take note that a row of the submission says exactly what the commons has: (node type, key)."""
        self._many("UPDATE held SET same = 1 WHERE type = ? AND key = ?", records)

    def _is_wanted(self, node: str, key: str) -> bool:
        return self._value("SELECT 1 FROM wanted WHERE type = ? AND key = ?", node, key) is not None

    def _count(self, node: str) -> int | None:
        if node not in self._counts:
            try:
                self._counts[node] = self.commons.record_count(self._project, node)
            except NotAuthenticated:
                raise
            except CommonsProblem:  # no right to GraphQL: the export will tell
                self._counts[node] = None
        return self._counts[node]

    def _keep(self, node: str, records: Iterable[dict[str, Any]], total: int | None = None) -> None:
        number = 0
        with self._progress.start(words.reading_commons(node), total, "records") as task:
            self._database.execute("DELETE FROM held WHERE type = ?", (node,))  # of a reading that broke off
            kept = (
                (node, str(record["submitter_id"]).lower(), str(record["id"]), digest(text := canonical(record)), text)
                for record in records
                if record.get("submitter_id") is not None and record.get("id") is not None
            )
            while some := list(islice(kept, _AT_ONCE)):
                self._many("INSERT OR REPLACE INTO held (type, key, id, digest, record) VALUES (?, ?, ?, ?, ?)", some)
                task.advance(len(some))
                number += len(some)
        self._read[node] = number

    def _many(self, sql: str, arguments: Iterable[tuple[Any, ...]]) -> None:
        self._database.execute("BEGIN")
        try:
            self._database.executemany(sql, arguments)
        finally:
            self._database.execute("COMMIT")

    def _value(self, sql: str, *arguments: object) -> Any:
        row = self._database.execute(sql, arguments).fetchone()
        return None if row is None else row[0]
