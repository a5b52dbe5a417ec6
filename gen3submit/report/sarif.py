"""The report as SARIF 2.1.0 (OASIS), for code scanning and editors: a result for each problem, at its first place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

import gen3submit
from gen3submit.findings import Severity
from gen3submit.messages import report as words
from gen3submit.messages.codes import code_page
from gen3submit.report.problems import Problem, problems

if TYPE_CHECKING:
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import ReportView

MOST_PLACES = 100
"""How many further places of a result are named."""


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:  # noqa: ARG001  # every writer takes them
    """Write the report."""
    found = problems(view)
    numbers = {code: number for number, code in enumerate(dict.fromkeys(problem.code for problem in found))}
    driver = {
        "name": "gen3submit",
        "version": gen3submit.__version__,
        "semanticVersion": gen3submit.__version__,
        "rules": [_rule(code, found) for code in numbers],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "artifacts": [_artifact(file.path, file.sha256) for file in view.files],
    }
    head = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    stream.write(json.dumps(head, indent=1).removesuffix("\n  }\n ]\n}"))
    stream.write(',\n   "results": [')
    separator = "\n"
    for problem in found:
        stream.write(f"{separator}    {json.dumps(_result(problem, numbers[problem.code]))}")
        separator = ",\n"
    stream.write("\n   ]\n  }\n ]\n}\n")


def _rule(code: str, found: list[Problem]) -> dict[str, Any]:
    page = code_page(code)
    level = next(problem.severity for problem in found if problem.code == code)
    rule: dict[str, Any] = {"id": code, "defaultConfiguration": {"level": _level(level)}}
    if page is None:
        return rule | {"shortDescription": {"text": words.STATE_MEANINGS[code]}}
    return rule | {
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.meaning},
        "help": {"text": words.page_text(page.meaning, page.server, page.mend)},
        "properties": {"tags": [page.family]},
    }


def _artifact(path: str, sha256: str) -> dict[str, Any]:
    return {"location": {"uri": _uri(path)}, **({"hashes": {"sha-256": sha256}} if sha256 else {})}


def _result(problem: Problem, rule_index: int) -> dict[str, Any]:
    text = problem.message if problem.help is None else f"{problem.message}. {words.labelled(words.HELP, problem.help)}"
    identity = "\0".join((problem.code, problem.path, problem.column or "", problem.value or ""))
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule_index,
        "level": _level(problem.severity),
        "message": {"text": text},
        "locations": [_location(problem.path, problem.line)],
        "occurrenceCount": max(len(problem.lines), 1),
        # Without the lines: the same mistake stays the same result when rows are put before it.
        "partialFingerprints": {"problem/v1": hashlib.sha256(identity.encode(errors="replace")).hexdigest()},
    }
    further = problem.lines[1 : 1 + MOST_PLACES]
    if further:
        result["relatedLocations"] = [
            {"id": number, **_location(problem.path, line), "message": {"text": words.same_here()}}
            for number, line in enumerate(further, 1)
        ]
    return result


def _location(path: str, line: int | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if line is not None:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    file = Path(path)
    if file.is_absolute():
        return file.as_uri()
    return quote(file.as_posix().encode("utf-8", "replace"), safe="/")


def _level(severity: Severity) -> str:
    return "error" if severity is Severity.ERROR else "warning"
