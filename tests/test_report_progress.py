"""Progress: quiet about what is quick, otherwise how much is done, how fast, and how long it will take."""

from __future__ import annotations

import io
import threading
import time

import pytest

from gen3submit.messages import progress as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.report.progress import BarProgress, LineProgress, progress_for


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


NEVER = 3600.0


def test_lines_tell_amount_rate_and_time_left() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = LineProgress(stream, every=NEVER, clock=clock)
    with progress.start("sample", 2310) as task:
        clock.now += 10
        task.advance(1100)
        progress.look()
        clock.now += 11
        task.advance(1210)
    assert stream.getvalue().splitlines() == [
        "sample: 1,100 of 2,310 rows, 110 rows/s, 0:11 left",
        "sample: 2,310 of 2,310 rows in 0:21",
    ]


def test_nothing_is_said_of_what_takes_less_than_a_second() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = LineProgress(stream, every=NEVER, clock=clock)
    with progress.start("sample", 10) as task:
        clock.now += 0.9
        progress.look()
        task.advance(10)
    assert stream.getvalue() == ""


def test_a_line_comes_by_itself_while_nothing_advances() -> None:
    """A thread writes: the user hears of a server that does not answer."""
    stream = io.StringIO()
    progress = LineProgress(stream, every=0.02, clock=lambda: time.monotonic() * 100)
    with progress.start("waiting", None, "requests"):
        deadline = time.monotonic() + 5
        while "so far" not in stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "waiting: 0 requests, " in stream.getvalue()
    assert "so far" in stream.getvalue()


def test_the_thread_ends_with_the_last_task() -> None:
    progress = LineProgress(io.StringIO(), every=0.01)
    first, second = progress.start("a"), progress.start("b")
    assert sum(thread.name == "progress" for thread in threading.enumerate()) == 1
    first.finish()
    second.finish()
    second.finish()
    deadline = time.monotonic() + 5
    while any(thread.name == "progress" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(thread.name == "progress" for thread in threading.enumerate())


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["lines", "bars"])
def test_a_note_cannot_reach_the_terminal(stream: io.StringIO) -> None:
    progress_for(stream).note("\x1b]0;title\x07 [red]request 24[/red]\nnext")
    assert "\x1b]0" not in stream.getvalue()
    assert "[red]request 24[/red]\\nnext" in stream.getvalue()


def test_bars_on_a_terminal_show_what_is_done() -> None:
    stream, clock = Terminal(), Clock()
    progress = BarProgress(stream, every=NEVER, clock=clock, color=False)
    with progress.start("sample[bold]", 200) as task:
        progress.look()
        assert stream.getvalue() == ""
        clock.now += 2
        task.advance(50)
        progress.look()
        clock.now += 2
        task.advance(150)
    shown = stream.getvalue()
    assert "sample[bold]" in shown
    assert "50 of 200 rows" in shown
    assert "0:06 left" in shown
    assert "200 of 200 rows" in shown


def test_bars_can_be_shown_again() -> None:
    stream, clock = Terminal(), Clock()
    progress = BarProgress(stream, every=NEVER, clock=clock)
    for name in ("first", "second"):
        with progress.start(name, 2):
            clock.now += 2
            progress.look()
    assert "second" in stream.getvalue()


def test_counting_from_several_threads_loses_nothing() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = LineProgress(stream, every=NEVER, clock=clock)
    task = progress.start("sample", 4000)

    def work() -> None:
        for _ in range(1000):
            task.advance()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.now += 5
    progress.look()
    task.finish()
    assert "4,000 of 4,000 rows" in stream.getvalue()


def test_the_default_and_quiet_say_nothing() -> None:
    progresses: list[Progress] = [NO_PROGRESS, progress_for(Terminal(), quiet=True)]
    for progress in progresses:
        progress.note("nothing")
        with progress.start("sample", 3) as task:
            task.advance()


@pytest.mark.parametrize(
    ("done", "seconds", "said"),
    [
        (0, 12, "0:12 so far"),
        (5, 100, "3.0 rows/min, 31:40 left"),
        (30, 10, "3.0 rows/s, 0:23 left"),
        (100, 3723, "1.6 rows/min"),
    ],
)
def test_pace_suits_its_speed(done: int, seconds: float, said: str) -> None:
    assert words.pace(done, 100, "rows", seconds) == said


def test_durations() -> None:
    assert [words.duration(seconds) for seconds in (0.2, 59.6, 3599, 3723)] == ["0:00", "1:00", "59:59", "1:02:03"]
