"""Putting findings into words that repeat on many rows: once, as long as they are not too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gen3submit.findings import Finding

MOST_KEPT = 10_000


class SaidOnce:
    """The words of findings, kept for when they are met again."""

    def __init__(self, say: Callable[[Finding], str]) -> None:
        self._say = say
        self._said: dict[int, tuple[Finding, str]] = {}

    def __call__(self, finding: Finding) -> str:
        """The words of the finding."""
        known = self._said.get(id(finding))
        if known is None:
            if len(self._said) >= MOST_KEPT:
                self._said.clear()
            # The finding is kept beside its words, so that its identity stays its own.
            known = self._said[id(finding)] = (finding, self._say(finding))
        return known[1]
