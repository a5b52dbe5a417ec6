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


def _all_folded(texts: Collection[str]) -> list[str]:
    """All of them at once, which takes a tenth of the time."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        return list(map(_folded, texts))
    return _folded(joined).split("\n")


def nearest(written: str, there: Collection[str], count: int = 1) -> list[str]:
    """At most `count` of `there` that are close to `written`, the closest first.

    First those that differ only in letter case, spacing, or letters that look like digits; then difflib's.
    """
    wanted = _folded(written)
    alike = [candidate for candidate, found in zip(there, _all_folded(there), strict=True) if found == wanted]
    if alike or len(there) > _MOST:
        return alike[:count]
    by_case = {candidate.casefold(): candidate for candidate in there}
    close = difflib.get_close_matches(written.casefold(), by_case, n=count, cutoff=0.7)
    return [by_case[match] for match in close]


class Neighbours:
    """Looks for the nearest of a large set of ids, and compares a bounded number of pairs."""

    def __init__(self, ids: Collection[str], most_compared: int = 30_000):
        self._ids = sorted(ids) if len(ids) <= _MOST else list(ids)
        self._alike: dict[str, list[str]] = {}
        self._by_folding: dict[str, list[str]] | None = None
        self._compared_left = most_compared
        self._nearest = lru_cache(maxsize=1_000)(self._look)

    def expect(self, written: Iterable[str]) -> None:
        """Take note of what will be asked for, to seek the ids that differ only in letter case and the like at once."""
        if self._by_folding is None and len(self._ids) > _MOST:
            wanted = {_folded(text) for text in written}
            self._alike = {text: [] for text in wanted}
            for folded, id_ in zip(_all_folded(self._ids), self._ids, strict=True):
                if folded in wanted:
                    self._alike[folded].append(id_)

    def nearest(self, written: str) -> list[str]:
        """At most three ids close to `written`; none once too many were asked for."""
        return self._nearest(written)

    def _look(self, written: str) -> list[str]:
        alike = sorted(self._alike_to(_folded(written)))
        if alike or self._compared_left < len(self._ids) or len(self._ids) > _MOST:
            return alike[:3]
        self._compared_left -= len(self._ids)
        return nearest(written, self._ids, 3)

    def _alike_to(self, wanted: str) -> list[str]:
        if wanted in self._alike:
            return self._alike[wanted]
        if self._by_folding is None:
            self._by_folding = {}
            for folded, id_ in zip(_all_folded(self._ids), self._ids, strict=True):
                self._by_folding.setdefault(folded, []).append(id_)
        return self._by_folding.get(wanted, [])
