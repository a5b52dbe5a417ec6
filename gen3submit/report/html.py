"""The report as one HTML file: no network, readable without JavaScript, nothing of the data ever taken for code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, tee
from typing import TYPE_CHECKING, Any, TextIO

import jinja2
from markupsafe import Markup, escape

import gen3submit
from gen3submit.findings import Severity, Verdict
from gen3submit.messages import html_report as words
from gen3submit.messages import report as report_words
from gen3submit.messages.codes import CodePage, code_page
from gen3submit.messages.wording import visible
from gen3submit.report.graph import NODE_HEIGHT, NODE_WIDTH, draw
from gen3submit.report.model import SOUND, TONES
from gen3submit.report.problems import Problem, next_steps, problems, sum_of_rows, verdict

if TYPE_CHECKING:
    from gen3submit.findings import Finding
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import ReportView, RowView

STATIC_ROWS = 5_000
"""How many rows stand in the page itself, for readers without JavaScript; the others only in the data."""
EMBEDDED_ROWS = 200_000
"""How many rows the file carries at all; a browser opens what is larger only with pain."""
MOST_PROBLEMS = 500
MOST_CHANGES = 500
MOST_LINES = 40
"""How many lines of a problem are named."""

_TICKS = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar."""

    state: str
    label: str
    tone: str
    number: int
    start: float
    """Percent of the bar before it."""
    width: float


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:  # noqa: ARG001  # every writer takes them
    """Write the report; rows are written as they come."""
    page = _templates()
    style, script = (_resource(page, name) for name in ("report.css", "report.js"))
    found = problems(view)
    every_change = view.changes()
    changes = list(islice(every_change, MOST_CHANGES))
    rows_in_page, rows_in_data = tee(_rows(view))
    template = page.get_template("report.html.j2")
    context = {
        "view": view,
        "words": words,
        "version": gen3submit.__version__,
        "style": Markup(style),  # noqa: S704  # our own file
        "script": Markup(script),  # noqa: S704  # our own file
        "policy": _policy(style, script),
        "title": report_words.title(view.kind, view.project),
        "verdict": verdict(view),
        "sum": sum_of_rows(view),
        "total": view.total,
        "parts": bar(view.counts),
        "facts": words.run_facts(view),
        "steps": next_steps(view, found),
        "problems": found[:MOST_PROBLEMS],
        "problems_left": len(found) - MOST_PROBLEMS,
        "kinds": _kinds(found),
        "files": [(file, bar(file.states), _is_sound(file.verdict, file.states)) for file in view.files],
        "nodes": [(name, bar(states), sum(states.values())) for name, states in view.nodes.items()],
        "drawing": draw(_known_order(view), view.edges),
        "box": {"width": NODE_WIDTH, "height": NODE_HEIGHT},
        "tones": TONES,
        "states": report_words.STATES,
        "meanings": [(state, report_words.STATES[state], report_words.STATE_MEANINGS[state]) for state in view.states],
        "changes": changes,
        "changes_left": sum(1 for _ in every_change),
        "change": lambda each: report_words.change(each[0], each[1], each[2], view.shows_values),
        "rows": islice(rows_in_page, STATIC_ROWS),
        "static_rows": min(view.total, STATIC_ROWS),
        "embedded_rows": min(view.total, EMBEDDED_ROWS),
        "pages": _pages(found),
        "data": _data(view, rows_in_data),
        "lines_of": _lines_of,
        "parts_of": lambda name: bar(view.nodes.get(name, {})),
        "bad_rows_of": lambda states: sum(number for state, number in states.items() if state not in SOUND),
        "is_error": lambda thing: thing.severity is Severity.ERROR,
    }
    for chunk in template.generate(context):
        stream.write(chunk)


