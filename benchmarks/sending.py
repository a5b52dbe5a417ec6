"""Measures how fast tables are sent, and what that costs this side, beside the Gen3 SDK."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import BASELINES, GB, Bench, Line
from environments import SDK, python_with
from practice import Practice, rows_received
from tables import BAD_KINDS_ALONE, PROJECT, Bad
from timing import MeasurementFailed, Run, told

_REQUEST_MS = 100
_FILES = ("experiment.tsv", "case.tsv", "sample.tsv")


def first(bench: Bench) -> Iterator[Line]:
    """`gen3submit submit` beside `Gen3Submission.submit_file` of the Gen3 SDK in chunks of 30 rows.

    The same rows to a fresh practice commons that delays each request by 100 ms and each row by 1 ms. gen3submit as it
    comes: checked before, read back after. Whole processes, one run each: nearly all of it is the delay.
    """
    theirs, total = _by_sdk(bench, row_ms=1), _total(bench.send_rows)
    ours = _submit(bench, bench.send_rows, row_ms=1)
    yield _beside_sdk(f"{total:,} rows, 1 ms a row", ours, theirs, 0.5)


def slow(bench: Bench) -> Iterator[Line]:
    """The same with 5 ms a row, and again with four requests under way at once."""
    theirs, total = _by_sdk(bench, row_ms=5), _total(bench.send_rows)
    yield _beside_sdk(f"{total:,} rows, 5 ms a row", _submit(bench, bench.send_rows, row_ms=5), theirs, 0.75)
    parallel = _submit(bench, bench.send_rows, "--parallel", "4", row_ms=5)
    yield _beside_sdk(f"{total:,} rows, 5 ms a row, `--parallel 4`", parallel, theirs, 0.4)


def good_rows(bench: Bench) -> Iterator[Line]:
    """`gen3submit submit --good-rows` of samples of which every hundredth is bad.

    A third each: a value that is not in the enum, text for a number, a parent that is not there. How many samples all
    requests together brought, counted in the commons' transaction log, over how many are good. The SDK sends chunks of
    100.
    """
    rows = 400 if bench.is_quick else 2_000
    folder, _ = bench.samples(rows, bad=Bad(100, BAD_KINDS_ALONE))
    good = rows - rows // 100
    ours, theirs = bench.work / "good-rows.db", bench.work / "sdk.db"
    with Practice(bench, data=ours) as commons:
        _send(bench, commons, folder, "--good-rows", expected=(1,))
    with Practice(bench, data=theirs) as commons:
        bench.run(_sdk_command(commons, folder, chunk_size=100))
    sent, sdk_sent = rows_received(ours, "sample"), rows_received(theirs, "sample")
    if sent < good:
        raise MeasurementFailed(f"only {sent} of {good} good rows were sent")
    yield Line(
        f"rows sent for {good:,} good of {rows:,}",
        f"SDK {sdk_sent:,} ({sdk_sent / good:.2f})",
        f"{sent:,}",
        sent / good,
        1.02,
    )


def resend(bench: Bench) -> Iterator[Line]:
    """A submission is sent whole, then again with one of a hundred samples changed, to the same commons.

    100 ms a request, 1 ms a row. CPU of the client: what its process takes for a row of the first upload, over the time
    that it waits for the commons (its whole time less its CPU time) for a row.
    """
    rows = bench.resend_rows * 4 // 5
    total = _total(rows)
    folder, _ = bench.samples(rows)
    changed, _ = bench.samples(rows, changed_every=100)
    with Practice(bench, request_ms=_REQUEST_MS, row_ms=1) as commons:
        whole = _send(bench, commons, folder)
        again = _send(bench, commons, changed)
    yield Line(
        f"{total:,} rows again, 1 % of the samples changed",
        f"first upload {told(whole)}",
        told(again),
        again.seconds / whole.seconds,
        0.05,
    )
    waited = whole.seconds - whole.cpu
    yield Line(
        f"CPU of the client, {total:,} rows, 1 ms a row",
        f"commons {waited / total * 1e3:.2f} ms a row, {commons.cpu / total * 1e3:.2f} of it CPU time of its own",
        f"{whole.cpu / total * 1e6:.0f} µs a row",
        whole.cpu / waited,
        0.03,
    )


def plan(bench: Bench) -> Iterator[Line]:
    """`gen3submit plan -o FILE` of samples and cases, without a commons: the most memory of its processes together."""
    rows = bench.rows * 4 // 5
    folder, _ = bench.samples(rows)
    where = ("--dictionary", bench.plain.served, "--project", PROJECT)
    done = bench.gen3submit("plan", folder, *where, "-q", "-o", bench.work / "benchmarks.plan")
    yield Line(f"plan of {_total(rows):,} rows", "", told(done), done.peak / GB, 1.0, unit="GB")


def _total(rows: int) -> int:
    """All rows of a submission of so many samples: a quarter of that are cases, and there is an experiment."""
    return rows + max(rows // 4, 1) + 1


def _submit(bench: Bench, rows: int, *options: str, row_ms: float) -> Run:
    """Upload so many samples and their parents to a fresh commons."""
    folder, _ = bench.samples(rows)
    with Practice(bench, request_ms=_REQUEST_MS, row_ms=row_ms) as commons:
        return _send(bench, commons, folder, *options)


def _send(bench: Bench, commons: Practice, folder: Path, *options: str, expected: tuple[int, ...] = (0,)) -> Run:
    where = ("--commons", commons.url, "--credentials", commons.credentials, "--project", PROJECT)
    return bench.gen3submit("submit", folder, *where, "-q", *options, expected=expected)


def _by_sdk(bench: Bench, *, row_ms: float) -> Run:
    folder, _ = bench.samples(bench.send_rows)
    with Practice(bench, request_ms=_REQUEST_MS, row_ms=row_ms) as commons:
        done = bench.run(_sdk_command(commons, folder, chunk_size=30))
    succeeded = int(done.output.split()[-1])
    if succeeded != _total(bench.send_rows):
        raise MeasurementFailed(f"the SDK sent only {succeeded} of {_total(bench.send_rows)} rows")
    return done


def _sdk_command(commons: Practice, folder: Path, *, chunk_size: int) -> list[str | Path]:
    files = [folder / name for name in _FILES]
    return [
        python_with(SDK),
        BASELINES / "submit_sdk.py",
        commons.credentials,
        PROJECT,
        str(chunk_size),
        *files,
    ]


def _beside_sdk(what: str, ours: Run, theirs: Run, target: float) -> Line:
    return Line(what, f"SDK {told(theirs)}", told(ours), ours.seconds / theirs.seconds, target)
