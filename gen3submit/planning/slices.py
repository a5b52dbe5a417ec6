"""Cuts a table into slices of rows with their line numbers, in memory that does not grow with the table.

The cells are exactly those that `gen3submit.rules.bodies.read_table` takes from the whole text.
"""

from __future__ import annotations

import csv
import hashlib
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO

from gen3submit.errors import UsageProblem
from gen3submit.journal.blocks import block_digest
from gen3submit.messages import submit as words
from gen3submit.messages import tables as table_words
from gen3submit.rules.bodies import DELIMITERS, cleaned_columns
from gen3submit.tables.source import Source

BLOCK = 1 << 20
_ROWS_AT_ONCE = 5_000


class Slice:
    """Rows of a table that follow each other, as a check counts them: rows without any content are no rows."""

    def __init__(
        self,
        first: int,
        lines: Sequence[int],
        cells: Sequence[list[str]] = (),
        *,
        texts: Sequence[str] = (),
        by: str = "",
    ) -> None:
        """Instead of the cells, the texts of the lines may be given, each of which is a row, cut `by` a delimiter."""
        self.first = first
        """The number of the first of them; 1 for the first row after the header."""
        self.lines = lines
        """The lines of the file, as an editor counts, on which they begin."""
        self._cells = cells
        self._texts = texts
        self._by = by

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def cells(self) -> Sequence[list[str]]:
        """As many cells as each row has, which may be more or fewer than the header has."""
        if self._texts:
            self._cells, self._texts = list(csv.reader(self._texts, delimiter=self._by)), ()
        return self._cells

    def columns(self, width: int) -> list[Sequence[str]] | None:
        """The cells column by column; None unless every row has as many as the header."""
        if self._texts and max(map(len, self._texts)) < csv.field_size_limit():
            if any(text.count(self._by) != width - 1 for text in self._texts):
                return None
            cells = self._by.join(self._texts).split(self._by)
            return [cells[place::width] for place in range(width)]
        if any(len(cells) != width for cells in self.cells):
            return None
        return list(zip(*self.cells, strict=True))

    def only(self, places: Sequence[int]) -> Slice:
        """Some of the rows; their numbers are lost."""
        lines = [self.lines[place] for place in places]
        if self._texts:
            return Slice(self.first, lines, texts=[self._texts[place] for place in places], by=self._by)
        return Slice(self.first, lines, [self._cells[place] for place in places])


class Slices:
    """The slices of a table, read one after the other.

    `header` and `columns` are known once the first slice was taken; `sha256`, `blocks` and `rows` tell of the whole
    table once the last one was.
    """

    def __init__(self, source: Source, expected: Sequence[bytes] = ()) -> None:
        """`expected` are the digests of the blocks, if the table is to be one that was read before."""
        self._source = source
        self._expected = expected
        self.header: Sequence[str] = ()
        self.header_line = 1
        self.columns: Sequence[tuple[str, int]] = ()
        """(cleaned name, index of its cell) of the columns that count."""
        self.sha256 = ""
        self.blocks: list[bytes] = []
        """The digest of each block."""
        self.rows = 0

    def __iter__(self) -> Iterator[Slice]:
        """The slices, in the file's order.

        Raises:
            UsageProblem: the file cannot be read (any more), or as no table; or a block is not the one expected.
        """
        try:
            with self._source.open() as file:
                for part in self._slices(file):
                    self.rows += len(part)
                    yield part
        except OSError as error:
            raise UsageProblem(table_words.unreadable(self._source.path, error.strerror or str(error))) from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise UsageProblem(words.not_as_checked(self._source.path, str(error))) from None

    def read_columns(self) -> Sequence[tuple[str, int]]:
        """The columns alone, as `columns`; the beginning of the table is read for them. Raises as iterating does."""
        for _ in self:
            break
        return self.columns

    def read_blocks(self) -> list[bytes]:
        """The digest of each block, without a look at the rows. Raises as iterating does."""
        try:
            with self._source.open() as file:
                for _ in self._texts(file, decoding=False):
                    pass
        except OSError as error:
            raise UsageProblem(table_words.unreadable(self._source.path, error.strerror or str(error))) from None
        return self.blocks

    def _texts(self, file: IO[bytes], *, decoding: bool = True) -> Iterator[str]:
        decode = getincrementaldecoder("utf-8")().decode
        hash_ = hashlib.sha256()
        self.blocks = []
        while block := file.read(BLOCK):
            hash_.update(block)
            self.blocks.append(block_digest(block))
            if self._expected and self._expected[len(self.blocks) - 1 : len(self.blocks)] != self.blocks[-1:]:
                raise UsageProblem(words.file_changed(self._source.path))
            yield decode(block) if decoding else ""
        self.sha256 = hash_.hexdigest()
        if decoding:
            yield decode(b"", final=True)

    def _slices(self, file: IO[bytes]) -> Iterator[Slice]:
        delimiter = DELIMITERS[self._source.format]
        self.header, self.rows = (), 0
        plain = _PlainLines(self._texts(file))
        number = 1
        for first_line, lines in plain:
            for start in range(0, len(lines), _ROWS_AT_ONCE):
                begin = first_line + start
                some = lines[start : start + _ROWS_AT_ONCE]
                if not self.header:
                    self._take_header(next(csv.reader(some[:1], delimiter=delimiter)), begin)
                    begin += 1
                    del some[0]
                # A delimiter is no content. (Those of TSV are white space already.)
                places = [place for place, text in enumerate(some) if text.replace(delimiter, "\t").strip()]
                if not places:
                    continue
                whole = len(places) == len(some)
                yield Slice(
                    number,
                    range(begin, begin + len(some)) if whole else [begin + place for place in places],
                    texts=some if whole else [some[place] for place in places],
                    by=delimiter,
                )
                number += len(places)
        lines_left = _Lines(plain)
        reader = csv.reader(lines_left, delimiter=delimiter)
        if not self.header:
            self._take_header(next(reader, []), lines_left.taken())
        pairs = ((lines_left.taken(), cells) for cells in reader)
        with_content = (pair for pair in pairs if _has_content(pair[1]))
        while found := list(islice(with_content, _ROWS_AT_ONCE)):
            yield Slice(number, [line for line, _ in found], [cells for _, cells in found])
            number += len(found)

    def _take_header(self, header: Sequence[str], line: int) -> None:
        self.header, self.header_line = header, line
        self.columns = cleaned_columns(header)


