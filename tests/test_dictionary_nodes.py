"""A node type tells its properties, keys and links as the dictionary says them."""

from __future__ import annotations

import pytest
from dictionary_pieces import link, node

from gen3submit.dictionary import Dictionary, Link, LinkGroup, Node

SCHEMA = node(
    "image",
    [
        link("project", required=True),
        {
            "exclusive": True,
            "required": True,
            "subgroup": [
                link("sample"),
                {"exclusive": False, "required": False, "subgroup": [link("subject"), link("visit", "one_to_one")]},
            ],
        },
    ],
    projects={"type": "array"},
    samples={"type": "array"},
    age={"type": ["integer", "null"]},
    stage={"enum": ["I", "II"], "term": {"description": " how far \n"}},
    note={"type": "string", "description": "free text"},
)


@pytest.fixture
def image() -> Node:
    others = {name: node(name) for name in ("project", "sample", "subject", "visit")}
    return Dictionary.load({"image": SCHEMA, **others})["image"]


def test_links_are_a_tree_of_links_and_groups(image: Node) -> None:
    project, group = image.links
    assert project == Link("projects", "project", "many_to_one", True, "children", "child_of")
    assert isinstance(group, LinkGroup)
    assert (group.required, group.exclusive) == (True, True)
    sample, inner = group.members
    assert isinstance(sample, Link)
    assert isinstance(inner, LinkGroup)
    assert (inner.required, inner.exclusive) == (False, False)
    assert [member.name for member in group.links()] == ["samples", "subjects", "visits"]


def test_links_are_found_by_name_wherever_they_stand(image: Node) -> None:
    assert list(image.links_by_name) == ["projects", "samples", "subjects", "visits"]
    assert image.links_by_name["visits"].multiplicity == "one_to_one"


def test_properties_are_told_without_the_links(image: Node) -> None:
    assert list(image.properties) == ["type", "submitter_id", "project_id", "age", "stage", "note"]
    assert image.properties["submitter_id"].required
    assert not image.properties["age"].required


def test_a_property_tells_its_types_values_and_description(image: Node) -> None:
    age, stage, note = (image.properties[name] for name in ("age", "stage", "note"))
    assert (age.types, age.enum, age.description) == (("integer", "null"), (), "")
    assert (stage.types, stage.enum, stage.description) == ((), ("I", "II"), "how far")
    assert (note.types, note.description) == (("string",), "free text")


def test_the_keys_beside_the_id_identify_a_record(image: Node) -> None:
    assert image.unique_keys == (("project_id", "submitter_id"),)
    assert image.system_properties == {"id"}
    assert image.is_submittable


@pytest.mark.parametrize(("category", "expected"), [("data_file", True), ("index_file", True), ("data", False)])
def test_file_nodes_are_told_by_their_category(category: str, expected: bool) -> None:
    served = {"image": node("image") | {"category": category}}
    assert Dictionary.load(served)["image"].is_file is expected


def test_a_type_without_project_is_not_submittable() -> None:
    program = node("program")
    del program["properties"]["project_id"]
    assert not Dictionary.load({"program": program})["program"].is_submittable


def test_a_dictionary_is_a_mapping_of_its_node_types(image: Node) -> None:
    dictionary = Dictionary.load({"b": node("b"), "a": node("a")})
    assert list(dictionary) == ["b", "a"]
    assert len(dictionary) == 2
    assert "a" in dictionary
    assert "c" not in dictionary
    assert dictionary.get("c") is None
    with pytest.raises(KeyError):
        dictionary["c"]
