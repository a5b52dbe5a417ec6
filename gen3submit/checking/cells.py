"""What Sheepdog changes in a cell on the way, without a word.

All of it depends on the column and the cell's text alone, so each distinct text of a column is looked at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.findings import Finding, Severity
from gen3submit.rules.columns import NodeColumns
from gen3submit.rules.schema import NodeSchema
from gen3submit.rules.values import property_value

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_REMEMBERED = 100_000
"""So many texts of a column are remembered: a column of free text never says the same twice."""
_FALSE_ITEMS = frozenset({"false", "f", "no", "n"})
_TRUE_ITEMS = frozenset({"true", "t", "yes", "y"})


class ColumnChanges:
    """Tells what changes in the cells of one column of rows of one node type."""

    def __init__(self, node: Node, schema: NodeSchema, columns: NodeColumns, name: str, header: str):
        """`name` is the column's cleaned name, `header` its spelling in the file."""
        self._node = node
        self._schema = schema
        self._header = header
        self._name = name
        self._is_link = "." in name
        self._convert: Callable[[str], Any] | None = None if self._is_link else columns.property(name).convert
        known = node.properties.get(name)
        items = known.schema.get("items") if known else None
        self._items = items.get("type") if isinstance(items, dict) else None
        self._says_none = known is None or _allows(known.schema, "None")
        self._seen: dict[str, tuple[Finding, ...]] = {}

    def of(self, text: str) -> tuple[Finding, ...]:
        """The changes in a cell with this text."""
        found = self._seen.get(text)
        if found is None:
            found = tuple(self._changes(text))
            if len(self._seen) < _REMEMBERED:
                self._seen[text] = found
        return found

    def _finding(self, code: str, text: str, **facts: Any) -> Finding:
        property_ = self._name.partition(".")[0]
        return Finding(code, Severity.WARNING, self._header, property_, text, self._node.id, facts)

    def _changes(self, text: str) -> Iterator[Finding]:
        stripped = text.strip()
        if self._name == "type" or not stripped:
            return
        if stripped != text and not self._is_link:
            yield self._finding("space-trimmed", text, stored=stripped)
        if "\n" in stripped:
            yield self._finding("line-break-in-cell", text)
        if stripped == "null":
            yield self._finding("null-word", text)
            return
        if self._is_link or self._convert is None:
            return
        value = property_value(stripped, self._convert)
        if stripped == "None" and not self._says_none and not self._schema.value_errors(self._name, value):
            yield self._finding("none-text", text)
        if isinstance(value, int | float) and not isinstance(value, bool) and _differs(stripped, value):
            yield self._finding("number-changed", text, stored=str(value))
        if isinstance(value, list):
            yield from self._array_changes(text, stripped, value)

    def _array_changes(self, text: str, stripped: str, value: list[Any]) -> Iterator[Finding]:
        parts = [part.strip() for part in stripped.split(",")]
        if "" in parts:
            yield self._finding("array-empty-item", text)
        if stripped[0] in "[{\"'(" and self._items not in ("integer", "number"):
            yield self._finding("array-brackets", text, stored=value)
        if self._items in ("integer", "number") and any(
            _differs(part, item) for part, item in zip(parts, value, strict=True)
        ):
            yield self._finding("array-item-changed", text, stored=value)
        if self._items == "boolean":
            wrong = [part for part in parts if part.lower() not in _TRUE_ITEMS | _FALSE_ITEMS]
            if wrong:
                yield self._finding("boolean-item-false", text, items=wrong)


def _differs(text: str, stored: int | float) -> bool:  # both happen, and differ
    """Whether the stored number is another than a person would read in the text, or the text an odd spelling."""
    if not isinstance(stored, int) and not math.isfinite(stored):  # the transaction breaks, and another finding says so
        return False
    if not _PLAIN_NUMBER.fullmatch(text) or (text.startswith("-") and not stored):
        return True
    try:
        return Decimal(text) != Decimal(repr(stored))
    except ArithmeticError:  # an exponent beyond what decimals hold
        return True


def _allows(schema: Any, word: str) -> bool:
    """Whether a list of allowed values anywhere in the schema has this word."""
    if isinstance(schema, dict):
        return word in (schema.get("enum") or ()) or any(_allows(part, word) for part in schema.values())
    return isinstance(schema, list) and any(_allows(part, word) for part in schema if not isinstance(part, str))
