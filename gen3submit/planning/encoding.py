"""Documents and records as bytes, and the digests by which they are told apart."""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from gen3submit.rules.documents import Document

json_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""A value as it is written in what is sent."""
_kept = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

FORMAT = 2
"""Of marshal: later ones write the same value in several ways."""

DIGEST_SIZE = 16
"""Bytes."""

_OF_THE_SERVER = frozenset({"created_datetime", "updated_datetime"})


def encoded(document: Document) -> bytes:
    """The document as it is sent."""
    return json_text(document).encode("utf-8", "surrogatepass")


def kept(record: Mapping[str, Any]) -> bytes:
    """A record as it is kept on disk; the commons may give what cannot be sent."""
    return _kept(record).encode("utf-8", "surrogatepass")


def packed(value: Any) -> bytes:
    """A JSON value as bytes, in a third of the time of any text; 5.0 is not 5, and true is not 1."""
    return marshal.dumps(value, FORMAT)


def digest(content: bytes) -> bytes:
    """Sixteen bytes that tell this content from any other."""
    return blake2b(content, digest_size=DIGEST_SIZE).digest()


def canonical(record: Mapping[str, Any]) -> bytes:
    """A record of an export as bytes, the same whatever the order of its properties and parents; nulls left out."""
    compared = record
    if not _OF_THE_SERVER.isdisjoint(record):
        compared = {name: value for name, value in record.items() if name not in _OF_THE_SERVER}
    text = _in_order(compared)
    # Several parents: an export repeats them where several links have several, in any order.
    if b"},{" not in text and b":null" not in text:
        return text
    return _in_order({name: _each_once(value) for name, value in compared.items() if value is not None})


def _in_order(value: Any) -> bytes:
    """JSON with the names of each object in order."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits, or half a character
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _each_once(value: Any) -> Any:
    if type(value) is list and value and type(value[0]) is dict:
        parents = {_in_order(parent): parent for parent in value}
        return [parents[text] for text in sorted(parents)]
    return value
