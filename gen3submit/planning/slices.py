"""Cuts a table into slices of rows with their line numbers, in memory that does not grow with the table.

The cells are exactly those that `gen3submit.rules.bodies.read_table` takes from the whole text.
"""

from __future__ import annotations

import csv
import hashlib
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

from gen3submit.errors import UsageProblem
from gen3submit.journal.blocks import block_digest
from gen3submit.messages import submit as words
from gen3submit.messages import tables as table_words
from gen3submit.rules import line_ends
from gen3submit.rules.bodies import DELIMITERS, cleaned_columns
from gen3submit.tables.source import Source

BLOCK = 1 << 20
_ROWS_AT_ONCE = 5_000
_DECODED_AT_ONCE = 1 << 16
_MAYBE_EMPTY = {
    delimiter: re.compile(rb"\n[^%b\n]*\n" % re.escape(bytes(set(range(0x21, 0x7F)) - {ord(delimiter)})))
    for delimiter in DELIMITERS.values()
}
"""Finds a line without any visible character of ASCII but the delimiter."""


class Slice:
    """Rows of a table that follow each other, as a check counts them: rows without any content are no rows."""

    def __init__(
        self,
        first: int,
        lines: Sequence[int],
        cells: Sequence[list[str]] = (),
        *,
        plain: bytes = b"",
        by: str = "",
    ) -> None:
        """Instead of the cells, `plain` lines may be given, cut `by` a delimiter."""
        self.first = first
        """The number of the first of them; 1 for the first row after the header."""
        self.lines = lines
        """The lines of the file, as an editor counts, on which they begin."""
        self.plain = plain
        """The rows as they stand in the file, unless that is hard to read: each is one line, and nothing is quoted."""
        self.by = by
        """What stands between the cells of `plain`."""
        self._cells = cells

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def cells(self) -> Sequence[list[str]]:
        """As many cells as each row has, which may be more or fewer than the header has."""
        if self.plain:
            self._cells, self.plain = list(csv.reader(self._texts(), delimiter=self.by)), b""
        return self._cells

    def columns(self, width: int) -> list[Sequence[str]] | None:
        """The cells column by column; None unless every row has as many as the header."""
        texts = self._texts()
        if texts and max(map(len, texts)) < csv.field_size_limit():
            if any(text.count(self.by) != width - 1 for text in texts):
                return None
            cells = self.by.join(texts).split(self.by)
            return [cells[place::width] for place in range(width)]
        if any(len(cells) != width for cells in self.cells):
            return None
        return list(zip(*self.cells, strict=True))

    def only(self, places: Sequence[int]) -> Slice:
        """Some of the rows; their numbers are lost."""
        lines = [self.lines[place] for place in places]
        if self.plain:
            rows = self.plain.splitlines(keepends=True)
            return Slice(self.first, lines, plain=b"".join(rows[place] for place in places), by=self.by)
        return Slice(self.first, lines, [self._cells[place] for place in places])

    def _texts(self) -> list[str]:
        return self.plain.decode().splitlines()


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
                for _ in self._blocks(file):
                    pass
        except OSError as error:
            raise UsageProblem(table_words.unreadable(self._source.path, error.strerror or str(error))) from None
        return self.blocks

    def _blocks(self, file: IO[bytes]) -> Iterator[bytes]:
        hash_ = hashlib.sha256()
        self.blocks = []
        while block := file.read(BLOCK):
            hash_.update(block)
            self.blocks.append(block_digest(block))
            if self._expected and self._expected[len(self.blocks) - 1 : len(self.blocks)] != self.blocks[-1:]:
                raise UsageProblem(words.file_changed(self._source.path))
            yield block
        self.sha256 = hash_.hexdigest()

    def _slices(self, file: IO[bytes]) -> Iterator[Slice]:
        delimiter = DELIMITERS[self._source.format]
        self.header, self.rows = (), 0
        plain = _PlainLines(self._blocks(file))
        number = 1
        for begin, data, lines in plain:
            line, start = begin, 0
            if not self.header:
                start = data.index(b"\n") + 1
                self._take_header(next(csv.reader(data[:start].decode().splitlines(), delimiter=delimiter)), line)
                line += 1
            for piece, count in _in_pieces(data[start:], lines - bool(start)):
                part = _with_content(Slice(number, range(line, line + count), plain=piece, by=delimiter))
                line += count
                number += len(part)
                if len(part):
                    yield part
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


