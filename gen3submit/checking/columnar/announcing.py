"""Taking note of the records of big tables, and of those that stand in several tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gen3submit.checking.announced import Announced, Key, Place
from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.keys import chosen
from gen3submit.checking.columnar.stored import among_any
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.rules.documents import Document


class AnnouncedTables(Announced):
    """The records of the submission, the ordinary rows of big tables as columns."""

    def __init__(self) -> None:
        super().__init__()
        self._expected: dict[Key, Place | None] = {}
        self._tables: dict[str, list[tuple[ColumnarTable, npt.NDArray[np.bool_]]]] = {}

    def note(self, key: Key, place: Place, document: Document) -> tuple[Place, Document]:
        """Take note of a record, unless there is one of this key; the place and the document of the first."""
        found = self._in_tables(key)
        if found is None:
            return super().note(key, place, document)
        table, row = found
        if table.path == place[0] and place[1] < table.lines[row]:
            super().note(key, place, document)
            self._forget(table, row)
        return (table.path, table.lines[row]), table.documents([row])[row]

    def expect(self, type_: str, names: Sequence[str]) -> None:
        """Look up many names at once: they will be asked for."""
        wanted = arrays.texts([name.lower() for name in names])
        there = among_any(wanted, self.folded(type_))
        for name, found in zip(wanted.to_pylist(), there.tolist(), strict=True):
            self._expected[type_, name] = self._look_up((type_, name)) if found else None

    def place(self, key: Key) -> Place | None:
        """Where the first record of this key stands."""
        return self._expected[key] if key in self._expected else self._look_up(key)

    def _look_up(self, key: Key) -> Place | None:
        found = self._in_tables(key)
        return super().place(key) if found is None else (found[0].path, found[0].lines[found[1]])

    def spelled(self, type_: str) -> list[Any]:
        """The submitter_ids of the records in big tables, a chunked array for each."""
        return [chosen(table.ids, announced) for table, announced in self._tables.get(type_, ())]

    def folded(self, type_: str) -> list[Any]:
        """The names in lower case of all records of a node type, an array from each place where they are."""
        of_tables = [chosen(table.keys.folded, announced) for table, announced in self._tables.get(type_, ())]
        return [arrays.texts([name.lower() for name in self.names(type_)]), *of_tables]

    def note_rows(self, table: ColumnarTable) -> list[int]:
        """Take note of the ordinary rows of a big table; those of which a table before it has a record, too."""
        type_ = table.columns.layout.node.id
        records = table.keys.given.copy()
        records[table.special_rows] = False
        twice = among_any(table.keys.names, self.folded(type_)) & records
        first = records & ~twice
        for group in table.keys.repeated(first):
            first[group[1:]] = False
        self._tables.setdefault(type_, []).append((table, first))
        rows: list[int] = np.flatnonzero(twice).tolist()
        return rows

    def _forget(self, table: ColumnarTable, row: int) -> None:
        """An earlier row has the same name."""
        for other, announced in self._tables[table.columns.layout.node.id]:
            if other is table:
                announced[row] = False

    def _in_tables(self, key: Key) -> tuple[ColumnarTable, int] | None:
        type_, name = key
        for table, announced in self._tables.get(type_, ()):
            row = next((row for row in table.keys.rows(name) if announced[row]), None)
            if row is not None:
                return table, row
        return None
