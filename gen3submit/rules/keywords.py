"""The keywords of JSON schemas that Sheepdog's validator knows; any other one of a schema says nothing of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEYWORDS = frozenset(
    {
        "$ref",
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "dependencies",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "properties",
        "required",
        "type",
        "uniqueItems",
    }
)
"""Those of draft 4 of JSON schema."""


def keywords(schema: Mapping[str, Any]) -> set[str]:
    """The keywords of a schema that count."""
    return schema.keys() & KEYWORDS
