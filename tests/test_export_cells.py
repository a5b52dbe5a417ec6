"""The text of a cell is what the server reads back as the value; where there is none, none is made up."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.exporting.cells import cell_text, parent_text, reason
from gen3submit.messages import exporting as words
from gen3submit.rules.bodies import read_table
from gen3submit.rules.values import as_text, converter, property_value
from gen3submit.tables.writing import table_bytes

SCHEMAS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "enum": {"enum": ["a", "b"]},
    "either": {"oneOf": [{"type": "number"}, {"enum": ["unknown"]}]},
    "strings": {"type": "array", "items": {"type": "string"}},
    "integers": {"type": "array", "items": {"type": "integer"}},
    "numbers": {"type": "array", "items": {"type": "number"}},
    "booleans": {"type": "array", "items": {"type": "boolean"}},
}

texts = st.text(max_size=8) | st.text(alphabet="a,\"\t\n\r\x0b\x85\u2028 '*null", max_size=8)
scalars = texts | st.integers() | st.floats() | st.booleans()
values = scalars | st.lists(scalars, max_size=4) | st.dictionaries(texts, scalars, max_size=2)


def read_back(text: str, schema: dict[str, Any]) -> Any:
    """What the server makes of the cell in the middle of a table that we write."""
    table = read_table(table_bytes([["a", "b", "c"], ["x", text, "y"], ["x", "z", text]]).decode(), "\t")
    assert [len(row.cells) for row in table.rows] == [3, 3]
    assert table.rows[0].cells[0] == "x"
    assert table.rows[0].cells[2] == "y"
    return property_value(table.rows[0].cells[1] or "", converter(schema))


@given(st.sampled_from(sorted(SCHEMAS)), values)
def test_what_is_written_is_read_back(kind: str, value: Any) -> None:
    """Through a whole table: quoting, line cutting and stripping included."""
    text = cell_text(value, converter(SCHEMAS[kind]))
    if text is not None:
        read = read_back(text, SCHEMAS[kind])
        assert read == value
        assert isinstance(read, bool) == isinstance(value, bool)
        assert isinstance(read, str) == isinstance(value, str)


@given(texts)
def test_a_text_is_only_given_up_where_the_server_would_change_it(text: str) -> None:
    """A text without a cell of its own does change (or breaks the table) when it is written all the same."""
    if cell_text(text, as_text) is None:
        table = read_table(table_bytes([["a", "b"], ["x", text.replace("\0", "")], ["x", "y"]]).decode(), "\t")
        assert property_value(table.rows[0].cells[1] or "", as_text) != text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ('say "hi"', "string", 'say "hi"'),
        ('"quoted"', "string", '"quoted"'),
        ("a\tb\nc", "string", "a\tb\nc"),
        ("007", "string", "007"),
        ("NA", "string", "NA"),
        (True, "boolean", "true"),
        (5.0, "number", "5.0"),
        (1e22, "number", "1e+22"),
        (0.1 + 0.2, "number", "0.30000000000000004"),
        (["a", "b"], "strings", "a,b"),
        ([True, False], "booleans", "true,false"),
        ([1, 2], "integers", "1,2"),
    ],
)
def test_values_have_their_plainest_form(value: Any, kind: str, text: str) -> None:
    assert cell_text(value, converter(SCHEMAS[kind])) == text


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        (["a,b", "c"], "strings", "comma"),
        ("a\rb", "string", "line_break"),
        ("a\u2028b", "string", "line_break"),
        ("nul\0", "string", "line_break"),
        ("half \ud800", "string", "line_break"),
        (" a", "string", "spaces"),
        ([" a"], "strings", "spaces"),
        ("", "string", "empty"),
        ([], "strings", "empty"),
        ("null", "string", "null_word"),
        (["null"], "strings", "null_word"),
        ("x" * 131_073, "string", "too_long"),
        (123456789012345678, "number", "other"),
        (5, "either", "other"),
        (5, "string", "other"),
        (math.nan, "number", "other"),
        ({"a": 1}, "string", "other"),
        ([["a"]], "strings", "other"),
    ],
)
def test_values_without_a_cell_say_why(value: Any, kind: str, why: str) -> None:
    assert cell_text(value, converter(SCHEMAS[kind])) is None
    assert reason(value) == why
    assert getattr(words, f"reason_{why}")()


def test_a_cell_may_be_as_long_as_the_server_takes() -> None:
    assert cell_text("x" * 131_072, as_text) is not None


@pytest.mark.parametrize("name", ["S,1", " S", "null", "", "a\rb", 5, None])
def test_a_parent_that_a_link_cell_cannot_name(name: Any) -> None:
    assert parent_text(name, as_text) is None


def test_a_parent_that_it_can() -> None:
    assert parent_text("S-1 x", as_text) == "S-1 x"
