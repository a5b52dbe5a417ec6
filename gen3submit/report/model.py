"""What every report format shows, the same for a check, a plan and a submission.

Rows are given one by one, so that a report of a million rows needs no memory for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gen3submit.findings import FileFinding, Finding, Folded, RowResult, Verdict
from gen3submit.hiding import without_values

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
    type: str | None = None
    rows: int = 0
    seconds: float | None = None
    words: str | None = None
    """What came back, where it was no success."""

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


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A row that changes a record of the commons."""

    path: str
    line: int
    type: str
    submitter_id: str | None
    changes: tuple[tuple[str, Any, Any], ...]
    """(property or link, old value, new value)."""


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
    changes: Callable[[], Iterator[ChangeView]] = lambda: iter(())
    """The records of the commons that change; anew at each call."""
    run_id: str | None = None
    """How a submission is named when it is continued."""
    dry_run: bool = False
    """Whether the commons was only asked what it would say."""
    sent: bool = True
    """Whether a submission sent anything; False where errors were found before."""
    stopped: str | None = None
    """Why a submission stopped before its end."""
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
                seen[id(finding)] = (finding, without_values(finding))
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

        def changes() -> Iterator[ChangeView]:
            for change in self.changes():
                yield replace(
                    change, submitter_id=None, changes=tuple((name, None, None) for name, *_ in change.changes)
                )

        return replace(
            self,
            files=files,
            rows=rows,
            folded=folded,
            changes=changes,
            requests=tuple(replace(request, words=None) for request in self.requests),
            events=(),  # they quote the server
            shows_values=False,
        )
