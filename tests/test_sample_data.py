"""The sample study is clean by the server's rules, written out here once more; the mistakes are where they are said."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gen3submit.dictionary import Dictionary, LinkGroup, Node, practice_dictionary_folder

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
STUDY = SAMPLE_DATA / "study"
MISTAKES = SAMPLE_DATA / "mistakes"
EXPECTED: dict[str, dict[str, Any]] = json.loads((MISTAKES / "expected.json").read_text(encoding="utf-8"))

Row = dict[str, str]


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary.load(practice_dictionary_folder())


def rows_of(path: Path) -> list[Row]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").strip().splitlines(), delimiter="\t"))


@pytest.fixture(scope="module")
def study() -> dict[str, list[Row]]:
    return {path.stem: rows_of(path) for path in sorted(STUDY.glob("*.tsv"))}


def value_of(text: str, schema: dict[str, Any]) -> Any:
    """The value that the server's reader makes of a cell."""
    if text == "":
        return None
    declared = schema.get("type")
    match declared[0] if isinstance(declared, list) else declared:
        case "boolean":
            return {"true": True, "false": False}[text.lower()]
        case "integer":
            return int(text)
        case "number":
            return int(float(text)) if float(text).is_integer() else float(text)
        case "array":
            kind = schema["items"].get("type")
            return [value_of(item.strip(), {"type": kind}) for item in text.split(",")]
    return text


def document_of(row: Row, node: Node) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for column, text in row.items():
        link, dot, key = column.partition(".")
        if dot:
            document.setdefault(link, []).extend({key: name} for name in text.split(",") if name)
        else:
            document[column] = value_of(text, node.schema["properties"][column])
    return document


def with_nulls(node: Node) -> dict[str, Any]:
    """The schema that the server applies: null is allowed where a value is optional."""
    schema: dict[str, Any] = json.loads(json.dumps(node.schema))
    for name, prop in schema["properties"].items():
        link = node.links_by_name.get(name)
        if name not in node.required and not (link and link.required):
            schema["properties"][name] = {"anyOf": [prop, {"type": "null"}]}
    return schema


def test_the_study_has_enough_to_try_things_with(study: dict[str, list[Row]]) -> None:
    assert len(study) >= 10
    assert sum(map(len, study.values())) >= 500


def test_each_file_is_named_by_the_one_type_of_its_rows(study: dict[str, list[Row]], dictionary: Dictionary) -> None:
    for name, rows in study.items():
        assert {row["type"] for row in rows} == {name}
        assert dictionary[name].is_submittable


def test_each_row_fits_the_schema_of_its_type(study: dict[str, list[Row]], dictionary: Dictionary) -> None:
    for name, rows in study.items():
        node = dictionary[name]
        validator = jsonschema.Draft4Validator(
            with_nulls(node), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
        )
        for row in rows:
            assert None not in row
            assert [error.message for error in validator.iter_errors(document_of(row, node))] == []


def test_no_submitter_id_is_used_twice_in_any_letter_case(study: dict[str, list[Row]]) -> None:
    used = Counter(row["submitter_id"].lower() for rows in study.values() for row in rows)
    assert [name for name, times in used.items() if times > 1] == []


def test_each_parent_is_there_and_each_link_keeps_its_rules(
    study: dict[str, list[Row]], dictionary: Dictionary
) -> None:
    known = {name: {row["submitter_id"] for row in rows} for name, rows in study.items()}
    children: Counter[tuple[str, str, str]] = Counter()
    for name, rows in study.items():
        node = dictionary[name]
        for row in rows:
            document = document_of(row, node)
            for link in node.links_by_name.values():
                parents = document.get(link.name) or []
                if link.required:
                    assert parents
                if link.multiplicity in {"many_to_one", "one_to_one"}:
                    assert len(parents) <= 1
                for parent in parents:
                    if link.target == "project":
                        assert parent == {"code": "study"}
                        continue
                    assert parent["submitter_id"] in known[link.target]
                    if link.multiplicity in {"one_to_one", "one_to_many"}:
                        children[name, link.name, parent["submitter_id"]] += 1
            for group in node.links:
                if isinstance(group, LinkGroup):
                    given = len(list(members_given(group, document)))
                    assert given or not group.required
                    assert given <= 1 or not group.exclusive
    assert [place for place, times in children.items() if times > 1] == []


def members_given(group: LinkGroup, document: dict[str, Any]) -> Iterator[None]:
    for member in group.members:
        if isinstance(member, LinkGroup):
            if list(members_given(member, document)):
                yield None
        elif document.get(member.name):
            yield None


def test_the_study_uses_every_link_and_nearly_every_property(
    study: dict[str, list[Row]], dictionary: Dictionary
) -> None:
    for name, rows in study.items():
        node = dictionary[name]
        filled = {column.partition(".")[0] for row in rows for column, text in row.items() if text}
        assert set(node.links_by_name) <= filled
        # An alternative of a number and null cannot be given in a table; the file index gives the object its id.
        left_out = {"days_to_lost_to_follow_up", "object_id"}
        assert node.properties.keys() - node.system_properties - filled <= left_out


def test_values_of_the_study_vary(study: dict[str, list[Row]], dictionary: Dictionary) -> None:
    """Most of the allowed values are used somewhere."""
    used: set[tuple[str, str, str]] = set()
    allowed: set[tuple[str, str, str]] = set()
    for name, rows in study.items():
        for prop in dictionary[name].properties.values():
            if prop.enum and prop.name in rows[0]:
                allowed |= {(name, prop.name, value) for value in prop.enum}
                used |= {(name, prop.name, row[prop.name]) for row in rows if row[prop.name]}
    assert used <= allowed
    assert len(used) > 0.75 * len(allowed)


def test_every_table_among_the_mistakes_is_told_and_every_mistake_has_its_table() -> None:
    together = {name for mistake in EXPECTED.values() for name in mistake.get("together_with", [])}
    tables = {path.name for path in MISTAKES.iterdir()} - {"README.md", "expected.json"}
    assert tables == EXPECTED.keys() | together


@pytest.mark.parametrize("name", EXPECTED)
def test_the_line_and_the_column_of_a_mistake_are_in_its_file(name: str) -> None:
    mistake = EXPECTED[name]
    content = (MISTAKES / name).read_bytes()
    text = content.decode("utf-8", errors="replace").removeprefix("\ufeff")
    lines = text.split("\n")
    header = lines[0].split("," if name.endswith(".csv") else "\t")
    assert mistake["line"] is None or 1 <= mistake["line"] <= len(lines)
    assert mistake["verdict"] in {"accept", "reject", "refuse", "lost"}
    if mistake["column"] is not None:
        assert mistake["column"].removeprefix("\ufeff") in header


def test_mistakes_do_not_get_in_each_others_way(study: dict[str, list[Row]]) -> None:
    """Checked together, the files share no submitter_id but the one that two of them share on purpose."""
    used: Counter[str] = Counter(row["submitter_id"] for rows in study.values() for row in rows)
    for path in MISTAKES.glob("*.[tc]sv"):
        lines = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n")
        table = csv.reader(lines, delimiter="," if path.suffix == ".csv" or "commas" in path.name else "\t")
        used.update({row[1].lower() for row in list(table)[1:] if len(row) > 1} - {""})
    twice = [name for name, times in used.items() if times > 1]
    assert len(twice) == 1
