"""From the bytes of a file to its text, whatever encoding a spreadsheet wrote it in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF8, "byte order mark", "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16"),
)
"""Marks at the start of a file; the longer ones first, because UTF-32's begins as UTF-16's does."""
_UTF8_LETTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file."""

    text: str
    encoding: str | None
    """The name of the encoding for people, or ``byte order mark``; None where it was plain UTF-8."""
    codec: str = "utf-8"
    """Python's name of it."""


def decoded(data: bytes) -> Decoded | None:
    """The text of the bytes; None where no encoding can be told without doubt."""
    for mark, name, codec in _MARKS:
        if data.startswith(mark):
            text = _text(data, codec)
            return None if text is None else Decoded(text, name, codec)
    for codec, zeros in (("utf-16-le", data[1:200:2]), ("utf-16-be", data[0:200:2])):
        if len(zeros) > 3 and not any(zeros):
            text = _text(data, codec)
            return None if text is None else Decoded(text, "UTF-16", codec)
    text = _text(data, "utf-8")
    if text is not None:
        return Decoded(text, None)
    if _UTF8_LETTER.search(data):
        return None  # letters of UTF-8 and other bytes side by side: two files in one, and nobody knows which is right
    text = _text(data, "cp1252")
    return None if text is None else Decoded(text, "Windows-1252", "cp1252")


def _text(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def as_bytes_shown(text: str, codec: str) -> str:
    r"""The text with each of its characters beyond ASCII as the bytes that stood in the file, such as ``\xf6``."""
    return "".join(c if c.isascii() else "".join(f"\\x{b:02x}" for b in c.encode(codec)) for c in text)
