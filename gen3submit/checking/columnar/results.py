"""The rows of a big table in a check's result, held in arrays: numbers and names become objects when asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

T = TypeVar("T")
D = TypeVar("D")
_BLOCK = 1 << 14


class Lines(Sequence[int]):
    """Line numbers."""

    def __init__(self, numbers: npt.NDArray[Any]):
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return Lines(self._numbers[index])
        return int(self._numbers[index])

    def __iter__(self) -> Iterator[int]:
        for start in range(0, len(self), _BLOCK):
            yield from self._numbers[start : start + _BLOCK].tolist()


class Names(Sequence[str | None]):
    """A column of texts; where one is asked for after the other, a block of them is at hand."""

    def __init__(self, texts: Any):
        """`texts` is a chunked array."""
        self._texts = texts
        self._first = 0
        self._block: list[str | None] = []
        self._last = -1

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str | None] | None:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        place = index - self._first
        if not 0 <= place < len(self._block):
            if not 0 <= index < len(self):
                raise IndexError(index)
            self._last, before = index, self._last
            if index != before + 1:
                text: str | None = self._texts[index].as_py()
                return text
            self._first = index - index % _BLOCK
            self._block = self._texts.slice(self._first, _BLOCK).to_pylist()
            place = index - self._first
        return self._block[place]

    def __iter__(self) -> Iterator[str | None]:
        for chunk in self._texts.chunks:
            yield from chunk.to_pylist()


class Types(Sequence[str | None]):
    """The same node type in every row, but for a few."""

    def __init__(self, usual: str, others: Mapping[int, str | None], length: int):
        self._usual = usual
        self._others = others
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str | None] | None:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._others.get(index % self._length, self._usual)

    def __iter__(self) -> Iterator[str | None]:
        return map(self._others.get, range(self._length), repeat(self._usual))

    def counts(self) -> Mapping[str | None, int]:
        """How many rows there are of each type, in order of appearance."""
        others = {row: self._others[row] for row in sorted(self._others)}
        usual_first = next((row for row in range(self._length) if row not in others), self._length)
        before = [type_ for row, type_ in others.items() if row < usual_first]
        counts = Counter(dict.fromkeys([*before, self._usual], 0))
        counts.update(others.values())
        counts[self._usual] += self._length - len(others)
        return +counts


class OfRows(Mapping[int, T]):
    """Something of some rows (1-based), the same thing of many."""

    def __init__(self, rows: npt.NDArray[Any], codes: npt.NDArray[Any], things: Sequence[T]):
        """`rows` in order; `codes` tell which of the things each has."""
        self._rows = rows
        self._codes = codes
        self._things = things
        self._first = 1
        self._block: dict[int, int] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        for start in range(0, len(self._rows), _BLOCK):
            yield from self._rows[start : start + _BLOCK].tolist()

    def __getitem__(self, row: int) -> T:
        return self._things[self._near(row)[row]]

    @overload
    def get(self, row: int, /) -> T | None: ...
    @overload
    def get(self, row: int, /, default: T | D) -> T | D: ...
    def get(self, row: int, /, default: Any = None) -> Any:
        """What the row has; the inherited one would raise and catch an error for every row without anything."""
        code = self._near(row).get(row)
        return default if code is None else self._things[code]

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and row in self._near(row)

    def groups(self) -> Sequence[tuple[T, Sequence[int]]]:
        """Each thing with its rows, in order; those first that have a row before the others'."""
        return self._groups

    @cached_property
    def _groups(self) -> list[tuple[T, list[int]]]:
        order = np.argsort(self._codes, kind="stable")
        codes = self._codes[order]
        begins = np.flatnonzero(np.append(len(codes) > 0, codes[1:] != codes[:-1]))
        ends = np.append(begins[1:], len(codes))[: len(begins)]
        by_first = np.argsort(self._rows[order[begins]], kind="stable")
        spans = zip(codes[begins[by_first]].tolist(), begins[by_first].tolist(), ends[by_first].tolist(), strict=True)
        rows = self._rows[order].tolist()
        return [(self._things[code], rows[begin:end]) for code, begin, end in spans]

    def _near(self, row: int) -> dict[int, int]:
        """The codes of the rows of this one's block."""
        if self._block is None or not 0 <= row - self._first < _BLOCK:
            self._first = row - row % _BLOCK
            low, high = np.searchsorted(self._rows, [self._first, self._first + _BLOCK])
            self._block = dict(zip(self._rows[low:high].tolist(), self._codes[low:high].tolist(), strict=True))
        return self._block
