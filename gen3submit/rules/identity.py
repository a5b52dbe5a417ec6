"""Finding the record that a document speaks of, or making it, and setting its properties.

(Facts: Sheepdog 5.2.4, ``UploadEntity.get_node_create``, ``get_node_merge`` and ``_set_node_properties``.)
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules.entities import Entity, InternalFailure, UniqueKeys, key_values
from gen3submit.rules.errors import (
    INVALID_PERMISSIONS,
    INVALID_PROPERTY,
    MISSING_PROPERTY,
    NOT_UNIQUE,
    EntityError,
)
from gen3submit.rules.store import Record, Store

_NO_DEFAULT = frozenset({"id", "type", "created_datetime", "updated_datetime", "project_id"})
_SKIPPED = frozenset({"type", "id", "created_datetime", "updated_datetime"})


def look_up(store: Store, node: Node, id_: str | None, keys: UniqueKeys) -> list[Record]:
    """The records with this id and these unique keys, letter case aside.

    Keys of which any part is empty are not looked at: without an id that leaves *every record of the type in every
    project* (Sheepdog's ``lookup_node``).
    """
    if id_ is None and not keys:
        return []
    wanted: dict[str, str] = {}
    if all(all(values) for values in keys):
        for names, values in zip(node.unique_keys, keys, strict=True):
            wanted.update(zip(names, values, strict=True))
    if id_ is None:
        return store.find(node.id, wanted)
    record = store.get(node.id, id_)
    if record is None:
        return []
    same = all(str(record.properties.get(name)).lower() == str(value).lower() for name, value in wanted.items())
    return [record] if same else []


def system_defaults(node: Node) -> dict[str, Any]:
    """The system properties that have a default in the schema, with it."""
    properties: Mapping[str, Any] = node.schema["properties"]
    return {
        name: properties[name]["default"]
        for name in node.schema.get("systemProperties") or ()
        if name not in _NO_DEFAULT and name in node.properties and "default" in properties[name]
    }


def find_or_make(entity: Entity, store: Store, project_id: str, role: str) -> None:
    """Give the entity its record and action, or the errors that keep it from having one."""
    assert entity.node is not None
    if not (entity.id or entity.keys):
        entity.errors.append(
            EntityError(
                f"There are no unique keys defined on type {entity.node.id} except for the official GDC id."
                "  To upload this entity you must add a UUID",
                ("id",),
                MISSING_PROPERTY,
                rule="no-unique-key",
            )
        )
        return
    if role == "create":
        make(entity, store)
    else:
        find(entity, store, project_id)


def make(entity: Entity, store: Store) -> None:
    """A new record for the entity, unless one with its id (and keys) is there."""
    node = _node(entity)
    entity.id = entity.id or str(uuid.uuid4())
    if len(look_up(store, node, entity.id, entity.keys)) == 1:
        entity.errors.append(
            EntityError(
                "Cannot create entity that already exists. Try updating entity (PUT instead of POST)",
                ("id",),
                NOT_UNIQUE,
                rule="already-exists",
            )
        )
        return
    for name, default in system_defaults(node).items():
        if entity.document.get(name) is None:
            entity.document[name] = default
    entity.record = Record(entity.id, node.id, {})
    entity.action = "create"


def find(entity: Entity, store: Store, project_id: str) -> None:
    """The record that the entity updates; a new one where there is none."""
    node = _node(entity)
    found = look_up(store, node, entity.id, entity.keys)
    if not found:
        make(entity, store)
        return
    if len(found) > 1:
        entity.errors.append(
            EntityError(
                f"Entity is not unique, multiple entities found with {entity.keys}",
                (),
                NOT_UNIQUE,
                rule="several-records",
            )
        )
        return
    record = found[0]
    entity.before = Record(record.id, record.type, dict(record.properties))
    if record.project_id != project_id:
        entity.errors.append(
            EntityError(
                f"Entity is owned by project {record.project_id}, not {project_id}",
                (),
                INVALID_PERMISSIONS,
                rule="other-project",
            )
        )
    if "state" not in node.schema["properties"]:
        raise InternalFailure("type-without-state")  # the code reads ``node.state`` of every record it updates
    if record.properties.get("state") is None:
        record.properties["state"] = "validated"
    for name in system_defaults(node):
        given, held = entity.document.get(name), record.properties.get(name)
        if given and given != held:
            entity.warnings.append(
                EntityError(
                    f"Property '{name}' ({given}) is a system property and will be ignored.",
                    (name,),
                    INVALID_PROPERTY,
                    rule="system-property",
                )
            )
        entity.document[name] = held
    entity.record = record
    entity.action = "update"
    entity.id = record.id


def set_properties(entity: Entity, project_id: str) -> None:
    """Set the document's values on the record; what is no property of its own is left to other rules."""
    node, record = _node(entity), entity.record
    assert record is not None
    properties = record.properties
    properties["project_id"] = project_id
    defaults = system_defaults(node)
    for name, value in entity.document.items():
        if name in _SKIPPED or name in node.links_by_name:
            continue
        if name not in node.schema["properties"]:
            entity.errors.append(
                EntityError(
                    f"Key '{name}' is not a valid property for type '{node.id}'.",
                    (name,),
                    INVALID_PROPERTY,
                    rule="unknown-property",
                )
            )
        elif name in node.system_properties:
            held = properties.get(name)
            if held is None:
                properties[name] = defaults.get(name)
            elif held != value:
                entity.errors.append(
                    EntityError(
                        f"Key '{name}' is a system property and cannot be updated from '{held}' to '{value}'",
                        (name,),
                        INVALID_PERMISSIONS,
                        rule="system-property-changed",
                        detail={"value": value, "expected": held},
                    )
                )
        else:
            properties[name] = value


def keys_of(entity: Entity, project_id: str) -> UniqueKeys:
    """The unique keys that the document gives."""
    return key_values(_node(entity), entity.document, project_id)


def _node(entity: Entity) -> Node:
    assert entity.node is not None
    return entity.node
