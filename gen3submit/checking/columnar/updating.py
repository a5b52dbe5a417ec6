"""Rows of big tables that update records, and of which no more is to be said than of rows that make new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from gen3submit.checking.columnar.table import ColumnarTable, Rows
from gen3submit.checking.existing import ExistingRecords, parents_in
from gen3submit.checking.layered import LayeredStore
from gen3submit.dictionary.model import Link
from gen3submit.rules.documents import Document

_BY_ITSELF = frozenset({"id", "type", "project_id"})
"""Properties that say the same of a record as of the row that updates it, or send the row to the exact judge."""


class PlainUpdates:
    """Tells which rows of a table update an existing record and leave it its name and its parents.

    All that such a row can meet that others do not is that its table omits what the record holds.
    """

    def __init__(self, table: ColumnarTable, existing: ExistingRecords, store: LayeredStore):
        self._table = table
        self._existing = existing
        self._store = store
        self._node = table.columns.layout.node
        self._columns = {name.partition(".")[0] for name, _ in table.columns.layout.columns}
        node = self._node
        self._properties = [name for name in node.properties if name not in node.system_properties | _BY_ITSELF]

    @staticmethod
    def fits(table: ColumnarTable) -> bool:
        """Whether any row of a table may be such an update."""
        node = table.columns.layout.node
        named = {name for name, _ in table.columns.layout.columns}
        return "state" in node.schema["properties"] and not named & (node.system_properties - _BY_ITSELF)

    def among(self, rows: Rows) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
        """Those among some rows: the row, what the table omits and its record holds, the links that it omits so."""
        for part in self._table.by_slice(rows):
            for row, document in self._table.documents(part).items():
                found = self._omitted(document)
                if found is not None:
                    yield row, *found

    def _omitted(self, given: Document) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """What a row omits of its record: properties, and links; None where it is not plain what it does."""
        name = given.get("submitter_id")
        index = self._existing.index_of(str(name).lower())
        if index is None or self._store.has_taken(self._existing, index):  # then it may have been changed
            return None
        held = self._existing.document(index)
        if held["submitter_id"] != name:
            return None
        omitted = []
        for name in self._properties:
            if held.get(name) is None:
                continue
            if name not in self._columns:
                omitted.append(name)
            elif given.get(name) is None:
                return None
        links = []
        for name, link in self._node.links_by_name.items():
            if name in self._columns:
                if not _same(given.get(name), held.get(name)):
                    return None
            elif held.get(name):
                if not self._are_there(link, held[name]):
                    return None
                links.append(name)
        return tuple(omitted), tuple(links)

    def _are_there(self, link: Link, references: Any) -> bool:
        """Whether all parents of a record are known, by their names."""
        if link.target == "project":
            code = self._existing.project_id.partition("-")[2]
            return all(parent.get("code") == code for parent in parents_in(references))
        existing = self._store.existing(link.target)
        if existing is None:
            return False
        named = [parent.get("submitter_id") for parent in parents_in(references)]
        return all(name is not None and existing.index_of(str(name).lower()) is not None for name in named)


def _same(given: Any, held: Any) -> bool:
    """Whether a row names the parents that its record has, by the same texts."""
    ours, theirs = _names(given), _names(held)
    return ours is not None and ours == theirs


def _names(references: Any) -> Collection[tuple[str, str]] | None:
    found = set()
    for reference in parents_in(references):
        key = next((key for key in ("submitter_id", "code") if reference.get(key) is not None), None)
        if key is None:
            return None
        found.add((key, str(reference[key])))
    return found
