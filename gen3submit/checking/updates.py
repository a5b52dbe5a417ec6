"""What an update does that the user may not mean: values that stay, values that go, parents that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gen3submit.checking.explaining import Cells
from gen3submit.dictionary.model import Node
from gen3submit.findings import Finding, Severity
from gen3submit.rules.entities import Entity
from gen3submit.rules.identity import system_defaults
from gen3submit.rules.store import Record, Store

_CONTENT = ("md5sum", "file_size")


def update_findings(
    entity: Entity, given: dict[str, Any], row: Cells, store: Store, *, last_row: bool
) -> Iterator[Finding]:
    """The findings about an entity that was made or updated without an error.

    Args:
        entity: after the transaction; `entity.before` is the record as it was.
        given: its document as the file gives it.
        row: the row's cells.
        store: the records after the transaction.
        last_row: whether this is the table's last row, whose empty cells at the end do not count as given.
    """
    assert entity.node is not None
    yield from _system_properties(entity, given, row)
    if entity.before is None:
        yield from _shared_content(entity, row)
        return
    held = entity.before.properties
    yield from _renamed(entity, given, held, row)
    for name in entity.node.properties:
        if name in entity.node.system_properties or name in ("id", "type") or held.get(name) is None:
            continue
        if name in given:
            if given[name] is None:
                yield _warning("value-cleared", entity, row, name, held=held[name])
        elif name not in row.columns:
            if entity.node.is_file and name == "object_id":
                continue  # the server sets it, nobody means to clear it
            yield value_kept(entity.node, row, name)
        elif last_row:
            yield _warning("value-kept", entity, row, name, held=held[name], why="last row")
    if entity.node.is_file:
        for name in _CONTENT:
            if given.get(name) is not None and held.get(name) not in (None, given[name]):
                yield _warning("file-content-changed", entity, row, name, held=held[name])
    yield from _links(entity, given, row, store)


def value_kept(node: Node, row: Cells, name: str) -> Finding:
    """That a record keeps what it holds of a property, of which the table has no column."""
    facts = {"held": None, "why": "omitted column"}
    return Finding("value-kept", Severity.WARNING, row.column(name), name, row.text(name), node.id, facts)


def _system_properties(entity: Entity, given: dict[str, Any], row: Cells) -> Iterator[Finding]:
    assert entity.node is not None
    assert entity.record is not None
    defaults = system_defaults(entity.node)
    for name in entity.node.system_properties:
        if name in ("id", "type", "project_id") or given.get(name) is None:
            continue
        if given[name] != entity.record.properties.get(name, defaults.get(name)):
            yield _warning("system-property-ignored", entity, row, name)


def _renamed(entity: Entity, given: dict[str, Any], held: dict[str, Any], row: Cells) -> Iterator[Finding]:
    if "submitter_id" in given and given["submitter_id"] != held.get("submitter_id"):
        yield _warning("submitter-id-renamed", entity, row, "submitter_id", held=held.get("submitter_id"))


def _shared_content(entity: Entity, row: Cells) -> Iterator[Finding]:
    state = entity.file
    if state is not None and state.by_content is not None and state.object_id == state.by_content.did:
        yield _warning("file-content-shared", entity, row, "md5sum", other=state.by_content.did)


def _links(entity: Entity, given: dict[str, Any], row: Cells, store: Store) -> Iterator[Finding]:
    assert entity.node is not None
    assert entity.record is not None
    for name, link in entity.node.links_by_name.items():
        if entity.removed_links.get(name):
            yield _warning("value-cleared", entity, row, name, held=_names(entity.removed_links[name]))
        if name not in given or given[name] is None:
            continue
        parents = store.parents(entity.record, name)
        named = {parent.id for link_name, parent in entity.destinations if link_name == name}
        kept = [parent for parent in parents if parent.id not in named]
        if not kept:
            continue
        if named:
            new = [_name(parent) for parent in parents if parent.id in named]
            yield _warning("parent-added", entity, row, name, link=link.name, held=_names(kept), given=new)
        else:
            yield _warning("link-kept", entity, row, name, link=link.name, parents=_names(kept))


def _names(records: Sequence[Record]) -> list[str]:
    return [_name(record) for record in records]


def _name(record: Record) -> str:
    return str(record.properties.get("submitter_id") or record.properties.get("code") or record.id)


def _warning(code: str, entity: Entity, row: Cells, name: str, **facts: Any) -> Finding:
    assert entity.node is not None
    return Finding(code, Severity.WARNING, row.column(name), name, row.text(name), entity.node.id, facts)
