"""A submission as one transaction: every rule in the order in which Sheepdog applies them.

1. parse        each document becomes an entity with a type, or is refused
2. log          the documents are written to the transaction log, which NaN, infinities and NUL break
3. schema       each entity against the JSON schema of its node
4. instantiate  find or make the record, set its properties
5. uniqueness   the same unique key twice in a request
6. flush        write the records; the database's unique indexes
7. links        find the parents, link, check the graph
8. commit       all or nothing

Later phases look only at entities without errors. (Facts: Sheepdog 5.2.4, ``UploadTransaction`` and
``single_transaction_worker``.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules import file_index, flush, identity, links
from gen3submit.rules.entities import Entity, InternalFailure, ServerCrash
from gen3submit.rules.errors import (
    INTERNAL_ERROR,
    INVALID_TYPE,
    INVALID_VALUE,
    MISSING_PROPERTY,
    NOT_UNIQUE,
    UNCATEGORIZED,
    EntityError,
)
from gen3submit.rules.schema import NodeSchema, error_type
from gen3submit.rules.store import Store

UUID_PATTERN = r"^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$"


class Ending(Enum):
    """How a transaction ended; the values are the states of Sheepdog's transaction log."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ERRORED = "ERRORED"
    """A failure that Sheepdog did not expect: 400 with "Internal server error"."""
    LOST = "PENDING"
    """Sheepdog answers success and has stored nothing; its log stays PENDING for ever."""
    CRASHED = "CRASHED"
    """Sheepdog answers 500; its log stays PENDING for ever."""


@dataclass(slots=True)
class Transaction:
    """What became of a request's documents."""

    project_id: str
    role: str
    """``create`` (POST) or ``update`` (PUT: creates or updates)."""
    entities: list[Entity] = field(default_factory=list)
    """One for each document that was taken up."""
    transactional_errors: list[Any] = field(default_factory=list)
    """Errors of no one entity: texts, or objects with ``message`` and ``type``, as in the answer."""
    repeated: list[tuple[int, int]] = field(default_factory=list)
    """(position, position of the first) of entities that repeat a unique key of the same request."""
    broken_by: list[int] = field(default_factory=list)
    """Positions of documents with a value that breaks the transaction (NaN, infinities, NUL)."""
    clashed: bool = False
    """Whether a unique index struck at the end: the log then stays PENDING for ever, whatever the answer says."""
    failure: str | None = None
    """The rule behind an internal error or crash."""
    ending: Ending = Ending.FAILED

    @property
    def success(self) -> bool:
        """Whether Sheepdog calls the transaction successful (it may have stored nothing)."""
        return not self.transactional_errors and all(entity.valid for entity in self.entities)


