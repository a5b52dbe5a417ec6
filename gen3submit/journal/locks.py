"""At most one process of this machine sends to a project at a time."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FIRST = 1 << 30
"""The byte that is locked on Windows, beyond what is written: a locked byte cannot be read there."""


class Lock:
    """A lock on a file, held until it is given back or the process ends, however it ends."""

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock.

        Args:
            path: the file; what is written in it is the holder's process id.
            what: what it protects, for the sentence.

        Raises:
            UsageProblem: another process holds it, or the file cannot be written.
        """
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageProblem(words.cannot_write(str(path), error.strerror or str(error))) from None
        try:
            _lock(self._file)
        except OSError:
            holder = os.pread(self._file, 20, 0) if hasattr(os, "pread") else os.read(self._file, 20)
            os.close(self._file)
            raise UsageProblem(words.locked(what, holder.decode("ascii", "replace").strip())) from None
        with suppress(OSError):  # a full disk: the lock holds all the same
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Give the lock back."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, _FIRST, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
