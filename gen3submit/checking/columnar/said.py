"""What is to be said of the rows of a table, collected by column and put together by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from gen3submit.findings import Finding

Rows = npt.NDArray[np.int64]
Group = tuple[Finding, ...]


class Stage(IntEnum):
    """When the judge comes to say something, which is the order in which it stands at a row."""

    REFUSED = 0
    CHANGES = 1
    UNVERIFIED = 2
    ERRORS = 3
    LINKS = 4
    REPEATED = 5
    BROKEN = 6
    LATER = 7
    """Errors of these kinds that the server does not get to, because something else stops it before."""
    UPDATED = 8
    """What an update does that may not be meant, told once it is clear that it goes in."""


ERRORS = (Stage.ERRORS, Stage.LINKS, Stage.REPEATED)
"""What the server may not get to."""


class Mode(IntEnum):
    """What becomes of the errors of a row."""

    SAID = 0
    LATER = 1
    UNSAID = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    stage: Stage
    place: int
    rows: Rows
    codes: npt.NDArray[Any]
    groups: Sequence[Group]


def later(finding: Finding) -> Finding:
    """The error as one that the server would not get to."""
    return replace(finding, server_type=None, keys=None, server_words=None)


class Said:
    """Collects findings."""

    def __init__(self, silent: npt.NDArray[np.bool_]):
        """`silent` are the rows of which nothing is said but that the table is refused for them."""
        self._silent = silent
        self._told_refused = np.zeros(len(silent), bool)
        self._entries: list[_Entry] = []

    def add(self, stage: Stage, place: int, rows: Rows, codes: npt.NDArray[Any], groups: Sequence[Group]) -> Rows:
        """Say of each row what its code stands for; the rows of which that is anything.

        Args:
            stage: when it is said.
            place: the order within the stage.
            rows: a row may stand there more than once.
            codes: indexes in `groups`.
            groups: what is said; nothing, where a group is empty.
        """
        telling = np.array([bool(group) for group in groups], bool)
        if not telling.any():
            return rows[:0]
        chosen = telling[codes] & ~(self._told_refused if stage is Stage.REFUSED else self._silent)[rows]
        if not chosen.all():
            rows, codes = rows[chosen], codes[chosen]
        if stage is Stage.REFUSED:
            self._told_refused[rows] = True  # the server comes no further
        self._entries.append(_Entry(stage, place, rows, codes, groups))
        return rows

    def add_same(self, stage: Stage, place: int, rows: Rows, group: Group) -> Rows:
        """Say the same of all these rows."""
        return self.add(stage, place, rows, np.zeros(len(rows), np.int32), [group])

    def of(self, row: int, mode: Mode) -> list[Finding]:
        """Everything said of a row, each thing once."""
        found = [
            (entry.stage, entry.place, entry.groups[code])
            for entry in self._entries
            for code in entry.codes[entry.rows == row].tolist()
        ]
        return list(_merged([group for _, _, group in sorted(_in_mode(found, mode), key=lambda item: item[:2])]))

    def together(
        self, wanted: npt.NDArray[np.bool_], modes: npt.NDArray[np.uint8]
    ) -> tuple[Rows, npt.NDArray[np.int32], list[Group]]:
        """The rows among those wanted of which anything is said, in order, with the code of all that is said of each.

        `modes` tells of every row of the table what becomes of its errors.
        """
        rows: list[Rows] = []
        ranks: list[Rows] = []
        codes: list[Rows] = []
        groups: list[Group] = []
        for entry in self._entries:
            for stage, chosen, change in _parts(entry, modes):
                kept = chosen & wanted[entry.rows]
                if kept.any():
                    rows.append(entry.rows[kept])
                    ranks.append(np.full(len(rows[-1]), stage * (1 << 32) + entry.place, np.int64))
                    codes.append(entry.codes[kept].astype(np.int64) + len(groups))
                    groups += (
                        [_merged([tuple(map(change, group))]) for group in entry.groups] if change else entry.groups
                    )
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.int32), []
        return _by_row(np.concatenate(rows), np.concatenate(ranks), np.concatenate(codes), groups)


def _in_mode(found: list[tuple[Stage, int, Group]], mode: Mode) -> list[tuple[Stage, int, Group]]:
    said = []
    for stage, place, group in found:
        if stage not in ERRORS or mode is Mode.SAID:
            said.append((stage, place, group))
        elif mode is Mode.LATER:
            said.append((Stage.LATER, place, tuple(map(later, group))))
    return said


_Part = tuple[Stage, npt.NDArray[np.bool_], Callable[[Finding], Finding] | None]


def _parts(entry: _Entry, modes: npt.NDArray[np.uint8]) -> list[_Part]:
    if entry.stage not in ERRORS:
        return [(entry.stage, np.ones(len(entry.rows), bool), None)]
    of_rows = modes[entry.rows]
    return [(entry.stage, of_rows == Mode.SAID, None), (Stage.LATER, of_rows == Mode.LATER, later)]


def _merged(groups: Sequence[Group]) -> Group:
    found: list[Finding] = []
    for group in groups:
        found += (finding for finding in group if finding not in found)
    return tuple(found)


def _by_row(
    rows: Rows, ranks: Rows, codes: Rows, groups: list[Group]
) -> tuple[Rows, npt.NDArray[np.int32], list[Group]]:
    """One code a row; where a row has several, a new one for all of them."""
    order = np.lexsort((ranks, rows))
    rows, codes = rows[order], codes[order]
    begins = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
    lengths = np.diff(np.append(begins, len(rows)))
    found = codes[begins].copy()
    known: dict[tuple[int, ...], int] = {}
    several = np.flatnonzero(lengths > 1)
    starts, stops = begins[several].tolist(), (begins[several] + lengths[several]).tolist()
    listed = codes.tolist() if len(several) else []
    for place, start, stop in zip(several.tolist(), starts, stops, strict=True):
        key = tuple(listed[start:stop])
        if key not in known:
            known[key] = len(groups)
            groups.append(_merged([groups[code] for code in key]))
        found[place] = known[key]
    return rows[begins], found.astype(np.int32), groups