def _in_pieces(data: bytes, lines: int) -> Iterator[tuple[bytes, int]]:
    """So many whole lines in pieces, and how many of them are in each."""
    rest = data
    for left in range(lines, 0, -_ROWS_AT_ONCE):
        piece = rest
        if left > _ROWS_AT_ONCE:
            rest = piece.split(b"\n", _ROWS_AT_ONCE)[-1]
            piece = piece[: -len(rest)]
        yield piece, min(left, _ROWS_AT_ONCE)


def _with_content(part: Slice) -> Slice:
    """The lines that are rows."""
    if not _MAYBE_EMPTY[part.by].search(b"\n" + part.plain):
        return part
    # A delimiter is no content. (Those of TSV are white space already.)
    texts = part.plain.decode().splitlines()
    places = [place for place, text in enumerate(texts) if text.replace(part.by, "\t").strip()]
    return part if len(places) == len(part) else part.only(places)


class _PlainLines:
    """Whole lines, as long as each line of the file is one row: no quotes, no line ends but those of editors.

    The text is stripped at both ends, as Sheepdog does. What is left where the plain lines end begins on line `number`.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.number = 1
        self._blocks = blocks
        self._rest = b""

    def __iter__(self) -> Iterator[tuple[int, bytes, int]]:
        """The line of the file on which the first of some lines stands; these lines; and how many they are."""
        begun = False
        for block in self._blocks:
            self._rest += block
            begun = begun or self._strip()
            if not begun:
                continue
            end = self._sure_end()
            if not end:
                if line_ends.has_odd(self._rest):  # whole lines may never come
                    return
                continue
            whole = self._rest[:end]
            _require_text(whole)
            if b'"' in whole or line_ends.has_odd(whole):
                return
            self._rest = self._rest[end:]
            count = whole.count(b"\n")
            self.number += count
            yield self.number - count, whole, count

    def rest(self) -> Iterator[str]:
        """The text that is left, in pieces."""
        decode = getincrementaldecoder("utf-8")().decode
        yield decode(self._rest)
        yield from map(decode, self._blocks)
        yield decode(b"", final=True)

    def _strip(self) -> bool:
        """Take off the white space at the beginning of the file; whether anything else is there."""
        text = _begun(self._rest)
        stripped = text.lstrip()
        if not stripped:
            return False
        lead = text[: len(text) - len(stripped)]
        self.number += lead.count("\n") + lead.count("\r") - lead.count("\r\n")
        self._rest = self._rest[len(lead.encode()) :]
        return True

    def _sure_end(self) -> int:
        """Where the whole lines end behind which there is more than white space: that may be the end of the file."""
        end = self._rest.rfind(b"\n") + 1
        if _begun(self._rest[end:]).strip():
            return end
        text = _begun(self._rest)
        return len(text[: text.rfind("\n", 0, len(text.rstrip())) + 1].encode())


def _require_text(data: bytes) -> None:
    """Look whether whole lines are UTF-8; in pieces, as memory that is used again costs less.

    Raises:
        UnicodeDecodeError: they are not.
    """
    if not data.isascii():
        decode = getincrementaldecoder("utf-8")().decode
        for start in range(0, len(data), _DECODED_AT_ONCE):
            decode(data[start : start + _DECODED_AT_ONCE])


def _begun(data: bytes) -> str:
    """The text of bytes that may end within a character, which is left out."""
    return getincrementaldecoder("utf-8")().decode(data)


class _Lines:
    """The lines that Sheepdog sees: the text stripped at both ends and cut with `str.splitlines`.

    Every line but the last ends in a line feed. Remembers on which line of the file, as an editor counts, the lines
    stand that were handed out since `taken` was last asked.
    """

    def __init__(self, before: _PlainLines) -> None:
        """`before` are the plain lines, all of them taken."""
        self._texts = before.rest()
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
        rest = ""
        for text in self._texts:
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
