"""Cells become the values that Sheepdog makes of them, and values written as cells come back."""

from __future__ import annotations

import math
from typing import Any

import pytest
from clinic import VALUES, clinic
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.checking.cells import ColumnChanges
from gen3submit.rules.columns import NodeColumns
from gen3submit.rules.documents import TableReader
from gen3submit.rules.schema import NodeSchema
from gen3submit.rules.values import converter, property_value
from gen3submit.tables.writing import as_cell, body_bytes

ANY = [*VALUES.values(), {}, {"type": ["null", "integer"]}, {"type": ["integer", "null"]}, {"type": "object"}]


def value(schema: dict[str, Any], text: str) -> Any:
    return property_value(text, converter(schema))


@given(st.sampled_from(ANY), st.text())
def test_a_cell_becomes_a_value_whatever_it_holds(schema: dict[str, Any], text: str) -> None:
    made = value(schema, text)
    if text.strip() in ("", "null"):
        assert made is None
    elif schema.get("type") in ("string", "object") or "type" not in schema or schema["type"] == ["null", "integer"]:
        assert made == text.strip()


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("integer", "1_000", 1000),
        ("integer", "+5", 5),
        ("integer", "٣", 3),
        ("integer", "5.0", "5.0"),
        ("integer", "1e3", "1e3"),
        ("integer", "9" * 400, int("9" * 400)),
        ("integer", "1" * 5000, "1" * 5000),
        ("number", "1e3", 1000),
        ("number", "5.0", 5),
        ("number", "5.25", 5.25),
        ("number", "-0.0", 0),
        ("number", ".5", 0.5),
        ("number", "infinity", math.inf),
        ("number", "9" * 400, math.inf),
        ("number", "0x10", "0x10"),
        ("number", "1,5", "1,5"),
        ("boolean", "TrUe", True),
        ("boolean", "FALSE", False),
        ("boolean", "yes", "yes"),
        ("boolean", "1", "1"),
        ("string", "True", "True"),
        ("string", "007", "007"),
        ("string", "NULL", "NULL"),
    ],
)
def test_a_type_reads_as_the_server_reads_it(type_: str, text: str, expected: Any) -> None:
    made = value({"type": type_}, text)
    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("items", "text", "expected"),
    [
        ("string", "a, b,,c", ["a", "b", "", "c"]),
        ("string", '"a,b"', ['"a', 'b"']),
        ("string", "1,2", ["1", "2"]),
        ("integer", "1, 2.9 ,1e2", [1, 2, 100]),
        ("integer", "1,x", "1,x"),
        ("integer", "1,", "1,"),
        ("integer", "inf", "inf"),
        ("number", "1,2.5", [1.0, 2.5]),
        ("number", "1,x", "1,x"),
        ("boolean", "T,yes,Y,true,no,1,maybe,", [True, True, True, True, False, False, False, False]),
        (None, "1,2", ["1", "2"]),
    ],
)
def test_a_list_reads_as_the_server_reads_it(items: str | None, text: str, expected: Any) -> None:
    made = value({"type": "array", "items": {"type": items} if items else {}}, text)
    assert made == expected
    assert [type(item) for item in made] == [type(item) for item in expected]


def test_the_first_of_several_types_decides() -> None:
    assert value({"type": ["integer", "string"]}, "5") == 5
    assert value({"type": ["string", "integer"]}, "5") == "5"
    assert value({"type": ["null", "integer"]}, "5") == "5"
    assert value({"oneOf": [{"type": "integer"}]}, "5") == "5"


plain = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda text: text == text.strip() and text != "null" and len(text.splitlines()) == 1
)
item = plain.filter(lambda text: "," not in text)
VALUE_OF = {
    "text": plain,
    "whole": st.integers(),
    "number": st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53)),
    "flag": st.booleans(),
    "grade": st.sampled_from(["low", "high", "Not Reported"]),
    "code": st.from_regex(r"\A[A-Z]{2}[0-9]{1,3}\Z"),
    "names": st.lists(item, min_size=1, max_size=3).filter(lambda items: items != ["null"]),
    "counts": st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=3),
    "flags": st.lists(st.booleans(), min_size=1, max_size=3),
    "signs": st.lists(st.sampled_from(["cough", "fever"]), min_size=1, max_size=3),
    "either": st.just("unknown"),
    "colour": st.sampled_from(["red", "blue"]),
}
documents = st.fixed_dictionaries(
    {"submitter_id": plain, "cases": st.lists(item, max_size=2, unique=True)}, optional=VALUE_OF
)


@given(st.lists(documents, min_size=1, max_size=4))
def test_a_record_written_as_a_row_comes_back(records: list[dict[str, Any]]) -> None:
    """Text to record to text to record: nothing changes but that a property without a value is null."""
    columns = sorted({name for record in records for name in record} - {"cases"})
    header = ["type", *columns, "cases.submitter_id"]
    rows = [
        ["visit", *(as_cell(record.get(name)) for name in columns), ",".join(record["cases"])] for record in records
    ]
    read = TableReader(clinic().nodes).read(body_bytes([header, *rows]).decode(), "tsv")
    expected = [
        {
            "type": "visit",
            **{name: record.get(name) for name in columns},
            "cases": [{"submitter_id": parent} for parent in record["cases"] if parent != "null"],
        }
        for record in records
    ]
    assert read.documents == expected


@given(st.sampled_from(sorted(VALUES)), st.text())
def test_what_is_said_of_a_cell_is_what_becomes_of_it(name: str, text: str) -> None:
    """No cell is too odd to be looked at, and a number that the server changes is told with what it stores."""
    node = clinic()["visit"]
    schema = NodeSchema(node, frozenset())
    changes = ColumnChanges(node, schema, NodeColumns(node, clinic().nodes, ","), name, name).of(text)
    stored = value(VALUES[name], text)
    codes = {finding.code: finding for finding in changes}
    if "number-changed" in codes:
        assert codes["number-changed"].facts["stored"] == str(stored)
        assert isinstance(stored, int | float)
    assert ("space-trimmed" in codes) is (text.strip() not in ("", text))
    assert ("null-word" in codes) is (text.strip() == "null")


@given(st.one_of(st.integers(-(2**63), 2**63), st.floats(-(2**53), 2**53)))
def test_a_number_written_in_full_is_said_to_change_only_if_it_does(number: float) -> None:
    node = clinic()["visit"]
    column = ColumnChanges(
        node, NodeSchema(node, frozenset()), NodeColumns(node, clinic().nodes, ","), "number", "number"
    )
    codes = [finding.code for finding in column.of(repr(number))]
    stored = value({"type": "number"}, repr(number))
    negative_zero = number == 0 and repr(number).startswith("-")
    assert (codes == ["number-changed"]) is (stored != number or negative_zero)
