"""Telling quickly of most values that a schema takes them; jsonschema tells it of all others, and why not.

So it is only loaded for values that may be wrong, and for schemas that are not of the usual kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gen3submit.rules.keywords import keywords
from gen3submit.rules.plain_schema import TYPES, has_type, types_of


def surely_takes(schema: Any, value: Any) -> bool:
    """Whether the schema takes the value, as far as that is quickly told: where it says no, nothing is known."""
    if not isinstance(schema, Mapping):
        return False
    found = keywords(schema)
    return found <= _KNOWN.keys() and all(_KNOWN[keyword](schema, value) for keyword in found)


def _type(schema: Mapping[str, Any], value: Any) -> bool:
    types = types_of(schema["type"])
    are_known = all(isinstance(type_, str) and type_ in TYPES for type_ in types)
    return are_known and any(has_type(value, type_) for type_ in types)


def _enum(schema: Mapping[str, Any], value: Any) -> bool:
    allowed = schema["enum"]
    return isinstance(value, str) and isinstance(allowed, list) and value in allowed


def _required(schema: Mapping[str, Any], value: Any) -> bool:
    required = schema["required"]
    return not isinstance(value, dict) or (isinstance(required, list) and all(name in value for name in required))


def _properties(schema: Mapping[str, Any], value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    known = schema["properties"]
    return isinstance(known, Mapping) and all(
        surely_takes(known[name], item) for name, item in value.items() if name in known
    )


def _additional_properties(schema: Mapping[str, Any], value: Any) -> bool:
    others, known = schema["additionalProperties"], schema.get("properties", {})
    if not isinstance(value, dict) or others is True:
        return True
    return isinstance(known, Mapping) and all(
        surely_takes(others, item) for name, item in value.items() if name not in known
    )


def _items(schema: Mapping[str, Any], value: Any) -> bool:
    return not isinstance(value, list) or all(surely_takes(schema["items"], item) for item in value)


def _any_of(schema: Mapping[str, Any], value: Any) -> bool:
    arms = schema["anyOf"]
    return isinstance(arms, list) and any(surely_takes(arm, value) for arm in arms)


def _min_items(schema: Mapping[str, Any], value: Any) -> bool:
    least = schema["minItems"]
    return not isinstance(value, list) or (isinstance(least, int) and len(value) >= least)


def _max_items(schema: Mapping[str, Any], value: Any) -> bool:
    most = schema["maxItems"]
    return not isinstance(value, list) or (isinstance(most, int) and len(value) <= most)


_KNOWN: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "type": _type,
    "enum": _enum,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "items": _items,
    "anyOf": _any_of,
    "minItems": _min_items,
    "maxItems": _max_items,
}
