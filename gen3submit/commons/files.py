"""Writes a file that appears only once it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write (and read back) that takes the place of `path` at the end, and vanishes if anything goes wrong.

    Raises:
        UsageProblem: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    whole = False
    try:
        with part.open("w+b") as file:
            yield file
        part.replace(path)
        whole = True
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(path), error.strerror or str(error))) from None
    finally:
        if not whole:
            with suppress(OSError):  # what went wrong first is what counts
                part.unlink()
