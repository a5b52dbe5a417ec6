"""Explanations of codes, node types, properties and links."""

from __future__ import annotations

import io
from typing import Any

import gdcdictionary
import pytest

from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.errors import UsageProblem
from gen3submit.explain import LinkExplanation, NodeExplanation, PropertyExplanation, explain
from gen3submit.messages.codes import CodePage, codes
from gen3submit.report.explanation import write_explanation
from gen3submit.report.formats import ReportOptions

SERVED: dict[str, Any] = {
    "case": {
        "id": "case",
        "title": "Case",
        "category": "administrative",
        "description": "Somebody\n  studied.",
        "properties": {"type": {}, "id": {}, "project_id": {}, "submitter_id": {"type": "string"}},
        "required": ["submitter_id"],
        "uniqueKeys": [["id"], ["project_id", "submitter_id"]],
        "links": [],
    },
    "sample": {
        "id": "sample",
        "properties": {
            "type": {},
            "project_id": {"type": "string"},
            "submitter_id": {"type": "string"},
            "state": {"enum": ["open"], "default": "open"},
            "kind": {"enum": ["Blood", "Bone \x1b[31m"], "description": "What it is."},
            "count": {"type": ["integer", "null"], "minimum": 0, "maximum": 9},
            "age": {"oneOf": [{"type": "integer", "maximum": 89}, {"enum": ["Unknown"]}]},
            "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            "code": {"type": "string", "pattern": "^S[0-9]+$"},
            "taken": {"type": "string", "format": "date-time", "term": {"description": "When it was taken."}},
            "cases": {},
            "samples": {},
            "projects": {},
        },
        "systemProperties": ["state", "project_id"],
        "required": ["kind", "submitter_id"],
        "links": [
            {"name": "projects", "target_type": "project", "multiplicity": "many_to_one", "required": False},
            {
                "required": True,
                "exclusive": True,
                "subgroup": [
                    {"name": "cases", "target_type": "case", "multiplicity": "many_to_one", "required": True},
                    {"name": "samples", "target_type": "sample", "multiplicity": "many_to_many", "required": False},
                ],
            },
        ],
    },
    "project": {"id": "project", "properties": {"code": {"type": "string"}}, "links": []},
}


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary.load(SERVED)


def text(explanation: Any, **options: Any) -> str:
    stream = io.StringIO()
    write_explanation(explanation, stream, ReportOptions(**options))
    return stream.getvalue()


def test_a_code_needs_no_dictionary() -> None:
    page = explain(None, "space-trimmed")
    assert isinstance(page, CodePage)
    assert text(page).startswith("space-trimmed (warning): white space around a value\n")


@pytest.mark.parametrize("page", codes(), ids=lambda page: page.code)
def test_every_code_is_explained(page: CodePage, dictionary: Dictionary) -> None:
    said = text(explain(dictionary, page.code))
    assert page.title in said
    assert "What the server does" in said


def test_a_node_type_is_told_with_links_keys_and_properties(dictionary: Dictionary) -> None:
    it = explain(dictionary, "sample")
    assert isinstance(it, NodeExplanation)
    assert [each.name for each in it.required] == ["submitter_id", "kind"]
    assert [each.name for each in it.system] == ["project_id", "state"]
    assert it.header == ("type", "submitter_id", "kind", "cases.submitter_id", "samples.submitter_id")
    assert it.children == ("sample",)
    said = text(it, width=200)
    assert "projects.code → project: optional; one parent; a parent may have many" in said
    assert "cases.submitter_id → case: exactly one of `cases` or `samples`" in said
    case = explain(dictionary, "case")
    assert isinstance(case, NodeExplanation)
    assert case.unique_keys == (("project_id", "submitter_id"),)
    assert "Somebody studied." in text(case)


@pytest.mark.parametrize(
    ("name", "example", "lines"),
    [
        ("kind", "Blood", ["type      text, one of the allowed values", "`Blood`", "`Bone \\x1b[31m`"]),
        ("count", "4", ["at least 0", "at most 9", "integer: digits only"]),
        ("age", None, ["integer (only in JSON), at most 89", "one of `Unknown`"]),
        ("tags", "a,b", ["list: commas between the items", "each item one of the allowed values"]),
        ("code", None, ["pattern   `^S[0-9]+$`"]),
        ("taken", "2024-05-17T09:30:00Z", ["When it was taken.", "format    `date-time`"]),
        ("state", "open", ["set by the server", "default   `open`"]),
    ],
)
def test_a_property_is_told_with_what_its_cells_may_hold(
    dictionary: Dictionary, name: str, example: str | None, lines: list[str]
) -> None:
    it = explain(dictionary, f"sample.{name}")
    assert isinstance(it, PropertyExplanation)
    assert it.example == example
    said = text(it, width=150)
    for line in lines:
        assert line in said
    assert "\x1b" not in said


@pytest.mark.parametrize("name", ["sample.cases", "sample.cases.submitter_id", "sample.*cases.submitter_id"])
def test_a_link_is_found_by_its_name_and_by_its_column(dictionary: Dictionary, name: str) -> None:
    it = explain(dictionary, name)
    assert isinstance(it, LinkExplanation)
    assert (it.column, it.target, it.group) == ("cases.submitter_id", "case", "exactly one of `cases` or `samples`")
    assert "one parent; a parent may have many (`many_to_one`)" in text(it)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smaple", "`smaple` is no finding code and no node type of the dictionary. Similar names: `sample`"),
        ("smaple.kind", "Similar names: `sample.kind`"),
        ("sample.knd", "`sample` has no property or link `knd`. Similar names: `kind`"),
        ("sample.case", "Similar names: `cases`"),
        ("value-not-alowed", "Similar names: `value-not-allowed`"),
        ("\x1b[31m", "`\\x1b[31m` is no finding code"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(dictionary: Dictionary, name: str, said: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        explain(dictionary, name)
    assert said in str(raised.value)


def test_without_a_dictionary_only_codes_are_known() -> None:
    with pytest.raises(UsageProblem, match=r"is no finding code.*name a dictionary"):
        explain(None, "sample")


@pytest.mark.parametrize("folder", [practice_dictionary_folder(), gdcdictionary.SCHEMA_DIR], ids=["practice", "gen3"])
def test_everything_in_a_real_dictionary_is_explained(folder: str) -> None:
    dictionary = Dictionary.load(folder)
    for node in dictionary.values():
        names = ["", *(f".{name}" for name in (*node.properties, *node.links_by_name))]
        for name in names:
            said = text(explain(dictionary, node.id + name))
            assert said.startswith(f"{node.id}{name}")
            assert all(line.isprintable() for line in said.splitlines())


def test_an_example_is_a_value_that_the_dictionary_takes() -> None:
    """The example of every property of the practice dictionary passes the check of its own schema."""
    import jsonschema

    from gen3submit.rules.values import converter, property_value

    dictionary = Dictionary.load(practice_dictionary_folder())
    tried = 0
    for node in dictionary.values():
        for known in node.properties.values():
            it = explain(dictionary, f"{node.id}.{known.name}")
            assert isinstance(it, PropertyExplanation)
            if it.example is not None:
                jsonschema.Draft4Validator(dict(known.schema)).validate(
                    property_value(it.example, converter(known.schema))
                )
                tried += 1
    assert tried > 50
