"""Killed at any moment and run again: every row ends exactly once in the commons, and the report says by what."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3submit.submit import SubmissionReport, runs
from gen3submit.submit.points import POINTS
from tests.submitting import Lab, cases, lab, specimens, visits

CHILD = Path(__file__).with_name("child.py")
ROOT = CHILD.parent.parent.parent
TABLES = {
    "case.tsv": cases(6),
    "visit.tsv": visits(12, of=6),
    "specimen.tsv": specimens(("S-0", ""), ("S-1", "S-0"), ("S-2", "S-1"), ("S-3", "S-1")),
}
ROWS = 22
SETTLING = ("before_settling", "after_settling_before_journal", "after_settling")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        made.write(TABLES)
        yield made


def start(there: Lab, point: str = "nowhere", count: int = 1) -> subprocess.Popen[str]:
    credentials = json.dumps(there.practice.credentials(there.url))
    command = [sys.executable, str(CHILD), there.url, credentials, str(there.state), str(there.folder / "data")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, point, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=there.folder,
        env=environment,
    )


def run(there: Lab, point: str = "nowhere", count: int = 1) -> int:
    child = start(there, point, count)
    _, said = child.communicate(timeout=60)
    assert "Traceback" not in said, said
    return child.returncode


def finish(there: Lab) -> SubmissionReport:
    """Run it again, as a user would, until it has come to its end."""
    for _ in range(5):
        report = there.upload(resume=True, batch_size=4)
        if report.exit_code != 3:
            return report
    # A write that was lost, and killed before its answer was seen, looks like one that never ends.
    assert "still under way" in str(report.stopped)
    return there.upload(resume=False, batch_size=4)


def all_there_once(there: Lab, report: SubmissionReport) -> None:
    counts = there.agree(report)
    assert set(counts) <= {"created", "unchanged"}
    assert sum(counts.values()) == ROWS
    assert report.ok
    assert len(there.stored("case")) == 6
    assert len(there.stored("visit")) == 12
    assert len(there.stored("specimen")) == 4
    stored_by = there.stored_by()
    assert {len(names) for names in stored_by.values()} == {1}
    assert len(stored_by) == ROWS
    there.once(report)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_moment(there: Lab, point: str) -> None:
    """A few seconds for all of them: each is hit once, in the middle of the work where it is met several times."""
    if point in SETTLING:
        there.fault("reset@after", skip=2)
    count = 1 if point in (*SETTLING, "planned", "before_end", "finished") else 3
    assert run(there, point, count) == -signal.SIGKILL
    all_there_once(there, finish(there))


@pytest.mark.parametrize(
    ("point", "answered"),
    [("after_journal_before_send", 4), ("after_response_before_journal", 4), ("after_answer_in_journal", 6)],
)
def test_rows_of_requests_that_were_under_way_are_told_as_unknown(there: Lab, point: str, answered: int) -> None:
    """The list of runs and the report say the same; what the commons had answered is not lost."""
    assert run(there, point, 2) == -signal.SIGKILL
    (listed,) = runs(there.state)
    assert {name: number for name, number in listed.counts.items() if number} == {"unknown": 6, "not-sent": 16}
    for _ in range(2):
        with SubmissionReport.of(listed.journal) as report:
            assert report.counts == listed.counts
            carried = [row for row in report.rows() if row.outcome == "unknown"]
            assert len({row.request for row in carried}) == 2
            assert sum(row.id is not None for row in carried) == answered
    (again,) = runs(there.state)
    assert again.counts == listed.counts
    all_there_once(there, finish(there))


@pytest.mark.nightly
@pytest.mark.parametrize("count", range(1, 12))
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_every_named_moment_in_turn(there: Lab, point: str, count: int) -> None:
    there.fault("reset@after", skip=2)
    there.fault("lost", skip=1)
    if run(there, point, count) != -signal.SIGKILL:
        pytest.skip("the moment does not come so often")
    all_there_once(there, finish(there))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(200))
def test_killed_at_a_random_moment(tmp_path: Path, seed: int) -> None:
    """With faults on top: the promises hold whatever meets what."""
    chance = random.Random(seed)
    with lab(tmp_path, request_delay=chance.choice([0.0, 0.01, 0.03])) as there:
        there.write(TABLES)
        for fault in chance.sample(["reset@after", "status@after:504", "status@later=0.3:504", "reset", "lost"], 2):
            there.fault(fault, skip=chance.randrange(4))
        for _ in range(chance.randrange(1, 4)):
            child = start(there)
            time.sleep(chance.uniform(0.3, 1.6))
            child.kill()
            child.communicate()
        all_there_once(there, finish(there))


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("point", ["after_journal_before_send", "after_response_before_journal", "before_proof"])
def test_stopped_by_a_signal(there: Lab, name: str, point: str) -> None:
    begin = time.monotonic()
    assert run(there, f"{name}:{point}", 2) == 130
    assert time.monotonic() - begin < 10
    report = finish(there)
    all_there_once(there, report)


def test_a_signal_while_the_commons_is_silent_leaves_the_row_unknown(there: Lab) -> None:
    """The request under way has a few seconds to come back; after that it is left, and settled by the next run."""
    there.fault("delay:4", skip=1)
    child = start(there)
    for _ in range(200):
        if there.puts() >= 2:
            break
        time.sleep(0.05)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=20)
    assert child.returncode == 130
    assert time.monotonic() - begin < 10
    counts = json.loads(said)
    assert counts["created"] == 4
    assert counts["unknown"] == 2
    assert counts["not-sent"] > 0
    all_there_once(there, finish(there))


def test_a_second_signal_leaves_at_once(there: Lab) -> None:
    there.fault("delay:2", skip=1)
    child = start(there)
    for _ in range(200):
        if there.puts() >= 2:
            break
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=20)
    assert child.returncode == 130
    assert time.monotonic() - begin < 1.5
    time.sleep(2)  # the commons goes on
    all_there_once(there, finish(there))


def test_a_second_process_is_refused_and_told_the_first(there: Lab) -> None:
    there.fault("delay:2", skip=1)
    first = start(there)
    for _ in range(200):
        if there.puts() >= 2:
            break
        time.sleep(0.05)
    second = start(there)
    _, said = second.communicate(timeout=20)
    assert second.returncode != 0
    assert f"process {first.pid} is sending" in said
    before = there.puts()
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert before <= there.puts()
    all_there_once(there, finish(there))
