"""How values, lists, lines and counts are written in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LONGEST_VALUE = 80
"""Longer values are cut in a sentence; machine formats carry the whole value besides."""


def visible(text: str) -> str:
    """The text on one line, with everything that does not print written as an escape.

    Control characters (and with them terminal escape sequences), odd spaces and invisible characters would deceive
    the eye or the terminal; a backslash is left as it is, because paths and patterns have many.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    named = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}.get(character)
    if named:
        return named
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def shortened(text: str, longest: int = LONGEST_VALUE) -> str:
    """The text, its middle left out where it is longer than `longest`; the end often tells values apart."""
    if len(text) <= longest:
        return text
    tail = longest // 4
    return f"{text[: longest - tail - 3]} … {text[-tail:]}"


def shown(value: object, longest: int = LONGEST_VALUE) -> str:
    """A value in backticks, on one line, nothing invisible in it."""
    text = value if isinstance(value, str) else _json_like(value)
    return f"`{visible(shortened(text, longest))}`"


def _json_like(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def listed(values: Iterable[object], most: int = 3) -> str:
    """The first values in backticks, and how many more there are."""
    every = list(values)
    first = ", ".join(shown(value, 60) for value in every[:most])
    return first if len(every) <= most else f"{first}, … {len(every) - most:,} more"


def either(values: Iterable[object], word: str = "or", most: int = 6) -> str:
    """``a`` or ``b``; ``a``, ``b`` or ``c``."""
    every = list(values)
    if len(every) > most:
        return listed(every, most)
    quoted = [shown(value, 60) for value in every]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}" if quoted else ""


def line_list(lines: Sequence[int], most: int = 3) -> str:
    """``line 14``; ``lines 14, 15, 19, … 209 more``; several rows of one line are one line."""
    lines = list(dict.fromkeys(lines))
    if len(lines) == 1:
        return f"line {lines[0]}"
    first = ", ".join(str(line) for line in lines[:most])
    return f"lines {first}" if len(lines) <= most else f"lines {first}, … {len(lines) - most:,} more"


def place(path: str | None, line: int | None) -> str:
    """``sample.tsv:14``; what is not known is left out."""
    if path is None:
        return f"line {line}" if line is not None else ""
    return visible(path) if line is None else f"{visible(path)}:{line}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``2,310 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def fact(facts: Mapping[str, Any], name: str) -> str | None:
    """A fact as text; None where it is not known or empty."""
    value = facts.get(name)
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else _json_like(value)


def facts_list(facts: Mapping[str, Any], name: str) -> list[Any]:
    """A fact as a list; empty where it is not known; a single value is a list of one."""
    value = facts.get(name)
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [value]
    return list(value)


def fact_number(facts: Mapping[str, Any], name: str) -> int | None:
    """A fact as a whole number; None where it is not known."""
    value = facts.get(name)
    return value if isinstance(value, int) else None
