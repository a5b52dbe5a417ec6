"""Results of checks and submissions to report on, built by hand, hostile ones among them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gen3submit.dictionary.model import Node, nodes_from_served
from gen3submit.findings import CheckResult, FileFinding, FileResult, Finding, RowResult, Severity, Verdict
from gen3submit.report.formats import FORMATS, ReportOptions
from gen3submit.report.model import ReportView
from gen3submit.report.view import from_check, from_plan, from_submission

ERROR, WARNING = Severity.ERROR, Severity.WARNING

HOSTILE = [
    "<script>window.hurt=1</script>",
    "\"><img src=x onerror='window.hurt=1'>",
    "</script><script>window.hurt=1</script>",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31m",
    "=cmd|' /C calc'!A0",
    "+1+cmd",
    "@SUM(A1)",
    "-2+3",
    "[bold]rich[/bold]",
    "{{ 7*7 }}{% for x in y %}",
    "::error file=x::y",
    "100%25\r\nnext",
    "a\tb\nc",
    "\u202egnp.exe",
    "\u2028\u0085",
    "javascript:alert(1)",
    "x" * 3000,
    "]]>&amp;&lt;",
    "\x00\ufffe\ud800",
]
"""Texts that hurt a terminal, a browser, a spreadsheet, a parser or a build server that takes them for more."""

TABLES = {
    "subject.tsv": "type\tsubmitter_id\tsex\nsubject\tP-1\tfemale\nsubject\tP-2\tmale\n",
    "sample.tsv": (
        "type\tsubmitter_id\tsubjects.submitter_id\tsample_type\tvolume_ml\n"
        "sample\tS-1\tP-1\tPrimary Tumor\t1.5\n"
        "sample\tS-2\tP-1\tPrimary Tumour\t-2\n"
        "sample\tS-3\tP-2\tPrimary Tumour\t3\n"
        "samples\tS-4\tP-2\tPrimary Tumor\t4\n"
        "sample\tS-5\tP-2\tPrimary Tumor \t=1+1\n"
    ),
    "aliquot.tsv": "type\tsubmitter_id\tsamples.submitter_id\naliquot\tA-1\tS-2\naliquot\tA-2\tS-1\n",
    "broken.tsv": "type,submitter_id\nsubject,P-9\n",
}


def not_allowed(value: str = "Primary Tumour", column: str = "sample_type") -> Finding:
    return Finding(
        "value-not-allowed",
        ERROR,
        column,
        column.lstrip("*"),
        value,
        "sample",
        {"allowed": ["Primary Tumor", "Plasma", "Saliva", "Buccal"], "similar": "Primary Tumor"},
        "ERROR",
        (column,),
        f"'{value}' is not one of ['Primary Tumor', 'Plasma', 'Saliva', 'Buccal']",
    )


def mistakes(folder: Path) -> CheckResult:
    """A check with mistakes of many kinds; its files are written to the folder."""
    for name, text in TABLES.items():
        folder.joinpath(name).write_text(text)
    unknown = Finding("type-unknown", ERROR, "type", "type", "samples", None, {"similar": ["sample"]})
    trimmed = Finding("space-trimmed", WARNING, "sample_type", "sample_type", "Primary Tumor ", "sample", {
        "stored": "Primary Tumor"
    })  # fmt: skip
    rejected = Finding(
        "parent-rejected",
        ERROR,
        "samples.submitter_id",
        "samples",
        "S-2",
        "aliquot",
        {"link": "samples", "target": "sample", "path": str(folder / "sample.tsv"), "line": 3},
        "INVALID_LINK",
        ("samples",),
    )
    delimiter = Finding("wrong-delimiter", ERROR, facts={"found": "commas"})
    return CheckResult(
        "DEV-test",
        (
            file_result(folder / "subject.tsv", ["subject", "subject"], ["P-1", "P-2"]),
            file_result(
                folder / "sample.tsv",
                ["sample", "sample", "sample", "samples", "sample"],
                ["S-1", "S-2", "S-3", "S-4", "S-5"],
                verdict=Verdict.REJECT,
                verdicts={2: Verdict.REJECT, 3: Verdict.REJECT, 4: Verdict.DROP},
                row_findings={2: (not_allowed(),), 3: (not_allowed(),), 4: (unknown,), 5: (trimmed,)},
            ),
            file_result(
                folder / "aliquot.tsv",
                ["aliquot", "aliquot"],
                ["A-1", "A-2"],
                verdict=Verdict.REJECT,
                verdicts={1: Verdict.REJECT},
                row_findings={1: (rejected,)},
            ),
            file_result(
                folder / "broken.tsv", [None], [None], verdict=Verdict.REFUSE, findings=(FileFinding(delimiter, 1),)
            ),
        ),
        (("subject",), ("sample",), ("aliquot",)),
        {"source": "dictionary/", "version": "1.2.3", "sha256": "9f2c" * 16},
        1.4,
    )


def file_result(
    path: Path,
    types: Sequence[str | None],
    submitter_ids: Sequence[str | None],
    *,
    verdict: Verdict = Verdict.ACCEPT,
    findings: tuple[FileFinding, ...] = (),
    verdicts: dict[int, Verdict] | None = None,
    row_findings: dict[int, tuple[Finding, ...]] | None = None,
) -> FileResult:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "0" * 64
    lines = range(2, 2 + len(types))
    return FileResult(
        str(path), verdict, "tsv", sha256, findings, lines, types, submitter_ids, verdicts or {}, row_findings or {}
    )


def clean(folder: Path) -> CheckResult:
    path = folder / "subject.tsv"
    path.write_text(TABLES["subject.tsv"])
    return CheckResult("DEV-test", (file_result(path, ["subject", "subject"], ["P-1", "P-2"]),), (("subject",),))


def hostile(text: str) -> CheckResult:
    """A check in which every text that comes from outside is this one."""
    finding = Finding(
        "value-not-allowed",
        ERROR,
        text,
        text,
        text,
        text,
        {"allowed": [text], "similar": text},
        "ERROR",
        (text,),
        text,
        text,
    )
    every = Finding("schema-violation", ERROR, text, text, text, text, {}, None, None, text)
    return CheckResult(
        text,
        (
            FileResult(
                text,
                Verdict.REJECT,
                "tsv",
                text,
                (FileFinding(every, 1),),
                [2, 3],
                [text, text],
                [text, text],
                {1: Verdict.REJECT},
                {1: (finding, every), 2: (finding,)},
            ),
        ),
        ((text,),),
        {"source": text, "version": text, "sha256": text},
        0.1,
    )


def large(rows: int, folder: str = "data") -> CheckResult:
    """A check of many rows, one in ten of them wrong in one of a few ways."""
    wrong = [not_allowed(f"Tumour {number}") for number in range(7)]
    numbers = range(1, rows + 1, 10)
    return CheckResult(
        "DEV-test",
        (
            FileResult(
                f"{folder}/sample.tsv",
                Verdict.REJECT,
                "tsv",
                "0" * 64,
                (),
                range(2, rows + 2),
                ["sample"] * rows,
                [f"S-{number:06}" for number in range(rows)],
                dict.fromkeys(numbers, Verdict.REJECT),
                {number: (wrong[number % len(wrong)],) for number in numbers},
            ),
        ),
        (("sample",),),
        {"source": "dictionary/", "version": "1.2.3", "sha256": "9f2c" * 16},
        3.0,
    )


def nodes() -> dict[str, Node]:
    """subject ← sample ← aliquot, and a link of an aliquot to its subject."""

    def node(name: str, *parents: str) -> dict[str, Any]:
        links = [
            {"name": f"{parent}s", "target_type": parent, "multiplicity": "many_to_one", "required": True}
            for parent in parents
        ]
        return {"id": name, "properties": {"project_id": {}, "submitter_id": {}}, "links": links}

    served = {
        "subject": node("subject"),
        "sample": node("sample", "subject"),
        "aliquot": node("aliquot", "sample", "subject"),
    }
    return nodes_from_served(served, "dictionary")


@dataclass(frozen=True)
class Request:
    time: str
    name: str
    attempts: int = 1
    status: int | None = 200
    transaction_id: str | int | None = 4411
    confirmed: str | None = "answer"
    type: str | None = "sample"
    rows: int = 3
    seconds: float | None = 1.5
    words: str | None = None


@dataclass(frozen=True)
class SubmittedRow:
    result: RowResult
    outcome: str
    id: str | None = None
    request: str | None = None
    server_message: str | None = None


@dataclass(frozen=True)
class Change:
    property: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ChangedRow:
    path: str
    line: int
    type: str
    submitter_id: str | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Submission:
    check: CheckResult
    outcomes: tuple[tuple[str, str | None], ...]
    """Outcome and words of the server for each row."""
    ok: bool = False
    commons: str | None = "https://dev.example.org"
    started: str | None = "2026-05-17T09:30:00Z"
    ended: str | None = "2026-05-17T09:31:24Z"
    requests: tuple[Request, ...] = ()
    events: tuple[tuple[str, str], ...] = field(default=())
    changed: tuple[ChangedRow, ...] = ()
    run_id: str = "run-1"
    dry_run: bool = False
    sent: bool = True
    stopped: str | None = None

    def changes(self) -> Iterator[ChangedRow]:
        return iter(self.changed)

    def counted(self) -> Iterator[tuple[str, str | None, str, int]]:
        for row in self.rows():
            yield row.result.path, row.result.type, row.outcome, 1

    def rows(self) -> Iterator[SubmittedRow]:
        for number, (row, (outcome, said)) in enumerate(zip(self.check.rows(), self.outcomes, strict=True)):
            confirmed = outcome in ("created", "updated", "unchanged")
            yield SubmittedRow(
                row, outcome, f"0000-{number}" if confirmed else None, "run-1/3" if confirmed else None, said
            )


def submission(folder: Path) -> Submission:
    """A run in which something of everything happened."""
    for name in ("subject.tsv", "sample.tsv", "aliquot.tsv"):
        folder.joinpath(name).write_text(TABLES[name])
    check = CheckResult(
        "DEV-test",
        (
            file_result(folder / "subject.tsv", ["subject"] * 2, ["P-1", "P-2"]),
            file_result(folder / "sample.tsv", ["sample"] * 5, [f"S-{n}" for n in range(1, 6)]),
            file_result(folder / "aliquot.tsv", ["aliquot"] * 2, ["A-1", "A-2"]),
        ),
        (("subject",), ("sample",), ("aliquot",)),
        {"source": "https://dev.example.org", "version": "1.2.3", "sha256": "9f2c" * 16},
        0.2,
    )
    refused = "'Primary Tumour' is not one of ['Primary Tumor']"
    outcomes: list[tuple[str, str | None]] = [
        ("unchanged", None),
        ("updated", None),
        ("created", None),
        ("rejected", refused),
        ("rejected", refused),
        ("unknown", None),
        ("created", None),
        ("blocked", None),
        ("not-sent", None),
    ]
    requests = (
        Request("2026-05-17T09:30:01Z", "run-1/1"),
        Request("2026-05-17T09:30:04Z", "run-1/2", 2, 504, None, "read-back"),
        Request("2026-05-17T09:30:59Z", "run-1/3", 3, None, None, None),
    )
    events = (("2026-05-17T09:30:20Z", "request run-1/2 answered 504 after 15 s; asking the server before sending"),)
    changed = ChangedRow(
        "subject.tsv", 3, "subject", "P-2", (Change("sex", "female", "male"), Change("race", None, ["a", "b"]))
    )
    return Submission(check, tuple(outcomes), requests=requests, events=events, changed=(changed,))


def plan(folder: Path) -> Submission:
    """What a submission would do; nothing was sent."""
    made = submission(folder)
    outcomes = ("unchanged", "update", "create", "rejected", "rejected", "create", "create", "blocked", "create")
    return replace(made, outcomes=tuple((outcome, None) for outcome in outcomes), requests=(), events=())


def view_of(result: CheckResult | Submission) -> ReportView:
    if isinstance(result, Submission):
        is_plan = any(outcome in ("create", "update") for outcome, _ in result.outcomes)
        return from_plan(result, nodes()) if is_plan else from_submission(result, nodes())
    return from_check(result, nodes())


def written(format_: str, result: CheckResult | Submission | ReportView, **options: Any) -> str:
    """The report in a format."""
    stream = io.StringIO()
    view = result if isinstance(result, ReportView) else view_of(result)
    FORMATS[format_].write(view, stream, ReportOptions(**options))
    return stream.getvalue()
