"""Sets of row numbers as short text: ``1-30,34``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def ranges_of(numbers: Iterable[int]) -> str:
    """The numbers as ranges, in rising order."""
    parts: list[str] = []
    first = last = None
    for number in sorted(numbers):
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            parts.append(_range(first, last))
        first = last = number
    if first is not None:
        parts.append(_range(first, last))
    return ",".join(parts)


def numbers_in(ranges: str) -> Iterator[int]:
    """The numbers of the ranges."""
    for first, last in bounds_in(ranges):
        yield from range(first, last + 1)


def bounds_in(ranges: str) -> Iterator[tuple[int, int]]:
    """The first and the last number of each range."""
    for part in ranges.split(","):
        if part:
            first, _, last = part.partition("-")
            yield int(first), int(last or first)


def _range(first: int, last: int | None) -> str:
    return str(first) if first == last else f"{first}-{last}"
