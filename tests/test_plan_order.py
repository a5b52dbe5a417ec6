"""Parents before children: between node types, and record by record where types depend on themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen3submit.checking import check
from gen3submit.planning import Plan, plan
from tests.clinic import clinic
from tests.submitting import PROJECT, Lab, cases, lab, outcomes, specimens, visits


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        yield made


def planned(folder: Path, tables: dict[str, str], *, good_rows: bool = False) -> Plan:
    for name, text in tables.items():
        (folder / name).write_text(text)
    result = check(folder, dictionary=clinic(), project=PROJECT, existing=[])
    return plan(result, folder, clinic(), good_rows=good_rows)


def levels(made: Plan) -> dict[str, int]:
    return dict(made.journal.rows("SELECT submitter_id, level FROM row WHERE state = 'pending'"))


def test_types_stand_in_stages(tmp_path: Path) -> None:
    tables = {
        "a-visit.tsv": visits(2, of=2),
        "b-case.tsv": cases(2),
        "c-study.tsv": "type\tsubmitter_id\tcases.submitter_id\nstudy\tST\tC-0,C-1\n",
        "d-keyword.tsv": "type\tsubmitter_id\nkeyword\tK\n",
    }
    with planned(tmp_path, tables) as made:
        assert [(type_.stage, type_.name, type_.rows) for type_ in made.types()] == [
            (0, "case", 2),
            (0, "keyword", 1),
            (1, "study", 1),
            (1, "visit", 2),
        ]
        assert made.check.order == (("case", "keyword"), ("study", "visit"))
        assert made.ok


def test_a_type_that_links_to_itself_is_ordered_record_by_record(tmp_path: Path) -> None:
    table = specimens(("S-3", "S-2"), ("S-1", ""), ("S-2", "S-1"), ("S-0", ""), ("S-4", "s-1"))
    with planned(tmp_path, {"specimen.tsv": table}) as made:
        assert levels(made) == {"S-3": 2, "S-1": 0, "S-2": 1, "S-0": 0, "S-4": 1}


def test_types_whose_links_lead_in_a_circle_are_ordered_record_by_record(tmp_path: Path) -> None:
    tables = {
        "left.tsv": "type\tsubmitter_id\trights.submitter_id\nleft\tL-0\t\nleft\tL-2\tR-1\n",
        "right.tsv": "type\tsubmitter_id\tlefts.submitter_id\nright\tR-1\tL-0\nright\tR-3\tL-2\n",
    }
    with planned(tmp_path, tables) as made:
        assert levels(made) == {"L-0": 0, "R-1": 1, "L-2": 2, "R-3": 3}


def test_a_circle_of_records_is_a_finding_that_names_its_members(tmp_path: Path) -> None:
    table = specimens(
        ("S-1", "S-3"), ("S-2", "S-1"), ("S-3", "S-2"), ("S-4", "S-3"), ("S-5", "S-4"), ("S-6", ""), ("S-7", "S-7")
    )
    with planned(tmp_path, {"specimen.tsv": table}, good_rows=True) as made:
        rows = {row.result.submitter_id: row for row in made.rows()}
        found = {
            name: [finding for finding in row.result.findings if finding.code == "record-cycle"]
            for name, row in rows.items()
        }
        assert {name for name, findings in found.items() if findings} == {"S-1", "S-2", "S-3", "S-7"}
        assert sorted(found["S-1"][0].facts["circle"]) == ["S-1", "S-2", "S-3"]
        assert found["S-7"][0].facts["circle"] == ["S-7"]
        assert "its own ancestor" in found["S-2"][0].message
        assert rows["S-4"].outcome == rows["S-5"].outcome == "blocked"
        assert rows["S-6"].outcome == "create"
        assert made.has_errors
        assert made.counts == {"create": 1, "update": 0, "unchanged": 0, "rejected": 4, "blocked": 2}


def test_a_circle_of_records_keeps_everything_from_being_sent_unless_good_rows_are_wanted(there: Lab) -> None:
    tables = {"specimen.tsv": specimens(("S-1", "S-2"), ("S-2", "S-1"), ("S-3", "S-2"), ("S-4", ""))}
    report = there.upload(tables)
    assert there.agree(report) == {"not-sent": 3, "blocked": 1}
    assert report.exit_code == 1
    assert there.puts() == 0
    report = there.upload(good_rows=True)
    assert there.agree(report) == {"not-sent": 2, "blocked": 1, "created": 1}


def test_a_long_chain_of_records_is_sent_link_by_link(there: Lab) -> None:
    chain = [(f"S-{n}", f"S-{n - 1}" if n else "") for n in range(12)]
    report = there.upload({"specimen.tsv": specimens(*reversed(chain))})
    assert there.agree(report) == {"created": 12}
    assert there.puts() == 12


def test_rows_without_errors_are_planned_and_their_blocked_children_told(tmp_path: Path) -> None:
    tables = {"case.tsv": cases(2) + "case\tC-9\tY\n", "visit.tsv": visits(2, of=2) + "visit\tV-9\tC-9\tlow\t1\n"}
    with planned(tmp_path, tables, good_rows=True) as made:
        outcome = {row.result.submitter_id: row.outcome for row in made.rows()}
        assert outcome == {
            "C-0": "create",
            "C-1": "create",
            "C-9": "rejected",
            "V-0": "create",
            "V-1": "create",
            "V-9": "blocked",
        }
        assert not made.ok
        assert made.exit_code == 1


def test_the_same_row_in_two_files_is_sent_once(there: Lab) -> None:
    report = there.upload({"a.tsv": cases(3), "b.tsv": cases(2)})
    assert there.agree(report) == {"created": 3, "unchanged": 2}
    assert there.puts() == 1
    assert report.ok


names = st.integers(0, 7).map("S-{}".format)


@given(
    st.lists(st.tuples(names, st.lists(names, max_size=3)), max_size=10, unique_by=lambda row: row[0]),
    st.sets(names, max_size=2),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_is_ever_planned_before_its_parents(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str]]], bad: set[str]
) -> None:
    """Random graphs of samples with random mistakes: whatever is planned stands after all that it needs."""
    folder = tmp_path_factory.mktemp("graph")
    known = {name for name, _ in rows}
    table = "type\tsubmitter_id\tspecimens.submitter_id\tcases.submitter_id\n" + "".join(
        f"specimen\t{name}\t{','.join(p for p in parents if p in known)}\t{'nobody' if name in bad else ''}\n"
        for name, parents in rows
    )
    if not rows:
        return
    many = {"specimen.tsv": table}
    with planned(folder, many, good_rows=True) as made:
        placed = levels(made)
        states = dict(made.journal.rows("SELECT submitter_id, state FROM row"))
        graph = {name: {p for p in parents if p in known} for name, parents in rows}
        for name, parents in graph.items():
            if name in placed:
                assert all(parent in placed and placed[parent] < placed[name] for parent in parents)
            else:
                assert states[name] in ("left-out", "blocked")
        assert made.counts["create"] == len(placed)


def test_blocked_rows_keep_their_reason_in_the_report(there: Lab) -> None:
    report = there.upload(
        {
            "specimen.tsv": specimens(("S-1", ""), ("S-2", "S-1")).replace(
                "specimen\tS-1\t\n", "specimen\tS-1\tnobody\n"
            )
        },
        good_rows=True,
    )
    assert outcomes(report) == {"S-1": "not-sent", "S-2": "blocked"}
