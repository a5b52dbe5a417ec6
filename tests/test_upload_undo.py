"""Undoing, verifying: what a submission created goes, children first; what was there before stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gen3submit.errors import UsageProblem
from gen3submit.planning.comparing import Change
from gen3submit.submit import SubmissionReport, UndoPlan, undo, verify
from tests.clinic import clinic
from tests.submitting import PROJECT, Lab, cases, lab, specimens, visits


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        yield made


def planned(there: Lab, report: SubmissionReport) -> UndoPlan:
    return undo(report.run_id, commons=there.commons, circumstances=there.around())


def checks(there: Lab, what: Any, **options: Any) -> dict[str, Any]:
    found = verify(what, commons=there.commons, dictionary=clinic(), state=there.state, **options)
    return {"rows": {row.submitter_id: (str(row.found), row.differences) for row in found}, "counts": found.counts}


TABLES = {
    "case.tsv": cases(3),
    "visit.tsv": visits(7),
    "specimen.tsv": specimens(("S-2", "S-1"), ("S-1", ""), ("S-3", "S-2")),
}


def test_what_was_created_is_deleted_children_first(there: Lab) -> None:
    report = there.upload(TABLES)
    with planned(there, report) as plan:
        assert plan.counts == {"specimen": 3, "visit": 7, "case": 3}
        assert [record.submitter_id for record in plan.records() if record.type == "specimen"] == ["S-3", "S-2", "S-1"]
        assert len(there.stored("case")) == 3, "planning deletes nothing"
        done = plan.carry_out()
        assert (done.deleted, done.gone, done.kept, done.exit_code) == (13, 0, [], 0)
        assert list(plan.records()) == []
    assert there.stored("case") == there.stored("visit") == there.stored("specimen") == {}
    assert there.agree(there.upload()) == {"created": 13}


def test_what_was_there_before_stays_and_its_old_values_are_told(there: Lab) -> None:
    there.upload({"case.tsv": cases(2, text="old")})
    report = there.upload({"case.tsv": cases(3, text="new")})
    with planned(there, report) as plan:
        assert [record.submitter_id for record in plan.records()] == ["C-2"]
        assert [(change.submitter_id, change.changes) for change in plan.changes()] == [
            ("C-0", (Change("text", "old", "new"),)),
            ("C-1", (Change("text", "old", "new"),)),
        ]
        assert plan.carry_out().deleted == 1
    assert set(there.stored("case")) == {"C-0", "C-1"}


def test_a_record_on_which_others_depend_is_kept(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(3)})
    (there.folder / "data" / "case.tsv").unlink()
    there.upload({"visit.tsv": visits(1)})
    with planned(there, report) as plan:
        done = plan.carry_out()
    assert done.deleted == 2
    assert [(kept.record.submitter_id, "depend on it" in kept.why) for kept in done.kept] == [("C-0", True)]
    assert done.exit_code == 1
    assert set(there.stored("case")) == {"C-0"}


def test_what_somebody_deleted_already_does_not_hinder(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(3)})
    there.commons.delete_records(PROJECT, [there.stored("case")["C-1"]["id"]])
    with planned(there, report) as plan:
        done = plan.carry_out()
    assert (done.deleted, done.gone, done.ok) == (2, 1, True)


@pytest.mark.parametrize("fault", ["reset@after", "reset", "status@after:504", "gateway", "html@after", "unauthorized"])
def test_an_undo_is_settled_too(there: Lab, fault: str) -> None:
    report = there.upload(TABLES)
    there.practice.faults.plan(fault, method="DELETE")
    with planned(there, report) as plan:
        done = plan.carry_out()
        assert done.ok
        assert done.deleted + done.gone == 13
        assert list(plan.records()) == []
    assert there.stored("case") == {}


def test_an_undo_that_stopped_goes_on(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(130)})
    there.practice.faults.plan("forbidden", method="DELETE", skip=1, times=-1)
    with planned(there, report) as plan:
        done = plan.carry_out()
        assert done.exit_code == 3
        assert 0 < done.deleted < 130
        there.practice.faults.clear()
        assert plan.carry_out().deleted == 130 - done.deleted
    assert there.stored("case") == {}


def test_a_submission_that_is_not_settled_cannot_be_undone(there: Lab) -> None:
    there.fault("status@within:504")
    report = there.upload({"case.tsv": cases(2)})
    assert report.counts["unknown"] == 2
    with pytest.raises(UsageProblem, match="not come to its end"):
        planned(there, report)


def test_every_row_is_told_equal_different_or_missing(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(3, text="x"), "visit.tsv": visits(3)})
    assert checks(there, report.run_id)["counts"] == {"equal": 6, "different": 0, "missing": 0}
    there.edit("case", "C-1", text="y")
    there.commons.delete_records(PROJECT, [there.stored("visit")["V-2"]["id"]])
    found = checks(there, there.folder / "data", project=PROJECT)
    assert found["counts"] == {"equal": 4, "different": 1, "missing": 1}
    assert found["rows"]["C-1"] == ("different", (Change("text", "y", "x"),))
    assert found["rows"]["V-2"] == ("missing", ())


def test_verifying_writes_nothing_and_tells_it_in_json(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(2, text="x")})
    before = there.writes()
    there.edit("case", "C-1", text="y")
    told = verify(report.run_id, commons=there.commons, dictionary=clinic(), state=there.state).to_dict()
    assert there.writes() == before
    assert (told["ok"], told["summary"]) == (False, {"equal": 1, "different": 1, "missing": 0})
    assert told["rows"][1]["differences"] == [{"property": "text", "commons": "y", "file": "x"}]


def test_verifying_needs_a_run_or_a_project(there: Lab) -> None:
    there.write({"case.tsv": cases(1)})
    with pytest.raises(UsageProblem, match="no project"):
        checks(there, there.folder / "data")
    report = there.upload({"case.tsv": cases(1)})
    there.write({"case.tsv": cases(2)})
    with pytest.raises(UsageProblem, match="changed since"):
        checks(there, report.run_id)
