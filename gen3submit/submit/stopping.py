"""How a submission is stopped by its user: the first time gently, the second time at once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

GRACE = 8.0
"""Seconds that requests under way have to come back after the first wish to stop."""


class Interrupted(Exception):
    """Raised within a submission when its user wants it to stop, and nothing may be waited for any longer."""


class Stop:
    """Tells a submission that its user wants it to stop. `ask` may be called from a signal handler."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, grace: float = GRACE) -> None:
        self._monotonic = monotonic
        self._grace = grace
        self._asked_at: float | None = None
        self.gentle = False
        """Whether requests may be under way; as long as none are, the first wish is enough to leave at once."""

    @property
    def asked(self) -> bool:
        """Whether the user wants it to stop."""
        return self._asked_at is not None

    @property
    def seconds_left(self) -> float:
        """How long requests that are under way may still be waited for."""
        if self._asked_at is None:
            return float("inf")
        return max(0.0, self._asked_at + self._grace - self._monotonic())

    def ask(self) -> None:
        """Stop: finish what is under way; or, asked again, leave now.

        Raises:
            KeyboardInterrupt: it is to be left at once.
        """
        if self._asked_at is not None or not self.gentle:
            raise KeyboardInterrupt
        self._asked_at = self._monotonic()

    def check(self) -> None:
        """Go on only if the user did not want it to stop.

        Raises:
            Interrupted: the user did.
        """
        if self.asked:
            raise Interrupted

    @contextmanager
    def on_signals(self, *signals: signal.Signals) -> Iterator[None]:
        """Ask when one of the signals comes; ^C and SIGTERM if none are named. Only in the main thread."""

        def handle(_signal: int, _frame: FrameType | None) -> None:
            self.ask()

        before = {each: signal.signal(each, handle) for each in signals or (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
