"""Schemas judged without jsonschema say what it says, in its words; link schemas that ignore texts do."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from gen3submit.rules.keywords import KEYWORDS
from gen3submit.rules.link_schema import ignores_texts
from gen3submit.rules.plain_schema import TYPES as KNOWN_TYPES
from gen3submit.rules.plain_schema import PlainSchema, has_type, is_plain
from gen3submit.rules.sure_schema import surely_takes

TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
DECLARED = st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3)
ALLOWED = st.lists(st.none() | st.text(max_size=2) | st.sampled_from(["'", "a"]), min_size=1, max_size=4)
SCHEMAS = st.fixed_dictionaries({}, optional={"type": DECLARED, "enum": ALLOWED, "description": st.just("words")})


@given(SCHEMAS, VALUES)
def test_a_plain_schema_finds_the_errors_of_jsonschema_in_its_words_and_order(schema: Any, value: Any) -> None:
    assert is_plain(schema)
    expected = [(error.validator, error.message) for error in Draft4Validator(schema).iter_errors(value)]
    assert [(keyword, words + rest) for keyword, words, rest in PlainSchema(schema).errors(value)] == expected


def test_a_schema_with_any_other_keyword_is_not_plain() -> None:
    for more in ({"pattern": "a"}, {"minimum": 0}, {"oneOf": [{}]}, {"enum": [1]}, {"type": "any"}):
        assert not is_plain({"type": "string", **more})


def to_parents(text_schema: Any, **more: Any) -> Any:
    item = {"type": "object", "additionalProperties": True, "properties": {"submitter_id": text_schema}}
    return {"anyOf": [{"type": "array", "items": item, "minItems": 1, "maxItems": 1, **more}, item]}


def test_a_link_schema_that_only_counts_references_ignores_their_texts() -> None:
    assert ignores_texts(to_parents({"type": "string", "description": "a name"}), "submitter_id")
    assert ignores_texts(to_parents({"type": ["string", "null"]}), "submitter_id")


def test_a_link_schema_that_looks_at_a_text_or_compares_texts_does_not_ignore_them() -> None:
    for text_schema in ({"pattern": "^[a-f]+$"}, {"enum": ["a"]}, {"maxLength": 3}, {"format": "uuid"}):
        assert not ignores_texts(to_parents(text_schema), "submitter_id")
        assert ignores_texts(to_parents(text_schema), "id")
    assert not ignores_texts(to_parents({"type": "string"}, uniqueItems=True), "submitter_id")
    assert not ignores_texts({"items": {"additionalProperties": {"pattern": "a"}}}, "submitter_id")
    assert not ignores_texts({"items": {"patternProperties": {"s.*": {"pattern": "a"}}}}, "submitter_id")


def test_the_keywords_that_count_are_those_of_jsonschema() -> None:
    assert frozenset(Draft4Validator.VALIDATORS) == KEYWORDS


ANY_VALUES = st.recursive(
    VALUES | st.sampled_from(["a", "b", 0, 1, 1.0, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "id"]), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(KNOWN_TYPES)), ANY_VALUES)
def test_a_value_has_the_types_that_jsonschema_gives_it(type_: str, value: Any) -> None:
    assert has_type(value, type_) is Draft4Validator.TYPE_CHECKER.is_type(value, type_)


SMALL = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b", "id"])


def any_schemas() -> st.SearchStrategy[Any]:
    """Schemas of the usual kind, with keywords between them of which nothing is known quickly."""
    leaves = SCHEMAS | st.just({})

    def outer(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(inner, min_size=1, max_size=2)
        return st.fixed_dictionaries(
            {},
            optional={
                "type": DECLARED,
                "enum": st.lists(ANY_VALUES, min_size=1, max_size=3),
                "required": st.lists(NAMES, max_size=2),
                "properties": st.dictionaries(NAMES, inner, max_size=2),
                "additionalProperties": st.booleans() | inner,
                "items": inner | several,
                "anyOf": several,
                "oneOf": several,
                "not": inner,
                "minItems": SMALL,
                "maxItems": SMALL,
                "maxLength": SMALL,
                "minimum": SMALL,
                "patternProperties": st.dictionaries(NAMES, inner, max_size=1),
                "term": st.just("a"),
            },
        )

    return st.recursive(leaves, outer, max_leaves=4)


@settings(max_examples=500)
@given(any_schemas(), ANY_VALUES)
def test_what_is_surely_taken_is_valid_for_jsonschema(schema: Any, value: Any) -> None:
    if surely_takes(schema, value):
        assert Draft4Validator(schema).is_valid(value)


def test_usual_links_and_keys_are_surely_taken() -> None:
    schema = to_parents({"type": "string"})
    assert surely_takes(schema, [{"submitter_id": "C-1"}])
    assert surely_takes(schema, {"submitter_id": "C-1"})
    keys = {"required": ["type"], "additionalProperties": False, "properties": {"type": {}, "cases": {}}}
    assert surely_takes(keys, {"type": None, "cases": None})
    assert not surely_takes(keys, {"cases": None})
    assert not surely_takes(keys, {"type": None, "other": None})


def test_of_odd_schemas_nothing_is_sure() -> None:
    odd: list[Any] = [
        True,
        None,
        {"type": [{}]},
        {"type": "any"},
        {"enum": "abc"},
        {"required": True},
        {"properties": []},
        {"properties": None, "additionalProperties": False},
        {"anyOf": {}},
        {"$ref": "#"},
    ]
    assert not any(surely_takes(schema, {"a": "b"}) for schema in odd)
    assert not surely_takes({"enum": "abc"}, "a")
    assert not surely_takes({"minItems": "1"}, [1])
    assert not surely_takes({"items": [{}]}, [1])
