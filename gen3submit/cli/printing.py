"""Where the answers of commands go: stdout or a file, and never a character to a terminal that it would obey."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gen3submit.messages.wording import visible

if TYPE_CHECKING:
    from gen3submit.cli.options import Where
    from gen3submit.exporting import Sink
    from gen3submit.progress import Progress

Command = Callable[..., Any]

output_option = click.option("--output", metavar="FILE", help="File to write to instead of stdout.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say less on stderr: no progress, no sums.")


def format_option(*formats: str) -> Callable[[Command], Command]:
    """The option `--format`; the first of the formats is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the answer is written.",
    )


def progress_of(quiet: bool) -> Progress:
    """The progress for people, on stderr."""
    from gen3submit.report.progress import progress_for

    return progress_for(sys.stderr, quiet=quiet)


def say(*lines: str) -> None:
    """Write sentences to stderr."""
    for line in lines:
        click.echo(visible(line), err=True)


def say_warnings(where: Where) -> None:
    """Write what is to be known of the commons and the credentials to stderr."""
    say(*where.warnings)


def is_terminal(output: str | None) -> bool:
    """Whether what is written goes to a terminal."""
    return output is None and sys.stdout.isatty()


@contextmanager
def opened(output: str | None) -> Iterator[Sink]:
    """A stream to write the answer to; a file appears once it is whole.

    Raises:
        UsageProblem: the file cannot be written.
    """
    if output is None:
        sys.stdout.flush()
        stream = sys.stdout.buffer
        yield _Visible(stream) if is_terminal(output) else stream
        stream.flush()
        return
    from gen3submit.commons.files import new_file

    with new_file(Path(output)) as file:
        yield file


def write_lines(lines: Iterable[str], output: str | None = None) -> None:
    """Write lines to a file or stdout."""
    with opened(output) as stream:
        encoding = "utf-8" if output is not None else sys.stdout.encoding or "utf-8"
        stream.writelines(f"{line}\n".encode(encoding, "backslashreplace") for line in lines)


def write_json(value: Any, output: str | None = None) -> None:
    """Write a value as JSON."""
    from gen3submit.listing import json_text

    write_lines([json_text(value)], output)


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], format_: str, output: str | None = None) -> None:
    """Write rows as an aligned ``table`` or as ``tsv``."""
    from gen3submit.listing import aligned, tsv

    if format_ == "tsv":
        write_lines(tsv(columns, rows, for_terminal=is_terminal(output)), output)
    else:
        write_lines(aligned(columns, rows), output)


class _Visible:
    """Shows on a terminal what is written: whatever does not print becomes an escape, but tabs and line ends."""

    def __init__(self, stream: Sink) -> None:
        self._stream = stream

    def write(self, content: bytes, /) -> object:
        text = content.decode("utf-8", "replace")
        lines = ["\t".join(map(visible, line.split("\t"))) for line in text.split("\n")]
        return self._stream.write("\n".join(lines).encode(sys.stdout.encoding or "utf-8", "backslashreplace"))

    def writelines(self, lines: Iterable[bytes], /) -> object:
        for line in lines:
            self.write(line)
        return None
