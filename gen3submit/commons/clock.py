"""Time as the client sees it: one seam, so that tests need not wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, time that only goes forward, and waiting."""

    now: Callable[[], float] = time.time
    """Seconds since 1970 by this computer's clock, which may be wrong."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds since some moment; never set, but it may stand still while the computer sleeps."""
    sleep: Callable[[float], None] = time.sleep
