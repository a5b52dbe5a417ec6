"""Rows of a big table that have the same submitter_id: which of them are the same row again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.outcomes import Columns
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.rules.values import as_text

_MANY_OF_A_SLICE = 1_000
"""So many rows are worth reading the slice as a whole again."""
Group = list[int]
Cells = Sequence[str | None]


@dataclass
class Repeats:
    """Groups of rows with the same submitter_id."""

    different: list[Group] = field(default_factory=list)
    """The rows of a group are not all the same."""
    identical: list[Group] = field(default_factory=list)
    """They are."""
    unclear: list[Group] = field(default_factory=list)
    """What the server makes of their cells must be compared; or the ids differ in letter case."""


def repeats(table: ColumnarTable, groups: Sequence[Group]) -> Repeats:
    """Tell the groups apart, whose rows have the same submitter_id but for letter case, by their cells."""
    different, rest = _parted(groups, _of_other_parents(table, groups))
    if rest and sum(map(len, rest)) >= _MANY_OF_A_SLICE * len(table.slices):
        more, rest = _parted(rest, _plainly_different(table, rest))
        different += more
    found = _compared(table, rest)
    found.different += different
    return found


def _parted(groups: Sequence[Group], different: Sequence[bool]) -> tuple[list[Group], list[Group]]:
    """The groups that are different, and the others."""
    both = list(zip(groups, different, strict=True))
    return [group for group, is_so in both if is_so], [group for group, is_so in both if not is_so]


def _of_other_parents(table: ColumnarTable, groups: Sequence[Group]) -> list[bool]:
    """Which groups have one spelling of the submitter_id, and two rows with one parent each, of different names.

    The parents are known already; nothing is read again.
    """
    if not groups:
        return []
    rows = np.fromiter(chain.from_iterable(groups), np.int64)
    names = dict(zip(rows.tolist(), table.ids.take(arrays.places(rows)).to_pylist(), strict=True))
    found = [False] * len(groups)
    for number, texts in enumerate(table.columns.links):
        link = texts.link.link
        if link is None or link.target == "project":  # the check may put another project in its place
            continue
        parents = _only_parents(table, number, rows)
        for place, group in enumerate(groups):
            if len({parents[row] for row in group if row in parents}) > 1:
                found[place] = True
    return [is_found and len({names[row] for row in group}) == 1 for is_found, group in zip(found, groups, strict=True)]


def _only_parents(table: ColumnarTable, link: int, rows: npt.NDArray[np.int64]) -> dict[int, str]:
    """The parent's name of each of the rows that name one over this link."""
    of, texts = table.references(link)
    places, ends = np.searchsorted(of, rows, side="left"), np.searchsorted(of, rows, side="right")
    one = ends - places == 1
    return dict(zip(rows[one].tolist(), texts.take(arrays.places(places[one])).to_pylist(), strict=True))


def _plainly_different(table: ColumnarTable, groups: Sequence[Group]) -> list[bool]:
    """Which groups have one spelling of the submitter_id, and two rows with different texts in a column of texts.

    Texts are compared by their hashes: different hashes are of different texts.
    """
    sizes = np.fromiter(map(len, groups), np.int64, len(groups))
    rows = np.fromiter(chain.from_iterable(groups), np.int64, int(sizes.sum()))
    group_of = np.repeat(np.arange(len(groups)), sizes)
    name = table.columns.layout.columns[table.columns.layout.place("submitter_id")][1]
    cells = table.hashes_at(arrays.distinct(rows), [name, *_texts(table.columns)])
    place = np.searchsorted(cells.rows, rows)
    first = np.repeat(place[np.cumsum(sizes) - sizes], sizes)
    unlike = (cells.hashes[place] != cells.hashes[first]) & cells.plain[place] & cells.plain[first]
    other_name = cells.hashes[place, 0] != cells.hashes[first, 0]
    different = np.bincount(group_of, unlike[:, 1:].any(axis=1), len(groups)) > 0
    same_name = np.bincount(group_of, other_name, len(groups)) == 0
    return list((different & same_name).tolist())


def _compared(table: ColumnarTable, groups: Sequence[Group]) -> Repeats:
    """The groups told apart by all their cells."""
    found = Repeats()
    rows = sorted(row for group in groups for row in group)
    cells = {row: each.cells for row, each in table.rows_at(np.array(rows, np.int64))}
    texts = _texts(table.columns)
    names = table.columns.layout.columns[table.columns.layout.place("submitter_id")][1]
    for group in groups:
        first = cells[group[0]]
        if any(cells[row][names] != first[names] for row in group):
            found.unclear.append(group)
        elif all(cells[row] == first for row in group):
            found.identical.append(group)
        elif any(_value(cells[row][index]) != _value(first[index]) for row in group for index in texts):
            found.different.append(group)
        else:
            found.unclear.append(group)
    return found


def _texts(columns: Columns) -> list[int]:
    """The columns whose cells stay text: different texts are different values."""
    layout = columns.layout
    known = columns.reader.columns(layout.node, layout.format)
    return [
        index
        for name, index in layout.columns
        if "." not in name and name != "project_id" and known.property(name).convert is as_text
    ]


def _value(text: str | None) -> str | None:
    stripped = (text or "").strip()
    return None if stripped == "null" else stripped or None
