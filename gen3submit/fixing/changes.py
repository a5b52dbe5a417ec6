"""What a fix changed, and the corrected tables, ready to be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gen3submit.checking import check
from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.findings import CheckResult
from gen3submit.messages import fixing as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.tables.source import Source


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed, on however many lines in the same way."""

    kind: str
    """Stable, kebab-case, such as ``allowed-value``."""
    path: str
    """The table, as it was given."""
    lines: tuple[int, ...]
    """The lines of the table as it was given; empty where the whole file is meant."""
    column: str | None
    """As the corrected table spells it; None where no single column is meant."""
    before: str
    after: str
    guess: bool = False
    """Whether it may be wrong: only ``unsafe`` makes such changes."""

    @property
    def why(self) -> str:
        """Why, in one sentence."""
        return words.why(self.kind)

    def to_dict(self) -> dict[str, Any]:
        """The change in the list of changes."""
        return {
            "kind": self.kind,
            "path": self.path,
            "lines": list(self.lines),
            "column": self.column,
            "before": self.before,
            "after": self.after,
            "guess": self.guess,
            "why": self.why,
        }


class ChangeLog:
    """Collects the changes of a table, equal ones folded."""

    def __init__(self, path: str):
        self._path = path
        self._lines: dict[tuple[str, str | None, str, str, bool], list[int]] = {}

    def note(
        self, kind: str, line: int | None, column: str | None, before: str, after: str, *, guess: bool = False
    ) -> None:
        """Note a change."""
        lines = self._lines.setdefault((kind, column, before, after, guess), [])
        if line is not None:
            lines.append(line)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def changes(self) -> tuple[Change, ...]:
        """Every change: those of the whole file first, then in the order of their first lines."""
        found = [
            Change(kind, self._path, tuple(sorted(lines)), column, before, after, guess)
            for (kind, column, before, after, guess), lines in self._lines.items()
        ]
        return tuple(sorted(found, key=lambda change: change.lines[:1]))


@dataclass(frozen=True, slots=True)
class FixedTable:
    """A table after the fix."""

    source: Source
    data: bytes = field(repr=False)
    """The bytes of the corrected table; those that it had where nothing was changed."""
    changes: tuple[Change, ...]
    name: str
    """The name of its file in a folder of corrected tables."""

    @property
    def path(self) -> str:
        """The table, as it was given."""
        return self.source.path


@dataclass(frozen=True)
class FixResult:
    """Corrected tables; nothing is written before `write` or `write_in_place` is called."""

    tables: tuple[FixedTable, ...]
    _dictionary: Dictionary = field(repr=False)
    _project: str | None = None
    _existing: Any = field(default=None, repr=False)
    _progress: Progress = field(default=NO_PROGRESS, repr=False, compare=False)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, table by table."""
        return tuple(change for table in self.tables for change in table.changes)

    @cached_property
    def left(self) -> CheckResult:
        """A check of the corrected tables: what is left to do. Lines are those of the corrected tables."""
        sources = [Source(t.path, t.source.format, lambda data=t.data: data) for t in self.tables]  # type: ignore[misc]  # mypy cannot infer the lambda's default
        return self.check_again(sources)

    @property
    def ok(self) -> bool:
        """Whether the corrected tables check clean."""
        return self.left.ok

    def check_again(self, tables: Sequence[Any]) -> CheckResult:
        """Check tables as those that were fixed would be: for the same project, against the same records."""
        return check(
            tables,
            dictionary=self._dictionary,
            project=self._project,
            existing=self._existing,
            progress=self._progress,
        )

    def write(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> list[Path]:
        """Write every table into a folder, changed or not, so that the folder is the whole submission.

        Returns:
            The paths written, in the order of `tables`.

        Raises:
            UsageProblem: a file of this name is there already and `overwrite` was not asked for; one of the tables
                themselves would be overwritten; or the folder cannot be written to.
        """
        place = Path(folder)
        targets = [place / table.name for table in self.tables]
        originals = {table.source.file.resolve() for table in self.tables if table.source.file is not None}
        for target in targets:
            if target.resolve() in originals:
                raise UsageProblem(words.would_overwrite_original(str(target)))
            if target.exists() and not overwrite:
                raise UsageProblem(words.exists_already(str(target)))
        for target, table in zip(targets, self.tables, strict=True):
            write_whole(target, table.data)
        return targets

    def write_in_place(self) -> list[Path]:
        """Write the tables that were changed over the files that they came from.

        Returns:
            The paths written.

        Raises:
            UsageProblem: a table is a sheet of a workbook or a DataFrame, or a file cannot be written.
        """
        changed = [table for table in self.tables if table.changes]
        for table in changed:
            if table.source.file is None or table.path != str(table.source.file):
                raise UsageProblem(words.not_a_text_file(table.path))
        for table in changed:
            write_whole(Path(table.path).resolve(), table.data)  # a link stays one
        return [Path(table.path) for table in changed]

    def to_dict(self) -> dict[str, Any]:
        """The list of changes in JSON."""
        return {
            "version": 1,
            "tables": [
                {"path": table.path, "name": table.name, "changed": bool(table.changes)} for table in self.tables
            ],
            "changes": [change.to_dict() for change in self.changes],
        }


def file_names(sources: Sequence[Source]) -> Mapping[str, str]:
    """A file name for each table by its path; those that would be the same are numbered."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for source in sources:
        name = _file_name(source)
        stem, dot, ending = name.rpartition(".")
        number = 1
        while name.lower() in taken:  # some file systems do not tell letter case apart
            number += 1
            name = f"{stem}-{number}{dot}{ending}"
        taken.add(name.lower())
        names[source.path] = name
    return names


def _file_name(source: Source) -> str:
    if source.file is not None and source.path == str(source.file):
        return source.file.name
    inner = source.path.rpartition("[")[2].rstrip("]") if source.path.endswith("]") else source.path
    kept = "".join(c if c.isalnum() or c in "_-." else "-" for c in inner).strip("-.")
    return f"{kept.lower() if source.file is None else kept or 'sheet'}.tsv"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever looks sees the old one or the new one, never half of it.

    Raises:
        UsageProblem: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        try:
            with open(handle, "wb") as stream:  # noqa: PTH123  # of a descriptor
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise UsageProblem(words.not_written(str(path), error.strerror or str(error))) from None


def iterate_lines(changes: Sequence[Change]) -> Iterator[tuple[Change, int | None]]:
    """Each change with each of its lines."""
    for change in changes:
        for line in change.lines or (None,):
            yield change, line


def _umask() -> int:
    mask = os.umask(0o077)  # the mask can only be read by setting it
    os.umask(mask)
    return mask
