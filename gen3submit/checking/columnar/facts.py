"""What a slice of a table has to say: of which cells, and which records its rows are and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.arrays import Mask
from gen3submit.checking.columnar.contents import Contents, contents_of
from gen3submit.checking.columnar.cutting import Slice
from gen3submit.checking.columnar.keys import Hashes, folded, hashes_of
from gen3submit.checking.columnar.outcomes import NOTHING, Columns, LinkTexts, Outcome
from gen3submit.checking.columnar.parsing import is_low, plain_array
from gen3submit.checking.columnar.proofs import Proof
from gen3submit.checking.columnar.reading import SliceRows, read_slice, rows_of
from gen3submit.rules.bodies import Row

Places = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Marks:
    """Cells of a column of which something is to be said."""

    rows: Places
    codes: Places
    """Which of the outcomes."""
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class References:
    """The parents that a link's cells name, in order."""

    rows: Places | None
    """The row of each; None: each row names one."""
    texts: Any


@dataclass(frozen=True, slots=True)
class SliceFacts:
    """All that is needed of a slice once it is read. Rows are counted from 0."""

    rows: int
    lines: int
    line_of: npt.NDArray[np.int64] | None
    """The line of each row, from 0; None: a row is a line."""
    ids: Any
    """The submitter_id of each row, stripped; null where there is none."""
    hashes: Hashes
    """Of each of these ids, letter case aside."""
    special: Sequence[tuple[int, Row]]
    """Rows of which the exact reader knows more than their cells, or of another type or none; they are in no marks."""
    cut_after: Mapping[int, str]
    broken: tuple[str, int] | None
    has_nul: bool
    marks: Mapping[int, Marks]
    """By the place of a property's column among the counted ones."""
    link_marks: Sequence[Marks | None]
    references: Sequence[References | None]
    """Of each link; None where it has no usual column."""
    exact: Places
    """Rows for the exact judge whatever is in their cells."""
    contents: Contents | None = None
    """Of the data files that the rows describe; None where they describe none."""
    short: Mapping[int, Places] = field(default_factory=dict)
    """Rows that have cells in the first so many columns only."""


def facts_of(data: bytes, part: Slice, columns: Columns) -> SliceFacts:
    """Read a slice and look at its cells.

    Raises:
        NotColumnar: the slice cannot be read so.
    """
    rows = read_slice(data, part.quoted, columns.layout, columns.low, final=part.final)
    special = list(rows.special)
    cells, places = list(rows.columns), rows.places
    ordinary = _of_type(cells[columns.layout.columns[columns.layout.place("type")][1]], columns.layout.node.id)
    where = None if places is None else places.astype(np.int32)
    look = _Looker(columns, cells, where, None if ordinary.all() else ordinary)
    ids = look.ids(rows, special)
    if not ordinary.all():
        others = np.flatnonzero(~ordinary)
        others = others if places is None else places[others]
        special += zip(others.tolist(), rows_of(rows, others.tolist(), 0), strict=True)
    return SliceFacts(
        rows.count,
        rows.lines,
        rows.line_of,
        ids,
        hashes_of(folded(ids)),
        sorted(special, key=lambda item: item[0]),
        rows.cut_after,
        rows.broken,
        rows.has_nul,
        look.properties(),
        *look.links(),
        look.exact(),
        look.contents(),
        look.short(),
    )


def _of_type(array: Any, node_id: str) -> npt.NDArray[np.bool_]:
    """Which elements of a dictionary-encoded column are the node type, white space aside."""
    if not is_low(array):
        array = array.dictionary_encode()
    fits = np.array([text.strip() == node_id for text in array.dictionary.to_pylist()] + [False])
    found: npt.NDArray[np.bool_] = fits[arrays.codes(array)]
    return found


