"""What a record of a data-file node has to do with the file index (indexd).

A node type is a data file where its category ends in ``_file``. With an ``object_id`` property the record names its
file by it; without one the record's own id must be the file's.
(Facts: Sheepdog 5.2.4, ``FileUploadEntity``.)
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from gen3submit.rules.entities import Entity, FileState, InternalFailure
from gen3submit.rules.errors import INVALID_PERMISSIONS, INVALID_VALUE, NOT_UNIQUE, EntityError
from gen3submit.rules.identity import find, look_up, make
from gen3submit.rules.store import IndexedFile, Store

_UPDATABLE_STATES = frozenset({"registered", "uploading", "uploaded", "validating"})


def take_file_keys(entity: Entity) -> None:
    """Take ``urls`` out of the document (only if it has a value) and note its ``object_id``.

    Raises:
        AttributeError: ``urls`` is no text; Sheepdog then cannot parse the entity.
    """
    state = FileState()
    given = entity.document.get("urls")
    if given:
        if not isinstance(given, str):
            raise AttributeError(f"'{type(given).__name__}' object has no attribute 'strip'")
        state.urls = tuple(given.strip().split(","))
        del entity.document["urls"]
    state.object_id = entity.document.get("object_id")
    entity.file = state


def make_file(entity: Entity, store: Store) -> None:
    """A new record, tied to a file that the index knows or will be told of."""
    state = _state(entity)
    _ask_index(entity, store)
    if _uses_object_id(entity) and state.object_id and state.exists:
        state.joins_upload = _content_agrees(entity)
    else:
        _choose_ids(entity, store)
    make(entity, store)
    if entity.record is None:
        raise InternalFailure("file-already-exists")  # the code sets ``acl`` on a record it did not get
    if _uses_object_id(entity):
        entity.record.properties["object_id"] = state.object_id


def find_file(entity: Entity, store: Store, project_id: str) -> None:
    """The record to update, or a new one, and whether it may be updated."""
    assert entity.node is not None
    if not look_up(store, entity.node, entity.id, entity.keys):
        make_file(entity, store)
    else:
        find(entity, store, project_id)
    record = entity.record
    if record is None:
        return
    state = _state(entity)
    held = record.properties.get("file_state")
    if "file_state" in entity.node.properties and held and held not in _UPDATABLE_STATES:
        entity.errors.append(
            EntityError(
                f"This file is already in file_state '{held}' and cannot be updated. The raw data exists in the file"
                " storage and modifying the Entity now is unsafe and may cause problems for any processes or users"
                " consuming this data.",
                ("file_state",),
                INVALID_PERMISSIONS,
                rule="file-state",
            )
        )
    if _uses_object_id(entity) and not state.object_id and "object_id" in record.properties:
        state.object_id = record.properties["object_id"]
    _ask_index(entity, store)
    if not _uses_object_id(entity):
        _same_id(entity, store)
    elif state.exists and not state.object_id:
        _one_file(entity, store)


def registers(entity: Entity) -> bool:
    """Whether storing the entity makes a new record in the file index."""
    state = entity.file
    return entity.action == "create" and state is not None and not state.joins_upload and not state.exists


def register(entity: Entity, store: Store) -> None:
    """Tell the index of a new file, or of the urls of a known one. Not undone when the transaction fails."""
    state = _state(entity)
    record = entity.record
    assert record is not None
    if registers(entity):
        file = IndexedFile(
            state.new_did or str(uuid.uuid4()),
            record.properties.get("md5sum"),
            record.properties.get("file_size"),
            state.urls,
        )
        store.index(file)
        if _uses_object_id(entity):
            record.properties["object_id"] = state.object_id = file.did
    elif entity.action == "update" and state.exists and state.urls:
        known = state.by_id or state.by_content
        assert known is not None
        store.index(replace(known, urls=state.urls))


def _state(entity: Entity) -> FileState:
    assert entity.file is not None
    return entity.file


def _uses_object_id(entity: Entity) -> bool:
    assert entity.node is not None
    return bool(entity.node.schema["properties"].get("object_id"))


def _ask_index(entity: Entity, store: Store) -> None:
    state = _state(entity)
    id_ = state.object_id if _uses_object_id(entity) else entity.id
    md5, size = entity.document.get("md5sum"), entity.document.get("file_size")
    state.by_content = store.indexed_by_content(md5 or None, size or None) if md5 or size else None
    state.by_id = store.indexed_by_id(id_) if id_ else None
    state.exists = state.exists or bool(state.by_id or state.by_content)


def _choose_ids(entity: Entity, store: Store) -> None:
    state = _state(entity)
    if _uses_object_id(entity):
        entity.id = entity.id or str(uuid.uuid4())
        if not state.exists:
            state.new_did = state.object_id
        elif not state.object_id:
            state.object_id = state.by_content.did if state.by_content else None
    elif not state.exists:
        entity.id = state.new_did = entity.id or str(uuid.uuid4())
    elif entity.id:
        _one_file(entity, store)
    elif _same_id(entity, store):
        entity.id = state.by_content.did if state.by_content else None


def _one_file(entity: Entity, store: Store) -> bool:
    """Whether the id and the content that the document gives are of one indexed file."""
    state = _state(entity)
    good = True
    if not state.by_content or not state.by_id:
        id_ = state.object_id if _uses_object_id(entity) else entity.id
        words = (
            f"Could not find exact file match in index for id: {id_} AND `hashes - size`:"
            f" `{_hashes(entity)} - {_size(entity)}`. "
        )
        if state.by_content:
            words += "A file was found matching `hash / size` but NOT id."
        elif state.by_id:
            words += "A file was found matching id but NOT `hash / size`."
        entity.errors.append(EntityError(words, (), INVALID_VALUE, rule="file-mismatch"))
        good = False
    elif state.by_content.did != state.by_id.did:
        entity.errors.append(
            EntityError(
                f"Provided id for indexed file {state.by_id.did} does not match the id for the file discovered in"
                f" the index by hash/size (id: {state.by_content.did}). Updating a previous index with new file is"
                " currently NOT SUPPORTED.",
                (),
                INVALID_VALUE,
                rule="file-mismatch",
            )
        )
        good = False
    return good and (_uses_object_id(entity) or _same_id(entity, store))


def _same_id(entity: Entity, store: Store) -> bool:
    """Whether the known record, where there is one, has the id of its file."""
    assert entity.node is not None
    state = _state(entity)
    found = look_up(store, entity.node, entity.id, entity.keys)
    if len(found) != 1 or not state.exists:
        return True
    by_id = state.by_id.did if state.by_id else None
    by_content = state.by_content.did if state.by_content else None
    if by_id == by_content == found[0].id:
        return True
    entity.errors.append(
        EntityError(
            "Graph ID and index file ID found in index service do not match, which is currently not permitted."
            f" Graph ID: {found[0].id}. Index ID: {by_content}. Index ID found using hash/size: {by_id}.",
            (),
            NOT_UNIQUE,
            rule="file-mismatch",
        )
    )
    return False


def _content_agrees(entity: Entity) -> bool:
    """Whether hash and size are those of the indexed file that the document names."""
    state = _state(entity)
    words = None
    if not state.by_id:
        words = f"Provided object_id {state.object_id} does not match any indexed file."
    elif not state.by_id.md5 or not state.by_id.size:
        words = f"Indexed file of id {state.object_id} is not ready for metadata submission yet (no hashes and size)."
    elif state.by_id.md5 != entity.document.get("md5sum") or state.by_id.size != _size(entity):
        words = (
            f"Provided hash ({_hashes(entity)}) and size ({_size(entity)}) do not match those of indexed file of id"
            f" {state.object_id}."
        )
    if words:
        entity.errors.append(EntityError(words, (), INVALID_VALUE, rule="file-mismatch"))
    return words is None


def _hashes(entity: Entity) -> dict[str, str] | None:
    md5 = entity.document.get("md5sum")
    return {"md5": md5} if md5 else None


def _size(entity: Entity) -> int | None:
    return entity.document.get("file_size") or None
