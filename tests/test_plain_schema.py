"""Schemas judged directly say what jsonschema says, in its words; link schemas that ignore texts do."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from gen3submit.rules.link_schema import ignores_texts
from gen3submit.rules.plain_schema import PlainSchema, is_plain

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
