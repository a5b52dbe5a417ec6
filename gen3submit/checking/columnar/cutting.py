"""Cutting a big table into slices at line ends, past quoted cells that hold line ends.

A slice can be read without looking at any other: it begins outside quotes, and the lines in which quotes do more than
stand around cells are named with it, each as far as its record goes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gen3submit.checking.columnar.body import Body, Extent, NotColumnar
from gen3submit.rules.bodies import DELIMITERS

_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]

MOST_BYTES = 1 << 22
"""A slice is this long, but for a last line that does not end there."""
_LONGEST = 1 << 27
IN_CACHE = 1 << 17
"""So many bytes at a time are looked at where that makes as many more."""
_SHORTEST = 3
"""Of a line with a cell in quotes, and something in it."""
_LINE = 1 << 16
_WINDOWS = (1 << 16, 1 << 20, 1 << 24, _LONGEST)
_BEFORE_A_CELL = b"\n\r\x0b\x0c\x1c\x1d\x1e\x85\xa8\xa9"
"""The last bytes of what may stand before the first cell of a line; a few other characters end in them too."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a table's rows."""

    number: int
    start: int
    """Where it begins in the body."""
    stop: int
    quoted: tuple[tuple[int, int], ...] = ()
    """Where in the slice lines stand that the exact reader must read: (start, stop), at line ends."""
    wrapped: bool = False
    """Whether any quotes stand elsewhere: each pair of them around a whole cell, which holds no line end."""
    final: bool = False
    """Whether it holds the last row; the exact reader reads the last line."""


class _Unfinished(Exception):
    """Raised where a record does not end within the bytes at hand."""


class _Broken(Exception):
    """Raised where the csv module gives up; `args` are how many bytes it took."""


def slices(
    body: Body,
    extent: Extent,
    format_: str,
    *,
    most_bytes: int = MOST_BYTES,
    tell: Callable[[bytes], None] | None = None,
) -> Iterator[tuple[Slice, bytes]]:
    """The slices of the table's rows with their bytes, in order.

    Args:
        body: the table.
        extent: where its rows stand.
        format_: ``tsv`` or ``csv``.
        most_bytes: about how long a slice is.
        tell: is given every byte of the body, in order and once, also those that are in no slice.

    Raises:
        NotColumnar: a line is very long.
    """
    hear = tell or (lambda _: None)
    hear(body.read(0, extent.start))
    finder = _Finder(DELIMITERS[format_])
    start, number, wanted = extent.start, 0, most_bytes
    while start < extent.stop:
        stop = _line_end(body, start, min(start + wanted, extent.stop), extent.stop)
        data = body.read(start, stop)
        last = stop == extent.stop
        try:
            quoted, length, wrapped = finder.quoted(data, last=last)
        except _Broken as broken:
            (begin, end) = broken.args
            hear(data[:end])
            quoted, _, wrapped = finder.quoted(data[:begin], last=False)
            part = _final(Slice(number, start, start + end, wrapped=wrapped), quoted, begin, end)
            yield part, data[:end]
            _hear_rest(body, start + end, hear)
            return
        if not length:
            wanted *= 4
            if wanted > _LONGEST:
                raise NotColumnar("a very long line")
            continue
        wanted = most_bytes
        data = data[:length]
        hear(data)
        part = Slice(number, start, start + length, tuple(quoted), wrapped)
        if last and length == len(data) and start + length == extent.stop:
            part = _final(part, quoted, max(extent.last_line - start, 0), length)
        yield part, data
        start += length
        number += 1
    _hear_rest(body, extent.stop, hear)


def _line_end(body: Body, start: int, stop: int, end: int) -> int:
    """The last end of a line between `start` and `stop`; `start` where there is none, `end` where that is the stop."""
    if stop == end:
        return end
    low = max(stop - _LINE, start)
    found = body.read(low, stop).rfind(b"\n")
    if found < 0 and low > start:
        low = start
        found = body.read(low, stop).rfind(b"\n")
    return low + found + 1 if found >= 0 else start


def _final(part: Slice, quoted: list[tuple[int, int]], begin: int, end: int) -> Slice:
    """The slice as the last one: the exact reader reads from `begin`, or from where a record there begins."""
    before = [span for span in quoted if span[1] <= begin]
    begin = min([begin, *(span[0] for span in quoted[len(before) :])])
    return replace(part, quoted=(*before, (begin, end)), final=True)


def _hear_rest(body: Body, start: int, hear: Callable[[bytes], None]) -> None:
    while start < body.size:
        data = body.read(start, start + MOST_BYTES)
        hear(data)
        start += len(data)


