"""Rows that say exactly what the commons holds are recognised by their forms, by column and one by one alike."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.planning.comparing import changes
from gen3submit.planning.forms import NONE, Forms
from gen3submit.planning.slices import Slices
from gen3submit.planning.streaming import Streamed
from gen3submit.rules.columns import NodeColumns
from gen3submit.tables.source import Source
from tests.clinic import clinic

COLUMNS = ("text", "whole", "number", "flag", "names", "counts", "either", "cases.submitter_id")
VALUES = st.sampled_from(["", "null", "7", "7.0", "-1", "-2", "1e3", "true", "1", "low", "a,b", "C-1", "c-1"])
rows = st.tuples(*[VALUES] * len(COLUMNS))


def table(*cells: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> Source:
    lines = ["\t".join(("type", "submitter_id", *columns))]
    lines += ["\t".join(("visit", f"V-{place}", *row)) for place, row in enumerate(cells)]
    return Source("table", "tsv", "\n".join([*lines, "\t".join(["visit", "last", *["x"] * len(columns)])]).encode)


def documents(source: Source) -> list[dict[str, Any]]:
    return [dict(item.document or {}) for item in Streamed(source, clinic().nodes)]


def by_column(source: Source, forms: Forms) -> list[Any] | None:
    slices = Slices(source)
    cells = [row for part in slices for row in part.cells]
    of_node = NodeColumns(clinic()["visit"], clinic().nodes, ",")
    return forms.of_columns(slices.columns, list(zip(*cells, strict=True)), of_node)


def held(document: dict[str, Any]) -> dict[str, Any]:
    """The record that the document becomes, as an export gives it."""
    record = {name: value for name, value in document.items() if value not in (None, [])}
    if "cases" in record:
        record["cases"] = [{"node_id": "11", **parent} for parent in record["cases"]]
    return json.loads(json.dumps({**record, "id": "a", "state": "validated", "project_id": "P-X"}))


@given(st.lists(rows, min_size=1, max_size=4))
def test_forms_by_column_are_those_of_the_documents(cells: list[tuple[str, ...]]) -> None:
    source = table(*cells)
    assert by_column(source, Forms(clinic()["visit"])) == [
        Forms(clinic()["visit"]).of_document(document) for document in documents(source)
    ]


@given(rows, rows)
@example(("-1", *[""] * 7), ("-2", *[""] * 7))
@example(("", "", "", "true", "", "", "", ""), ("", "", "", "1", "", "", "", ""))
def test_the_same_form_means_that_nothing_would_change(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    forms = Forms(clinic()["visit"])
    said = by_column(table(one, other), forms)
    first, second, _ = documents(table(one, other))
    record = held(first)
    assert said is not None
    assert said[0].form == forms.of_record(record)
    if said[1].form == forms.of_record(record):
        assert not changes({**second, "submitter_id": record["submitter_id"]}, record, clinic()["visit"])


def test_parents_told_by_different_keys_need_a_closer_look() -> None:
    forms = Forms(clinic()["visit"])
    by_name = {"type": "visit", "submitter_id": "V", "cases": [{"submitter_id": "x"}]}
    by_id = {"type": "visit", "submitter_id": "V", "cases": [{"id": "x"}]}
    assert forms.of_document(by_name).form != NONE
    assert forms.of_document(by_id).form == NONE


def test_parents_told_by_id_are_compared_with_the_ids_of_the_commons() -> None:
    forms = Forms(clinic()["visit"])
    said = forms.of_document({"type": "visit", "submitter_id": "V", "cases": [{"id": "11"}]})
    record = {"id": "a", "submitter_id": "V", "cases": [{"node_id": "11", "submitter_id": "C"}]}
    assert said.form == forms.of_record({**record, "submitter_id": "V"})
    assert said.form != forms.of_record({**record, "cases": [{"node_id": "12", "submitter_id": "11"}]})


def test_an_odd_header_is_left_to_a_closer_look() -> None:
    for columns in (
        ("cases.submitter_id", "cases.id"),
        ("cases", "cases.submitter_id"),
        ("nowhere.submitter_id", "text"),
    ):
        assert by_column(table(("x", "y"), columns=columns), Forms(clinic()["visit"])) is None


def test_null_takes_parents_away_and_needs_a_closer_look() -> None:
    said = Forms(clinic()["visit"]).of_document({"type": "visit", "submitter_id": "V", "cases": None})
    assert said.form == NONE
