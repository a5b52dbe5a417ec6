"""Compares the files on this computer with the `md5sum` and `file_size` that tables give for them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gen3submit.data_files.rows import FileRow, file_rows
from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.findings import CheckResult, FileResult, Finding, Severity
from gen3submit.messages import data_files as words
from gen3submit.progress import NO_PROGRESS, Progress, Task

_BLOCK = 2**20
_THREADS = 4


@dataclass(frozen=True, slots=True)
class LocalFinding:
    """What is wrong with the local file of a row."""

    path: str
    """The table."""
    line: int
    """The line of the table, as an editor counts."""
    finding: Finding


def local_findings(
    paths: Any, folder: str | Path, *, nodes: Mapping[str, Node], progress: Progress = NO_PROGRESS
) -> list[LocalFinding]:
    """What is wrong with the local files that the rows of tables describe.

    A file is looked for under its `file_name` in the folder; if it is not there, anywhere below by its last part.

    Args:
        paths: tables, as `check` takes them.
        folder: where the data files are.
        nodes: the node types; a `Dictionary` is that.
        progress: is told how far it is: hashing takes as long as reading the files.

    Raises:
        UsageProblem: the folder is none; a file cannot be read; a path is no table.
    """
    place = Path(folder)
    if not place.is_dir():
        raise UsageProblem(words.no_folder(str(folder)))
    rows = list(file_rows(paths, nodes))
    files = _Files(place)
    candidates = [files.named(row.file_name) if row.file_name else [] for row in rows]
    wanted = {
        path: size
        for row, found in zip(rows, candidates, strict=True)
        if row.md5sum
        for path, size in found
        if row.file_size is None or size == row.file_size
    }
    hashes = _hashes(wanted, progress)
    found = []
    for row, there in zip(rows, candidates, strict=True):
        finding = _finding(row, there, hashes, place)
        if finding is not None:
            found.append(LocalFinding(row.path, row.line, finding))
    return found


def with_local_findings(result: CheckResult, found: Iterable[LocalFinding]) -> CheckResult:
    """The result of a check with what is wrong with local files."""
    by_table: dict[str, list[LocalFinding]] = {}
    for each in found:
        by_table.setdefault(each.path, []).append(each)
    files = tuple(_with(file, by_table.get(file.path, ())) for file in result.files)
    return replace(result, files=files)


class _Files:
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_name: dict[str, list[Path]] | None = None

    def named(self, name: str) -> list[tuple[Path, int]]:
        """The files that may be meant, with their sizes; never one outside the folder."""
        if "\0" in name or not name.strip("/\\."):
            return []
        there = self._folder / name
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        paths = [there] if inside and _is_file(there) else self._everywhere().get(Path(name).name, [])
        return [(path, path.stat().st_size) for path in paths]

    def _everywhere(self) -> Mapping[str, Sequence[Path]]:
        if self._by_name is None:
            self._by_name = {}
            for folder, _, names in os.walk(self._folder):
                for name in names:
                    path = Path(folder, name)
                    if _is_file(path):
                        self._by_name.setdefault(name, []).append(path)
        return self._by_name


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _hashes(wanted: Mapping[Path, int], progress: Progress) -> dict[Path, str]:
    total = sum(size // _BLOCK + 1 for size in wanted.values())
    with progress.start(words.reading_files(len(wanted)), total, "MB") as task, ThreadPoolExecutor(_THREADS) as pool:
        return dict(zip(wanted, pool.map(lambda path: _md5(path, task), wanted), strict=True))


def _md5(path: Path, task: Task) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                task.advance()
    except OSError as error:
        raise UsageProblem(words.unreadable(str(path), error.strerror or str(error))) from None
    return digest.hexdigest()


def _finding(
    row: FileRow, there: Sequence[tuple[Path, int]], hashes: Mapping[Path, str], folder: Path
) -> Finding | None:
    """What is wrong with the file of a row; None where one of those that may be meant is right."""
    if row.file_name is None:
        return None
    if not there:
        return _made(row, "file_name", "file-missing-locally", Severity.WARNING, {"folder": str(folder)})
    sized = [(path, size) for path, size in there if row.file_size is None or size == row.file_size]
    if not sized:
        path, size = there[0]
        facts = {"found": size, "path": str(path)}
        return _made(row, "file_size", "file-size-differs", Severity.ERROR, facts)
    if row.md5sum is None or any(hashes[path] == row.md5sum.lower() for path, _ in sized):
        return None
    path, _ = sized[0]
    facts = {"found": hashes[path], "path": str(path)}
    return _made(row, "md5sum", "file-md5-differs", Severity.ERROR, facts)


def _made(row: FileRow, property_: str, code: str, severity: Severity, facts: Mapping[str, Any]) -> Finding:
    value = row.cells.get(property_)
    # Two rows with the same value may stand for different files.
    detail = str(facts.get("found", ""))
    return Finding(code, severity, row.columns.get(property_), property_, value, row.node, facts, detail=detail)


def _with(file: FileResult, found: Sequence[LocalFinding]) -> FileResult:
    if not found:
        return file
    number_of = {line: number for number, line in enumerate(file.lines, 1)}
    findings = dict(file.row_findings)
    for each in found:
        number = number_of.get(each.line)
        if number is not None:
            findings[number] = (*findings.get(number, ()), each.finding)
    return replace(file, row_findings=dict(sorted(findings.items())))
