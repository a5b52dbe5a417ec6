"""Deleting records: all or nothing, children first or in the same request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary import LinkGroup, Node
from gen3submit.rules.store import Record
from gen3submit.sandbox.answers import Json, json_answer, refuse
from gen3submit.sandbox.auth import USERNAME, require_rights
from gen3submit.sandbox.services import Services, require_state

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

BOOLEANS = {"true": True, "false": False}
DELETABLE_STATES = ("validated",)
DELETABLE_FILE_STATES = ("registered", None)


class _Undone(Exception):
    """Leaves the transaction so that nothing of it is kept."""


def delete_entities(
    services: Services, request: Request, program: str, project: str, ids: str, *, dry_run: bool = False
) -> Response:
    """``DELETE /P/X/entities[/_dry_run]/<ids>``; ``?to_delete=`` is not looked at."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    require_state(request, record, "open")
    asked = request.args.get("async")
    if asked is not None and asked.lower() not in BOOLEANS:
        raise refuse(400, "Boolean value not one of [true, false]")
    project_id = f"{program}-{project}"
    found, missing = _look_up(services, project_id, ids)
    fields = request.args.get("fields")
    if fields:
        return _empty_fields(services, program, project, found, missing, fields.split(","), dry_run=dry_run)
    entry = services.log.open("delete", program, project, dry_run=dry_run)
    entities = [_entity(services, each) for each in found]
    dependents: list[Record] = []
    try:
        with services.store.work():
            children = _children_left(services, found)
            for each in found:
                services.store.delete(each)
            for each, entity in zip(found, entities, strict=True):
                _note_states(services.dictionary.nodes[each.type], each, entity)
                blocking = _dependents(services, children[each.type, each.id], set())
                if blocking:
                    _note_dependents(entity, blocking)
                    dependents += blocking
            failed = bool(missing) or any(entity["errors"] for entity in entities)
            if failed or dry_run:
                raise _Undone
    except _Undone:
        pass
    entities += [_missing_entity(id_) for id_ in missing]
    return _answer(services, entry, entities, [each.id for each in dependents], dry_run=dry_run)


def mark_entities(
    services: Services, request: Request, program: str, project: str, ids: str, to_delete: str
) -> Response:
    """``DELETE /admin/P/X/entities/<ids>/to_delete/<value>``: marks, deletes nothing, and says that it deleted."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    if to_delete.lower() not in BOOLEANS:
        raise refuse(400, "to_delete value not true or false")
    require_state(request, record, "open")
    found, missing = _look_up(services, f"{program}-{project}", ids)
    entry = services.log.open("delete", program, project)
    entities = [_entity(services, each) for each in found] + [_missing_entity(id_) for id_ in missing]
    return _answer(services, entry, entities, [], dry_run=False)


def _empty_fields(
    services: Services,
    program: str,
    project: str,
    found: list[Record],
    missing: list[str],
    fields: list[str],
    *,
    dry_run: bool,
) -> Response:
    """``?fields=a,b`` empties properties instead of deleting, without a look at the schema."""
    for each in found:
        known = services.dictionary.nodes[each.type].properties
        for name in fields:
            if name not in known or name in ("id", "type"):
                raise refuse(
                    400,
                    f'Attempted to delete non-existing field "{name}" in a node <{class_name(each.type)}({each.id})>',
                )
    entry = services.log.open("delete", program, project, dry_run=dry_run)
    try:
        with services.store.work():
            for each in found:
                each.properties.update(dict.fromkeys(fields))
                services.store.put(each)
            if missing or dry_run:
                raise _Undone
    except _Undone:
        pass
    entities = [_entity(services, each) for each in found] + [_missing_entity(id_) for id_ in missing]
    return _answer(services, entry, entities, [], dry_run=dry_run)


def class_name(type_: str) -> str:
    """How Sheepdog's messages name the class of a node type."""
    return "".join(part.capitalize() for part in type_.split("_"))


def _look_up(services: Services, project_id: str, ids: str) -> tuple[list[Record], list[str]]:
    wanted = list(dict.fromkeys(ids.split(",")))
    found = [each for each in services.store.by_ids(wanted) if each.project_id == project_id]
    known = {each.id for each in found}
    return found, [id_ for id_ in wanted if id_ not in known]


