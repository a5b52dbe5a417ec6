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
from gen3submit.rules.values import property_value

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_FALSE_ITEMS = frozenset({"false", "f", "no", "n"})
_TRUE_ITEMS = frozenset({"true", "t", "yes", "y"})


class ColumnChanges:
    """Tells what changes in the cells of one column of rows of one node type."""

    def __init__(self, node: Node, columns: NodeColumns, name: str, header: str):
        """`name` is the column's cleaned name, `header` its spelling in the file."""
        self._node = node
        self._header = header
        self._name = name
        self._is_link = "." in name
        self._convert: Callable[[str], Any] | None = None if self._is_link else columns.property(name).convert
        known = node.properties.get(name)
        types = [type_ for type_ in known.types if type_ != "null"] if known else []
        self._type = types[0] if types else None
        items = known.schema.get("items") if known else None
        self._items = items.get("type") if isinstance(items, dict) else None
        self._free_text = known is not None and not known.enum and self._type in ("string", "array")
        self._seen: dict[str, tuple[Finding, ...]] = {}

    def of(self, text: str) -> tuple[Finding, ...]:
        """The changes in a cell with this text."""
        found = self._seen.get(text)
        if found is None:
            found = tuple(self._changes(text))
            self._seen[text] = found
        return found

    def _finding(self, code: str, text: str, **facts: Any) -> Finding:
        property_ = self._name.partition(".")[0]
        return Finding(code, Severity.WARNING, self._header, property_, text, self._node.id, facts)

    def _changes(self, text: str) -> Iterator[Finding]:
        stripped = text.strip()
        if stripped and stripped != text:
            yield self._finding("space-trimmed", text, stored=stripped)
        if self._name == "type" or not stripped:
            return
        if "\n" in stripped:
            yield self._finding("line-break-in-cell", text)
        if stripped == "null":
            yield self._finding("null-word", text)
            return
        if self._is_link or self._convert is None:
            return
        if stripped == "None" and self._free_text:
            yield self._finding("none-text", text)
        value = property_value(stripped, self._convert)
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
    return Decimal(text) != Decimal(repr(stored))
