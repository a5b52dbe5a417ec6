"""What the commons holds of the node types of a submission, kept on disk so that memory does not grow with it."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import CommonsProblem, NotAllowed, NotAuthenticated
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.planning.encoding import canonical, digest, kept
from gen3submit.planning.forms import Said
from gen3submit.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from gen3submit.commons import Commons

LARGE = 50_000
"""From so many records on it is asked which of them are wanted before they are read."""
MANY_TIMES = 20
"""Only where there are so many times more records than wanted ones."""

_AT_ONCE = 1_000
_TABLES = (
    "CREATE TABLE held (type TEXT, key TEXT, id TEXT, digest BLOB, record BLOB, same INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX held_key ON held (type, key)",
    "CREATE TABLE wanted (type TEXT, key TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID",
    "CREATE TABLE said (type TEXT, key TEXT, form BLOB, id TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID",
)
_SAY = """
INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT (type, key) DO UPDATE
SET form = CASE WHEN form IS excluded.form AND id IS excluded.id THEN form END
"""
"""Of rows that repeat each other and say different things, none is the same as a record."""


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
        self._wanted: Counter[str] = Counter()
        self._forms: dict[str, Callable[[Mapping[str, Any]], bytes]] = {}
        self._ahead: dict[str, _Ahead] = {}
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
        self._ahead.clear()
        self._database.close()

    def forget(self, node: str) -> None:
        """Forget the records of a type, so that they are read again."""
        self._read.pop(node, None)
        self._database.execute("DELETE FROM held WHERE type = ?", (node,))

    def want(self, records: Iterable[tuple[str, str]]) -> None:
        """Take note of records that matter: (node type, submitter_id with letter case aside)."""
        self._many("INSERT OR IGNORE INTO wanted VALUES (?, ?)", records)

    def say(self, node: str, rows: Sequence[Said], form: Callable[[Mapping[str, Any]], bytes]) -> None:
        """Take note of what rows of a type say, before its records are read.

        Args:
            node: the type.
            rows: the rows; their records matter.
            form: the form of a record, which is that of the row that says the same.
        """
        self._forms[node] = form
        self._wanted[node] += len(rows)
        self._many(_SAY, ((node, said.key, said.form or None, said.id) for said in rows))

    def expect(self, nodes: Collection[str]) -> None:
        """Ask how many records there are of these types; those of which there are surely none need not be read.

        Raises:
            NotAuthenticated: the commons does not take the credentials.
        """
        try:
            counts = self.commons.record_counts(self._project, nodes) if nodes else {}
        except NotAuthenticated:
            raise
        except CommonsProblem:  # asked again type by type
            return
        self._counts.update(counts)
        self._read.update((node, 0) for node, count in counts.items() if not count)

    def begin_to_read(self, node: str) -> None:
        """Ask for the records of a type now, if they will all be read; so that the commons works on it meanwhile."""
        waits = any(not ahead.done for ahead in self._ahead.values())
        if waits or node in self._ahead or node in self._read or not self.readable:
            return
        count = self._count(node)
        if count and (count < LARGE or count < MANY_TIMES * self._wanted[node]):
            self._ahead[node] = _Ahead(self.commons.export(self._project, node))

    def may_have(self, node: str) -> bool:
        """Whether the commons may have a record of a type."""
        return self._count(node) != 0

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
            wanted = self._wanted[node] + self._value("SELECT count(*) FROM wanted WHERE type = ?", node)
            count = self._count(node)
            if count is not None and count >= LARGE and count >= MANY_TIMES * wanted:
                ids = [
                    id_
                    for submitter_id, id_ in self.commons.record_ids(self._project, node).items()
                    if self._is_wanted(node, submitter_id.lower())
                ]
                self._keep(node, self.commons.export_ids(self._project, ids), len(ids))
            else:
                self._keep(node, self._exported(node), count)
        except NotAllowed:
            self.readable = False

    def _exported(self, node: str) -> Iterator[dict[str, Any]]:
        ahead = self._ahead.pop(node, None)
        return self.commons.export(self._project, node) if ahead is None else ahead.records()

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

    def same(self, node: str, keys: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """Id and digest of those records with these keys of which a row of the submission says exactly the same."""
        if not self.has_any(node):
            return {}
        sql = "SELECT key, id, digest FROM held WHERE type = ? AND same AND key IN (SELECT value FROM json_each(?))"
        return {key: (id_, found) for key, id_, found in self._database.execute(sql, (node, json.dumps(keys)))}

    def digest(self, node: str, key: str) -> bytes | None:
        """The digest of the record with this key; None where the commons has none."""
        found: bytes | None = self._value("SELECT digest FROM held WHERE type = ? AND key = ?", node, key)
        return found

    def _is_wanted(self, node: str, key: str) -> bool:
        known = (f"SELECT 1 FROM {table} WHERE type = ? AND key = ?" for table in ("said", "wanted"))  # noqa: S608
        return any(self._value(sql, node, key) is not None for sql in known)

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
        whole = (
            record for record in records if record.get("submitter_id") is not None and record.get("id") is not None
        )
        with self._progress.start(words.reading_commons(node), total, "records") as task:
            self._database.execute("DELETE FROM held WHERE type = ?", (node,))  # of a reading that broke off
            while some := list(islice(whole, _AT_ONCE)):
                self._many("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?)", self._kept(node, some))
                task.advance(len(some))
                number += len(some)
        self._read[node] = number

    def _kept(self, node: str, records: Sequence[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
        """Records as they are kept; of those of which a row says exactly the same, only what tells of a change."""
        keys = [str(record["submitter_id"]).lower() for record in records]
        form = self._forms.get(node)
        said = self._said(node, keys) if form is not None else {}
        for key, record in zip(keys, records, strict=True):
            id_ = str(record["id"])
            known = said.get(key)
            same = form is not None and known is not None and known[1] in (None, id_) and form(record) == known[0]
            text = None if same else kept(record)
            yield node, key, id_, digest(canonical(record)), text, same

    def _said(self, node: str, keys: Sequence[str]) -> dict[str, tuple[bytes, str | None]]:
        """Form and id that rows give, by key."""
        sql = (
            "SELECT key, form, id FROM said"
            " WHERE type = ? AND form IS NOT NULL AND key IN (SELECT value FROM json_each(?))"
        )
        rows = self._database.execute(sql, (node, json.dumps(keys)))
        return {key: (form, id_) for key, form, id_ in rows}

    def _many(self, sql: str, arguments: Iterable[tuple[Any, ...]]) -> None:
        self._database.execute("BEGIN")
        try:
            self._database.executemany(sql, arguments)
        finally:
            self._database.execute("COMMIT")

    def _value(self, sql: str, *arguments: object) -> Any:
        row = self._database.execute(sql, arguments).fetchone()
        return None if row is None else row[0]


class _Ahead:
    """Records that were asked for before they are wanted: the commons takes its time while something else is done."""

    def __init__(self, records: Iterator[dict[str, Any]]) -> None:
        self._records = records
        self._first: list[dict[str, Any]] = []
        self._problem: BaseException | None = None
        # It does not keep the process alive.
        self._thread = threading.Thread(target=self._begin, name="reading ahead", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the commons has answered."""
        return not self._thread.is_alive()

    def _begin(self) -> None:
        try:
            self._first = list(islice(self._records, 1))  # all of it is there once the first is
        except BaseException as problem:  # noqa: BLE001  # raised again where the records are wanted
            self._problem = problem

    def records(self) -> Iterator[dict[str, Any]]:
        """The records.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        self._thread.join()
        if self._problem is not None:
            raise self._problem
        yield from self._first
        yield from self._records
