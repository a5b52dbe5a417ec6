"""What a document would change in the record that the commons holds, after everything that the server does to it.

(Facts: links only accumulate, and null removes them; a column that is not there keeps the value, null clears it;
system properties are ignored; numbers are doubles.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules.documents import Document

_NOT_COMPARED = frozenset({"type", "project_id", "created_datetime", "updated_datetime", "id"})


@dataclass(frozen=True, slots=True)
class Change:
    """A property or link that sending a row changes."""

    property: str
    old: Any
    """As the commons has it; the names of the parents for a link; None where there is nothing."""
    new: Any
    """As it will be."""


def changes(document: Document, held: Mapping[str, Any], node: Node) -> tuple[Change, ...]:
    """What the document would change.

    Args:
        document: a row as it is sent.
        held: the record as an export gives it: nulls left out, links as lists of objects.
        node: their node type.
    """
    return tuple(_changes(document, held, node))


def _changes(document: Document, held: Mapping[str, Any], node: Node) -> Iterator[Change]:
    for name, value in document.items():
        link = node.links_by_name.get(name)
        if link is not None:
            change = _link_change(name, value, held.get(name))
            if change is not None:
                yield change
        elif name not in _NOT_COMPARED and name not in node.system_properties and name in node.properties:
            old = held.get(name)
            if not same(old, value):
                yield Change(name, old, value)


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same for the commons: 5.0 is 5, and true is not 1."""
    if old is new:
        return True
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool) and old == new
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)


def parents_of(references: Any) -> list[dict[str, Any]]:
    """The parents that a link names, in a document or an export."""
    if isinstance(references, Mapping):
        return [dict(references)]
    return [dict(each) for each in references if isinstance(each, Mapping)] if isinstance(references, list) else []


def _link_change(name: str, value: Any, held: Any) -> Change | None:
    there = parents_of(held)
    old = [_name(parent) for parent in there]
    if value is None:
        return Change(name, old, None) if old else None
    added = [_name(parent) for parent in parents_of(value) if not any(_is(parent, other) for other in there)]
    return Change(name, old or None, [*old, *added]) if added else None


def _is(reference: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Whether a reference of a document leads to the parent that an export names."""
    compared = False
    for key, value in reference.items():
        there = held.get("node_id", held.get("id")) if key == "id" else held.get(key)
        if there is None:
            continue
        if str(there).lower() != str(value).lower():
            return False
        compared = True
    return compared


def _name(parent: Mapping[str, Any]) -> str:
    for key in ("submitter_id", "code", "id", "node_id"):
        if parent.get(key) is not None:
            return str(parent[key])
    return str(next(iter(parent.values()), ""))
