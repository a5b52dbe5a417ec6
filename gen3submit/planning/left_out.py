"""Records that a check need not look at, because a row says exactly the same; unless other records need them.

A record that changes has parents already, and the check has to know them: a row may keep, add or take away a parent.
So the parents of such a record come back, their parents too, however little changed in these.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from gen3submit.commons.parsing import parse


class LeftOut:
    """Records that were left out, in a database that is shared with others."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._types: set[str] = set()
        self._needed: set[str] = set()
        database.execute("CREATE TABLE left_out (id TEXT PRIMARY KEY, type TEXT, record BLOB) WITHOUT ROWID")

    def may_be_parents(self, types: Collection[str]) -> None:
        """Only records of these types are ever needed again."""
        self._types.update(types)

    def keeps(self, node: str) -> bool:
        """Whether records of this type may be needed again."""
        return node in self._types

    def add(self, node: str, records: Iterable[tuple[str, bytes]]) -> None:
        """Leave records of a type out: the id of each, and its JSON."""
        rows = ((id_, node, content) for id_, content in records)
        self._database.execute("SAVEPOINT left_out")  # one transaction for all, or part of one that is under way
        self._database.executemany("INSERT OR REPLACE INTO left_out VALUES (?, ?, ?)", rows)
        self._database.execute("RELEASE left_out")

    def forget(self, node: str) -> None:
        """Forget the records of a type."""
        self._database.execute("DELETE FROM left_out WHERE type = ?", (node,))

    def need_parents_of(self, record: Mapping[str, Any]) -> None:
        """The parents of this record are needed."""
        self._needed.update(_parents(record))

    def take_back(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The records that are needed, each with its type, and what they need; they are left out no more."""
        while self._needed:
            listed = json.dumps(sorted(self._needed))
            self._needed.clear()
            wanted = "id IN (SELECT value FROM json_each(?))"
            sql = f"SELECT type, record FROM left_out WHERE {wanted} ORDER BY id"  # noqa: S608  # fixed text
            found = self._database.execute(sql, (listed,)).fetchall()
            self._database.execute(f"DELETE FROM left_out WHERE {wanted}", (listed,))  # noqa: S608
            for node, content in found:
                record = parse(content.decode())
                self.need_parents_of(record)
                yield node, record


def _parents(record: Mapping[str, Any]) -> Iterator[str]:
    """The ids of a record's parents, as an export gives them."""
    for value in record.values():
        if type(value) is list and value and type(value[0]) is dict:
            yield from (str(parent["node_id"]) for parent in value if "node_id" in parent)
