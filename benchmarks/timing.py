"""Runs whole processes: how long they take, how much CPU time, how much memory at the most."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MOST_SECONDS = 3_600


class MeasurementFailed(Exception):
    """A measured program did not do its work: its time says nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a process and all processes that it started cost together."""

    seconds: float
    """From its start to its end, by the clock."""
    cpu: float
    """Seconds of CPU time, in user mode and in the kernel."""
    peak: int
    """The most bytes of memory that all of them held at the same time (their resident sets added up)."""
    output: str
    """What it wrote to stdout."""


def run(
    command: Sequence[str | Path],
    *,
    expected: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Run:
    """Run a command to its end.

    Args:
        command: the program and its arguments.
        expected: the exit codes that mean that it did its work.
        environment: variables besides those of this process.
        folder: the folder to run in.

    Raises:
        MeasurementFailed: it ended with another exit code, or not within an hour.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            start_new_session=True,
        )
        memory = Memory(process.pid)
        too_long = threading.Timer(_MOST_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        too_long.daemon = True
        too_long.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            too_long.cancel()
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            peak = memory.stop()
        if process.returncode not in expected:
            err.seek(0)
            said = err.read().decode(errors="replace").strip().splitlines()[-3:]
            name = " ".join(Path(str(part)).name for part in command[:4])
            raise MeasurementFailed(f"`{name} ...` ended with exit code {process.returncode}: {' / '.join(said)}")
        out.seek(0)
        return Run(seconds, usage.ru_utime + usage.ru_stime, peak, out.read().decode(errors="replace"))


class Memory:
    """Samples the memory of a session of processes from /proc, until it is stopped."""

    def __init__(self, session: int):
        """`session` is the process that began it."""
        self._session = session
        self._strangers: set[str] = set()
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The most that was seen, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            processes = {name for name in os.listdir("/proc") if name.isdecimal()}  # noqa: PTH208  # names, quickly
            self._strangers &= processes
            sizes = [size for pid in processes - self._strangers if (size := self._resident(pid))]
            # The kernel keeps the highest mark of each process: nothing is missed between two looks at a single one.
            highest = max((mark for _, mark in sizes), default=0)
            self._peak = max(self._peak, sum(size for size, _ in sizes), highest)

    def _resident(self, pid: str) -> tuple[int, int] | None:
        """Bytes now and at the most; None for a process of another session."""
        try:
            fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) != self._session:
                self._strangers.add(pid)
                return None
            marks = [line for line in Path("/proc", pid, "status").read_text().splitlines() if line[:6] == "VmHWM:"]
        except OSError:
            return None  # it has just ended
        highest = int(marks[0].split()[1]) * 1024 if marks else 0
        return int(fields[21]) * _PAGE, highest


def interleaved(jobs: Mapping[str, Callable[[], Run]], runs: int) -> dict[str, list[Run]]:
    """Run the jobs in turn, `runs` times each, so that a slow minute of the machine meets all of them."""
    done: dict[str, list[Run]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            done[name].append(job())
    return done


def best(runs: Sequence[Run]) -> float:
    """The shortest time."""
    return min(run.seconds for run in runs)


def told(*runs: Run) -> str:
    """The shortest time, its CPU time and the most memory, for people."""
    quickest = min(runs, key=lambda run: run.seconds)
    return f"{quickest.seconds:.2f} s (CPU {quickest.cpu:.2f} s, {max(run.peak for run in runs) / 1e9:.2f} GB)"


def median_ratio(runs: Sequence[Run], baselines: Sequence[Run]) -> float:
    """The median of the ratios of the runs that were made side by side."""
    return statistics.median(ours.seconds / theirs.seconds for ours, theirs in zip(runs, baselines, strict=True))
