"""Making the view that every report format shows, from a check, a plan or a submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gen3submit.dictionary.model import Node
from gen3submit.findings import CheckResult, FileResult, Severity, Verdict, grouped
from gen3submit.report.model import (
    CHECK_STATES,
    PLAN_STATES,
    SUBMIT_STATES,
    ChangeView,
    FileView,
    ReportView,
    RequestView,
    RowView,
)
from gen3submit.report.submission import ChangedRowLike, OutcomeLike, PlanLike, SubmissionLike


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
        types = file.rows_of_types()
        for type_, number in types.items():
            by_type.setdefault(type_ or "", Counter())[sound] += number
        only = next(iter(types)) if len(types) == 1 else None
        states_of_types = Counter((only if only is not None else file.types[row - 1], found[row]) for row in found)
        for (type_, state), number in states_of_types.items():
            by_type[type_ or ""][sound] -= number
            by_type[type_ or ""][state] += number

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


def from_plan(plan: PlanLike, nodes: Mapping[str, Node] | None = None) -> ReportView:
    """The view of a plan.

    Args:
        plan: the plan
        nodes: the node types of the dictionary (a `Dictionary` is that), for the links between them
    """
    return _of_outcomes("plan", PLAN_STATES, plan, nodes)


def from_submission(report: SubmissionLike, nodes: Mapping[str, Node] | None = None) -> ReportView:
    """The view of a submission.

    Args:
        report: the submission
        nodes: the node types of the dictionary (a `Dictionary` is that), for the links between them
    """
    return replace(
        _of_outcomes("submit", SUBMIT_STATES, report, nodes, asked=report.dry_run and report.stopped is None),
        requests=tuple(
            RequestView(
                each.time,
                each.name,
                each.attempts,
                each.status,
                each.transaction_id,
                each.confirmed,
                each.type,
                each.rows,
                each.seconds,
                each.words,
            )
            for each in report.requests
        ),
        run_id=report.run_id,
        dry_run=report.dry_run,
        sent=report.sent,
        stopped=report.stopped,
    )


def _of_outcomes(
    kind: str,
    states: tuple[str, ...],
    report: PlanLike,
    nodes: Mapping[str, Node] | None,
    *,
    asked: bool = False,
) -> ReportView:
    """The view of a plan or a submission; `asked`: of a dry run, in which sound rows are not sent either."""

    def state(row: OutcomeLike) -> str:
        sound = row.outcome == "not-sent" and row.server_message is None and not row.result.has_errors
        return "accept" if asked and sound else row.outcome

    by_file: dict[str, Counter[str]] = {}
    by_type: dict[str, Counter[str]] = {}
    outcomes: Counter[str] = Counter()
    for path, type_, each, number in report.counted():
        outcomes[each] += number
        by_file.setdefault(path, Counter())[each] += number
        by_type.setdefault(type_ or "", Counter())[each] += number
    for row in report.rows() if asked else ():
        if state(row) != row.outcome:
            for counts in (by_file[row.result.path], by_type[row.result.type or ""]):
                counts[row.outcome] -= 1
                counts[state(row)] += 1
    check = report.check

    def rows() -> Iterator[RowView]:
        for row in report.rows():
            yield RowView(row.result, state(row), row.outcome, row.id, row.request, row.server_message)

    def changes() -> Iterator[ChangeView]:
        return map(_change, report.changes())

    return ReportView(
        kind=kind,
        ok=report.ok,
        project=check.project,
        dictionary=check.dictionary,
        order=check.order,
        summary={**check.summary(), "rows_by_outcome": {state: outcomes[state] for state in states}},
        files=tuple(_file_view(file, dict(+by_file.get(file.path, Counter()))) for file in check.files),
        states=("accept", *states) if asked else states,
        rows=rows,
        folded=check.folded,
        nodes={name: dict(+by_type[name]) for name in _in_order(by_type, check.order)},
        edges=_edges(by_type, nodes),
        seconds=check.seconds,
        commons=report.commons,
        started=report.started,
        ended=report.ended,
        events=tuple(report.events),
        changes=changes,
    )


def _change(row: ChangedRowLike) -> ChangeView:
    changes = tuple((change.property, change.old, change.new) for change in row.changes)
    return ChangeView(row.path, row.line, row.type, row.submitter_id, changes)


def _states_of_file(file: FileResult) -> dict[int, str]:
    """The state of each row that the server would not simply take, or that is kept back."""
    found: dict[int, str] = {}
    for findings, rows in grouped(file.row_findings):
        if any(finding.severity is Severity.ERROR for finding in findings):
            found.update(dict.fromkeys(rows, "held"))
    for verdict, rows in grouped(file.verdicts):
        if verdict is not Verdict.ACCEPT:
            found.update(dict.fromkeys(rows, str(verdict)))
    return found


def _counted(file: FileResult, states: Mapping[int, str]) -> dict[str, int]:
    counts = Counter(states.values())
    counts["held" if file.verdict is Verdict.REFUSE else "accept"] += len(file) - len(states)
    return {state: number for state, number in counts.items() if number}


def _file_view(file: FileResult, states: Mapping[str, int]) -> FileView:
    severities = Counter(item.finding.severity for item in file.findings)
    for findings, rows in grouped(file.row_findings):
        for finding in findings:
            severities[finding.severity] += len(rows)
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
