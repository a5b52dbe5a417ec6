"""What every report format shows, the same for a check, a plan and a submission.

A `ReportView` is made by `from_check` of a `CheckResult`, or by `from_submission` of anything that has the members of
`SubmissionLike`. Rows are given one by one, so that a report of a million rows needs no memory for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.findings import CheckResult, FileFinding, FileResult, Finding, Folded, RowResult, Severity, Verdict
from gen3submit.report.submission import SubmissionLike

CHECK_STATES = ("accept", "held", "reject", "drop", "lost")
"""What would become of a row: the verdicts, and ``held``: the server would take it, and we keep it back."""
PLAN_STATES = ("create", "update", "unchanged", "rejected", "blocked")
SUBMIT_STATES = ("created", "updated", "unchanged", "rejected", "blocked", "not-sent", "unknown")

TONES = {
    "accept": "good",
    "create": "good",
    "created": "good",
    "update": "new",
    "updated": "new",
    "unchanged": "same",
    "held": "kept",
    "reject": "bad",
    "rejected": "bad",
    "drop": "gone",
    "lost": "unclear",
    "blocked": "kept",
    "not-sent": "wait",
    "unknown": "unclear",
}
"""How each state is coloured; states are drawn in this order."""

SOUND = frozenset({"accept", "create", "created", "update", "updated", "unchanged"})
"""The states in which nothing is to be done about a row."""

_FACTS_OF_THE_DICTIONARY = frozenset({
    "allowed", "expected", "pattern", "relation", "bound", "format", "known", "link", "target",
    "outcome", "lines", "path", "line", "searched", "members", "multiplicity", "columns", "cells", "limit", "byte",
    "guess", "separator", "first_line", "last_line", "wins", "what", "identical", "why",
})  # fmt: skip  # names of facts that repeat nothing of the data, as a paragraph


@dataclass(frozen=True, slots=True)
class RowView:
    """A row in a report."""

    result: RowResult
    state: str
    """What became of it: one of the view's states."""
    outcome: str | None = None
    """As `state`, for a plan and a submission; None for a check."""
    id: str | None = None
    request: str | None = None
    server_message: str | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether there is anything to look at."""
        return self.state not in SOUND or bool(self.result.findings) or self.server_message is not None


@dataclass(frozen=True, slots=True)
class FileView:
    """A file in a report."""

    path: str
    verdict: Verdict
    sha256: str
    rows: int
    findings: tuple[FileFinding, ...]
    states: Mapping[str, int]
    """How many rows are in each state."""
    errors: int
    """Findings of this severity, those of rows and of the file together."""
    warnings: int

    def to_dict(self) -> dict[str, Any]:
        """The file in the JSON report."""
        return {
            "path": self.path,
            "verdict": str(self.verdict),
            "rows": self.rows,
            "sha256": self.sha256,
            "findings": [item.to_dict() for item in self.findings],
        }


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request in a report."""

    time: str
    name: str
    attempts: int
    status: int | None
    transaction_id: str | int | None
    confirmed: str | None

    def to_dict(self) -> dict[str, Any]:
        """The request in the JSON report."""
        return {
            "time": self.time,
            "name": self.name,
            "attempts": self.attempts,
            "status": self.status,
            "transaction_id": self.transaction_id,
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True)
class ReportView:
    """What a report shows."""

    kind: str
    """``check``, ``plan`` or ``submit``."""
    ok: bool
    project: str | None
    dictionary: Mapping[str, str | None]
    order: tuple[tuple[str, ...], ...]
    summary: Mapping[str, Any]
    files: tuple[FileView, ...]
    states: tuple[str, ...]
    """Every state a row may be in, good ones first."""
    rows: Callable[[], Iterator[RowView]]
    """Every row, in order; anew at each call."""
    folded: Callable[[], Iterator[Folded]]
    """Every finding once a file, with its places; anew at each call."""
    nodes: Mapping[str, Mapping[str, int]]
    """How many rows of each node type are in each state; the type ``""`` stands for rows without one."""
    edges: tuple[tuple[str, str], ...] = ()
    """(child, parent) among the node types of the submission, where the dictionary is known."""
    seconds: float = 0.0
    commons: str | None = None
    started: str | None = None
    ended: str | None = None
    requests: tuple[RequestView, ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    shows_values: bool = field(default=True)
    """Whether values of the data, submitter_ids and the server's words are shown."""

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(file.rows for file in self.files)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are in each state, every state named."""
        found: Counter[str] = Counter()
        for file in self.files:
            found.update(file.states)
        return {state: found[state] for state in self.states}

    def head(self) -> dict[str, Any]:
        """The JSON report without its rows."""
        found: dict[str, Any] = {
            "version": 1,
            "ok": self.ok,
            "project": self.project,
            "dictionary": dict(self.dictionary),
            "order": [list(stage) for stage in self.order],
            "summary": dict(self.summary),
            "files": [file.to_dict() for file in self.files],
        }
        if self.kind != "check":
            found |= {
                "commons": self.commons,
                "started": self.started,
                "ended": self.ended,
                "requests": [request.to_dict() for request in self.requests],
            }
        return found

    def without_values(self) -> ReportView:
        """The same report with nothing of the data in it: no values, no submitter_ids, no words of the server.

        Paths, lines, columns, codes, node types, ids that the commons gave, and what the dictionary says stay.
        """
        if not self.shows_values:
            return self
        seen: dict[int, tuple[Finding, Finding]] = {}  # keeps each finding, so that its identity stays its own

        def hidden(finding: Finding) -> Finding:
            if id(finding) not in seen:
                facts = {name: value for name, value in finding.facts.items() if name in _FACTS_OF_THE_DICTIONARY}
                bare = replace(finding, value=None, facts=facts, server_message=None, detail="")
                seen[id(finding)] = (finding, bare)
            return seen[id(finding)][1]

        def rows() -> Iterator[RowView]:
            for row in self.rows():
                findings = tuple(map(hidden, row.result.findings))
                yield replace(
                    row, result=replace(row.result, submitter_id=None, findings=findings), server_message=None
                )

        def folded() -> Iterator[Folded]:
            merged: dict[tuple[str, Finding], Folded] = {}
            for item in self.folded():
                finding = hidden(item.finding)
                known = merged.get((item.path, finding))
                lines = item.lines if known is None else tuple(sorted({*known.lines, *item.lines}))
                merged[item.path, finding] = Folded(finding, item.path, lines, None)
            yield from merged.values()

        files = tuple(
            replace(file, findings=tuple(replace(item, finding=hidden(item.finding)) for item in file.findings))
            for file in self.files
        )
        return replace(self, files=files, rows=rows, folded=folded, shows_values=False)


def from_check(result: CheckResult, nodes: Mapping[str, Node] | None = None) -> ReportView:
    """The view of a check.

    Args:
        result: the check
        nodes: the node types of the dictionary (a `Dictionary` is that), for the links between them
    """
    states = [_states_of_file(file) for file in result.files]
    by_type: dict[str, Counter[str]] = {}
    for file, found in zip(result.files, states, strict=True):
        sound = "held" if file.verdict is Verdict.REFUSE else "accept"
        for type_, number in Counter(file.types).items():
            by_type.setdefault(type_ or "", Counter())[sound] += number
        for number, state in found.items():
            counts = by_type[file.types[number - 1] or ""]
            counts[sound] -= 1
            counts[state] += 1

    def rows() -> Iterator[RowView]:
        for file, found in zip(result.files, states, strict=True):
            sound = "held" if file.verdict is Verdict.REFUSE else "accept"
            for row in file.rows():
                yield RowView(row, found.get(row.row, sound))

    return ReportView(
        kind="check",
        ok=result.ok,
        project=result.project,
        dictionary=result.dictionary,
        order=result.order,
        summary=result.summary(),
        files=tuple(_file_view(file, _counted(file, found)) for file, found in zip(result.files, states, strict=True)),
        states=CHECK_STATES,
        rows=rows,
        folded=result.folded,
        nodes={name: dict(by_type[name]) for name in _in_order(by_type, result.order)},
        edges=_edges(by_type, nodes),
        seconds=result.seconds,
    )


def from_submission(
    report: SubmissionLike, nodes: Mapping[str, Node] | None = None, *, kind: str = "submit"
) -> ReportView:
    """The view of a submission, or of a plan (`kind` ``plan``)."""
    by_file: dict[str, Counter[str]] = {}
    by_type: dict[str, Counter[str]] = {}
    for row in report.rows():
        by_file.setdefault(row.result.path, Counter())[row.outcome] += 1
        by_type.setdefault(row.result.type or "", Counter())[row.outcome] += 1
    states = PLAN_STATES if kind == "plan" else SUBMIT_STATES
    outcomes = sum(by_file.values(), Counter())

    def rows() -> Iterator[RowView]:
        for row in report.rows():
            yield RowView(row.result, row.outcome, row.outcome, row.id, row.request, row.server_message)

    return ReportView(
        kind=kind,
        ok=report.ok,
        project=report.check.project,
        dictionary=report.check.dictionary,
        order=report.check.order,
        summary={**report.check.summary(), "rows_by_outcome": {state: outcomes[state] for state in states}},
        files=tuple(_file_view(file, dict(by_file.get(file.path, {}))) for file in report.check.files),
        states=states,
        rows=rows,
        folded=report.check.folded,
        nodes={name: dict(by_type[name]) for name in _in_order(by_type, report.check.order)},
        edges=_edges(by_type, nodes),
        seconds=report.check.seconds,
        commons=report.commons,
        started=report.started,
        ended=report.ended,
        requests=tuple(
            RequestView(each.time, each.name, each.attempts, each.status, each.transaction_id, each.confirmed)
            for each in report.requests
        ),
        events=tuple(report.events),
    )


def _states_of_file(file: FileResult) -> dict[int, str]:
    """The state of each row that the server would not simply take, or that is kept back."""
    found = {
        number: "held"
        for number, findings in file.row_findings.items()
        if any(finding.severity is Severity.ERROR for finding in findings)
    }
    found.update((number, str(verdict)) for number, verdict in file.verdicts.items() if verdict is not Verdict.ACCEPT)
    return found


def _counted(file: FileResult, states: Mapping[int, str]) -> dict[str, int]:
    counts = Counter(states.values())
    counts["held" if file.verdict is Verdict.REFUSE else "accept"] += len(file) - len(states)
    return {state: number for state, number in counts.items() if number}


def _file_view(file: FileResult, states: Mapping[str, int]) -> FileView:
    severities = Counter(item.finding.severity for item in file.findings)
    for findings in file.row_findings.values():
        severities.update(finding.severity for finding in findings)
    return FileView(
        file.path,
        file.verdict,
        file.sha256,
        len(file),
        file.findings,
        states,
        severities[Severity.ERROR],
        severities[Severity.WARNING],
    )


def _in_order(types: Iterable[str], order: Iterable[Iterable[str]]) -> list[str]:
    known = {name: number for number, name in enumerate(name for stage in order for name in stage)}
    return sorted(types, key=lambda name: (known.get(name, len(known)), name))


def _edges(types: Iterable[str], nodes: Mapping[str, Node] | None) -> tuple[tuple[str, str], ...]:
    if nodes is None:
        return ()
    there = {name for name in types if name in nodes}
    return tuple(
        dict.fromkeys(
            (name, link.target)
            for name in sorted(there)
            for link in nodes[name].links_by_name.values()
            if link.target in there
        )
    )
