"""Guesses at what a cell means: made only where they were asked for, each listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gen3submit.fixing.spelling import only_match, only_slip

NOT_KNOWN = frozenset({"na", "n/a", "#n/a", "nan", "none", "null", "nil", "-", "--", ".", "?"})
"""What people write for a value that is not known; `unknown` and its like are values of many lists."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NO_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d)[ Tt](\d\d:\d\d)(:\d\d(?:\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?")
_NUMERIC_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the dictionary asks for in a cell."""

    name: str
    types: Sequence[str]
    format: str | None
    allowed: Sequence[str]
    allowed_items: Sequence[str]


def guesses(text: str, asked: Asked) -> Iterator[tuple[str, str]]:
    """(kind, text) of each guess, the likeliest first; whoever asks takes the first that fits."""
    if text.lower() in NOT_KNOWN:
        yield "not-known", ""
        return
    if asked.allowed and (near := only_slip(text, asked.allowed)) is not None:
        yield "nearest-allowed-value", near
    if "array" in asked.types:
        yield from _lists(text, asked.allowed_items)
    if {"integer", "number"} & set(asked.types):
        yield from _numbers(text, asked)
    if asked.format == "date-time":
        yield from _times(text)
    if "string" in asked.types:
        yield "letter-case", text.lower()
        yield "letter-case", text.upper()


def _lists(text: str, allowed: Sequence[str]) -> Iterator[tuple[str, str]]:
    for separator in (";", "|", "/", "\n", ","):
        parts = [part.strip() for part in text.split(separator)]
        parts = [part for part in parts if part]
        if separator != "," and len(parts) > 1:
            yield "list-separator", ",".join(parts)
        near = [part if part in allowed else only_match(part, allowed) or only_slip(part, allowed) for part in parts]
        if allowed and None not in near:
            kind = "nearest-allowed-value" if separator == "," else "list-separator"
            yield kind, ",".join(part for part in near if part is not None)


def _numbers(text: str, asked: Asked) -> Iterator[tuple[str, str]]:
    # `1,500` may be one and a half or fifteen hundred.
    if re.fullmatch(r"[+-]?\d+,\d+", text) and not re.fullmatch(r"[+-]?\d{1,3},\d{3}", text):
        yield "decimal-comma", text.replace(",", ".")
    if re.fullmatch(r"[+-]?\d(\.\d+)?[eE]\+?\d{1,2}", text):
        yield "exponent", f"{Decimal(text):f}"
    unit = re.fullmatch(r"([+-]?\d+(?:[.,]\d+)?)\s*([^\W\d_%]{1,12})\.?", text)
    # Only the unit that the column itself names: `4 ml` in `volume_ml`, and not `4 l`.
    if unit and unit[2].lower() in _words_of_unit(asked.name):
        yield "unit", unit[1].replace(",", ".")


def _words_of_unit(name: str) -> set[str]:
    words = set(name.lower().split("_"))
    if "days" in words:
        words |= {"day", "d"}
    if "years" in words:
        words |= {"year", "y", "yr", "yrs"}
    return words


def _times(text: str) -> Iterator[tuple[str, str]]:
    if _DAY.fullmatch(text):
        yield "day-as-date-time", f"{text}T00:00:00Z"
        return
    without = _NO_OFFSET.fullmatch(text)
    if without:
        yield "date-time-offset", f"{without[1]}T{without[2]}{without[3] or ':00'}{(without[4] or 'Z').upper()}"
    local = _NUMERIC_DAY.fullmatch(text)
    if local:
        first, second, year = int(local[1]), int(local[3]), local[4]
        # Dots stand between day and month; with strokes, only a number beyond 12 tells which of them is the day.
        if local[2] == "." or first > 12:
            day, month = first, second
        elif second > 12 or first == second:
            day, month = second, first
        else:
            return
        yield "day-as-date-time", f"{year}-{month:02}-{day:02}T00:00:00Z"
