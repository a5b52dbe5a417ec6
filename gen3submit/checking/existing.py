"""The records that a commons has already, each made a record of the rules only when these ask for it."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from gen3submit.dictionary.model import Node
from gen3submit.rules.documents import Document
from gen3submit.rules.entities import key_values
from gen3submit.rules.identity import look_up, system_defaults
from gen3submit.rules.store import Record, Store

_USUAL_KEYS: tuple[tuple[str, ...], ...] = (("project_id", "submitter_id"),)
_FORMAT = 2
"""Of marshal, in which a record takes a tenth of the memory that it does as a dictionary."""
_ByParent = dict[str, dict[str, list[int]]]
"""Records by the property that names their parent, and its text, letter case aside."""


class ExistingRecords:
    """The records of a node type and a project, found by submitter_id and by id."""

    def __init__(self, node: Node, nodes: Mapping[str, Node], project_id: str, *, as_exported: bool):
        """`as_exported`: system properties are those of the commons; what is submitted for them it does not take."""
        self.node = node
        self._nodes = nodes
        self.project_id = project_id
        self.first_serial = 0
        """The place of the first of them in the order in which records were made."""
        self._as_exported = as_exported
        self._packed: list[bytes] = []
        self._ids: list[str] = []
        self._names: dict[str, int] = {}
        self._by_id: dict[str, int] = {}
        self._shapes: set[tuple[str, ...]] = set()
        self._children: dict[str, _ByParent] = {}

    @staticmethod
    def fits(node: Node) -> bool:
        """Whether the records of a node type are told by their submitter_ids, and are no data files."""
        return node.is_submittable and not node.is_file and tuple(map(tuple, node.unique_keys)) == _USUAL_KEYS

    def add(self, document: Document) -> bool:
        """Take a record; False where there is more to it: it has no name, or one that is taken, or another project."""
        name, id_ = document.get("submitter_id"), document.get("id")
        shape = tuple(document)
        if shape not in self._shapes:
            if any(key.startswith("*") for key in shape):
                return False
            self._shapes.add(shape)
        if type(name) is not str or not name or document.get("project_id") not in (None, self.project_id):
            return False
        if id_ is None:
            id_ = str(uuid4())
        key = name.lower()
        if type(id_) is not str or not id_ or key in self._names or id_ in self._by_id:
            return False
        self._names[key] = self._by_id[id_] = len(self._packed)
        self._packed.append(marshal.dumps(document, _FORMAT))
        self._ids.append(id_)
        return True

    def __len__(self) -> int:
        return len(self._packed)

    def names(self) -> list[str]:
        """The submitter_ids in lower case."""
        return list(self._names)

    def spelled(self) -> Iterator[str]:
        """The submitter_ids."""
        return (str(self.document(index)["submitter_id"]) for index in range(len(self)))

    def index_of(self, name: str | None = None, *, id_: str | None = None) -> int | None:
        """The number of the record with this submitter_id (in lower case), or this id."""
        return self._names.get(name) if name is not None else self._by_id.get(str(id_))

    def id_of(self, index: int) -> str:
        """The id of a record."""
        return self._ids[index]

    def document(self, index: int) -> Document:
        """A record as it was given."""
        found: Document = marshal.loads(self._packed[index])  # noqa: S302  # made by `add`
        return found

    def record(self, index: int) -> Record:
        """A record as the rules find it."""
        node = self.node
        properties: dict[str, Any] = {}
        for name, value in self.document(index).items():
            if name in ("id", "type") or name in node.links_by_name:
                continue
            properties[name] = value if self._as_exported or name not in node.system_properties else None
        for name, default in system_defaults(node).items():
            if properties.get(name) is None:
                properties[name] = default
        properties["project_id"] = self.project_id
        return Record(self._ids[index], node.id, properties)

    def parents_of(self, index: int, store: Store) -> Iterator[tuple[str, Record]]:
        """The parents of a record that are in a store, with the links that lead to them."""
        document = self.document(index)
        for name, link in self.node.links_by_name.items():
            target = self._nodes[link.target]
            for reference in parents_in(document.get(name)):
                keys = key_values(target, reference, self.project_id)
                for parent in look_up(store, target, reference.get("id"), keys)[:1]:
                    yield name, parent

    def children(self, link: str, parent: Record) -> list[int]:
        """The records whose link may lead to a parent, in order."""
        found: set[int] = set()
        for key, records in self._by_parent(link).items():
            named = parent.id if key == "id" else parent.properties.get(key)
            found.update(records.get(str(named).lower(), ()))
        return sorted(found)

    def parents(self, link: str) -> list[str]:
        """What names the parents to which a link leads, letter case aside."""
        return [text for records in self._by_parent(link).values() for text in records]

    def _by_parent(self, link: str) -> _ByParent:
        if link not in self._children:
            found = self._children[link] = {}
            for index in range(len(self)):
                for reference in parents_in(self.document(index).get(link)):
                    for key, value in reference.items():
                        found.setdefault(key, {}).setdefault(str(value).lower(), []).append(index)
        return self._children[link]


def parents_in(value: Any) -> list[Mapping[str, Any]]:
    """The parents that the value of a link names."""
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
