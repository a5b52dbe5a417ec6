"""Findings in a journal: written once each, and read back as the objects they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gen3submit.findings import FileFinding, Finding, Severity
from gen3submit.journal.file import Journal

_FACTS_OF_THE_DICTIONARY = frozenset({
    "allowed", "expected", "pattern", "relation", "bound", "format", "known", "link", "target", "outcome", "lines",
    "path", "line", "searched", "members", "multiplicity", "columns", "cells", "limit", "byte", "guess", "separator",
    "first_line", "last_line", "wins", "what", "identical", "why", "change",
})  # fmt: skip  # names of facts that repeat nothing of the data


def without_values(finding: Finding) -> Finding:
    """The finding with nothing of the data in it."""
    facts = {name: value for name, value in finding.facts.items() if name in _FACTS_OF_THE_DICTIONARY}
    return replace(finding, value=None, facts=facts, server_words=None, detail="")


def as_text(finding: Finding) -> str:
    """A finding as the journal keeps it."""
    return json.dumps(_as_dict(finding))


def from_text(text: str) -> Finding:
    """The finding that was kept."""
    return _from_dict(json.loads(text))


def file_findings_as_text(findings: Iterable[FileFinding]) -> str:
    """The findings about a file as the journal keeps them."""
    return json.dumps([[item.line, _as_dict(item.finding)] for item in findings])


def file_findings_from(text: str) -> tuple[FileFinding, ...]:
    """The findings about a file that were kept."""
    return tuple(FileFinding(_from_dict(content), line) for line, content in json.loads(text))


class FindingWriter:
    """Writes findings of rows, each finding once."""

    def __init__(self, journal: Journal, *, no_values: bool) -> None:
        self._journal = journal
        self._no_values = no_values
        self._numbers: dict[str, int] = {}
        self._seen: dict[int, tuple[Finding, int]] = {}  # keeps each finding, so that its identity stays its own
        for number, content in journal.rows("SELECT number, content FROM finding"):
            self._numbers[content] = number

    def add(self, rows: Iterable[tuple[int, Iterable[Finding]]]) -> None:
        """Write the findings of rows: (number of the row, its findings)."""
        with self._journal.writing():
            self._journal.insert_many(
                "row_finding", ((row, self._number(finding)) for row, findings in rows for finding in findings)
            )

    def _number(self, finding: Finding) -> int:
        seen = self._seen.get(id(finding))
        if seen is None:
            text = as_text(without_values(finding) if self._no_values else finding)
            number = self._numbers.get(text)
            if number is None:
                number = self._numbers[text] = len(self._numbers) + 1
                self._journal.insert("finding", number, text)
            seen = self._seen[id(finding)] = (finding, number)
        return seen[1]


class FindingReader:
    """Gives the findings of rows; equal findings are one object."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._findings: dict[int, Finding] = {}

    def between(self, first: int, last: int) -> dict[int, tuple[Finding, ...]]:
        """The findings of the rows of these numbers that have any."""
        sql = "SELECT row, finding FROM row_finding WHERE row BETWEEN ? AND ? ORDER BY row, rowid"
        found: dict[int, list[Finding]] = {}
        for row, number in self._journal.rows(sql, first, last):
            found.setdefault(row, []).append(self._finding(number))
        return {row: tuple(findings) for row, findings in found.items()}

    def _finding(self, number: int) -> Finding:
        if number not in self._findings:
            content = self._journal.value("SELECT content FROM finding WHERE number = ?", number)
            self._findings[number] = from_text(content)
        return self._findings[number]


def rows_with(journal: Journal, code: str) -> Iterator[int]:
    """The numbers of the rows that have a finding of this code."""
    sql = (
        "SELECT row FROM row_finding WHERE finding IN"
        " (SELECT number FROM finding WHERE json_extract(content, '$.code') = ?) ORDER BY row"
    )
    for (row,) in journal.rows(sql, code):
        yield row


def remove(journal: Journal, code: str, rows: Iterable[int]) -> None:
    """Take back the findings of one code from some rows."""
    sql = (
        "DELETE FROM row_finding WHERE row = ? AND finding IN"
        " (SELECT number FROM finding WHERE json_extract(content, '$.code') = ?)"
    )
    with journal.writing():
        journal.execute_many(sql, ((row, code) for row in rows))


def _as_dict(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "column": finding.column,
        "property": finding.property,
        "value": finding.value,
        "node": finding.node,
        "facts": dict(finding.facts),
        "server_type": finding.server_type,
        "keys": finding.keys,
        "server_words": finding.server_words,
        "detail": finding.detail,
    }


def _from_dict(content: Mapping[str, Any]) -> Finding:
    lists = {name: None if content[name] is None else tuple(content[name]) for name in ("keys", "server_words")}
    return Finding(**{**content, **lists, "severity": Severity(content["severity"])})