class Rules:
    """Sheepdog's rules for one dictionary."""

    def __init__(self, nodes: Mapping[str, Node]):
        self.nodes = nodes
        self._schemas: dict[str, NodeSchema] = {}
        self._edges = {node_id: frozenset(_edges(node, nodes)) for node_id, node in nodes.items()}

    def schema(self, node_id: str) -> NodeSchema:
        """The validator of a node type."""
        if node_id not in self._schemas:
            self._schemas[node_id] = NodeSchema(self.nodes[node_id], self._edges[node_id])
        return self._schemas[node_id]

    def run(
        self,
        documents: Sequence[Any],
        store: Store,
        project_id: str,
        *,
        now: str,
        role: str = "update",
        dry_run: bool = False,
        text: str = "",
    ) -> Transaction:
        """Carry out a transaction on the store: kept where it succeeds, undone where it does not or is a dry run.

        Args:
            documents: what the body was read into; changed on the way (asterisks, ``urls``, defaults).
            store: the records of the commons.
            project_id: ``PROGRAM-CODE`` from the path.
            now: the time set as ``created_datetime`` and ``updated_datetime``, ISO 8601.
            role: ``update`` for PUT, ``create`` for POST.
            dry_run: undo everything at the end.
            text: the body as it is kept in the transaction log; a NUL in it breaks the log.
        """
        run = Transaction(project_id, role)
        store.begin()
        try:
            self._phases(run, documents, store, now, text)
        except InternalFailure as failure:
            run.transactional_errors.append(INTERNAL_ERROR)
            run.failure = failure.rule
            run.ending = Ending.ERRORED
        except ServerCrash as crash:
            run.failure = crash.rule
            run.ending = Ending.CRASHED
        if run.ending is Ending.SUCCEEDED and not dry_run:
            store.commit()
        else:
            store.rollback()
        return run

    def _phases(self, run: Transaction, documents: Sequence[Any], store: Store, now: str, text: str) -> None:
        for position, document in enumerate(documents):
            self._parse(run, position, document)
        run.broken_by = [position for position, document in enumerate(documents) if breaks_log(document)]
        if run.broken_by:
            raise InternalFailure("value-breaks-transaction")
        self._check_schemas(run)
        for entity in run.entities:
            if entity.valid:
                self._instantiate(run, entity, store)
        self._find_repeated(run)
        if "\0" in text:
            raise InternalFailure("nul-in-body")
        session = flush.Session(store, now)
        try:
            session.add(run.entities)
            self._link(run, session, store)
        except flush.UniqueClash:
            session.rollback()
            run.clashed = True
            flush.name_culprits(run.entities, store)
            run.ending = Ending.LOST if run.success else Ending.FAILED
            return
        except InternalFailure:
            session.rollback()
            raise
        session.commit()
        if not run.entities:
            run.transactional_errors.append("Nothing to submit")
        if run.success:
            run.ending = Ending.SUCCEEDED

    def _link(self, run: Transaction, session: flush.Session, store: Store) -> None:
        linked = [entity for entity in run.entities if entity.valid and entity.record is not None]
        for entity in linked:
            session.write()
            links.find_destinations(entity, self.nodes, store, run.project_id)
            session.linked(entity)
        session.write()
        links.set_links(linked, store)
        links.check_graph([entity for entity in linked if entity.valid], store)
        for entity in linked:
            entity.errors = [self.typed(entity, error) for error in entity.errors]

    def _parse(self, run: Transaction, position: int, document: Any) -> None:
        if not isinstance(document, dict):
            entity = Entity({}, position)
            words = f"Entity document must be an object, not a {type(document).__name__}"
            entity.errors.append(EntityError(words, (), INVALID_VALUE, rule="not-an-object"))
            run.entities.append(entity)
            return
        for name in list(document):
            document[name.lstrip("*")] = document.pop(name)
        type_ = document.get("type")
        node = self.nodes.get(type_) if isinstance(type_, str) else None
        if node is None:
            words = f'Unable to parse entity. Details: [400] - Node type "{type_}" not found in dictionary'
            run.transactional_errors.append({"message": words})
            return
        entity = Entity(document, position, node)
        try:
            if node.is_file:
                file_index.take_file_keys(entity)
            if node.is_submittable:
                self._parse_id(run, entity)
        except (AttributeError, TypeError) as error:
            run.transactional_errors.append({"message": f"Unable to parse entity. Details: {error}"})
            return
        if not node.is_submittable:
            words = f"{node.id} is not an entity that can be upload via the project endpoint."
            entity.errors.append(EntityError(words, ("id",), INVALID_TYPE, rule="type-not-submittable"))
        entity.keys = identity.keys_of(entity, run.project_id)
        run.entities.append(entity)

    @staticmethod
    def _parse_id(run: Transaction, entity: Entity) -> None:
        given = entity.document.get("id")
        entity.id = given
        if run.role != "create" or not given:
            return
        if not isinstance(given, str):  # Sheepdog hands it to a regular expression
            raise TypeError(f"expected string or bytes-like object, got '{type(given).__name__}'")
        if not _is_uuid(given):
            entity.errors.append(
                EntityError(
                    "Cannot create entity with custom id that is not a UUID.",
                    ("id",),
                    INVALID_VALUE,
                    rule="id-not-uuid",
                )
            )

    def _check_schemas(self, run: Transaction) -> None:
        for entity in run.entities:
            if entity.node is None:
                entity.errors.append(
                    EntityError("'type' is a required property", ("type",), MISSING_PROPERTY, rule="required")
                )
                return  # the validator stops at the first document that is no object
            entity.errors += self.schema(entity.node.id).errors(entity.document)

    @staticmethod
    def _instantiate(run: Transaction, entity: Entity, store: Store) -> None:
        if entity.file is None:
            identity.find_or_make(entity, store, run.project_id, run.role)
        elif run.role == "create":
            file_index.make_file(entity, store)
        else:
            file_index.find_file(entity, store, run.project_id)
        if entity.record is not None:
            identity.set_properties(entity, run.project_id)

    @staticmethod
    def _find_repeated(run: Transaction) -> None:
        """The same unique key twice: compared to the letter, whatever the types."""
        first: dict[Any, int] = {}
        for entity in run.entities:
            if not entity.valid or not entity.keys:
                continue
            if entity.keys in first:
                words = f"Entity is not unique, {entity.keys}"
                run.transactional_errors.append({"message": words, "type": NOT_UNIQUE})
                run.repeated.append((entity.position, first[entity.keys]))
            else:
                first[entity.keys] = entity.position

    def typed(self, entity: Entity, error: EntityError) -> EntityError:
        """The error of a link with the type that Sheepdog gives it."""
        if error.type != UNCATEGORIZED or entity.node is None:
            return error
        type_ = error_type(error.message, error.keys, self._edges[entity.node.id])
        return replace(error, type=type_)


def _edges(node: Node, nodes: Mapping[str, Node]) -> set[str]:
    leading_here = {
        link.backref for other in nodes.values() for link in other.links_by_name.values() if link.target == node.id
    }
    return leading_here | set(node.links_by_name)


def _is_uuid(text: str) -> bool:
    parts = text.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and all(
        character in "0123456789abcdefABCDEF" for part in parts for character in part
    )


_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


def breaks_log(value: Any) -> bool:
    """Whether PostgreSQL refuses to keep the value as JSON: NaN, an infinity, NUL or half a character somewhere."""
    if isinstance(value, str):
        return _UNKEEPABLE.search(value) is not None
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        texts: list[str] = list(value)
        others: list[Any] = []
        for item in value.values():
            if isinstance(item, str):
                texts.append(item)
            elif item is not None and type(item) is not int and type(item) is not bool:
                others.append(item)
        # All texts at once: a search for each takes ten times as long.
        return _UNKEEPABLE.search("".join(texts)) is not None or any(map(breaks_log, others))
    if isinstance(value, list):
        return any(map(breaks_log, value))
    return False
