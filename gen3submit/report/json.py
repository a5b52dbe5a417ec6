"""The JSON report, row by row: never the whole of it in memory.

It equals ``to_dict()`` of the result, and ``report.schema.json`` describes it.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from gen3submit.findings import Finding
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.model import ReportView, RowView


def schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    loaded: dict[str, Any] = json.loads(files("gen3submit.report").joinpath("report.schema.json").read_text("utf-8"))
    return loaded


def write(view: ReportView, stream: TextIO, options: ReportOptions) -> None:  # noqa: ARG001  # every writer takes them
    """Write the report, a line for each row.

    Pure ASCII: no terminal and no reader meets a raw control character or half a surrogate.
    """
    head = json.dumps(view.head(), indent=1)
    stream.write(head.removesuffix("\n}"))
    stream.write(',\n "rows": [')
    encode = _RowEncoder()
    separator = "\n"
    for row in view.rows():
        stream.write(separator + encode(row))
        separator = ",\n"
    stream.write("\n ]\n}\n")


class _RowEncoder:
    """Rows as JSON; a finding that repeats on many rows is put into words once."""

    def __init__(self) -> None:
        self._findings: dict[int, tuple[Finding, str]] = {}

    def __call__(self, row: RowView) -> str:
        result = row.result
        parts = [
            f'"path": {json.dumps(result.path)}',
            f'"row": {result.row}',
            f'"line": {result.line}',
            f'"type": {json.dumps(result.type)}',
            f'"submitter_id": {json.dumps(result.submitter_id)}',
            f'"verdict": "{result.verdict}"',
            f'"findings": [{", ".join(map(self._finding, result.findings))}]',
        ]
        if row.outcome is not None:
            parts += [
                f'"outcome": {json.dumps(row.outcome)}',
                f'"id": {json.dumps(row.id)}',
                f'"request": {json.dumps(row.request)}',
                f'"server_message": {json.dumps(row.server_message)}',
            ]
        return f"  {{{', '.join(parts)}}}"

    def _finding(self, finding: Finding) -> str:
        known = self._findings.get(id(finding))
        if known is None:
            # The finding is kept beside its words, so that its identity stays its own.
            known = self._findings[id(finding)] = (finding, json.dumps(finding.to_dict()))
        return known[1]
