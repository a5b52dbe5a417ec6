"""Records, links and file index of the practice commons, in SQLite."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

from gen3submit.errors import UsageProblem
from gen3submit.messages import sandbox as words
from gen3submit.rules.memory import folded
from gen3submit.rules.store import IndexedFile, Record
from gen3submit.sandbox import layout, stored

Changes = dict[tuple[str, str], tuple[str | None, str]]
"""(type, id) to the properties as JSON, before (None where there was no record) and after."""


class SqliteStore:
    """The `gen3submit.rules.store.Store` of the practice commons: one connection, one thread at a time.

    The outermost `begin` takes the lock and the write transaction, and its `commit` or `rollback` gives them back;
    other threads wait. Inner transactions are savepoints.
    """

    def __init__(self, data: Path | None = None):
        """Open the database at `data`, or one in memory.

        Raises:
            UsageProblem: it cannot be opened, or holds something else.
        """
        self._lock = threading.RLock()
        self._depth = 0
        self._indexed: list[tuple[object, ...]] = []
        self._index_marks: list[int] = []
        self._authz: str | None = None
        self._hidden: dict[str, frozenset[str]] = {}
        self.changes: Changes = {}
        """What the transaction that is under way, or the last one, did to records."""
        try:
            self._database = sqlite3.connect(
                str(data) if data else ":memory:", timeout=60, isolation_level=None, check_same_thread=False
            )
            self._prepare(data)
        except sqlite3.Error as error:
            raise UsageProblem(words.data_unusable(str(data), str(error))) from None

    def _prepare(self, data: Path | None) -> None:
        execute = self._database.execute
        execute("PRAGMA busy_timeout = 60000")
        found = execute("PRAGMA application_id").fetchone()[0]
        version = execute("PRAGMA user_version").fetchone()[0]
        empty = not execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not empty and found != layout.APPLICATION_ID:
            raise UsageProblem(words.data_of_others(str(data)))
        if not empty and version != layout.VERSION:
            raise UsageProblem(words.data_of_other_version(str(data), version, layout.VERSION))
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        if empty:
            self._database.executescript(
                f"BEGIN IMMEDIATE; {layout.TABLES} PRAGMA application_id = {layout.APPLICATION_ID};"
                f" PRAGMA user_version = {layout.VERSION}; COMMIT;"
            )

    def close(self) -> None:
        """Close the database; what is not committed is lost."""
        with self._lock:
            self._database.close()

    # The Store protocol

    def get(self, type_: str, id_: str) -> Record | None:
        """The record of this type with this id."""
        with self._lock:
            row = self._database.execute(layout.GET, (type_, id_)).fetchone()
        return Record(id_, type_, json.loads(row[0])) if row else None

    def find(self, type_: str, keys: Mapping[str, str]) -> list[Record]:
        """The records of this type whose properties equal all of `keys`, letter case aside; no keys: all."""
        wanted = {name: folded(value) for name, value in keys.items()}
        arguments: tuple[object, ...]
        if "submitter_id" in wanted and "project_id" in wanted:
            identity = _identity(wanted["project_id"], wanted["submitter_id"])
            sql, arguments = layout.FIND, (identity, type_)
        elif "code" in wanted:
            sql = "SELECT id, properties FROM record WHERE code = ? AND type = ? ORDER BY serial"
            arguments = (_key(wanted["code"]), type_)
        else:
            sql, arguments = "SELECT id, properties FROM record WHERE type = ? ORDER BY serial", (type_,)
        with self._lock:
            rows = self._database.execute(sql, arguments).fetchall()
        found = [Record(id_, type_, json.loads(properties)) for id_, properties in rows]
        return [
            record
            for record in found
            if all(value is not None and folded(record.properties.get(name)) == value for name, value in wanted.items())
        ]

    def parents(self, record: Record, link: str) -> list[Record]:
        """The records that the link `link` of `record` leads to, in the order they were linked."""
        return self._linked(layout.PARENTS, (record.type, record.id, link))

    def children(self, record: Record, type_: str, link: str) -> list[Record]:
        """The records of `type_` whose link `link` leads to `record`, in the order they were created."""
        return self._linked(layout.CHILDREN, (record.type, record.id, type_, link))

    def put(self, record: Record) -> None:
        """Add the record, or replace the one of this type and id."""
        properties = record.properties
        text = stored.stored(properties, self._hidden.get(record.type))
        key = (record.type, record.id)
        with self._lock:
            known = self.changes.get(key)
            if known is None:
                row = self._database.execute(layout.GET, key).fetchone()
                known = (row[0] if row else None, text)
            self._database.execute(
                layout.PUT,
                (
                    *key,
                    properties.get("project_id"),
                    _identity(properties.get("project_id"), properties.get("submitter_id")),
                    _key(folded(properties.get("code"))),
                    text,
                ),
            )
            self.changes[key] = (known[0], text)

    def link(self, child: Record, link: str, parent: Record) -> None:
        """Link `child` to `parent`; nothing happens where they are linked already."""
        with self._lock:
            self._database.execute(layout.LINK, (child.type, child.id, link, parent.type, parent.id))

    def unlink(self, child: Record, link: str) -> None:
        """Remove every parent of `child` over `link`."""
        with self._lock:
            self._database.execute(
                "DELETE FROM link WHERE child_type = ? AND child_id = ? AND name = ?",
                (child.type, child.id, link),
            )

    def indexed_by_id(self, did: str) -> IndexedFile | None:
        """The file record that the index holds under this id."""
        return next(iter(self.indexed_files({"did": did})), None)

    def indexed_by_content(self, md5: str | None, size: int | None) -> IndexedFile | None:
        """The first file record with this hash and/or size (what is None is not looked at)."""
        wanted = {"md5": md5, "size": None if size is None else str(size)}
        return next(
            iter(self.indexed_files({name: value for name, value in wanted.items() if value is not None})), None
        )

    def index(self, file: IndexedFile) -> None:
        """Add a record to the file index, or replace the one with this id. Survives `rollback`, as indexd."""
        size = None if file.size is None else str(file.size)
        row = (file.did, file.md5, size, json.dumps(file.urls), self._authz)
        with self._lock:
            self._database.execute(layout.INDEX, row)
            if self._depth:
                self._indexed.append(row)

    def begin(self) -> None:
        """Begin a transaction; transactions nest."""
        self._lock.acquire()
        try:
            if self._depth == 0:
                self._database.execute("BEGIN IMMEDIATE")
                self.changes = {}
            else:
                self._database.execute(f"SAVEPOINT level_{self._depth}")
        except sqlite3.Error:
            self._lock.release()
            raise
        self._index_marks.append(len(self._indexed))
        self._depth += 1

    def commit(self) -> None:
        """Keep what was done since the innermost `begin`."""
        self._database.execute("COMMIT" if self._depth == 1 else f"RELEASE level_{self._depth - 1}")
        self._leave()

    def rollback(self) -> None:
        """Forget what was done to records and links since the innermost `begin`."""
        try:
            if self._database.in_transaction:  # a full disk ends it by itself
                if self._depth == 1:
                    self._database.execute("ROLLBACK")
                else:
                    level = f"level_{self._depth - 1}"
                    self._database.execute(f"ROLLBACK TO {level}")
                    self._database.execute(f"RELEASE {level}")
            self._database.executemany(layout.INDEX, self._indexed[self._index_marks[-1] :])
        finally:
            self._leave()

    def records(self, type_: str, project_id: str) -> Iterator[Record]:
        """Every record of the type in the project, in the order they were created."""
        yield from self.select(type_, project_ids=[project_id])

    # What the practice commons asks besides

    @contextmanager
    def work(self) -> Iterator[None]:
        """A transaction over the block: kept if it ends, forgotten if it raises."""
        outside = self._depth
        self.begin()
        try:
            yield
            self.commit()
        except BaseException:
            while self._depth > outside:
                self.rollback()
            raise

    @contextmanager
    def indexing_for(self, authz: str) -> Iterator[None]:
        """Files indexed in the block belong to this resource."""
        with self._lock:
            before, self._authz = self._authz, authz
            try:
                yield
            finally:
                self._authz = before

    def rows(self, sql: str, arguments: Iterable[object] = ()) -> list[Any]:
        """Run one statement and give its rows."""
        with self._lock:
            return self._database.execute(sql, tuple(arguments)).fetchall()

    def insert(self, sql: str, arguments: Iterable[object] = ()) -> int:
        """Run one INSERT and give the number of the new row."""
        with self._lock:
            number = self._database.execute(sql, tuple(arguments)).lastrowid
        assert number is not None
        return number

    def select(
        self,
        type_: str,
        *,
        project_ids: Collection[str] | None = None,
        ids: Collection[str] | None = None,
        submitter_ids: Collection[str] | None = None,
    ) -> list[Record]:
        """The records of a type, in the order they were created, narrowed by what is not None.

        `submitter_ids` narrows only together with `project_ids`, and ignores letter case.
        """
        conditions, arguments = ["type = ?"], [type_]
        if ids is not None:
            conditions.append("id IN (SELECT value FROM json_each(?))")
            arguments.append(json.dumps(list(ids)))
        if project_ids is not None and submitter_ids is not None:
            rows = []
            for project_id in project_ids:
                for submitter_id in submitter_ids:
                    rows += self.rows(
                        f"SELECT serial, id, properties FROM record WHERE identity = ? AND {' AND '.join(conditions)}",  # noqa: S608  fixed texts
                        [_identity(project_id, submitter_id), *arguments],
                    )
            unique = {row[0]: row for row in rows}
            found = [unique[serial] for serial in sorted(unique)]
        else:
            if project_ids is not None:
                conditions.append("project_id IN (SELECT value FROM json_each(?))")
                arguments.append(json.dumps(list(project_ids)))
            found = self.rows(
                f"SELECT serial, id, properties FROM record WHERE {' AND '.join(conditions)} ORDER BY serial",  # noqa: S608  fixed texts
                arguments,
            )
        texts = json.loads(f"[{','.join(text for _, _, text in found)}]")
        return [Record(id_, type_, properties) for (_, id_, _), properties in zip(found, texts, strict=True)]

    def hide(self, hidden: Mapping[str, Collection[str]]) -> None:
        """From now on exports of a type by default show none of these names: records are kept ready for that."""
        self._hidden = {type_: frozenset(names) for type_, names in hidden.items()}
        told = json.dumps({type_: sorted(names) for type_, names in hidden.items()}, sort_keys=True)
        with self.work():
            if self.setting("hidden", told) != told:  # another dictionary had been served
                self.rows("UPDATE record SET properties = replace(properties, char(10), '')")
                self.rows("UPDATE setting SET value = ? WHERE name = 'hidden'", (told,))

    def texts(self, type_: str, project_id: str, hidden: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Id and properties of a project's records of a type, in the order of their ids.

        The properties are JSON without its braces, nulls and the `hidden` ones left out.
        """
        paths = [f'$."{name}"' for name in hidden]
        rows = self.rows(
            stored.SHOWN.format(places=", ?" * len(paths)),
            [stored.MARKED if hidden == self._hidden.get(type_) else "", *paths, type_, project_id],
        )
        # The ids lie all over the file: SQLite takes longer to fetch in their order.
        rows.sort(key=itemgetter(0), reverse=True)
        return stored.shown(rows, hidden)

    def values(self, type_: str, ids: Iterable[str], names: Sequence[str]) -> dict[str, list[Any]]:
        """By id the values of these properties, null where not set, of each record of a type that is among `ids`."""
        paths = [f'$."{name}"' for name in [*names, *names[:1]]]  # one alone would be taken out of its JSON
        wanted = f"json_extract(properties{', ?' * len(paths)})" if paths else "'[]'"
        rows = self.rows(
            f"SELECT id, {wanted} FROM record WHERE type = ? AND id IN (SELECT value FROM json_each(?))",  # noqa: S608  places only
            [*paths, type_, json.dumps(list(ids))],
        )
        found = json.loads(f"[{','.join([text for _, text in rows])}]")
        return {id_: values[: len(names)] for (id_, _), values in zip(rows, found, strict=True)}

    def count(self, type_: str, project_ids: Collection[str]) -> int:
        """How many records of a type the projects have."""
        sql = "SELECT count(*) FROM record WHERE type = ? AND project_id IN (SELECT value FROM json_each(?))"
        return int(self.rows(sql, [type_, json.dumps(list(project_ids))])[0][0])

    def by_ids(self, ids: Iterable[str]) -> list[Record]:
        """The records of any type with these ids, in the order they were created."""
        rows = self.rows(
            "SELECT type, id, properties FROM record WHERE id IN (SELECT value FROM json_each(?)) ORDER BY serial",
            [json.dumps(list(ids))],
        )
        return [Record(id_, type_, json.loads(properties)) for type_, id_, properties in rows]

    def neighbours(self, record: Record) -> tuple[list[tuple[str, Record]], list[tuple[str, Record]]]:
        """(link name, record) of every parent, and of every child, of `record`."""
        above = self.rows(
            "SELECT l.name, r.type, r.id, r.properties FROM link l JOIN record r"
            " ON r.type = l.parent_type AND r.id = l.parent_id"
            " WHERE l.child_type = ? AND l.child_id = ? ORDER BY l.serial",
            [record.type, record.id],
        )
        below = self.rows(
            "SELECT l.name, r.type, r.id, r.properties FROM link l JOIN record r"
            " ON r.type = l.child_type AND r.id = l.child_id"
            " WHERE l.parent_type = ? AND l.parent_id = ? ORDER BY r.serial",
            [record.type, record.id],
        )
        return (
            [(name, Record(id_, type_, json.loads(text))) for name, type_, id_, text in above],
            [(name, Record(id_, type_, json.loads(text))) for name, type_, id_, text in below],
        )

    def edges(self, child_type: str, link: str) -> list[tuple[str, str]]:
        """(id of the child, id of the parent) of every link of this name from records of a type.

        The parents of a child come in the order they were linked.
        """
        sql = "SELECT child_id, parent_id FROM link WHERE child_type = ? AND name = ?"
        found = self.rows(sql, (child_type, link))
        if len(dict(found)) < len(found):
            found = self.rows(f"{sql} ORDER BY serial", (child_type, link))
        return found

    def types(self) -> set[str]:
        """The types of which there are records."""
        return {type_ for (type_,) in self.rows("SELECT DISTINCT type FROM record")}

    def delete(self, record: Record) -> None:
        """Remove the record and its links to parents and children."""
        key = (record.type, record.id)
        with self._lock:
            row = self._database.execute(layout.GET, key).fetchone()
            if row:
                self.changes[key] = (None, row[0])
            self._database.execute("DELETE FROM record WHERE type = ? AND id = ?", key)
            self._database.execute("DELETE FROM link WHERE child_type = ? AND child_id = ?", key)
            self._database.execute("DELETE FROM link WHERE parent_type = ? AND parent_id = ?", key)

    def indexed_files(self, equal: Mapping[str, str], limit: int = 1) -> list[IndexedFile]:
        """The file records whose columns equal these texts, in the order they were indexed."""
        conditions = " AND ".join(f"{name} = ?" for name in equal) or "1"
        rows = self.rows(
            f"SELECT did, md5, size, urls FROM file WHERE {conditions} ORDER BY serial LIMIT ?",  # noqa: S608  fixed names
            [*equal.values(), limit],
        )
        return [
            IndexedFile(did, md5, None if size is None else int(size), tuple(json.loads(urls)))
            for did, md5, size, urls in rows
        ]

    def setting(self, name: str, default: str) -> str:
        """A value kept with the data; the default is kept where there was none."""
        with self._lock:
            self._database.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, default))
            row = self._database.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0])

    def _linked(self, sql: str, arguments: tuple[str, ...]) -> list[Record]:
        with self._lock:
            rows = self._database.execute(sql, arguments).fetchall()
        return [Record(id_, type_, json.loads(properties)) for type_, id_, properties in rows]

    def _leave(self) -> None:
        self._depth -= 1
        self._index_marks.pop()
        if self._depth == 0:
            self._indexed.clear()
        self._lock.release()


def _identity(project_id: object, submitter_id: object) -> bytes | None:
    if project_id is None or submitter_id is None:
        return None
    return f"{project_id}\0{submitter_id}".lower().encode("utf-8", "surrogatepass")


def _key(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")
