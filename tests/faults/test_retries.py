"""Only what can change is tried again: bounded, jittered, visible."""

from __future__ import annotations

import random
import socket
import threading
import time
from dataclasses import replace

import pytest

from gen3submit.commons.clock import Clock
from gen3submit.submit import Patience
from tests.submitting import QUICK, Lab, cases, visits


class Hours:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.now, self.sleep)


class Notes:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def start(self, name: str, total: int | None = None, unit: str = "rows"):  # type: ignore[no-untyped-def]
        from gen3submit.progress import NO_PROGRESS

        return NO_PROGRESS.start(name, total, unit)

    def note(self, line: str) -> None:
        self.lines.append(line)


@pytest.mark.parametrize("fault", ["status:403", "status:404", "forbidden", "status:405", "status:414"])
def test_what_would_be_said_again_is_sent_once(there: Lab, fault: str) -> None:
    there.fault(fault, times=-1)
    report = there.upload({"case.tsv": cases(3)})
    assert there.agree(report) == {"not-sent": 3}
    assert there.puts() == 1
    assert report.exit_code == 3
    there.practice.faults.clear()
    assert there.agree(there.resume(report.run_id)) == {"created": 3}


def test_a_project_in_review_stops_the_submission(there: Lab) -> None:
    there.commons.set_project_state("P-X", "review")
    report = there.upload({"case.tsv": cases(3)})
    assert there.agree(report) == {"not-sent": 3}
    assert there.puts() == 1
    assert "Project is in state 'review'" in str(report.stopped)
    there.commons.set_project_state("P-X", "open")
    assert there.agree(there.resume(report.run_id)) == {"created": 3}


@pytest.mark.parametrize("status", [429, 503])
def test_the_wish_of_the_commons_is_honoured(there: Lab, status: int) -> None:
    hours, notes = Hours(), Notes()
    there.fault(f"status:{status},90")
    around = there.around(clock=hours.clock, patience=Patience())
    report = there.upload({"case.tsv": cases(3)}, around=around, progress=notes)
    assert there.agree(report) == {"created": 3}
    assert 90 <= sum(hours.slept) < 120
    assert any("90 s" in line and "going on in" in line for line in notes.lines)


def test_a_wish_beyond_all_bounds_stops_the_submission(there: Lab) -> None:
    hours = Hours()
    there.fault("status:429,86400")
    report = there.upload({"case.tsv": cases(3)}, around=there.around(clock=hours.clock))
    assert report.exit_code == 3
    assert there.puts() == 1
    assert sum(hours.slept) < 60


def test_pauses_grow_and_are_spread() -> None:
    from gen3submit.submit.patience import Waiting
    from gen3submit.submit.stopping import Stop

    waiting = Waiting(Patience(), Clock(), Stop(), chance=random.Random(3))
    pauses = [[waiting.back_off(attempt) for attempt in range(1, 12)] for _ in range(20)]
    assert len({pause[0] for pause in pauses}) > 10
    for tries in pauses:
        assert all(0.75 * 2**n <= tries[n] <= 1.25 * 2**n for n in range(5))
        assert max(tries) <= 1.25 * Patience().longest_pause


@pytest.mark.parametrize("limit", [2000, 700, 120])
def test_what_is_too_large_is_halved(there: Lab, limit: int) -> None:
    there.fault(f"too-large:{limit}", times=-1)
    report = there.upload({"case.tsv": cases(60)}, batch_size=60)
    assert there.agree(report) == {"created": 60}
    refused = [request.rows for request in report.requests if request.status == 413]
    assert refused[0] == 60
    assert len(refused) <= 8


def test_a_row_that_is_too_large_by_itself_is_rejected(there: Lab) -> None:
    there.fault("too-large:400", times=-1)
    report = there.upload({"case.tsv": cases(3) + "case\tC-9\tX\n".replace("C-9", "C-" + "9" * 500)})
    assert there.agree(report) == {"created": 3, "rejected": 1}


def test_a_commons_that_is_down_is_waited_for(there: Lab) -> None:
    """Connection refused: nothing was sent, so it is simply tried again."""
    downs: list[str] = []

    def go_down(point: str) -> None:
        if point == "after_journal_before_send" and not downs:
            downs.append(point)
            there.go_down()
            threading.Timer(0.3, there.come_up).start()

    patient = replace(QUICK, first_pause=0.2, longest_pause=0.4)
    report = there.upload(
        {"case.tsv": cases(3), "visit.tsv": visits(3)}, around=there.around(at=go_down, patience=patient)
    )
    assert there.agree(report) == {"created": 6}
    assert "not-sent" in {request.confirmed for request in report.requests}
    assert there.puts() == 2


def test_a_commons_that_stays_down_stops_the_submission(there: Lab) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    begin = time.monotonic()
    from gen3submit.commons import Commons
    from gen3submit.errors import CommonsProblem

    gone = Commons(f"http://127.0.0.1:{port}", there.practice.credentials(f"http://127.0.0.1:{port}"))
    with pytest.raises(CommonsProblem, match="refused"):
        there.upload({"case.tsv": cases(3)}, commons=gone)
    assert time.monotonic() - begin < 10
    assert there.puts() == 0
