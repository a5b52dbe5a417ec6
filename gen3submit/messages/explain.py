"""Sentences and labels of explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gen3submit.messages.wording import counted, either, listed, shown, visible

REQUIRED = "required"
TYPE = "type"
ALLOWED = "allowed"
BOUNDS = "bounds"
PATTERN = "pattern"
FORMAT = "format"
FORMS = "forms"
DEFAULT = "default"
EXAMPLE = "example"
COLUMN = "column"
PARENT = "parent"
PARENTS = "parents"
LINKS = "links"
CHILDREN = "children"
KEYS = "keys"
HEADER = "header"
OPTIONAL = "optional"
SYSTEM = "system"
SERVER = "What the server does"
MEND = "How to mend it"
CODE_EXAMPLE = "Example"

_TYPES = {
    "string": "text",
    "integer": "integer: digits only, no decimal point and no exponent",
    "number": "number",
    "boolean": "boolean: `true` or `false`",
    "array": "list: commas between the items, and none inside one",
    "object": "object: only in JSON",
    "null": "or empty",
}
_SHORT_TYPES = {"array": "list", "string": "text"}
_MULTIPLICITIES = {
    "many_to_one": "one parent; a parent may have many",
    "one_to_one": "one parent, which may have one",
    "one_to_many": "several parents; each may have one",
    "many_to_many": "several parents; each may have many",
}
_MOST_FORM_VALUES = 6


def _nearest(similar: Sequence[str], what: str) -> str:
    return f". Similar {what}: {either(similar)}" if similar else ""


def no_such_code(name: str, similar: Sequence[str]) -> str:
    return (
        f"{shown(name)} is no finding code{_nearest(similar, 'codes')}. "
        "To have node types and properties explained, name a dictionary"
    )


def no_such_name(name: str, similar: Sequence[str]) -> str:
    return f"{shown(name)} is no finding code and no node type of the dictionary{_nearest(similar, 'names')}"


def no_such_property(node: str, name: str, similar: Sequence[str]) -> str:
    return f"{shown(node)} has no property or link {shown(name)}{_nearest(similar, 'names')}"


def group(members: Sequence[str], required: bool, exclusive: bool) -> str:
    """What a group of links asks for."""
    names = either(members)
    if required and exclusive:
        return f"exactly one of {names}"
    if required:
        return f"at least one of {names}"
    return f"at most one of {names}" if exclusive else f"any of {names}"


def form(schema: Mapping[str, Any]) -> str:
    """What one form of a `oneOf` or `anyOf` asks for."""
    if schema.get("enum"):
        return f"one of {listed(schema['enum'], _MOST_FORM_VALUES)}"
    declared = schema.get("type")
    kinds = declared if isinstance(declared, list) else [declared] if declared else []
    words = " or ".join("empty" if kind == "null" else _SHORT_TYPES.get(kind, visible(str(kind))) for kind in kinds)
    extra = list(bounds(schema))
    if schema.get("pattern"):
        extra.append(f"pattern {shown(schema['pattern'])}")
    if schema.get("format"):
        extra.append(f"format {shown(schema['format'])}")
    if not words:
        return ", ".join(extra) or "anything"
    only_json = " (only in JSON)" if set(kinds) & {"integer", "number", "boolean", "array", "object"} else ""
    return ", ".join([words + only_json, *extra])


def bounds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Such as ``at least 0``."""
    found = []
    if schema.get("minimum") is not None:
        found.append(f"{'more than' if schema.get('exclusiveMinimum') is True else 'at least'} {schema['minimum']}")
    if schema.get("maximum") is not None:
        found.append(f"{'less than' if schema.get('exclusiveMaximum') is True else 'at most'} {schema['maximum']}")
    for name, words in (
        ("minLength", "at least {} characters"),
        ("maxLength", "at most {} characters"),
        ("minItems", "at least {} items"),
        ("maxItems", "at most {} items"),
    ):
        if schema.get(name) is not None:
            found.append(words.format(schema[name]))
    return tuple(found)


def of_each_item(bound: str) -> str:
    return f"each item {bound}"


def types(names: Sequence[str], items: Sequence[str], alternatives: bool, allowed: int) -> str:
    """What a cell of the property holds."""
    if names:
        said = ", ".join(_TYPES.get(name, visible(name)) for name in names)
        if allowed and names[0] == "array":
            return f"{said}; each item one of the allowed values"
        return f"{said}; each item {short_types(items)}" if items else said
    if alternatives:
        return "one of several forms; a cell is read as text"
    return "text, one of the allowed values" if allowed else "anything; a cell is read as text"


def short_types(names: Sequence[str]) -> str:
    return " or ".join("empty" if name == "null" else _SHORT_TYPES.get(name, visible(name)) for name in names)


def short(names: Sequence[str], allowed: int, alternatives: int) -> str:
    """A property's kind in a list of properties."""
    if allowed:
        return (
            f"{short_types(names) + ', ' if names and names[0] == 'array' else ''}{counted(allowed, 'allowed value')}"
        )
    if alternatives:
        return f"one of {alternatives} forms"
    return short_types(names) or "anything"


def property_head(node: str, name: str, required: bool, system: bool) -> str:
    state = "set by the server" if system else "required" if required else "optional"
    return f"{visible(node)}.{visible(name)}: a property of {shown(node)}, {state}"


def link_head(node: str, name: str, required: bool, grouped: bool) -> str:
    state = "required" if required else "part of a group" if grouped else "optional"
    return f"{visible(node)}.{visible(name)}: a link of {shown(node)}, {state}"


def node_head(node: str, title: str, category: str) -> str:
    more = f" ({visible(title)})" if title != node else ""
    return f"{visible(node)}{more}: a node type{' of the category ' + shown(category) if category else ''}"


def code_head(code: str, severity: str, title: str) -> str:
    return f"{code} ({severity}): {title}"


def not_submittable() -> str:
    return "no record of this type goes into a project"


def multiplicity(name: str) -> str:
    return f"{_MULTIPLICITIES.get(name, visible(name))} ({shown(name)})"


def link_line(column: str, target: str, required: bool, group_words: str | None, multiplicity_name: str) -> str:
    """A link in the list of a node type's links."""
    state = group_words or ("required" if required else "optional")
    return (
        f"{visible(column)} → {visible(target)}: {state}; {_MULTIPLICITIES.get(multiplicity_name, multiplicity_name)}"
    )


def property_line(name: str, kind: str, description: str) -> str:
    """A property in the list of a node type's properties."""
    about = visible(" ".join(description.split()))
    cut = about if len(about) <= 70 else f"{about[:67].rstrip()}…"
    return f"{visible(name)} ({kind}){': ' + cut if cut else ''}"


def keys(unique: Sequence[Sequence[str]]) -> str:
    return "; ".join(" + ".join(map(visible, names)) for names in unique)


def more_about(node: str) -> str:
    return f"`gen3submit explain {visible(node)}.PROPERTY` tells of one property or link"


def of_dictionary(text: str) -> str:
    """A text of the dictionary on one line."""
    return visible(" ".join(text.split()))
