"""Profiles a check or an upload of generated tables: the functions that take the most time, one a line.

::

    python benchmarks/profile_check.py --rows 200000 --columns mixed --bad 1
    python benchmarks/profile_check.py --rows 20000 --submit --sort cumulative

The times of all threads are added up, waiting included. A profiled program is slower where it calls many functions:
the table tells where to look, `run.py` what it costs. With `--workers` the processes that help are not seen, and from
Python 3.12 on the other threads may not be.
"""

from __future__ import annotations

import argparse
import pstats
import sys
import tempfile
from pathlib import Path
from typing import Literal

from bench import GB, Bench
from practice import Practice
from tables import PROJECT, Bad
from timing import Run

_NODES = {"text": "description_set", "numbers": "measurement_set", "enums": "coded_set", "wide": "wide_set"}
_BAD_EVERY = {"0": 0, "1": 100, "50": 2}


def main() -> None:
    """Make the tables, run the command under cProfile, print the functions."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="gen3submit-profile-") as name:
        bench = Bench(Path(name), asked.rows, 1)
        folder, dictionary = _tables(bench, asked)
        profile = asked.output or Path(name) / "profile"
        done = _profiled(bench, folder, dictionary, profile, asked)
        print(f"{done.seconds:.2f} s, CPU {done.cpu:.2f} s, at most {done.peak / GB:.2f} GB (all with the profiler)")
        pstats.Stats(str(profile)).strip_dirs().sort_stats(asked.sort).print_stats(asked.top)


def _tables(bench: Bench, asked: argparse.Namespace) -> tuple[Path, Path]:
    """The folder of the submission, and the dictionary that it goes by."""
    if asked.columns in _NODES:
        return bench.added(_NODES[asked.columns], asked.rows)[0], bench.extended.served
    every = _BAD_EVERY[asked.bad]
    quotes: Literal["", "middle"] = "middle" if asked.columns == "quotes" else ""
    samples = bench.samples(asked.rows, bad=Bad(every) if every else None, quotes=quotes)
    return samples[0], bench.plain.served


def _profiled(bench: Bench, folder: Path, dictionary: Path, profile: Path, asked: argparse.Namespace) -> Run:
    under = [sys.executable, Path(__file__).with_name("profiled.py"), profile]
    if not asked.submit:
        where = ["--dictionary", dictionary, "--project", PROJECT, "-q"]
        return bench.run([*under, "check", folder, *where, *asked.options], expected=(0, 1))
    with Practice(bench, dictionary=dictionary, request_ms=asked.request_ms, row_ms=asked.row_ms) as commons:
        where = ["--commons", commons.url, "--credentials", commons.credentials, "--project", PROJECT, "-q"]
        if asked.submit == "again":
            bench.gen3submit("submit", folder, *where)
            folder, _ = bench.samples(asked.rows, changed_every=100)
        return bench.run([*under, "submit", folder, "--good-rows", *where, *asked.options], expected=(0, 1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the main type (200,000)")
    parser.add_argument("--columns", choices=["mixed", "quotes", *_NODES], default="mixed", help="kind of columns")
    parser.add_argument("--bad", choices=_BAD_EVERY, default="0", help="bad rows in a hundred (mixed columns)")
    parser.add_argument(
        "--submit",
        nargs="?",
        const="whole",
        choices=["whole", "again"],
        help="profile an upload, not a check; `again`: a second one, 1 %% changed (mixed columns)",
    )
    parser.add_argument("--request-ms", type=float, default=0, help="delay of each request (with --submit)")
    parser.add_argument("--row-ms", type=float, default=0, help="delay of each row (with --submit)")
    parser.add_argument("--sort", choices=["tottime", "cumulative"], default="tottime", help="order of the functions")
    parser.add_argument("--top", type=int, default=30, help="how many functions (30)")
    parser.add_argument("--output", type=Path, help="file that keeps the profile, for other viewers")
    parser.add_argument("options", nargs="*", help="further options of the command, after --")
    asked = parser.parse_args()
    if asked.output:
        asked.output = asked.output.resolve()
    return asked


if __name__ == "__main__":
    main()
