"""The ids of the records that rows of a submission say again, 36 bytes a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

LENGTH = 36
"""As long are the ids that the commons gives; records with others get a closer look."""

_NONE = "\0" * LENGTH


def fits(id_: str) -> bool:
    """Whether an id is as long as those that the commons gives."""
    return len(id_) == LENGTH and id_.isascii()


class Ids:
    """An id for each place of a row, or none."""

    def __init__(self, places: int = 0) -> None:
        self._ids = bytearray(places * LENGTH)

    def grow(self, places: int) -> None:
        """Have so many places."""
        self._ids.extend(bytes(places * LENGTH - len(self._ids)))

    def note(self, places: Sequence[int], ids: Sequence[str]) -> None:
        """Note ids, each of which `fits`."""
        import numpy as np  # noqa: PLC0415  # only needed once there is something to compare with

        if len(places):
            found = np.frombuffer("".join(ids).encode(), dtype=np.uint8).reshape(-1, LENGTH)
            np.frombuffer(self._ids, dtype=np.uint8).reshape(-1, LENGTH)[places] = found

    def between(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """The places between these two that have an id, and the ids."""
        ids = self._ids[first * LENGTH : (last + 1) * LENGTH].decode()
        for at in range(0, len(ids), LENGTH):
            id_ = ids[at : at + LENGTH]
            if id_ != _NONE:
                yield first + at // LENGTH, id_
