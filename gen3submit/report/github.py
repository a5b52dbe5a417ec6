"""The report as workflow commands, which GitHub Actions shows as annotations beside the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from gen3submit.messages import report as words
from gen3submit.messages.wording import visible
from gen3submit.report.problems import problems, sum_of_rows, verdict

if TYPE_CHECKING:
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import ReportView


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:
    """Write an annotation for each problem, `options.most` at most, and the verdict."""
    found = problems(view)
    for problem in found[: options.most]:
        place = f"file={_parameter(problem.path)}"
        if problem.line is not None:
            place += f",line={problem.line}"
        text = problem.message if problem.help is None else f"{problem.message} ({problem.help})"
        if len(problem.lines) > 1:
            text = f"{text}; {words.same_on(problem.lines, problem.value is not None)}"
        stream.write(f"::{problem.severity} {place},title={_parameter(problem.code)}::{_text(text)}\n")
    left = found[len(found) if options.most is None else options.most :]
    if left:
        stream.write(f"::notice::{_text(words.more_annotations(len(left)))}\n")
    level = "notice" if view.ok else "error"
    stream.write(f"::{level} title={_parameter(words.title(view.kind, None))}::{_text(verdict(view))}\n")
    stream.write(f"{sum_of_rows(view)}\n")


def _text(text: str) -> str:
    # `visible` leaves no line end behind; the percent sign begins GitHub's own escapes.
    return visible(text).replace("%", "%25")


def _parameter(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
