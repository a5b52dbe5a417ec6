"""A gateway that delays, cuts and gives up: whatever it does to a submission, every row ends once in the commons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.gateway import GEN3, Gateway, Toxic
from tests.submitting import QUICK, Lab, cases, visits

TABLES = {"case.tsv": cases(6), "visit.tsv": visits(12, of=6)}


@pytest.fixture
def gateway(there: Lab) -> Iterator[Gateway]:
    made = Gateway(int(there.url.rpartition(":")[2]))
    there.practice.services.tokens.lifetime = 3600
    yield made
    made.close()


def through(there: Lab, gateway: Gateway, **more: object) -> Lab:
    """Let the lab's client go through the gateway."""
    there.url = gateway.url
    there.commons = there.client(**more)
    return there


@pytest.mark.parametrize(
    ("toxic", "puts"),
    [
        (Toxic(gives_up=0.05), 2),
        (Toxic(gives_up=0.05, answer=GEN3), 2),
        (Toxic(gives_up=0.05, answer=b""), 2),
        (Toxic(hold=0.3, gives_up=0.05), 2),
        (Toxic(hold=0.3, gives_up=0.05, answer=GEN3), 2),
        (Toxic(request_bytes=10), 3),
        (Toxic(request_bytes=400), 3),
        (Toxic(answer_bytes=0), 2),
        (Toxic(answer_bytes=20), 2),
        (Toxic(answer_bytes=300), 2),
        (Toxic(hold=0.2), 2),
    ],
    ids=str,
)
def test_whatever_the_gateway_does(there: Lab, gateway: Gateway, toxic: Toxic, puts: int) -> None:
    gateway.toxics.append(toxic)
    report = through(there, gateway).upload(TABLES)
    assert there.agree(report) == {"created": 18}
    there.once(report)
    assert {len(names) for names in there.stored_by().values()} == {1}
    assert len(report.requests) == puts


def test_an_answer_that_does_not_come_in_time_is_waited_for_in_the_log(there: Lab, gateway: Gateway) -> None:
    """The client gives up on the answer, the commons does not give up on the work."""
    gateway.toxics.append(Toxic(hold=0.6))
    report = through(there, gateway, timeout=0.3).upload(
        TABLES, around=there.around(patience=replace(QUICK, unseen_slow=1.0))
    )
    assert there.agree(report) == {"created": 18}
    assert (report.requests[0].status, report.requests[0].confirmed) == (None, "log")
    assert {len(names) for names in there.stored_by().values()} == {1}


def test_a_batch_that_times_out_is_followed_by_smaller_ones(there: Lab, gateway: Gateway) -> None:
    gateway.toxics += [None, Toxic(hold=0.6)]
    lab = through(there, gateway, timeout=0.3)
    report = lab.upload(
        {"case.tsv": cases(60)}, batch_size=20, around=lab.around(patience=replace(QUICK, unseen_slow=1.0))
    )
    assert lab.agree(report) == {"created": 60}
    sizes = [request.rows for request in report.requests]
    assert sizes[:3] == [20, 20, 10]


def test_side_by_side_through_a_bad_gateway(there: Lab, gateway: Gateway) -> None:
    gateway.toxics += [
        Toxic(gives_up=0.02),
        None,
        Toxic(answer_bytes=0),
        Toxic(request_bytes=50),
        None,
        Toxic(hold=0.2),
    ]
    report = through(there, gateway).upload(TABLES, parallel=3, batch_size=3)
    assert there.agree(report) == {"created": 18}
    assert {len(names) for names in there.stored_by().values()} == {1}
