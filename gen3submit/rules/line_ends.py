"""Line ends that ``str.splitlines``, and so Sheepdog, sees where no newline is: looked for in UTF-8."""

from __future__ import annotations

import re

ODD = re.compile(rb"[\x0b\x0c\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]|\r(?!\n)")
"""Each of them; a return before a newline is none."""

_LONE_RETURN = re.compile(rb"\r(?!\n)")
_CONTROLS = (b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e")
_CHARACTERS = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def has_odd(data: bytes) -> bool:
    """Whether one of them is there."""
    return any(byte in data for byte in _CONTROLS) or has_odd_character(data) or bool(_LONE_RETURN.search(data))


def has_odd_character(data: bytes) -> bool:
    """Whether one beyond ASCII is there; single bytes are found much faster than several in a row."""
    return any(all(bytes((byte,)) in data for byte in each) and each in data for each in _CHARACTERS)
