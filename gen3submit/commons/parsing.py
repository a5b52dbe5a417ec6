"""JSON of a commons, read as Python's own reader does; most of it in a fraction of its time."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any

import orjson

MAX_DEPTH = 100
"""Answers of the services nest about 20 deep at most."""

_LONG_NUMBER = re.compile(r"(?:\A|[\s:,\[-])\d{19}", re.ASCII)
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_NESTED = frozenset({dict, list})

_DEEPEST = 1024
"""orjson reads what nests so deep, and refuses what nests deeper."""
_AROUND = _DEEPEST - MAX_DEPTH
_OPEN = "[" * _AROUND
_CLOSE = "]" * _AROUND


def parse(text: str) -> Any:
    """The JSON value of a text.

    orjson makes floats of integers beyond 64 bits, and refuses NaN, infinite numbers, single surrogates and what nests
    more than 1,024 deep: all of these are left to Python's own reader.

    Raises:
        ValueError: it is no JSON, or holds a number of more digits than Python takes.
        RecursionError: it nests deeper than Python takes.
    """
    if not _may_hold_a_long_number(text):
        try:
            return orjson.loads(text)
        except ValueError:
            pass
    return json.loads(text)


def parse_shallow(text: str) -> Any:
    """The JSON value of a text, if it nests no deeper than any answer of the services does.

    Raises:
        ValueError: as `parse`.
        RecursionError: it nests deeper.
    """
    if _ORJSON_BOUNDS_DEPTH and not _may_hold_a_long_number(text):
        try:
            value = orjson.loads(f"{_OPEN}{text}{_CLOSE}")
            # A text that closes some of these lists itself, and opens others, leaves one with several items.
            for _ in range(_AROUND):
                (value,) = value
            return value
        except ValueError:
            pass
    value = parse(text)
    if nests_too_deeply(value):
        raise RecursionError
    return value


def _may_hold_a_long_number(text: str) -> bool:
    raw = text.encode("utf-8", "surrogatepass").translate(_DIGITS_ALIKE)
    return b"0" * 19 in raw and _LONG_NUMBER.search(text) is not None


def nests_too_deeply(value: Any) -> bool:
    """Whether a JSON value nests deeper than any answer of the services does."""
    level = [value] if type(value) in _NESTED else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        within = chain.from_iterable(outer.values() if type(outer) is dict else outer for outer in level)
        level = [inner for inner in within if type(inner) in _NESTED]
    return bool(level)


def _orjson_reads(depth: int) -> bool:
    try:
        orjson.loads("[" * depth + "]" * depth)
    except ValueError:
        return False
    return True


_ORJSON_BOUNDS_DEPTH = _orjson_reads(_DEEPEST) and not _orjson_reads(_DEEPEST + 1)
