"""Which tables a change of the dictionary touches, and in which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gen3submit.dictionary.difference import Change
from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.messages import dictionary_difference as words
from gen3submit.rules.bodies import DELIMITERS, cleaned_columns, decode, read_table
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.schema import NodeSchema
from gen3submit.rules.values import converter, property_value
from gen3submit.tables.sources import sources

_OF_VALUES = frozenset({"type-changed", "values-listed", "values-removed", "constraint-changed"})
_REQUIRED = frozenset({"required-added", "link-required-added"})


@dataclass(frozen=True, slots=True)
class Touched:
    """A change, and the rows of a table that it touches."""

    path: str
    change: Change
    column: str | None
    """The column that is meant, as the dictionary names it; None where whole rows are."""
    lines: tuple[int, ...]
    """The lines of the rows, as an editor counts."""

    def to_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {"path": self.path, "column": self.column, "lines": list(self.lines), "change": self.change.to_dict()}


def touched(changes: Sequence[Change], paths: Any, old: Mapping[str, Node], new: Mapping[str, Node]) -> list[Touched]:
    """The rows that were fine before and may be refused, ignored or dropped now.

    Args:
        changes: what `difference` found.
        paths: files, folders, patterns and DataFrames, as `check` takes them.
        old: the node types that the changes start from.
        new: the node types that they lead to.

    Raises:
        UsageProblem: a path is not there or no table.
    """
    found: list[Touched] = []
    judges: dict[str, _Values] = {}
    for source in sources(paths):
        try:
            table = read_table(decode(source.read()), DELIMITERS[source.format])
        except DocumentRefused:
            raise UsageProblem(words.not_utf8(source.path)) from None
        columns = dict(cleaned_columns(table.header))
        rows: dict[str, list[tuple[int, Sequence[str | None]]]] = {}
        if "type" in columns:
            for row in table.rows:
                rows.setdefault((row.cells[columns["type"]] or "").strip(), []).append((row.line, row.cells))
        for change in changes:
            if change.breaking and change.node in rows:
                judge = judges.setdefault(change.node, _Values(old.get(change.node), new.get(change.node)))
                column, lines = _rows(change, columns, rows[change.node], judge)
                if lines:
                    found.append(Touched(source.path, change, column, tuple(lines)))
    return found


class _Values:
    """Which values of a node type were fine under its old schema and are not under the new one."""

    def __init__(self, old: Node | None, new: Node | None) -> None:
        self._nodes = (old, new)
        self._schemas = [NodeSchema(node, frozenset(node.links_by_name)) if node else None for node in self._nodes]
        self._known: dict[tuple[str, str], bool] = {}

    def breaks(self, property_: str, text: str) -> bool:
        """Whether this cell was fine and is no longer."""
        key = (property_, text)
        if key not in self._known:
            before, now = (self._is_fine(at, property_, text) for at in (0, 1))
            self._known[key] = before and not now
        return self._known[key]

    def _is_fine(self, at: int, property_: str, text: str) -> bool:
        node, schema = self._nodes[at], self._schemas[at]
        if node is None or schema is None or property_ not in node.properties:
            return False
        value = property_value(text, converter(node.properties[property_].schema))
        return not schema.value_errors(property_, value)


def _rows(
    change: Change, columns: Mapping[str, int], rows: Sequence[tuple[int, Sequence[str | None]]], judge: _Values
) -> tuple[str | None, list[int]]:
    """The column that is meant and the lines of the rows that the change touches."""
    every = [line for line, _ in rows]
    name = change.name or ""
    if change.kind in _OF_VALUES:
        property_ = name.rpartition(".")[0] if change.kind == "constraint-changed" else name
        if property_ not in columns:
            return property_, []
        cells = [(line, row[columns[property_]]) for line, row in rows]
        return property_, [line for line, cell in cells if cell is not None and judge.breaks(property_, cell)]
    if change.kind in _REQUIRED or change.kind in ("property-added", "link-added"):
        there = _columns_of(name, columns)
        return name, [line for line, row in rows if not any((row[at] or "").strip() for at in there)]
    if change.name is None or change.kind in ("group-changed", "rule-changed"):
        return None, every
    there = _columns_of(name, columns)
    if change.kind in ("property-removed", "link-removed"):
        # An unknown column is refused even where its cell is empty.
        return name, [line for line, row in rows if any(row[at] is not None for at in there)]
    return name, [line for line, row in rows if any((row[at] or "").strip() for at in there)]


def _columns_of(name: str, columns: Mapping[str, int]) -> list[int]:
    """The places of a property's column, or of a link's columns."""
    return [at for column, at in columns.items() if column == name or column.partition(".")[0] == name]
