"""How long work tells how far it is; what becomes of that is the caller's affair."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self


class Task(Protocol):
    """A piece of work under way. Used in a ``with`` statement it finishes at its end."""

    def advance(self, count: int = 1) -> None:
        """So many more are done."""

    def finish(self) -> None:
        """The work has ended, whether all was done or not; a second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Progress(Protocol):
    """Is told of work that may last. Safe to use from several threads."""

    def start(self, name: str, total: int | None = None, unit: str = "rows") -> Task:
        """A piece of work begins.

        Args:
            name: what it is, such as ``sample`` or ``reading sample.tsv``
            total: how many there are to do, where that is known
            unit: of what, in the plural
        """

    def note(self, line: str) -> None:
        """Something happened that the user should see now, such as a request that is sent again."""


class _NoTask:
    """A task that nobody watches."""

    def advance(self, count: int = 1) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class NoProgress:
    """The default of every function that takes a `Progress`: says nothing."""

    def start(self, name: str, total: int | None = None, unit: str = "rows") -> Task:  # noqa: ARG002  # the protocol's names
        """A task that nobody watches."""
        return _NO_TASK

    def note(self, line: str) -> None:
        """Nothing."""


_NO_TASK = _NoTask()
NO_PROGRESS = NoProgress()
