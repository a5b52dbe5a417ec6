"""The nearest of the things that are there to the thing that was written."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from functools import lru_cache

_LOOK_ALIKES = str.maketrans({"o": "0", "l": "1", "i": "1", "_": None, "-": None, " ": None, ".": None})
_MOST = 5_000
"""difflib takes about 13 µs a candidate; beyond so many only exact foldings are tried."""


def _folded(text: str) -> str:
    return text.casefold().translate(_LOOK_ALIKES)


def nearest(written: str, there: Collection[str], count: int = 1) -> list[str]:
    """At most `count` of `there` that are close to `written`, the closest first.

    First those that differ only in letter case, spacing, or letters that look like digits; then difflib's.
    """
    alike = [candidate for candidate in there if _folded(candidate) == _folded(written)]
    if alike or len(there) > _MOST:
        return alike[:count]
    by_case = {candidate.casefold(): candidate for candidate in there}
    close = difflib.get_close_matches(written.casefold(), by_case, n=count, cutoff=0.7)
    return [by_case[match] for match in close]


class Neighbours:
    """Looks for the nearest of a large set of ids, a bounded number of times."""

    def __init__(self, ids: Iterable[str], tries: int = 200):
        self._ids = list(ids)
        self._by_folding: dict[str, list[str]] | None = None
        self._tries = tries
        self._nearest = lru_cache(maxsize=1_000)(self._look)

    def nearest(self, written: str) -> list[str]:
        """At most three ids close to `written`; none once too many were asked for."""
        return self._nearest(written)

    def _look(self, written: str) -> list[str]:
        if self._by_folding is None:
            self._by_folding = {}
            for id_ in self._ids:
                self._by_folding.setdefault(_folded(id_), []).append(id_)
        alike = self._by_folding.get(_folded(written), [])
        if alike or self._tries <= 0 or len(self._ids) > _MOST:
            return alike[:3]
        self._tries -= 1
        return nearest(written, self._ids, 3)
