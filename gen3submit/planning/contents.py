"""The documents of rows as the JSON that is sent, made column by column: what a cell becomes depends on it alone.

The bytes are those that `gen3submit.planning.encoding.encoded` makes of the documents of the exact reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, NamedTuple

from gen3submit.dictionary.model import Node
from gen3submit.planning.encoding import encoded, json_text
from gen3submit.planning.slices import Slice, Slices
from gen3submit.planning.streaming import documents_of
from gen3submit.rules.bodies import LINK_SEPARATORS
from gen3submit.rules.columns import DocumentRefused, LinkColumn, NodeColumns
from gen3submit.rules.values import Converter, as_text, property_value

Cells = Sequence[str]


class Content(NamedTuple):
    """A document as it is sent."""

    type: str
    name: str
    """Its submitter_id."""
    content: bytes


class Contents:
    """Makes the documents of the rows of one table."""

    def __init__(self, slices: Slices, nodes: Mapping[str, Node], format_: str) -> None:
        """`slices` is the table, of which the header must be known once rows are given."""
        self._slices = slices
        self._nodes = nodes
        self._format = format_
        self._columns: dict[str, NodeColumns] = {}

    def of(self, part: Slice) -> list[Content | None]:
        """The documents of the rows of a slice, in their order; None where the server would not make one."""
        found = self._by_column(part)
        return self._by_row(part) if found is None else found

    def _by_row(self, part: Slice) -> list[Content | None]:
        read = documents_of(self._slices, part, self._nodes, self._format)
        return [
            None
            if item.document is None
            else Content(str(item.document["type"]), str(item.document.get("submitter_id")), encoded(item.document))
            for item in read
        ]

    def _by_column(self, part: Slice) -> list[Content | None] | None:
        """The documents; None where the rows are not all of one type, or need the exact reader."""
        width = len(self._slices.header)
        names = dict(self._slices.columns)
        type_index, name_index = names.get("type"), names.get("submitter_id")
        if type_index is None or name_index is None or any(len(cells) != width for cells in part.cells):
            return None
        columns = list(zip(*part.cells, strict=True))
        types = {text.strip() for text in set(columns[type_index])}
        node = self._nodes.get(next(iter(types), "")) if len(types) == 1 else None
        if node is None:
            return None
        try:
            texts = self._texts(node, columns)
        except DocumentRefused:
            return None
        if texts is None:
            return None
        convert = self._columns_of(node).property("submitter_id").convert
        ids = [str(property_value(text, convert)) for text in columns[name_index]]
        joined = map(",".join, zip(*texts, strict=True))
        return [
            Content(node.id, name, f"{{{text}}}".encode("utf-8", "surrogatepass"))
            for name, text in zip(ids, joined, strict=True)
        ]

    def _texts(self, node: Node, columns: Sequence[Cells]) -> list[list[str]] | None:
        """``"name":value`` of each cell, column by column in the order of the document; None for odd headers.

        Raises:
            DocumentRefused: a value stands under a link that the node type does not have.
        """
        of_node = self._columns_of(node)
        found = []
        names = [name for name, _ in self._slices.columns if "." not in name]
        links: list[str] = []
        for name, index in self._slices.columns:
            if "." not in name:
                found.append(_told(columns[index], name, _of_property(of_node.property(name).convert)))
        for name, index in self._slices.columns:
            if "." not in name:
                continue
            link, _, key = name.partition(".")
            # Sheepdog refuses the first, and joins the others.
            if not link or not key or link in links or link in names:
                return None
            links.append(link)
            column = of_node.link(name)
            found.append(_told(columns[index], link, _of_link(column)))
            column.values.clear()
        return found

    def _columns_of(self, node: Node) -> NodeColumns:
        if node.id not in self._columns:
            self._columns[node.id] = NodeColumns(node, self._nodes, LINK_SEPARATORS[self._format])
        return self._columns[node.id]


def _told(cells: Cells, name: str, value: Callable[[str], str]) -> list[str]:
    """``"name":value`` of each cell; what repeats is made once."""
    start = f"{json_text(name)}:"
    made = {text: start + value(text) for text in set(cells)}
    return [made[text] for text in cells]


def _of_link(column: LinkColumn) -> Callable[[str], str]:
    """Makes the references in a link's cell, as JSON."""
    return lambda text: json_text(column.references(text))


def _of_property(convert: Converter) -> Callable[[str], str]:
    """Makes the value of a property's cell, as JSON."""
    if convert is as_text:
        return _text

    def told(text: str) -> str:
        stripped = text.strip()
        return "null" if stripped in ("", "null") else _json(convert(stripped))

    return told


def _text(text: str) -> str:
    stripped = text.strip()
    return "null" if stripped in ("", "null") else encode_basestring(stripped)


def _json(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is int or (kind is float and isfinite(value)):
        return repr(value)
    return json_text(value)
