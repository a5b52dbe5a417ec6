"""How long a submission waits, for what, and how often it tries; and the waiting itself."""

from __future__ import annotations

import random
from dataclasses import dataclass

from gen3submit.commons.clock import Clock
from gen3submit.messages import submit as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.submit.stopping import Interrupted, Stop

_SLICE = 0.1


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of waiting, in seconds. The defaults suit a Gen3 commons behind its own gateway."""

    running: float = 330.0
    """How long a request may run: the gateways and the services themselves give up after 300."""
    unseen: float = 10.0
    """After this long, a request whose connection broke and that left no trace in the log did not arrive."""
    unseen_slow: float = 30.0
    """The same after a time-out or an error of a gateway, when services may be busy."""
    blind: float = 60.0
    """How long the records are read again and again where there is no log to be read."""
    proof: float = 10.0
    """How long a transaction that was answered with success may be on its way to SUCCEEDED."""
    attempts: int = 6
    """How often the same rows are sent in vain before the submission stops."""
    first_pause: float = 1.0
    """Before the first new try; each further one waits twice as long."""
    longest_pause: float = 60.0
    longest_wish: float = 600.0
    """The longest wait that a commons may wish for with Retry-After; beyond it the submission stops."""
    fresh: float = 600.0
    """How old what is known of the commons may be when a node type's turn comes; then it is compared again."""
    target: float = 10.0
    """The seconds that a request should take."""


class Waiting:
    """Waits, visibly, and no longer than the user wants."""

    def __init__(
        self,
        patience: Patience,
        clock: Clock,
        stop: Stop,
        progress: Progress = NO_PROGRESS,
        chance: random.Random | None = None,
    ) -> None:
        self.patience = patience
        self.clock = clock
        self.stop = stop
        self._progress = progress
        self._chance = chance or random.Random()  # noqa: S311  # spreads clients over time; no secret

    def back_off(self, attempt: int) -> float:
        """How long to wait before a try, the second being `attempt` 1."""
        pause = self.patience.first_pause * 2.0 ** (attempt - 1)
        return min(pause, self.patience.longest_pause) * self._chance.uniform(0.75, 1.25)

    def pause(self, seconds: float, why: str = "") -> None:
        """Wait.

        Args:
            seconds: how long.
            why: told to the user, if it is worth telling.

        Raises:
            Interrupted: the user wants to stop.
        """
        if why:
            self._progress.note(words.waiting(why, seconds))
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            if self.stop.asked:
                raise Interrupted
            self.clock.sleep(min(_SLICE, left))
        if self.stop.asked:
            raise Interrupted
