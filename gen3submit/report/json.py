"""The JSON report, row by row: never the whole of it in memory.

It equals ``to_dict()`` of the result, and ``report.schema.json`` describes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any, TextIO

from gen3submit.report.said import SaidOnce

if TYPE_CHECKING:
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
        self._finding = SaidOnce(lambda finding: json.dumps(finding.to_dict()))
        self._name: Callable[[str | None], str] = lru_cache(json.dumps)  # few paths and types, on many rows

    def __call__(self, row: RowView) -> str:
        result, name = row.result, self._name
        findings = ", ".join(map(self._finding, result.findings)) if result.findings else ""
        submitter_id = "null" if result.submitter_id is None else encode_basestring_ascii(result.submitter_id)
        said = (
            f'  {{"path": {name(result.path)}, "row": {result.row}, "line": {result.line},'
            f' "type": {name(result.type)}, "submitter_id": {submitter_id}, "verdict": "{result.verdict}",'
            f' "findings": [{findings}]'
        )
        if row.outcome is None:
            return f"{said}}}"
        return (
            f'{said}, "outcome": "{row.outcome}", "id": {json.dumps(row.id)}, "request": {json.dumps(row.request)},'
            f' "server_message": {json.dumps(row.server_message)}}}'
        )
