"""The practice commons: faults by name strike before, within or after the work, or let it happen later."""

from __future__ import annotations

import time

import pytest

from gen3submit.sandbox.faults import BadFault, ConnectionCut, Fault
from tests.practice import Practice, sample, study, subject


@pytest.fixture
def practice() -> Practice:
    return Practice()


def stored(practice: Practice) -> int:
    return practice.query("{_study_count}")["_study_count"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("status", Fault("status")),
        ("status@after:504", Fault("status", "after", argument="504")),
        ("reset@later=2.5", Fault("reset", "later", 2.5)),
        ("edit:study/ST/1/study_title=a:b", Fault("edit", argument="study/ST/1/study_title=a:b")),
        ("drop-answer", Fault("drop-answer", "after")),
    ],
)
def test_a_fault_is_written_name_point_argument(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["", "nope", "status@never", "status@after=x", "Status"])
def test_what_is_no_fault_is_refused(practice: Practice, text: str) -> None:
    with pytest.raises(BadFault):
        Fault.parse(text)
    if text:
        assert practice.put(study(), fault=text).status_code == 400


def test_requests_ask_for_faults_only_where_they_may() -> None:
    practice = Practice(with_faults=False)
    assert practice.put(study(), fault="status:503").status_code == 200
    assert practice.client.get("/_practice/requests").mimetype == "text/html"


@pytest.mark.parametrize(
    ("point", "count", "states"),
    [
        ("before", 0, ["PENDING"]),
        ("within", 0, ["PENDING", "PENDING"]),
        ("unlogged", 1, ["PENDING", "PENDING"]),
        ("after", 1, ["PENDING", "SUCCEEDED"]),
    ],
)
def test_the_point_says_what_is_stored_and_logged(
    practice: Practice, point: str, count: int, states: list[str]
) -> None:
    answer = practice.put(study(), fault=f"status@{point}:504", headers={"X-Document-Name": "mine"})
    assert answer.status_code == 504
    assert stored(practice) == count
    log = practice.log()
    assert [entry["state"] for entry in log] == states
    assert [document["name"] for entry in log[1:] for document in entry["documents"]] == ["mine"] * (len(states) - 1)


def test_a_submission_can_come_through_later(practice: Practice) -> None:
    """At once: the answer, and an entry in the log with its name; after a while: the records."""
    answer = practice.put(study(), fault="gateway@later=1.5", headers={"X-Document-Name": "mine"})
    assert (answer.status_code, answer.text) == (500, '{ "error": "service failure - try again later"}')
    assert practice.log()[-1] == {"state": "PENDING", "documents": [{"name": "mine"}]}
    assert stored(practice) == 0
    deadline = time.monotonic() + 10
    while practice.log()[-1]["state"] == "PENDING" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert practice.log()[-1]["state"] == "SUCCEEDED"
    assert stored(practice) == 1


def test_a_deletion_can_come_through_later(practice: Practice) -> None:
    id_ = practice.stored(study())[0]
    assert practice.ask("DELETE", f"/practice/study/entities/{id_}", fault="status@later=1.5:502").status_code == 502
    assert stored(practice) == 1
    deadline = time.monotonic() + 10
    while stored(practice) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert stored(practice) == 0


@pytest.mark.parametrize(
    ("fault", "status", "mimetype"),
    [
        ("status:429,7", 429, "application/json"),
        ("html:200", 200, "text/html"),
        ("html:502", 502, "text/html"),
        ("gateway", 500, "application/octet-stream"),
        ("unauthorized", 401, "application/json"),
        ("forbidden", 403, "application/json"),
        ("login", 302, "text/html"),
        ("unable-to-write", 400, "application/json"),
        ("malformed", 200, "application/json"),
        ("empty", 200, "application/json"),
    ],
)
def test_faults_that_answer_instead(practice: Practice, fault: str, status: int, mimetype: str) -> None:
    answer = practice.put(study(), fault=fault)
    assert (answer.status_code, answer.mimetype) == (status, mimetype)
    assert stored(practice) == 0


def test_a_refusal_may_say_when_to_come_back(practice: Practice) -> None:
    assert practice.put(study(), fault="status:503,7").headers["Retry-After"] == "7"


def test_a_commit_may_look_like_a_refusal(practice: Practice) -> None:
    answer = practice.put(study(), fault="unable-to-write@after")
    assert answer.json == {"message": "Unable to write to database, please try again"}
    assert stored(practice) == 1


def test_a_connection_is_cut_before_or_after_the_work(practice: Practice) -> None:
    for point, count in (("before", 0), ("after", 1)):
        with pytest.raises(ConnectionCut):
            practice.put(study(), fault=f"reset@{point}")
        assert stored(practice) == count


