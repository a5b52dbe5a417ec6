"""Records, links and file index held in memory: what the checker knows of a commons."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from gen3submit.rules.store import IndexedFile, Record

_RecordKey = tuple[str, str]
"""(type, id): ids are unique per type only."""


def folded(value: object) -> str | None:
    """A property's value as it is compared: as text, letter case aside; None where there is none."""
    return None if value is None else str(value).lower()


class MemoryStore:
    """The `gen3submit.rules.store.Store` of the checker.

    What it gives out are copies of its records; `put` is what changes one. Look-ups by id, by project_id and
    submitter_id, and of projects by code cost a dictionary look-up each. Inside a transaction every change
    leaves its reverse in a list, and `rollback` runs the list backwards.
    """

    def __init__(self, *, index_survives: bool = True) -> None:
        """`index_survives`: the file index keeps what a rolled-back transaction told it, as indexd does."""
        self._index_survives = index_survives
        self._records: dict[str, dict[str, Record]] = {}
        self._serials: dict[_RecordKey, int] = {}  # the order of creation
        self._by_identity: dict[tuple[str, str | None, str | None], dict[str, None]] = {}
        self._by_code: dict[tuple[str, str | None], dict[str, None]] = {}
        self._parents: dict[tuple[str, str, str], dict[_RecordKey, None]] = {}
        self._children: dict[tuple[_RecordKey, str, str], dict[str, None]] = {}
        self._files: dict[str, IndexedFile] = {}
        self._file_serials: dict[str, int] = {}
        self._files_by_content: dict[tuple[str | None, int | None], dict[str, None]] = {}
        self._next = 0
        self._undo: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self._marks: list[int] = []

    def get(self, type_: str, id_: str) -> Record | None:
        """The record of this type with this id."""
        held = self._records.get(type_, {}).get(id_)
        return None if held is None else _copy(held)

    def find(self, type_: str, keys: Mapping[str, str]) -> list[Record]:
        """The records of this type whose properties equal all of `keys`, letter case aside; no keys: all."""
        held = self._records.get(type_, {})
        wanted = {name: folded(value) for name, value in keys.items()}
        candidates: list[Record]
        if "submitter_id" in wanted and "project_id" in wanted:
            ids = self._by_identity.get((type_, wanted["project_id"], wanted["submitter_id"]), {})
            candidates = [held[id_] for id_ in self._in_order(type_, ids)]
        elif "code" in wanted:
            ids = self._by_code.get((type_, wanted["code"]), {})
            candidates = [held[id_] for id_ in self._in_order(type_, ids)]
        else:
            candidates = list(held.values())
        return [
            _copy(record)
            for record in candidates
            if all(value is not None and folded(record.properties.get(name)) == value for name, value in wanted.items())
        ]

    def parents(self, record: Record, link: str) -> list[Record]:
        """The records that the link `link` of `record` leads to, in the order they were linked."""
        found = []
        for type_, id_ in self._parents.get((record.type, record.id, link), ()):
            parent = self.get(type_, id_)
            if parent is not None:
                found.append(parent)
        return found

    def children(self, record: Record, type_: str, link: str) -> list[Record]:
        """The records of `type_` whose link `link` leads to `record`, in the order they were created."""
        held = self._records.get(type_, {})
        ids = self._children.get(((record.type, record.id), type_, link), {})
        return [_copy(held[id_]) for id_ in self._in_order(type_, [id_ for id_ in ids if id_ in held])]

    def put(self, record: Record) -> None:
        """Add the record, or replace the one of this type and id."""
        old = self._records.get(record.type, {}).get(record.id)
        self._replace(record.type, record.id, _copy(record))
        self._note(self._replace, record.type, record.id, old)

    def link(self, child: Record, link: str, parent: Record) -> None:
        """Link `child` to `parent`; nothing happens where they are linked already."""
        parents = self._parents.setdefault((child.type, child.id, link), {})
        key = (parent.type, parent.id)
        if key in parents:
            return
        old = list(parents)
        self._set_parents(child.type, child.id, link, [*old, key])
        self._note(self._set_parents, child.type, child.id, link, old)

    def unlink(self, child: Record, link: str) -> None:
        """Remove every parent of `child` over `link`."""
        old = list(self._parents.get((child.type, child.id, link), ()))
        if old:
            self._set_parents(child.type, child.id, link, [])
            self._note(self._set_parents, child.type, child.id, link, old)

    def indexed_by_id(self, did: str) -> IndexedFile | None:
        """The file record that the index holds under this id."""
        return self._files.get(did)

    def indexed_by_content(self, md5: str | None, size: int | None) -> IndexedFile | None:
        """The first file record with this hash and/or size (what is None is not looked at)."""
        dids = self._files_by_content.get((md5, size))
        return self._files[min(dids, key=self._file_serials.__getitem__)] if dids else None

    def index(self, file: IndexedFile) -> None:
        """Add a record to the file index, or replace the one with this id."""
        old = self._files.get(file.did)
        self._set_file(file.did, file)
        if not self._index_survives:
            self._note(self._set_file, file.did, old)

    def begin(self) -> None:
        """Begin a transaction; transactions nest."""
        self._marks.append(len(self._undo))

    def commit(self) -> None:
        """Keep what was done since the innermost `begin`."""
        self._marks.pop()
        if not self._marks:
            self._undo.clear()

    def rollback(self) -> None:
        """Forget what was done to records and links since the innermost `begin`."""
        mark = self._marks.pop()
        while len(self._undo) > mark:
            reverse, arguments = self._undo.pop()
            reverse(*arguments)

    def records(self, type_: str, project_id: str) -> Iterator[Record]:
        """Every record of the type in the project, in the order they were created."""
        for record in list(self._records.get(type_, {}).values()):
            if record.project_id == project_id:
                yield _copy(record)

    def _note(self, reverse: Callable[..., object], *arguments: object) -> None:
        if self._marks:
            self._undo.append((reverse, arguments))

    def _serial(self) -> int:
        self._next += 1
        return self._next

    def _in_order(self, type_: str, ids: Collection[str]) -> list[str]:
        if len(ids) < 2:
            return list(ids)
        return sorted(ids, key=lambda id_: self._serials[type_, id_])

    def _replace(self, type_: str, id_: str, new: Record | None) -> None:
        held = self._records.setdefault(type_, {})
        old = held.get(id_)
        before = None if old is None else _identity(old)
        after = None if new is None else _identity(new)
        if before != after:
            if before is not None:
                del self._by_identity[type_, *before[:2]][id_]
                del self._by_code[type_, before[2]][id_]
            if after is not None:
                self._by_identity.setdefault((type_, *after[:2]), {})[id_] = None
                self._by_code.setdefault((type_, after[2]), {})[id_] = None
        if new is None:
            del held[id_]
            del self._serials[type_, id_]
            return
        if old is None:
            self._serials[type_, id_] = self._serial()
        held[id_] = new

    def _set_file(self, did: str, file: IndexedFile | None) -> None:
        old = self._files.pop(did, None)
        if old is not None:
            for content in _contents(old):
                self._files_by_content[content].pop(did, None)
        if file is None:
            return
        self._file_serials.setdefault(did, self._serial())
        self._files[did] = file
        for content in _contents(file):
            self._files_by_content.setdefault(content, {})[did] = None

    def _set_parents(self, type_: str, id_: str, link: str, parents: list[_RecordKey]) -> None:
        for parent in self._parents.get((type_, id_, link), ()):
            self._children[parent, type_, link].pop(id_, None)
        self._parents[type_, id_, link] = dict.fromkeys(parents)
        for parent in parents:
            self._children.setdefault((parent, type_, link), {})[id_] = None


def _copy(record: Record) -> Record:
    return Record(record.id, record.type, dict(record.properties))


def _identity(record: Record) -> tuple[str | None, str | None, str | None]:
    properties = record.properties
    return (
        folded(properties.get("project_id")),
        folded(properties.get("submitter_id")),
        folded(properties.get("code")),
    )


def _contents(file: IndexedFile) -> set[tuple[str | None, int | None]]:
    return {(file.md5, file.size), (file.md5, None), (None, file.size), (None, None)}
