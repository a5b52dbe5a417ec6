"""References between and inside the documents of a dictionary resolve as Gen3's own loader resolves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dictionary_pieces import node
from dictionaryutils import DataDictionary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen3submit.dictionary import Dictionary


class GensOwn(DataDictionary):
    """Gen3's loader without its last step, which allows null in optional properties: no part of the served form."""

    def allow_nulls(self) -> None:
        pass


def both(documents: dict[str, Any], tmp_path: Path) -> tuple[Any, Any]:
    """The node types of an artifact, read by Gen3's loader and by ours, as JSON texts that show the order of keys."""
    artifact = tmp_path / "artifact.json"
    artifact.write_text(json.dumps(documents))
    theirs = GensOwn(local_file=str(artifact)).schema
    ours = Dictionary.load(artifact)
    names = [name.removesuffix(".yaml") for name in documents if not name.startswith("_")]
    return (
        {name: json.dumps(theirs[name]) for name in names},
        {name: json.dumps(ours[name].schema) for name in names},
    )


# Gen3's loader lays these over every dictionary, so they must be there for it.
NEEDED = {
    "UUID": {"type": "string"},
    "datetime": {"type": "string"},
    "to_one": {"type": "array"},
}


@pytest.mark.parametrize(
    ("definitions", "reference", "expected"),
    [
        ({"a": {"type": "string"}}, {"$ref": "_definitions.yaml#/a"}, {"type": "string"}),
        (
            {"a": {"type": "string", "description": "theirs"}},
            {"description": "own", "$ref": "_definitions.yaml#/a", "minLength": 1},
            {"description": "theirs", "minLength": 1, "type": "string"},
        ),
        (
            {"a": {"type": "string"}, "b": {"type": "integer", "minimum": 1}},
            {"$ref": "_definitions.yaml#/a", "$ref_2": "_definitions.yaml#/b"},
            {"type": "integer", "minimum": 1},
        ),
        ({"x": {"y": {"z": {"type": "null"}}}}, {"$ref": "_definitions.yaml#/x/y/z"}, {"type": "null"}),
        ({"x": [{"type": "null"}]}, {"$ref": "_definitions.yaml#/x/0"}, {"type": "null"}),
        ({"a/b": {"type": "null"}}, {"$ref": "_definitions.yaml#/a~1b"}, {"type": "null"}),
        ({"a b": {"type": "null"}}, {"$ref": "_definitions.yaml#/a%20b"}, {"type": "null"}),
        (
            {"a": {"type": "string"}, "b": {"oneOf": [{"$ref": "#/a"}, {"type": "null"}]}},
            {"$ref": "_definitions.yaml#/b"},
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
        ),
        (
            {"a": {"type": "string"}, "b": {"$ref": "#/a", "maxLength": 3}},
            {"anyOf": [{"$ref": "_definitions.yaml#/b"}, {"$ref": "_definitions.yaml#/a"}]},
            {"anyOf": [{"maxLength": 3, "type": "string"}, {"type": "string"}]},
        ),
        ({}, {"items": {"$ref": "#/properties/type"}}, {"items": {"type": "string"}}),
    ],
    ids=[
        "to another file",
        "the referenced value wins over a sibling key",
        "several references, the later one wins",
        "into a nested path",
        "into a list",
        "a name with a slash",
        "a name with a space",
        "a local reference inside a definition",
        "in a list of references",
        "a local reference inside a node type",
    ],
)
def test_references_resolve_as_in_gen3s_loader(
    tmp_path: Path, definitions: dict[str, Any], reference: dict[str, Any], expected: dict[str, Any]
) -> None:
    documents = {"_definitions.yaml": NEEDED | definitions, "visit.yaml": node("visit", p=reference)}
    theirs, ours = both(documents, tmp_path)
    assert ours == theirs
    assert json.loads(ours["visit"])["properties"]["p"] == expected


def test_a_set_of_properties_comes_after_a_nodes_own_and_wins_over_them(tmp_path: Path) -> None:
    shared = {"type": {"type": "string"}, "state": {"enum": ["open"]}}
    visit = node("visit")
    visit["properties"] = {"type": {"enum": ["visit"]}, "$ref": "_definitions.yaml#/shared", "age": {}}
    theirs, ours = both({"_definitions.yaml": NEEDED | {"shared": shared}, "visit.yaml": visit}, tmp_path)
    assert ours == theirs
    properties = json.loads(ours["visit"])["properties"]
    assert list(properties) == ["type", "age", "state"]
    assert properties["type"] == {"type": "string"}


