"""Short forms of documents and records: equal where a document says all that a record holds, and nothing else.

A document that says the same in other words (5.0 for 5, a parent by another key than its neighbours) may have another
form: then a closer look tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat, takewhile
from marshal import dumps
from typing import Any, NamedTuple

from gen3submit.dictionary.model import Node
from gen3submit.planning.comparing import parents_of
from gen3submit.planning.encoding import FORMAT, digest, packed
from gen3submit.planning.file_urls import given_urls
from gen3submit.rules.columns import DocumentRefused, LinkColumn, NodeColumns
from gen3submit.rules.documents import Document
from gen3submit.rules.values import Converter, as_text, property_value

NONE = b""
"""The form of a document that needs a closer look."""

_OF_THE_SERVER = frozenset({"id", "type", "project_id", "created_datetime", "updated_datetime"})
_NULL = packed(None)
_NO_PARENTS = packed([])
_NOTHING = frozenset({"", "null"})

Tell = Callable[[Iterable[str]], list[bytes]]
"""Tells what cells of a column say."""


def compared_names(node: Node) -> list[str]:
    """The properties of a node type that a row may set; links are none of them."""
    return sorted(frozenset(node.properties) - node.system_properties - _OF_THE_SERVER)


class Said(NamedTuple):
    """What a row says, in short."""

    type: str
    key: str
    """Its submitter_id, letter case aside."""
    form: bytes
    gives_id: bool = False
    """Whether it gives itself an id."""


class Forms:
    """The forms of the documents and records of one node type."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._names = compared_names(node)
        self._keys = dict.fromkeys(sorted(node.links_by_name), "submitter_id")
        self._fixed: set[str] = set()
        # As the list of type, values and parents is packed: how many there are, then each.
        parts = len(self._names) + len(self._keys)
        self._start = packed([node.id, *[None] * parts]).removesuffix(_NULL * parts)

    def of_record(self, record: Mapping[str, Any]) -> bytes:
        """The form of a record, as an export gives it."""
        values = [self._node.id, *map(record.get, self._names)]
        values += [_held_parents(record.get(link), key) for link, key in self._keys.items()]
        return digest(packed(values))

    def of_document(self, document: Document) -> Said:
        """The form of a document that has a submitter_id."""
        key, id_ = str(document["submitter_id"]).lower(), document.get("id")
        closer = Said(self._node.id, key, NONE)
        parents = []
        for link in self._keys:
            named = parents_of(document.get(link))
            keys = {key for parent in named for key in parent}
            if document.get(link, named) is None or len(keys) > 1 or not all(self._takes(link, key) for key in keys):
                return closer
            parents.append(_told(parent[key] for parent in named for key in keys))
        if given_urls(document, self._node) or not isinstance(id_, str | None):
            return closer
        form = digest(packed([self._node.id, *map(document.get, self._names), *parents]))
        return Said(self._node.id, key, form if id_ is None else with_id(form, id_), id_ is not None)

    def of_columns(
        self, header: Sequence[tuple[str, int]], columns: Sequence[Sequence[str]], of_node: NodeColumns
    ) -> list[Said | None] | None:
        """The forms of rows of this type.

        Args:
            header: (cleaned name, place) of the columns that count.
            columns: the cells, column by column.
            of_node: what the columns mean.

        Returns:
            The forms, None for rows without a submitter_id; None where the rows have to be looked at one by one.
        """
        named = {name: columns[place] for name, place in header}
        links = {name.partition(".")[0]: name for name in named if "." in name}
        if len(links) != sum("." in name for name in named) or not links.keys() <= self._keys.keys() - named.keys():
            return None
        if self._node.is_file and "urls" in named:
            return None
        for link, name in links.items():
            if not self._takes(link, name.partition(".")[2]):
                return None
        start, parts = self._start, []
        told: list[tuple[Sequence[str] | None, Tell, bytes]] = [
            (named.get(name), _saying(of_node.property(name).convert), _NULL) for name in self._names
        ]
        for link in self._keys:
            cells = named[links[link]] if link in links else None
            told.append((cells, _naming(of_node.link(links[link])) if link in links else _nothing, _NO_PARENTS))
        try:
            for place, (cells, value, _) in enumerate(told):
                if cells is None:
                    continue
                # What follows in columns that are not there is the same for every row.
                absent = takewhile(lambda each: each[0] is None, told[place + 1 :])
                parts.append(_each(cells, value, b"".join(without for _, _, without in absent)))
        except DocumentRefused:
            return None
        start += b"".join(without for _, _, without in takewhile(lambda each: each[0] is None, told))
        count = len(columns[0])
        rows = zip(*parts, strict=True) if parts else repeat((), count)
        forms = (digest(start + b"".join(values)) for values in rows)
        convert = of_node.property("submitter_id").convert
        keys = (property_value(name, convert) for name in named["submitter_id"])
        type_ = self._node.id
        if "id" not in named:
            return [
                None if key is None else Said(type_, str(key).lower(), form)
                for key, form in zip(keys, forms, strict=True)
            ]
        return [
            None if key is None else _with_its_id(Said(type_, str(key).lower(), form), id_.strip())
            for key, form, id_ in zip(keys, forms, named["id"], strict=True)
        ]

    def _takes(self, link: str, key: str) -> bool:
        """Whether parents over a link are told by this key: the first table that names any decides."""
        if link not in self._fixed:
            self._fixed.add(link)
            self._keys[link] = key
        return self._keys[link] == key


def with_id(form: bytes, id_: str) -> bytes:
    """The form of a row that gives itself an id."""
    return digest(form + id_.encode("utf-8", "surrogatepass"))


def _with_its_id(said: Said, id_: str) -> Said:
    return said if id_ in ("", "null") else Said(said.type, said.key, with_id(said.form, id_), gives_id=True)


def _held_parents(parents: Any, key: str) -> list[str]:
    if not parents:
        return []
    as_held = "node_id" if key == "id" else key
    if len(parents) == 1:
        return [str(parents[0].get(as_held)).lower()]
    return _told(parent.get(as_held) for parent in parents)


def _told(names: Any) -> list[str]:
    return sorted({str(name).lower() for name in names})


def _nothing(_: Iterable[str]) -> list[bytes]:
    return []


def _saying(convert: Converter) -> Tell:
    """Tells the values of a property's cells."""

    def told(cells: Iterable[str]) -> list[bytes]:
        return [_NULL if (stripped := text.strip()) in _NOTHING else dumps(convert(stripped), FORMAT) for text in cells]

    def told_texts(cells: Iterable[str]) -> list[bytes]:
        return [_NULL if (stripped := text.strip()) in _NOTHING else dumps(stripped, FORMAT) for text in cells]

    return told_texts if convert is as_text else told


def _naming(column: LinkColumn) -> Tell:
    """Tells the parents in a link's cells."""

    def told(cells: Iterable[str]) -> list[bytes]:
        found = [packed(_told(parent[column.key] for parent in column.references(text))) for text in cells]
        column.values.clear()
        return found

    return told


def _each(cells: Sequence[str], tell: Tell, behind: bytes) -> list[bytes]:
    """What each cell says, and what stands behind it; what repeats is made once."""
    distinct = list(set(cells))
    told = [each + behind for each in tell(distinct)] if behind else tell(distinct)
    made = dict(zip(distinct, told, strict=True))
    return [made[text] for text in cells]
