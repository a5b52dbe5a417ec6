"""Sentences about how far long work is."""

from __future__ import annotations

from gen3submit.messages.wording import visible


def amount(done: int, total: int | None, unit: str) -> str:
    """``1,100 of 2,310 rows``."""
    return f"{done:,} {unit}" if total is None else f"{done:,} of {total:,} {unit}"


def rate(per_second: float, unit: str) -> str:
    """``98 rows/s``; ``4 rows/min`` where it is slow."""
    if per_second >= 10:
        return f"{per_second:,.0f} {unit}/s"
    if per_second >= 1:
        return f"{per_second:.1f} {unit}/s"
    return f"{per_second * 60:.1f} {unit}/min"


def duration(seconds: float) -> str:
    """``0:12``, ``3:05`` or ``1:02:03``."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def pace(done: int, total: int | None, unit: str, seconds: float) -> str:
    """``98 rows/s, 0:12 left``; how long it has taken so far where nothing is done yet."""
    if done <= 0 or seconds <= 0:
        return f"{duration(seconds)} so far"
    speed = done / seconds
    if total is None or done >= total:
        return rate(speed, unit)
    return f"{rate(speed, unit)}, {duration((total - done) / speed)} left"


def line(name: str, done: int, total: int | None, unit: str, seconds: float) -> str:
    """``sample: 1,100 of 2,310 rows, 98 rows/s, 0:12 left``."""
    return f"{visible(name)}: {amount(done, total, unit)}, {pace(done, total, unit, seconds)}"


def ended(name: str, done: int, total: int | None, unit: str, seconds: float) -> str:
    """``sample: 2,310 of 2,310 rows in 0:24``."""
    return f"{visible(name)}: {amount(done, total, unit)} in {duration(seconds)}"


def note(text: str) -> str:
    """Something that happened meanwhile."""
    return visible(text)
