"""Whether a node type's schema has the shape that everything built on it relies on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gen3submit.dictionary.errors import DictionaryError
from gen3submit.messages import dictionary as words

JSON_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

# Names of node types become GraphQL names on the server, and names of columns and files here.
_NODE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,127}")


def check_node(name: str, schema: Any, source: str) -> None:
    """Check the schema of the node type called `name` in the served form.

    Raises:
        DictionaryError: naming the source and the path of what is wrong.
    """
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties"), Mapping):
        raise DictionaryError(words.not_a_node(source, name))
    node_id = schema.get("id", name)
    if not isinstance(node_id, str) or not _NODE_ID.fullmatch(node_id):
        raise DictionaryError(words.bad_node_id(source, f"{name}.id", str(node_id)))
    for key in ("required", "systemProperties"):
        if not _is_text_list(schema.get(key)):
            raise DictionaryError(words.bad_schema(source, f"{name}.{key}", words.expected_text_list()))
    unique = schema.get("uniqueKeys")
    if unique is not None and not (isinstance(unique, list) and all(_is_text_list(keys) for keys in unique)):
        raise DictionaryError(words.bad_schema(source, f"{name}.uniqueKeys", words.expected_key_list()))
    for key, value in schema["properties"].items():
        _check_schema(value, source, f"{name}.properties.{key}")


def _is_text_list(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _check_schema(schema: Any, source: str, path: str) -> None:
    """Check those keywords of a JSON schema on which a validator would break rather than answer."""

    def wrong(key: str, expected: str) -> DictionaryError:
        return DictionaryError(words.bad_schema(source, f"{path}.{key}" if key else path, expected))

    if not isinstance(schema, Mapping):
        raise wrong("", words.expected_mapping())
    if "type" in schema:
        declared = schema["type"]
        for one in declared if isinstance(declared, list) else [declared]:
            if not isinstance(one, str) or one not in JSON_TYPES:
                raise wrong("type", words.unknown_json_type(str(one)))
    if "enum" in schema and not isinstance(schema["enum"], list):
        raise wrong("enum", words.expected_list())
    if "pattern" in schema:
        try:
            re.compile(schema["pattern"])
        except (re.error, TypeError) as error:
            raise wrong("pattern", words.invalid_pattern(str(error))) from None
    for key in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "multipleOf"):
        if key in schema and (not isinstance(schema[key], int | float) or isinstance(schema[key], bool)):
            raise wrong(key, words.expected_number())
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            if not isinstance(schema[key], list):
                raise wrong(key, words.expected_schema_list())
            for n, arm in enumerate(schema[key]):
                _check_schema(arm, source, f"{path}.{key}[{n}]")
    if isinstance(schema.get("items"), list):
        for n, item in enumerate(schema["items"]):
            _check_schema(item, source, f"{path}.items[{n}]")
    elif "items" in schema:
        _check_schema(schema["items"], source, f"{path}.items")
    if "not" in schema:
        _check_schema(schema["not"], source, f"{path}.not")
    if "properties" in schema:
        if not isinstance(schema["properties"], Mapping):
            raise wrong("properties", words.expected_mapping())
        for key, value in schema["properties"].items():
            _check_schema(value, source, f"{path}.properties.{key}")
