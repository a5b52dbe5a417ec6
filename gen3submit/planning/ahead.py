"""Records of a commons, asked for before they are wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from gen3submit.commons.streaming import Take


class ExportAhead:
    """Records that were asked for before they are wanted: the commons takes its time while something else is done."""

    def __init__(self, export: Callable[..., Iterator[dict[str, Any]]], before: ExportAhead | None) -> None:
        """They are asked for once those `before` are there: the commons is not to do many things at once."""
        self._export = export
        self._before = before
        self._records: Iterator[dict[str, Any]] = iter(())
        self._first: list[dict[str, Any]] = []
        self._problem: BaseException | None = None
        self._take: Take | None = None
        self._here = threading.Event()
        self._wanted = threading.Event()
        # It does not keep the process alive.
        self._thread = threading.Thread(target=self._begin, name="reading ahead", daemon=True)
        self._thread.start()

    def _begin(self) -> None:
        if self._before is not None:
            self._before._here.wait()
            self._before = None
        try:
            self._records = self._export(take=self._taken)
            self._first = list(islice(self._records, 1))  # all of it is there once the first is
        except BaseException as problem:  # noqa: BLE001  # raised again where the records are wanted
            self._problem = problem
        finally:
            self._here.set()

    def _taken(self, text: str) -> Sequence[dict[str, Any]] | None:
        """Nothing is taken until it is known what to take."""
        self._here.set()
        self._wanted.wait()
        return None if self._take is None else self._take(text)

    def records(self, take: Take | None) -> Iterator[dict[str, Any]]:
        """The records, less those that are taken.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        self._take = take
        self.let_go()
        self._thread.join()
        if self._problem is not None:
            raise self._problem
        yield from self._first
        yield from self._records

    def let_go(self) -> None:
        """Wait no longer for what to take."""
        self._wanted.set()
