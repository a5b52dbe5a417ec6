"""Documents and records as bytes, and the digests by which they are told apart."""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from gen3submit.rules.documents import Document

json_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""A value as it is written in what is sent."""
_kept = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_OF_THE_SERVER = frozenset({"created_datetime", "updated_datetime"})
_NESTED = frozenset({list, dict})


def encoded(document: Document) -> bytes:
    """The document as it is sent."""
    return json_text(document).encode("utf-8", "surrogatepass")


def kept(record: Mapping[str, Any]) -> bytes:
    """A record as it is kept on disk; the commons may give what cannot be sent."""
    return _kept(record).encode("utf-8", "surrogatepass")


def packed(value: Any) -> bytes:
    """A JSON value as bytes, in a third of the time of any text; 5.0 is not 5, and true is not 1.

    The second format of marshal: the later ones write the same value in several ways.
    """
    return marshal.dumps(value, 2)


def digest(content: bytes) -> bytes:
    """Sixteen bytes that tell this content from any other."""
    return blake2b(content, digest_size=16).digest()


def canonical(record: Mapping[str, Any]) -> bytes:
    """A record of an export as bytes, the same whatever the order of its properties and parents."""
    names, told = _compared(tuple(record))
    values = [_in_order(value) if type(value) in _NESTED else value for value in map(record.__getitem__, names)]
    if None in values:
        pairs = [(name, value) for name, value in zip(names, values, strict=True) if value is not None]
        told, values = packed([name for name, _ in pairs]), [value for _, value in pairs]
    return told + packed(values)


@lru_cache(maxsize=1000)
def _compared(names: tuple[str, ...]) -> tuple[list[str], bytes]:
    """The properties that count, in order; and the same as bytes."""
    found = sorted(name for name in names if name not in _OF_THE_SERVER)
    return found, packed(found)


def _in_order(value: Any) -> Any:
    """Each parent once: an export repeats them where several links have several parents."""
    if type(value) is dict:
        return sorted(value.items())
    if value and type(value[0]) is dict:
        if len(value) == 1:
            return [packed(sorted(value[0].items()))]
        return sorted({packed(_in_order(parent)) for parent in value})
    return value
