"""From the text of a cell to a JSON value, as Sheepdog's TSV and CSV reader converts it.

What becomes of a cell depends on its column and its text alone, never on the other cells of the row.
(Facts: Sheepdog 5.2.4, ``sheepdog/utils/transforms``; types from gen3datamodel's ``types_from_str``.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Converter = Callable[[str], Any]
"""Takes the stripped, non-empty text of a cell; gives a JSON value; never raises."""


def property_value(text: str, convert: Converter) -> Any:
    """The value of a property's cell: null for an empty cell or exactly ``null``, else converted."""
    stripped = text.strip()
    if stripped in ("", "null"):
        return None
    return convert(stripped)


def converter(schema: Mapping[str, Any]) -> Converter:
    """How text becomes a value of the property with this JSON schema.

    The first of the declared types decides; without ``type`` (enum, oneOf, anyOf, unknown columns) text stays text.
    """
    declared = schema.get("type")
    first = declared[0] if isinstance(declared, list) and declared else declared
    if first == "array":
        return _array_converter(schema)
    return _BY_TYPE.get(first, as_text) if isinstance(first, str) else as_text


def as_text(text: str) -> Any:
    """Text stays as it is; nothing is ever turned into another type because it looks like one."""
    return text


def as_boolean(text: str) -> Any:
    """``true`` and ``false`` in any letter case; anything else stays text, which the schema then refuses."""
    return {"true": True, "false": False}.get(text.lower(), text)


def as_integer(text: str) -> Any:
    """Python's ``int()``: a sign, leading zeros, ``_`` between digits and digits of any script pass."""
    try:
        return int(text)
    except ValueError:
        return text


def as_number(text: str) -> Any:
    """Python's ``float()``, whole values as integers; NaN and infinities pass (and break the transaction later)."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


_BY_TYPE: Mapping[str, Converter] = {
    "string": as_text,
    "boolean": as_boolean,
    "integer": as_integer,
    "number": as_number,
    "float": as_number,
}

_TRUE_ITEMS = frozenset({"true", "t", "yes", "y"})


def _array_converter(schema: Mapping[str, Any]) -> Converter:
    """Split at every comma, items stripped; one item that cannot be converted leaves the whole cell text."""
    items = schema.get("items")
    declared = items.get("type") if isinstance(items, Mapping) else None
    first = declared[0] if isinstance(declared, list) and declared else declared
    item = _ITEM_BY_TYPE.get(first, str) if isinstance(first, str) else str

    def as_array(text: str) -> Any:
        try:
            return [item(part.strip()) for part in text.split(",")]
        except (ValueError, OverflowError):
            return text

    return as_array


_ITEM_BY_TYPE: Mapping[str, Callable[[str], Any]] = {
    "integer": lambda text: int(float(text)),  # the server cuts 1.9 to 1 without a word
    "number": float,
    "float": float,
    "boolean": lambda text: text.lower() in _TRUE_ITEMS,  # everything else is false, without a word
}
