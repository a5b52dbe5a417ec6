"""The documents of rows as the JSON that is sent, made column by column: what a cell becomes depends on it alone.

The bytes are those that `gen3submit.planning.encoding.encoded` makes of the documents of the exact reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat
from json.encoder import encode_basestring
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from gen3submit.dictionary.model import Node
from gen3submit.planning.encoding import encoded, json_text
from gen3submit.planning.slices import Slice, Slices
from gen3submit.planning.streaming import documents_of
from gen3submit.rules.bodies import LINK_SEPARATORS
from gen3submit.rules.columns import DocumentRefused, LinkColumn, NodeColumns
from gen3submit.rules.values import Converter, as_text, property_value
from gen3submit.tables.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_BYTES = 1 << 18
"""So big a table must be before its documents are made column by column: the libraries for it take their time."""


class Content(NamedTuple):
    """A document as it is sent."""

    type: str
    name: str
    """Its submitter_id."""
    content: bytes


_content = partial(tuple.__new__, Content)
"""Makes one of a tuple, in less time than its own ways."""


class Contents:
    """Makes the documents of the rows of one table."""

    def __init__(self, source: Source, slices: Slices, nodes: Mapping[str, Node]) -> None:
        """`slices` are those of the table, of which the header must be known once rows are given."""
        self._slices = slices
        self._nodes = nodes
        self._format = source.format
        self._is_big = source.size() >= LEAST_BYTES
        self._columns: dict[str, NodeColumns] = {}

    def of(self, part: Slice) -> list[Content | None]:
        """The documents of the rows of a slice, in their order; None where the server would not make one."""
        found = self._by_column(part) if self._is_big else None
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
        from gen3submit.planning import json_columns  # noqa: PLC0415  # numpy and pyarrow: only for big tables

        width = len(self._slices.header)
        places = dict(self._slices.columns)
        type_index, name_index = places.get("type"), places.get("submitter_id")
        if type_index is None or name_index is None:
            return None
        columns = json_columns.text_columns(part, width)
        if columns is None:
            return None
        types = {text.strip() for text in columns[type_index].unique().to_pylist()}
        node = self._nodes.get(next(iter(types), "")) if len(types) == 1 else None
        if node is None:
            return None
        of_node = self._columns_of(node)
        try:
            found = self._documents(of_node, columns)
        except DocumentRefused:
            return None
        if found is None:
            return None
        names = json_columns.names(columns[name_index], of_node.property("submitter_id").convert)
        return list(map(_content, zip(repeat(node.id), names, found, strict=False)))

    def _documents(self, of_node: NodeColumns, columns: Sequence[pa.Array]) -> list[bytes] | None:
        """The documents of rows; None for odd headers.

        Raises:
            DocumentRefused: a value stands under a link that the node type does not have.
        """
        from gen3submit.planning import json_columns  # noqa: PLC0415  # numpy and pyarrow: only for big tables

        names = [name for name, _ in self._slices.columns if "." not in name]
        values = []
        for name, index in self._slices.columns:
            if "." not in name:
                convert = of_node.property(name).convert
                values.append(json_columns.property_column(columns[index], convert, partial(_value, convert)))
        for name, index in self._slices.columns:
            if "." not in name:
                continue
            link, _, key = name.partition(".")
            # Sheepdog refuses the first, and joins the others.
            if not link or not key or link in names:
                return None
            names.append(link)
            column = of_node.link(name)
            told = partial(_references, column)
            if column.convert is as_text:
                values.append(json_columns.link_column(columns[index], key, column.separator, told))
            else:
                values.append(json_columns.each(columns[index], told))
            column.values.clear()
        return json_columns.documents(names, values)

    def _columns_of(self, node: Node) -> NodeColumns:
        if node.id not in self._columns:
            self._columns[node.id] = NodeColumns(node, self._nodes, LINK_SEPARATORS[self._format])
        return self._columns[node.id]


def _references(column: LinkColumn, text: str) -> str:
    return json_text(column.references(text))


def _value(convert: Converter, text: str) -> str:
    value = property_value(text, convert)
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is int or (kind is float and isfinite(value)):
        return repr(value)
    return json_text(value)
