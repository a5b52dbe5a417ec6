"""Local files against the `md5sum` and `file_size` of tables."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from clinic import served, write

from gen3submit import Dictionary, check
from gen3submit.data_files.local import local_findings, with_local_findings
from gen3submit.errors import UsageProblem
from gen3submit.findings import Severity
from gen3submit.progress import NO_PROGRESS, Progress, Task

CONTENT = b"reads\n"
MD5 = hashlib.md5(CONTENT).hexdigest()
HEADER = "type\tsubmitter_id\tcases.submitter_id\tfile_name\t*file_size\tmd5sum"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "data"
    (found / "run").mkdir(parents=True)
    (found / "run" / "a.fastq").write_bytes(CONTENT)
    return found


def rows(tmp_path: Path, *cells: str) -> Path:
    lines = [HEADER, *(f"raw_file\tF-{number}\tC-1\t{each}" for number, each in enumerate(cells, 1))]
    return write(tmp_path / "tables", {"raw_file.tsv": "\n".join(lines)})[0]


def found(table: Any, folder: Path, **options: Any) -> list[tuple[int, str]]:
    return [(each.line, each.finding.code) for each in local_findings(table, folder, nodes=nodes(), **options)]


@functools.cache
def nodes() -> Dictionary:
    """The clinic, with a `file_name` for its files."""
    schemas = served()
    schemas["raw_file"]["properties"]["file_name"] = {"type": "string"}
    return Dictionary.load(schemas)


def test_a_file_that_is_as_the_table_says_is_no_finding(tmp_path: Path, folder: Path) -> None:
    for name in ("a.fastq", "run/a.fastq", "elsewhere/a.fastq"):
        assert found(rows(tmp_path, f"{name}\t{len(CONTENT)}\t{MD5}"), folder) == []
    assert found(rows(tmp_path, f"a.fastq\t{len(CONTENT)}\t{MD5.upper()}"), folder) == []
    assert found(rows(tmp_path, f"a.fastq\t\t{MD5}", f"a.fastq\t{len(CONTENT)}\t", "a.fastq\t\t"), folder) == []


def test_what_differs_is_told_with_what_the_file_has(tmp_path: Path, folder: Path) -> None:
    table = rows(tmp_path, f"a.fastq\t7\t{MD5}", f"a.fastq\t6\t{'0' * 32}", f"b.fastq\t6\t{MD5}")
    size, md5, missing = (each.finding for each in local_findings(table, folder, nodes=nodes()))
    assert (size.code, size.severity, size.column, size.value) == (
        "file-size-differs",
        Severity.ERROR,
        "*file_size",
        "7",
    )
    assert size.facts["found"] == 6
    assert (md5.code, md5.severity, md5.column) == ("file-md5-differs", Severity.ERROR, "md5sum")
    assert md5.help == f"write `{MD5}` if this is the right file"
    assert (missing.code, missing.severity, missing.value) == ("file-missing-locally", Severity.WARNING, "b.fastq")


def test_of_files_with_one_name_any_may_be_meant(tmp_path: Path, folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "a.fastq").write_bytes(b"other\n")
    assert found(rows(tmp_path, f"a.fastq\t6\t{MD5}"), folder) == []
    assert found(rows(tmp_path, f"other/a.fastq\t6\t{MD5}"), folder) == [(2, "file-md5-differs")]


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/hostname", "..", ".", "run", "a\0b", "x" * 5000, "run/../../secret"]
)
def test_nothing_outside_the_folder_is_looked_at(name: str, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "secret").write_bytes(CONTENT)
    assert found(rows(tmp_path, f"{name}\t6\t{MD5}"), folder) == [(2, "file-missing-locally")]


def test_a_row_of_another_type_or_without_a_file_name_is_left_alone(tmp_path: Path, folder: Path) -> None:
    table = write(tmp_path / "t", {"x.tsv": f"{HEADER}\ncase\tC\t\tb.fastq\t1\t{MD5}\nraw_file\tF\tC\t\t1\t{MD5}\n"})
    assert found(table, folder) == []


def test_the_findings_stand_beside_those_of_the_check(tmp_path: Path, folder: Path) -> None:
    """Blank lines and dropped rows do not shift them."""
    table = tmp_path / "raw_file.tsv"
    good, bad = f"raw_file\tF-1\tC-1\ta.fastq\t6\t{MD5}", f"raw_file\tF-2\tC-1\ta.fastq\t9\t{'f' * 32}"
    table.write_text(f"{HEADER}\n\n\t\t\n{good}\nnonsense\tx\n{bad}\n")
    result = check(table, dictionary=nodes(), project="P-X", existing=[])
    both = with_local_findings(result, local_findings(table, folder, nodes=nodes()))
    assert {row.line: [finding.code for finding in row.findings] for row in both.rows()} == {
        4: ["parent-missing"],
        5: ["type-unknown"],
        6: ["parent-missing", "file-size-differs"],
    }
    assert with_local_findings(result, []).to_dict() == result.to_dict()


def test_a_clean_row_with_a_wrong_file_is_kept_back(tmp_path: Path, folder: Path) -> None:
    cases = write(tmp_path, {"case.tsv": "type\tsubmitter_id\tprojects.code\ncase\tC-1\tX\n"})
    table = rows(tmp_path, f"a.fastq\t6\t{'0' * 32}", f"b.fastq\t6\t{'1' * 32}", f"a.fastq\t6\t{MD5}")
    result = check(table, dictionary=nodes(), project="P-X", existing=cases)
    assert result.ok
    both = with_local_findings(result, local_findings(table, folder, nodes=nodes()))
    assert not both.ok
    assert [row.has_errors for row in both.rows()] == [True, False, False]


class Counting:
    """Counts what is told of progress."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0

    def start(self, name: str, total: int | None = None, unit: str = "rows") -> Task:
        outer = self
        self.total += total or 0

        class Counter(type(NO_PROGRESS.start(""))):  # type: ignore[misc]  # the null task
            def advance(self, count: int = 1) -> None:
                outer.done += count

        return Counter()

    def note(self, line: str) -> None:
        pass


def test_progress_tells_of_what_is_read_and_each_file_is_read_once(tmp_path: Path, folder: Path) -> None:
    (folder / "big").write_bytes(b"\0" * (3 * 2**20 + 1))
    md5 = hashlib.md5((folder / "big").read_bytes()).hexdigest()
    size = 3 * 2**20 + 1
    counting: Progress = Counting()
    assert found(rows(tmp_path, *[f"big\t{size}\t{md5}"] * 3), folder, progress=counting) == []
    assert isinstance(counting, Counting)
    assert (counting.total, counting.done) == (4, 4)


def test_a_folder_that_is_none_and_files_that_cannot_be_read(tmp_path: Path, folder: Path) -> None:
    table = rows(tmp_path, f"a.fastq\t6\t{MD5}")
    with pytest.raises(UsageProblem, match="no such folder"):
        local_findings(table, tmp_path / "nowhere", nodes=nodes())
    if os.geteuid() != 0:
        (folder / "run" / "a.fastq").chmod(0)
        with pytest.raises(UsageProblem, match="cannot be read"):
            local_findings(table, folder, nodes=nodes())
