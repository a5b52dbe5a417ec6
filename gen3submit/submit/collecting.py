"""Letting Python look for cyclic garbage seldom while rows are made by the thousand, none of them in a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 200_000
"""So many new objects at once, some ten megabytes of garbage at most; Python's own number is 700."""


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for cycles seldom meanwhile: a fifth of the time that a submission takes of this computer is saved."""
    before = gc.get_threshold()
    if not 0 < before[0] < _OBJECTS:  # whoever set it otherwise has a reason
        yield
        return
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
