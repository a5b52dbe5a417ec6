"""A question to the commons that is asked before its answer is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from gen3submit.errors import Gen3SubmitError

R = TypeVar("R")


class Asked(Generic[R]):
    """Asks at once, in a thread that does not keep the process alive."""

    def __init__(self, question: Callable[[], R]) -> None:
        self.answer: R | None = None
        """None while there is none; for ever, if the question failed: then it is asked again where it matters."""
        threading.Thread(target=self._ask, args=(question,), name="asking", daemon=True).start()

    def _ask(self, question: Callable[[], R]) -> None:
        with suppress(Gen3SubmitError):
            self.answer = question()