class _Finder:
    """Finds the lines that need the exact reader for their quotes, and where their records end."""

    def __init__(self, delimiter: str):
        self._delimiter = delimiter
        self._byte = ord(delimiter)
        self._before_a_cell = np.zeros(256, bool)
        self._before_a_cell[list(delimiter.encode() + _BEFORE_A_CELL)] = True
        odd = b"\r\x0b\x0c\x1c\x1d\x1e\x85\xa8\xa9"
        rest = rb"[^%b\n%b]*+" % (re.escape(delimiter).encode(), re.escape(odd))
        quoted = rb'"(?:[^"\n%b]|"")*+"' % re.escape(odd)
        cell = rb'(?:%b%b|(?!")%b)' % (quoted, rest, rest)
        self._simple_line = re.compile(rb"%b(?:%b%b)*+\r?\n" % (cell, re.escape(delimiter).encode(), cell))
        """A line that is a whole record, without anything in it that only ``str.splitlines`` takes for a line end."""

    def quoted(self, data: bytes, *, last: bool) -> tuple[list[tuple[int, int]], int, bool]:
        """Where lines with such quotes stand, how far all records are complete, and whether other quotes wrap cells.

        Args:
            data: lines, the first of which begins outside quotes.
            last: whether nothing follows, so that an open quote ends with them.

        Raises:
            _Broken: the csv module gives up.
        """
        if b'"' not in data:
            return [], len(data), False
        values = np.frombuffer(data, np.uint8)
        if self._all_wrapped(values):
            return [], len(data), True
        marks = np.flatnonzero(values == ord('"'))
        if self._only_wrapping(values, marks):
            return [], len(data), True
        begins_a_cell = self._before_a_cell[values[marks - 1]] | (marks == 0)
        wrapping = self._wrapping(values, marks, begins_a_cell)
        begins = marks[begins_a_cell if wrapping is None else begins_a_cell & ~wrapping]
        spans: list[tuple[int, int]] = []
        done = 0
        for mark in begins.tolist():
            if mark < done:
                continue
            begin = max(data.rfind(b"\n", done, mark) + 1, done)
            simple = self._simple_line.match(data, begin)
            try:
                end = simple.end() if simple else self._record_end(data, begin, last=last)
            except _Unfinished:
                return spans, begin, wrapping is not None
            if spans and spans[-1][1] == begin:
                begin = spans.pop()[0]
            spans.append((begin, end))
            done = end
        return spans, len(data), wrapping is not None

    def _all_wrapped(self, values: _Bytes) -> bool:
        """Whether every cell stands in quotes, with none within it: there is one on each side of all between cells.

        A part of what `_only_wrapping` tells, in a fifth of the time.
        """
        end = len(values) - int(values[-1] == ord("\n"))
        if end < _SHORTEST or values[0] != ord('"') or values[end - 1] != ord('"'):
            return False
        if self._is_between(values[[1, end - 2]]).any():
            return False
        pairs = marks = 0
        for start in range(0, end, IN_CACHE):
            some = values[start : min(start + IN_CACHE + 2, end)]
            is_mark, is_between = some == ord('"'), self._is_between(some)
            left, here, right = is_mark[:-2], is_between[1:-1], is_mark[2:]
            alone = is_between[:-2] & is_mark[1:-1] & is_between[2:]
            if ((here & ~(left & right)) | alone).any():
                return False
            pairs += int(np.count_nonzero(here))
            marks += int(np.count_nonzero(is_mark[:IN_CACHE]))
        # None stands on a side of two such places, so none is left for anywhere else.
        return marks == 2 * pairs + 2

    def _only_wrapping(self, values: _Bytes, marks: _Places) -> bool:
        """Whether all quotes come in pairs around whole cells without line ends."""
        if len(marks) % 2:
            return False
        before, after = values[marks[::2] - 1], values.take(marks[1::2] + 1, mode="clip")
        begins, ends = self._is_between(before), self._is_between(after) | (after == ord("\r"))
        begins[0] |= marks[0] == 0
        ends[-1] |= marks[-1] == len(values) - 1
        if not (begins.all() and ends.all()):
            return False
        return not (np.searchsorted(marks, np.flatnonzero(values == ord("\n"))) & 1).any()

    def _wrapping(self, values: _Bytes, marks: _Places, begins_a_cell: _Mask) -> _Mask | None:
        """Which quotes stand in lines where all of them wrap cells; None where quotes are that begin or end none."""
        ends = np.flatnonzero(values == ord("\n"))
        before = self._is_between(values[marks - 1]) | (marks == 0)
        next_ = values.take(marks + 1, mode="clip")
        after = self._is_between(next_) | (next_ == ord("\r")) | (marks == len(values) - 1)
        line = np.searchsorted(ends, marks)
        first = np.searchsorted(line, line)  # of the line's quotes
        is_second = (np.arange(len(marks)) - first) & 1 == 1
        wrong = np.where(is_second, ~after, ~before)
        count = np.bincount(line, minlength=len(ends) + 1)
        bad = (count & 1 == 1) | (np.bincount(line, wrong, minlength=len(ends) + 1) > 0)
        beginning = np.bincount(line, begins_a_cell, minlength=len(ends) + 1) > 0
        # Quotes within cells are cells' own; a reader that knows of wrapping quotes would take them for more.
        return None if (bad & ~beginning).any() else ~bad[line]

    def _is_between(self, values: _Bytes) -> _Mask:
        """Which bytes stand between cells; two comparisons take less time than a look into a table."""
        found: _Mask = (values == self._byte) | (values == ord("\n"))
        return found

    def _record_end(self, data: bytes, begin: int, *, last: bool) -> int:
        """Where the line ends in which the records end that begin in the line at `begin`."""
        for window in _WINDOWS:
            piece = data[begin : begin + window]
            whole = begin + len(piece) == len(data)
            try:
                text = (piece if whole else piece[: piece.rfind(b"\n") + 1]).decode("utf-8")
            except UnicodeDecodeError:
                raise NotColumnar("not UTF-8") from None
            kept = text.splitlines(keepends=True)
            lines = _Lines(kept)
            reader = csv.reader(lines, delimiter=self._delimiter)
            try:
                for _ in reader:
                    if not lines.ended and kept[reader.line_num - 1].endswith("\n"):
                        return begin + _bytes_of(kept[: reader.line_num])
            except csv.Error:
                raise _Broken(begin, begin + _bytes_of(kept[: reader.line_num])) from None
            if whole:
                break
        if last:
            return len(data)
        raise _Unfinished


class _Lines:
    """Lines as the csv module is given them; knows whether more were asked for than there are."""

    def __init__(self, kept: list[str]):
        self._lines = iter(kept)
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            return line.splitlines()[0] + "\n"
        self.ended = True
        raise StopIteration


def _bytes_of(lines: list[str]) -> int:
    return len("".join(lines).encode())
