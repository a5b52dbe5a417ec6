"""Reading the slices of a table side by side: in threads, or on whatever executor the caller has."""

from __future__ import annotations

import codecs
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from gen3submit.checking.columnar.body import Body, Extent, NotColumnar
from gen3submit.checking.columnar.cutting import MOST_BYTES, Slice, slices
from gen3submit.checking.columnar.elsewhere import Elsewhere
from gen3submit.checking.columnar.facts import SliceFacts, facts_of
from gen3submit.checking.columnar.hashing import Hashing
from gen3submit.checking.columnar.outcomes import Columns

T = TypeVar("T")
_LEAST_BYTES = 1 << 18
_AHEAD = 32
"""How many slices an executor is given before the first of them is done."""


def read_slices(
    path: str,
    body: Body,
    extent: Extent,
    columns: Columns,
    executor: Executor | None,
    tell: Callable[[int], object],
    hashing: Hashing,
) -> tuple[str, list[tuple[Slice, SliceFacts]]]:
    """The SHA-256 of the body, and its slices with what they have to say.

    Args:
        path: the table's name.
        body: the table.
        extent: where its rows stand.
        columns: what is known of its columns.
        executor: where slices are read; None: in threads of this process.
        tell: is given the number of rows of each slice, as soon as it is read.
        hashing: is given every byte of the body.

    Raises:
        NotColumnar: the table cannot be read so.
        UsageProblem: the executor fails.
    """
    workers = min(4, os.cpu_count() or 1)
    most_bytes = max(_LEAST_BYTES, min(MOST_BYTES, body.size // (2 * workers)))
    pieces = slices(body, extent, columns.layout.format, most_bytes=most_bytes, tell=hashing.hear)
    if executor is not None:
        elsewhere = Elsewhere(path, body, columns.layout, executor)
        there = ((part, elsewhere.start(part, data)) for part, data in pieces)
        found = _collected(there, elsewhere.result, _AHEAD, tell)
    else:
        with ThreadPoolExecutor(workers) as threads:
            here = ((part, threads.submit(facts_of, data, part, columns)) for part, data in pieces)
            found = _collected(here, lambda _, future: future.result(), workers + 1, tell)
    if found[-1][1].broken:
        _require_text(body, found[-1][0].stop)
    return hashing.result(), found


def _collected(
    started: Iterator[tuple[Slice, Future[T]]],
    result: Callable[[Slice, Future[T]], SliceFacts],
    ahead: int,
    tell: Callable[[int], object],
) -> list[tuple[Slice, SliceFacts]]:
    """The results in order, never more than `ahead` of them under way."""
    found: list[tuple[Slice, SliceFacts]] = []
    waiting: deque[tuple[Slice, Future[T]]] = deque()

    def take() -> None:
        part, future = waiting.popleft()
        facts = result(part, future)
        tell(facts.rows)
        found.append((part, facts))

    try:
        for item in started:
            waiting.append(item)
            if len(waiting) >= ahead:
                take()
        while waiting:
            take()
    finally:
        for _, future in waiting:
            future.cancel()
    return found


def _require_text(body: Body, start: int) -> None:
    """See that what the csv module did not get to is text, too.

    Raises:
        NotColumnar: it is not, or it holds a NUL.
    """
    decoder: Any = codecs.getincrementaldecoder("utf-8")()
    while start < body.size:
        data = body.read(start, start + MOST_BYTES)
        start += len(data)
        try:
            decoder.decode(data, final=start == body.size)
        except UnicodeDecodeError:
            raise NotColumnar("not UTF-8") from None
        if b"\0" in data:
            raise NotColumnar("a NUL behind the rows")
