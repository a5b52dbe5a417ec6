"""Schemas that only name types and allowed values, which most properties have: judged directly, in jsonschema's words.

What jsonschema would find, at a fiftieth of the time: a submission has as many different values as it has cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gen3submit.rules.keywords import keywords

_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}
TYPES = frozenset(_PYTHON_TYPES)
"""Those of draft 4 of JSON schema."""


class PlainSchema:
    """Judges one value at a time."""

    def __init__(self, schema: Mapping[str, Any]):
        """`schema` must be one of which `is_plain` is true."""
        self._rules = [_RULES[keyword](schema[keyword]) for keyword in schema if keyword in _RULES]

    def errors(self, value: Any) -> Iterator[tuple[str, str, str]]:
        """The keyword of each error of a value that is neither a list nor an object, and the message in two parts."""
        for keyword, allows, words in self._rules:
            if not allows(value):
                yield keyword, f"{value!r} ", words


def is_plain(schema: Any) -> bool:
    """Whether nothing in the schema but ``type`` and a list of allowed texts says what a value may be."""
    if not isinstance(schema, Mapping):
        return False
    allowed = schema.get("enum", [])
    return (
        keywords(schema) <= _RULES.keys()
        and TYPES.issuperset(types_of(schema.get("type", [])))
        and isinstance(allowed, list)
        and all(item is None or isinstance(item, str) for item in allowed)
    )


def has_type(value: Any, type_: str) -> bool:
    """Whether a value, as it is read from JSON, is of one of the `TYPES`; in draft 4 a whole float is no integer."""
    return isinstance(value, _PYTHON_TYPES[type_]) and (type_ == "boolean" or not isinstance(value, bool))


def types_of(declared: Any) -> list[Any]:
    """The types that a schema names under ``type``."""
    return declared if isinstance(declared, list) else [declared]


_Rule = tuple[str, Callable[[Any], bool], str]


def _type_rule(declared: Any) -> _Rule:
    types = types_of(declared)
    listed = ", ".join(repr(type_) for type_ in types)
    return "type", lambda value: any(has_type(value, type_) for type_ in types), f"is not of type {listed}"


def _enum_rule(allowed: Any) -> _Rule:
    texts = {item for item in allowed if item is not None}
    takes_null = None in allowed

    def allows(value: Any) -> bool:
        return takes_null if value is None else isinstance(value, str) and value in texts

    return "enum", allows, f"is not one of {allowed!r}"


_RULES: Mapping[str, Callable[[Any], _Rule]] = {"type": _type_rule, "enum": _enum_rule}
