"""Names of records as columns: compared without regard to letter case, looked up, and joined."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays

Hashes = npt.NDArray[np.uint64]
_WORTH_AN_INDEX = 30
"""So many look-ups go through all the names; an index takes as long to make."""
_WORTH_THREADS = 100_000
_TOO_MUCH_TWICE = 1_000_000
"""So many names are not held ready for look-ups in each thread."""
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_MASKS = np.array([(1 << (8 * length)) - 1 for length in range(9)], np.uint64)


def folded(texts: Any) -> Any:
    """The texts in lower case, as ``str.lower`` has it."""
    if isinstance(texts, pa.ChunkedArray):
        return pa.chunked_array([folded(chunk) for chunk in texts.chunks], pa.string())
    lowered = pc.ascii_lower(texts)
    if arrays.is_ascii(texts):
        return texts if lowered.equals(texts) else lowered
    other = arrays.is_given(texts) & ~arrays.flags(pc.string_is_ascii(texts))
    chosen = arrays.mask(other)
    more = arrays.texts([text.lower() for text in texts.filter(chosen).to_pylist()])
    return pc.replace_with_mask(lowered, chosen, more)


class Keys:
    """A column of names, with the row of each."""

    def __init__(self, names: Any, hashes: Hashes | None = None):
        """`names` is a chunked array; null where a row has none. `hashes`: of the names in lower case, if known."""
        self.names = names
        if hashes is not None:
            self.hashes = hashes
        self._looked_up = 0
        self._found: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def folded(self) -> Any:
        """The names in lower case."""
        return folded(self.names)

    def rows(self, name: str) -> list[int]:
        """The rows of this name (in lower case), in order."""
        if not len(self) or name in self._found:
            return self._found.get(name, [])
        wanted = hashes_of(arrays.texts([name]))[0]
        if self._looked_up < _WORTH_AN_INDEX:
            self._looked_up += 1
            found = np.flatnonzero(self.hashes == wanted)
        else:
            hashes, rows = self._index
            low, high = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
            found = rows[low:high]
        return sorted(row for row in found.tolist() if str(self.names[row].as_py()).lower() == name)

    def expect(self, names: Sequence[str]) -> list[int]:
        """Look up many names (in lower case) at once, which will be asked for; all their rows."""
        found: dict[str, list[int]] = {name: [] for name in names}
        rows: list[int] = np.flatnonzero(among(self.names, arrays.texts(list(found)))).tolist()
        for row, name in zip(rows, self.names.take(arrays.places(np.array(rows, np.int64))).to_pylist(), strict=True):
            found[name.lower()].append(row)
        self._found.update(found)
        return rows

    def repeated(self, among: npt.NDArray[np.bool_]) -> list[list[int]]:
        """The rows among these that share their name with another of them, together with that one."""
        rows = self._alike[among[self._alike]]
        groups: dict[str, list[int]] = {}
        for row, name in zip(rows.tolist(), self.names.take(arrays.places(rows)).to_pylist(), strict=True):
            groups.setdefault(name.lower(), []).append(row)
        return [group for group in groups.values() if len(group) > 1]

    @cached_property
    def given(self) -> npt.NDArray[np.bool_]:
        """Whether each row has a name."""
        return arrays.is_given(self.names)

    @cached_property
    def hashes(self) -> Hashes:
        """A hash of each name; of a missing one too."""
        return np.concatenate([hashes_of(folded(chunk)) for chunk in self.names.chunks] or [np.empty(0, np.uint64)])

    def release(self) -> None:
        """Give back what can be made again."""
        self._found.clear()
        for name in ("folded", "given", "hashes", "_alike", "_index"):
            self.__dict__.pop(name, None)

    @cached_property
    def _alike(self) -> npt.NDArray[np.int64]:
        """The rows whose name has the same hash as another row's."""
        hashes = self.hashes if self.given.all() else self.hashes[self.given]
        ordered = np.sort(hashes)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(twice):
            return np.empty(0, np.int64)
        return np.flatnonzero(self.given)[_among_hashes(hashes, twice)]

    @cached_property
    def _index(self) -> tuple[Hashes, npt.NDArray[np.int64]]:
        rows = np.flatnonzero(self.given)
        order = np.argsort(self.hashes[rows], kind="stable")
        return self.hashes[rows][order], rows[order]


def among(names: Any, known: Any) -> npt.NDArray[np.bool_]:
    """Whether each of the names is one of the known ones, which are in lower case; its own letter case is nothing."""
    if not len(known):
        return np.zeros(len(names), bool)

    def look(part: Any) -> npt.NDArray[np.bool_]:
        return arrays.flags(pc.is_in(folded(part), value_set=known, skip_nulls=True))

    if len(names) < _WORTH_THREADS or len(known) > _TOO_MUCH_TWICE:
        return look(names)
    length = -(-len(names) // min(4, os.cpu_count() or 1))
    with ThreadPoolExecutor() as threads:
        return np.concatenate([*threads.map(look, (names.slice(at, length) for at in range(0, len(names), length)))])


def _among_hashes(hashes: Hashes, few: Hashes) -> npt.NDArray[np.bool_]:
    """Whether each of the hashes is one of the few, which are in order; most are told by their first bits."""
    bits = np.uint64(48)
    begins = np.zeros(1 << 16, bool)
    begins[few >> bits] = True
    found: npt.NDArray[np.bool_] = begins[hashes >> bits]
    maybe = hashes[found]
    found[found] = few[np.minimum(np.searchsorted(few, maybe), len(few) - 1)] == maybe
    return found


def chosen(texts: Any, wanted: npt.NDArray[np.bool_]) -> Any:
    """The texts that are wanted; the very column, where all of them are."""
    return texts if wanted.all() else texts.filter(arrays.mask(wanted))


def hashes_of(texts: Any) -> Hashes:
    """A 64-bit hash of each text, eight bytes at a time for all of them at once."""
    offsets, values = arrays.stored(texts)
    lengths = np.diff(offsets).astype(np.int64)
    found = lengths.astype(np.uint64) * _FACTORS[1]
    data = np.append(values, np.zeros(8, np.uint8))
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))  # unaligned on purpose
    rows = np.arange(len(texts))
    position = 0
    while len(rows):
        if position:
            rows = np.flatnonzero(lengths > position)
        left = np.minimum(lengths[rows] - position, 8) if position else np.minimum(lengths, 8)
        taken = words[offsets[:-1][rows].astype(np.int64) + position] & _MASKS[left]
        mixed = (found[rows] ^ taken) * _FACTORS[0]
        found[rows] = mixed ^ (mixed >> np.uint64(29))
        position += 8
        if not (lengths > position).any():
            break
    return found
