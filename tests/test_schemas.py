"""The practice dictionary is one that Gen3 takes, and shows every feature of the format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from dictionaryutils import DataDictionary

import gen3submit.dictionary as dictionary_package
from gen3submit.dictionary import Dictionary, Link, LinkGroup, practice_dictionary_folder


class GensOwn(DataDictionary):
    """Gen3's loader without its last step, which allows null in optional properties: no part of the served form."""

    def allow_nulls(self) -> None:
        pass


@pytest.fixture(scope="module")
def folder() -> Path:
    return practice_dictionary_folder()


@pytest.fixture(scope="module")
def ours(folder: Path) -> Dictionary:
    return Dictionary.load(folder)


@pytest.fixture(scope="module")
def gens_own(folder: Path) -> DataDictionary:
    return GensOwn(root_dir=str(folder))


def schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema inside it."""
    yield schema
    for key in ("oneOf", "anyOf"):
        for arm in schema.get(key, []):
            yield from schemas(arm)
    if "items" in schema:
        yield from schemas(schema["items"])


def all_links(dictionary: Dictionary) -> list[Link]:
    return [link for node in dictionary.values() for link in node.links_by_name.values()]


def groups(members: tuple[Link | LinkGroup, ...]) -> Iterator[LinkGroup]:
    for member in members:
        if isinstance(member, LinkGroup):
            yield member
            yield from groups(member.members)


def test_both_loaders_read_the_same_node_types_in_the_same_order_of_keys(
    ours: Dictionary, gens_own: DataDictionary
) -> None:
    theirs = {name: json.dumps(schema) for name, schema in gens_own.schema.items()}
    assert {name: json.dumps(node.schema) for name, node in ours.items()} == theirs


def test_gen3s_loader_takes_the_folder_with_its_last_step_too(folder: Path, ours: Dictionary) -> None:
    assert set(DataDictionary(root_dir=str(folder)).schema) == set(ours)


def test_each_node_type_fits_gen3s_schema_of_schemas(ours: Dictionary, gens_own: DataDictionary) -> None:
    for node in ours.values():
        if node.category != "internal":  # those two are Gen3's own
            jsonschema.validate(node.schema, gens_own.metaschema)


def test_the_file_of_a_node_type_is_called_like_it(folder: Path) -> None:
    for path in folder.glob("[!_]*.yaml"):
        assert yaml.safe_load(path.read_text())["id"] == path.stem


def test_it_describes_a_study_from_program_to_data_files(ours: Dictionary) -> None:
    expected = {
        "program",
        "project",
        "core_metadata_collection",
        "study",
        "subject",
        "demographic",
        "diagnosis",
        "follow_up",
        "sample",
        "aliquot",
        "read_group",
    }
    files = {name for name, node in ours.items() if node.is_file}
    assert len(files) >= 2
    assert set(ours) == expected | files | {"root", "data_release"}
    for name in files:
        wanted = {"object_id", "md5sum", "file_size", "file_name", "file_state", "data_format", "data_type"}
        assert wanted <= ours[name].properties.keys()


def test_node_types_follow_the_conventions_of_gen3(ours: Dictionary) -> None:
    for node in ours.values():
        if node.category == "internal":
            continue
        assert {"namespace", "program", "project", "validators", "submittable", "title"} <= node.schema.keys()
        assert node.schema["validators"] is None
        assert node.schema["additionalProperties"] is False
        assert node.description
        assert set(node.required) <= node.schema["properties"].keys()
        assert node.system_properties <= node.properties.keys()
        for link in node.links_by_name.values():
            assert {"anyOf"} <= node.schema["properties"][link.name].keys()
            assert link.backref
            assert link.label
        if node.is_submittable:
            assert node.schema["uniqueKeys"] == [["id"], ["project_id", "submitter_id"]]


def test_names_of_links_and_backrefs_never_meet_at_a_node_type(ours: Dictionary) -> None:
    """The server gives a node type an attribute for each of its links and for each link that leads to it."""
    for node in ours.values():
        names = [*node.properties, *node.links_by_name]
        names += [link.backref for link in all_links(ours) if link.target == node.id]
        assert len(names) == len(set(names))


def test_every_property_that_is_not_shared_by_all_tells_what_it_is(ours: Dictionary) -> None:
    shared = {"type", "id", "species"}
    told = {
        f"{node.id}.{name}": bool(prop.description)
        for node in ours.values()
        for name, prop in node.properties.items()
        if node.category != "internal" and name not in node.system_properties | shared
    }
    assert [name for name, is_told in told.items() if not is_told] == []


def test_every_feature_of_the_format_is_there(ours: Dictionary) -> None:
    found = [
        schema
        for node in ours.values()
        if node.category != "internal"
        for prop in node.properties.values()
        for schema in schemas(prop.schema)
    ]
    keywords = {key for schema in found for key in schema}
    assert {
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "minLength",
        "maxLength",
        "format",
        "oneOf",
        "anyOf",
        "items",
        "default",
        "term",
        "description",
    } <= keywords
    types = {json.dumps(schema["type"]) for schema in found if "type" in schema}
    assert {'"string"', '"integer"', '"number"', '"boolean"', '"array"', '"null"'} <= types
    assert {'["integer", "null"]', '["number", "null"]'} <= types
    items = {schema["items"].get("type", "enum") for schema in found if "items" in schema}
    assert items == {"string", "integer", "number", "boolean", "enum"}
    assert {"date-time", "email", "uri"} <= {schema.get("format") for schema in found}
    patterns = [schema["pattern"] for schema in found if "pattern" in schema]
    assert any(pattern.startswith("^") for pattern in patterns)
    assert any(not pattern.startswith("^") for pattern in patterns)


def test_every_kind_of_link_is_there(ours: Dictionary) -> None:
    links = all_links(ours)
    assert {link.multiplicity for link in links} == {"many_to_one", "one_to_one", "one_to_many", "many_to_many"}
    assert {link.required for link in links} == {True, False}
    # One required link that the schema's `required` does not name, so that only the link itself asks for it.
    assert any(
        link.required and link.name not in node.required
        for node in ours.values()
        for link in node.links_by_name.values()
    )
    found = [group for node in ours.values() for group in groups(node.links)]
    assert {(group.required, group.exclusive) for group in found} >= {(True, False), (False, True), (True, True)}
    assert any(isinstance(member, LinkGroup) for group in found for member in group.members)


def test_system_properties_have_defaults(ours: Dictionary) -> None:
    assert ours["sample"].properties["state"].schema["default"] == "validated"
    assert ours["imaging_file"].properties["file_state"].schema["default"] == "registered"
    assert {"state", "file_state"} <= ours["imaging_file"].system_properties


def test_definitions_and_terms_are_shared_and_all_used(folder: Path) -> None:
    texts = {path.name: path.read_text() for path in folder.glob("*.yaml")}
    everything = "".join(texts.values())
    for document in ("_definitions.yaml", "_terms.yaml"):
        for name in yaml.safe_load(texts[document]):
            local = document == "_definitions.yaml" and f'"#/{name}"' in texts[document]
            assert name == "id" or local or f'"{document}#/{name}"' in everything, f"{document}#/{name}"


def test_the_dictionary_tells_its_version(ours: Dictionary, folder: Path) -> None:
    assert ours.version == yaml.safe_load((folder / "_settings.yaml").read_text())["_dict_version"]


def test_an_installed_package_brings_the_practice_dictionary_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "gen3submit" / "_practice_schemas"
    installed.mkdir(parents=True)
    monkeypatch.setattr(dictionary_package, "__file__", str(tmp_path / "gen3submit/dictionary/__init__.py"))
    assert practice_dictionary_folder() == installed
    installed.rmdir()
    assert practice_dictionary_folder() == tmp_path / "schemas"
