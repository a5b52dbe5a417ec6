"""The cells of a column as JSON: by Arrow where they are written as usual, the others one by one by the exact rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.arrays import Mask, stored
from gen3submit.checking.columnar.body import NotColumnar
from gen3submit.checking.columnar.parsing import parsed
from gen3submit.checking.columnar.proofs import holds, matches, number_at_a_glance, plain
from gen3submit.planning.encoding import json_text
from gen3submit.planning.slices import Slice
from gen3submit.rules.values import Converter, as_integer, as_number, as_text, property_value

Told = Callable[[str], str]
"""Makes the JSON of one cell."""

_ESCAPED = r'["\\\x00-\x1f]'
_NOTHING_BETWEEN = arrays.text("")
_BYTE_ORDER_MARK = "\ufeff".encode()


class JsonColumn(NamedTuple):
    """The JSON of the cells of a column: a text each, with something before and after it that is always the same."""

    texts: pa.Array
    before: str = ""
    after: str = ""


def text_columns(part: Slice, width: int) -> list[pa.Array] | None:
    """The cells of a slice column by column; None unless every row has as many as the header."""
    if part.plain and not part.plain.startswith(_BYTE_ORDER_MARK):
        try:
            table = parsed(part.plain, width, part.by)
        except (NotColumnar, pa.ArrowInvalid):
            pass
        else:
            return [column.chunk(0) for column in table.columns]
    columns = part.columns(width)
    return None if columns is None else [arrays.texts(cells) for cells in columns]


def property_column(texts: pa.Array, convert: Converter, told: Told) -> JsonColumn:
    """The values of a property's cells.

    Args:
        texts: the cells.
        convert: how a text becomes a value.
        told: makes the JSON of any cell.
    """
    if convert is as_text:
        return _completed(JsonColumn(texts, '"', '"'), _as_it_is(texts), told)
    if convert in (as_integer, as_number):
        return _completed(JsonColumn(texts), _as_written(texts, whole=convert is as_integer), told)
    return each(texts, told)


def link_column(texts: pa.Array, key: str, separator: str, told: Told) -> JsonColumn:
    """The references in a link's cells, of which the parents are told by a text.

    Args:
        texts: the cells.
        key: by which property of the parents.
        separator: what stands between several parents.
        told: makes the JSON of any cell.
    """
    one = JsonColumn(texts, f'[{{{json_text(key)}:"', '"}]')
    return _completed(one, _as_it_is(texts) & ~holds(texts, separator), told)


def each(texts: pa.Array, told: Told) -> JsonColumn:
    """What is told of each cell; what repeats is told once."""
    found = texts.dictionary_encode()
    return JsonColumn(arrays.texts([told(text) for text in found.dictionary.to_pylist()]).take(found.indices))


def documents(names: Iterable[str], columns: Iterable[JsonColumn]) -> list[bytes]:
    """The documents of rows, from the names of their properties and the JSON of these, column by column."""
    pieces = []
    between = "{"
    for name, column in zip(names, columns, strict=True):
        pieces += [arrays.text(f"{between}{json_text(name)}:{column.before}"), column.texts]
        between = column.after + ","
    pieces.append(arrays.text(between.removesuffix(",") + "}"))
    found: list[bytes] = pc.binary_join_element_wise(*pieces, _NOTHING_BETWEEN).cast(pa.binary()).to_pylist()
    return found


def names(texts: pa.Array, convert: Converter) -> list[str]:
    """The values of a property's cells as texts."""
    found: list[str] = texts.to_pylist()
    if convert is as_text and _as_it_is(texts).all():
        return found
    return [str(property_value(text, convert)) for text in found]


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
    doubtful = ends_in_zero | is_small
    if doubtful.any():
        found &= ~doubtful | ~holds(texts, ".")
    return found


def _completed(column: JsonColumn, usual: Mask, told: Told) -> JsonColumn:
    """The column as it is where the cells are usual, and what is told of the others."""
    if usual.all():
        return column
    if not usual.any():
        return each(column.texts, told)
    made = column.texts
    if column.before:
        made = pc.binary_join_element_wise(
            arrays.text(column.before), made, arrays.text(column.after), _NOTHING_BETWEEN
        )
    unusual = arrays.mask(~usual)
    return JsonColumn(pc.replace_with_mask(made, unusual, each(column.texts.filter(unusual), told).texts))
