"""Values as text of cells that the server reads back to the same values; None where no text does.

The judge is the server's own conversion: a text is taken only where it comes back as the value it was made of.
"""

from __future__ import annotations

import json
import re
from typing import Any

from gen3submit.rules.values import Converter, property_value

LONGEST_CELL = 131_072
"""Characters; a longer cell makes the server refuse the whole file."""

# Line ends other than the newline become one inside quotes; NUL and half characters cannot be stored at all.
_NEVER_KEPT = re.compile("[\x00\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]")


def cell_text(value: Any, convert: Converter) -> str | None:
    """The text that the server reads back as this value; None where there is none.

    Args:
        value: a JSON value other than null.
        convert: how the server converts the cells of this column.
    """
    text = _plain(value)
    if text is None or len(text) > LONGEST_CELL or _NEVER_KEPT.search(text):
        return None
    return text if _is_same(property_value(text, convert), value) else None


def nearest_text(value: Any) -> str:
    """A text for people where `cell_text` has none."""
    text = _plain(value)
    return json.dumps(value, ensure_ascii=False) if text is None else text


def parent_text(key: Any, convert: Converter) -> str | None:
    """A parent's key as part of a link cell, where several are separated by commas; None where it cannot be one."""
    if not isinstance(key, str) or "," in key or key == "null":
        return None
    text = cell_text(key, convert)
    return text or None


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        items = [None if isinstance(item, list) else _plain(item) for item in value]
        return None if None in items else ",".join(item for item in items if item is not None)
    return None


def _is_same(read: Any, value: Any) -> bool:
    """Whether two values are the same for the commons: 5.0 is 5, and true is not 1."""
    if isinstance(read, bool) or isinstance(value, bool):
        return read is value
    if isinstance(read, list) and isinstance(value, list):
        return len(read) == len(value) and all(map(_is_same, read, value))
    return bool(read == value)


def reason(value: Any) -> str:
    """Why `cell_text` has no text for the value: the name of a sentence in `gen3submit.messages.exporting`."""
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else [value]
    texts = [text for text in texts if isinstance(text, str)]
    whole = _plain(value)
    if whole is None:
        return "other"
    if isinstance(value, list) and any("," in text for text in texts):
        return "comma"
    if any(_NEVER_KEPT.search(text) for text in texts):
        return "line_break"
    if not whole.strip():
        return "empty"
    if any(text != text.strip() for text in texts):
        return "spaces"
    if whole == "null":
        return "null_word"
    return "too_long" if len(whole) > LONGEST_CELL else "other"
