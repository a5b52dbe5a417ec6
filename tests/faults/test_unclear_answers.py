"""What came back does not tell what became of a request: it is settled, and never sent again blindly."""

from __future__ import annotations

import pytest

from tests.submitting import Lab, cases, outcomes, visits

COMMITTED = [
    "status@after:504",
    "status@after:500",
    "status@after:502",
    "status@after:503",
    "gateway@after",
    "reset@after",
    "html@after",
    "html@after:504",
    "login@after",
    "unable-to-write@after",
    "malformed@after",
    "empty@after",
    "truncate",
    "drop-answer",
    "double-answer",
    "foreign-answer",
    "success-false",
    "status@after:400",
    "status@after:413",
    "status@after:429,0",
    "status@after:403",
    "status@after:404",
    "unauthorized@after",
]
"""The rows are stored, and the answer does not say so."""

NOT_CARRIED_OUT = [
    "status:504",
    "gateway",
    "reset",
    "html",
    "unable-to-write",
    "malformed",
    "empty",
    "status:503,0",
    "status:429,0",
    "unauthorized",
]
"""The rows are not stored, and the answer does not say so, or says to come again."""


@pytest.mark.parametrize("fault", COMMITTED)
def test_stored_without_a_clear_answer_is_confirmed_and_not_sent_again(there: Lab, fault: str) -> None:
    there.fault(fault)
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"created": 8}
    assert there.puts() == 2
    assert report.ok
    assert report.exit_code == 0


@pytest.mark.parametrize("fault", NOT_CARRIED_OUT)
def test_not_stored_is_sent_again_and_then_stored(there: Lab, fault: str) -> None:
    there.fault(fault)
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"created": 8}
    assert there.puts() == 3
    assert report.ok


@pytest.mark.parametrize("fault", ["status@later=0.6:504", "reset@later=0.4", "gateway@later=0.5"])
def test_a_commit_that_comes_later_is_waited_for(there: Lab, fault: str) -> None:
    there.fault(fault)
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"created": 8}
    assert there.puts() == 2
    assert {request.confirmed for request in report.requests} == {"log"}


def test_stored_and_never_logged_is_found_by_reading_back(there: Lab) -> None:
    there.fault("status@unlogged:504")
    report = there.upload({"case.tsv": cases(4)})
    assert there.agree(report) == {"created": 4}
    assert [request.confirmed for request in report.requests] == ["read-back"]
    assert there.puts() == 1


def test_a_transaction_that_never_ends_stops_the_submission(there: Lab) -> None:
    """Died in the middle: PENDING for ever, and nothing there. Nothing is sent over it."""
    there.fault("status@within:504")
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"unknown": 4, "not-sent": 4}
    assert report.exit_code == 3
    assert "still under way" in str(report.stopped)
    assert there.puts() == 1
    again = there.resume(report.run_id)
    assert again.exit_code == 3
    assert there.puts() == 1
    assert there.agree(there.upload(resume=False)) == {"created": 8}


def test_without_a_log_the_rows_are_read_back(there: Lab) -> None:
    there.practice.faults.plan("forbidden", method="POST", path="graphql", times=-1)
    there.fault("reset@after")
    there.fault("reset")
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"created": 8}
    assert report.log_readable is False
    assert any("transaction log" in said for _, said in report.events)
    assert [request.confirmed for request in report.requests] == ["read-back", "no-trace", "read-back"]


def test_an_answer_in_another_order_is_matched_by_key(there: Lab) -> None:
    there.fault("reorder-answers")
    report = there.upload({"case.tsv": cases(5)})
    assert there.agree(report) == {"created": 5}
    ids = {name: record["id"] for name, record in there.stored("case").items()}
    assert {row.result.submitter_id: row.id for row in report.rows()} == ids


def test_updates_without_a_clear_answer_are_told_apart_from_creations(there: Lab) -> None:
    there.upload({"case.tsv": cases(2)})
    there.fault("reset@after")
    report = there.upload({"case.tsv": cases(4, text="new")})
    assert there.agree(report) == {"created": 2, "updated": 2}
    assert outcomes(report)["C-0"] == "updated"


def test_the_same_trouble_again_and_again_stops_the_submission(there: Lab) -> None:
    there.fault("reset", times=-1)
    report = there.upload({"case.tsv": cases(2)})
    assert there.agree(report) == {"not-sent": 2}
    assert report.exit_code == 3
    assert there.puts() == 4
    there.practice.faults.clear()
    again = there.resume(report.run_id)
    assert there.agree(again) == {"created": 2}
    assert again.exit_code == 0
