"""Mending the cell of a property: what it becomes depends on its text alone, and always fits the dictionary.

A cell that fits is left alone, whatever it looks like. A cell that does not is changed only into one that does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.fixing import guesses
from gen3submit.fixing.spelling import INVISIBLE, only_match, trimmed
from gen3submit.rules.columns import NodeColumns
from gen3submit.rules.schema import NodeSchema

_BOOLEANS = {
    **dict.fromkeys(("yes", "y", "t", "1", "1.0"), "true"),
    **dict.fromkeys(("no", "n", "f", "0", "0.0"), "false"),
}
_HEX = re.compile(r"[0-9A-Fa-f-]+")
_SPACED_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ tT]+(\d\d:\d\d:\d\d(?:\.\d+)?) ?([zZ]|[+-]\d\d:?\d\d)")


@dataclass(frozen=True, slots=True)
class Mended:
    """What a cell should say."""

    value: str
    kind: str
    guess: bool = False


class PropertyCells:
    """Mends the cells of one property of one node type."""

    def __init__(self, node: Node, name: str, columns: NodeColumns, schema: NodeSchema, *, unsafe: bool):
        self._node = node
        self._name = name
        self._schema = schema
        self._convert = columns.property(name)
        self._unsafe = unsafe
        known = node.properties.get(name)
        self._known = known is not None and name not in node.system_properties and name not in ("id", "type")
        declared: Mapping[str, Any] = known.schema if known else {}
        self._types = [each for each in (known.types if known else ()) if each != "null"]
        self._format = declared.get("format")
        self._allowed = _allowed(declared)
        items = declared.get("items")
        self._allowed_items = _allowed(items) if isinstance(items, Mapping) else []
        self._seen: dict[str, Mended | None] = {}

    def mended(self, text: str) -> Mended | None:
        """What the cell should say; None where it may stay as it is."""
        try:
            return self._seen[text]
        except KeyError:
            found = self._seen[text] = self._mend(text)
            return found

    def fits(self, text: str) -> bool:
        """Whether the server would take a cell of this text."""
        value = self._convert.value(text)
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return not self._schema.value_errors(self._name, value)

    def _mend(self, text: str) -> Mended | None:
        plain = text.strip()
        # An identifier is what it says, the invisible too; `gen3submit.fixing.parents` looks at those.
        bare = plain if self._name == "submitter_id" else trimmed(plain)
        found = self._value(bare) if self._known and bare not in ("", "null") else None
        if found is not None:
            return found
        if bare != plain:
            return Mended(bare, "invisible-character")
        return Mended(plain, "white-space") if plain != text else None

    def _value(self, text: str) -> Mended | None:
        if not self.fits(text):
            for kind, attempt in self._sure_ways():
                better = attempt(text)
                if better is not None and better != text and self.fits(better):
                    return Mended(better, kind)
        if self._unsafe:
            return self._guess(text)
        return None

    def _sure_ways(self) -> Iterator[tuple[str, Callable[[str], str | None]]]:
        if self._allowed:
            yield "allowed-value", lambda text: only_match(text, self._allowed)
        if "boolean" in self._types:
            yield "boolean", lambda text: _BOOLEANS.get(text.lower())
        if "integer" in self._types:
            yield "integer", _without_fraction
        if self._allowed_items:
            yield "allowed-value", lambda text: _items(text, self._allowed_items)
        if self._format == "date-time":
            yield "date-time-form", _date_time
        if "string" in self._types or not self._types:
            yield "letter-case", lambda text: text.lower() if _HEX.fullmatch(text) else None
            yield "letter-case", lambda text: text.upper() if _HEX.fullmatch(text) else None
        yield "invisible-character", lambda text: "".join(c for c in text if c not in INVISIBLE)

    def _guess(self, text: str) -> Mended | None:
        fits = self.fits(text)
        if fits and not (text == "None" and self._types == ["string"] and not self._allowed):
            return None
        asked = guesses.Asked(self._name, self._types, self._format, self._allowed, self._allowed_items)
        for kind, better in guesses.guesses(text, asked):
            if better != text and self.fits(better):
                return Mended(better, kind, guess=True)
        return None


def _allowed(schema: Mapping[str, Any]) -> list[str]:
    """The texts that a list of allowed values names, also where it is one of several forms."""
    found = [str(value) for value in schema.get("enum") or () if isinstance(value, str)]
    for keyword in ("oneOf", "anyOf"):
        for arm in schema.get(keyword) or ():
            if isinstance(arm, Mapping):
                found += _allowed(arm)
    return list(dict.fromkeys(found))


def _without_fraction(text: str) -> str | None:
    match = re.fullmatch(r"([+-]?[0-9]+)\.0*", text)
    return match[1] if match else None


def _items(text: str, allowed: Sequence[str]) -> str | None:
    items = [only_match(part, allowed) for part in text.split(",")]
    return ",".join(item for item in items if item is not None) if None not in items else None


def _date_time(text: str) -> str | None:
    match = _SPACED_TIME.fullmatch(text)
    if match is None:
        return None
    offset = match[3].upper()
    return f"{match[1]}T{match[2]}{offset if offset == 'Z' or ':' in offset else f'{offset[:3]}:{offset[3:]}'}"
