"""Progress for people, on stderr: bars on a terminal, else a plain line every ten seconds.

Both keep quiet about what lasts less than a second.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from gen3submit.messages import progress as words
from gen3submit.progress import NO_PROGRESS, Progress, Task

if TYPE_CHECKING:
    from rich.progress import TaskID

QUIET_SECONDS = 1.0
"""Work that ends before is never spoken of."""
LINE_SECONDS = 10.0
"""How often a plain line is written."""


def progress_for(stream: TextIO, *, quiet: bool = False, color: bool | None = None) -> Progress:
    """The progress that suits the stream, which should be stderr.

    Args:
        stream: where it goes
        quiet: say nothing at all
        color: with colours or without; as the terminal and ``NO_COLOR`` say if not given
    """
    if quiet:
        return NO_PROGRESS
    return BarProgress(stream, color=color) if stream.isatty() else LineProgress(stream)


class _Task:
    """A piece of work that a `_Watched` progress looks after."""

    def __init__(self, owner: _Watched, name: str, total: int | None, unit: str, started: float) -> None:
        self.name = name
        self.total = total
        self.unit = unit
        self.started = started
        self.done = 0
        self._owner = owner
        self._lock = threading.Lock()

    def advance(self, count: int = 1) -> None:
        """So many more are done."""
        with self._lock:
            self.done += count

    def finish(self) -> None:
        """The work has ended."""
        self._owner.finish(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()


class _Watched(ABC):
    """Tasks, and a thread that looks at them now and then while there are any."""

    def __init__(self, every: float, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._every = every
        self._tasks: list[_Task] = []
        self._lock = threading.RLock()
        self._idle = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, name: str, total: int | None = None, unit: str = "rows") -> Task:
        """A piece of work begins."""
        task = _Task(self, name, total, unit, self.clock())
        with self._lock:
            self._tasks.append(task)
            if self._thread is None:
                self._idle = threading.Event()
                # A daemon: an interrupted command must not wait for its display.
                self._thread = threading.Thread(target=self._watch, args=(self._idle,), name="progress", daemon=True)
                self._thread.start()
        return task

    def finish(self, task: _Task) -> None:
        """The task has ended; nothing happens where it had ended before."""
        with self._lock:
            if task not in self._tasks:
                return
            self._tasks.remove(task)
            self.ended(task)
            if not self._tasks:
                self._idle.set()
                self._thread = None
                self.all_ended()

    def _watch(self, idle: threading.Event) -> None:
        while not idle.wait(self._every):
            self.look()

    def look(self) -> None:
        """Show what there is to show; called now and then."""
        with self._lock:
            for task in self._tasks:
                self.running(task)

    @abstractmethod
    def running(self, task: _Task) -> None:
        """The task is under way."""

    @abstractmethod
    def ended(self, task: _Task) -> None:
        """The task has ended."""

    @abstractmethod
    def all_ended(self) -> None:
        """No task is left."""


class LineProgress(_Watched):
    """A plain line every ten seconds for each task, and one at its end if it had any; for pipes and log files."""

    def __init__(
        self, stream: TextIO, *, every: float = LINE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(every, clock)
        self._stream = stream
        self._spoken_of: set[int] = set()

    def running(self, task: _Task) -> None:
        """Write a line, once the task is worth one."""
        seconds = self.clock() - task.started
        if seconds >= QUIET_SECONDS:
            self._spoken_of.add(id(task))
            self._write(words.line(task.name, task.done, task.total, task.unit, seconds))

    def ended(self, task: _Task) -> None:
        """Write a last line, if there was one before."""
        if id(task) in self._spoken_of:
            self._spoken_of.discard(id(task))
            self._write(words.ended(task.name, task.done, task.total, task.unit, self.clock() - task.started))

    def all_ended(self) -> None:
        """Leave nothing unwritten."""
        self._stream.flush()

    def note(self, line: str) -> None:
        """Write a line now."""
        with self._lock:
            self._write(words.note(line))

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class BarProgress(_Watched):
    """Bars with rate and time left, for a terminal."""

    def __init__(
        self,
        stream: TextIO,
        *,
        color: bool | None = None,
        every: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from rich.console import Console  # noqa: PLC0415  # costs a tenth of a second; only who shows bars pays
        from rich.progress import BarColumn, TextColumn  # noqa: PLC0415  # as above
        from rich.progress import Progress as RichProgress  # noqa: PLC0415  # as above

        super().__init__(every, clock)
        console = Console(file=stream, no_color=None if color is None else not color, highlight=False)
        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[amount]}", markup=False),
            TextColumn("{task.fields[pace]}", style="dim", markup=False),
            console=console,
            auto_refresh=False,  # the thread that looks at the tasks refreshes them
        )
        self._shown: dict[int, TaskID] = {}
        self._live = False

    def running(self, task: _Task) -> None:
        """Show the bar, once the task is worth one."""
        if self.clock() - task.started < QUIET_SECONDS:
            return
        if not self._live:
            self._live = True
            self._bars.start()
        if id(task) not in self._shown:
            self._shown[id(task)] = self._bars.add_task(words.note(task.name), total=task.total, amount="", pace="")
        self._draw(task)

    def ended(self, task: _Task) -> None:
        """Let the bar stand as it is."""
        if id(task) in self._shown:
            self._draw(task)
            self._bars.stop_task(self._shown.pop(id(task)))

    def all_ended(self) -> None:
        """Leave the bars above whatever comes next."""
        if self._live:
            self._live = False
            self._bars.refresh()
            self._bars.stop()
            for bar in self._bars.task_ids:
                self._bars.remove_task(bar)

    def note(self, line: str) -> None:
        """Write a line above the bars."""
        from rich.text import Text  # noqa: PLC0415  # rich is there already

        with self._lock:
            self._bars.console.print(Text(words.note(line)), soft_wrap=True)

    def _draw(self, task: _Task) -> None:
        self._bars.update(
            self._shown[id(task)],
            completed=task.done,
            amount=words.amount(task.done, task.total, task.unit),
            pace=words.pace(task.done, task.total, task.unit, self.clock() - task.started),
            refresh=True,
        )
