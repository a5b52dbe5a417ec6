"""The rows of a table once more, one by one, in memory that does not grow with the table."""

from __future__ import annotations

import csv
import hashlib
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from typing import IO

from gen3submit.errors import UsageProblem
from gen3submit.messages import tables as words
from gen3submit.rules.bodies import DELIMITERS
from gen3submit.tables.source import Source

_BLOCK = 1 << 20


class Rereading:
    """A table that is read again, with the cells that ``read_table`` takes from its whole text.

    `header` is known once the first row was asked for, `sha256` once the last was taken.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.header: Sequence[str] = ()
        self.sha256 = ""

    def __iter__(self) -> Iterator[list[str]]:
        """The cells of each row that a check counts: one that holds nothing at all is none.

        Raises:
            UsageProblem: the file cannot be read.
        """
        hash_ = hashlib.sha256()
        try:
            with self._source.open() as file:
                texts = _texts(file, hash_)
                yield from self._rows(texts)
                for _ in texts:
                    pass
        except OSError as error:
            raise UsageProblem(words.unreadable(self._source.path, error.strerror or str(error))) from None
        self.sha256 = hash_.hexdigest()

    def _rows(self, texts: Iterator[str]) -> Iterator[list[str]]:
        reader = csv.reader(_lines(texts), delimiter=DELIMITERS[self._source.format])
        try:
            self.header = next(reader, [])
            for cells in reader:
                if cells and (cells[0].strip() or any(map(str.strip, cells))):
                    yield cells
        except csv.Error:
            return  # a cell beyond 131,072 characters: there the server stops, too


def _texts(file: IO[bytes], hash_: hashlib._Hash) -> Iterator[str]:
    decode = getincrementaldecoder("utf-8")(errors="replace").decode
    while block := file.read(_BLOCK):
        hash_.update(block)
        yield decode(block)
    yield decode(b"", final=True)


def _lines(texts: Iterator[str]) -> Iterator[str]:
    """The lines of the text, which is stripped at both ends and cut with ``str.splitlines``; all but the last end."""
    rest = ""
    begun = False
    for text in texts:
        rest += text
        if not begun:
            rest = rest.lstrip()
            begun = bool(rest)
        # White space at the end may be that of the table; and a line feed may follow a return.
        sure = rest.rstrip()
        lines = sure.splitlines()
        if len(lines) > 1:
            rest = lines.pop() + rest[len(sure) :]
            for line in lines:
                yield f"{line}\n"
    if rest := rest.rstrip():
        *lines, last = rest.splitlines()
        for line in lines:
            yield f"{line}\n"
        yield last
