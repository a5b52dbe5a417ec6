"""Writing the records of a transaction, and what happens when a unique index of the database strikes.

The indexes: the id within a node type, and each unique key within a node type. A key of several parts is compared
letter case aside, a key of one part to the letter (gen3datamodel's ``get_secondary_key_indexes``).

Sheepdog writes when something asks the database in between, and at the end. A clash that surfaces while an entity
asks becomes that entity's error. A clash that surfaces anywhere else ends the work: Sheepdog looks for the culprits,
but only among records equal to the letter, and when it finds none it answers success with nothing stored.
(Facts: Sheepdog 5.2.4, ``UploadTransaction.flush`` and SQLAlchemy's autoflush, recorded.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gen3submit.dictionary.model import Node
from gen3submit.rules import file_index
from gen3submit.rules.entities import Entity, InternalFailure, ServerCrash
from gen3submit.rules.errors import EntityError
from gen3submit.rules.generic_types import GENERIC_TYPES
from gen3submit.rules.store import Record, Store

_AUTOFLUSH = (
    "(raised as a result of Query-invoked autoflush; consider using a session.no_autoflush block if this flush is"
    " occurring prematurely)\n(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint"
)


class UniqueClash(Exception):
    """Raised when a unique index refuses a record."""


class Session:
    """What waits to be written, as the server's database session keeps it. Begins a transaction of the store."""

    def __init__(self, store: Store, now: str):
        self._store = store
        self._now = now
        self._pending: list[Entity] = []
        self._written: list[Entity] = []
        self._forgotten: set[int] = set()
        store.begin()

    def add(self, entities: Sequence[Entity]) -> None:
        """Add the records of the valid entities and write them.

        Raises:
            UniqueClash: an index struck at the end.
            InternalFailure: an index struck while an update was merged; the session is unusable after that.
        """
        merge_failed = False
        for entity in entities:
            if not entity.valid or entity.record is None:
                continue
            try:
                if entity.action == "update" or file_index.registers(entity):
                    self.write()
                if entity.file is not None:
                    file_index.register(entity, self._store)
            except UniqueClash:
                entity.errors.append(EntityError(_AUTOFLUSH, (), rule="database-clash"))
                if entity.action == "update":
                    merge_failed = True
                else:
                    self._forget()  # the look-up before a file is registered rolls the whole session back
            self._pending.append(entity)
        if merge_failed:
            raise InternalFailure("database-clash")
        self.write()

    def write(self) -> None:
        """Write what waits, as every query does first.

        Raises:
            UniqueClash: a unique index refuses a record.
        """
        for entity in self._pending:
            if self._clashes(entity):
                raise UniqueClash
            self._put(entity)
        self._written += self._pending
        self._pending.clear()

    def linked(self, entity: Entity) -> None:
        """A link takes a record that a rollback threw out back into the session."""
        if entity.position in self._forgotten and entity.destinations:
            self._forgotten.remove(entity.position)
            self._pending.append(entity)

    def commit(self) -> None:
        """Keep what was written."""
        self._store.commit()

    def rollback(self) -> None:
        """Undo what was written."""
        self._store.rollback()

    def _forget(self) -> None:
        self._store.rollback()
        self._store.begin()
        self._forgotten.update(entity.position for entity in (*self._written, *self._pending))
        self._written.clear()
        self._pending.clear()

    def _clashes(self, entity: Entity) -> bool:
        record, node = _instantiated(entity)
        if entity.action == "create" and self._store.get(node.id, record.id) is not None:
            return True
        return any(clashing(record, wanted, self._store) for wanted in complete_keys(node, record))

    def _put(self, entity: Entity) -> None:
        record, node = _instantiated(entity)
        changed = entity.before is None or entity.before.properties != record.properties
        if changed and "updated_datetime" in node.schema["properties"]:
            record.properties["updated_datetime"] = self._now
        if entity.action == "create" and "created_datetime" in node.schema["properties"]:
            record.properties["created_datetime"] = self._now
        self._store.put(record)


def clashing(record: Record, wanted: dict[str, str], store: Store) -> list[Record]:
    """The other records of the commons that the index of this unique key takes for the same."""
    return [
        held
        for held in store.find(record.type, wanted)
        if held.id != record.id and (len(wanted) > 1 or _equal(held, wanted))
    ]


def name_culprits(entities: Iterable[Entity], store: Store) -> None:
    """After a clash: an error for each entity whose unique key, to the letter, a record of the commons has.

    Raises:
        ServerCrash: a type is not in the generic dictionary, which is the one that is looked into.
    """
    for entity in entities:
        if not entity.valid or entity.record is None:
            continue
        record, node = _instantiated(entity)
        if node.id not in GENERIC_TYPES:
            raise ServerCrash("unique-key-clash")
        for wanted in complete_keys(node, record):
            if any(_equal(held, wanted) for held in store.find(node.id, wanted)):
                entity.errors.append(
                    EntityError(
                        f"{node.id} with {wanted} already exists in the DB",
                        tuple(wanted),
                        rule="already-exists",
                    )
                )


def complete_keys(node: Node, record: Record) -> Iterable[dict[str, str]]:
    """The unique keys of a record that the database compares: one with a null in it never clashes."""
    for names in node.unique_keys:
        wanted = {name: record.properties.get(name) for name in names}
        if None not in wanted.values():
            yield {name: str(value) for name, value in wanted.items()}


def _equal(held: Record, wanted: dict[str, str]) -> bool:
    return all(held.properties.get(name) == value for name, value in wanted.items())


def _instantiated(entity: Entity) -> tuple[Record, Node]:
    assert entity.record is not None
    assert entity.node is not None
    return entity.record, entity.node
