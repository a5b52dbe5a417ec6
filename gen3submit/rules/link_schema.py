"""What the schema of a link can see of a list of references: mostly how many there are and by which keys, no texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gen3submit.rules.keywords import keywords

_OF_LISTS = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "items",
        "maxItems",
        "maxProperties",
        "minItems",
        "minProperties",
        "not",
        "oneOf",
        "properties",
        "required",
        "type",
    }
)
"""The keywords that may stand anywhere above the text of a reference and never look at it."""


def ignores_texts(schema: Any, key: str) -> bool:
    """Whether the schema says the same of every list of ``{key: text}`` of one length, whatever the texts."""
    if not isinstance(schema, Mapping):
        return False
    if any(keyword not in _OF_LISTS for keyword in keywords(schema)):
        return False
    parts = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    parts += [schema[keyword] for keyword in ("items", "not") if keyword in schema]
    if not all(ignores_texts(part, key) for part in parts):
        return False
    of_texts = [schema.get("properties", {}).get(key)]
    of_texts += [schema.get(keyword) for keyword in ("additionalProperties", "additionalItems")]
    return all(part is None or isinstance(part, bool) or keywords(part) <= {"type"} for part in of_texts)
