"""Measures checking and sending beside other programs, prints the ratios, and writes them to `RESULTS.md`.

Run it with the Python of an environment that holds gen3submit and its `test` extra::

    python benchmarks/run.py

The other programs get environments of their own, which are made on the first run and kept.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import checking
import results
import sending
from bench import Bench, Line
from timing import MeasurementFailed

_FOLDERS = re.compile(r"(?:/[\w.+-]+)+/")
"""Folders in front of the name of a file: they differ from machine to machine, and are left out."""
RESULTS = Path(__file__).parent / "RESULTS.md"


class Measurement(NamedTuple):
    """A part of the benchmarks that can be run by itself."""

    title: str
    measure: Callable[[Bench], Iterator[Line]]

    @property
    def how(self) -> str:
        """How it is measured."""
        return " ".join((self.measure.__doc__ or "").split())


MEASUREMENTS = {
    "read": Measurement("Check beside a plain read", checking.read),
    "mixes": Measurement("Check of other columns", checking.mixes),
    "loops": Measurement("Check beside loops over rows", checking.loops),
    "bad": Measurement("Check of bad rows", checking.bad_rows),
    "memory": Measurement("Memory of a check", checking.memory),
    "small": Measurement("Check of a small submission", checking.small),
    "first": Measurement("First upload", sending.first),
    "slow": Measurement("First upload to a slow commons", sending.slow),
    "good-rows": Measurement("Upload of the good rows", sending.good_rows),
    "resend": Measurement("Upload of corrections, and the client's share", sending.resend),
    "plan": Measurement("Memory of a plan", sending.plan),
}


def main() -> int:
    """Measure what is asked for; the exit code is 1 where a measurement failed."""
    asked = _arguments()
    work = Path(tempfile.mkdtemp(prefix="gen3submit-benchmarks-", dir=asked.work))
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    rows, runs = asked.rows or (50_000 if asked.quick else 1_000_000), asked.runs or (1 if asked.quick else 3)
    bench = Bench(work, rows, runs, is_large=asked.large, is_quick=asked.quick)
    # a part of the measurements, or small ones, are no results to keep unless a file is named
    output = asked.output or (None if asked.quick or asked.only else RESULTS)
    found: dict[str, list[Line]] = {}
    began = time.monotonic()
    try:
        for name in asked.only or MEASUREMENTS:
            print(f"{MEASUREMENTS[name].title} ({name}) ...", file=sys.stderr)
            found[name] = _measured(name, bench)
            print(results.shown(found[name]), end="\n\n", flush=True)
            if output is not None:
                output.write_text(_page(found, load), encoding="utf-8")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{results.machine()}; {(time.monotonic() - began) / 60:.1f} minutes", file=sys.stderr)
    return int(any(line.reached is None for lines in found.values() for line in lines))


def _measured(name: str, bench: Bench) -> list[Line]:
    lines: list[Line] = []
    try:
        lines.extend(MEASUREMENTS[name].measure(bench))
    except MeasurementFailed as failure:
        lines.append(Line(name, "", textwrap.shorten(_FOLDERS.sub("", str(failure)), 160), None))
    return lines


def _page(found: dict[str, list[Line]], load: str) -> str:
    options = [Path(word).name if word.startswith("/") else word for word in sys.argv[1:]]
    return results.page(
        found,
        {name: MEASUREMENTS[name].how for name in found},
        {name: MEASUREMENTS[name].title for name in found},
        command="python " + " ".join(["benchmarks/run.py", *options]),
        load=load,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="rows of the checked tables (1,000,000; with --quick 50,000)")
    parser.add_argument("--runs", type=int, help="runs of each of two compared programs (3; with --quick 1)")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="small tables: tries the way, the ratios say little")
    parser.add_argument("--large", action="store_true", help="check ten times the rows, too")
    parser.add_argument("--output", type=Path, help="file for the page (RESULTS.md; none with --quick or --only)")
    parser.add_argument("--work", type=Path, help="folder for the tables (the system's for temporary files)")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
