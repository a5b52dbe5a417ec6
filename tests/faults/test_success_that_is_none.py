"""The commons says success and has stored nothing: told by the proof, and the row to blame is found."""

from __future__ import annotations

from tests.submitting import Lab, cases, outcomes, visits


def test_a_lost_write_is_noticed_and_sent_again(there: Lab) -> None:
    there.fault("lost")
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"created": 8}
    assert any("cannot be found" in said for _, said in report.events)
    assert {request.confirmed for request in report.requests} == {"lost", "log"}


def test_a_row_that_loses_its_batch_each_time_is_found_by_halving(there: Lab) -> None:
    """Somebody else's record has the id that a row gives itself: Sheepdog says success and stores nothing at all."""
    taken = "11111111-1111-4111-8111-111111111111"
    answer = there.commons.submit(
        "P-X",
        f'[{{"type":"keyword","submitter_id":"theirs","id":"{taken}"}}]'.encode(),
        document_name="somebody else",
    )
    assert answer.json["success"]
    rows = "".join(f"keyword\tK-{n}\t{taken if n == 5 else ''}\n" for n in range(8))
    # The check would see it, were it told of that record.
    report = there.upload({"keyword.tsv": "type\tsubmitter_id\tid\n" + rows.replace("\t\n", "\t\n")}, existing=[])
    counts = there.agree(report)
    assert counts == {"created": 7, "rejected": 1}
    assert outcomes(report)["K-5"] == "rejected"
    told = {row.result.submitter_id: row.server_message for row in report.rows()}
    assert "stored nothing" in str(told["K-5"])


def test_without_proof_the_word_of_the_commons_is_taken(there: Lab) -> None:
    there.fault("lost")
    report = there.upload({"case.tsv": cases(2)}, verify=False)
    assert report.counts["created"] == 2
    assert there.stored("case") == {}
    assert not report.verified
    assert {request.confirmed for request in report.requests} == {"answer"}


def test_a_lost_write_is_noticed_without_a_log_too(there: Lab) -> None:
    there.practice.faults.plan("forbidden", method="POST", path="graphql", times=-1)
    there.fault("lost")
    report = there.upload({"case.tsv": cases(4), "visit.tsv": visits(4)})
    assert there.agree(report) == {"created": 8}
    assert {request.confirmed for request in report.requests} == {"lost", "read-back"}


def test_a_child_is_sent_only_after_its_parents_are_proved(there: Lab) -> None:
    there.fault("lost")
    report = there.upload({"case.tsv": cases(3), "visit.tsv": visits(3)})
    assert [(request.type, request.confirmed) for request in report.requests][-1] == ("visit", "log")
    assert not any(request.type == "visit" and request.status == 400 for request in report.requests)


def test_who_may_not_read_at_all_is_told_that_nothing_is_proved(there: Lab) -> None:
    there.practice.faults.plan("forbidden", method="POST", path="graphql", times=-1)
    there.practice.faults.plan("forbidden", method="GET", path="export", times=-1)
    report = there.upload({"case.tsv": cases(2)})
    assert there.agree(report) == {"unknown": 2}
    assert report.exit_code == 3
    assert "not proved" in str(report.stopped)
    believed = there.resume(report.run_id, verify=False)
    assert there.agree(believed) == {"created": 2}
    assert there.puts() == 1
