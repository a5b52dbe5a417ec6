"""Recordings of a real Sheepdog 5.2.4 with the dictionary of the package gen3dictionary: a few scenarios of each kind.

`recordings.jsonl.gz` has a scenario a line (the project it uses, and its steps with body and answer),
`conversions.jsonl.gz` the documents that the server made of the rows of a table.
"""

from __future__ import annotations

import base64
import functools
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gdcdictionary

from gen3submit import Dictionary

Step = dict[str, Any]
Scenario = dict[str, Any]

_VARYING = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:[+-]\d\d:?\d\d)?"
)
_CUT = re.compile(r"\.\.\.\[cut \d+ characters\].*", re.DOTALL)


def lines(name: str) -> Iterator[Any]:
    with gzip.open(Path(__file__).with_name(f"{name}.jsonl.gz"), "rt", encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


@functools.cache
def scenarios() -> dict[str, Scenario]:
    return {scenario["id"]: scenario for scenario in lines("recordings")}


@functools.cache
def dictionary() -> Dictionary:
    return Dictionary.load(gdcdictionary.SCHEMA_DIR)


def steps(scenario: Scenario) -> list[tuple[Step, bool]]:
    """Each step, and whether it is one under test (the others prepare)."""
    return [(step, False) for step in scenario.get("setup", ())] + [(step, True) for step in scenario["steps"]]


def body(step: Step) -> bytes:
    text = step.get("body") or ""
    return base64.b64decode(text) if step.get("body_encoding") else text.encode()


def is_submission(step: Step, scenario: Scenario) -> bool:
    """Whether the step submits something to a project that is there, with a good token."""
    program, _, rest = step["path"].strip("/").partition("/")
    code, _, end = rest.partition("/")
    projects = {scenario["project"], *scenario.get("other_projects", ())}
    return (
        step["method"] in ("PUT", "POST")
        and program == scenario["program"]
        and code in projects
        and end in ("", "_dry_run")
        and step["status"] not in (401, 403, 404)
    )


def is_table(step: Step) -> bool:
    return (step.get("content_type") or "").lower() in ("text/tab-separated-values", "text/tsv", "text/csv")


def entities(answer: Any) -> list[dict[str, Any]] | None:
    found = answer.get("entities") if isinstance(answer, dict) else None
    return found if isinstance(found, list) else None


def stored(step: Step) -> bool:
    """Whether the server called the submission successful, and meant to keep it."""
    return step["status"] in (200, 201) and bool(step["response"].get("success")) and "_dry_run" not in step["path"]


def causes(entity: dict[str, Any]) -> set[tuple[str, tuple[str, ...]]]:
    return {(error["type"], tuple(sorted(map(str, error["keys"] or ())))) for error in entity["errors"]}


def masked(text: object) -> str:
    """Text without what varies from run to run: ids and times."""
    return _VARYING.sub("*", text if isinstance(text, str) else json.dumps(text, sort_keys=True))


def same_words(ours: object, recorded: object) -> bool:
    """Equal as far as the recording was not cut, ids and times aside."""
    left, right = masked(ours), masked(recorded)
    begin = _CUT.sub("", right)
    return left == right if begin == right else left.startswith(begin[:1900])
