"""Takes the records one by one out of a large JSON answer: `{"data": [record, …]}` or `[record, …]`."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from gen3submit.commons.parsing import nests_too_deeply, parse_shallow

LARGEST_RECORD = 64 * 2**20
_BLOCK = 256 * 1024
_BLOCK_TO_TAKE = 4 * 2**20
_SPACE = " \t\r\n"
_LONGEST_START = 200
"""Of a record, up to its first colon."""


class BadStream(ValueError):
    """Raised when the answer breaks off or is not of this form; callers say it in words."""


Take = Callable[[str], Sequence[dict[str, Any]] | None]
"""Is given many records at once, as a JSON list of objects that begin alike; gives back those that are left.

None where it cannot read them so: then they are all left.
"""


def records_in(file: IO[bytes], take: Take | None = None) -> Iterator[dict[str, Any]]:
    """The records of an export, in its order, holding few at a time.

    Args:
        file: the export.
        take: may take records before they are read one by one.

    Raises:
        BadStream: it breaks off, is no list of JSON objects, or one of them is larger or deeper than any record.
    """
    text = _Text(file, take)
    wrapped = text.peek() == "{"
    if wrapped:
        text.enter_member("data")
    text.take("[")
    if text.peek() != "]":
        while True:
            for record in text.values():
                if not isinstance(record, dict):
                    raise BadStream
                yield record
            if not text.skip(","):
                break
    text.take("]")
    if wrapped:
        text.take("}")
    if text.peek():
        raise BadStream


class _Text:
    """A JSON text, read as far as it is needed."""

    def __init__(self, file: IO[bytes], take: Take | None) -> None:
        self._file = file
        self._take = take
        self._block = _BLOCK if take is None else _BLOCK_TO_TAKE
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._ended = False

    def _more(self, size: int = 0) -> bool:
        if self._ended:
            return False
        block = self._file.read(size or self._block)
        self._ended = not block
        self._text = self._text[self._at :] + self._decode(block, final=self._ended)
        self._at = 0
        return True

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        if self.peek() != character:
            raise BadStream
        self._at += 1

    def skip(self, character: str) -> bool:
        """Pass over the next character and the white space after it, if it is this one."""
        if self._at < len(self._text) - 2 and self._text[self._at] == character:
            self._at += 2 if self._text[self._at + 1] == " " else 1
            return True
        if self.peek() != character:
            return False
        self._at += 1
        return True

    def values(self) -> Sequence[Any]:
        """The JSON values that come next with commas between them: one, or as many as are there and quickly read.

        Raises:
            BadStream: there is none, or one of them is larger or deeper than any record.
        """
        values = self._objects()
        if values is None:
            values = [self.value()]
            _require_shallow(values)
        return values

    def _objects(self) -> Sequence[Any] | None:
        """The JSON objects that are there, less those that are taken; None if they have to be read one by one.

        A text between two brackets is a list only if it was cut behind one of its items: neither a cut within a string
        nor one within an item leaves anything that can be read.
        """
        first = self._text[self._at : self._at + _LONGEST_START].partition(":")[0]
        ends = (self._text.rfind(f"}}{comma}{first}", self._at) + 1 for comma in (", ", ","))
        end = next(filter(None, ends), 0) if first.startswith("{") else 0
        if not end:
            return None
        text = f"[{self._text[self._at : end]}]"
        found = None if self._take is None else self._take(text)
        if found is not None:
            _require_shallow(found)
        else:
            try:
                found = parse_shallow(text)
            except RecursionError:
                raise BadStream from None
            except ValueError:
                return None
        self._at = end
        return found

    def value(self) -> Any:
        """The JSON value that comes next."""
        if self._text[self._at : self._at + 1] != "{":
            self.peek()
        size = self._block
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, RecursionError):
                end = -1
            # A number at the end of what was read may go on.
            if end >= 0 and (end < len(self._text) or self._ended):
                self._at = end
                return value
            # Each time as much again, so that a large record is not scanned once for each block.
            if len(self._text) - self._at > LARGEST_RECORD or not self._more(size):
                raise BadStream
            size *= 2

    def enter_member(self, wanted: str) -> None:
        """Go on to the value of this member of an object."""
        self.take("{")
        while True:
            name = self.value()
            self.take(":")
            if name == wanted:
                return
            self.value()
            self.take(",")


def _require_shallow(records: Sequence[Any]) -> None:
    if nests_too_deeply(records):
        raise BadStream
