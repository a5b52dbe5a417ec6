"""Dictionaries that are not like most: the rules do what the server's code does with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clinic import PROJECT, link, node, served

from gen3submit import Dictionary
from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.schema import NodeSchema, accepting_nulls
from gen3submit.rules.store import Record
from gen3submit.rules.submission import Answer, Submissions
from gen3submit.rules.transaction import Ending

NONE_FITS = "'b' is not valid under any of the given schemas"


class Commons:
    """An empty commons with these node types besides those of every one."""

    def __init__(self, *nodes: dict[str, Any]):
        form = {name: schema for name, schema in served().items() if name in ("program", "project", "case")}
        self.dictionary = Dictionary.load({**form, **{schema["id"]: schema for schema in nodes}})
        self.store = MemoryStore()
        self.store.put(Record(project_record_id("X"), "project", {"code": "X", "name": "X"}))
        self._submissions = Submissions(self.dictionary.nodes)
        self.put("type\tsubmitter_id\tprojects.code\ncase\tC-1\tX\ncase\tC-2\tX\n")

    def answer(self, body: str | list[Any], *, project: str = PROJECT) -> Answer:
        json_ = isinstance(body, list)
        return self._submissions.submit(
            (json.dumps(body) if json_ else str(body)).encode(),
            "application/json" if json_ else "text/tsv",
            store=self.store,
            project_id=project,
            now="2024-01-01T00:00:00Z",
        )

    def put(self, body: str | list[Any], *, project: str = PROJECT) -> Answer:
        answer = self.answer(body, project=project)
        assert answer.status == 200, answer.json(1)
        return answer

    def errors(self, body: str | list[Any]) -> list[tuple[str, list[str], str]]:
        found = self.answer(body).json(1)["entities"]
        return [(error["type"], error["keys"], error["message"]) for entity in found for error in entity["errors"]]

    def record(self, type_: str, submitter_id: str) -> Record:
        (found,) = self.store.find(type_, {"project_id": PROJECT, "submitter_id": submitter_id})
        return found


@pytest.mark.parametrize(
    ("schema", "text", "words"),
    [
        ({"enum": [1, 2]}, "1", "'1' is not one of [1, 2, None]"),
        ({"type": "integer", "enum": [1, 2]}, "3", "3 is not one of [1, 2]"),
        ({"type": ["null", "integer"]}, "5", "'5' is not of type 'null', 'integer'"),
        ({"type": "string", "minLength": 2}, "a", "'a' is too short"),
        ({"type": "string", "not": {"enum": ["x"]}}, "x", "'x' should not be valid under {'enum': ['x']}"),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, "1", "[1.0] is too short"),
        ({"type": "array", "uniqueItems": True, "items": {"enum": ["a"]}}, "a,a", "['a', 'a'] has non-unique elements"),
        ({"type": "number", "multipleOf": 5}, "7", "7 is not a multiple of 5"),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            "0",
            "0 is less than or equal to the minimum of 0",
        ),
        (
            {"oneOf": [{"type": "string"}, {"enum": ["a"]}]},
            "a",
            "'a' is valid under each of {'enum': ['a']}, {'type': 'string'}",
        ),
        (
            {"anyOf": [{"oneOf": [{"enum": ["a"]}, {"type": "integer"}]}, {"type": "number"}]},
            "b",
            f"{NONE_FITS}: {NONE_FITS} and 'b' is not of type 'number' and 'b' is not of type 'null'",
        ),
        ({"format": "ipv4"}, "1.2.3", "'1.2.3' is not a 'ipv4'"),
        ({"format": "date"}, "2024-5-1", "'2024-5-1' is not a 'date'"),
        ({"format": "uuid"}, "x", "'x' is not a 'uuid'"),
    ],
)
def test_any_keyword_of_a_schema_is_checked_in_the_words_of_the_server(
    schema: dict[str, Any], text: str, words: str
) -> None:
    commons = Commons(node("thing", text=schema))
    ((_, keys, said),) = commons.errors(f"type\tsubmitter_id\ttext\nthing\tT\t{text}\n")
    assert (keys, said) == (["text"], words)


@pytest.mark.parametrize(
    "schema", [{"format": "uri"}, {"format": "hostname"}, {"format": "color"}, {"pattern": "b"}, {}]
)
def test_formats_that_the_server_does_not_know_allow_everything(schema: dict[str, Any]) -> None:
    Commons(node("thing", text={"type": "string", **schema})).put("type\tsubmitter_id\ttext\nthing\tT\ta b\n")


@pytest.mark.parametrize(
    ("schema", "extended"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": ["string"]}, {"type": ["string", "null"]}),
        ({"type": ["null", "string"]}, {"type": ["null", "string"]}),
        ({"type": "string", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a"]}),
        ({"type": ["string", "null"], "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"enum": ["a"]}, {"enum": ["a", None]}),
        ({"enum": ["a", None]}, {"enum": ["a", None]}),
        ({"anyOf": [{"type": "null"}]}, {"anyOf": [{"type": "null"}]}),
        ({"anyOf": []}, {"anyOf": [{"type": "null"}]}),
        ({"oneOf": [{"enum": [1]}]}, {"oneOf": [{"enum": [1]}, {"type": "null"}]}),
        ({"enum": ["a", None], "oneOf": []}, {"enum": ["a", None], "oneOf": [{"type": "null"}]}),
        ({}, {}),
    ],
)
def test_null_is_allowed_where_the_server_puts_it(schema: dict[str, Any], extended: dict[str, Any]) -> None:
    made = Commons(node("thing", text=schema)).dictionary["thing"]
    assert accepting_nulls(made)["properties"]["text"] == extended
    demanded = Commons(node("thing", required=("submitter_id", "text"), text=schema)).dictionary["thing"]
    assert accepting_nulls(demanded)["properties"]["text"] == schema


def test_a_link_takes_null_only_where_no_link_of_its_name_is_required() -> None:
    links = [link("cases", "case", required=True), {"subgroup": [link("others", "case")], "required": True}]
    made = accepting_nulls(Commons(node("thing", *links)).dictionary["thing"])["properties"]
    assert {"type": "null"} not in made["cases"]["anyOf"]
    assert {"type": "null"} in made["others"]["anyOf"]


def test_a_schema_that_allows_other_properties_does_not_make_them_ones() -> None:
    thing = {**node("thing"), "additionalProperties": True}
    found = Commons(thing).errors("type\tsubmitter_id\tmore\nthing\tT\tx\n")
    assert found == [("INVALID_PROPERTY", ["more"], "Key 'more' is not a valid property for type 'thing'.")]


def test_patterns_of_names_allow_columns_in_the_schema() -> None:
    thing = {**node("thing"), "patternProperties": {"^x_": {"type": "string", "maxLength": 1}}}
    commons = Commons(thing)
    words = {message for _, _, message in commons.errors("type\tsubmitter_id\tx_a\ty_a\nthing\tT\tab\tb\n")}
    assert words == {"'y_a' does not match any of the regexes: '^x_'", "'ab' is too long"}
    assert commons.errors("type\tsubmitter_id\tx_a\nthing\tT\ta\n")[0][0] == "INVALID_PROPERTY"


def test_keywords_about_several_properties_are_checked_on_the_whole_record() -> None:
    thing = {
        **node("thing", a={"type": "string"}, b={"type": "string"}),
        "dependencies": {"a": ["b"]},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        "maxProperties": 4,
    }
    commons = Commons(thing)
    assert commons.errors("type\tsubmitter_id\ta\nthing\tT\tx\n") == [
        ("ERROR", [], "'b' is a dependency of 'a'"),
    ]
    ((type_, keys, words),) = commons.errors("type\tsubmitter_id\nthing\tT\n")
    assert (type_, keys) == ("MISSING_PROPERTY", [])
    assert words.endswith("schemas: 'a' is a required property and 'b' is a required property")
    commons.put("type\tsubmitter_id\tb\nthing\tT\tx\n")
    schema = NodeSchema(commons.dictionary["thing"], frozenset())
    assert schema.depends_on_whole_record
    assert not NodeSchema(commons.dictionary["case"], frozenset()).depends_on_whole_record


def test_a_required_property_with_a_digit_in_its_name_has_no_key() -> None:
    commons = Commons(node("thing", required=("submitter_id", "md5", "odd-name"), md5={}, **{"odd-name": {}}))
    assert commons.errors("type\tsubmitter_id\nthing\tT\n") == [
        ("MISSING_PROPERTY", [], "'md5' is a required property"),
        ("MISSING_PROPERTY", ["odd-name"], "'odd-name' is a required property"),
    ]


def test_words_from_the_data_decide_the_type_of_an_error() -> None:
    """The server looks for its own words in the message, which quotes the cell."""
    commons = Commons(node("thing", text={"enum": ["a"]}))
    assert commons.errors("type\tsubmitter_id\ttext\nthing\tT\tthis is not of type x\n")[0][0] == "INVALID_VALUE"
    assert commons.errors("type\tsubmitter_id\ttext\nthing\tT\tx is a required property\n")[0][0] == "MISSING_PROPERTY"


def test_several_links_to_one_type_are_kept_apart() -> None:
    tumour = link("tumours", "case", "one_to_one")
    commons = Commons(node("pair", tumour, link("normals", "case", "many_to_many")))
    commons.put("type\tsubmitter_id\ttumours.submitter_id\tnormals.submitter_id\npair\tA\tC-1\tC-1,C-2\n")
    commons.put("type\tsubmitter_id\ttumours.submitter_id\tnormals.submitter_id\npair\tB\tC-2\tC-1\n")
    found = commons.errors("type\tsubmitter_id\ttumours.submitter_id\tnormals.submitter_id\npair\tD\tC-1\tC-1\n")
    assert found == [
        ("INVALID_LINK", ["tumours"], "'tumours' link has to be one_to_one, target node case already has of_tumours")
    ]
    pair = commons.record("pair", "A")
    assert [len(commons.store.parents(pair, name)) for name in ("tumours", "normals")] == [1, 2]


def test_groups_of_links_nest() -> None:
    inner = {"subgroup": [link("bs", "case"), link("cs", "case")], "required": False, "exclusive": False}
    group = {"subgroup": [link("as", "case"), inner], "required": True, "exclusive": True}
    schema = node("thing", *[link(name, "case") for name in ("as", "bs", "cs")])
    commons = Commons({**schema, "links": [group]})
    header = "type\tsubmitter_id\tas.submitter_id\tbs.submitter_id\tcs.submitter_id\n"
    assert commons.errors(f"{header}thing\tT\t\t\t\nthing\tU\tC-1\t\t\n") == [
        ("INVALID_LINK", ["as", "bs, cs"], "Entity is missing a required link to as or bs, cs")
    ]
    assert commons.errors(f"{header}thing\tT\tC-1\tC-1\t\n") == [
        ("INVALID_LINK", ["as", "bs, cs"], "Links to ['as', 'bs, cs'] are exclusive.  More than one was provided.")
    ]
    commons.put(f"{header}thing\tT\t\tC-1\tC-2\n")


def test_a_column_named_like_the_link_from_below_is_read_and_then_unknown() -> None:
    """The class of a parent has its children as an attribute, so the column is read; the schema refuses it."""
    commons = Commons(node("thing", link("cases", "case", backref="things")))
    found = commons.errors("type\tsubmitter_id\tprojects.code\tthings.submitter_id\ncase\tC-3\tX\tT-1\n")
    assert found == [("ERROR", [], "Additional properties are not allowed ('things' was unexpected)")]


@pytest.mark.parametrize("name", ["__class__", "_props", "type", "text", "no such"])
def test_a_link_column_of_any_other_name_refuses_the_table(name: str) -> None:
    commons = Commons()
    answer = commons.answer(f"type\tsubmitter_id\tprojects.code\t{name}.x\ncase\tC-3\tX\ty\n")
    assert (answer.status, answer.transaction) == (400, None)
    assert str(answer.refusal).startswith("Unable to parse document: ")


def test_a_key_of_one_part_is_unique_to_the_letter_and_in_all_projects() -> None:
    thing = {**node("thing", code={"type": "string"}), "uniqueKeys": [["id"], ["code"]]}
    commons = Commons(thing)
    commons.put("type\tsubmitter_id\tcode\nthing\tT\tA\n")
    assert [
        entity["action"] for entity in commons.put("type\tsubmitter_id\tcode\nthing\tU\ta\n").json(1)["entities"]
    ] == [
        "update"  # looked up letter case aside
    ]
    id_ = "11111111-1111-4111-8111-111111111111"
    assert commons.answer(f"type\tid\tsubmitter_id\tcode\nthing\t{id_}\tV\tA\n").status == 200
    answer = commons.answer(f"type\tid\tsubmitter_id\tcode\nthing\t{id_.replace('1', '2')}\tW\ta\n")
    assert answer.transaction is not None
    assert answer.transaction.ending is Ending.CRASHED


def test_two_keys_must_both_be_there_to_find_a_record() -> None:
    """With one of them empty the server looks at every record of the type."""
    thing = {
        **node("thing", alias={"type": "string"}),
        "uniqueKeys": [["id"], ["project_id", "submitter_id"], ["project_id", "alias"]],
    }
    commons = Commons(thing)
    commons.put("type\tsubmitter_id\talias\nthing\tT\tA\nthing\tU\tB\n")
    commons.put("type\tsubmitter_id\talias\nthing\tt\ta\n")
    found = commons.errors("type\tsubmitter_id\nthing\tT\n")
    words = "Entity is not unique, multiple entities found with (('P-X', 'T'), ('P-X', None))"
    assert found == [("NOT_UNIQUE", [], words)]


def test_a_project_id_that_is_no_system_property_is_taken_from_the_row() -> None:
    thing = node("thing")
    thing["systemProperties"].remove("project_id")
    commons = Commons(thing)
    commons.put("type\tsubmitter_id\tproject_id\nthing\tT\tQ-Y\n")
    assert [record.project_id for record in commons.store.find("thing", {})] == ["Q-Y"]


def test_a_file_type_is_told_by_the_end_of_its_category_alone() -> None:
    for category, taken in (("index_file", True), ("my_file", True), ("file", False), ("data_file_set", False)):
        commons = Commons(node("thing", category=category))
        answer = commons.answer("type\tsubmitter_id\turls\nthing\tT\ts3://a\n")
        assert (answer.status == 200) is taken


def test_a_type_without_submitter_id_still_has_its_records_told_apart_by_id() -> None:
    thing = {**node("thing", required=()), "uniqueKeys": [["id"]]}
    commons = Commons(thing)
    words = (
        "There are no unique keys defined on type thing except for the official GDC id.  To upload this entity you must"
        " add a UUID"
    )
    assert commons.errors("type\tsubmitter_id\nthing\tT\n") == [("MISSING_PROPERTY", ["id"], words)]
    id_ = "11111111-1111-4111-8111-111111111111"
    for action in ("create", "update"):
        (entity,) = commons.put(f"type\tid\tsubmitter_id\nthing\t{id_}\tT\n").json(1)["entities"]
        assert (entity["action"], entity["id"]) == (action, id_)


def test_a_record_of_the_same_name_in_another_project_is_another_record() -> None:
    commons = Commons(node("thing"))
    for project in ("P-X", "P-Y"):
        answer = commons.put([{"type": "thing", "submitter_id": "T"}], project=project)
        assert answer.json(1)["created_entity_count"] == 1
