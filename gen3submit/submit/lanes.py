"""Requests side by side, each in a thread of its own; and calls that are waited for no longer than the user wants."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gen3submit.submit.stopping import Interrupted, Stop

T = TypeVar("T")
R = TypeVar("R")

_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class _Done(Generic[T, R]):
    item: T
    result: R | None
    error: BaseException | None


class Lanes(Generic[T, R]):
    """Carries out one call for each item, at most `width` at once, and hands the results back as they come.

    The threads do not keep the process alive: what is under way when it ends is left to the other side.
    """

    def __init__(self, width: int, call: Callable[[T], R], stop: Stop) -> None:
        self._width = width
        self._call = call
        self._stop = stop
        self._done: queue.SimpleQueue[_Done[T, R]] = queue.SimpleQueue()
        self.under_way = 0
        """How many calls have not been handed back."""

    @property
    def has_room(self) -> bool:
        """Whether another call may be started."""
        return self.under_way < self._width

    def start(self, item: T) -> None:
        """Begin the call for an item."""
        self.under_way += 1
        threading.Thread(target=self._carry_out, args=(item,), name="request", daemon=True).start()

    def _carry_out(self, item: T) -> None:
        result: R | None = None
        met: BaseException | None = None
        try:
            result = self._call(item)
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
            met = error
        self._done.put(_Done(item, result, met))

    def next(self) -> tuple[T, R]:
        """The next item that is done, and its result.

        Raises:
            Interrupted: the user wants to stop, and the requests had their time.
        """
        while True:
            try:
                done = self._done.get(timeout=_LOOK)
            except queue.Empty:
                if self._stop.seconds_left <= 0:
                    raise Interrupted from None
                continue
            self.under_way -= 1
            if done.error is not None:
                raise done.error
            return done.item, done.result  # type: ignore[return-value]  # a result wherever there is no error


def call(function: Callable[[], R], stop: Stop) -> R:
    """The result of a call that may last, such as a question to the commons.

    Raises:
        Interrupted: the user wants to stop, and it had its time.
    """
    lane: Lanes[None, R] = Lanes(1, lambda _: function(), stop)
    lane.start(None)
    return lane.next()[1]
