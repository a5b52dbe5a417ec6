"""Rows that clash over which record they are: the same one twice, equal but for letter case, a taken id, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gen3submit.checking.explaining import Cells
from gen3submit.checking.opening import SentRow
from gen3submit.dictionary.model import Node
from gen3submit.findings import Finding, Severity
from gen3submit.rules.entities import Entity
from gen3submit.rules.errors import NOT_UNIQUE
from gen3submit.rules.flush import clashing, complete_keys
from gen3submit.rules.identity import look_up
from gen3submit.rules.store import Store
from gen3submit.rules.transaction import Transaction

MOST_OTHERS = 20
"""So many of the rows that have the same name are named with each of them."""
Collision = tuple[SentRow, Finding]


def repeated_rows(run: Transaction, sent: Sequence[SentRow]) -> Iterator[Collision]:
    """Rows that repeat a unique key of their request: all of them, unless they are the same row again."""
    groups: dict[int, list[int]] = {}
    for position, first in run.repeated:
        groups.setdefault(first, [first]).append(position)
    names = {entity.position: _key_name(entity) for entity in run.entities if entity.position in groups}
    for first, positions in groups.items():
        name = names[first]
        if sent[first].document.get(name) is None:
            continue  # `nameless_rows` tells of it
        identical = all(sent[position].document == sent[first].document for position in positions)
        for position in positions[1:] if identical else positions:
            others = [sent[other].line for other in positions[: MOST_OTHERS + 1] if other != position]
            item = sent[position]
            yield item, repeated(item.cells, name, str(item.document["type"]), others, identical=identical)


def repeated(row: Cells, name: str, node_id: str, others: Sequence[int], *, identical: bool) -> Finding:
    """That other rows, in these lines, have the same unique key."""
    facts = {"others": list(others[:MOST_OTHERS]), "identical": identical}
    value = (row.text(name) or "").strip()
    column, code = row.column(name), "duplicate-submitter-id"
    return Finding(code, Severity.ERROR, column, name, value, node_id, facts, NOT_UNIQUE, ())


def nameless_rows(run: Transaction, sent: Sequence[SentRow]) -> Iterator[Collision]:
    """Rows that the server takes although they name no record: it makes one without a name, or takes any that is."""
    repeated = {position for pair in run.repeated for position in pair}
    for entity in run.entities:
        if not entity.valid or entity.action is None or entity.document.get("id") is not None:
            continue
        name = _key_name(entity)
        if entity.document.get(name) is None:
            facts = {"outcome": "none" if entity.action == "create" else "one"}
            finding = _finding("submitter-id-empty", sent[entity.position], name, facts)
            yield sent[entity.position], _with_error(finding) if entity.position in repeated else finding


def merged_rows(run: Transaction, sent: Sequence[SentRow]) -> Iterator[Collision]:
    """Rows that update one record under names that differ in letter case: the later one wins without a word."""
    repeated = {position for pair in run.repeated for position in pair}
    updates: dict[tuple[str, str], list[Entity]] = {}
    for entity in run.entities:
        if entity.valid and entity.action == "update" and entity.record is not None:
            updates.setdefault((entity.record.type, entity.record.id), []).append(entity)
    for entities in updates.values():
        for entity in entities if len(entities) > 1 else ():
            twin = next(other for other in entities if other is not entity)
            if entity.position not in repeated:
                yield sent[entity.position], _letter_case(entity, twin, sent, "merged")


def clashing_rows(run: Transaction, sent: Sequence[SentRow], store: Store, outcome: str) -> Iterator[Collision]:
    """The rows for which a unique index of the database strikes; `outcome` tells what becomes of the file."""
    repeated = {position for pair in run.repeated for position in pair}
    ids: dict[tuple[str, str], Entity] = {}
    keys: dict[tuple[str, tuple[str, ...]], list[Entity]] = {}
    for entity in run.entities:
        record, node = entity.record, entity.node
        if not entity.valid or record is None or node is None or entity.action != "create":
            continue
        held = store.get(node.id, record.id)
        twin = ids.setdefault((node.id, record.id), entity)
        if held is not None or twin is not entity:
            by = held.properties if held is not None else twin.document
            yield sent[entity.position], _taken(entity, sent, by, outcome)
        for wanted in complete_keys(node, record):
            folded = tuple(value.lower() for value in wanted.values())
            if entity.position not in repeated:
                keys.setdefault((node.id, folded), []).append(entity)
                if clashing(record, wanted, store):
                    row = sent[entity.position]
                    finding = _finding("already-exists", row, _key_name(entity), {"by_id": True, "outcome": outcome})
                    yield row, replace(finding, column=row.cells.column("id") or finding.column, property="id")
    for twins in keys.values():
        for entity in twins if len(twins) > 1 else ():
            twin = next(other for other in twins if other is not entity)
            yield sent[entity.position], _letter_case(entity, twin, sent, outcome)


def rows_without_state(run: Transaction, sent: Sequence[SentRow], store: Store) -> Iterator[Collision]:
    """Rows that would update a record of a node type without ``state``, which fails the whole request."""
    for entity in run.entities:
        node = entity.node
        if node is None or not entity.valid or "state" in node.schema["properties"]:
            continue
        if look_up(store, node, entity.document.get("id"), entity.keys):
            facts = {"reason": run.failure}
            yield sent[entity.position], _finding("server-failure", sent[entity.position], _key_name(entity), facts)


def _taken(entity: Entity, sent: Sequence[SentRow], by: Any, outcome: str) -> Finding:
    return _finding("id-taken", sent[entity.position], "id", {"by": by.get(_key_name(entity)), "outcome": outcome})


def _letter_case(entity: Entity, twin: Entity, sent: Sequence[SentRow], outcome: str) -> Finding:
    name = _key_name(entity)
    other = sent[twin.position]
    facts = {"other": twin.document.get(name), "path": other.table.path, "line": other.line, "outcome": outcome}
    return _finding("duplicate-letter-case", sent[entity.position], name, facts)


def _key_name(entity: Entity) -> str:
    """The property that names a record within its project: submitter_id for nearly every node type."""
    node: Node | None = entity.node
    keys = node.unique_keys if node is not None else ()
    return next((name for names in keys for name in names if name != "project_id"), "submitter_id")


def _finding(code: str, row: SentRow, name: str, facts: dict[str, Any]) -> Finding:
    cells = row.cells
    text = cells.text(name)
    value = None if text is None else text.strip()
    return Finding(code, Severity.ERROR, cells.column(name), name, value, str(row.document["type"]), facts)


def _with_error(finding: Finding) -> Finding:
    """The finding with the error that Sheepdog records on the request."""
    return replace(finding, server_type=NOT_UNIQUE, keys=())