def _has_content(cells: Sequence[str]) -> bool:
    # A row without any content has no type: the server drops it, and nobody misses it.
    return bool(cells) and (bool(cells[0].strip()) or any(map(str.strip, cells)))


class _PlainLines:
    """Whole lines in lists, as long as each line of the file is one row: no quotes, no line ends but those of editors.

    The text is stripped at both ends, as Sheepdog does. What is left where the plain lines end is in `rest`, which
    begins on line `number`; and `more` gives the text after it.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self.more = texts
        self.rest = ""
        self.number = 1

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """The line of the file on which the first line stands, and the lines."""
        begun = False
        for text in self.more:
            self.rest += text
            if not begun:
                stripped = self.rest.lstrip()
                if not stripped:
                    continue
                lead = self.rest[: len(self.rest) - len(stripped)]
                self.number += lead.count("\n") + lead.count("\r") - lead.count("\r\n")
                self.rest, begun = stripped, True
            # White space at the end may be that of the file, which is stripped.
            end = self.rest.rfind("\n", 0, len(self.rest.rstrip())) + 1
            if not end:
                continue
            whole = self.rest[:end]
            lines = whole.splitlines()
            if '"' in whole or len(lines) != whole.count("\n"):
                return
            yield self.number, lines
            self.number += len(lines)
            self.rest = self.rest[end:]


class _Lines:
    """The lines that Sheepdog sees: the text stripped at both ends and cut with `str.splitlines`.

    Every line but the last ends in a line feed. Remembers on which line of the file, as an editor counts, the lines
    stand that were handed out since `taken` was last asked.
    """

    def __init__(self, before: _PlainLines) -> None:
        """`before` are the plain lines, all of them taken."""
        self._rest = before.rest
        self._more = before.more
        self._number = before.number
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
        rest = self._rest
        for text in chain([""], self._more):
            rest += text
            # White space at the end may be that of the file; and a line feed may follow a return.
            sure = rest.rstrip()
            lines = sure.splitlines(keepends=True)
            if len(lines) > 1:
                yield from self._numbered(lines[:-1])
                rest = lines[-1] + rest[len(sure) :]
        if rest := rest.rstrip():
            yield from self._numbered(rest.splitlines(keepends=True))

    def _numbered(self, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
        for kept in lines:
            line = kept.splitlines()[0]
            yield self._number, line
            self._number += kept[len(line) :] in ("\n", "\r", "\r\n")
