"""The transaction log: what was asked of a project, and what became of it.

An entry is PENDING from the moment the request is taken up. Its document, with the name from ``X-Document-Name``,
appears once the rows are read; its final state once the data are stored, in a transaction of its own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gen3submit.sandbox.storage import Changes, SqliteStore

TYPES = {"update": "upload", "create": "upload"}
"""The type of an entry by its role, where it is not the role itself."""

_FIELDS = "id, role, state, dry_run, closed, committed_by, submitter, program, project, created"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log, without its documents and snapshots."""

    id: int
    role: str
    state: str
    dry_run: bool
    closed: bool
    committed_by: int | None
    submitter: str | None
    program: str
    project: str
    created: str

    @property
    def type(self) -> str:
        """``upload`` for submissions, otherwise the role."""
        return TYPES.get(self.role, self.role)

    @property
    def project_id(self) -> str:
        """The project as records name it."""
        return f"{self.program}-{self.project}"


@dataclass(frozen=True, slots=True)
class LoggedDocument:
    """A document as it came, and the answer it got."""

    id: int
    entry: int
    name: str | None
    format: str
    body: str
    size: int
    response: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The properties of a record before and after a transaction, as JSON."""

    id: int
    entry: int
    type: str
    action: str
    old: str | None
    """None where there was no record before."""
    new: str


class TransactionLog:
    """The entries of every project, in the store's own database."""

    def __init__(self, store: SqliteStore):
        self._store = store

    def open(self, role: str, program: str, project: str, *, dry_run: bool = False) -> int:
        """Begin an entry in state PENDING; give its number."""
        now = datetime.now(UTC).isoformat(" ", "microseconds")
        return self._store.insert(
            "INSERT INTO entry (role, state, dry_run, program, project, created) VALUES (?, 'PENDING', ?, ?, ?, ?)",
            (role, dry_run, program, project, now),
        )

    def withdraw(self, entry: int) -> None:
        """Take back an entry whose body could not be read."""
        self._store.rows("DELETE FROM document WHERE entry = ?", (entry,))
        self._store.rows("DELETE FROM entry WHERE id = ?", (entry,))

    def add_document(self, entry: int, name: str | None, format_: str, body: bytes) -> int:
        """Keep the document of an entry, without its answer; give the document's number."""
        text = body.decode("utf-8", "replace")
        return self._store.insert(
            "INSERT INTO document (entry, name, format, body, size, response) VALUES (?, ?, ?, ?, ?, 'null')",
            (entry, name, format_, zlib.compress(body, 1), len(text)),
        )

    def drop_documents(self, entry: int) -> None:
        """Forget the documents of an entry: an internal error leaves none."""
        self._store.rows("DELETE FROM document WHERE entry = ?", (entry,))

    def finish(
        self,
        entry: int,
        state: str,
        submitter: str,
        response: Mapping[str, Any] | None,
        entities: Sequence[Mapping[str, Any]] = (),
        changes: Changes | None = None,
    ) -> None:
        """Set the final state of an entry, the answer of its document, and the snapshots of its entities."""
        snapshots = []
        for entity in entities:
            old, new = (changes or {}).get((entity["type"], entity["id"]), (None, "{}"))
            if entity.get("action") and entity.get("id"):
                snapshots.append([entity["type"], entity["action"], old, new])
        with self._store.work():
            self._store.rows(
                "UPDATE entry SET state = ?, submitter = ?, snapshots = ? WHERE id = ?",
                (state, submitter, zlib.compress(json.dumps(snapshots).encode(), 1) if snapshots else None, entry),
            )
            if response is not None:
                self._store.rows("UPDATE document SET response = ? WHERE entry = ?", (json.dumps(response), entry))

    def add_stub(self, entry: int, response: Mapping[str, Any]) -> None:
        """The document of a request that sent none: a deletion, or a change of state."""
        self._store.insert(
            "INSERT INTO document (entry, format, body, size, response) VALUES (?, 'N/A', ?, 0, ?)",
            (entry, zlib.compress(b"", 1), json.dumps(response)),
        )

    def mark_committed(self, entry: int, by: int) -> None:
        """A dry run was carried out by another transaction."""
        self._store.rows("UPDATE entry SET committed_by = ? WHERE id = ?", (by, entry))

    def close(self, entry: int) -> None:
        """A dry run may no longer be carried out."""
        self._store.rows("UPDATE entry SET closed = 1 WHERE id = ?", (entry,))

    def entry(self, number: int, project_id: str) -> Entry | None:
        """The entry of this number, if it belongs to the project."""
        found = self.entries("id = ? AND program || '-' || project = ?", (number, project_id))
        return found[0] if found else None

    def entries(self, condition: str, arguments: Sequence[object], order: str = "id", limit: str = "") -> list[Entry]:
        """The entries that meet a condition in SQL."""
        rows = self._store.rows(
            f"SELECT {_FIELDS} FROM entry WHERE {condition} ORDER BY {order} {limit}",  # noqa: S608  built from fixed parts
            arguments,
        )
        return [
            Entry(id_, role, state, bool(dry_run), bool(closed), *rest)
            for id_, role, state, dry_run, closed, *rest in rows
        ]

    def documents(self, entry: int) -> list[LoggedDocument]:
        """The documents of an entry."""
        rows = self._store.rows(
            "SELECT id, entry, name, format, body, size, response FROM document WHERE entry = ? ORDER BY id", (entry,)
        )
        return [
            LoggedDocument(id_, of, name, format_, zlib.decompress(body).decode("utf-8", "replace"), size, response)
            for id_, of, name, format_, body, size, response in rows
        ]

    def snapshots(self, entry: int) -> list[Snapshot]:
        """What the transaction of an entry did to each record."""
        packed = self._store.rows("SELECT snapshots FROM entry WHERE id = ?", (entry,))
        if not packed or packed[0][0] is None:
            return []
        found = json.loads(zlib.decompress(packed[0][0]))
        return [Snapshot(entry * 1_000_000 + number, entry, *rest) for number, rest in enumerate(found)]
