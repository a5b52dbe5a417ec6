"""Measures how fast tables are checked, and in how much memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from bench import BASELINES, GB, Bench, Line
from environments import VALIDATOR, python_with
from records import write_records
from tables import Bad, write_ten_files
from timing import MeasurementFailed, Run, best, interleaved, median_ratio, told

_READ_TARGET = 0.5


def read(bench: Bench) -> Iterator[Line]:
    r"""`gen3submit check` beside `pandas.read_csv(sep="\t", dtype=str, keep_default_na=False)`.

    Checked are samples (20 columns: type, id, a link, 8 enums, 5 numbers, a boolean, 3 texts) and cases, a quarter as
    many, in a second file; pandas reads the samples alone. Whole processes, in turn; the ratio of the shortest times;
    beside it the median of the ratios of neighbours.
    """
    clean, clean_file = bench.samples(bench.rows)
    bad, bad_file = bench.samples(bench.rows, bad=Bad(100))
    done = interleaved(
        {
            "pandas": lambda: bench.read_pandas(clean_file),
            "check": lambda: bench.check(clean),
            "workers": lambda: bench.check(clean, "--workers", "2"),
            "pandas bad": lambda: bench.read_pandas(bad_file),
            "bad": lambda: bench.check(bad, is_bad=True),
        },
        bench.runs,
    )
    size = f"{bench.rows:,} rows"
    yield _beside_pandas(f"{size}, nothing to find", done["check"], done["pandas"])
    yield _beside_pandas(f"{size}, 1 % bad", done["bad"], done["pandas bad"])
    line = _beside_pandas(f"{size}, `--workers 2`", done["workers"], done["pandas"])
    yield Line(line.what, line.baseline, line.ours, line.reached)


def mixes(bench: Bench) -> Iterator[Line]:
    """The same for other columns, on types that are added to the dictionary.

    17 columns of text (half of them with a text of its own in each row); 17 of numbers; 17 enums of 4,000 values each;
    97 columns of all kinds; samples with ten cells in quotes in the middle of the file; and with every cell in quotes.
    """
    rows = bench.rows // 2
    tables: dict[str, tuple[tuple[Path, Path], Path]] = {
        "text": (bench.added("description_set", rows), bench.extended.served),
        "numbers": (bench.added("measurement_set", rows), bench.extended.served),
        "enums of 4,000 values": (bench.added("coded_set", rows), bench.extended.served),
        "100 columns": (bench.added("wide_set", rows // 2), bench.extended.served),
        "quotes in the middle": (bench.samples(rows, quotes="middle"), bench.plain.served),
        "quotes around every cell": (bench.samples(rows, quotes="all"), bench.plain.served),
    }
    for name, ((folder, file), dictionary) in tables.items():
        done = interleaved(
            {
                "pandas": lambda file=file: bench.read_pandas(file),
                "check": lambda folder=folder, dictionary=dictionary: bench.check(folder, dictionary=dictionary),
            },
            min(bench.runs, 2),
        )
        size = rows // 2 if name == "100 columns" else rows
        yield _beside_pandas(f"{size:,} rows, {name}", done["check"], done["pandas"])


def loops(bench: Bench) -> Iterator[Line]:
    """Rows a second beside gen3-validator and a loop of `jsonschema.Draft4Validator.iter_errors`.

    gen3submit: a whole process, from the TSV files. gen3-validator: `validate_data_folder`, its own way for folders,
    links included. Both others get fewer rows of the same kind, converted to JSON before; starting, their dictionary
    and, for the loop, reading the rows are left out of their time.
    """
    few = max(bench.rows // 50, 1_000)
    small, _ = bench.samples(few)
    records = bench.work / "records"
    write_records(small, records, bench.plain.loaded)
    validator = python_with(VALIDATOR)
    loops_ = {
        "gen3-validator": [validator, BASELINES / "validate_folder.py", records, bench.plain.bundle],
        "jsonschema loop": [sys.executable, BASELINES / "jsonschema_loop.py", records, bench.plain.served],
    }
    clean, _ = bench.samples(bench.rows)
    checked = min(bench.check(clean).seconds for _ in range(min(bench.runs, 2)))
    ours = bench.rows / checked
    for name, command in loops_.items():
        seconds = min(_told_seconds(bench.run(command)) for _ in range(min(bench.runs, 2)))
        theirs = few / seconds
        yield Line(
            f"times the rows a second of {name}",
            f"{name} {theirs:,.0f} rows/s ({few:,} rows)",
            f"{ours:,.0f} rows/s ({bench.rows:,} rows)",
            ours / theirs,
            40,
            at_most=False,
        )


def bad_rows(bench: Bench) -> Iterator[Line]:
    """Checks of the same table without bad rows, with 1 % and with 50 %.

    A fifth each: a value that is not in the enum, text for a number, no parent, a parent that is not there, a repeated
    submitter_id. In turn; the ratio of the shortest times.
    """
    clean, _ = bench.samples(bench.rows)
    some, _ = bench.samples(bench.rows, bad=Bad(100))
    half, _ = bench.samples(bench.rows, bad=Bad(2))
    done = interleaved(
        {
            "none": lambda: bench.check(clean),
            "some": lambda: bench.check(some, is_bad=True),
            "half": lambda: bench.check(half, is_bad=True),
        },
        min(bench.runs, 2),
    )
    for name, part, target in (("some", "1 %", 1.3), ("half", "50 %", 6.0)):
        yield Line(
            f"{part} bad rows against none, {bench.rows:,} rows",
            f"none {told(*done['none'])}",
            told(*done[name]),
            best(done[name]) / best(done["none"]),
            target,
        )


def memory(bench: Bench) -> Iterator[Line]:
    """The most memory that all processes of a check hold together.

    Looked at every 20 ms: the resident sets added up, pages that processes share counted for each. Growth: how many
    times the memory over how many times the rows.
    """
    sizes = [bench.rows, bench.rows * 5 // 2] + [bench.rows * 10] * bench.is_large
    peaks: dict[int, int] = {}
    for rows in sizes:
        folder, file = bench.samples(rows)
        checked = bench.check(folder)
        peaks[rows] = checked.peak
        size = f"file of {file.stat().st_size / GB:.2f} GB"
        yield Line(f"peak memory, {rows:,} rows", size, told(checked), checked.peak / GB, 1.5, unit="GB")
    for before, after in pairwise(sizes):
        growth = peaks[after] / peaks[before] / (after / before)
        times = f"{after / before:.1f} × the rows"
        memories = f"{peaks[after] / peaks[before]:.2f} × the memory"
        yield Line(f"growth from {before:,} to {after:,} rows", times, memories, growth, 1.0)
    bad, _ = bench.samples(bench.rows, bad=Bad(100))
    text = bench.check(bad, is_bad=True)
    for format_ in ("json", "tsv"):
        told_all = bench.check(bad, "--format", format_, "--output", f"report.{format_}", is_bad=True)
        yield Line(
            f"peak memory with `--format {format_}`, 1 % bad, {bench.rows:,} rows",
            f"text {text.peak / GB:.2f} GB",
            f"{told_all.peak / GB:.2f} GB",
            told_all.peak / text.peak,
        )


def small(bench: Bench) -> Iterator[Line]:
    """A check of 500 rows in ten files beside `python -c "import pandas, pyarrow, jsonschema"`.

    Ten types of gen3dictionary. Whole processes, in turn; the shortest of five each.
    """
    folder = bench.work / "tables" / "ten"
    write_ten_files(folder, bench.plain.loaded)
    done = interleaved(
        {
            "imports": lambda: bench.run([sys.executable, "-c", "import pandas, pyarrow, jsonschema"]),
            "check": lambda: bench.check(folder),
        },
        5,
    )
    yield Line(
        "500 rows in 10 files",
        f"imports {told(*done['imports'])}",
        told(*done["check"]),
        best(done["check"]) / best(done["imports"]),
        2.0,
    )


def _beside_pandas(what: str, checks: list[Run], reads: list[Run]) -> Line:
    ratio = best(checks) / best(reads)
    ours = f"{told(*checks)}, median {median_ratio(checks, reads):.2f}"
    return Line(what, f"pandas read {told(*reads)}", ours, ratio, _READ_TARGET)


def _told_seconds(done: Run) -> float:
    """The time that a baseline took by its own clock; it finds nothing in good rows, or was not asked rightly."""
    told = json.loads(done.output)
    if told["findings"]:
        raise MeasurementFailed(f"a baseline found {told['findings']} errors in rows that have none")
    return float(told["seconds"])
