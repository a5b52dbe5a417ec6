"""What a data dictionary says: node types, their properties, and the links between them.

Built from the *served* form of a dictionary (the JSON of ``_dictionary/_all``, every ``$ref`` resolved);
`gen3submit.dictionary.load` turns every other form into that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gen3submit.dictionary.errors import DictionaryError
from gen3submit.dictionary.soundness import check_node
from gen3submit.messages import dictionary as words

MULTIPLICITIES = frozenset({"many_to_one", "one_to_one", "one_to_many", "many_to_many"})


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from a node type to its parent's type."""

    name: str
    """The name of the link, such as ``subjects``; a column is ``<name>.<key of the parent>``."""
    target: str
    """The parent's node type."""
    multiplicity: str
    """``many_to_one``, ``one_to_one``, ``one_to_many`` or ``many_to_many``, as the dictionary says it."""
    required: bool
    backref: str
    """The link's name seen from the parent."""
    label: str

    @property
    def has_one_child(self) -> bool:
        """Whether a parent may have only one child over the link."""
        return self.multiplicity in ("one_to_one", "one_to_many")


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Several links of which one (required) or at most one (exclusive) may be given. Groups nest."""

    required: bool
    exclusive: bool
    members: tuple[Link | LinkGroup, ...]

    def links(self) -> Iterator[Link]:
        """Every link of the group, those of inner groups too, in the dictionary's order."""
        for member in self.members:
            if isinstance(member, LinkGroup):
                yield from member.links()
            else:
                yield member


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a node type with its JSON schema."""

    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def types(self) -> tuple[str, ...]:
        """The declared JSON types; empty where the schema has no ``type`` (enum, oneOf, anyOf)."""
        declared = self.schema.get("type")
        if declared is None:
            return ()
        return tuple(declared) if isinstance(declared, list) else (declared,)

    @property
    def enum(self) -> tuple[Any, ...]:
        """The allowed values; empty where any value of the type is allowed."""
        return tuple(self.schema.get("enum") or ())

    @property
    def description(self) -> str:
        """The dictionary's own words, from the property or its term; empty where it has none."""
        own = self.schema.get("description")
        if own:
            return str(own).strip()
        term = self.schema.get("term")
        if isinstance(term, Mapping):
            return str(term.get("description") or "").strip()
        return ""


@dataclass(frozen=True)
class Node:
    """A node type: what its records may hold and which parents they may have."""

    id: str
    schema: Mapping[str, Any] = field(repr=False)
    """The node's whole JSON schema, every ``$ref`` resolved, keys in the order of the source."""
    links: tuple[Link | LinkGroup, ...]

    @property
    def title(self) -> str:
        """The name for people; the id where the schema has none."""
        return str(self.schema.get("title") or self.id)

    @property
    def category(self) -> str:
        """Such as ``clinical`` or ``data_file``."""
        return str(self.schema.get("category") or "")

    @property
    def description(self) -> str:
        """The dictionary's own words; empty where it has none."""
        return str(self.schema.get("description") or "").strip()

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names in the schema's ``required``: properties, and links that the schema itself demands."""
        return tuple(self.schema.get("required") or ())

    @cached_property
    def properties(self) -> Mapping[str, Property]:
        """The properties, links left out."""
        return {
            name: Property(name, schema, name in self.required)
            for name, schema in self.schema["properties"].items()
            if name not in self.links_by_name
        }

    @cached_property
    def unique_keys(self) -> tuple[tuple[str, ...], ...]:
        """The keys besides ``id`` that identify a record.

        ``(("project_id", "submitter_id"),)`` for most types.
        """
        return tuple(tuple(keys) for keys in self.schema.get("uniqueKeys") or () if "id" not in keys)

    @cached_property
    def system_properties(self) -> frozenset[str]:
        """The properties that the server sets, and mostly ignores in a submission."""
        return frozenset(self.schema.get("systemProperties") or ())

    @cached_property
    def links_by_name(self) -> Mapping[str, Link]:
        """Every link, those in groups too."""
        found: dict[str, Link] = {}
        for entry in self.links:
            for link in entry.links() if isinstance(entry, LinkGroup) else (entry,):
                found[link.name] = link
        return found

    @property
    def is_submittable(self) -> bool:
        """Whether records go in through a project: Sheepdog asks for a ``project_id`` property."""
        return "project_id" in self.schema["properties"]

    @property
    def is_file(self) -> bool:
        """Whether records describe data files: Sheepdog asks for a category that ends in ``_file``."""
        return self.category.endswith("_file")


def nodes_from_served(
    served: Mapping[str, Any], source: str, place: Callable[[str], str] | None = None
) -> dict[str, Node]:
    """The node types in the JSON value of ``_dictionary/_all``.

    Entries whose name begins with ``_`` (shared definitions, terms, settings) and the ``metaschema`` are no
    nodes.

    Args:
        served: the served form
        source: how an error names the whole dictionary
        place: how an error names the document of a file name (``sample.yaml``), where that is told apart

    Raises:
        DictionaryError: an entry is no schema, or a link leads to a node type that is not there.
    """
    nodes: dict[str, Node] = {}
    places: dict[str, str] = {}
    for name, schema in served.items():
        if name.startswith("_") or name == "metaschema":
            continue
        where = place(f"{name}.yaml") if place else source
        check_node(name, schema, where)
        node_id = str(schema.get("id", name))
        if node_id in nodes:
            raise DictionaryError(words.node_twice(where, places[node_id], node_id))
        links = schema.get("links") or []
        if not isinstance(links, list):
            raise DictionaryError(words.bad_links(where, f"{name}.links"))
        members = tuple(_link(entry, where, f"{name}.links[{n}]") for n, entry in enumerate(links))
        nodes[node_id] = Node(node_id, schema, members)
        places[node_id] = where
    if not nodes:
        raise DictionaryError(words.no_nodes(source))
    for node in nodes.values():
        for link in node.links_by_name.values():
            if link.target not in nodes:
                path = f"{node.id}.links.{link.name}"
                raise DictionaryError(words.link_target(places[node.id], path, link.target))
    return nodes


def _link(entry: Any, source: str, path: str) -> Link | LinkGroup:
    if isinstance(entry, Mapping) and isinstance(entry.get("subgroup"), list):
        return LinkGroup(
            required=entry.get("required") is True,
            exclusive=entry.get("exclusive") is True,
            members=tuple(_link(member, source, f"{path}.subgroup[{n}]") for n, member in enumerate(entry["subgroup"])),
        )
    if not isinstance(entry, Mapping) or not entry.get("name") or not entry.get("target_type"):
        raise DictionaryError(words.bad_links(source, path))
    multiplicity = str(entry.get("multiplicity") or "many_to_many")
    if multiplicity not in MULTIPLICITIES:
        expected = words.bad_multiplicity(multiplicity)
        raise DictionaryError(words.bad_schema(source, f"{path}.multiplicity", expected))
    return Link(
        name=str(entry["name"]),
        target=str(entry["target_type"]),
        multiplicity=multiplicity,
        required=entry.get("required") is True,
        backref=str(entry.get("backref") or ""),
        label=str(entry.get("label") or ""),
    )