@cache
def _templates() -> jinja2.Environment:
    page = jinja2.Environment(
        loader=jinja2.PackageLoader("gen3submit.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters.update(ticks=ticks, visible=visible, grouped=lambda number: f"{number:,}")
    return page


def ticks(text: str) -> Markup:
    """A sentence with what stands in backticks as code."""
    pieces = []
    end = 0
    for match in _TICKS.finditer(text):
        pieces += [escape(text[end : match.start()]), Markup("<code>{}</code>").format(match[1])]
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def bar(counts: Any) -> list[Part]:
    """The pieces of a bar of rows by state; none thinner than can be seen."""
    total = sum(counts.values())
    shown = [(state, counts[state]) for state in TONES if counts.get(state)]
    least = [max(100 * number / total, 1.5) for _, number in shown]
    parts, start = [], 0.0
    for (state, number), width in zip(shown, least, strict=True):
        share = round(100 * width / sum(least), 3)
        parts.append(Part(state, report_words.STATES[state], TONES[state], number, round(start, 3), share))
        start += share
    return parts


def _resource(page: jinja2.Environment, name: str) -> str:
    assert page.loader is not None
    return page.loader.get_source(page, name)[0]


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, and only our own style and script are run, known by their hashes."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _is_sound(verdict_: Verdict, states: Any) -> bool:
    return verdict_ is Verdict.ACCEPT and all(state in SOUND for state, number in states.items() if number)


def _known_order(view: ReportView) -> list[list[str]]:
    """The layers of node types that have rows."""
    layers = [[name for name in stage if name in view.nodes] for stage in view.order]
    return [layer for layer in layers if layer]


@dataclass(frozen=True, slots=True)
class Kind:
    """All problems of one code."""

    code: str
    severity: Severity
    title: str
    rows: int
    width: float
    """Percent of the longest bar."""


def _kinds(found: list[Problem]) -> list[Kind]:
    rows: Counter[str] = Counter()
    severity: dict[str, Severity] = {}
    for problem in found:
        rows[problem.code] += max(len(problem.lines), 1)
        severity.setdefault(problem.code, problem.severity)
    most = max(rows.values(), default=1)
    return [
        Kind(code, severity[code], _title(code), number, round(max(100 * number / most, 1.5), 2))
        for code, number in sorted(rows.items(), key=lambda item: (severity[item[0]] is Severity.WARNING, -item[1]))
    ]


def _title(code: str) -> str:
    page = code_page(code)
    return page.title if page else report_words.STATE_MEANINGS[code]


def _pages(found: list[Problem]) -> list[CodePage]:
    used = dict.fromkeys(problem.code for problem in found)
    return [page for page in map(code_page, used) if page is not None]


def _lines_of(problem: Problem) -> tuple[str, int]:
    """The lines as a list, and how many more there are."""
    lines = list(dict.fromkeys(problem.lines))
    return ", ".join(map(str, lines[:MOST_LINES])), max(len(lines) - MOST_LINES, 0)


def _rows(view: ReportView) -> Iterator[RowView]:
    """The rows, those with something to look at first."""
    if view.kind != "check" or not view.ok or any(file.warnings for file in view.files):
        yield from (row for row in view.rows() if row.needs_attention)
    yield from (row for row in view.rows() if not row.needs_attention)


def _data(view: ReportView, rows: Iterator[RowView]) -> Iterator[Markup]:
    """The data of the report as JSON, piece by piece; findings once, rows as short lists that name them by number."""
    findings: dict[int, tuple[int, Finding]] = {}  # keeps each finding, so that its identity stays its own
    paths = {file.path: number for number, file in enumerate(view.files)}

    def number_of(finding: Finding) -> int:
        return findings.setdefault(id(finding), (len(findings), finding))[0]

    head = {
        "report": view.head(),
        "kind": view.kind,
        "states": [[state, report_words.STATES[state], TONES[state]] for state in view.states],
        "words": words.for_script(),
    }
    yield _json(head, end="}")
    yield Markup(',"rows":[')
    separator = ""
    for row in islice(rows, EMBEDDED_ROWS):
        result = row.result
        short: list[Any] = [
            paths[result.path],
            result.row,
            result.line,
            result.type,
            result.submitter_id,
            view.states.index(row.state),
            str(result.verdict),
            [number_of(finding) for finding in result.findings],
        ]
        if row.outcome is not None:
            short += [row.id, row.request, row.server_message, row.outcome]
        yield _json(short, begin=separator)
        separator = ",\n"
    yield Markup('],"findings":[')
    separator = ""
    for _, finding in findings.values():
        yield _json(finding.to_dict(), begin=separator)
        separator = ",\n"
    yield Markup("]}")


def _json(value: Any, *, begin: str = "", end: str = "") -> Markup:
    """JSON that stands in a script element: pure ASCII, and nothing in it can end the element or begin a comment."""
    text = begin + json.dumps(value, separators=(",", ":")).removesuffix(end)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  # escaped
