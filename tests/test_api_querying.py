"""GraphQL beyond one query: pages, lists that were cut, answers as rows; and values as text for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from api_practice import Api, on_a_socket
from clinic import clinic
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.commons.errors import QueryRefused
from gen3submit.errors import UsageProblem
from gen3submit.listing import aligned, json_text, tsv
from gen3submit.querying import cut_lists, records, rows
from gen3submit.rules.bodies import read_table


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with on_a_socket(clinic(), "P-X") as api:
        api.put(*(
            {"type": "case", "submitter_id": f"C-{n}", "whole": n, "projects": {"code": "X"}} for n in range(25)
        ))  # fmt: skip
        api.put({"type": "study", "submitter_id": "S", "cases": [{"submitter_id": f"C-{n}"} for n in range(12)]})
        yield api


@pytest.mark.parametrize("page", [1, 7, 25, 1000])
def test_every_record_is_fetched_whatever_the_page(page: int, api: Api) -> None:
    found = list(records(api.commons, "P-X", "case", ["submitter_id", "whole", "projects.code"], page=page))
    assert sorted(record["whole"] for record in found) == list(range(25))
    assert found[0]["projects.code"] == ["X"]
    assert set(found[0]) == {"submitter_id", "whole", "projects.code"}


def test_lists_inside_are_whole_too(api: Api) -> None:
    (study,) = records(api.commons, "P-X", "study", ["cases.submitter_id"])
    assert len(study["cases.submitter_id"]) == 12


@pytest.mark.parametrize("name", ["a b", "case(first:0){id}}", "", "é", 'x"'])
def test_names_that_are_none_are_not_sent(name: str, api: Api) -> None:
    with pytest.raises(UsageProblem, match="cannot name"):
        list(records(api.commons, "P-X", name, ["id"]))
    with pytest.raises(UsageProblem, match="cannot name"):
        list(records(api.commons, "P-X", "case", [name]))


def test_a_field_that_is_not_there_is_told(api: Api) -> None:
    with pytest.raises(QueryRefused, match="nonsense"):
        list(records(api.commons, "P-X", "case", ["nonsense"]))


@pytest.mark.parametrize(
    ("query", "cut"),
    [
        ("{case{id}}", ["case"]),
        ("{case(first: 10){id}}", []),
        ("{case(first: 0){id}}", []),
        ("{study{cases{id}}}", ["study.cases"]),
        ("{a: case{id} b: case(first: 0){id} study{c: cases{id}}}", ["a", "study.c"]),
        ("query q {...f} fragment f on Root {case{id}}", ["case"]),
        ("{study{id}}", []),
    ],
)
def test_lists_that_were_cut_are_named(query: str, cut: list[str], api: Api) -> None:
    assert cut_lists(query, api.commons.query(query)) == cut


@given(st.text(alphabet='{}()case:first0 ".\n', max_size=30))
def test_no_query_breaks_the_search_for_cut_lists(query: str) -> None:
    assert cut_lists(query, {"case": [{"id": 1}] * 10}) in ([], ["case"])


def test_answers_become_rows() -> None:
    data = {
        "case": [
            {"id": 1, "projects": [{"code": "X"}, {"code": "Y"}], "of": {"a": 1}},
            {"id": 2, "more": [{"a": 1, "b": 2}]},
        ],
        "_case_count": 2,
        "none": None,
    }
    assert rows(data) == {
        "case": (
            ["id", "projects.code", "of.a", "more"],
            [[1, ["X", "Y"], 1, None], [2, None, None, [{"a": 1, "b": 2}]]],
        ),
        "_case_count": (["value"], [[2]]),
        "none": (["value"], [[None]]),
    }


# As text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(values, st.sampled_from([None, 2]))
def test_json_is_exact_and_holds_nothing_that_a_terminal_obeys(value: Any, indent: int | None) -> None:
    text = json_text(value, indent=indent)
    assert json.loads(text) == value
    assert text.replace("\n", "").isprintable()
    text.encode()


def test_json_leaves_letters_of_any_script_as_they_are() -> None:
    assert json_text("Größe 中文 \x1b[0m \x9b \u202e \U000e0001 \ud800", indent=None) == (
        '"Größe 中文 \\u001b[0m \\u009b \\u202e \\udb40\\udc01 \\ud800"'
    )


cells = st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=2, max_size=2), max_size=4)


@given(cells)
def test_an_aligned_table_is_printable_and_has_its_columns_under_each_other(table: list[list[Any]]) -> None:
    lines = list(aligned(["first", "second"], table))
    assert len(lines) == len(table) + 1
    assert all(line.isprintable() for line in lines)
    assert lines[0].startswith("first")


plain = st.text(alphabet='ab"\t é\x1b\u202e', min_size=1).filter(lambda text: text == text.strip())


@given(st.lists(st.lists(plain, min_size=2, max_size=2)))
def test_tsv_keeps_tabs_and_quotes_in_their_cells(table: list[list[str]]) -> None:
    read = read_table("\n".join(tsv(["a", "b"], table)), "\t")
    assert [list(row.cells) for row in read.rows] == table


@given(cells)
def test_tsv_on_a_terminal_is_printable(table: list[list[Any]]) -> None:
    for line in tsv(["a", "b"], table, for_terminal=True):
        assert line.replace("\t", "").isprintable()


def test_wide_letters_are_aligned_by_what_they_take() -> None:
    first, second = list(aligned(["名前", "b"], [["x", "y"]]))
    assert first.index("b") == 4
    assert second == "x     y"
