"""What a table's columns are to the rows of its node type, and whether the fast path may judge them at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gen3submit.checking.columnar.body import NotColumnar
from gen3submit.dictionary.model import Link, Node
from gen3submit.rules.bodies import LINK_SEPARATORS, cleaned_columns
from gen3submit.rules.documents import TableReader
from gen3submit.rules.transaction import Rules
from gen3submit.rules.values import as_text

IDENTITY = ("project_id", "submitter_id")


@dataclass(frozen=True, slots=True)
class LinkColumns:
    """The columns under one link."""

    name: str
    link: Link | None
    """None where the node type has no such link."""
    column: int
    """The place among the counted columns of the one that names parents as usual; -1: there is none."""
    others: tuple[int, ...]
    """The places of the rest, such as ``cases.id``."""


@dataclass(frozen=True)
class Layout:
    """A table's header, read for one node type. Can be sent to another process."""

    format: str
    header: tuple[str, ...]
    header_text: str
    node: Node
    nodes: Mapping[str, Node]
    project: str | None
    """The project whose records these are; None where none was given."""

    @cached_property
    def columns(self) -> list[tuple[str, int]]:
        """(cleaned name, index of its cell) of each column that counts."""
        return cleaned_columns(self.header)

    @cached_property
    def by_name(self) -> dict[str, int]:
        """The index of the cell of each counted column."""
        return dict(self.columns)

    def place(self, name: str) -> int:
        """The place among the counted columns of the column with this cleaned name; -1: there is none."""
        return next((place for place, (other, _) in enumerate(self.columns) if other == name), -1)

    def links(self, reader: TableReader) -> list[LinkColumns]:
        """The links that have columns, in the order of their first ones."""
        known = reader.columns(self.node, self.format)
        found: dict[str, tuple[list[int], list[int]]] = {}
        for place, (name, _) in enumerate(self.columns):
            if "." in name:
                link, key = name.split(".", 1)
                convert = known.link(name).convert
                usual = link in self.node.links_by_name and key == self.usual_key(link) and convert is as_text
                found.setdefault(link, ([], []))[0 if usual or convert is None else 1].append(place)
        return [
            LinkColumns(name, self.node.links_by_name.get(name), usual[0] if usual else -1, tuple(usual[1:] + others))
            for name, (usual, others) in found.items()
        ]

    def usual_key(self, link: str) -> str:
        """By which property a link names parents of its target; ``id`` where their key is an unusual one."""
        target = self.nodes[self.node.links_by_name[link].target]
        if target.id == "project":
            return "code" if target.unique_keys == (("code",),) else "id"
        return "submitter_id" if names_by_text(target) else "id"

    @property
    def separator(self) -> str:
        """What stands between the parents in a cell."""
        return LINK_SEPARATORS[self.format]


def names_by_text(node: Node) -> bool:
    """Whether a record of the type is known by its project and its submitter_id, any text."""
    known = node.properties.get("submitter_id")
    return (
        node.unique_keys == (IDENTITY,)
        and known is not None
        and "project_id" in node.schema["properties"]
        and not known.enum
        and (not known.types or known.types[0] == "string")
    )


def require_columnar(layout: Layout, rules: Rules) -> None:
    """See that the rules for this table are those that the fast path knows.

    Raises:
        NotColumnar: they are not.
    """
    node = layout.node
    names = [name for name, _ in layout.columns]
    links = [name for name in names if "." in name]
    properties = {name for name in names if "." not in name}
    reasons = {
        "a type that is not submitted": not node.is_submittable,
        "a schema that compares properties": rules.schema(node.id).depends_on_whole_record,
        "an unusual key": not names_by_text(node),
        "a malformed link name": any(not all(name.partition(".")[::2]) for name in links),
        "a link by the name of a property": any(
            link != link.strip() or link in properties or link in node.properties
            for link in (name.partition(".")[0] for name in links)
        ),
        "a link to its own type": any(
            link.target == node.id and any(name.startswith(f"{link.name}.") for name in links)
            for link in node.links_by_name.values()
        ),
        "a column of no name": "" in names,
        "data files without an object_id": node.is_file and not node.schema["properties"].get("object_id"),
        "urls of data files": node.is_file and "urls" in names,
    }
    for reason, holds in reasons.items():
        if holds:
            raise NotColumnar(reason)


def first_type(types: Sequence[str], nodes: Mapping[str, Node]) -> Node | None:
    """The node type of most of these cells; None where none of them is a node type."""
    known = [type_.strip() for type_ in types if type_.strip() in nodes]
    return nodes[max(set(known), key=known.count)] if known else None
