"""Of rows that were noted, those are found that say what a record holds, and never one that another row repeats."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gen3submit.planning.encoding import digest
from gen3submit.planning.forms import NONE, Said
from gen3submit.planning.ids import fits
from gen3submit.planning.noted import NotedRows

FORMS = [NONE, *(digest(bytes([number])) for number in range(3))]
ID = "11111111-2222-3333-4444-55555555555{}"

said = st.builds(Said, st.sampled_from(["case", "visit"]), st.sampled_from("abcd"), st.sampled_from(FORMS))
tables = st.lists(st.lists(st.none() | said, min_size=1, max_size=6), max_size=4)


def noted(rows_by_table: list[list[Said | None]]) -> NotedRows:
    """Each table in two pieces, as it is read in slices."""
    rows = NotedRows()
    for number, table in enumerate(rows_by_table):
        for first in range(0, len(table), 3):
            rows.add(f"{number}.tsv", first + 1, table[first : first + 3])
    return rows


@given(tables)
def test_rows_are_found_by_what_they_say_unless_they_repeat_each_other(rows_by_table: list[list[Said | None]]) -> None:
    rows = noted(rows_by_table)
    everything = [row for table in rows_by_table for row in table]
    times = Counter(row[:2] for row in everything if row is not None)
    expected = [
        [place for place, row in enumerate(everything) if row is not None and row.form == form and times[row[:2]] == 1]
        for form in FORMS[1:]
    ]
    for found, places in zip(rows.find(FORMS[1:]), expected, strict=True):
        assert found in places if places else found == -1


@given(tables, st.sampled_from(FORMS[1:]), st.integers(1, 4), st.integers(0, 4))
def test_what_is_settled_is_told_by_table_and_row(
    rows_by_table: list[list[Said | None]], form: bytes, first: int, more: int
) -> None:
    rows = noted(rows_by_table)
    places = [place for place in rows.find([form]) if place >= 0]
    rows.settle(places, [ID.format(1)] * len(places))
    starts = [sum(map(len, rows_by_table[:number])) for number in range(len(rows_by_table))]
    for number, table in enumerate(rows_by_table):
        assert list(rows.settled(f"{number}.tsv", first, first + more)) == [
            (row, ID.format(1))
            for row in range(first, min(first + more, len(table)) + 1)
            if starts[number] + row - 1 in places
        ]


def test_a_table_that_cannot_be_read_to_its_end_is_dropped() -> None:
    rows = noted([[Said("case", "a", FORMS[1])], [Said("case", "b", FORMS[2])]])
    rows.drop("0.tsv")
    assert rows.find(FORMS[1:3]) == [-1, 1]


def test_only_ids_as_the_commons_gives_them_are_kept_in_short() -> None:
    assert fits(ID.format(1))
    assert not fits("dg.1234/" + ID.format(1))
    assert not fits("é" * 36)