def _children_left(services: Services, deleted: list[Record]) -> dict[tuple[str, str], list[Record]]:
    """The children of each record that is to be deleted, those left out that go with it."""
    gone = {(each.type, each.id) for each in deleted}
    return {
        (each.type, each.id): [
            child for _, child in services.store.neighbours(each)[1] if (child.type, child.id) not in gone
        ]
        for each in deleted
    }


def _dependents(services: Services, children: Iterable[Record], seen: set[tuple[str, str]]) -> list[Record]:
    """One path of records that lose a link they need: the first such child, its first such child, and so on."""
    for child in children:
        key = (child.type, child.id)
        if key in seen or _has_its_links(services, child):
            continue
        seen.add(key)
        below = [each for _, each in services.store.neighbours(child)[1]]
        services.store.delete(child)
        return [child, *_dependents(services, below, seen)]
    return []


def _has_its_links(services: Services, record: Record) -> bool:
    """Whether every required link, and a member of every required group, still has a parent."""
    linked = {name for name, _ in services.store.neighbours(record)[0]}
    for entry in services.dictionary.nodes[record.type].links:
        names = {link.name for link in entry.links()} if isinstance(entry, LinkGroup) else {entry.name}
        if entry.required and not names & linked:
            return False
    return True


def _note_states(node: Node, record: Record, entity: dict[str, Any]) -> None:
    state = record.properties.get("state")
    if "state" in node.properties and state not in DELETABLE_STATES:
        said = (
            "This node has been submitted. Deletion is disallowed for submitted entities. This node must be redacted."
            if state == "submitted"
            else f"Unable to delete entity because it is in state '{state}'."
        )
        _note(entity, {"message": said, "keys": ["state"], "type": "INVALID_PERMISSIONS"})
    file_state = record.properties.get("file_state")
    if "file_state" in node.properties and file_state not in DELETABLE_FILE_STATES:
        said = (
            f"This node has file_state '{file_state}'. Deletion is disallowed for entities that have raw data"
            " uploaded to the GDC.  In order to delete this node you must first delete the raw data with the"
            " Data Transfer Tool."
        )
        _note(entity, {"message": said, "keys": ["file_state"], "type": "INVALID_PERMISSIONS"})


def _note_dependents(entity: dict[str, Any], dependents: list[Record]) -> None:
    said = (
        f"Unable to delete entity because at least {len(dependents)} other(s) directly or indirectly depend on it."
        " You can only delete this entity by deleting its dependents prior to, or during the same transaction as"
        " this one."
    )
    listed = [{"id": each.id, "type": each.type} for each in dependents]
    _note(entity, {"message": said, "keys": [], "type": "INVALID_LINK", "dependents": listed})


def _note(entity: dict[str, Any], error: dict[str, Any]) -> None:
    entity["errors"].append(error)
    entity["valid"] = False


def _entity(services: Services, record: Record) -> dict[str, Any]:
    keys = services.dictionary.nodes[record.type].unique_keys
    return {
        "id": record.id,
        "type": record.type,
        "valid": True,
        "action": "delete",
        "errors": [],
        "warnings": [],
        "unique_keys": [{name: record.properties.get(name) for name in names} for names in keys],
    }


def _missing_entity(id_: str) -> dict[str, Any]:
    return {
        "id": None,
        "type": None,
        "valid": False,
        "action": "delete",
        "errors": [{"id": id_, "message": "Entity not found.", "keys": ["id"], "type": "NOT_FOUND"}],
        "warnings": [],
        "unique_keys": [],
    }


def _answer(
    services: Services, entry: int, entities: list[dict[str, Any]], dependents: list[str], *, dry_run: bool
) -> Response:
    errors = sum(not entity["valid"] for entity in entities)
    deleted = 0 if errors else len(entities)
    if errors:
        said = "Deletion transaction failed."
    elif dry_run:
        said = f"Dry run successful. Would have deleted {deleted} entities"
    else:
        said = f"Successfully deleted {deleted} entities"
    answer: Json = {
        "code": 400 if errors else 200,
        "message": said,
        "success": not errors,
        "entities": entities,
        "dependent_ids": ",".join(dict.fromkeys(dependents)),
        "transaction_id": entry,
        "entity_error_count": errors,
        "deleted_entity_count": deleted,
        "transactional_errors": [],
        "transactional_error_count": 0,
    }
    services.log.add_stub(entry, answer)
    state = "FAILED" if errors else "SUCCEEDED"
    services.log.finish(entry, state, USERNAME, None, entities, services.store.changes)
    return json_answer(answer, answer["code"])
