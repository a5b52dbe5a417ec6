"""Proving by patterns, a whole column at a time, that cells are well formed and stored as they are written.

A proof says of each text of an Arrow array whether it surely converts, passes the schema and changes in nothing. Where
it says no, nothing is known: the exact functions look at the text. So a proof may be narrow, but never too wide.

The patterns run in RE2, in which a digit, a word character or a space of a pattern is an ASCII one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.arrays import Mask, flags, mask, number, stored, text
from gen3submit.rules.keywords import keywords
from gen3submit.rules.plain_schema import types_of
from gen3submit.rules.schema import FORMATS
from gen3submit.rules.values import Converter, as_integer, as_number, as_text

Proof = Callable[[Any], Mask]
"""Takes an array of texts; tells of each element whether it is proven. Null is not."""

SPACES = r"\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""The characters that ``str.strip`` removes, as a class of RE2."""
_PLAIN = rf"[^\x{{0}}{SPACES}](?:[^\x{{0}}\n]*[^\x{{0}}{SPACES}])?"
_ITEM = rf"[^,\x{{0}}{SPACES}](?:[^,\x{{0}}\n]*[^,\x{{0}}{SPACES}])?"
_INTEGER = r"\A(?:0|-?[1-9][0-9]{0,14})\z"
_NUMBER = r"\A(?:-?[1-9][0-9]*(?:\.[0-9]+)?|-?0\.[0-9]*[1-9][0-9]*|0(?:\.0+)?)\z"
_LONGEST_NUMBER = 15
"""So many digits survive the way through a double and back."""
_DATE_TIME = (
    r"\A[1-9][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\z"
)
_BEYOND_ASCII = 0x80
_WORDS_FOR_NOTHING = (b"null", b"None")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COMPARISONS = {
    ("minimum", False): pc.greater_equal,
    ("minimum", True): pc.greater,
    ("maximum", False): pc.less_equal,
    ("maximum", True): pc.less,
}
_SHARED_SYNTAX = re.compile(
    r"(?:[A-Za-z0-9_ ,:;/@#%&=<>!~'\"^$().|?*+-]|\\[.\-/+*?()|^$\[\]{}dws]|\{[0-9]+(?:,[0-9]*)?\}|\[\^?[^\[\]\\^]+\])+"
)
"""Patterns that mean the same in RE2 and in Python, or less in RE2."""


def plain(texts: Any) -> Mask:
    """Whether each text is stored as it is: no space at its ends, no line break, no NUL, no word for nothing."""
    found = _plain_at_a_glance(texts)
    if found is None:
        found = matches(texts, rf"\A{_PLAIN}\z")
    offsets, values = stored(texts)
    as_long = np.flatnonzero(found & (np.diff(offsets) == len(_WORDS_FOR_NOTHING[0])))
    if len(as_long):
        letters = values[offsets[as_long][:, np.newaxis] + np.arange(len(_WORDS_FOR_NOTHING[0]))]
        for word in _WORDS_FOR_NOTHING:
            found[as_long[(letters == np.frombuffer(word, np.uint8)).all(axis=1)]] = False
    return found


def _plain_at_a_glance(texts: Any) -> Mask | None:
    """The same, without the words, by the first and the last byte; None where there are control characters."""
    offsets, values = stored(texts)
    held = values[offsets[0] : offsets[-1]] if len(offsets) else values[:0]
    if not len(held) or held.min() < ord(" "):
        return None
    given = offsets[:-1] < offsets[1:]
    first, last = values.take(offsets[:-1], mode="clip"), values.take(offsets[1:] - 1, mode="clip")
    found: Mask = given & _visible(first) & _visible(last)
    unclear = given & ((first | last) >= _BEYOND_ASCII)
    if unclear.any():
        found[unclear] = matches(texts.filter(mask(unclear)), rf"\A{_PLAIN}\z")
    return found


def _visible(characters: npt.NDArray[np.uint8]) -> Mask:
    """Which bytes are characters of ASCII, but no white space and no control ones: below these it wraps around."""
    found: Mask = characters - np.uint8(ord("!")) < _BEYOND_ASCII - ord("!")
    return found


