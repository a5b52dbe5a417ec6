"""The practice commons: submissions, their entries in the log, dry runs, and what stores nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.practice import Practice, core_metadata, reads, sample, study, subject


@pytest.fixture
def practice() -> Practice:
    return Practice()


def test_records_are_created_then_updated(practice: Practice) -> None:
    first, second = practice.put(study()), practice.put(study())
    assert first.json["created_entity_count"] == 1
    assert second.json["updated_entity_count"] == 1
    assert first.json["entities"][0]["id"] == second.json["entities"][0]["id"]


def test_post_creates_and_answers_201(practice: Practice) -> None:
    answer = practice.ask("POST", "/practice/study", json=[study()])
    assert (answer.status_code, answer.json["code"]) == (201, 201)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("type\tsubmitter_id\tprojects.code\tstudy_title\nstudy\tST\tstudy\tA title\n", "text/tab-separated-values"),
        ("type,submitter_id,projects.code,study_title\nstudy,ST,study,A title\n", "text/csv"),
        (
            '{"type":"study","submitter_id":"ST","projects":{"code":"study"},"study_title":"A title"}',
            "application/json",
        ),
    ],
)
def test_tables_and_documents_are_taken(practice: Practice, body: str, content_type: str) -> None:
    assert practice.ask("PUT", "/practice/study", data=body, content_type=content_type).json["success"]
    assert practice.query("{study{submitter_id study_title}}") == {
        "study": [{"submitter_id": "ST", "study_title": "A title"}]
    }


def test_one_bad_row_keeps_all_rows_out(practice: Practice) -> None:
    answer = practice.put(study("A"), study("B", nope=1))
    assert (answer.status_code, answer.json["success"]) == (400, False)
    assert practice.query("{_study_count}") == {"_study_count": 0}


def test_a_submission_leaves_its_name_body_and_answer_in_the_log(practice: Practice) -> None:
    answer = practice.put(study(), headers={"X-Document-Name": "a name"})
    entry = practice.log(
        "id state type role is_dry_run submitter documents{name doc_format doc_size doc response_json}"
        " snapshots{action old_props new_props}"
    )[-1]
    document = entry["documents"][0]
    assert entry["id"] == str(answer.json["transaction_id"])
    assert (entry["state"], entry["type"], entry["role"], entry["submitter"]) == (
        "SUCCEEDED",
        "upload",
        "update",
        "submitter",
    )
    assert (document["name"], document["doc_format"]) == ("a name", "json")
    assert json.loads(document["doc"]) == [study()]
    assert document["doc_size"] == len(document["doc"])
    assert json.loads(document["response_json"]) == answer.json
    assert entry["snapshots"][0]["action"] == "create"
    assert entry["snapshots"][0]["old_props"] == "{}"
    assert "'study_title': 'A study'" in entry["snapshots"][0]["new_props"]


def test_every_project_begins_with_an_entry_that_stays_pending(practice: Practice) -> None:
    assert practice.log() == [{"state": "PENDING", "documents": []}]


@pytest.mark.parametrize(
    ("request_", "state", "names"),
    [
        ({"json": [study(nope=1)]}, "FAILED", [{"name": "doc"}]),
        ({"data": '[{"type":"study","submitter_id":"a\\u0000b"}]'}, "ERRORED", []),
        # a unique key that strikes leaves the log as it was, though the answer is 400
        ({"json": [sample("x"), sample("x")]}, "PENDING", [{"name": "doc"}]),
    ],
)
def test_failures_are_logged(practice: Practice, request_: dict[str, object], state: str, names: list[object]) -> None:
    practice.ask("PUT", "/practice/study", headers={"X-Document-Name": "doc"}, **request_)
    assert practice.log()[-1] == {"state": state, "documents": names}


def test_what_cannot_be_read_is_not_logged(practice: Practice) -> None:
    assert practice.ask("PUT", "/practice/study", data="{", content_type="application/json").status_code == 400
    assert practice.put(study(), path="/practice/nowhere").status_code == 404
    assert len(practice.log()) == 1


def test_success_that_stored_nothing_stays_pending(practice: Practice) -> None:
    """Two submitter_ids that differ in letter case only: 200, new ids, and nothing there."""
    practice.stored(study(), subject())
    answer = practice.put(sample("a"), sample("A"), headers={"X-Document-Name": "lost"})
    assert (answer.status_code, answer.json["success"]) == (200, True)
    assert practice.query("{_sample_count}") == {"_sample_count": 0}
    entry = practice.log("state submitter documents{name response_json}")[-1]
    assert entry == {
        "state": "PENDING",
        "submitter": None,
        "documents": [{"name": "lost", "response_json": "null"}],
    }


def test_a_clash_of_a_type_that_the_generic_dictionary_lacks_is_a_500(practice: Practice) -> None:
    practice.stored(study())
    answer = practice.put(subject("a"), subject("A"))
    assert (answer.status_code, list(answer.json)) == (500, ["message"])
    assert practice.log()[-1]["state"] == "PENDING"


def test_a_dry_run_answers_200_whatever_happens_and_stores_nothing(practice: Practice) -> None:
    good = practice.put(study(), path="/practice/study/_dry_run")
    bad = practice.put(study(nope=1), path="/practice/study/_dry_run")
    assert (good.status_code, good.json["success"]) == (200, True)
    assert (bad.status_code, bad.json["success"]) == (200, False)
    assert practice.query("{_study_count}") == {"_study_count": 0}
    assert practice.log("state is_dry_run")[1:] == [
        {"state": "SUCCEEDED", "is_dry_run": True},
        {"state": "FAILED", "is_dry_run": True},
    ]


def test_a_dry_run_can_be_carried_out_once(practice: Practice) -> None:
    number = practice.put(study(), path="/practice/study/_dry_run").json["transaction_id"]
    answer = practice.ask("PUT", f"/practice/study/transactions/{number}/commit")
    assert answer.json["created_entity_count"] == 1
    assert practice.query("{_study_count}") == {"_study_count": 1}
    again = practice.ask("PUT", f"/practice/study/transactions/{number}/commit")
    assert (again.status_code, again.json["message"]) == (
        400,
        f"This transaction_log was committed already by transaction '{answer.json['transaction_id']}'.",
    )
    assert practice.log("committed_by")[1]["committed_by"] == str(answer.json["transaction_id"])


def test_a_closed_dry_run_cannot_be_carried_out(practice: Practice) -> None:
    number = practice.put(study(), path="/practice/study/_dry_run").json["transaction_id"]
    assert practice.ask("PUT", f"/practice/study/transactions/{number}/close").status_code == 200
    answer = practice.ask("PUT", f"/practice/study/transactions/{number}/commit")
    assert answer.json["message"] == "Unable to commit closed transaction log."


@pytest.mark.parametrize(
    ("number", "action", "status", "words"),
    [
        (1, "commit", 400, "not a dry_run"),
        (1, "close", 400, "is not a dry run"),
        (99, "commit", 404, "Unable to find transaction_log with id: 99"),
        (99, "close", 404, "Unable to find transaction_log with id 99"),
        ("x", "close", 404, "404 Not Found"),
    ],
)
def test_what_is_no_dry_run_is_refused(
    practice: Practice, number: object, action: str, status: int, words: str
) -> None:
    answer = practice.ask("PUT", f"/practice/study/transactions/{number}/{action}")
    assert answer.status_code == status
    assert words in answer.json["message"]


def test_async_takes_everything_and_stores_nothing(practice: Practice) -> None:
    answer = practice.put(study(), path="/practice/study?async=true")
    assert (answer.status_code, answer.json["message"]) == (200, "Transaction submitted.")
    assert practice.query("{_study_count}") == {"_study_count": 0}
    assert practice.log()[-1]["state"] == "ERRORED"
    assert practice.put(study(), path="/practice/study?async=maybe").status_code == 400


def test_the_bulk_endpoint_is_as_broken_as_the_real_one(practice: Practice) -> None:
    document = {"name": "n", "doc_format": "json", "doc": json.dumps([study()])}
    assert practice.ask("PUT", "/practice/study/bulk", json=[document]).status_code == 500
    assert practice.ask("PUT", "/practice/study/bulk", json=document).status_code == 400
    assert practice.query("{_study_count}") == {"_study_count": 0}


def test_a_file_record_is_registered_in_the_index(practice: Practice) -> None:
    practice.stored(core_metadata(), reads())
    found = practice.query("{submitted_unaligned_reads{object_id}}")["submitted_unaligned_reads"][0]["object_id"]
    record = practice.client.get(f"/index/index/{found}").json
    assert (record["size"], record["hashes"]) == (10, {"md5": "c" * 32})
    assert record["authz"] == ["/programs/practice/projects/study"]


def test_the_data_file_keeps_records_log_and_numbering(tmp_path: Path) -> None:
    first = Practice(tmp_path / "data.db")
    number = first.put(study()).json["transaction_id"]
    first.commons.close()
    second = Practice(tmp_path / "data.db")
    answer = second.put(study())
    assert answer.json["updated_entity_count"] == 1
    assert answer.json["transaction_id"] > number
    assert [entry["state"] for entry in second.log()] == ["PENDING", "SUCCEEDED", "SUCCEEDED"]
