"""One table of a submission: its name for people, how it is read, and its bytes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gen3submit.errors import UsageProblem
from gen3submit.messages import tables as words

_COMPRESSED = 4
"""Workbooks are about so many times smaller than their tables."""


@dataclass(frozen=True, slots=True)
class Source:
    """One table: its name for people, how it is read, and its bytes."""

    path: str
    """The path as the user would write it; ``<DataFrame 1>``, or ``book.xlsx[sheet]``."""
    format: str
    """``tsv`` or ``csv``."""
    load: Callable[[], bytes] = field(repr=False, compare=False)
    """Gives the bytes; called anew each time they are needed, so that a big submission is never held whole."""
    file: Path | None = None
    """The file itself; None where the bytes are made of something else."""

    @property
    def own_file(self) -> Path | None:
        """The file whose very bytes the table is; None for the sheet of a workbook or a DataFrame."""
        return None if self.path.endswith("]") else self.file

    def size(self) -> int:
        """How many bytes the table has, 0 where it cannot be read; of a sheet, about, for its workbook is compressed.

        Raises:
            UsageProblem: what the bytes are made of cannot be read.
        """
        if self.file is None:
            return len(self.read())
        try:
            return self.file.stat().st_size * (1 if self.own_file else _COMPRESSED)
        except OSError:
            return 0

    def open(self) -> io.BytesIO | io.BufferedReader:
        """The bytes of the table to be read piece by piece; they are held only where they are made of something else.

        Raises:
            OSError: the file cannot be read (any more).
            UsageProblem: what the bytes are made of cannot be read.
        """
        return io.BytesIO(self.read()) if self.own_file is None else self.own_file.open("rb")

    def read(self) -> bytes:
        """The bytes of the table.

        Raises:
            UsageProblem: the file cannot be read (any more).
        """
        try:
            return self.load()
        except OSError as error:
            raise UsageProblem(words.unreadable(self.path, error.strerror or str(error))) from None


def digest(data: bytes) -> str:
    """The SHA-256 of a table's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()
