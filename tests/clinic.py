"""A small dictionary that has a bit of everything, and short ways to check tables against it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gen3submit import CheckResult, Dictionary, Finding, check

PROJECT = "P-X"
UUID_PATTERN = "^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$"


def link(
    name: str, target: str, multiplicity: str = "many_to_one", *, required: bool = False, backref: str = ""
) -> dict[str, Any]:
    return {
        "name": name,
        "target_type": target,
        "multiplicity": multiplicity,
        "required": required,
        "backref": backref or f"of_{name}",
        "label": "member_of",
    }


def node(
    node_id: str,
    *links: dict[str, Any],
    required: Sequence[str] = ("submitter_id",),
    category: str = "clinical",
    state: bool = True,
    system: Mapping[str, Any] | None = None,
    **properties: Any,
) -> dict[str, Any]:
    """A node type as real dictionaries have them, with these properties besides."""
    flat = [member for entry in links for member in entry.get("subgroup", [entry])]
    one = {
        "type": "object",
        "additionalProperties": True,
        "properties": {"id": {"type": "string", "pattern": UUID_PATTERN}, "submitter_id": {"type": "string"}},
    }
    kept = {
        "id": {"type": "string", "pattern": UUID_PATTERN},
        "project_id": {"type": "string"},
        "created_datetime": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        "updated_datetime": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        **({"state": {"enum": ["validated", "released"], "default": "validated"}} if state else {}),
        **(system or {}),
    }
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "id": node_id,
        "title": node_id,
        "type": "object",
        "category": category,
        "program": "*",
        "project": "*",
        "submittable": True,
        "additionalProperties": False,
        "systemProperties": list(kept),
        "required": ["type", *required],
        "uniqueKeys": [["id"], ["project_id", "submitter_id"]],
        "links": list(links),
        "properties": {
            "type": {"enum": [node_id]},
            "submitter_id": {"type": ["string", "null"] if "submitter_id" not in required else "string"},
            **kept,
            **{member["name"]: {"anyOf": [{"type": "array", "items": one}, one]} for member in flat},
            **properties,
        },
    }


VALUES: dict[str, Any] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "grade": {"enum": ["low", "high", "Not Reported"]},
    "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"},
    "percent": {"type": "number", "minimum": 0, "maximum": 100},
    "moment": {"type": "string", "format": "date-time"},
    "names": {"type": "array", "items": {"type": "string"}},
    "counts": {"type": "array", "items": {"type": "integer"}},
    "flags": {"type": "array", "items": {"type": "boolean"}},
    "signs": {"type": "array", "items": {"enum": ["cough", "fever"]}},
    "either": {"oneOf": [{"type": "number"}, {"enum": ["unknown"]}]},
    "colour": {"anyOf": [{"enum": ["red"]}, {"enum": ["blue"]}]},
    "short": {"type": "string", "maxLength": 5},
    "few": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
}
"""A property of each kind."""


def served() -> dict[str, Any]:
    """The dictionary in its served form."""
    project = node("project", link("programs", "program", required=True, backref="projects"))
    project["properties"] = {
        name: project["properties"][name] for name in ("type", "id", "programs")
    } | {"code": {"type": "string"}, "name": {"type": "string"}}  # fmt: skip
    project |= {"required": ["code", "name"], "uniqueKeys": [["id"], ["code"]]}
    program = {
        **project,
        "id": "program",
        "links": [],
        "required": ["name"],
        "uniqueKeys": [["id"], ["name"]],
        "properties": {"type": {"enum": ["program"]}, "id": {"type": "string"}, "name": {"type": "string"}},
    }
    file_properties = {
        "object_id": {"type": "string"},
        "md5sum": {"type": "string", "pattern": "^[a-f0-9]{32}$"},
        "file_size": {"type": "integer"},
    }
    nodes = [
        program,
        project,
        # Sheepdog knows the name `case` from its generic dictionary, and `person` not: its crashes differ.
        node("case", link("projects", "project", required=True), text={"type": "string"}, whole={"type": "integer"}),
        node("person", link("projects", "project", required=True), text={"type": "string"}),
        node("visit", link("cases", "case", required=True), required=("submitter_id", "grade"), **VALUES),
        node("demographic", link("cases", "case", "one_to_one", required=True)),
        node("consent", link("cases", "case", "one_to_many")),
        node("study", link("cases", "case", "many_to_many"), text={"type": "string"}),
        node(
            "sample",
            {"required": True, "exclusive": True, "subgroup": [link("cases", "case"), link("visits", "visit")]},
        ),
        node("specimen", link("specimens", "specimen"), link("cases", "case")),
        node("left", link("rights", "right")),
        node("right", link("lefts", "left")),
        node("keyword", required=(), text={"type": "string"}),  # its submitter_id may be empty
        node("stateless", state=False, text={"type": "string"}),
        node("raw_file", link("cases", "case", required=True), category="data_file", **file_properties),
        node(
            "old_file",  # of the time before files had an object_id of their own
            category="data_file",
            system={"file_state": {"enum": ["registered", "submitted"], "default": "registered"}},
            md5sum=file_properties["md5sum"],
            file_size=file_properties["file_size"],
        ),
        {**node("nameless", text={"type": "string"}), "uniqueKeys": [["id"]]},
    ]
    return {"_settings": {}, **{schema["id"]: schema for schema in nodes}}


@functools.cache
def clinic() -> Dictionary:
    """The dictionary, loaded."""
    return Dictionary.load(served())


CASES = "type\tsubmitter_id\tprojects.code\ncase\tC-1\tX\ncase\tC-2\tX\n"
"""Two parents for the rows of a test."""

Tables = str | bytes | Mapping[str, str | bytes]


def write(folder: Path, tables: Tables, name: str = "table.tsv") -> list[Path]:
    """Write tables to files; a single one is called `name`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for path, content in tables.items() if isinstance(tables, Mapping) else [(name, tables)]:
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(folder / path)
    return paths


def checked(
    folder: Path,
    tables: Tables,
    *,
    existing: Sequence[Tables] | None = (CASES,),
    project: str | None = PROJECT,
    dictionary: Any = None,
) -> CheckResult:
    """Check tables against records that were submitted before (`existing`: one request after the other)."""
    there = None
    if existing is not None:
        there = [path for n, item in enumerate(existing) for path in write(folder / f"existing-{n}", item)]
    return check(write(folder, tables), dictionary=dictionary or clinic(), project=project, existing=there)


def of_rows(result: CheckResult) -> list[tuple[int, str, str | None, str | None]]:
    """(line, code, column, value) of every finding of a row, in the order of the rows."""
    return [(row.line, f.code, f.column, f.value) for row in result.rows() for f in row.findings]


def of_files(result: CheckResult) -> list[tuple[int | None, str]]:
    """(line, code) of every finding of a file."""
    return [(item.line, item.finding.code) for file in result.files for item in file.findings]


def the_finding(result: CheckResult, code: str) -> Finding:
    """The one finding with this code, wherever it stands."""
    found = {folded.finding for folded in result.folded() if folded.finding.code == code}
    assert len(found) == 1, f"{code} in {of_rows(result)} {of_files(result)}"
    return found.pop()


def verdicts(result: CheckResult) -> list[str]:
    """The verdict of each file, then of each row."""
    return [str(file.verdict) for file in result.files] + [str(row.verdict) for row in result.rows()]
