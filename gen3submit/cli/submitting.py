"""What the commands that send have in common: options, the user's wish to stop, the report."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gen3submit.cli.options import Output, Where
from gen3submit.cli.printing import say
from gen3submit.messages import submit_commands as words

if TYPE_CHECKING:
    from gen3submit.submit import Circumstances, SubmissionReport

EXIT_INTERRUPTED = 130

Command = Callable[..., Any]


def sending_options(function: Command) -> Command:
    """The options that say how it is sent."""
    for option in reversed(
        (
            click.option("--batch-size", type=click.IntRange(1), metavar="N", help="The most rows in a request."),
            click.option("--parallel", type=click.IntRange(1, 32), metavar="N", help="Requests under way at once."),
            click.option("--no-verify", is_flag=True, help="Believe the server's success without a proof."),
            click.option("--overwrite", is_flag=True, help="Send rows, too, that somebody changed since the plan."),
        )
    ):
        function = option(function)
    return function


def is_plan(paths: tuple[str, ...]) -> bool:
    """Whether a plan or a journal is meant, and no tables."""
    if len(paths) != 1 or not Path(paths[0]).is_file():
        return False
    with Path(paths[0]).open("rb") as file:
        return file.read(15) == b"SQLite format 3"


@contextmanager
def circumstances(where: Where) -> Iterator[Circumstances]:
    """How it is carried out: Ctrl-C stops it gently; what a passing practice commons leaves behind passes, too."""
    from gen3submit.submit import Circumstances

    with tempfile.TemporaryDirectory() if where.is_sandbox and where.data is None else _nowhere() as folder:
        around = Circumstances(state=None if folder is None else Path(folder))
        if threading.current_thread() is not threading.main_thread():
            yield around
            return
        with around.stop.on_signals(signal.SIGINT, signal.SIGTERM):
            yield around


@contextmanager
def _nowhere() -> Iterator[None]:
    yield None


def tell(report: SubmissionReport, where: Where, output: Output) -> int:
    """Write the report of a submission; the exit code."""
    from gen3submit.report.view import from_submission

    with report:
        say(*where.warnings)
        output.write(from_submission(report, where.dictionary))
        lasting = not (where.is_sandbox and where.data is None)
        if lasting and report.exit_code == 3 and output.quiet < 2:
            say(words.how_to_go_on(report.run_id))
        sys.stdout.flush()
        return EXIT_INTERRUPTED if report.interrupted else report.exit_code
