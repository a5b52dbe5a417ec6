"""A dictionary that cannot be used is refused with a sentence that names the file and the place in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from dictionary_pieces import link, node, write_folder

from gen3submit.dictionary import Dictionary, DictionaryError


def message_for(folder: Path, documents: dict[str, Any]) -> str:
    """What loading these documents from a folder says."""
    with pytest.raises(DictionaryError) as caught:
        Dictionary.load(write_folder(folder, documents))
    return str(caught.value)


def referring(reference: Any) -> dict[str, Any]:
    return {"visit.yaml": node("visit", p={"$ref": reference})}


@pytest.mark.parametrize(
    ("reference", "missing"),
    [
        ("_definitions.yaml#/nowhere", "`_definitions.yaml` has no `nowhere`"),
        ("_definitions.yaml#/a/b/c", "`_definitions.yaml` has no `a/b`"),
        ("_definitions.yaml#/list/7", "`_definitions.yaml` has no `list/7`"),
        ("_terms.yaml#/a", "there is no `_terms.yaml`"),
        ("#/properties/nowhere", "`visit.yaml` has no `properties/nowhere`"),
        ("_definitions.yaml", "has no `#`"),
        ("_definitions.yaml#/text", "`_definitions.yaml#/text` is no mapping"),
        ("_definitions.yaml#/list", "`_definitions.yaml#/list` is no mapping"),
    ],
)
def test_a_dangling_reference_names_the_file_the_path_and_what_is_missing(
    tmp_path: Path, reference: str, missing: str
) -> None:
    definitions = {"_definitions.yaml": {"a": {"type": "string"}, "text": "words", "list": [{}]}}
    message = message_for(tmp_path, definitions | referring(reference))
    assert message.startswith(f"{tmp_path / 'visit.yaml'}: `properties.p.$ref` refers to `{reference}`")
    assert missing in message


def test_a_dangling_reference_inside_a_definition_names_that_file(tmp_path: Path) -> None:
    definitions = {"_definitions.yaml": {"a": {"term": {"$ref": "_terms.yaml#/a"}}}}
    message = message_for(tmp_path, definitions | referring("_definitions.yaml#/a"))
    assert message.startswith(f"{tmp_path / '_definitions.yaml'}: `a.term.$ref` refers to `_terms.yaml#/a`")


def test_a_dangling_reference_in_one_file_of_all_is_told_with_that_file() -> None:
    with pytest.raises(DictionaryError, match=r"^the dictionary in memory: `properties\.p\.\$ref`"):
        Dictionary.load(referring("_terms.yaml#/a"))


@pytest.mark.parametrize("reference", [7, None, [], [["_definitions.yaml#/a"]], {"a": 1}])
def test_a_reference_that_is_no_text_is_refused(tmp_path: Path, reference: Any) -> None:
    assert "`properties.p.$ref` is no reference" in message_for(tmp_path, referring(reference))


@pytest.mark.parametrize(
    ("definitions", "cycle"),
    [
        ({"a": {"$ref": "#/a"}}, ["a", "a"]),
        ({"a": {"x": {"$ref": "#/b"}}, "b": {"y": [{"$ref": "#/a"}]}}, ["a", "b", "a"]),
        ({"a": {"$ref": "_definitions.yaml#/b"}, "b": {"x": {"y": {"$ref": "#/a"}}}}, ["a", "b", "a"]),
    ],
)
def test_a_cycle_of_references_names_its_members(tmp_path: Path, definitions: dict[str, Any], cycle: list[str]) -> None:
    message = message_for(tmp_path, {"_definitions.yaml": definitions} | referring("_definitions.yaml#/a"))
    assert message.startswith(f"{tmp_path / '_definitions.yaml'}: ")
    assert " → ".join(f"`_definitions.yaml#/{name}`" for name in cycle) in message


def test_a_link_to_a_node_type_that_is_not_there_names_file_link_and_target(tmp_path: Path) -> None:
    documents = {"visit.yaml": node("visit", [link("subject")])}
    message = message_for(tmp_path, documents)
    assert message.startswith(f"{tmp_path / 'visit.yaml'}: the link `visit.links.subjects` leads to `subject`")


def test_a_link_to_nowhere_inside_nested_groups_is_found(tmp_path: Path) -> None:
    inner = {"exclusive": False, "required": False, "subgroup": [link("nowhere")]}
    group = {"exclusive": True, "required": True, "subgroup": [link("visit"), inner]}
    assert "leads to `nowhere`" in message_for(tmp_path, {"visit.yaml": node("visit", [group])})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: visit\nproperties: [1, 2\nlinks: []\n", "visit.yaml:3: invalid YAML"),
        ("id: visit\n\tproperties: {}\n", "visit.yaml:2: invalid YAML"),
        ("- a\n- b\n", "`visit` is no node type"),
        ("", "`visit` is no node type"),
        ("id: visit\n", "`visit` is no node type"),
        ("id: visit\nproperties:\n  when: !!binary aGVsbG8=\n", "visit.yaml:3: invalid YAML"),
        ("id: visit\nproperties: !!python/object/apply:os.getcwd []\n", "visit.yaml:2: invalid YAML"),
    ],
)
def test_a_file_that_holds_no_node_type_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in message_for(tmp_path, {"visit.yaml": text})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"properties": {"p": None}}, "visit.properties.p"),
        ({"properties": {"p": {"type": "text"}}}, "visit.properties.p.type"),
        ({"properties": {"p": {"type": [["string"]]}}}, "visit.properties.p.type"),
        ({"properties": {"p": {"enum": "a"}}}, "visit.properties.p.enum"),
        ({"properties": {"p": {"pattern": "["}}}, "visit.properties.p.pattern"),
        ({"properties": {"p": {"pattern": 3}}}, "visit.properties.p.pattern"),
        ({"properties": {"p": {"minimum": "3"}}}, "visit.properties.p.minimum"),
        ({"properties": {"p": {"oneOf": {}}}}, "visit.properties.p.oneOf"),
        ({"properties": {"p": {"anyOf": [{"type": "x"}]}}}, "visit.properties.p.anyOf[0].type"),
        ({"properties": {"p": {"items": {"pattern": "("}}}}, "visit.properties.p.items.pattern"),
        ({"properties": {"p": {"items": [{}, 1]}}}, "visit.properties.p.items[1]"),
        ({"properties": {"p": {"not": 1}}}, "visit.properties.p.not"),
        ({"properties": {"p": {"properties": []}}}, "visit.properties.p.properties"),
        ({"properties": {"p": {"properties": {"q": 1}}}}, "visit.properties.p.properties.q"),
        ({"required": "type"}, "visit.required"),
        ({"required": [1]}, "visit.required"),
        ({"systemProperties": {}}, "visit.systemProperties"),
        ({"uniqueKeys": ["id"]}, "visit.uniqueKeys"),
        ({"uniqueKeys": 3}, "visit.uniqueKeys"),
        ({"links": {"visits": 1}}, "visit.links"),
        ({"links": [3]}, "visit.links[0]"),
        ({"links": [{"name": "visits"}]}, "visit.links[0]"),
        ({"links": [{"subgroup": [{"subgroup": [{}]}]}]}, "visit.links[0].subgroup[0].subgroup[0]"),
        ({"links": [link("visit", "many_to_some")]}, "visit.links[0].multiplicity"),
        ({"id": "../visit"}, "visit.id"),
        ({"id": "a b"}, "visit.id"),
        ({"id": 3}, "visit.id"),
    ],
)
def test_a_schema_on_which_later_work_would_break_is_refused_with_its_path(
    tmp_path: Path, change: dict[str, Any], path: str
) -> None:
    message = message_for(tmp_path, {"visit.yaml": node("visit") | change})
    assert message.startswith(f"{tmp_path / 'visit.yaml'}: `{path}` ")


def test_a_node_type_defined_in_two_files_is_refused(tmp_path: Path) -> None:
    message = message_for(tmp_path, {"a.yaml": node("visit"), "b.yaml": node("visit")})
    assert str(tmp_path / "a.yaml") in message
    assert message.startswith(str(tmp_path / "b.yaml"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "not a list"),
        ({}, "no node type"),
        ({"_definitions": {}}, "no node type"),
        (node("visit"), "one node type alone"),
        ({"a": node("a"), "b": 3}, "`b` is no node type"),
    ],
)
def test_a_value_that_is_no_dictionary_is_refused(tmp_path: Path, value: Any, expected: str) -> None:
    write_folder(tmp_path, {"dictionary.json": value})
    with pytest.raises(DictionaryError, match=expected):
        Dictionary.load(tmp_path / "dictionary.json")


@pytest.mark.parametrize("value", [{1: node("a")}, {"a": node("a", p={"default": {1, 2}})}])
def test_a_value_in_memory_that_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(DictionaryError, match="in memory"):
        Dictionary.load(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"a": ' * 50_000),
        ("a.json", '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("a.yaml", "a: " + "[" * 100_000),
        ("a.yaml", "a: " + "{b: " * 100_000),
        ("a.yaml", "a: &a\n  properties: *a\n"),
    ],
    ids=["JSON mappings", "JSON lists", "YAML lists", "YAML mappings", "a YAML alias of itself"],
)
def test_endless_nesting_is_refused_and_does_not_crash(tmp_path: Path, name: str, text: str) -> None:
    write_folder(tmp_path, {name: text})
    with pytest.raises(DictionaryError, match="nested too deeply"):
        Dictionary.load(tmp_path / name)


def test_references_that_multiply_without_bound_are_refused_soon() -> None:
    definitions: dict[str, Any] = {"d0": {"type": "string"}}
    for n in range(1, 30):
        definitions[f"d{n}"] = {"oneOf": [{"$ref": f"#/d{n - 1}"} for _ in range(10)]}
    began = time.monotonic()
    with pytest.raises(DictionaryError, match="unfold to more than"):
        Dictionary.load({"_definitions.yaml": definitions} | referring("_definitions.yaml#/d29"))
    assert time.monotonic() - began < 20
