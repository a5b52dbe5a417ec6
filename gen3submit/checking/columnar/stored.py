"""Rows of big tables as records of the commons, which the rules find like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.contents import PROPERTY, hashes_of_texts
from gen3submit.checking.columnar.keys import Hashes, Keys, among, chosen
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.checking.layered import LayeredStore, file_id
from gen3submit.dictionary.model import Node
from gen3submit.rules import identity
from gen3submit.rules.documents import Document
from gen3submit.rules.entities import Entity
from gen3submit.rules.memory import MemoryStore, folded
from gen3submit.rules.store import IndexedFile, Record

Mask = npt.NDArray[np.bool_]


class StandIns:
    """Parents that nobody could verify, so that the rules find them."""

    def __init__(self, type_: str, project_id: str, texts: Any):
        """`texts` is a chunked array; the first spelling of each counts."""
        self.type = type_
        self.project_id = project_id
        self._texts = texts
        self._keys = Keys(texts)
        self.names = self._keys.folded
        self.spelled = texts

    def row(self, name: str) -> int | None:
        """The row with this submitter_id, in lower case."""
        return next(iter(self._keys.rows(name)), None)

    def first_rows(self) -> list[int]:
        """Two rows; fewer where there are not so many."""
        return list(range(min(2, len(self._texts))))

    def record(self, row: int, id_: str) -> Record:
        """The record that the row is, under this id."""
        return Record(id_, self.type, {"project_id": self.project_id, "submitter_id": self._texts[row].as_py()})

    def references(self, row: int) -> Iterator[tuple[str, str, dict[str, str]]]:  # noqa: ARG002  # the layer's signature
        """Nothing: nobody knows their parents."""
        return iter(())

    def children(self, link: str, parent: str) -> list[int]:  # noqa: ARG002  # the layer's signature
        """None, for the same reason."""
        return []

    def files(self, md5: str) -> list[int]:  # noqa: ARG002  # the layer's signature
        """None, for the same reason."""
        return []

    def file(self, row: int, did: str) -> IndexedFile:
        """Nothing is known of its content."""
        del row
        return IndexedFile(did, None, None, ())


class StoredRows:
    """Rows of a big table that the server would have taken."""

    def __init__(self, table: ColumnarTable, stored: Mask, project_id: str, now: str):
        self.type = table.columns.layout.node.id
        self.project_id = project_id
        self.is_of_submission = True
        self._table = table
        self._stored = stored
        self._now = now
        self._documents: dict[int, Document] = {}
        self._parents: dict[str, tuple[npt.NDArray[np.int64], Keys]] = {}

    @property
    def names(self) -> Any:
        """The submitter_ids in lower case."""
        return chosen(self._table.keys.folded, self._stored)

    @property
    def spelled(self) -> Any:
        """The submitter_ids."""
        return chosen(self._table.ids, self._stored)

    def row(self, name: str) -> int | None:
        """The row with this submitter_id, in lower case."""
        return next((row for row in self._table.keys.rows(name) if self._stored[row]), None)

    def first_rows(self) -> list[int]:
        """Two rows; fewer where there are not so many."""
        return [int(row) for row in np.flatnonzero(self._stored)[:2]]

    def fetch(self, names: Sequence[str]) -> None:
        """Read all the rows with these names (in lower case) at once: they will be asked for."""
        self._documents.update(self._table.documents(self._table.keys.expect(names)))

    def record(self, row: int, id_: str) -> Record:
        """The record that the row is, under this id."""
        node = self._table.columns.layout.node
        entity = Entity(dict(self._document(row)), 0, node, id_)
        entity.keys = identity.keys_of(entity, self.project_id)
        identity.make(entity, MemoryStore())
        identity.set_properties(entity, self.project_id)
        assert entity.record is not None
        for name in ("created_datetime", "updated_datetime"):
            if name in node.schema["properties"]:
                entity.record.properties[name] = self._now
        if node.is_file:
            entity.record.properties["object_id"] = file_id(id_)
        return entity.record

    def references(self, row: int) -> Iterator[tuple[str, str, dict[str, str]]]:
        """The parents of the row: link, node type, and the properties that name them."""
        document = self._document(row)
        for name, link in self._table.columns.layout.node.links_by_name.items():
            for reference in document.get(name) or ():
                if link.target == "project":
                    yield name, link.target, {"code": self.project_id.partition("-")[2]}  # no other one is taken
                else:
                    yield name, link.target, {"project_id": self.project_id, **reference}

    def children(self, link: str, parent: str) -> list[int]:
        """The rows whose link leads to the parent of this name, in lower case."""
        rows, names = self._references(link)
        found = (int(rows[place]) for place in names.rows(parent))
        return sorted(row for row in found if self._stored[row])

    def parents(self, link: str) -> Any:
        """The names in lower case of all parents over a link."""
        rows, names = self._references(link)
        return names.folded.filter(arrays.mask(self._stored[rows]))

    def files(self, md5: str) -> list[int]:
        """The rows that describe a file with this hash."""
        hashes, rows = self._contents
        wanted = hashes_of_texts([md5])[0]
        low, high = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        return sorted(row for row in rows[low:high].tolist() if self._document(row).get(PROPERTY) == md5)

    def file(self, row: int, did: str) -> IndexedFile:
        """The file that the row describes, under this id."""
        document = self._document(row)
        return IndexedFile(did, document.get(PROPERTY), document.get("file_size"), ())

    @property
    def hashes(self) -> Hashes:
        """The hashes of all texts that are hashes of files, in order."""
        return self._contents[0]

    @cached_property
    def _contents(self) -> tuple[Hashes, npt.NDArray[np.int64]]:
        found = self._table.contents
        assert found.rows is not None
        stored = self._stored[found.rows]
        order = np.argsort(found.hashes[stored], kind="stable")
        return found.hashes[stored][order], found.rows[stored][order]

    def _references(self, link: str) -> tuple[npt.NDArray[np.int64], Keys]:
        if link not in self._parents:
            numbers = [number for number, texts in enumerate(self._table.columns.links) if texts.link.name == link]
            none = (np.empty(0, np.int64), pa.chunked_array([], pa.string()))
            rows, texts = self._table.references(numbers[0]) if numbers else none
            self._parents[link] = (rows, Keys(texts))
        return self._parents[link]

    def _document(self, row: int) -> Document:
        if row not in self._documents:
            self._documents.update(self._table.documents([row]))
        return self._documents[row]


def fetch_parents(store: LayeredStore, node: Node, documents: Iterable[Document]) -> None:
    """Read the rows that are parents of these records, as far as they are rows of big tables."""
    names: dict[str, set[str]] = {}
    for document in documents:
        for link, target in ((link, known.target) for link, known in node.links_by_name.items()):
            references = document.get(link)
            for reference in references if isinstance(references, list) else ():
                names.setdefault(target, set()).add(str(reference.get("submitter_id")).lower())
    for target, wanted in names.items():
        for layer in store.layers(target):
            if isinstance(layer, StoredRows):
                layer.fetch(sorted(wanted))


def known_names(store: LayeredStore, type_: str, project_id: str) -> list[Any]:
    """The names in lower case of a project's records of a node type, an array from each place where they are."""
    names = [arrays.texts(_held_names(store, type_, project_id))]
    existing = store.existing(type_)
    if existing is not None and folded(existing.project_id) == folded(project_id):
        names.append(arrays.texts(existing.names()))
    return [*names, *(layer.names for layer in store.layers(type_) if isinstance(layer, StoredRows | StandIns))]


