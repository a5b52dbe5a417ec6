"""Every finding has its sentences, whatever facts are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.findings import Finding, Severity
from gen3submit.messages import findings as words

CODES = sorted(words.WORDS)

FACTS = {
    "allowed": ["Primary Tumor", "Blood Derived Normal", "a", "b", "c"],
    "similar": "Primary Tumor",
    "expected": ["integer", "null"],
    "example": 12,
    "pattern": "^[0-9a-f]{32}$",
    "relation": "maximum",
    "bound": 100,
    "format": "date-time",
    "alternatives": ["'x' is not one of ['a']", "'x' is not of type 'integer'"],
    "known": ["sample", "aliquot"],
    "link": "subjects",
    "target": "subject",
    "what": "NaN",
    "outcome": "lost",
    "others": [3, 4, 5, 6],
    "identical": True,
    "path": "sample.tsv",
    "line": 14,
    "other": "s-1",
    "by": "S-9",
    "reason": "empty",
    "searched": "this submission",
    "members": ["samples", "aliquots"],
    "parents": ["A", "B"],
    "multiplicity": "many_to_one",
    "parent": "A",
    "lines": [2, 3],
    "columns": ["a", "*a"],
    "cells": 12,
    "limit": 131072,
    "byte": "0xe9",
    "guess": "Latin-1",
    "found": "commas",
    "separator": "U+2028",
    "first_line": 3,
    "last_line": 9,
    "wins": 4,
    "stored": "x",
    "items": ["on", "off"],
    "held": "old",
    "why": "last row",
    "given": ["B"],
}

anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.one_of(st.text(), st.integers()))
)


def sentences(finding: Finding) -> list[str]:
    said = [words.message(finding), words.help_line(finding), words.expected_line(finding)]
    return [sentence for sentence in said if sentence is not None]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("known", [True, False])
def test_every_code_has_sentences_in_the_style_of_the_house(code: str, known: bool) -> None:
    """Lower case start (or a value), no full stop, no gap where a fact is missing, with all facts and with none."""
    finding = Finding(code, Severity.ERROR)
    if known:
        finding = Finding(code, Severity.ERROR, "sample_type", "sample_type", "Tumour", "sample", FACTS)
    for sentence in sentences(finding):
        first = sentence[0]
        assert first in "`<" or first.islower()
        assert not sentence.endswith(".")
        assert "  " not in sentence
        assert "None`" not in sentence or code == "none-text"
        assert sentence.count("`") % 2 == 0
        assert sentence == sentence.strip()


@given(st.sampled_from(CODES), st.text(), st.dictionaries(st.sampled_from(sorted(FACTS)), anything))
def test_no_value_can_break_a_sentence(code: str, value: str, facts: dict[str, object]) -> None:
    """Whatever a cell holds and whatever facts are given: one line of printable characters."""
    for sentence in sentences(Finding(code, Severity.ERROR, value, value, value, value, facts)):
        assert sentence.isprintable()


def test_an_escape_sequence_in_a_cell_is_shown_not_sent() -> None:
    finding = Finding("value-not-allowed", Severity.ERROR, "c", "c", "\x1b[31mred\x07\u202e", "sample")
    assert words.message(finding) == "`\\x1b[31mred\\x07\\u202e` is not an allowed value of `c`"


def test_a_long_value_is_cut_in_its_middle() -> None:
    finding = Finding("value-not-allowed", Severity.ERROR, "c", "c", "a" * 5000 + "z", "sample")
    said = words.message(finding)
    assert len(said) < 150
    assert "aaa … aaa" in said
    assert "z`" in said


@pytest.mark.parametrize(
    ("value", "expected", "help_line"),
    [
        ("12.0", ["integer", "null"], "write `12`"),
        ("1.5E+6", ["integer", "null"], "write `1500000`"),
        ("3,5", ["number", "null"], "write `3.5`"),
        ("12 ml", ["number", "null"], "write the number alone: `12`"),
        ("1.5 ml", ["integer"], None),
        ("1.25E+1", ["integer"], None),
        ("Yes", ["boolean"], "write `true`"),
        ("0", ["boolean"], "write `false`"),
        ("NA", ["integer", "null"], "leave the cell empty where the value is not known"),
        ("NA", ["integer"], "`age` is required: give a value"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_how_it_is_written(
    value: str, expected: list[str], help_line: str | None
) -> None:
    finding = Finding("wrong-type", Severity.ERROR, "age", "age", value, "subject", {"expected": expected})
    assert words.help_line(finding) == help_line


def test_what_is_allowed_is_listed_and_the_nearest_named() -> None:
    finding = Finding("value-not-allowed", Severity.ERROR, "sample_type", "sample_type", "Tumour", "sample", FACTS)
    assert words.expected_line(finding) == "`Primary Tumor`, `Blood Derived Normal`, `a`, … 2 more"
    assert words.help_line(finding) == "similar allowed value: `Primary Tumor`"


@pytest.mark.parametrize(
    ("value", "help_line"),
    [
        ("2024-05-17", "add the time and the offset; where only the day is known, write `2024-05-17T00:00:00Z`"),
        ("2024-05-17 09:30:00", "say the offset from universal time; where it is none, write `2024-05-17T09:30:00Z`"),
        ("2024-05-17 09:30:00+02:00", "write `2024-05-17T09:30:00+02:00`"),
        ("17.05.2024", None),
    ],
)
def test_a_date_is_told_what_it_lacks(value: str, help_line: str | None) -> None:
    finding = Finding("bad-format", Severity.ERROR, "d", "d", value, "subject", {"format": "date-time"})
    assert words.help_line(finding) == help_line


def test_a_hash_in_capitals_is_given_as_the_pattern_wants_it() -> None:
    facts = {"pattern": "^[a-f0-9]{4}$"}
    assert words.help_line(Finding("pattern-mismatch", Severity.ERROR, None, "md5sum", "AB12", "f", facts)) == (
        "write `ab12`"
    )
    assert words.help_line(Finding("pattern-mismatch", Severity.ERROR, None, "md5sum", "ABXY", "f", facts)) is None


def test_the_forms_of_a_property_are_told_in_words() -> None:
    said = [
        "'x' is not a 'date-time'",
        "'x' is not of type 'integer', 'null'",
        "'x' is not one of ['Unknown', 'Not Reported']",
        "'x' is odd",
    ]
    finding = Finding("no-alternative", Severity.ERROR, "d", "d", "2024-05-17", "s", {"alternatives": said})
    assert words.expected_line(finding) == (
        "a date-time, such as `2024-05-17T09:30:00Z`, or with an offset such as `+02:00` in place of `Z`, "
        "or a whole number (only in JSON) or an empty cell, or one of 'Unknown', 'Not Reported', or 'x' is odd"
    )
    assert words.help_line(finding) == (
        "add the time and the offset; where only the day is known, write `2024-05-17T00:00:00Z`"
    )


def test_items_of_a_list_with_another_separator_are_told() -> None:
    finding = Finding("value-not-allowed", Severity.ERROR, "s", "s", "Plasma; Saliva", "x", {
        "allowed": ["Plasma", "Saliva"]
    })  # fmt: skip
    assert words.help_line(finding) == "a list has commas between its items: write `Plasma,Saliva`"


def test_a_missing_link_column_is_told_with_the_column_to_add() -> None:
    finding = Finding("required-column-missing", Severity.ERROR, None, "cases", None, "sample", {
        "link": "cases", "target": "case"
    })  # fmt: skip
    assert words.help_line(finding) == "add a column `cases.submitter_id` that names the `case` of each row"


def test_an_invisible_character_in_a_column_is_told() -> None:
    finding = Finding("unknown-column", Severity.ERROR, "\ufeffsex", "\ufeffsex", None, "x", {"similar": ["sex"]})
    assert words.help_line(finding) == "the name has an invisible character in it; write `sex`"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            ["sex", "*sex"],
            "`sex` and `*sex` are the same column; only the one at place 2 counts, even where it is empty",
        ),
        (["sex", "sex"], "the column `sex` stands 2 times; only the one at place 2 counts, even where it is empty"),
        (["", " "], "2 columns have no name; only the one at place 2 counts"),
    ],
)
def test_columns_of_one_name_are_told(columns: list[str], said: str) -> None:
    finding = Finding("column-repeated", Severity.WARNING, facts={"columns": columns, "wins": 2})
    assert words.message(finding) == said
