"""The SHA-256 of tables, worked out in threads: begun while the libraries that read them are still being imported."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from gen3submit.checking.columnar.body import NotColumnar

_MOST_AHEAD = 1 << 28
"""So many bytes of all tables are read ahead: they are still in the system's memory when they are read again."""
_AT_ONCE = 1 << 24
"""Few and long pieces: whoever imports would not let a thread on often."""


def started(files: Sequence[tuple[Path | None, int]]) -> list[Hashing]:
    """The hashes of these files of so many bytes, the first ones begun; a table that is no file of its own has None."""
    found = []
    left = _MOST_AHEAD
    thread = ThreadPoolExecutor(1)
    for file, size in files:
        found.append(Hashing(file))
        most_bytes = min(size, left)
        if file is not None and most_bytes:
            found[-1].begin(thread, most_bytes)
            left -= most_bytes
    thread.shutdown(wait=False)
    return found


class Hashing:
    """Hashes the bytes of one table: what it hears, in a thread of its own, little behind; or reads them before."""

    def __init__(self, file: Path | None):
        """`file` is the table's own; None where there is none."""
        self._file = file
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._heard = 0
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()
        self._ahead: Future[None] | None = None
        self._state: tuple[int, ...] | None = None

    def begin(self, thread: Executor, most_bytes: int) -> None:
        """Hash the beginning of the file ahead, until the first bytes are heard."""
        self._state = self._state_of_file()
        if self._state is not None:
            self._ahead = thread.submit(self._read_ahead, most_bytes)

    def hear(self, data: bytes) -> None:
        """Hash these bytes, too; they come in order."""
        start, self._heard = self._heard, self._heard + len(data)
        if (self._ahead is None or self._ahead.done()) and self._heard <= self._hashed:
            return
        self._thread = self._thread or ThreadPoolExecutor(1)
        self._waiting.append(self._thread.submit(self._update, data, start))
        if len(self._waiting) > 2:
            self._waiting.popleft().result()

    def result(self) -> str:
        """The hash of all that was heard, in hex.

        Raises:
            NotColumnar: the file was changed since it was begun.
        """
        while self._waiting:
            self._waiting.popleft().result()
        if self._thread is not None:
            self._thread.shutdown()
        if self._hashed != self._heard or (self._state is not None and self._state != self._state_of_file()):
            raise NotColumnar("the file changed")
        return self._hash.hexdigest()

    def _read_ahead(self, most_bytes: int) -> None:
        assert self._file is not None
        buffer = memoryview(bytearray(min(_AT_ONCE, most_bytes)))
        try:
            with self._file.open("rb", buffering=0) as stream:
                while not self._heard and self._hashed < most_bytes:
                    length = stream.readinto(buffer[: most_bytes - self._hashed])
                    if not length:
                        return
                    self._hash.update(buffer[:length])
                    self._hashed += length
        except OSError:
            return  # who reads the table says so

    def _update(self, data: bytes, start: int) -> None:
        if self._ahead is not None:
            self._ahead.result()
        if start + len(data) > self._hashed:
            self._hash.update(memoryview(data)[max(self._hashed - start, 0) :])
            self._hashed = start + len(data)

    def _state_of_file(self) -> tuple[int, ...] | None:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
