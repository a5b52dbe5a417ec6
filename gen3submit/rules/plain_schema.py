"""Schemas that only name types and allowed values, which most properties have: judged directly, in jsonschema's words.

What jsonschema would find, at a fiftieth of the time: a submission has as many different values as it has cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft4Validator

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


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
    keywords = schema.keys() & Draft4Validator.VALIDATORS.keys()
    allowed = schema.get("enum", [])
    return (
        keywords <= _RULES.keys()
        and _TYPES.issuperset(_types(schema.get("type", [])))
        and isinstance(allowed, list)
        and all(item is None or isinstance(item, str) for item in allowed)
    )


_Rule = tuple[str, Callable[[Any], bool], str]


def _type_rule(declared: Any) -> _Rule:
    types = _types(declared)
    is_type = Draft4Validator.TYPE_CHECKER.is_type
    listed = ", ".join(repr(type_) for type_ in types)
    return "type", lambda value: any(is_type(value, type_) for type_ in types), f"is not of type {listed}"


def _enum_rule(allowed: Any) -> _Rule:
    texts = {item for item in allowed if item is not None}
    takes_null = None in allowed

    def allows(value: Any) -> bool:
        return takes_null if value is None else isinstance(value, str) and value in texts

    return "enum", allows, f"is not one of {allowed!r}"


def _types(declared: Any) -> list[Any]:
    return declared if isinstance(declared, list) else [declared]


_RULES: Mapping[str, Callable[[Any], _Rule]] = {"type": _type_rule, "enum": _enum_rule}
