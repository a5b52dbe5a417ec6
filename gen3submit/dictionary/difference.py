"""What changed between two dictionaries, as far as it matters to somebody who submits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gen3submit.dictionary.model import Link, LinkGroup, Node, Property

_CONSTRAINTS = (
    *("pattern", "format", "minLength", "maxLength"),
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    *("items", "additionalItems", "minItems", "maxItems", "uniqueItems"),
    *("oneOf", "anyOf", "allOf", "not"),
    *("properties", "required", "additionalProperties", "patternProperties", "dependencies"),
)
"""The keywords that a value is checked against, besides `type` and `enum`."""
_RULES_OF_NODES = ("additionalProperties", "patternProperties", "dependencies", "oneOf", "anyOf", "allOf", "not")
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", type(None): "null"}
_LOWER = frozenset({"minimum", "minLength", "minItems"})
_UPPER = frozenset({"maximum", "maxLength", "maxItems"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed."""

    kind: str
    """What happened: one of the names in `gen3submit.messages.dictionary_difference`."""
    node: str
    name: str | None = None
    """The property, link or rule of the node type; None where the node type itself is meant."""
    old: Any = None
    new: Any = None
    breaking: bool = False
    """Whether rows that were fine before may be refused now."""

    @property
    def words(self) -> str:
        """The change in words."""
        from gen3submit.messages import dictionary_difference  # noqa: PLC0415  # the words know changes, not the reverse

        return dictionary_difference.sentence(self)

    def to_dict(self) -> dict[str, Any]:
        """The change for machines."""
        return {
            "kind": self.kind,
            "node": self.node,
            "name": self.name,
            "old": self.old,
            "new": self.new,
            "breaking": self.breaking,
            "message": self.words,
        }


def difference(old: Mapping[str, Node], new: Mapping[str, Node]) -> list[Change]:
    """What changed from the old dictionary to the new one, node type by node type.

    Descriptions, titles and the order of things are not compared.
    """
    changes: list[Change] = []
    for node in sorted(old.keys() | new.keys()):
        if node not in new:
            changes.append(Change("node-removed", node, breaking=True))
        elif node not in old:
            changes.append(Change("node-added", node))
        else:
            changes += _node(old[node], new[node])
    return changes


def _node(old: Node, new: Node) -> Iterator[Change]:
    if old.category != new.category:
        breaking = old.is_file != new.is_file or old.is_submittable != new.is_submittable
        yield Change("category-changed", new.id, None, old.category, new.category, breaking)
    if set(old.unique_keys) != set(new.unique_keys):
        keys = ([list(names) for names in old.unique_keys], [list(names) for names in new.unique_keys])
        yield Change("keys-changed", new.id, None, *keys, breaking=True)
    for rule in _RULES_OF_NODES:
        if old.schema.get(rule) != new.schema.get(rule):
            yield Change("rule-changed", new.id, rule, old.schema.get(rule), new.schema.get(rule), breaking=True)
    for name in [*old.properties, *(name for name in new.properties if name not in old.properties)]:
        if name not in new.properties:
            yield Change("property-removed", new.id, name, breaking=True)
        elif name not in old.properties:
            required = new.properties[name].required
            yield Change("property-added", new.id, name, None, required, breaking=required)
        else:
            found = _property(new.id, old.properties[name], new.properties[name])
            # What the commons sets itself nobody has to write.
            ours = name in new.system_properties
            yield from (replace(change, breaking=False) if ours else change for change in found)
            yield from _ownership(old, new, name)
    yield from _links(old, new)


def _ownership(old: Node, new: Node, name: str) -> Iterator[Change]:
    """Whether the commons or the submitter sets the property."""
    before, after = name in old.system_properties, name in new.system_properties
    if before != after:
        yield Change("system-added" if after else "system-removed", new.id, name, breaking=after)


