"""Lines parsed by Arrow: each is a row, and its cells are what stands between the delimiters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.body import NotColumnar

_LONGEST_CELL = 131_072


def parsed(data: bytes, width: int, delimiter: str, low: Sequence[int] = (), *, wrapped: bool = False) -> Any:
    """The lines as an Arrow table with a column of texts for each cell, in one chunk each; empty lines are no rows.

    Args:
        data: the lines: UTF-8, not beginning with a byte order mark, without a return that is no part of a line end.
        width: how many cells each has.
        delimiter: what stands between the cells.
        low: the columns that are better dictionary-encoded.
        wrapped: whether quotes stand around cells, each pair around a whole one; else they are part of the cells.

    Raises:
        NotColumnar: a cell is longer than the csv module takes.
        pyarrow.ArrowInvalid: a line has too few or too many cells.
    """
    names = [str(index) for index in range(width)]
    types = {name: pa.string() for name in names}
    types.update((str(index), pa.dictionary(pa.int32(), pa.string())) for index in low)
    if not data:
        # `Schema.empty_table` imports pandas.
        return pa.Table.from_arrays([pa.nulls(0, type_) for type_ in types.values()], names=names)
    table = csv.read_csv(
        pa.BufferReader(data),
        csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        csv.ParseOptions(delimiter=delimiter, quote_char='"' if wrapped else False, double_quote=False),
        csv.ConvertOptions(column_types=types, check_utf8=False, strings_can_be_null=False),
    )
    if any(_longest(column) > _LONGEST_CELL for column in table.columns):
        raise NotColumnar("a very long cell")
    return table


def is_low(column: Any) -> bool:
    """Whether the array is dictionary-encoded."""
    return bool(pa.types.is_dictionary(column.type))


def plain_array(column: Any) -> Any:
    """The array without dictionary encoding."""
    return column.cast(pa.string()) if is_low(column) else column


def _longest(column: Any) -> int:
    texts = (chunk.dictionary if is_low(column) else chunk for chunk in column.chunks)
    return max((int(np.diff(arrays.stored(each)[0]).max(initial=0)) for each in texts), default=0)
