"""What the rules ask of the records that a commons holds.

The checker answers from memory (`gen3submit.rules.memory.MemoryStore`), the practice commons from SQLite
(`gen3submit.sandbox.storage.SqliteStore`). Programs and projects are records like any other: types ``program``
and ``project``, a project linked to its program by ``programs``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(slots=True)
class Record:
    """A record as the commons holds it."""

    id: str
    type: str
    properties: dict[str, Any] = field(default_factory=dict)
    """JSON values by property name, ``project_id`` and ``submitter_id`` among them, ``id`` and ``type`` not."""

    @property
    def project_id(self) -> str | None:
        """``PROGRAM-CODE`` of the project that owns the record; None for programs and projects."""
        return self.properties.get("project_id")


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A record of indexd, as far as Sheepdog looks at it."""

    did: str
    md5: str | None
    size: int | None
    urls: tuple[str, ...] = ()


class Store(Protocol):
    """Records, their links, and the file index, with nested transactions.

    Ids are unique per node type only, as in Sheepdog's database (one table a type).
    """

    def get(self, type_: str, id_: str) -> Record | None:
        """The record of this type with this id."""

    def find(self, type_: str, keys: Mapping[str, str]) -> list[Record]:
        """The records of this type whose properties equal all of `keys`, letter case aside; no keys: every record.

        A record that lacks a property (or holds null) does not match it.
        """

    def parents(self, record: Record, link: str) -> list[Record]:
        """The records that the link `link` of `record` leads to, in the order they were linked."""

    def children(self, record: Record, type_: str, link: str) -> list[Record]:
        """The records of `type_` whose link `link` leads to `record`."""

    def put(self, record: Record) -> None:
        """Add the record, or replace the one of this type and id."""

    def link(self, child: Record, link: str, parent: Record) -> None:
        """Link `child` to `parent`; nothing happens where they are linked already."""

    def unlink(self, child: Record, link: str) -> None:
        """Remove every parent of `child` over `link`."""

    def indexed_by_id(self, did: str) -> IndexedFile | None:
        """The file record that the index holds under this id."""

    def indexed_by_content(self, md5: str | None, size: int | None) -> IndexedFile | None:
        """The first file record with this hash and/or size (what is None is not looked at)."""

    def index(self, file: IndexedFile) -> None:
        """Add a record to the file index, or replace the one with this id. Survives `rollback`, as indexd does."""

    def begin(self) -> None:
        """Begin a transaction; transactions nest."""

    def commit(self) -> None:
        """Keep what was done since the innermost `begin`."""

    def rollback(self) -> None:
        """Forget what was done to records and links since the innermost `begin`."""

    def records(self, type_: str, project_id: str) -> Iterator[Record]:
        """Every record of the type in the project, in the order they were created."""
