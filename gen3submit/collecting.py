"""Putting off Python's collection of cyclic garbage while many objects are made and few are garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 200_000
"""So many new objects at once, some ten megabytes of garbage at most; Python's own number is 700."""


@contextmanager
def collecting_later() -> Iterator[None]:
    """Collect no cycles meanwhile: going through millions of findings again and again takes a third of a check."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for cycles seldom meanwhile: a fifth of the time that a submission takes of this computer is saved."""
    before = gc.get_threshold()
    if not 0 < before[0] < SELDOM:  # whoever set it otherwise has a reason
        yield
        return
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