class _Looker:
    """Looks at the columns of the rows of one slice."""

    def __init__(self, columns: Columns, cells: Sequence[Any], places: Places | None, ordinary: Mask | None):
        """`ordinary` tells which elements are rows of the table's type; None: all. Of others nothing is said."""
        self._columns = columns
        self._cells = cells
        self._places = places
        self._ordinary = ordinary

    def _array(self, place: int) -> Any:
        return self._cells[self._columns.layout.columns[place][1]]

    def _rows(self, elements: npt.NDArray[Any]) -> Places:
        return elements.astype(np.int32) if self._places is None else self._places[elements]

    def _looked_at(
        self, place: int, proof: Proof | None, outcome: Callable[[str], Outcome], *, keep_silent: bool = False
    ) -> tuple[npt.NDArray[np.int64], Places, list[Outcome]]:
        """As the function, without the rows of other types."""
        elements, codes, outcomes = _looked_at(self._array(place), proof, outcome, keep_silent=keep_silent)
        if self._ordinary is None or not len(elements):
            return elements, codes, outcomes
        wanted = self._ordinary[elements]
        return elements[wanted], codes[wanted], outcomes if wanted.any() else []

    def properties(self) -> dict[int, Marks]:
        """Of which cells of each property something is to be said."""
        found = {}
        for place, texts in self._columns.properties.items():
            elements, codes, outcomes = self._looked_at(place, texts.proof, texts.outcome)
            if outcomes:
                found[place] = Marks(self._rows(elements), codes, outcomes)
        return found

    def links(self) -> tuple[list[Marks | None], list[References | None]]:
        """Of which cells of each link something is to be said, and which parents they name."""
        marks: list[Marks | None] = []
        references: list[References | None] = []
        for texts in self._columns.links:
            if texts.link.column < 0:
                marks.append(None)
                references.append(None)
                continue
            array = self._array(texts.link.column)
            elements, codes, outcomes = self._looked_at(texts.link.column, texts.proof, texts.outcome, keep_silent=True)
            references.append(self._references(texts, array, elements, codes, outcomes))
            telling = np.array([outcome is not NOTHING for outcome in outcomes], bool)
            says = telling[codes] if len(outcomes) else np.empty(0, bool)
            marks.append(Marks(self._rows(elements[says]), codes[says], outcomes) if says.any() else None)
        return marks, references

    def _references(
        self, texts: LinkTexts, array: Any, elements: npt.NDArray[Any], codes: Places, outcomes: Sequence[Outcome]
    ) -> References:
        if not len(elements) and not array.null_count and self._ordinary is None:
            return References(self._places, plain_array(array))
        proven = np.ones(len(array), bool) if texts.proof else np.zeros(len(array), bool)
        proven[elements] = False
        if self._ordinary is not None:
            proven &= self._ordinary
        if array.null_count:
            proven &= arrays.is_given(array)
        counts = np.array([len(outcome.references) for outcome in outcomes], np.int64)
        named = arrays.texts([name for outcome in outcomes for name in outcome.references])
        first = np.append(0, np.cumsum(counts))[:-1]
        repeats = counts[codes]
        more = np.repeat(first[codes], repeats) + _within(repeats)
        rows = np.concatenate([np.flatnonzero(proven), np.repeat(elements, repeats)])
        parts = [plain_array(array).filter(arrays.mask(proven)), named.take(arrays.places(more))]
        order = np.argsort(rows, kind="stable")
        return References(self._rows(rows[order]), pa.concat_arrays(parts).take(arrays.places(order)))

    def ids(self, rows: SliceRows, special: Sequence[tuple[int, Row]]) -> Any:
        """The submitter_id of each row of the slice."""
        place = self._columns.layout.place("submitter_id")
        if place < 0:
            return pa.nulls(rows.count, pa.string())
        array = plain_array(self._array(place))
        texts = self._columns.properties[place]
        if texts.proof is None:
            array = arrays.texts(_stripped(array))
        else:
            unproven = ~texts.proof(array)
            if unproven.any():
                mask = arrays.mask(unproven)
                array = pc.replace_with_mask(array, mask, arrays.texts(_stripped(array.filter(mask))))
        if self._places is None and not special:
            return array
        index = self._columns.layout.columns[place][1]
        cells = [row.cells[index] for _, row in special]
        array = pa.concat_arrays([array, arrays.texts(_stripped(arrays.texts(cells)))])
        own = np.arange(rows.count - len(special)) if self._places is None else self._places
        order = np.empty(rows.count, np.int64)
        order[own] = np.arange(len(own))
        order[[where for where, _ in special]] = len(own) + np.arange(len(special))
        return array.take(arrays.places(order))

    def exact(self) -> Places:
        """Rows that name parents in an unusual way."""
        found = np.zeros(len(self._cells[0]), bool)
        for texts in self._columns.links:
            for place in texts.link.others:
                found |= arrays.flags(pc.not_equal(plain_array(self._array(place)), arrays.text("")))
        if self._ordinary is not None:
            found &= self._ordinary
        return self._rows(np.flatnonzero(found))

    def contents(self) -> Contents | None:
        """The data files that the rows describe."""
        column = self._columns.content
        if column is None or column.proof is None:
            return None
        texts, rows = plain_array(self._array(column.place)), self._places
        if self._ordinary is not None:
            texts = texts.filter(arrays.mask(self._ordinary))
            rows = self._rows(np.flatnonzero(self._ordinary))
        return contents_of(texts, column.proof, rows)

    def short(self) -> dict[int, Places]:
        """Rows that end before the last column, by the number of their cells."""
        if not self._cells[-1].null_count:
            return {}
        given = np.sum([arrays.is_given(array) for array in self._cells], axis=0)
        if self._ordinary is not None:
            given[~self._ordinary] = len(self._cells)
        counts = [int(count) for count in arrays.distinct(given) if count < len(self._cells)]
        return {count: self._rows(np.flatnonzero(given == count)) for count in counts}


def _stripped(array: Any) -> list[str | None]:
    return [(text.strip() or None) if text else None for text in array.to_pylist()]


def _within(repeats: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0, 1, 2 ... for each of the repeats anew."""
    ends = np.cumsum(repeats)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - repeats, repeats)


def _looked_at(
    array: Any, proof: Proof | None, outcome: Callable[[str], Outcome], *, keep_silent: bool = False
) -> tuple[npt.NDArray[np.int64], Places, list[Outcome]]:
    """The elements that are not proven and of which something is to be said, with the codes of their outcomes."""
    elements: npt.NDArray[np.int64] | None = None
    if not is_low(array):
        unproven = arrays.is_given(array) & ~(proof(array) if proof else np.zeros(len(array), bool))
        elements = np.flatnonzero(unproven)
        if not len(elements):
            return elements, np.empty(0, np.int32), []
        array = array.take(arrays.places(elements)).dictionary_encode()
    outcomes = [outcome(text) for text in array.dictionary.to_pylist()]
    codes = arrays.codes(array)
    wanted = np.array([keep_silent or found is not NOTHING for found in outcomes] + [False])
    chosen = np.flatnonzero(wanted[codes])
    if not len(chosen):
        return chosen, np.empty(0, np.int32), []
    return (chosen if elements is None else elements[chosen]), codes[chosen].astype(np.int32), outcomes
