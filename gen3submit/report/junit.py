"""The report for build servers that show tests: a suite for each file, a failed case for each error."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree

from gen3submit.findings import Severity
from gen3submit.messages import report as words
from gen3submit.messages.wording import shown, visible
from gen3submit.report.problems import Problem, problems, sum_of_rows

if TYPE_CHECKING:
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import ReportView


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:  # noqa: ARG001  # every writer takes them
    """Write the report; warnings are passed cases with words, and a file without errors has one passed case."""
    by_path: dict[str, list[Problem]] = {file.path: [] for file in view.files}
    for problem in problems(view):
        by_path[problem.path].append(problem)
    failed = {path: sum(problem.severity is Severity.ERROR for problem in found) for path, found in by_path.items()}
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    _begin(
        stream,
        "testsuites",
        name=words.title(view.kind, view.project),
        time=f"{view.seconds:.3f}",
        tests=str(sum(max(len(found), 1) for found in by_path.values())),
        failures=str(sum(failed.values())),
        errors="0",
    )
    for path, found in by_path.items():
        _begin(
            stream,
            "testsuite",
            1,
            name=visible(path),
            tests=str(max(len(found), 1)),
            failures=str(failed[path]),
            errors="0",
            skipped="0",
            time="0",
        )
        if not found:
            _write(stream, _case(path, words.no_problems(), None), 2)
        for problem in found:
            case = _case(path, _name(problem), problem.line)
            if problem.severity is Severity.ERROR:
                failure = ElementTree.SubElement(case, "failure", type=problem.code, message=visible(problem.message))
                failure.text = _body(problem)
            else:
                ElementTree.SubElement(case, "system-out").text = _body(problem)
            _write(stream, case, 2)
        stream.write("  </testsuite>\n")
    out = ElementTree.Element("system-out")
    out.text = sum_of_rows(view)
    _write(stream, out, 1)
    stream.write("</testsuites>\n")


def _begin(stream: TextIO, tag: str, depth: int = 0, **attributes: str) -> None:
    """Write the start of an element that is not held whole."""
    whole = ElementTree.tostring(ElementTree.Element(tag, attributes), encoding="unicode")
    stream.write(f"{'  ' * depth}{whole.removesuffix(' />')}>\n")


def _write(stream: TextIO, element: ElementTree.Element, depth: int) -> None:
    ElementTree.indent(element, level=depth)
    stream.write(f"{'  ' * depth}{ElementTree.tostring(element, encoding='unicode').rstrip()}\n")


def _case(path: str, name: str, line: int | None) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=visible(path), name=name, file=visible(path), time="0")
    if line is not None:
        case.set("line", str(line))
    return case


def _name(problem: Problem) -> str:
    parts = [problem.code]
    if problem.column is not None:
        parts.append(visible(problem.column))
    if problem.value is not None:
        parts.append(shown(problem.value, 40))
    if problem.line is not None:
        parts.append(words.on_line(problem.line))
    return " ".join(parts)


def _body(problem: Problem) -> str:
    lines = [words.places(problem.path, problem.lines), visible(problem.message)]
    if problem.expected is not None:
        lines.append(words.labelled(words.EXPECTED, problem.expected))
    if problem.help is not None:
        lines.append(words.labelled(words.HELP, problem.help))
    return "\n".join(lines)