def holds(texts: Any, character: str) -> Mask:
    """Whether each text holds the ASCII character."""
    offsets, values = stored(texts)
    if not len(offsets) or not (values[offsets[0] : offsets[-1]] == ord(character)).any():
        return np.zeros(len(texts), bool)
    return flags(pc.match_substring(texts, character))


def matches(texts: Any, pattern: str) -> Mask:
    """Whether RE2 finds the pattern in each text."""
    return flags(pc.match_substring_regex(texts, pattern))


def one_of(allowed: Iterable[str]) -> Proof:
    """Whether each text is one of these."""
    value_set = arrays.texts(list(allowed))
    return lambda texts: flags(pc.is_in(texts, value_set=value_set))


def reference(separator: str) -> Proof:
    """Whether each text is plain and names one parent."""
    return lambda texts: plain(texts) & ~holds(texts, separator)


def proof_of(schema: Mapping[str, Any], convert: Converter) -> Proof | None:
    """A proof for the cells of a property with this schema, nulls allowed as the server does; None: there is none."""
    if convert is as_text:
        conditions = _text_conditions(schema)
        if conditions is None:
            return None
        return lambda texts: _all(plain(texts), *(condition(texts) for condition in conditions))
    if convert in (as_integer, as_number):
        return _number_proof(schema, whole=convert is as_integer)
    if _first_type(schema) == "array":
        return _array_proof(schema)
    return None


def allowed_texts(schema: Mapping[str, Any], convert: Converter) -> frozenset[str]:
    """The texts that an ``enum`` allows, as far as a cell with one surely passes and is stored as it is."""
    listed = schema.get("enum")
    if convert is not as_text or not isinstance(listed, list) or not keywords(schema) <= {"type", "enum"}:
        return frozenset()
    if "type" in schema and "string" not in _types(schema):
        return frozenset()
    found = [value for value in listed if isinstance(value, str)]
    return frozenset(value for value, fits in zip(found, plain(arrays.texts(found)).tolist(), strict=True) if fits)


def _all(found: Mask, *more: Mask) -> Mask:
    for each in more:
        found = found & each
    return found


def _types(schema: Mapping[str, Any]) -> list[Any]:
    return types_of(schema.get("type", []))


def _first_type(schema: Mapping[str, Any]) -> Any:
    return next(iter(_types(schema)), None)


def _text_conditions(schema: Any) -> list[Proof] | None:
    """What a text must fulfil for the schema to take it; None where that cannot be told."""
    if not isinstance(schema, Mapping):
        return None
    found: list[Proof] = []
    for keyword in keywords(schema):
        condition = _CONDITIONS.get(keyword)
        more = None if condition is None else condition(schema)
        if more is None:
            return None
        found += more
    return found


def _typed(schema: Mapping[str, Any]) -> list[Proof] | None:
    return [] if "string" in _types(schema) else None


def _patterned(schema: Mapping[str, Any]) -> list[Proof] | None:
    pattern = schema["pattern"]
    if not isinstance(pattern, str) or not _SHARED_SYNTAX.fullmatch(pattern):
        return None
    if "(?" in pattern.replace("(?:", "") or ("[^" in pattern and re.search(r"\\[dws]", pattern)):
        return None
    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.nulls(1, pa.string()), pattern)
    except (re.error, pa.ArrowInvalid):
        return None
    return [lambda texts: matches(texts, pattern)]


def _formatted(schema: Mapping[str, Any]) -> list[Proof] | None:
    if schema["format"] == "date-time":
        return [lambda texts: matches(texts, _DATE_TIME)]
    return None if schema["format"] in FORMATS else []


def _one_arm(schema: Mapping[str, Any]) -> list[Proof] | None:
    """One arm takes the text; any other must be for values that are no text, so that one of ``oneOf`` stays one."""
    arms = schema.get("anyOf", schema.get("oneOf"))
    if not isinstance(arms, list) or not {"anyOf", "oneOf"} - schema.keys():
        return None
    for_texts = [
        arm for arm in arms if not (isinstance(arm, Mapping) and "type" in arm and "string" not in _types(arm))
    ]
    return _text_conditions(for_texts[0]) if len(for_texts) == 1 else None


