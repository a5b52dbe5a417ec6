"""Short forms of documents and records: equal where a document says all that a record holds, and nothing else.

A document that says the same in other words (5.0 for 5, a parent by another key than its neighbours) may have another
form: then a closer look tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from gen3submit.dictionary.model import Node
from gen3submit.planning.comparing import parents_of
from gen3submit.planning.encoding import digest, packed
from gen3submit.planning.file_urls import given_urls
from gen3submit.rules.columns import DocumentRefused, LinkColumn, NodeColumns
from gen3submit.rules.documents import Document
from gen3submit.rules.values import Converter, as_text, property_value

NONE = b""
"""The form of a document that needs a closer look."""

_OF_THE_SERVER = frozenset({"id", "type", "project_id", "created_datetime", "updated_datetime"})
_NULL = packed(None)


class Said(NamedTuple):
    """What a row says, in short."""

    key: str
    """Its submitter_id, letter case aside."""
    form: bytes
    id: str | None
    """The id that it gives itself."""


class Forms:
    """The forms of the documents and records of one node type."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._names = sorted(frozenset(node.properties) - node.system_properties - _OF_THE_SERVER)
        self._keys = dict.fromkeys(sorted(node.links_by_name), "submitter_id")
        self._fixed: set[str] = set()

    def of_record(self, record: Mapping[str, Any]) -> bytes:
        """The form of a record, as an export gives it."""
        values = [record.get(name) for name in self._names]
        values += [self._held_parents(record.get(link), key) for link, key in self._keys.items()]
        return digest(packed(values))

    def of_document(self, document: Document) -> Said:
        """The form of a document that has a submitter_id."""
        said = str(document["submitter_id"]).lower(), document.get("id")
        parents = []
        for link in self._keys:
            named = parents_of(document.get(link))
            keys = {key for parent in named for key in parent}
            if document.get(link, named) is None or len(keys) > 1 or not all(self._takes(link, key) for key in keys):
                return Said(said[0], NONE, None)
            parents.append(_told(parent[key] for parent in named for key in keys))
        if given_urls(document, self._node) or not isinstance(said[1], str | None):
            return Said(said[0], NONE, None)
        return Said(said[0], digest(packed([*map(document.get, self._names), *parents])), said[1])

    def of_columns(
        self, header: Sequence[tuple[str, int]], columns: Sequence[Sequence[str]], of_node: NodeColumns
    ) -> list[Said] | None:
        """The forms of rows of this type; those without a submitter_id are left out.

        Args:
            header: (cleaned name, place) of the columns that count.
            columns: the cells, column by column.
            of_node: what the columns mean.

        Returns:
            The forms; None where the rows have to be looked at one by one.
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
        count = len(columns[0])
        parts = [_each(named.get(name), _saying(of_node.property(name).convert), _NULL, count) for name in self._names]
        try:
            for link in self._keys:
                cells, told = None, None
                if link in links:
                    cells, told = named[links[link]], _naming(of_node.link(links[link]))
                parts.append(_each(cells, told, packed([]), count))
        except DocumentRefused:
            return None
        # As the list of all of them is packed: how many there are, then each.
        start = packed([None] * len(parts)).removesuffix(_NULL * len(parts))
        rows = zip(*parts, strict=True) if parts else repeat((), count)
        forms = (digest(start + b"".join(values)) for values in rows)
        convert = of_node.property("submitter_id").convert
        ids = named.get("id", [""] * count)
        found = []
        for name, id_, form in zip(named["submitter_id"], ids, forms, strict=True):
            value = property_value(name, convert)
            if value is not None:
                stripped = id_.strip()
                found.append(Said(str(value).lower(), form, stripped if stripped not in ("", "null") else None))
        return found

    def _takes(self, link: str, key: str) -> bool:
        """Whether parents over a link are told by this key: the first table that names any decides."""
        if link not in self._fixed:
            self._fixed.add(link)
            self._keys[link] = key
        return self._keys[link] == key

    @staticmethod
    def _held_parents(parents: Any, key: str) -> list[str]:
        if not parents:
            return []
        as_held = "node_id" if key == "id" else key
        if len(parents) == 1:
            return [str(parents[0].get(as_held)).lower()]
        return _told(parent.get(as_held) for parent in parents)


def _told(names: Any) -> list[str]:
    return sorted({str(name).lower() for name in names})


def _saying(convert: Converter) -> Callable[[str], bytes]:
    """Tells the value of a property's cell."""

    def told(text: str) -> bytes:
        stripped = text.strip()
        return _NULL if stripped in ("", "null") else packed(convert(stripped))

    def told_text(text: str) -> bytes:
        stripped = text.strip()
        return _NULL if stripped in ("", "null") else packed(stripped)

    return told_text if convert is as_text else told


def _naming(column: LinkColumn) -> Callable[[str], bytes]:
    """Tells the parents in a link's cell."""

    def told(text: str) -> bytes:
        found = packed(_told(parent[column.key] for parent in column.references(text)))
        column.values.clear()
        return found

    return told


def _each(cells: Sequence[str] | None, value: Callable[[str], bytes] | None, without: bytes, count: int) -> list[bytes]:
    """What each cell says; what repeats is made once."""
    if cells is None or value is None:
        return [without] * count
    made = {text: value(text) for text in set(cells)}
    return [made[text] for text in cells]
