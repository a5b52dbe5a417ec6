"""The cells of a column as JSON: by Arrow where they are written as usual, the others one by one by the exact rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.arrays import Mask, stored
from gen3submit.checking.columnar.proofs import holds, matches, number_at_a_glance, plain
from gen3submit.planning.encoding import json_text
from gen3submit.rules.values import Converter, as_integer, as_number, as_text

Told = Callable[[str], str]
"""Makes the JSON of one cell."""

_ESCAPED = r'["\\\x00-\x1f]'
_NOTHING_BETWEEN = arrays.text("")


def property_column(cells: Sequence[str], convert: Converter, told: Told) -> pa.Array:
    """The values of a property's cells.

    Args:
        cells: their texts.
        convert: how a text becomes a value.
        told: makes the JSON of any cell.
    """
    if convert is as_text:
        texts = arrays.texts(cells)
        return _completed(cells, _joined('"', texts, '"'), _as_it_is(texts), told)
    if convert in (as_integer, as_number):
        texts = arrays.texts(cells)
        return _completed(cells, texts, _as_written(texts, whole=convert is as_integer), told)
    return each(cells, told)


def link_column(cells: Sequence[str], key: str, separator: str, told: Told) -> pa.Array:
    """The references in a link's cells, of which the parents are told by a text.

    Args:
        cells: their texts.
        key: by which property of the parents.
        separator: what stands between several parents.
        told: makes the JSON of any cell.
    """
    texts = arrays.texts(cells)
    one = _joined(f'[{{{json_text(key)}:"', texts, '"}]')
    return _completed(cells, one, _as_it_is(texts) & ~holds(texts, separator), told)


def each(cells: Sequence[str], told: Told) -> pa.Array:
    """What is told of each cell; what repeats is told once."""
    known = {text: told(text) for text in set(cells)}
    return arrays.texts([known[text] for text in cells])


def documents(names: Iterable[str], values: Iterable[pa.Array]) -> list[bytes]:
    """The documents of rows, from the names of their properties and the JSON of these, column by column."""
    pieces: list[str | pa.Array] = []
    for name, column in zip(names, values, strict=True):
        pieces += [("," if pieces else "{") + f"{json_text(name)}:", column]
    found: list[bytes] = _joined(*pieces, "}").cast(pa.binary()).to_pylist()
    return found


def _joined(*pieces: str | pa.Array) -> pa.Array:
    columns = [arrays.text(piece) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*columns, _NOTHING_BETWEEN)


def _as_it_is(texts: pa.Array) -> Mask:
    """Which texts are no null, have no white space at their ends, and need no escape in JSON."""
    found = plain(texts)
    offsets, values = stored(texts)
    held = values[offsets[0] : offsets[-1]] if len(offsets) else values[:0]
    if len(held) and (held.min() < ord(" ") or (held == ord('"')).any() or (held == ord("\\")).any()):
        found &= ~matches(texts, _ESCAPED)
    return found


def _as_written(texts: pa.Array, *, whole: bool) -> Mask:
    """Which texts are numbers that JSON writes in just the same way."""
    found = number_at_a_glance(texts, whole=whole)
    if whole or not found.any():
        return found
    # 7.50 is written as 7.5, 7.0 as 7, and what is small as 1e-05.
    offsets, values = stored(texts)
    last = len(values) - 1
    ends_in_zero = values.take(np.maximum(offsets[1:] - 1, 0)) == ord("0")
    third = values.take(np.minimum(offsets[:-1] + 2, last))
    is_small = (values.take(np.minimum(offsets[:-1], last)) == ord("0")) & (third == ord("0"))
    found &= ~holds(texts, ".") | ~(ends_in_zero | is_small)
    return found


def _completed(cells: Sequence[str], made: pa.Array, usual: Mask, told: Told) -> pa.Array:
    """What was made of usual cells, and what is told of the others."""
    if usual.all():
        return made
    others = each([cells[place] for place in np.flatnonzero(~usual).tolist()], told)
    return pc.replace_with_mask(made, arrays.mask(~usual), others)