def _property(node: str, old: Property, new: Property) -> Iterator[Change]:
    if old.required != new.required:
        kind = "required-added" if new.required else "required-removed"
        yield Change(kind, node, new.name, breaking=new.required)
    # The server adds null to the types of a property that is not required.
    ignored = set() if old.required and new.required else {"null"}
    before, after = set(old.types) - ignored, set(new.types) - ignored
    if before != after:
        taken = after | ({"integer"} if "number" in after else set())
        narrower = bool(new.types) and not (before <= taken if before else _fit(old.enum, taken))
        yield Change("type-changed", node, new.name, list(old.types), list(new.types), narrower)
    yield from _values(node, new.name, list(old.enum), list(new.enum))
    for keyword in _CONSTRAINTS:
        was, is_ = old.schema.get(keyword), new.schema.get(keyword)
        if was != is_:
            yield Change("constraint-changed", node, f"{new.name}.{keyword}", was, is_, _is_narrower(keyword, was, is_))


def _fit(values: tuple[Any, ...], types: set[str]) -> bool:
    """Whether allowed values are of these types; False where there are none."""
    return bool(values) and all(_JSON_TYPES.get(type(value), "object") in types for value in values)


def _values(node: str, name: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
    if not old or not new:
        if old != new:
            yield Change("values-listed" if new else "values-free", node, name, old or None, new or None, bool(new))
        return
    removed = [value for value in old if value not in new]
    added = [value for value in new if value not in old]
    if removed:
        yield Change("values-removed", node, name, removed, None, breaking=True)
    if added:
        yield Change("values-added", node, name, None, added)


def _is_narrower(keyword: str, old: Any, new: Any) -> bool:
    if new is None:
        return False
    if isinstance(old, int | float) and isinstance(new, int | float):
        if keyword in _LOWER:
            return new > old
        if keyword in _UPPER:
            return new < old
    return True


def _links(old: Node, new: Node) -> Iterator[Change]:
    before, after = old.links_by_name, new.links_by_name
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            yield Change("link-removed", new.id, name, before[name].target, None, breaking=True)
        elif name not in before:
            yield Change("link-added", new.id, name, None, after[name].target, breaking=after[name].required)
        else:
            yield from _link(new.id, before[name], after[name])
    groups_before, groups_after = _groups(old), _groups(new)
    for members in [*groups_before, *(members for members in groups_after if members not in groups_before)]:
        was, is_ = groups_before.get(members), groups_after.get(members)
        if was != is_:
            stricter = is_ is not None and ((is_[0] and not (was and was[0])) or (is_[1] and not (was and was[1])))
            yield Change("group-changed", new.id, ", ".join(members), _flags(was), _flags(is_), bool(stricter))


def _link(node: str, old: Link, new: Link) -> Iterator[Change]:
    if old.target != new.target:
        yield Change("link-target-changed", node, new.name, old.target, new.target, breaking=True)
    if old.multiplicity != new.multiplicity:
        limits = {"many_to_many": (), "many_to_one": ("one",), "one_to_many": ("own",), "one_to_one": ("one", "own")}
        narrower = not set(limits[new.multiplicity]) <= set(limits[old.multiplicity])
        yield Change("multiplicity-changed", node, new.name, old.multiplicity, new.multiplicity, narrower)
    if old.required != new.required:
        kind = "link-required-added" if new.required else "link-required-removed"
        yield Change(kind, node, new.name, breaking=new.required)


def _groups(node: Node) -> dict[tuple[str, ...], tuple[bool, bool]]:
    """(required, exclusive) of each group of links, inner ones too, by the names in it."""
    found: dict[tuple[str, ...], tuple[bool, bool]] = {}
    waiting: list[Link | LinkGroup] = list(node.links)
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, LinkGroup):
            found[tuple(sorted(link.name for link in entry.links()))] = (entry.required, entry.exclusive)
            waiting += entry.members
    return found


def _flags(group: tuple[bool, bool] | None) -> dict[str, bool] | None:
    return None if group is None else {"required": group[0], "exclusive": group[1]}
