"""Doing something again whenever files change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import click

from gen3submit.errors import UsageProblem
from gen3submit.messages import command_line as words

INTERVAL = 0.5
"""Seconds between two looks; files are asked for their times, which works on every file system."""

Seen = frozenset[tuple[str, int, int]]


def again_on_change(paths: Sequence[str], work: Callable[[], object], *, interval: float = INTERVAL) -> NoReturn:
    """Do the work now and after every change of the tables, until somebody interrupts.

    Input that cannot be used, such as a folder without tables or a half-written workbook, is told, and waited for.
    """
    while True:
        seen = look(paths)
        try:
            work()
        except UsageProblem as problem:
            click.echo(words.problem(str(problem)), err=True)
        sys.stdout.flush()  # whoever reads a pipe waits for it
        click.echo(words.watching(time.strftime("%H:%M:%S")), err=True)
        while look(paths) == seen:
            time.sleep(interval)


def look(paths: Sequence[str]) -> Seen:
    """Each table that the paths name, with its size and the time of its last change."""
    from gen3submit.tables.sources import sources

    found: set[tuple[str, int, int]] = set()
    for path in paths:
        try:
            files = {source.file for source in sources(path) if source.file is not None}
        except UsageProblem:
            files = {Path(path)}
        for file in files:
            try:
                state = file.stat()
            except OSError:
                continue
            found.add((str(file), state.st_size, state.st_mtime_ns))
    return frozenset(found)
