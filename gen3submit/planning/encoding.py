"""Documents and records as bytes, and the digests by which they are told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from gen3submit.rules.documents import Document

json_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""A value as it is written in what is sent."""
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode

_OF_THE_SERVER = frozenset({"created_datetime", "updated_datetime"})


def encoded(document: Document) -> bytes:
    """The document as it is sent."""
    return json_text(document).encode("utf-8", "surrogatepass")


def digest(content: bytes) -> bytes:
    """Sixteen bytes that tell this content from any other."""
    return blake2b(content, digest_size=16).digest()


def canonical(record: Mapping[str, Any]) -> bytes:
    """A record of an export as JSON, the same whatever the order of its properties and parents."""
    told = {
        name: _parents(value) if _are_parents(value) else value
        for name, value in record.items()
        if value is not None and name not in _OF_THE_SERVER
    }
    return _canonical(told).encode("utf-8", "surrogatepass")


def _parents(listed: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each parent once: an export repeats them where several links have several parents."""
    return [parent for _, parent in sorted({_place(parent): parent for parent in listed}.items())]


def _place(parent: Mapping[str, Any]) -> tuple[str, str]:
    return str(parent.get("submitter_id") or parent.get("code") or ""), _canonical(parent)


def _are_parents(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict)
