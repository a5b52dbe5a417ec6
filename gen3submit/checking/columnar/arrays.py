"""Between Arrow's arrays, numpy's and Python's values, by their buffers.

``pyarrow.array``, ``pyarrow.scalar`` and ``Array.to_numpy`` import pandas where it is installed, which takes longer
than reading a million cells. Nothing here does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]


def texts(values: Sequence[str | None]) -> Any:
    """An array of texts."""
    if None not in values and (joined := "".join(values)).isascii():  # type: ignore[arg-type]  # no null is among them
        offsets = np.fromiter(accumulate(map(len, values), initial=0), np.int32, len(values) + 1)  # type: ignore[arg-type]
        return pa.Array.from_buffers(
            pa.string(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(joined.encode())]
        )
    encoded = [b"" if value is None else value.encode("utf-8", "surrogatepass") for value in values]
    offsets = np.fromiter(accumulate(map(len, encoded), initial=0), np.int32, len(encoded) + 1)
    given = np.fromiter((value is not None for value in values), bool, len(encoded))
    buffers = [_bits(given), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def text(value: str) -> Any:
    """A text as Arrow's scalar."""
    return texts([value])[0]


def number(value: float) -> Any:
    """A number as Arrow's scalar."""
    return pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(np.array([value], np.float64))])[0]


def places(values: npt.NDArray[Any]) -> Any:
    """An array of indexes, to take by."""
    values = np.ascontiguousarray(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def mask(values: Mask) -> Any:
    """An array of booleans, to filter by."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])


def flags(array: Any) -> Mask:
    """The booleans of an array as numpy's; null is false."""
    if isinstance(array, pa.ChunkedArray):
        return np.concatenate([np.empty(0, bool), *map(flags, array.chunks)])
    valid, values = array.buffers()
    found = _unpacked(values, array)
    return found & _unpacked(valid, array) if valid is not None and array.null_count else found


def is_given(array: Any) -> Mask:
    """Whether each element of an array is not null."""
    if not array.null_count:
        return np.ones(len(array), bool)
    return flags(pc.is_valid(array))


def codes(array: Any) -> npt.NDArray[np.int32]:
    """The index of each element of a dictionary-encoded array; -1 for null."""
    indices = array.indices
    values = np.frombuffer(indices.buffers()[1], np.int32)[indices.offset : indices.offset + len(indices)]
    return np.where(is_given(indices), values, np.int32(-1)) if indices.null_count else values


def stored(array: Any) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where in its buffer each text of an array begins, and after the last one ends; and the buffer's bytes."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    held = array.buffers()[2]
    return offsets, np.empty(0, np.uint8) if held is None else np.frombuffer(held, np.uint8)


def is_ascii(array: Any) -> bool:
    """Whether no text of an array has other characters than ASCII."""
    offsets, values = stored(array)
    values = values[offsets[0] : offsets[-1]] if len(offsets) else values[:0]
    return not len(values) or bool(values.max() < 0x80)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8; Arrow tells it in a third of the time that decoding takes."""
    offsets = pa.py_buffer(np.array([0, len(data)], np.int32))
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Each of the values once, in order; ``numpy.unique`` imports what is not needed here."""
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    found: npt.NDArray[Any] = ordered[is_first]
    return found


def _bits(values: Mask) -> Any:
    return pa.py_buffer(np.packbits(values, bitorder="little"))


def _unpacked(bits: Any, array: Any) -> Mask:
    found = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    return found[array.offset : array.offset + len(array)].view(bool)
