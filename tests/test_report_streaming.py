"""Reports of big submissions are written piece by piece: no format holds all the rows."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from clinic import clinic
from hypothesis import given
from hypothesis import strategies as st
from report_examples import not_allowed

from gen3submit import CheckResult, Finding, UsageProblem, check
from gen3submit.checking.structure import is_blank
from gen3submit.findings import FileResult, Verdict
from gen3submit.report import rereading, said
from gen3submit.report.formats import FORMATS, ReportOptions
from gen3submit.report.rereading import Rereading
from gen3submit.report.view import from_check
from gen3submit.rules.bodies import DELIMITERS, read_table
from gen3submit.tables.source import Source

PIECES = [
    "a",
    "b\tc",
    "\t",
    "\n",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    " ",
    "\x0b",
    "\x1c",
    "\u2028",
    "\x00",
    "é",
    ",",
    "\ufeff",
]


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=30),
    block=st.integers(1, 7),
    format_=st.sampled_from(["tsv", "csv"]),
)
def test_a_table_is_read_again_with_the_same_cells(pieces: list[str], block: int, format_: str) -> None:
    """However the blocks fall in which it is read, and bytes that are no text aside."""
    data = "".join(pieces).encode()
    table = read_table(data.decode(), DELIMITERS[format_])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rereading, "_BLOCK", block)
        reread = Rereading(Source("t", format_, lambda: data))
        rows = list(reread)
    assert list(reread.header) == list(table.header)
    expected = [
        [cell for cell in row.cells if cell is not None] + [*row.extra] for row in table.rows if not is_blank(row)
    ]
    assert rows == expected
    assert reread.sha256 == hashlib.sha256(data).hexdigest()


def test_a_cell_that_is_too_long_ends_the_rows() -> None:
    data = f"type\tname\na\tb\nc\t{'x' * 140_000}\nd\te\n".encode()
    reread = Rereading(Source("t", "tsv", lambda: data))
    assert list(reread) == [["a", "b"]]
    assert reread.sha256 == hashlib.sha256(data).hexdigest()


def as_tsv(result: CheckResult, **options: Any) -> list[list[str]]:
    stream = io.StringIO()
    FORMATS["tsv"].write(from_check(result), stream, ReportOptions(**options))
    return list(csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter="\t"))


def test_rows_without_content_do_not_shift_the_others(tmp_path: Path) -> None:
    file = tmp_path / "cases.tsv"
    file.write_text("type\tsubmitter_id\tprojects.code\n\t\t\ncase\tC-1\tX\n  \t\t\n\ncase\tC-2\tX\n")
    found = as_tsv(check(file, dictionary=clinic(), project="P-X", existing=[]))
    assert [row[3:6] for row in found[1:]] == [["3", "case", "C-1"], ["6", "case", "C-2"]]


def test_a_table_that_changes_while_it_is_repeated_is_no_report(tmp_path: Path) -> None:
    text = "type\tsubmitter_id\tprojects.code\ncase\tC-1\tX\n"
    (tmp_path / "cases.tsv").write_text(text)
    result = check(tmp_path / "cases.tsv", dictionary=clinic(), project="P-X", existing=[])
    versions = iter([text, text.replace("C-1", "C-2")])
    source = Source(result.files[0].path, "tsv", lambda: next(versions).encode())
    with pytest.raises(UsageProblem, match="has changed since it was checked"):
        as_tsv(result, sources=[source])


class Each(Mapping[int, tuple[Finding, ...]]):
    """A finding of its own for each of the rows, made when it is asked for."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[int]:
        return iter(range(1, self.rows + 1))

    def __getitem__(self, row: int) -> tuple[Finding, ...]:
        return (not_allowed(f"Tumour {row} {'x' * 100}"),)


ROWS = 8_000


@pytest.fixture(scope="module")
def all_wrong(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    """A check of a table of which every row has a mistake of its own."""
    file = tmp_path_factory.mktemp("big") / "sample.tsv"
    names = [f"S-{number:06}" for number in range(ROWS)]
    columns = "\t".join(f"text {number}" for number in range(20))
    texts = "\t".join(["some text"] * 20)
    lines = [f"sample\t{name}\t{texts}" for name in names]
    file.write_text("\n".join([f"type\tsubmitter_id\t{columns}", *lines, ""]))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    rejected = dict.fromkeys(range(1, ROWS + 1), Verdict.REJECT)
    whole = FileResult(
        str(file), Verdict.REJECT, "tsv", sha256, (), range(2, ROWS + 2), ["sample"] * ROWS, names, rejected, Each(ROWS)
    )
    return CheckResult("DEV-test", (whole,), (("sample",),))


class Nowhere(io.TextIOBase):
    """Takes what is written, and counts it."""

    taken = 0

    def write(self, text: str) -> int:
        self.taken += len(text)
        return len(text)


@pytest.mark.parametrize("name", ["json", "tsv"])
def test_reports_of_every_row_need_little_memory(
    monkeypatch: pytest.MonkeyPatch, all_wrong: CheckResult, name: str
) -> None:
    monkeypatch.setattr(said, "MOST_KEPT", 500)
    view = from_check(all_wrong)
    stream: Any = Nowhere()
    tracemalloc.start()
    try:
        FORMATS[name].write(view, stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stream.taken > 400 * ROWS
    assert peak < 6e6


@pytest.mark.parametrize("name", ["junit", "sarif", "html"])
def test_reports_of_every_problem_are_written_piece_by_piece(all_wrong: CheckResult, name: str) -> None:
    class Counting(io.StringIO):
        largest = 0

        def write(self, text: str) -> int:
            self.largest = max(self.largest, len(text))
            return super().write(text)

    [file] = all_wrong.files
    some = replace(all_wrong, files=(replace(file, lines=range(2, 3_002), types=file.types[:3_000]),))
    some = replace(
        some, files=(replace(some.files[0], submitter_ids=file.submitter_ids[:3_000], row_findings=Each(3_000)),)
    )
    stream = Counting()
    FORMATS[name].write(from_check(some), stream)
    assert stream.largest < 100_000 < len(stream.getvalue())
    if name == "sarif":
        assert len(json.loads(stream.getvalue())["runs"][0]["results"]) == 3_000
    if name == "junit":
        assert len(list(ElementTree.fromstring(stream.getvalue()).iter("failure"))) == 3_000
