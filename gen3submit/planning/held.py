"""What the commons holds of the node types of a submission, kept on disk so that memory does not grow with it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import CommonsProblem, NotAllowed, NotAuthenticated
from gen3submit.commons.parsing import parse
from gen3submit.commons.streaming import Take
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.planning.ahead import ExportAhead
from gen3submit.planning.encoding import canonical, digest, kept
from gen3submit.planning.forms import Forms, Said, with_id
from gen3submit.planning.ids import fits
from gen3submit.planning.left_out import LeftOut
from gen3submit.planning.noted import NotedRows, NotedTable
from gen3submit.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from gen3submit.commons import Commons
    from gen3submit.planning.columns import TableColumns

LARGE = 50_000
"""From so many records on it is asked which of them are wanted before they are read."""
MANY_TIMES = 20
"""Only where there are so many times more records than wanted ones."""

_AT_ONCE = 1_000
_AT_THE_SAME_TIME = 3
"""So many exports are asked for."""
_TABLES = (
    "CREATE TABLE held (type TEXT, key TEXT, id TEXT, digest BLOB, record BLOB)",
    "CREATE UNIQUE INDEX held_key ON held (type, key)",
    "CREATE TABLE wanted (type TEXT, key TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID",
)
_GET = "SELECT id, digest, record FROM held WHERE type = ? AND key = ?"
_IS_WANTED = "SELECT 1 FROM wanted WHERE type = ? AND key = ?"


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record of the commons."""

    id: str
    digest: bytes
    record: dict[str, Any]
    """As an export gives it."""


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
        self._taken = 0
        self._noted = NotedRows()
        self._tables: dict[str, NotedTable] = {}
        self._forms: dict[str, Forms] = {}
        self._columns: dict[str, Sequence[TableColumns]] = {}
        self._whole: set[str] = set()
        self._ahead: dict[str, ExportAhead] = {}
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
            self._database.execute(f"PRAGMA {pragma}")
        for statement in _TABLES:
            self._database.execute(statement)
        self._left_out = LeftOut(self._database)
        self._limited: frozenset[str] = frozenset()
        self.knows_wanted = True
        """False where rows were passed over, so that it is not known which records they need."""
        self.readable = True
        """False where the caller may not read the records of the project."""

    def close(self) -> None:
        """Forget everything."""
        for ahead in self._ahead.values():
            ahead.let_go()
        self._ahead.clear()
        self._database.close()

    def forget(self, node: str) -> None:
        """Forget the records of a type, so that they are read again."""
        self._read.pop(node, None)
        self._database.execute("DELETE FROM held WHERE type = ?", (node,))

    def want(self, records: Iterable[tuple[str, str]]) -> None:
        """Take note of records that matter: (node type, submitter_id with letter case aside)."""
        self._many("INSERT OR IGNORE INTO wanted VALUES (?, ?)", records)

    def say(
        self,
        path: str,
        first: int,
        rows: Sequence[Said | None],
        forms: Mapping[str, Forms],
    ) -> None:
        """Take note of what rows of a table say that follow each other, before their records are read.

        Args:
            path: the table.
            first: the number of the first row in it.
            rows: what each says; their records matter. None for rows that say nothing of a record.
            forms: by node type, what makes the form of a record, which is that of the row that says the same.
        """
        self._forms.update(forms)
        self._noted.add(path, first, rows)
        by_type: dict[str, list[str]] = {}
        for said in rows:
            if said is not None:
                by_type.setdefault(said.type, []).append(said.key)
        for node, keys in by_type.items():
            if self.reads_by_ids(node):
                self.want((node, key) for key in keys)
            self._wanted[node] += len(keys)

    def say_columns(self, node: str, rows: int) -> None:
        """Take note that so many rows of a type will be compared by column, and that their records matter."""
        self._wanted[node] += rows

    def compare(self, node: str, tables: Sequence[TableColumns]) -> None:
        """Compare these tables, which are all of this type, when its records are read."""
        self._columns[node] = tables

    def noted(self, path: str, table: NotedTable | None) -> None:
        """A table was noted to its end; None where that was not possible, so that nothing of it counts."""
        if table is None:
            self._noted.drop(path)
        else:
            self._tables[path] = table

    def table(self, path: str) -> NotedTable | None:
        """A table that was noted to its end."""
        return self._tables.get(path)

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

    def keep(self, whole: Collection[str], parents: Collection[str], limited: Collection[str]) -> None:
        """Say which records a check needs although a row says exactly the same.

        Args:
            whole: node types of which it needs all.
            parents: those to which links of the submission lead: it needs the parents of records that change.
            limited: those of which a parent may have but one: it needs the parents of records without a row, too.
        """
        self._whole.update(whole)
        self._left_out.may_be_parents(parents)
        self._limited = frozenset(limited)

    def begin_to_read(self, node: str, rows: int = 0) -> None:
        """Ask for the records of a type now, if they will all be read; so that the commons works on it meanwhile.

        Args:
            node: the type.
            rows: about so many rows are of this type, although fewer are known so far.
        """
        if node in self._ahead or node in self._read or not self.readable:
            return
        if self._count(node) and not self.reads_by_ids(node, rows):
            before = list(self._ahead.values())[-_AT_THE_SAME_TIME:]
            wait_for = before[0] if len(before) == _AT_THE_SAME_TIME else None
            self._ahead[node] = ExportAhead(partial(self.commons.export, self._project, node), wait_for)

    def may_have(self, node: str) -> bool:
        """Whether the commons may have a record of a type."""
        return self._count(node) != 0

    def is_large(self, node: str) -> bool:
        """Whether the commons has so many records of a type that only those are read that matter."""
        return (self._count(node) or 0) >= LARGE

    def was_read(self, node: str) -> bool:
        """Whether the records of a type were read already."""
        return node in self._read

    def read(self, node: str) -> None:
        """Read the records of a type, if that was not done before; of a large one those that matter, if they are few.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        if node in self._read or not self.readable:
            return
        try:
            if self.reads_by_ids(node):
                ids = [
                    id_
                    for submitter_id, id_ in self.commons.record_ids(self._project, node).items()
                    if self._value(_IS_WANTED, node, submitter_id.lower()) is not None
                ]
                self._keep(node, self.commons.export_ids(self._project, ids), len(ids))
            else:
                self._keep(node, self._exported(node), self._count(node))
        except NotAllowed:
            self.readable = False

    def read_noted(self) -> None:
        """Read the records of all types of which rows were noted; raises as `read` does."""
        for node in (*self._columns, *self._forms):
            self.read(node)
        back = ((node, *_told(record)) for node, record in self._left_out.take_back())
        self._many("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)", back)

    def _exported(self, node: str) -> Iterator[dict[str, Any]]:
        ahead = self._ahead.pop(node, None)
        for table in self._columns.get(node, ()):
            table.forget_ids()
        take = self._take(node)
        return self.commons.export(self._project, node, take=take) if ahead is None else ahead.records(take)

    def _take(self, node: str) -> Take | None:
        """Takes those records of which a row says exactly the same, column by column."""
        tables = self._columns.get(node)
        if not tables or node in self._whole:
            return None
        from gen3submit.planning import columns  # noqa: PLC0415  # numpy and pyarrow: only for big tables

        def take(text: str) -> Sequence[dict[str, Any]] | None:
            parted = columns.part(text, tables)
            if parted is None:
                return None
            others, same = parted
            self._taken += len(same)
            if self._left_out.keeps(node):
                self._left_out.add(node, same)
            return [parse(other.decode()) for other in others]

        return take

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
        self.read_noted()
        self.read(node)
        if not self.readable:
            raise NotAllowed(words.commons_not_readable())
        sql = "SELECT record FROM held WHERE type = ? ORDER BY rowid"
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
        """The record with this key, if the commons has one and no row that was noted says exactly the same."""
        if not self.has_any(node):
            return None
        row = self._database.execute(_GET, (node, key)).fetchone()
        return None if row is None else HeldRecord(row[0], row[1], json.loads(row[2]))

    def same(self, path: str, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Those rows of a table between two numbers that say exactly what the commons has: number, and id there."""
        by_column = (table for tables in self._columns.values() for table in tables if table.path == path)
        for table in by_column:
            return table.settled(first, last)
        return self._noted.settled(path, first, last)

    def digest(self, node: str, key: str) -> bytes | None:
        """The digest of the record with this key; None where `get` gives none."""
        found: bytes | None = self._value("SELECT digest FROM held WHERE type = ? AND key = ?", node, key)
        return found

    def reads_by_ids(self, node: str, rows: int = 0) -> bool:
        """Whether there are so many records of a type, and so few of them matter, that only those are read.

        `rows` are expected to be of this type, although fewer are known so far.
        """
        count = self._count(node)
        least = max(LARGE, MANY_TIMES * max(self._wanted[node], rows))
        if count is None or count < least or node in self._whole or not self.knows_wanted:
            return False
        others = self._value("SELECT count(*) FROM wanted WHERE type = ?", node)
        return bool(count >= MANY_TIMES * max(self._wanted[node], others))

    def _count(self, node: str) -> int | None:
        if node not in self._counts:
            try:
                self._counts[node] = self.commons.record_count(self._project, node)
            except NotAuthenticated:
                raise
            except CommonsProblem:  # no right to GraphQL: the export will tell
                self._counts[node] = None
        return self._counts[node]

    def _keep(self, node: str, records: Iterator[dict[str, Any]], total: int | None = None) -> None:
        number = self._taken = 0
        with self._progress.start(words.reading_commons(node), total, "records") as task:
            self._database.execute("DELETE FROM held WHERE type = ?", (node,))  # of a reading that broke off
            self._left_out.forget(node)
            while some := list(islice(records, _AT_ONCE)):
                whole = [one for one in some if one.get("submitter_id") is not None and one.get("id") is not None]
                self._many("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)", self._others(node, whole))
                task.advance(len(some))
                number += len(whole)
        self._read[node] = number + self._taken

    def _others(self, node: str, records: Sequence[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
        """The records of which no row says exactly the same, as they are kept; the others are noted with the rows."""
        settled: list[int] = []
        ids: list[str] = []
        others: list[dict[str, Any]] = []
        left_out: list[tuple[str, bytes]] = []
        for record, place in zip(records, self._places(node, records), strict=True):
            id_ = str(record["id"])
            if place >= 0 and fits(id_):
                settled.append(place)
                ids.append(id_)
                if self._left_out.keeps(node):
                    left_out.append((id_, kept(record)))
                continue
            others.append(record)
            if node in self._limited or self._has_row(node, record):
                self._left_out.need_parents_of(record)
        self._noted.settle(settled, ids)
        self._left_out.add(node, left_out)
        for record in others:
            yield node, *_told(record)

    def _has_row(self, node: str, record: Mapping[str, Any]) -> bool:
        """Whether a row of the submission may be meant by a record, as far as that is quickly told."""
        tables = self._columns.get(node)
        return tables is None or any(table.has(str(record["submitter_id"])) for table in tables)

    def _places(self, node: str, records: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """Where the row was noted that says exactly what a record holds, for each of some records; -1 for none."""
        forms = self._forms.get(node)
        if forms is None or node in self._whole:
            return [-1] * len(records)
        made = list(map(forms.of_record, records))
        found = self._noted.find(made)
        if self._noted.give_ids:
            again = [with_id(form, str(record["id"])) for form, record in zip(made, records, strict=True)]
            found = list(map(max, found, self._noted.find(again)))
        return found

    def _many(self, sql: str, arguments: Iterable[tuple[Any, ...]]) -> None:
        self._database.execute("BEGIN")
        try:
            self._database.executemany(sql, arguments)
        finally:
            self._database.execute("COMMIT")

    def _value(self, sql: str, *arguments: object) -> Any:
        row = self._database.execute(sql, arguments).fetchone()
        return None if row is None else row[0]


def _told(record: Mapping[str, Any]) -> tuple[str, str, bytes, bytes]:
    """Key, id and digest of a record, and itself, as they are kept."""
    return str(record["submitter_id"]).lower(), str(record["id"]), digest(canonical(record)), kept(record)
