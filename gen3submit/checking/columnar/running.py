"""Reading the slices of a table side by side: in threads, or on whatever executor the caller has."""

from __future__ import annotations

import codecs
import hashlib
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from typing import Any

from gen3submit.checking.collecting import collecting_later
from gen3submit.checking.columnar.body import Body, Extent, NotColumnar
from gen3submit.checking.columnar.cutting import MOST_BYTES, Slice, slices
from gen3submit.checking.columnar.facts import SliceFacts, facts_of
from gen3submit.checking.columnar.layout import Layout
from gen3submit.checking.columnar.outcomes import Columns
from gen3submit.rules.documents import TableReader
from gen3submit.rules.transaction import Rules

_LEAST_BYTES = 1 << 18
_AHEAD = 32
"""How many slices an executor is given before the first of them is done."""


def read_slices(
    body: Body, extent: Extent, columns: Columns, executor: Executor | None, tell: Callable[[int], object]
) -> tuple[str, list[tuple[Slice, SliceFacts]]]:
    """The SHA-256 of the body, and its slices with what they have to say.

    Args:
        body: the table.
        extent: where its rows stand.
        columns: what is known of its columns.
        executor: where slices are read; None: in threads of this process. With a cluster, the file must lie where all
            of it can read it.
        tell: is given the number of rows of each slice, as soon as it is read.

    Raises:
        NotColumnar: the table cannot be read so.
    """
    hasher = _Hasher()
    workers = min(4, os.cpu_count() or 1)
    most_bytes = max(_LEAST_BYTES, min(MOST_BYTES, body.size // (2 * workers)))
    pieces = slices(body, extent, columns.layout.format, most_bytes=most_bytes, tell=hasher.hear)
    if executor is not None:
        found = _collected(_elsewhere(pieces, body, columns.layout, executor), _AHEAD, tell)
    else:
        with ThreadPoolExecutor(workers) as threads:
            here = ((part, threads.submit(facts_of, data, part, columns)) for part, data in pieces)
            found = _collected(here, workers + 1, tell)
    if found[-1][1].broken:
        _require_text(body, found[-1][0].stop)
    return hasher.result(), found


def _elsewhere(
    pieces: Iterator[tuple[Slice, bytes]], body: Body, layout: Layout, executor: Executor
) -> Iterator[tuple[Slice, Future[SliceFacts]]]:
    packed = pickle.dumps(layout)
    for part, data in pieces:
        # A file is read where the slice is; bytes in memory go with it.
        there = (body, part) if body.file else (Body.of(None, data), replace(part, start=0, stop=len(data)))
        yield part, executor.submit(facts_of_packed, packed, *there)


def facts_of_packed(packed: bytes, body: Body, part: Slice) -> SliceFacts:
    """What a slice has to say, read in a process that knows nothing yet; `packed` is the pickled layout."""
    with collecting_later():
        return facts_of(body.read(part.start, part.stop), part, _columns(packed))


@lru_cache(maxsize=8)
def _columns(packed: bytes) -> Columns:
    layout: Layout = pickle.loads(packed)  # noqa: S301  # made by `_elsewhere`
    return Columns(layout, Rules(layout.nodes), TableReader(layout.nodes))


def _collected(
    started: Iterator[tuple[Slice, Future[SliceFacts]]], ahead: int, tell: Callable[[int], object]
) -> list[tuple[Slice, SliceFacts]]:
    """The results in order, never more than `ahead` of them under way."""
    found: list[tuple[Slice, SliceFacts]] = []
    waiting: deque[tuple[Slice, Future[SliceFacts]]] = deque()

    def take() -> None:
        part, future = waiting.popleft()
        facts = future.result()
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


class _Hasher:
    """Hashes what it hears in a thread of its own, little behind."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def hear(self, data: bytes) -> None:
        """Hash these bytes, too."""
        self._waiting.append(self._thread.submit(self._hash.update, data))
        if len(self._waiting) > 2:
            self._waiting.popleft().result()

    def result(self) -> str:
        """The hash of all that was heard, in hex."""
        self._thread.shutdown()
        return self._hash.hexdigest()