_CONDITIONS: Mapping[str, Callable[[Mapping[str, Any]], list[Proof] | None]] = {
    "type": _typed,
    "pattern": _patterned,
    "format": _formatted,
    "anyOf": _one_arm,
    "oneOf": _one_arm,
}


def _number_proof(schema: Mapping[str, Any], *, whole: bool) -> Proof | None:
    types = _types(schema)
    if not keywords(schema) <= {"type", *_BOUNDS} or not ("number" in types or (whole and "integer" in types)):
        return None

    def well_formed(texts: Any) -> Mask:
        found = number_at_a_glance(texts, whole=whole)
        if not found.all():
            rest = texts.filter(mask(~found))
            fits = matches(rest, _INTEGER if whole else _NUMBER)
            if not whole:
                fits &= np.diff(stored(rest)[0]) <= _LONGEST_NUMBER
            found[~found] = fits
        return found

    bounds = [bound for bound in ("minimum", "maximum") if bound in schema]
    if not bounds:
        return well_formed

    def within_bounds(texts: Any) -> Mask:
        proven = well_formed(texts)
        numbers = texts if proven.all() else pc.if_else(mask(proven), texts, text("0"))
        values = numbers.cast(pa.float64())
        for bound in bounds:
            strictly = bool(schema.get(f"exclusive{bound.title()}"))
            proven &= flags(_COMPARISONS[bound, strictly](values, number(schema[bound])))
        return proven

    return within_bounds


def number_at_a_glance(texts: Any, *, whole: bool) -> Mask:
    """Which texts surely are numbers as they should be, by their bytes: most of them, for less than a pattern costs.

    Digits; but for whole numbers a point between them; a sign before any digit but zero, zero before a point alone.
    """
    offsets, values = stored(texts)
    held = values[offsets[0] : offsets[-1]] if len(offsets) else values[:0]
    if not len(held):
        return np.zeros(len(texts), bool)
    given = offsets[:-1] < offsets[1:]
    starts, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    is_digit, is_point = held - np.uint8(ord("0")) < len("0123456789"), held == ord(".")  # below "0" it wraps around
    signed = given & (held.take(np.where(given, starts, 0)) == ord("-"))
    begins = starts + signed
    digits = ends - begins
    first, second = (held.take(np.minimum(begins + further, len(held) - 1)) for further in (0, 1))
    zero = ~signed & ((digits == 1) | (second == ord("."))) & (first == ord("0"))
    found: Mask = (
        (digits > 0) & (zero | ((first > ord("0")) & (first <= ord("9")))) & is_digit.take(ends - 1, mode="wrap")
    )
    found &= (digits if whole else ends - starts) <= _LONGEST_NUMBER
    odd = ~is_digit if whole else ~(is_digit | is_point)
    if np.count_nonzero(odd) > np.count_nonzero(signed):
        places = np.flatnonzero(odd)
        rows = np.searchsorted(starts, places, side="right") - 1
        found[rows[~signed[rows] | (places != starts[rows])]] = False
    points = np.flatnonzero(is_point)
    each_has_one = len(points) == len(texts) and ((starts <= points) & (points < ends)).all()
    if not whole and len(points) and not each_has_one:
        found &= np.add.reduceat(is_point.view(np.uint8), np.minimum(starts, len(held) - 1)) <= 1
    return found


def _array_proof(schema: Mapping[str, Any]) -> Proof | None:
    """Arrays of texts: no empty item, no bracket or quote at the start, no word for nothing."""
    items = schema.get("items", {})
    fits = (
        keywords(schema) <= {"type", "items"}
        and isinstance(items, Mapping)
        and keywords(items) <= {"type"}
        and _first_type(items) in ("string", None)
        and _types(items) != ["null"]
    )
    if not fits:
        return None
    pattern = rf"\A{_ITEM}(?:,[{SPACES}]*{_ITEM})*\z"

    def proof(texts: Any) -> Any:
        return plain(texts) & matches(texts, pattern) & ~matches(texts, r"\A[\[{\"'(]")

    return proof
