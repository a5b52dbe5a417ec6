"""Tables compared with exports by column: the rows found are a part of those that say exactly what a record holds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.planning.columns import TableColumns, read_export
from gen3submit.planning.comparing import changes
from gen3submit.planning.slices import Slices
from gen3submit.planning.streaming import Streamed
from gen3submit.rules.columns import NodeColumns
from gen3submit.tables.source import Source
from tests.clinic import clinic

COLUMNS = ("text", "whole", "number", "flag", "either", "cases.submitter_id")
NUMBERS = ["7", "007", "7.0", "7.50", "-1", "1e3", "1_0", "9007199254740993", "0.1"]
TEXTS = ["", " ", "null", "null ", "true", "FALSE", "low", "a,b", "C-1", "c-1", " x", "é", "\u00a0y", "\x1fz"]
CELLS = st.sampled_from([*NUMBERS, *TEXTS])
VALUES = st.sampled_from(
    [
        None,
        "7",
        "x",
        "",
        "null",
        " x",
        "é",
        "low",
        "\x1fz",
        "\u00a0y",
        7,
        7.0,
        7.5,
        -1,
        1000,
        2**53 + 1,
        0.1,
        True,
        False,
    ]
)
PARENTS = st.lists(st.sampled_from(["C-1", "c-1", None]), max_size=2)
ID = "00000000-0000-4000-8000-{:012d}"


def table(rows: list[tuple[str, ...]], columns: tuple[str, ...] = COLUMNS) -> Source:
    lines = ["\t".join(("type", "submitter_id", *columns))]
    lines += ["\t".join(("visit", f"V-{place}", *row)) for place, row in enumerate(rows)]
    return Source("table", "tsv", "\n".join([*lines, "visit\tlast" + "\tx" * len(columns)]).encode)


def by_column(source: Source) -> TableColumns:
    slices = Slices(source)
    node, of_node = clinic()["visit"], NodeColumns(clinic()["visit"], clinic().nodes, ",")
    parts = list(slices)
    assert TableColumns.fits(node, slices.columns, of_node)
    made = TableColumns("table", node, slices.columns, of_node)
    for part in parts:
        columns = part.columns(len(slices.header))
        assert columns is not None
        made.add(columns)
    assert made.names() is not None
    made.forget_ids()
    return made


def held(document: dict[str, Any], number: int) -> dict[str, Any]:
    """The record that the document becomes, as an export gives it."""
    record = {name: value for name, value in document.items() if value not in (None, [])}
    if "cases" in record:
        record["cases"] = [{"node_id": ID.format(0), **parent} for parent in record["cases"]]
    return {**record, "id": ID.format(number), "state": "validated", "project_id": "P-X"}


def found(made: TableColumns, records: list[dict[str, Any]], separators: tuple[str, str] = (", ", ": ")) -> list[bool]:
    read = read_export(json.dumps(records, separators=separators), made.schema())
    if read is None:
        return [False] * len(records)
    return [bool(same) for same in made.find(read[0])]


rows = st.tuples(*[CELLS] * len(COLUMNS))


@given(st.lists(rows, min_size=1, max_size=5), st.sampled_from([(", ", ": "), (",", ":")]))
def test_what_rows_made_is_recognised_only_where_it_is_the_same(
    cells: list[tuple[str, ...]], separators: tuple[str, str]
) -> None:
    """Each row against the record of every other row."""
    source = table(cells)
    documents = [dict(item.document or {}) for item in Streamed(source, clinic().nodes)][:-1]
    for place, document in enumerate(documents):
        made = by_column(source)
        record = {**held(documents[(place + 1) % len(documents)], 5), "submitter_id": document["submitter_id"]}
        record = {"type": "visit", **json.loads(json.dumps(record))}
        if found(made, [record], separators)[0]:
            assert not changes(document, record, clinic()["visit"])
            assert list(made.settled(1, 9)) == [(place + 1, ID.format(5))]
        else:
            assert list(made.settled(1, 9)) == []


@given(
    rows,
    st.fixed_dictionaries(dict.fromkeys(COLUMNS[:-1], VALUES)),
    PARENTS,
    st.sampled_from([None, "x"]),
)
@example(("", "", "", "", "", ""), dict.fromkeys(COLUMNS[:-1]), [], None)
@example((" x", "", "", "", "", ""), {**dict.fromkeys(COLUMNS[:-1]), "text": " x"}, [], None)
@example(("", "", "", "", "", "C-1"), dict.fromkeys(COLUMNS[:-1]), ["C-1", "C-1"], None)
@example(("", "", "", "", "", ""), dict.fromkeys(COLUMNS[:-1]), [None], None)
def test_no_record_is_taken_for_the_same_that_differs(
    cells: tuple[str, ...], values: dict[str, Any], parents: list[str | None], more: str | None
) -> None:
    source = table([cells])
    document = dict(next(iter(Streamed(source, clinic().nodes))).document or {})
    record = {"type": "visit", "id": ID.format(1), "submitter_id": "V-0"}
    record |= {name: value for name, value in {**values, "colour": more}.items() if value is not None}
    if parents:
        record["cases"] = [{"node_id": ID.format(0), "submitter_id": name} for name in parents]
    if found(by_column(source), [record])[0]:
        assert not changes(document, record, clinic()["visit"])
        assert more is None
        assert {each for each in parents if each} == {each["submitter_id"] for each in document["cases"]}
        assert len(parents) <= 1


def test_rows_as_they_usually_are_are_recognised() -> None:
    source = table(
        [("a text", "7", "1.5", "true", "low", "C-1"), ("", "-3", "2", "", "", ""), ("b", "1", "", "", "", "C-2")]
    )
    made = by_column(source)
    documents = [dict(item.document or {}) for item in Streamed(source, clinic().nodes)]
    records = [{"type": "visit", **held(document, number)} for number, document in enumerate(documents[:3])]
    records[2]["whole"] = 2
    assert found(made, [*records, {**records[0], "submitter_id": "unknown"}]) == [True, True, False, False]
    assert list(made.settled(1, 3)) == [(1, ID.format(0)), (2, ID.format(1))]
    assert list(made.settled(2, 2)) == [(2, ID.format(1))]


def test_an_odd_header_is_left_to_a_closer_look() -> None:
    node, of_node = clinic()["visit"], NodeColumns(clinic()["visit"], clinic().nodes, ",")
    for names in (
        ("type", "submitter_id", "cases.id"),
        ("type", "submitter_id", "id"),
        ("type", "submitter_id", "names"),
        ("type", "submitter_id", "cases", "cases.submitter_id"),
        ("type", "submitter_id", "nowhere.submitter_id"),
        ("type", "text"),
    ):
        assert not TableColumns.fits(node, [(name, place) for place, name in enumerate(names)], of_node), names


def test_what_is_no_usual_export_is_not_read_by_column() -> None:
    types = by_column(table([("",) * 6])).schema()
    for text in (
        '[{"type": "visit", "whole": "seven"}]',
        '[{"type": "visit", "text": {"a": 1}}]',
        '[{"type": "visit",\n "text": "x"}]',
        '[{"type": "visit", "cases": [{"type": "x"}, {"type": "y"}]}]',
        '[{"type": "visit", "text": "cut',
    ):
        assert read_export(text, types) is None, text


def test_ids_of_another_length_are_not_noted() -> None:
    made = by_column(table([("",) * 6]))
    assert found(made, [{"type": "visit", "id": "short", "submitter_id": "V-0"}]) == [False]
    assert not np.any(list(made.settled(1, 1)))
