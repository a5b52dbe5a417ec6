"""What a finding code, a node type or a property means: the answer to `gen3submit explain`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gen3submit.dictionary.model import Link, LinkGroup, Node, Property
from gen3submit.errors import UsageProblem
from gen3submit.messages import explain as words
from gen3submit.messages.codes import CodePage, code_page, codes


@dataclass(frozen=True, slots=True)
class PropertyExplanation:
    """A property of a node type, and what its cells may hold."""

    node: str
    name: str
    description: str
    required: bool
    system: bool
    """Whether the server sets it itself."""
    types: tuple[str, ...]
    """The declared JSON types; empty where the dictionary gives allowed values or alternatives instead."""
    items: tuple[str, ...]
    """Of a list: the types of its items."""
    allowed: tuple[Any, ...]
    """Every allowed value (of an item, for a list)."""
    bounds: tuple[str, ...]
    """Such as ``at least 0``."""
    pattern: str | None
    format: str | None
    alternatives: tuple[str, ...]
    """What each form of a `oneOf` or `anyOf` asks for."""
    default: Any
    example: str | None
    """A cell that the server would take; None where no one can say."""


@dataclass(frozen=True, slots=True)
class LinkExplanation:
    """A link of a node type, and how a cell names the parent."""

    node: str
    name: str
    target: str
    multiplicity: str
    required: bool
    """By itself; see `group`."""
    column: str
    """The column that names the parent."""
    label: str
    backref: str
    group: str | None
    """What the group that the link is part of asks for."""
    group_required: bool
    """Whether that group asks for a parent."""


@dataclass(frozen=True, slots=True)
class NodeExplanation:
    """A node type: its links, keys and properties."""

    node: str
    title: str
    category: str
    description: str
    submittable: bool
    links: tuple[LinkExplanation, ...]
    children: tuple[str, ...]
    """The node types that link to it."""
    unique_keys: tuple[tuple[str, ...], ...]
    required: tuple[PropertyExplanation, ...]
    optional: tuple[PropertyExplanation, ...]
    system: tuple[PropertyExplanation, ...]
    """The properties that the server sets itself."""
    header: tuple[str, ...]
    """The columns of a file that holds what is required and nothing else."""


Explanation = CodePage | NodeExplanation | PropertyExplanation | LinkExplanation


def explain(dictionary: Mapping[str, Node] | None, name: str) -> Explanation:
    """What the name means.

    Args:
        dictionary: the node types; a `Dictionary` is that. None where none is known: then only codes are.
        name: a finding code, ``NODE`` or ``NODE.PROPERTY`` (also a link, or a link column as a file spells it)

    Raises:
        UsageProblem: there is no such code, node type or property; the nearest ones are named.
    """
    wanted = name.strip()
    page = code_page(wanted)
    if page is not None:
        return page
    if dictionary is None:
        raise UsageProblem(words.no_such_code(wanted, _nearest(wanted, [page.code for page in codes()])))
    node_id, _, property_name = wanted.partition(".")
    node = dictionary.get(node_id)
    if node is None:
        raise UsageProblem(words.no_such_name(wanted, _similar_names(dictionary, node_id, property_name)))
    if not property_name:
        return _node(node, dictionary)
    return _member(node, property_name.lstrip("*"))


def _nearest(written: str, there: Collection[str]) -> list[str]:
    from gen3submit.checking.nearest import nearest  # noqa: PLC0415  # brings the checker; only a wrong name needs it

    return nearest(written, there, 3)


def _similar_names(dictionary: Mapping[str, Node], node_id: str, property_name: str) -> list[str]:
    if not property_name:
        return _nearest(node_id, [*dictionary, *(page.code for page in codes())])
    return [f"{similar}.{property_name}" for similar in _nearest(node_id, list(dictionary))]


def _member(node: Node, name: str) -> PropertyExplanation | LinkExplanation:
    link_name = name.partition(".")[0]
    if link_name in node.links_by_name:
        return next(link for link in _links(node) if link.name == link_name)
    known = node.properties.get(name)
    if known is None:
        members: Collection[str] = [*node.properties, *node.links_by_name]
        raise UsageProblem(words.no_such_property(node.id, name, _nearest(name, members)))
    return _property(node, known)


def _node(node: Node, dictionary: Mapping[str, Node]) -> NodeExplanation:
    explained = [_property(node, known) for known in node.properties.values() if known.name not in ("type", "id")]
    own = [each for each in explained if not each.system]
    required = tuple(each for each in own if each.required)
    links = tuple(_links(node))
    return NodeExplanation(
        node=node.id,
        title=node.title,
        category=node.category,
        description=node.description,
        submittable=node.is_submittable,
        links=links,
        children=tuple(
            sorted(
                other.id
                for other in dictionary.values()
                if any(link.target == node.id for link in other.links_by_name.values())
            )
        ),
        unique_keys=node.unique_keys,
        required=required,
        optional=tuple(each for each in own if not each.required),
        system=tuple(each for each in explained if each.system),
        header=(
            "type",
            *sorted((each.name for each in required), key=lambda name: name != "submitter_id"),
            *(link.column for link in links if link.required or link.group_required),
        ),
    )


def _links(node: Node) -> list[LinkExplanation]:
    found: list[LinkExplanation] = []

    def add(entries: tuple[Link | LinkGroup, ...], group: LinkGroup | None) -> None:
        for entry in entries:
            if isinstance(entry, LinkGroup):
                add(entry.members, entry)
                continue
            key = "code" if entry.target == "project" else "submitter_id"
            members = [link.name for link in group.links()] if group else []
            found.append(
                LinkExplanation(
                    node.id,
                    entry.name,
                    entry.target,
                    entry.multiplicity,
                    entry.required and group is None,
                    f"{entry.name}.{key}",
                    entry.label,
                    entry.backref,
                    words.group(members, group.required, group.exclusive) if group else None,
                    group is not None and group.required,
                )
            )

    add(node.links, None)
    return found


def _property(node: Node, known: Property) -> PropertyExplanation:
    schema = known.schema
    items = schema.get("items")
    inner: Mapping[str, Any] = items if isinstance(items, Mapping) else {}
    types = known.types
    allowed = known.enum or tuple(inner.get("enum") or ())
    alternatives = tuple(
        words.form(arm) for key in ("oneOf", "anyOf") for arm in schema.get(key) or () if isinstance(arm, Mapping)
    )
    return PropertyExplanation(
        node=node.id,
        name=known.name,
        description=known.description,
        required=known.required,
        system=known.name in node.system_properties,
        types=types,
        items=_types(inner),
        allowed=allowed,
        bounds=(*words.bounds(schema), *(words.of_each_item(bound) for bound in words.bounds(inner))),
        pattern=schema.get("pattern") or inner.get("pattern"),
        format=schema.get("format") or inner.get("format"),
        alternatives=alternatives,
        default=schema.get("default"),
        example=_example(schema, types, allowed),
    )


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    declared = schema.get("type")
    if declared is None:
        return ()
    return tuple(declared) if isinstance(declared, list) else (str(declared),)


def _example(schema: Mapping[str, Any], types: tuple[str, ...], allowed: tuple[Any, ...]) -> str | None:
    """A cell that the server would take, where the schema says enough to be sure."""
    given = schema.get("examples") or schema.get("example")
    if given:
        return str(given[0] if isinstance(given, list) else given)
    kind = types[0] if types else None
    texts = [str(value) for value in allowed if isinstance(value, str)]
    if texts:
        return ",".join(texts[:2]) if kind == "array" else texts[0]
    if allowed or schema.get("pattern") or schema.get("oneOf") or schema.get("anyOf"):
        return None
    if schema.get("format") == "date-time":
        return "2024-05-17T09:30:00Z"
    if kind == "boolean":
        return "true"
    if kind in ("integer", "number"):
        return _number(schema)
    return None


def _number(schema: Mapping[str, Any]) -> str | None:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and high is None:
        return "12"
    if low is None:
        return str(int(high or 0) - 10)
    if high is None:
        return str(int(low) + 10)
    return str(int((low + high) / 2)) if high - low > 1 else None
