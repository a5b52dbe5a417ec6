"""Checking a record against its node's JSON schema, with Sheepdog's own error words, keys and types.

Sheepdog validates with ``jsonschema.Draft4Validator`` and reports every error. The schema it validates against is not
the one it serves: optional properties take null besides (dictionaryutils' ``allow_nulls``).

What is wrong with a value depends on its property alone, and what is missing or too much on the set of keys alone.
So each distinct value and each set of keys is validated once, and the errors are those of the whole record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary.model import Link, LinkGroup, Node
from gen3submit.rules.errors import INVALID_LINK, INVALID_VALUE, MISSING_PROPERTY, UNCATEGORIZED, EntityError
from gen3submit.rules.keywords import KEYWORDS
from gen3submit.rules.link_schema import ignores_texts
from gen3submit.rules.plain_schema import PlainSchema, is_plain
from gen3submit.rules.sure_schema import surely_takes

if TYPE_CHECKING:
    from jsonschema import Draft4Validator, FormatChecker
    from jsonschema.exceptions import ValidationError

FORMATS = ("date", "date-time", "time", "email", "idn-email", "ipv4", "ipv6", "regex", "uuid", "idn-hostname")
"""The formats that a Sheepdog checks: those whose checkers are installed with it."""

_MISSING = re.compile("'([a-zA-Z_-]+)' is a required property")  # gen3datamodel's: a name with a digit has no key
_REMEMBERED = 200_000


def accepting_nulls(node: Node) -> dict[str, Any]:
    """The node's schema as Sheepdog validates against it: optional properties take null besides.

    Null goes to the end of ``type``; without one to the end of ``enum`` (so an enum beside a type still refuses it),
    else of ``anyOf``, else of ``oneOf``.
    """
    demanded = {*node.required, *_required_links(node.links)}
    properties = {
        name: schema if name in demanded or not isinstance(schema, Mapping) else _nullable(schema)
        for name, schema in node.schema["properties"].items()
    }
    return {**node.schema, "properties": properties}


def _required_links(entries: tuple[Link | LinkGroup, ...]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, LinkGroup):
            yield from _required_links(entry.members)
        elif entry.required:
            yield entry.name


def _nullable(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "type" in schema and "null" not in schema["type"]:
        declared = schema["type"]
        return {**schema, "type": [*(declared if isinstance(declared, list) else [declared]), "null"]}
    for keyword, null in (("enum", None), ("anyOf", {"type": "null"}), ("oneOf", {"type": "null"})):
        if keyword in schema and null not in schema[keyword]:
            return {**schema, keyword: [*schema[keyword], null]}
    return schema


@cache
def _format_checker() -> FormatChecker:
    from jsonschema import FormatChecker  # noqa: PLC0415  # as in `_validator`

    return FormatChecker(formats=FORMATS)


class NodeSchema:
    """The schema of one node type, ready to validate its records."""

    def __init__(self, node: Node, edges: frozenset[str]):
        """`edges` are the names of the node's links and of the links of other nodes that lead to it."""
        self._edges = edges
        self._schema = accepting_nulls(node)
        self._properties: Mapping[str, Any] = self._schema["properties"]
        self._by_keys = frozenset(
            keyword
            for keyword in ("required", "additionalProperties")
            if not isinstance(self._schema.get(keyword), Mapping)
        )
        self._by_property: dict[str, Draft4Validator] = {}
        self._plain: dict[str, PlainSchema | None] = {}
        self._good_lists: set[tuple[str, tuple[tuple[str, ...], ...]]] = set()
        self._by_value: dict[tuple[str, type, Any], tuple[EntityError, ...]] = {}
        self._by_shape: dict[tuple[str, frozenset[str]], tuple[EntityError, ...]] = {}
        self._keyword_schemas = {
            keyword: self._keyword_schema(keyword)
            for keyword in self._schema
            if keyword != "properties" and keyword in KEYWORDS
        }
        self._by_keyword: dict[str, Draft4Validator] = {}

    def errors(self, document: Mapping[str, Any]) -> list[EntityError]:
        """Every error of the record, in the order of the schema's keys as jsonschema goes through them."""
        found: list[EntityError] = []
        for keyword in self._schema:
            if keyword == "properties":
                for name in self._properties:
                    if name in document:
                        found += self.value_errors(name, document[name])
            elif keyword in self._by_keys:
                found += self._shape_errors(keyword, document)
            elif keyword in self._keyword_schemas:
                found += self._keyword_errors(keyword, document)
        return found

    def value_errors(self, name: str, value: Any) -> tuple[EntityError, ...]:
        """The errors of one property's value, whatever else the record holds."""
        if name not in self._properties:
            return ()
        if not isinstance(value, str | int | float | None):
            return self._list_errors(name, value)
        key = (name, type(value), value)
        found = self._by_value.get(key)
        if found is None:
            found = self._validate_value(name, value)
            if len(self._by_value) < _REMEMBERED:
                self._by_value[key] = found
        return found

    def shape_errors(self, keys: frozenset[str]) -> tuple[EntityError, ...]:
        """The errors that depend on which keys a record has: required ones missing, unknown ones there."""
        document = dict.fromkeys(keys)
        return tuple(
            error
            for keyword in self._schema
            if keyword in self._by_keys
            for error in self._shape_errors(keyword, document)
        )

    @property
    def depends_on_whole_record(self) -> bool:
        """Whether the schema has keywords (oneOf, dependencies ...) that look at several properties at once."""
        return bool(self._keyword_schemas.keys() - self._by_keys - {"type"})

    def _list_errors(self, name: str, value: Any) -> tuple[EntityError, ...]:
        """The errors of a list, mostly of references; where only their keys play a part, they are looked at once."""
        texts_only = isinstance(value, list) and all(
            isinstance(item, dict) and all(isinstance(text, str) for text in item.values()) for item in value
        )
        shape = (name, tuple(map(tuple, value))) if texts_only else None
        if shape in self._good_lists:
            return ()
        found = self._validate_value(name, value)
        schema = self._properties[name]
        if shape and not found and all(ignores_texts(schema, key) for item in value for key in item):
            self._good_lists.add(shape)
        return found

    def _validate_value(self, name: str, value: Any) -> tuple[EntityError, ...]:
        if name not in self._plain:
            schema = self._properties[name]
            self._plain[name] = PlainSchema(schema) if is_plain(schema) else None
        plain = self._plain[name]
        if plain is not None and isinstance(value, str | int | float | None):
            return tuple(self._plain_error(name, value, *error) for error in plain.errors(value))
        if surely_takes(self._properties[name], value):
            return ()
        if name not in self._by_property:
            self._by_property[name] = self._validator({"properties": {name: self._properties[name]}})
        return tuple(map(self._error, self._by_property[name].iter_errors({name: value})))

    def _shape_errors(self, keyword: str, document: Mapping[str, Any]) -> tuple[EntityError, ...]:
        key = (keyword, frozenset(document))
        found = self._by_shape.get(key)
        if found is None:
            shape = dict.fromkeys(document)  # in order: the values play no part
            found = self._by_shape[key] = self._keyword_errors(keyword, shape)
        return found

    def _keyword_errors(self, keyword: str, document: Mapping[str, Any]) -> tuple[EntityError, ...]:
        schema = self._keyword_schemas[keyword]
        if surely_takes(schema, document):
            return ()
        if keyword not in self._by_keyword:
            self._by_keyword[keyword] = self._validator(schema)
        return tuple(map(self._error, self._by_keyword[keyword].iter_errors(document)))

    def _keyword_schema(self, keyword: str) -> dict[str, Any]:
        part = {keyword: self._schema[keyword]}
        if keyword == "additionalProperties":
            part["properties"] = {name: {} for name in self._properties}
            if "patternProperties" in self._schema:  # changes which names are too much, and the words
                part["patternProperties"] = {pattern: {} for pattern in self._schema["patternProperties"]}
        return part

    @staticmethod
    def _validator(schema: dict[str, Any]) -> Draft4Validator:
        from jsonschema import Draft4Validator  # noqa: PLC0415  # only for what is not surely good: it takes its time

        return Draft4Validator(schema, format_checker=_format_checker())

    def _plain_error(self, name: str, value: Any, keyword: str, words: str, rest: str) -> EntityError:
        schema = self._properties[name]
        detail = {"path": (name,), "value": value, "expected": schema[keyword], "schema": schema}
        return EntityError(words, (name,), error_type(words + rest, (name,), self._edges), keyword, detail, rest)

    def _error(self, error: ValidationError) -> EntityError:
        message = error.message
        keys = (".".join(map(str, error.path)),) if error.path else ()
        if not keys and (missing := _MISSING.match(message)):
            keys = (missing[1],)
        if error.context:
            message += ": " + " and ".join(arm.message for arm in error.context)
        return EntityError(
            message,
            keys,
            error_type(message, keys, self._edges),
            rule=str(error.validator),
            detail={
                "path": tuple(error.path),
                "value": error.instance,
                "expected": error.validator_value,
                "schema": error.schema,
            },
        )


def error_type(message: str, keys: tuple[str, ...], edges: frozenset[str]) -> str:
    """The type of an error that was recorded without one (``UploadEntity.specify_errors``).

    It looks at the words, those quoted from the data too. `edges` are the node's links and those that lead to it.
    """
    if "is not of type" in message:
        return INVALID_VALUE
    if "is a required property" in message:
        return MISSING_PROPERTY
    if keys and keys[0] in edges:
        return INVALID_LINK
    return UNCATEGORIZED
