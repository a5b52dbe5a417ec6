"""What the check knows of a commons: records in memory, and what becomes a record when the rules ask for it.

That are the records of a commons, of which most are never asked for; and the rows of big tables. A row of such a layer
is a record like any other to the rules. Its id tells the layer and the row; once the rules change it, the changed
record is held in memory and hides the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol
from uuid import NAMESPACE_OID, uuid4, uuid5

from gen3submit.checking.existing import ExistingRecords
from gen3submit.rules.memory import MemoryStore, folded
from gen3submit.rules.store import IndexedFile, Record


def file_id(id_: str) -> str:
    """The id of the data file of the record that a row of a layer is."""
    return str(uuid5(NAMESPACE_OID, id_))


class Layer(Protocol):
    """Rows of one node type and project that are records."""

    type: str
    project_id: str

    def row(self, name: str) -> int | None:
        """The row with this submitter_id, in lower case."""

    def first_rows(self) -> list[int]:
        """Two rows; fewer where there are not so many."""

    def record(self, row: int, id_: str) -> Record:
        """The record that the row is, under this id."""

    def references(self, row: int) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        """The parents of the row: link, node type, and the properties that name them."""

    def children(self, link: str, parent: str) -> list[int]:
        """The rows whose link leads to the parent of this name, in lower case."""

    def files(self, md5: str) -> list[int]:
        """The rows that describe a data file with this hash."""

    def file(self, row: int, did: str) -> IndexedFile:
        """The data file that the row describes, under this id."""


class Unforeseen(Exception):
    """Raised where the rules may say of a row something else than the fast path foresaw: nothing is certain then."""


class LayeredStore(MemoryStore):
    """The `MemoryStore` of a check, with layers."""

    def __init__(self) -> None:
        super().__init__(index_survives=False)  # a check tries each table before it keeps it
        self._token = uuid4().hex
        self._layers: list[Layer] = []
        self._of_type: dict[str, list[int]] = {}
        self._hydrated: set[tuple[str, str]] = set()
        self._file_layers: list[int] = []
        self._of_file: dict[str, str] = {}
        """By the id of a data file, the id of the record whose file it is."""
        self._existing: dict[str, ExistingRecords] = {}

    def lay(self, layer: Layer, *, files: bool = False) -> None:
        """Add the rows of a layer; `files`: they describe data files."""
        if files:
            self._file_layers.append(len(self._layers))
        self._of_type.setdefault(layer.type, []).append(len(self._layers))
        self._layers.append(layer)

    def layers(self, type_: str) -> list[Layer]:
        """The layers of a node type."""
        return [self._layers[number] for number in self._of_type.get(type_, ())]

    def layer_of(self, id_: str) -> Layer | None:
        """The layer of the record with this id; None where it is in memory alone."""
        token, _, place = id_.partition(":")
        return self._layers[int(place.partition(":")[0])] if token == self._token else None

    def file_layers(self) -> list[Layer]:
        """The layers whose rows describe data files."""
        return [self._layers[number] for number in self._file_layers]

    def indexed_hashes(self) -> set[str]:
        """The hashes of the files in memory."""
        return {file.md5 for file in self._files.values() if file.md5}

    def add_existing(self, records: ExistingRecords) -> None:
        """Add records of a node type of which there are none so far."""
        records.first_serial = self._next + 1
        self._next += len(records)
        self._existing[records.node.id] = records

    def existing(self, type_: str) -> ExistingRecords | None:
        """The records of a node type that were added together, whether the rules have asked for them or not."""
        return self._existing.get(type_)

    def has_taken(self, existing: ExistingRecords, index: int) -> bool:
        """Whether the rules have asked for an existing record."""
        return (existing.node.id, existing.id_of(index)) in self._serials

    def has_any(self, type_: str) -> bool:
        """Whether there is any record of a node type."""
        return bool(self._records.get(type_)) or type_ in self._existing or type_ in self._of_type

    def held(self, type_: str) -> list[Record]:
        """The records of a node type that are in memory."""
        return super().find(type_, {})

    def parents_with_children(self, type_: str, link: str) -> list[tuple[str, str]]:
        """(type, id) of the records to which the link of records in memory leads."""
        return [parent for (parent, of, name), ids in self._children.items() if of == type_ and name == link and ids]

    def get(self, type_: str, id_: str) -> Record | None:
        """The record of this type with this id."""
        found = super().get(type_, id_)
        if found is not None:
            return found
        existing = self._existing.get(type_)
        index = None if existing is None else existing.index_of(id_=id_)
        if existing is not None and index is not None:
            self._take(existing, index)
            return super().get(type_, id_)
        layer = self.layer_of(id_)
        if layer is None or layer.type != type_:
            return None
        return self._record(layer, int(id_.rpartition(":")[2]), id_)

    def find(self, type_: str, keys: Mapping[str, str]) -> list[Record]:
        """As in memory; but without keys no more than two of the records there are, which is as good as all."""
        self._take_for(type_, keys)
        found = super().find(type_, keys)
        for number in self._of_type.get(type_, ()):
            layer = self._layers[number]
            wanted = {name: folded(value) for name, value in keys.items()}
            if wanted.pop("project_id", folded(layer.project_id)) != folded(layer.project_id):
                continue
            if not wanted:
                rows = layer.first_rows()
            elif wanted.keys() == {"submitter_id"}:
                row = layer.row(str(wanted["submitter_id"]))
                rows = [] if row is None else [row]
            else:
                continue
            found += self._records_of(number, rows)
        return found

    def parents(self, record: Record, link: str) -> list[Record]:
        """The records that the link `link` of `record` leads to, in the order they were linked."""
        self._hydrate(record.type, record.id)
        return super().parents(record, link)

    def children(self, record: Record, type_: str, link: str) -> list[Record]:
        """The records of `type_` whose link `link` leads to `record`."""
        existing = self._existing.get(type_)
        for index in () if existing is None else existing.children(link, record):
            assert existing is not None
            self._take(existing, index)
            self._hydrate(type_, existing.id_of(index))
        found = super().children(record, type_, link)
        there = {child.id for child in found}
        name = folded(record.properties.get("submitter_id") or record.properties.get("code"))
        for number in self._of_type.get(type_, ()) if name else ():
            rows = self._layers[number].children(link, str(name))
            found += [child for child in self._records_of(number, rows) if child.id not in there]
        return found

    def put(self, record: Record) -> None:
        """Add the record, or replace the one of this type and id."""
        self._hydrate(record.type, record.id)
        super().put(record)

    def link(self, child: Record, link: str, parent: Record) -> None:
        """Link `child` to `parent`; nothing happens where they are linked already."""
        self._hydrate(child.type, child.id)
        super().link(child, link, parent)

    def unlink(self, child: Record, link: str) -> None:
        """Remove every parent of `child` over `link`."""
        self._hydrate(child.type, child.id)
        super().unlink(child, link)

    def indexed_by_id(self, did: str) -> IndexedFile | None:
        """The file record that the index holds under this id."""
        found = super().indexed_by_id(did)
        id_ = self._of_file.get(did)
        layer = None if found is not None or id_ is None else self.layer_of(id_)
        return found if layer is None or id_ is None else layer.file(int(id_.rpartition(":")[2]), did)

    def indexed_by_content(self, md5: str | None, size: int | None) -> IndexedFile | None:
        """The first file record with this hash and/or size (what is None is not looked at).

        Raises:
            Unforeseen: no hash is given, and rows of layers are known by theirs.
        """
        for number in self._file_layers:
            if md5 is None:
                raise Unforeseen("a file without a hash")
            for row in self._layers[number].files(md5):
                id_ = f"{self._token}:{number}:{row}"
                did = file_id(id_)
                if size is None or self._layers[number].file(row, did).size == size:
                    self._of_file[did] = id_
                    return self.indexed_by_id(did)
        return super().indexed_by_content(md5, size)

    def _records_of(self, number: int, rows: list[int]) -> list[Record]:
        """The records of rows that no changed record hides."""
        layer = self._layers[number]
        found = []
        for row in rows:
            id_ = f"{self._token}:{number}:{row}"
            if super().get(layer.type, id_) is None:
                found.append(self._record(layer, row, id_))
        return found

    def _record(self, layer: Layer, row: int, id_: str) -> Record:
        if layer in self.file_layers():
            self._of_file[file_id(id_)] = id_
        return layer.record(row, id_)

    def _take_for(self, type_: str, keys: Mapping[str, str]) -> None:
        """Make the existing records that these keys may tell."""
        existing = self._existing.get(type_)
        if existing is None:
            return
        wanted = {name: folded(value) for name, value in keys.items()}
        if wanted.pop("project_id", folded(existing.project_id)) != folded(existing.project_id):
            return
        name = wanted.get("submitter_id")
        if name is not None:
            index = existing.index_of(name)
            indexes: Iterable[int] = () if index is None else (index,)
        else:
            indexes = range(len(existing) if wanted else min(2, len(existing)))
        for each in indexes:
            self._take(existing, each)

    def _take(self, existing: ExistingRecords, index: int) -> None:
        """Make an existing record, for good: it was there before the transaction that asks for it."""
        if self.has_taken(existing, index):
            return
        record = existing.record(index)
        self._replace(record.type, record.id, record)
        self._serials[record.type, record.id] = existing.first_serial + index

    def _hydrate(self, type_: str, id_: str) -> None:
        """Link a record that was made of something else to its parents, as soon as anybody asks for them."""
        if (type_, id_) in self._hydrated:
            return
        existing = self._existing.get(type_)
        index = None if existing is None else existing.index_of(id_=id_)
        layer = self.layer_of(id_)
        if index is None and layer is None:
            return
        self._hydrated.add((type_, id_))
        parents: dict[str, list[tuple[str, str]]] = {}
        if existing is not None and index is not None:
            for link, parent in existing.parents_of(index, self):
                parents.setdefault(link, []).append((parent.type, parent.id))
        elif layer is not None:
            for link, target, keys in layer.references(int(id_.rpartition(":")[2])):
                parents.setdefault(link, []).extend((target, record.id) for record in self.find(target, keys)[:1])
        for link, found in parents.items():
            self._set_parents(type_, id_, link, found)