def known_contents(store: LayeredStore) -> list[Hashes]:
    """The hashes of all that the file index holds as hashes of files, from each place where they are."""
    layers = (layer for layer in store.file_layers() if isinstance(layer, StoredRows))
    return [hashes_of_texts(sorted(store.indexed_hashes())), *(layer.hashes for layer in layers)]


def ambiguous_names(store: LayeredStore, type_: str, project_id: str) -> Any:
    """The names in lower case that several records of a project and node type have, which the rules do not allow."""
    counts = Counter(_held_names(store, type_, project_id))
    return arrays.texts([name for name, count in counts.items() if count > 1])


def _held_names(store: LayeredStore, type_: str, project_id: str) -> list[str]:
    records = [record for record in store.held(type_) if folded(record.project_id) == folded(project_id)]
    held = [record.properties.get("submitter_id") for record in records]
    return [str(name).lower() for name in held if name is not None]


def unverified_names(store: LayeredStore, placeholders: set[tuple[str, str]], type_: str) -> list[Any]:
    """The same for those that nobody could verify."""
    held = [record for record in store.held(type_) if (type_, record.id) in placeholders]
    names = arrays.texts([str(record.properties.get("submitter_id")).lower() for record in held])
    return [names, *(layer.names for layer in store.layers(type_) if isinstance(layer, StandIns))]


def parents_with_children(store: LayeredStore, type_: str, link: str, target: str) -> list[Any]:
    """The names in lower case of the parents of this type that have a child over a link already."""
    held = [store.get(target, id_) for of, id_ in store.parents_with_children(type_, link) if of == target]
    found = [record.properties.get("submitter_id") or record.properties.get("code") for record in held if record]
    existing = store.existing(type_)
    found += () if existing is None else existing.parents(link)
    names = arrays.texts([str(name).lower() for name in found if name is not None])
    return [names, *(layer.parents(link) for layer in store.layers(type_) if isinstance(layer, StoredRows))]


def among_any(names: Any, known: Sequence[Any]) -> Mask:
    """Whether each of the names, in any letter case, is in one of the arrays."""
    found = np.zeros(len(names), bool)
    for each in known:
        if len(each):
            found |= among(names, each)
    return found
