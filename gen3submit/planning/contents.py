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
Tell = Callable[[Cells], list[str]]
"""Makes JSON of cells of a column."""

_NOTHING = frozenset({"", "null"})


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
        self._hardly_repeating: set[str] = set()
        """Names of columns."""

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
        places = dict(self._slices.columns)
        type_index, name_index = places.get("type"), places.get("submitter_id")
        if type_index is None or name_index is None:
            return None
        columns = part.columns(width)
        if columns is None:
            return None
        types = {text.strip() for text in set(columns[type_index])}
        node = self._nodes.get(next(iter(types), "")) if len(types) == 1 else None
        if node is None:
            return None
        of_node = self._columns_of(node)
        try:
            names, texts = self._texts(of_node, columns)
        except DocumentRefused:
            return None
        if not names:
            return None
        convert = of_node.property("submitter_id").convert
        ids = [str(property_value(text, convert)) for text in columns[name_index]]
        # One text for all documents, with places for the values.
        start = ",".join(f"{json_text(name)}:".replace("%", "%%") + "%s" for name in names)
        form = f"{{{start}}}"
        return [
            Content(node.id, name, (form % values).encode("utf-8", "surrogatepass"))
            for name, values in zip(ids, zip(*texts, strict=True), strict=True)
        ]

    def _texts(self, of_node: NodeColumns, columns: Sequence[Cells]) -> tuple[list[str], list[list[str]]]:
        """The names of a document in its order, and their values as JSON; no names for odd headers.

        Raises:
            DocumentRefused: a value stands under a link that the node type does not have.
        """
        names = [name for name, _ in self._slices.columns if "." not in name]
        values = [
            self._told(name, columns[index], _of_property(of_node.property(name).convert))
            for name, index in self._slices.columns
            if "." not in name
        ]
        for name, index in self._slices.columns:
            if "." not in name:
                continue
            link, _, key = name.partition(".")
            # Sheepdog refuses the first, and joins the others.
            if not link or not key or link in names:
                return [], []
            names.append(link)
            column = of_node.link(name)
            values.append(self._told(name, columns[index], _of_link(column)))
            column.values.clear()
        return names, values

    def _told(self, name: str, cells: Cells, tell: Tell) -> list[str]:
        """The values of cells; what repeats is made once, in columns in which much does."""
        if name in self._hardly_repeating:
            return tell(cells)
        distinct = list(set(cells))
        if len(distinct) > len(cells) // 2:
            self._hardly_repeating.add(name)
        made = dict(zip(distinct, tell(distinct), strict=True))
        return [made[text] for text in cells]

    def _columns_of(self, node: Node) -> NodeColumns:
        if node.id not in self._columns:
            self._columns[node.id] = NodeColumns(node, self._nodes, LINK_SEPARATORS[self._format])
        return self._columns[node.id]


def _of_link(column: LinkColumn) -> Tell:
    """Makes the references in a link's cells, as JSON."""
    return lambda cells: [json_text(column.references(text)) for text in cells]


def _of_property(convert: Converter) -> Tell:
    """Makes the values of a property's cells, as JSON."""
    if convert is as_text:
        return _as_texts
    return lambda cells: [
        "null" if (stripped := text.strip()) in _NOTHING else _json(convert(stripped)) for text in cells
    ]


def _as_texts(cells: Cells) -> list[str]:
    return ["null" if (stripped := text.strip()) in _NOTHING else encode_basestring(stripped) for text in cells]


def _json(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is int or (kind is float and isfinite(value)):
        return repr(value)
    return json_text(value)
