"""What each column of a header means for the rows of one node type.

Sheepdog strips names and removes leading asterisks; a name with a dot is a link column, any other a property.
A property's cell converts by the declared type, a link's cell becomes a list of references to parents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules.values import Converter, as_text, converter, property_value


class DocumentRefused(Exception):
    """Raised when Sheepdog would refuse the whole document before looking at its records.

    `str()` is the ``message`` of its 400 answer. `place` tells where it happened, where that is known.
    """

    def __init__(self, message: str, *, row: int | None = None, column: str | None = None, kind: str = "unreadable"):
        super().__init__(message)
        self.row = row
        """The row (1-based, as read) that Sheepdog stumbled over."""
        self.column = column
        self.kind = kind
        """What is wrong, as a finding code of the checker."""


def clean_name(raw: str) -> str:
    """The name of a column as Sheepdog understands it: stripped, then without the asterisks at its start."""
    return raw.strip().lstrip("*")


@dataclass(slots=True)
class PropertyColumn:
    """A column whose cells are values of a property (known or not)."""

    name: str
    convert: Converter
    values: dict[str, Any] = field(default_factory=dict)
    """Text of the cell to its value; cells repeat, and what a cell becomes depends on its text alone."""

    def value(self, text: str) -> Any:
        """The JSON value of a cell."""
        try:
            return self.values[text]
        except KeyError:
            value = self.values[text] = property_value(text, self.convert)
            return value


@dataclass(slots=True)
class LinkColumn:
    """A column ``<link>.<key>`` whose cells name parents."""

    header: str
    link: str
    key: str
    convert: Converter | None
    """How a part becomes a key's value; None where the node type has no such link (a value there is refused)."""
    refusal: str
    """The words with which Sheepdog refuses a value where `convert` is None."""
    separator: str
    values: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def references(self, text: str) -> list[dict[str, Any]]:
        """The references in a cell: ``[{key: value}, ...]``, empty parts and ``null`` left out.

        Raises:
            DocumentRefused: a value stands under a link that the node type does not have.
        """
        try:
            return self.values[text]
        except KeyError:
            references = self.values[text] = self._read(text)
            return references

    def _read(self, text: str) -> list[dict[str, Any]]:
        references = []
        for part in text.strip().split(self.separator):
            if part in ("", "null"):
                continue
            if self.convert is None:
                raise DocumentRefused(
                    f"Unable to parse document: {self.refusal}", column=self.header, kind="unknown-link"
                )
            stripped = part.strip()
            if stripped and (value := self.convert(stripped)):
                references.append({self.key: value})
        return references


class NodeColumns:
    """The columns of tables as rows of one node type understand them."""

    def __init__(self, node: Node, nodes: Mapping[str, Node], separator: str):
        """`separator` stands between several parents in a cell: ``,`` in TSV, ``#`` in CSV."""
        self.node = node
        self._nodes = nodes
        self._separator = separator
        self._children = {
            link.backref: (other, link)
            for other in nodes.values()
            for link in other.links_by_name.values()
            if link.target == node.id and link.backref
        }
        self._properties: dict[str, PropertyColumn] = {}
        self._links: dict[str, LinkColumn] = {}

    def property(self, name: str) -> PropertyColumn:
        """The column of this cleaned name, which has no dot."""
        column = self._properties.get(name)
        if column is None:
            known = self.node.properties.get(name) if name not in ("id", "type") else None
            column = PropertyColumn(name, converter(known.schema) if known else as_text)
            self._properties[name] = column
        return column

    def link(self, name: str) -> LinkColumn:
        """The column of this cleaned name, which has a dot with something on both its sides."""
        column = self._links.get(name)
        if column is None:
            link_name, key = name.split(".", 1)
            known_as = link_name.strip()  # stripped where the class is asked, not where the document is written
            column = LinkColumn(
                name,
                link_name,
                key,
                self._key_converter(known_as, key),
                self._refusal(known_as),
                self._separator,
            )
            self._links[name] = column
        return column

    def _key_converter(self, link_name: str, key: str) -> Converter | None:
        if link_name in self.node.links_by_name:
            target = self._nodes[self.node.links_by_name[link_name].target]
        elif link_name in self._children:
            # a backref is an attribute of the server's class too; the reference then fails as an unknown property
            target = self.node
        else:
            return None
        known = target.properties.get(key) if key not in ("id", "type") else None
        return converter(known.schema) if known else as_text

    def _refusal(self, link_name: str) -> str:
        class_name = "".join(part.capitalize() for part in self.node.id.split("_"))
        if link_name in self.node.properties:
            return (
                "Neither 'hybrid_property' object nor 'ExprComparator' object associated with "
                f"{class_name}.no name has an attribute 'target_class'"
            )
        return f"type object '{class_name}' has no attribute '{link_name}'"
