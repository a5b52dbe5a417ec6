"""An entity: one document on its way through a transaction, with what Sheepdog finds out about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules.errors import EntityError
from gen3submit.rules.store import IndexedFile, Record

UniqueKeys = tuple[tuple[Any, ...], ...]
"""The values of a record's unique keys: ``(("P-X", "S-1"),)`` for most node types."""


class InternalFailure(Exception):
    """Raised where Sheepdog meets a failure it did not expect: 400 with "Internal server error" and no reason."""

    def __init__(self, rule: str):
        super().__init__(rule)
        self.rule = rule
        """Which failure: the name that the checker's finding codes start from."""


class ServerCrash(Exception):
    """Raised where Sheepdog crashes outright and answers HTTP 500."""

    def __init__(self, rule: str):
        super().__init__(rule)
        self.rule = rule


@dataclass(slots=True)
class FileState:
    """What a record of a data-file node type knows of the file index (indexd)."""

    object_id: str | None = None
    exists: bool = False
    by_id: IndexedFile | None = None
    by_content: IndexedFile | None = None
    new_did: str | None = None
    """The id under which a new file is registered; None: the index chooses one."""
    urls: tuple[str, ...] = ()
    joins_upload: bool = False
    """Whether the record takes over a file that was uploaded before it (data upload flow)."""


@dataclass(slots=True)
class Entity:
    """A document, what it became, and every error that Sheepdog records on it."""

    document: dict[str, Any]
    position: int
    """The place of its document among those of the request, from 0."""
    node: Node | None = None
    """None for a document that is no object."""
    id: str | None = None
    action: str | None = None
    """``create`` or ``update`` once the record was looked for; None before."""
    errors: list[EntityError] = field(default_factory=list)
    warnings: list[EntityError] = field(default_factory=list)
    keys: UniqueKeys = ()
    """The unique keys as the document gives them."""
    record: Record | None = None
    """The record made or found, with the document's values set."""
    before: Record | None = None
    """The record as it was, for an update."""
    removed_links: dict[str, list[Record]] = field(default_factory=dict)
    """Links that a null empties, with the parents they led to."""
    destinations: list[tuple[str, Record]] = field(default_factory=list)
    """(link, parent) that the document's links lead to."""
    file: FileState | None = None
    """Set for node types whose category ends in ``_file``."""

    @property
    def type(self) -> str | None:
        """The node type; None for a document that is no object."""
        return self.node.id if self.node else None

    @property
    def valid(self) -> bool:
        """Whether no error is recorded so far."""
        return not self.errors

    def json(self, project_id: str) -> dict[str, Any]:
        """The entity in Sheepdog's answer."""
        return {
            "action": self.action,
            "errors": [error.json() for error in self.errors],
            "id": self.id,
            "type": self.type,
            "unique_keys": self.unique_keys(project_id),
            "valid": self.valid,
            "warnings": [warning.json() for warning in self.warnings],
        }

    def unique_keys(self, project_id: str) -> list[dict[str, Any]]:
        """The unique keys as the answer gives them: the record's where there is one, else the document's."""
        if self.node is None:
            return []
        if self.record is not None:
            values: Mapping[str, Any] = self.record.properties
            return [{name: values.get(name) for name in names} for names in self.node.unique_keys]
        given = key_values(self.node, self.document, project_id)
        return [
            dict(zip(names, values, strict=True)) for names, values in zip(self.node.unique_keys, given, strict=True)
        ]


def key_values(node: Node, values: Mapping[str, Any], project_id: str) -> UniqueKeys:
    """The unique keys of a record of `node` with these values.

    ``project_id`` is the transaction's unless the document gives one; a value of a wrong type counts as none
    (psqlgraph's property setters refuse it).
    """
    return tuple(
        tuple(
            project_id
            if name == "project_id" and "project_id" not in values
            else _fitting(node, name, values.get(name))
            for name in names
        )
        for names in node.unique_keys
    )


def _fitting(node: Node, name: str, value: Any) -> Any:
    known = node.properties.get(name)
    if known is None or value is None:
        return None
    fits = any(isinstance(value, _PYTHON_TYPES.get(type_, str)) for type_ in known.types or ("string",))
    return value if fits and (not known.enum or value in known.enum) else None


_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
}
