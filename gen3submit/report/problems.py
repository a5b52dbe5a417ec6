"""The problems of a report: each mistake once a file, with every place where it stands, the causes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gen3submit.findings import Severity, Verdict
from gen3submit.messages import findings as finding_words
from gen3submit.messages import report as words
from gen3submit.report.model import SOUND

if TYPE_CHECKING:
    from gen3submit.findings import Finding, Folded
    from gen3submit.report.model import ReportView

CONSEQUENCES = frozenset({"parent-rejected", "lost-with-file", "blocked", "not-sent", "parent-unverified"})
"""Codes that say nothing of the row itself; they are listed after the others of their severity."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, and where it stands in one file."""

    severity: Severity
    code: str
    """A finding's code, or the outcome of rows that the server or the run left undone."""
    path: str
    lines: tuple[int, ...]
    """Empty where the whole file is meant."""
    submitter_id: str | None
    """Of the first row."""
    column: str | None
    """As the file spells it; the property where the file has no column for it."""
    node: str | None
    value: str | None
    said: Finding | tuple[str, str | None]
    """What its words come from: a finding; or the message and the help themselves."""
    about_rows: bool
    """Whether the lines are rows, and not the place of a finding about the file."""

    # The words are put together when they are asked for: of a hundred thousand problems few are shown.

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        return self.said[0] if isinstance(self.said, tuple) else self.said.message

    @property
    def expected(self) -> str | None:
        """What was expected in the place of the value."""
        return None if isinstance(self.said, tuple) else finding_words.expected_line(self.said)

    @property
    def help(self) -> str | None:
        """One concrete thing to do."""
        return self.said[1] if isinstance(self.said, tuple) else self.said.help

    @property
    def line(self) -> int | None:
        """The first place; None where the whole file is meant."""
        return self.lines[0] if self.lines else None


def problems(view: ReportView) -> list[Problem]:
    """Every problem: errors before warnings, causes before consequences, then in the order of the files."""
    of_files = {(file.path, item.finding) for file in view.files for item in file.findings}
    found = [_of_finding(item, (item.path, item.finding) not in of_files) for item in view.folded()]
    found += _of_outcomes(view)
    return sorted(found, key=lambda problem: (problem.severity is Severity.WARNING, problem.code in CONSEQUENCES))


def _of_finding(item: Folded, about_rows: bool) -> Problem:
    finding: Finding = item.finding
    return Problem(
        finding.severity,
        finding.code,
        item.path,
        item.lines,
        item.submitter_id,
        finding.column if finding.column is not None else finding.property,
        finding.node,
        finding.value,
        finding,
        about_rows=about_rows,
    )


def _of_outcomes(view: ReportView) -> Iterator[Problem]:
    """The rows that a run left undone and that no finding of theirs explains, alike ones of a file folded."""
    if view.kind != "submit" or not view.sent or not any(view.counts[state] for state in words.OUTCOME_MESSAGES):
        return
    places: dict[tuple[str, str, str | None, str | None], list[int]] = {}
    first: dict[tuple[str, str, str | None, str | None], str | None] = {}
    for row in view.rows():
        if row.state not in words.OUTCOME_MESSAGES:
            continue
        if row.server_message is None and any(each.severity is Severity.ERROR for each in row.result.findings):
            continue
        key = (row.result.path, row.state, row.server_message, row.result.type)
        places.setdefault(key, []).append(row.result.line)
        first.setdefault(key, row.result.submitter_id)
    for key, lines in places.items():
        path, state, said, node = key
        message = words.OUTCOME_MESSAGES[state] + (f"; {words.server_said(said)}" if said else "")
        yield Problem(
            Severity.ERROR,
            state,
            path,
            tuple(lines),
            first[key],
            None,
            node,
            None,
            (message, words.OUTCOME_HELP[state]),
            about_rows=True,
        )


def next_steps(view: ReportView, found: list[Problem]) -> list[str]:
    """What the reader may do next."""
    counts = view.counts
    if view.kind == "submit":
        errors = [problem for problem in found if problem.severity is Severity.ERROR]
        return words.steps_of_run(
            ok=view.ok,
            sent=view.sent,
            dry_run=view.dry_run,
            run_id=view.run_id,
            stopped=view.stopped,
            open_rows=counts["unknown"] + (counts["not-sent"] if view.stopped is not None else 0),
            to_mend=bool(counts["rejected"]) or any(problem.code not in words.OUTCOME_MESSAGES for problem in errors),
        )
    return words.next_steps(
        view.kind,
        ok=view.ok,
        project=view.project,
        unverified=sum(len(problem.lines) for problem in found if problem.code == "parent-unverified"),
        similar_fixes=sum(problem.help is not None and problem.help.startswith(words.NEAREST) for problem in found),
        held=counts.get("held", 0),
    )


def verdict(view: ReportView) -> str:
    """The one sentence that tells how it went."""
    rows, counts = view.total, view.counts
    bad = sum(number for state, number in counts.items() if state not in SOUND)
    bad_files = sum(bool(file.errors) or file.verdict is not Verdict.ACCEPT for file in view.files)
    if view.kind == "submit":
        return words.verdict_of_run(
            ok=view.ok,
            rows=rows if view.sent else sum(row.result.has_errors for row in view.rows()),
            bad=bad,
            files=len(view.files) if view.sent else bad_files,
            sent=view.sent,
            dry_run=view.dry_run,
            stopped=view.stopped is not None,
        )
    if view.kind == "plan":
        to_send = counts["create"] + counts["update"]
        return words.verdict_of_plan(rows, to_send, counts["unchanged"], bad, 0 if view.ok else bad_files)
    return words.verdict(
        ok=view.ok,
        rows=rows,
        bad=bad,
        files=len(view.files),
        bad_files=bad_files,
        warnings=sum(file.warnings for file in view.files),
    )


def sum_of_rows(view: ReportView) -> str:
    """How many rows are in each state, and that they are all."""
    always = ("rejected", "blocked", "unknown") if view.kind == "submit" else ()
    return words.total_of(view.counts, view.total, always)