def test_an_answer_is_cut_short(practice: Practice) -> None:
    with pytest.raises(ConnectionCut):
        _ = practice.put(study(), fault="truncate:10").data
    assert stored(practice) == 1


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        ("drop-answer", ["a", "b"]),
        ("drop-answer:2", ["a"]),
        ("double-answer", ["a", "b", "c", "c"]),
        ("reorder-answers", ["c", "b", "a"]),
        ("foreign-answer", ["a", "b", "a record that was not sent"]),
    ],
)
def test_answers_are_dropped_doubled_and_reordered(practice: Practice, fault: str, names: list[str]) -> None:
    answer = practice.put(study("a"), study("b"), study("c"), fault=fault)
    found = [entity["unique_keys"][0]["submitter_id"] for entity in answer.json["entities"]]
    assert found == names
    assert stored(practice) == 3


def test_success_may_be_denied(practice: Practice) -> None:
    answer = practice.put(study(), fault="success-false")
    assert (answer.status_code, answer.json["success"]) == (200, False)


def test_success_may_be_a_lie(practice: Practice) -> None:
    answer = practice.put(study(), fault="lost")
    assert (answer.status_code, answer.json["success"]) == (200, True)
    assert stored(practice) == 0
    assert practice.log("state documents{response_json}")[-1] == {
        "state": "PENDING",
        "documents": [{"response_json": "null"}],
    }


def test_somebody_else_changes_or_deletes_a_record(practice: Practice) -> None:
    practice.stored(study("a/b"))
    practice.ask("GET", "/", fault="edit:study/a/b/study_title=Changed title")
    assert practice.query("{study{study_title}}") == {"study": [{"study_title": "Changed title"}]}
    practice.ask("GET", "/", fault="remove:study/a/b")
    assert stored(practice) == 0


def test_bodies_can_be_too_large(practice: Practice) -> None:
    assert practice.put(study(), fault="too-large:10").status_code == 413
    assert practice.put(study(), fault="too-large:10000").status_code == 200


def test_tokens_expire_on_demand(practice: Practice) -> None:
    answer = practice.put(study(), fault="expire-tokens")
    assert (answer.status_code, answer.json["message"]) == (401, "Authentication Error: Signature has expired")
    assert practice.ask("GET", "/").status_code == 401


def test_a_key_can_be_revoked(practice: Practice) -> None:
    practice.commons.faults.plan("revoked", path="access_token")
    answer = practice.client.post("/user/credentials/api/access_token", json={"api_key": "any"})
    assert (answer.status_code, answer.mimetype) == (401, "text/html")


def test_an_answer_is_delayed(practice: Practice) -> None:
    begin = time.monotonic()
    practice.ask("GET", "/", fault="delay:0.2")
    assert time.monotonic() - begin >= 0.2


def test_planned_faults_strike_the_requests_they_are_meant_for(practice: Practice) -> None:
    faults = practice.commons.faults
    faults.plan("status:503", method="PUT", path="/practice/study", times=2, skip=1)
    statuses = [practice.put(study()).status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]
    faults.plan("status:500", method="DELETE", times=-1)
    assert [practice.ask("DELETE", "/practice/study/entities/x").status_code for _ in range(2)] == [500, 500]
    assert practice.put(study()).status_code == 200
    faults.clear()
    assert practice.ask("DELETE", "/practice/study/entities/x").status_code == 400


def test_faults_are_planned_from_another_process_too(practice: Practice) -> None:
    asked = {"fault": "status:503", "method": "PUT", "times": 1}
    assert practice.client.post("/_practice/faults", json=asked).json == {"planned": ["status"]}
    assert practice.put(study()).status_code == 503
    practice.client.post("/_practice/faults", json={"fault": "reset", "times": -1})
    assert practice.client.delete("/_practice/faults").json == {"planned": []}
    assert practice.client.post("/_practice/faults", json={"fault": "nope"}).status_code == 400


def test_requests_are_counted(practice: Practice) -> None:
    practice.put(study(), headers={"X-Document-Name": "one"})
    practice.put(study(), fault="status:503", headers={"X-Document-Name": "two"})
    practice.query("{_study_count}")
    faults = practice.commons.faults
    assert faults.writes() == faults.writes("/practice/study") == 2
    assert [(seen.document_name, seen.fault) for seen in faults.seen if seen.method == "PUT"] == [
        ("one", None),
        ("two", "status"),
    ]
    counted = practice.client.get("/_practice/requests").json
    assert counted["writes"] == 2
    assert counted["counts"]["PUT /api/v0/submission/practice/study"] == 2


def test_rows_can_be_slowed_down() -> None:
    practice = Practice(row_delay=0.05)
    begin = time.monotonic()
    practice.stored(study(), subject(), sample())
    assert time.monotonic() - begin >= 0.15
