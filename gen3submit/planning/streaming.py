"""The rows of a table one by one, in memory that does not grow with the table.

Gives exactly the rows and documents that `gen3submit.rules.documents.TableReader` reads from the whole text.
"""

from __future__ import annotations

import csv
import hashlib
import io
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.messages import tables as table_words
from gen3submit.rules.bodies import DELIMITERS, Row, Table, cleaned_columns
from gen3submit.rules.documents import Document, ReadRow, ReadTable, TableReader
from gen3submit.tables.source import Source

_BLOCK = 1 << 20
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class StreamedRow:
    """A row of a table, as a check counts them: rows without any content are no rows."""

    row: int
    """1 for the first row after the header."""
    line: int
    """The line of the file, as an editor counts."""
    type: str | None
    document: Document | None
    """None where the server drops the row or cannot read it."""


@dataclass(slots=True)
class Streamed:
    """A table that is being read; its hash is known once the last row was taken."""

    source: Source
    nodes: Mapping[str, Node]
    is_wanted: Callable[[int], bool] | None = None
    """Whether a row of this number is of interest; the others come without a document, which is quicker."""
    sha256: str = field(default="", init=False)

    def __iter__(self) -> Iterator[StreamedRow]:
        """The rows in the file's order.

        Raises:
            UsageProblem: the file cannot be read (any more), or as no table.
        """
        hash_ = hashlib.sha256()
        try:
            with _opened(self.source) as file:
                for slice_ in self._slices(_Hashing(file, hash_)):
                    yield from slice_
        except OSError as error:
            raise UsageProblem(table_words.unreadable(self.source.path, error.strerror or str(error))) from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise UsageProblem(words.not_as_checked(self.source.path, str(error))) from None
        self.sha256 = hash_.hexdigest()

    def _slices(self, file: _Hashing) -> Iterator[Iterator[StreamedRow]]:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=DELIMITERS[self.source.format])
        header = next(reader, [])
        header_line = lines.taken()
        columns = cleaned_columns(header)
        rows = _rows(reader, lines, len(header))
        while slice_ := list(islice(rows, _ROWS_AT_ONCE)):
            wanted = slice_ if self.is_wanted is None else [row for row in slice_ if self.is_wanted(row.number)]
            read = ReadTable(Table(header, header_line, wanted), columns)
            # A new reader for each slice: it keeps every distinct cell it has met.
            documents = TableReader(self.nodes).rows(read, self.source.format, "", lambda _: None)
            yield self._joined(slice_, documents)

    def _joined(self, rows: Sequence[Row], documents: Iterator[ReadRow]) -> Iterator[StreamedRow]:
        """Each row with its document, if it was wanted."""
        following = next(documents, None)
        for row in rows:
            if following is not None and following.row.number == row.number:
                yield StreamedRow(row.number, row.line, following.type, following.document)
                following = next(documents, None)
            else:
                yield StreamedRow(row.number, row.line, None, None)


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes], hash_: hashlib._Hash) -> None:
        self._file = file
        self._hash = hash_

    def blocks(self) -> Iterator[bytes]:
        while block := self._file.read(_BLOCK):
            self._hash.update(block)
            yield block


class _Lines:
    """The lines that Sheepdog sees: the text stripped at both ends and cut with `str.splitlines`.

    Every line but the last ends in a line feed. Remembers on which line of the file, as an editor counts, the lines
    stand that were handed out since `taken` was last asked.
    """

    def __init__(self, file: _Hashing) -> None:
        self._file = file
        self._number = 1
        self._first: int | None = None
        self._iterator = self._lines()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, line = next(self._iterator)
        if self._first is None:
            self._first = number
        return line

    def taken(self) -> int:
        """The line on which the first of the lines stands that were handed out since the last call."""
        first, self._first = self._first, None
        return first if first is not None else 1

    def _lines(self) -> Iterator[tuple[int, str]]:
        # A line is handed out once it is known that another one follows: the last has no line feed.
        held: tuple[int, str] | None = None
        for number, line in self._cut():
            if held is not None:
                yield held[0], held[1] + "\n"
            held = (number, line)
        if held is not None:
            yield held

    def _cut(self) -> Iterator[tuple[int, str]]:
        rest = ""
        begun = False
        for text in self._texts():
            rest += text
            if not begun:
                stripped = rest.lstrip()
                if not stripped:
                    continue
                lead = rest[: len(rest) - len(stripped)]
                self._number += lead.count("\n") + lead.count("\r") - lead.count("\r\n")
                rest, begun = stripped, True
            # White space at the end may be that of the file, which is stripped; and a line feed may follow a return.
            sure = rest.rstrip()
            lines = sure.splitlines(keepends=True)
            if len(lines) > 1:
                for kept in lines[:-1]:
                    line = kept.splitlines()[0]
                    yield self._number, line
                    self._number += kept[len(line) :] in ("\n", "\r", "\r\n")
                rest = lines[-1] + rest[len(sure) :]
        if rest := rest.rstrip():
            for kept in rest.splitlines(keepends=True):
                line = kept.splitlines()[0]
                yield self._number, line
                self._number += kept[len(line) :] in ("\n", "\r", "\r\n")

    def _texts(self) -> Iterator[str]:
        decode = getincrementaldecoder("utf-8")().decode
        for block in self._file.blocks():
            yield decode(block)
        yield decode(b"", final=True)


def _rows(reader: Iterator[list[str]], lines: _Lines, width: int) -> Iterator[Row]:
    number = 0
    for cells in reader:
        line = lines.taken()
        # A row without any content has no type: the server drops it, and nobody misses it.
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        number += 1
        fitted = cells if len(cells) == width else [*cells[:width], *[None] * (width - len(cells))]
        yield Row(number, line, fitted, cells[width:], number)


def _opened(source: Source) -> IO[bytes]:
    # The sheets of a workbook are made of a file that is no table itself.
    if source.file is not None and not source.path.endswith("]"):
        return source.file.open("rb")
    return io.BytesIO(source.read())
