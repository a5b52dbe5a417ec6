"""What the rows of a submission say, noted in forms of sixteen bytes; and which of the rows a record says again."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gen3submit.planning.encoding import DIGEST_SIZE
from gen3submit.planning.forms import Said
from gen3submit.planning.ids import Ids

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_NOTHING = bytes(DIGEST_SIZE)


@dataclass(frozen=True, slots=True)
class NotedTable:
    """A table of which was noted what its rows say."""

    sha256: str
    blocks: Sequence[bytes]
    """The digest of each block."""


@dataclass(slots=True)
class _Part:
    """Rows of a table that follow each other, as they were noted one behind the other."""

    path: str
    first: int
    """The number of the first row in its table."""
    place: int
    """Where it was noted."""
    rows: int


class _Index(NamedTuple):
    """The places of forms, in the order of the forms' first eight bytes."""

    first: npt.NDArray[np.uint64]
    second: npt.NDArray[np.uint64]
    places: npt.NDArray[np.int64]


class NotedRows:
    """Notes rows table by table; then finds those that say what a record holds.

    Rows that repeat a submitter_id are not found: a check that does not know the record would take them for a record
    that is made twice.
    """

    def __init__(self) -> None:
        self._forms = bytearray()
        self._keys = array("q")
        self._parts: list[_Part] = []
        self._index: _Index | None = None
        self._ids = Ids()
        self.give_ids = False
        """Whether any row gives itself an id."""

    def add(self, path: str, first: int, rows: Sequence[Said | None]) -> None:
        """Note rows of a table that follow each other.

        Args:
            path: the table.
            first: the number of the first of them.
            rows: what each says; None for rows that say nothing of a record.
        """
        self._index = None
        last = self._parts[-1] if self._parts else None
        if last is not None and last.path == path and last.first + last.rows == first:
            last.rows += len(rows)
        else:
            self._parts.append(_Part(path, first, len(self._keys), len(rows)))
        self._forms += b"".join([_NOTHING if said is None else said.form or _NOTHING for said in rows])
        self._keys.extend([0 if said is None else hash(said[:2]) for said in rows])
        self.give_ids = self.give_ids or any(said is not None and said.gives_id for said in rows)

    def drop(self, path: str) -> None:
        """Forget what the rows of a table say."""
        self._index = None
        for part in self._parts:
            if part.path == path:
                self._forms[part.place * DIGEST_SIZE : (part.place + part.rows) * DIGEST_SIZE] = bytes(
                    part.rows * DIGEST_SIZE
                )

    def find(self, forms: Sequence[bytes]) -> list[int]:
        """The place at which each of these forms was noted; -1 for those that were not."""
        import numpy as np  # noqa: PLC0415  # only needed once there is something to compare with

        index = self._indexed()
        if not len(index.places):
            return [-1] * len(forms)
        wanted = np.frombuffer(b"".join(forms), dtype=np.uint64).reshape(-1, 2)
        at = np.minimum(np.searchsorted(index.first, wanted[:, 0]), len(index.first) - 1)
        there = (index.first[at] == wanted[:, 0]) & (index.second[at] == wanted[:, 1])
        found: list[int] = np.where(there, index.places[at], -1).tolist()
        return found

    def settle(self, places: Sequence[int], ids: Sequence[str]) -> None:
        """Note the ids of the records that rows at these places say again."""
        self._ids.note(places, ids)

    def settled(self, path: str, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Those rows of a table between two numbers that a record says again: number, and id of the record."""
        for part in self._parts:
            begin, end = max(first, part.first), min(last, part.first + part.rows - 1)
            if part.path == path and begin <= end:
                shift = part.first - part.place
                for place, id_ in self._ids.between(begin - shift, end - shift):
                    yield place + shift, id_

    def _indexed(self) -> _Index:
        if self._index is None:
            self._index = self._made()
            self._ids.grow(len(self._keys))
        return self._index

    def _made(self) -> _Index:
        import numpy as np  # noqa: PLC0415  # as above

        forms = np.frombuffer(bytes(self._forms), dtype=np.uint64).reshape(-1, 2)
        keys = np.frombuffer(self._keys, dtype=np.int64)
        by_key = np.argsort(keys, kind="stable")
        repeated = np.zeros(len(keys), dtype=bool)
        again = keys[by_key][1:] == keys[by_key][:-1]
        repeated[by_key[1:]] = again
        repeated[by_key[:-1]] |= again
        kept = np.flatnonzero(~repeated & forms.any(axis=1))
        order = kept[np.argsort(forms[kept, 0], kind="stable")]
        return _Index(forms[order, 0], forms[order, 1], order)
