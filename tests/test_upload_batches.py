"""A batch is all or nothing, and yet one bad row does not sink its neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.sandbox.app import PracticeCommons
from gen3submit.submit.sizes import FIRST, MOST, BatchSize
from tests.submitting import Lab, cases, lab, outcomes, visits


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        yield made


def grades(*bad: int, count: int) -> str:
    rows = (f"visit\tV-{n}\tC-0\t{'nonsense' if n in bad else 'low'}\n" for n in range(count))
    return "type\tsubmitter_id\tcases.submitter_id\tgrade\n" + "".join(rows)


def strict(there: Lab) -> None:
    """The commons knows a stricter dictionary than the check: `text` may not be `bad`."""
    schema = there.practice.services.submissions.rules.schema("case")
    original = schema.errors

    def errors(document):  # type: ignore[no-untyped-def]
        from gen3submit.rules.errors import EntityError

        found = original(document)
        if document.get("text") == "bad":
            found = [*found, EntityError("'bad' is not allowed", ("text",), "INVALID_VALUE")]
        return found

    schema.errors = errors  # type: ignore[method-assign]


def sinking(there: Lab) -> None:
    """One value sinks the whole transaction, and the commons does not say which row it was."""
    rules = there.practice.services.submissions.rules
    original = rules.run

    def run(documents, store, project_id, **more):  # type: ignore[no-untyped-def]
        poisoned = any(document.get("text") == "poison" for document in documents)
        return original(documents, store, project_id, **{**more, "text": "\0" if poisoned else more.get("text", "")})

    rules.run = run  # type: ignore[method-assign]


def test_of_rows_that_the_check_refuses_none_is_sent_and_none_sent_twice(there: Lab) -> None:
    bad = range(50, 2000, 100)
    report = there.upload({"case.tsv": cases(1), "visit.tsv": grades(*bad, count=2000)}, good_rows=True)
    assert there.agree(report) == {"created": 1981, "not-sent": 20}
    assert sum(request.rows for request in report.requests) == 1981


def test_requests_grow_with_the_first_answers_and_a_small_one_holds_nothing_back() -> None:
    size = BatchSize()
    size.answered(30, 0.13)  # the request cost most of it
    assert FIRST < size.rows <= 4 * FIRST
    small = size.rows
    size.answered(1, 0.1)
    assert size.rows == small


def table(texts: dict[int, str], count: int) -> str:
    rows = (f"case\tC-{n}\tX\t{texts.get(n, 'fine')}\n" for n in range(count))
    return "type\tsubmitter_id\tprojects.code\ttext\n" + "".join(rows)


def test_a_row_that_the_commons_names_is_taken_out_and_the_rest_sent_again(there: Lab) -> None:
    strict(there)
    report = there.upload({"case.tsv": table({41: "bad"}, 100)})
    assert there.agree(report) == {"created": 99, "rejected": 1}
    assert there.puts() == 2
    (bad,) = [row for row in report.rows() if row.outcome == "rejected"]
    assert bad.result.submitter_id == "C-41"
    assert bad.server_message == "'bad' is not allowed"
    assert report.exit_code == 1
    assert not report.ok


def test_a_row_that_the_commons_does_not_name_is_found_by_halving(there: Lab) -> None:
    sinking(there)
    report = there.upload({"case.tsv": table({41: "poison"}, 100)})
    assert there.agree(report) == {"created": 99, "rejected": 1}
    assert outcomes(report)["C-41"] == "rejected"
    depth = sum(request.status == 400 for request in report.requests)
    assert depth <= math.ceil(math.log2(100)) + 1


def test_several_rows_that_are_not_named_are_all_found(there: Lab) -> None:
    sinking(there)
    report = there.upload({"case.tsv": table({3: "poison", 41: "poison", 42: "poison"}, 64)})
    assert there.agree(report) == {"created": 61, "rejected": 3}


def test_named_and_unnamed_rows_in_one_batch(there: Lab) -> None:
    strict(there)
    sinking(there)
    report = there.upload({"case.tsv": table({3: "poison", 41: "bad"}, 64)})
    assert there.agree(report) == {"created": 62, "rejected": 2}


def test_children_of_rejected_rows_are_blocked_and_say_why(there: Lab) -> None:
    strict(there)
    report = there.upload({"case.tsv": table({1: "bad"}, 3), "visit.tsv": visits(6)})
    assert there.agree(report) == {"created": 6, "rejected": 1, "blocked": 2}
    blocked = [row for row in report.rows() if row.outcome == "blocked"]
    assert {row.result.submitter_id for row in blocked} == {"V-1", "V-4"}
    for row in blocked:
        (finding,) = [each for each in row.result.findings if each.code == "parent-rejected"]
        assert finding.value == "C-1"
        assert "case.tsv" in finding.message


def test_a_commons_that_refuses_every_row_without_a_reason_is_not_believed(there: Lab) -> None:
    sinking(there)
    report = there.upload({"case.tsv": table(dict.fromkeys(range(40), "poison"), 40)})
    assert report.exit_code == 3
    assert there.puts() < 20
    assert there.agree(report)["not-sent"] > 30


def test_batches_grow_until_a_request_takes_about_ten_seconds() -> None:
    size = BatchSize()
    assert size.rows == FIRST
    taken = []
    for _ in range(12):
        taken.append(size.rows)
        size.answered(size.rows, 0.1 + size.rows / 170)
    assert 1500 <= taken[-1] <= 1800
    size.too_slow(taken[-1])
    assert size.rows <= taken[-1] / 2
    for _ in range(20):
        size.answered(size.rows, 0.1 + size.rows / 170)
    assert 1500 <= size.rows <= 1800


def test_a_size_that_the_user_gives_is_kept(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(25)}, batch_size=10)
    assert there.agree(report) == {"created": 25}
    assert [request.rows for request in report.requests] == [10, 10, 5]


@given(st.lists(st.tuples(st.sampled_from("alg"), st.floats(0.001, 500)), max_size=40), st.none() | st.integers(1, 500))
def test_a_batch_never_is_empty_nor_beyond_its_bounds(events: list[tuple[str, float]], fixed: int | None) -> None:
    size = BatchSize(fixed)
    for kind, seconds in events:
        if kind == "a":
            size.answered(size.rows, seconds)
        elif kind == "l":
            size.too_slow(size.rows)
        else:
            size.too_large(size.rows, int(seconds * 1000) + 1)
        assert 1 <= size.rows <= (fixed or MOST)
        assert size.bytes >= 1


@pytest.mark.parametrize("parallel", [2, 4, 7])
def test_requests_side_by_side_never_overtake_their_parents(there: Lab, parallel: int) -> None:
    report = there.upload({"case.tsv": cases(30), "visit.tsv": visits(60, of=30)}, parallel=parallel, batch_size=5)
    assert there.agree(report) == {"created": 90}
    order = [request.type for request in report.requests]
    assert order == sorted(order)
    assert PracticeCommons is not None


@pytest.mark.parametrize("fault", ["reset@after", "status:504", "lost", "truncate", "unauthorized"])
def test_the_promises_hold_side_by_side(there: Lab, fault: str) -> None:
    there.fault(fault, skip=1, times=2)
    report = there.upload({"case.tsv": cases(12), "visit.tsv": visits(24, of=12)}, parallel=3, batch_size=4)
    assert there.agree(report) == {"created": 36}
