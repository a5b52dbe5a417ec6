"""A check in a notebook: the verdict, a table of the files and the first problems."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from gen3submit.findings import Severity, Verdict
from gen3submit.messages import notebook as words
from gen3submit.messages import report as report_words
from gen3submit.messages.wording import shortened, visible
from gen3submit.report.model import SOUND
from gen3submit.report.problems import problems, sum_of_rows, verdict
from gen3submit.report.view import from_check

if TYPE_CHECKING:
    from gen3submit.findings import CheckResult
    from gen3submit.report.model import FileView
    from gen3submit.report.problems import Problem

MOST_FILES = 12
MOST_PROBLEMS = 10
_LONGEST_PATH = 60
_CODE = re.compile("`([^`]*)`")
# No colours of background or text but these two: a notebook may be light or dark.
_COLORS = {Severity.ERROR: "#d1242f", Severity.WARNING: "#b08800"}


def check_html(result: CheckResult) -> str:
    """The check in short, as HTML without scripts; every text of the data is escaped."""
    view = from_check(result)
    found = problems(view)
    parts = [f"<p><b>gen3submit check: {_text(verdict(view))}</b><br>{_text(sum_of_rows(view))}</p>"]
    worst_first = sorted(view.files, key=lambda file: file.verdict is Verdict.ACCEPT and not file.errors)
    parts.append(_table(words.FILE_HEAD, [_file(file) for file in worst_first[:MOST_FILES]]))
    if len(view.files) > MOST_FILES:
        parts.append(f"<p>{_text(words.more_files(len(view.files) - MOST_FILES))}</p>")
    if found:
        parts.append(_table(words.PROBLEM_HEAD, [_problem(problem) for problem in found[:MOST_PROBLEMS]]))
        more = len(found) - MOST_PROBLEMS
        parts.append(f"<p>{_text(words.more_problems(max(more, 0)))}</p>")
    return f"<div>{''.join(parts)}</div>"


def _file(file: FileView) -> list[str]:
    bad = sum(number for state, number in file.states.items() if state not in SOUND)
    state = words.REFUSED if file.verdict is Verdict.REFUSE else f"{bad:,}"
    return [_text(shortened(file.path, _LONGEST_PATH)), f"{file.rows:,}", _text(state), f"{file.warnings:,}"]


def _problem(problem: Problem) -> list[str]:
    place = report_words.where(shortened(problem.path, _LONGEST_PATH), problem.line)
    told = [_text(problem.message), *([f"<i>{_text(problem.help)}</i>"] if problem.help else [])]
    if len(problem.lines) > 1:
        told.append(_text(report_words.same_on(problem.lines, problem.value is not None)))
    color = _COLORS[problem.severity]
    code = f'<span style="color:{color}">{_text(problem.severity)}[{_text(problem.code)}]</span>'
    return [code, _text(place), _text(problem.column or ""), "<br>".join(told)]


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    cell = '<td style="text-align:left;vertical-align:top">'
    lines = ["".join(f"{cell}{content}</td>" for content in row) for row in rows]
    titles = "".join(f'<th style="text-align:left">{_text(title)}</th>' for title in head)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", html.escape(visible(str(text))))
