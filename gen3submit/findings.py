"""What a check finds: findings, and the verdict on each row and file.

A finding says *what* is wrong and is shared by every row that it is wrong in; the row says *where*. So a mistake that
repeats on a million rows is one object, and is folded without comparing texts.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@runtime_checkable
class Grouped(Protocol[T_co]):
    """A mapping that knows which of its rows have the same thing."""

    def groups(self) -> Iterable[tuple[T_co, Sequence[int]]]:
        """Each thing with its rows, in order; those first that have a row before the others'."""


@runtime_checkable
class Counted(Protocol):
    """A sequence that knows how often each of its values stands in it."""

    def counts(self) -> Mapping[str | None, int]:
        """Each value with the number of places where it stands, in order of appearance."""


def grouped(of_rows: Mapping[int, T]) -> Iterable[tuple[T, Sequence[int]]]:
    """Each thing of the mapping with its rows, in order; equal things of different rows may come apart."""
    if isinstance(of_rows, Grouped):
        return of_rows.groups()
    return ((of_rows[row], (row,)) for row in sorted(of_rows))


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The row (or file) would be refused or lost; it is not sent."""
    WARNING = "warning"
    """A value would change, or stay against the user's meaning; it is sent, and said."""


class Verdict(StrEnum):
    """What the server would say of a row or a file."""

    ACCEPT = "accept"
    LOST = "lost"
    """It would answer success and store nothing."""
    REJECT = "reject"
    """It would answer 400 for the row, or for the transaction because of the row."""
    DROP = "drop"
    """Rows only: it would leave the row out without a word."""
    REFUSE = "refuse"
    """Files only: it could not take the file to pieces, would find nothing to submit, or crash."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, whichever rows it is wrong in."""

    code: str
    """Stable, kebab-case; `gen3submit explain CODE` tells of it."""
    severity: Severity
    column: str | None = None
    """The column as the file's header spells it."""
    property: str | None = None
    """The property or link of the dictionary that is meant."""
    value: str | None = None
    """The text of the cell, or the part of it that is wrong."""
    node: str | None = None
    """The node type of the rows."""
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)
    """What the message needs besides: ``expected``, ``allowed``, ``similar`` ... as its code demands."""
    server_type: str | None = None
    """The type of the error that Sheepdog itself would answer with; None where it would not say anything."""
    keys: tuple[str, ...] | None = None
    """The keys of that error."""
    server_words: tuple[str, ...] | None = field(default=None, compare=False)
    """Sheepdog's own words, in parts: the end is often long and the same in many findings."""
    detail: str = ""
    """Tells apart findings that are equal in all the above and yet not the same (part of equality)."""

    @builtins.property  # the class has a field of this name
    def server_message(self) -> str | None:
        """Sheepdog's own words; None where it would not say anything."""
        return None if self.server_words is None else "".join(self.server_words)

    @builtins.property  # as above
    def message(self) -> str:
        """What is wrong, in one sentence."""
        from gen3submit.messages import findings as words  # noqa: PLC0415  # the words know findings, not the reverse

        return words.message(self)

    @builtins.property  # as above
    def help(self) -> str | None:
        """One concrete thing to do; None where there is nothing better to say than the message."""
        from gen3submit.messages import findings as words  # noqa: PLC0415  # as above

        return words.help_line(self)

    def to_dict(self) -> dict[str, Any]:
        """The finding in the JSON report."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "column": self.column,
            "property": self.property,
            "value": self.value,
            "message": self.message,
            "help": self.help,
            "server_type": self.server_type,
            "keys": None if self.keys is None else list(self.keys),
        }


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row and the verdict on it."""

    path: str
    row: int
    """1 for the first row after the header."""
    line: int
    """The line of the file, as an editor counts."""
    type: str | None
    submitter_id: str | None
    verdict: Verdict
    findings: tuple[Finding, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether the row is kept back: a finding of it is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The row in the JSON report."""
        return {
            "path": self.path,
            "row": self.row,
            "line": self.line,
            "type": self.type,
            "submitter_id": self.submitter_id,
            "verdict": str(self.verdict),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A finding about a file as a whole, with its place where it has one."""

    finding: Finding
    line: int | None = None
    """The line of the file, as an editor counts; None where the whole file is meant."""

    def to_dict(self) -> dict[str, Any]:
        """The finding in the JSON report."""
        return {**self.finding.to_dict(), "line": self.line}


@dataclass(slots=True)
class FileResult:
    """A file, the verdict on it, and its rows."""

    path: str
    verdict: Verdict
    format: str
    """``tsv``, ``csv`` or ``frame``."""
    sha256: str
    """Of the file's bytes."""
    findings: tuple[FileFinding, ...] = ()
    lines: Sequence[int] = ()
    """The line of each row."""
    types: Sequence[str | None] = ()
    submitter_ids: Sequence[str | None] = ()
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    """The verdict of each row (1-based) that is not `Verdict.ACCEPT`."""
    row_findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    """The findings of each row (1-based) that has any."""

    def __len__(self) -> int:
        return len(self.lines)

    def row(self, number: int) -> RowResult:
        """The row of this number (1-based)."""
        return RowResult(
            self.path,
            number,
            self.lines[number - 1],
            self.types[number - 1],
            self.submitter_ids[number - 1],
            self.verdicts.get(number, Verdict.ACCEPT),
            self.row_findings.get(number, ()),
        )

    def rows(self) -> Iterator[RowResult]:
        """Every row, in the file's order."""
        verdict, findings = self.verdicts.get, self.row_findings.get
        places = zip(self.lines, self.types, self.submitter_ids, strict=True)
        for number, (line, type_, name) in enumerate(places, 1):
            yield RowResult(self.path, number, line, type_, name, verdict(number, Verdict.ACCEPT), findings(number, ()))

    def rows_of_types(self) -> Mapping[str | None, int]:
        """How many rows there are of each node type, in order of appearance."""
        return self.types.counts() if isinstance(self.types, Counted) else Counter(self.types)

    @property
    def has_errors(self) -> bool:
        """Whether anything in the file is kept back."""
        return any(item.finding.severity is Severity.ERROR for item in self.findings) or any(
            finding.severity is Severity.ERROR for found, _ in grouped(self.row_findings) for finding in found
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """A finding with every place where it stands."""

    finding: Finding
    path: str
    lines: tuple[int, ...]
    """The lines of the rows, in order; empty for a finding about the file as a whole."""
    submitter_id: str | None
    """Of the first row."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found in a submission."""

    project: str | None
    """``PROGRAM-CODE``; None where none was given."""
    files: tuple[FileResult, ...]
    """In the order in which they would be sent."""
    order: tuple[tuple[str, ...], ...] = ()
    """The node types of the submission, parents first; types that do not depend on each other side by side."""
    dictionary: Mapping[str, str | None] = field(default_factory=dict)
    """``source``, ``version`` and ``sha256`` of the dictionary."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing would be refused, dropped or lost."""
        return all(file.verdict is Verdict.ACCEPT and not file.verdicts and not file.has_errors for file in self.files)

    def rows(self) -> Iterator[RowResult]:
        """Every row of every file, in order."""
        for file in self.files:
            yield from file.rows()

    def folded(self) -> Iterator[Folded]:
        """Every finding once a file, with all its lines, in the order of their first appearance."""
        for file in self.files:
            for item in file.findings:
                yield Folded(item.finding, file.path, () if item.line is None else (item.line,), None)
            places: dict[Finding, list[Sequence[int]]] = {}
            for findings, numbers in grouped(file.row_findings):
                for finding in findings:
                    places.setdefault(finding, []).append(numbers)
            for finding, parts in places.items():
                found = parts[0] if len(parts) == 1 else sorted(chain.from_iterable(parts))
                lines = tuple([file.lines[number - 1] for number in found])
                yield Folded(finding, file.path, lines, file.submitter_ids[found[0] - 1])

    def summary(self) -> dict[str, Any]:
        """Counts: files, rows, rows by verdict, findings by severity and by code."""
        verdicts: Counter[str] = Counter()
        severities: Counter[str] = Counter()
        codes: Counter[str] = Counter()
        rows = 0
        for file in self.files:
            rows += len(file)
            for verdict, of_verdict in grouped(file.verdicts):
                verdicts[str(verdict)] += len(of_verdict)
            found = [(item.finding, 1) for item in file.findings]
            found += ((each, len(of_rows)) for group, of_rows in grouped(file.row_findings) for each in group)
            for finding, times in found:
                severities[str(finding.severity)] += times
                codes[finding.code] += times
        verdicts[str(Verdict.ACCEPT)] = rows - sum(verdicts.values())
        return {
            "files": len(self.files),
            "rows": rows,
            "rows_by_verdict": {str(v): verdicts[str(v)] for v in Verdict if v is not Verdict.REFUSE},
            "errors": severities[str(Severity.ERROR)],
            "warnings": severities[str(Severity.WARNING)],
            "findings_by_code": dict(sorted(codes.items())),
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON report."""
        return {
            "version": 1,
            "ok": self.ok,
            "project": self.project,
            "dictionary": dict(self.dictionary),
            "order": [list(stage) for stage in self.order],
            "summary": self.summary(),
            "files": [
                {
                    "path": file.path,
                    "verdict": str(file.verdict),
                    "rows": len(file),
                    "sha256": file.sha256,
                    "findings": [item.to_dict() for item in file.findings],
                }
                for file in self.files
            ],
            "rows": [row.to_dict() for row in self.rows()],
        }

    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame with a line for each row and finding (a row without findings has one line, too)."""
        import pandas as pd  # noqa: PLC0415  # costs a second to import; only who asks for it pays

        columns = ["path", "row", "line", "type", "submitter_id", "verdict"]
        more = ["code", "severity", "column", "value", "message", "help"]
        records: list[tuple[object, ...]] = []
        for row in self.rows():
            place = (row.path, row.row, row.line, row.type, row.submitter_id, str(row.verdict))
            records += [
                (*place, f.code, str(f.severity), f.column, f.value, f.message, f.help) for f in row.findings
            ] or [(*place, *[None] * len(more))]
        return pd.DataFrame.from_records(records, columns=[*columns, *more])

    def _repr_html_(self) -> str:
        """The check in short, for a notebook."""
        from gen3submit.report.notebook import check_html  # noqa: PLC0415  # reports know results, not the reverse

        return check_html(self)
