"""The bytes of a big table, read a piece at a time, and where its rows begin and end."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from pathlib import Path

from gen3submit.rules.bodies import DELIMITERS, read_table

_HEAD = 1 << 20
_TAIL = 1 << 16
_CUTTING = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line for ``str.splitlines`` besides a newline."""


class NotColumnar(Exception):
    """Raised where the fast path cannot promise the exact result; the table then goes the exact way."""


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of a table: of a file, or in memory. Can be sent to another process."""

    size: int
    file: Path | None = None
    data: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, file: Path | None, data: bytes | None = None) -> Body:
        """The bytes of the file, or those given."""
        if data is not None:
            return cls(len(data), None, data)
        assert file is not None
        return cls(file.stat().st_size, file.resolve())

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to `stop`.

        Raises:
            NotColumnar: the file became shorter since.
        """
        stop = min(stop, self.size)
        if self.file is None:
            return self.data[start:stop]
        with self.file.open("rb", buffering=0) as stream:
            found = os.pread(stream.fileno(), stop - start, start) if hasattr(os, "pread") else b""
            while len(found) < stop - start:  # a call gives 2 GB at most
                stream.seek(start + len(found))
                more = stream.read(stop - start - len(found))
                if not more:
                    raise NotColumnar("the file changed")
                found += more
        return found


@dataclass(frozen=True, slots=True)
class Extent:
    """The header of a body that is stripped at both ends, and where its rows stand."""

    header: tuple[str, ...]
    header_text: str
    header_line: int
    """The line of the file on which it stands (1-based)."""
    start: int
    """Where the first row begins."""
    last_line: int
    """Where the last line begins."""
    stop: int
    """Where the last line ends: white space behind it does not count."""


def extent(body: Body, format_: str) -> Extent:
    """Find the header and the ends.

    Raises:
        NotColumnar: the header is odd, there are no rows, or these parts are no UTF-8.
    """
    try:
        text, line, start = _header(body, DELIMITERS[format_])
        stop = _end(body)
    except UnicodeDecodeError:
        raise NotColumnar("not UTF-8") from None
    if stop <= start:
        raise NotColumnar("no rows")
    table = read_table(f"{text}\nx", DELIMITERS[format_])
    return Extent(tuple(table.header), text, line, start, _last_line(body, start, stop), stop)


def _header(body: Body, delimiter: str) -> tuple[str, int, int]:
    head = body.read(0, _HEAD)
    head = head[: head.rfind(b"\n") + 1]
    text = head.decode("utf-8")
    stripped = text.lstrip()
    lead = text[: len(text) - len(stripped)]
    line, newline, _ = stripped.partition("\n")
    line = line.removesuffix("\r")
    if not newline or "\0" in line or delimiter not in line or any(c in line for c in _CUTTING):
        raise NotColumnar("an odd header")
    if '"' in line and len(list(csv.reader([f"{line}\n", "x"], delimiter=delimiter))) != 2:
        raise NotColumnar("a header of several lines")
    start = len((lead + stripped[: stripped.index("\n") + 1]).encode())
    return line, 1 + lead.count("\n") + lead.count("\r") - lead.count("\r\n"), start


def _end(body: Body) -> int:
    length = _TAIL
    while True:
        tail = body.read(max(body.size - length, 0), body.size)
        skipped = next((n for n in range(min(4, len(tail))) if tail[n] & 0xC0 != 0x80), 0)
        kept = tail[skipped:].decode("utf-8").rstrip()
        if kept or length >= body.size:
            return body.size - len(tail) + skipped + len(kept.encode())
        length *= 8


def _last_line(body: Body, start: int, stop: int) -> int:
    length = _TAIL
    while True:
        low = max(stop - length, start)
        found = body.read(low, stop).rfind(b"\n")
        if found >= 0:
            return low + found + 1
        if low == start:
            return start
        length *= 8
