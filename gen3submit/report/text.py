"""The report for a terminal: findings folded, each with what was expected and one way out; the summary last."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from gen3submit.findings import Severity, Verdict
from gen3submit.messages import report as words
from gen3submit.messages.wording import visible
from gen3submit.report.model import SOUND
from gen3submit.report.problems import Problem, next_steps, problems, sum_of_rows, verdict

if TYPE_CHECKING:
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import FileView, ReportView

OF_ONE_KIND = 4
"""How many problems of one code in one column of one file are shown before the rest is counted."""
REPETITIVE = frozenset({"parent-unverified", "parent-rejected"})
"""Codes of which two examples say all there is to say."""
MOST_CHANGES = 5
"""How many changed records a plan shows before the rest is counted."""
_INDENT = 12
_MOST_FILES = 12
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}
CODE = re.compile(r"`[^`]*`")


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:
    """Write the report as a person reads it."""
    writer = _TextWriter(stream, options)
    found = problems(view)
    writer.problems(found, options.most)
    if view.kind == "plan":
        writer.plan(view, options.most)
    else:
        writer.files(view)
    writer.summary(view, found)
    if view.kind != "check":
        writer.steps(next_steps(view, found))
    if options.report_paths:
        writer.line(Text(words.report_written(options.report_paths)))


def write_concise(view: ReportView, stream: TextIO, options: ReportOptions) -> None:  # noqa: ARG001  # every writer takes them
    """Write a line for each place of each finding: ``path:line: severity[code] message``."""
    for problem in problems(view):
        for line in problem.lines or (None,):
            place = words.where(problem.path, line)
            stream.write(f"{place}: {problem.severity}[{problem.code}] {problem.message}\n")
    stream.write(f"{verdict(view)}: {sum_of_rows(view)}\n")


def console_for(stream: TextIO, options: ReportOptions) -> Console:
    """A console on the stream that takes what it is given as text, never as markup."""
    color = options.color
    return Console(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=None if color is None else not color,
        force_terminal=True if color else None,
        width=options.width or (None if stream.isatty() else 100),
    )


class _TextWriter:
    """Puts a report on a console; every text of the data is made visible before it gets there."""

    def __init__(self, stream: TextIO, options: ReportOptions) -> None:
        self.console = console_for(stream, options)
        # Lines of a pipe or a file are left whole, for programs that search them.
        self.wraps = options.width is not None or stream.isatty()

    def problems(self, found: list[Problem], most: int | None) -> None:
        """Write the problems, few of each kind and `most` at most, and count the rest."""
        kinds: Counter[tuple[str, ...]] = Counter()
        left: dict[str, list[Problem]] = {}
        shown = 0
        for problem in found:
            repetitive = problem.code in REPETITIVE
            kind = (problem.code,) if repetitive else (problem.code, problem.path, problem.column or "")
            kinds[kind] += 1
            if most is not None and (shown >= most or kinds[kind] > (2 if repetitive else OF_ONE_KIND)):
                left.setdefault(problem.code, []).append(problem)
            else:
                shown += 1
                self.problem(problem)
        for code, more in left.items():
            rows = sum(len(problem.lines) for problem in more if problem.about_rows)
            self.line(Text(words.more_problems(code, len(more), rows, len({problem.path for problem in more})), "dim"))
        if left:
            self.line(Text())

    def problem(self, problem: Problem) -> None:
        """Write one problem."""
        head = Text()
        head.append(f"{problem.severity}[{problem.code}]", _STYLES[problem.severity])
        head.append(f" {words.where(problem.path, problem.line)}", "bold")
        if problem.column is not None:
            head.append(f"  {visible(problem.column)}")
        if problem.submitter_id is not None:
            head.append(f"  ({visible(problem.submitter_id)})", "dim")
        self.line(head)
        self.paragraph("", problem.message, 2)
        if problem.expected is not None:
            self.paragraph(words.EXPECTED, problem.expected)
        if problem.help is not None:
            self.paragraph(words.HELP, problem.help, style="green")
        if len(problem.lines) > 1:
            self.paragraph("", words.same_on(problem.lines, problem.value is not None))
        self.line(Text())

    def files(self, view: ReportView) -> None:
        """Write what became of each file."""
        worth = [file for file in view.files if file.verdict is not Verdict.ACCEPT or file.errors or file.warnings]
        sound = [file for file in view.files if file not in worth]
        named = [*worth, *sound] if len(view.files) <= _MOST_FILES else worth[:_MOST_FILES]
        said = [_file(file) for file in named]
        if len(named) < len(view.files):
            said.append(words.more_files(len(worth) - len(named), len(sound)))
        for line in said if self.wraps or len(said) > 4 else [" · ".join(said)]:
            if line:
                self.line(Text(line))

    def plan(self, view: ReportView, most: int | None) -> None:
        """Write the node types in their order with what is planned, and the first changes of records."""
        width = max((len(name) for name in view.nodes), default=0)
        for stage, names in enumerate(view.order, 1):
            for name in names:
                counts = view.nodes.get(name, {})
                total = sum(counts.values())
                if total:
                    in_order = {state: counts.get(state, 0) for state in view.states}
                    self.line(Text(words.planned_type(stage, name, total, in_order, width)))
        left = 0
        for number, row in enumerate(view.changes()):
            if most is not None and number >= MOST_CHANGES:
                left += 1
                continue
            said = [words.change(*change, view.shows_values) for change in row.changes]
            place = words.where(row.path, row.line)
            self.paragraph("", words.changed_record(place, row.type, row.submitter_id, said), 1)
        if left:
            self.line(Text(f" {words.more_changes(left)}", "dim"))

    def steps(self, steps: list[str]) -> None:
        """Write what may be done next."""
        label = words.NEXT
        for step in steps:
            self.paragraph(label, step)
            label = ""

    def summary(self, view: ReportView, found: list[Problem]) -> None:
        """Write the counts, the sum and the verdict."""
        errors = sum(file.errors for file in view.files)
        warnings = sum(file.warnings for file in view.files)
        left_undone = sum(len(problem.lines) for problem in found if problem.code in words.OUTCOME_MESSAGES)
        total = words.problems_total(
            len(found),
            errors + left_undone,
            warnings,
            view.total,
            len(view.files),
            0.0 if view.kind == "submit" else view.seconds,  # the time of the check says nothing of a run
        )
        self.line(Text(total))
        self.line(Text(sum_of_rows(view)))
        self.line(Text(verdict(view), "bold green" if view.ok else "bold red"))

    def paragraph(self, label: str, text: str, indent: int = _INDENT, style: str = "") -> None:
        """Write a labelled text, its further lines under its first."""
        body = Text(text, style)
        body.highlight_regex(CODE, "cyan")
        lines = body.wrap(self.console, max(self.console.width - indent, 20)) if self.wraps else [body]
        for number, line in enumerate(lines):
            line.rstrip()
            first = Text(f"  {label}".ljust(indent) if number == 0 else " " * indent, "dim")
            self.line(first + line)

    def line(self, text: Text) -> None:
        """Write a line; only a terminal would wrap it."""
        self.console.print(text, soft_wrap=True)


def _file(file: FileView) -> str:
    waiting = file.states.get("not-sent", 0)
    bad = sum(number for state, number in file.states.items() if state not in SOUND) - waiting
    return words.file_line(file.path, file.rows, bad, waiting, file.verdict is Verdict.REFUSE, file.warnings)