def test_a_list_of_references_is_laid_over_one_by_one() -> None:
    documents = {
        "_definitions.yaml": {"a": {"type": "string", "minLength": 1}, "b": {"type": "integer"}},
        "visit.yaml": node("visit", p={"$ref": ["_definitions.yaml#/a", "_definitions.yaml#/b"]}),
    }
    visit = Dictionary.load(documents)["visit"]
    assert visit.properties["p"].schema == {"type": "integer", "minLength": 1}


def test_a_chain_of_local_references_is_followed_to_its_end() -> None:
    documents = {
        "_definitions.yaml": {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"type": "integer"}},
        "visit.yaml": node("visit", p={"$ref": "_definitions.yaml#/a"}),
    }
    assert Dictionary.load(documents)["visit"].properties["p"].schema == {"type": "integer"}


def test_one_node_type_may_refer_to_another() -> None:
    documents = {
        "visit.yaml": node("visit", p={"$ref": "sample.yaml#/properties/volume"}),
        "sample.yaml": node("sample", volume={"type": "number"}),
    }
    assert Dictionary.load(documents)["visit"].properties["p"].schema == {"type": "number"}


def test_what_the_served_form_still_refers_to_is_resolved() -> None:
    served = {
        "_definitions": {"a": {"$ref": "_terms.yaml#/t"}},
        "_terms": {"t": {"description": "words"}},
        "visit": node("visit", p={"$ref": "_definitions.yaml#/a"}),
    }
    dictionary = Dictionary.load(served)
    assert dictionary["visit"].properties["p"].description == "words"
    assert dictionary.served()["_definitions"] == {"a": {"description": "words"}}


@pytest.mark.parametrize("broken", [{"$ref": "#/nowhere"}, {"$ref": "#/unused"}, {"x": [{"$ref": "no.yaml#/x"}]}])
def test_a_broken_definition_that_no_node_type_uses_is_left_alone(broken: dict[str, Any]) -> None:
    documents = {"_definitions.yaml": {"unused": broken, "a": {"type": "null"}}, "visit.yaml": node("visit")}
    served = Dictionary.load(documents).served()
    assert served["_definitions"] == {"unused": broken, "a": {"type": "null"}}


SCALARS = st.sampled_from(["string", "integer", 1, True, None])
KEYS = st.sampled_from(["title", "description", "default", "term", "note"])


@st.composite
def artifacts(draw: st.DrawFn) -> dict[str, Any]:
    """Definitions that refer to those before them, and node types that refer to any, siblings beside the references."""
    names: list[str] = []

    def piece(depth: int) -> dict[str, Any]:
        value: dict[str, Any] = dict(draw(st.lists(st.tuples(KEYS, SCALARS), max_size=3)))
        if names and draw(st.booleans()):
            # By file, since Gen3's loader leaves the second of two local references that follow each other.
            value["$ref"] = f"_definitions.yaml#/{draw(st.sampled_from(names))}"
        if depth and draw(st.booleans()):
            value["term"] = piece(depth - 1)
        if depth and draw(st.booleans()):
            value["extra"] = [piece(depth - 1) for _ in range(draw(st.integers(0, 2)))]
        after = dict(draw(st.lists(st.tuples(KEYS, SCALARS), max_size=2)))
        return value | after

    definitions: dict[str, Any] = dict(NEEDED)
    for number in range(draw(st.integers(1, 4))):
        definitions[f"d{number}"] = piece(2)
        names.append(f"d{number}")
    properties = {f"p{n}": {"extra": piece(2)} for n in range(draw(st.integers(1, 3)))}
    return {"_definitions.yaml": definitions, "visit.yaml": node("visit", **properties)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=artifacts())
def test_any_tangle_of_references_resolves_as_in_gen3s_loader(tmp_path: Path, documents: dict[str, Any]) -> None:
    theirs, ours = both(documents, tmp_path)
    assert ours == theirs
