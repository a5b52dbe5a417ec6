"""The group of commands, loaded one by one, and how each of them ends."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click

from gen3submit import __version__
from gen3submit.errors import Gen3SubmitError
from gen3submit.messages import command_line as words

EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class Commands(click.Group):
    """Finds a command in ``gen3submit.cli.<name>`` when it is called, so that no other one's imports are paid for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The names of all commands."""
        return [command.name for command in words.COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; None where there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"gen3submit.cli.{cmd_name}").command
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """The same help as without click."""
        formatter.write(words.main_help())


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gen3submit")
def commands() -> None:
    """Check and submit metadata to a Gen3 data commons."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code. A person's mistake is one sentence on stderr, never a traceback."""
    try:
        code = commands.main(list(arguments), prog_name="gen3submit", standalone_mode=False)
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as refused:
        refused.show()
        return EXIT_USAGE
    except Gen3SubmitError as problem:
        click.echo(words.problem(str(problem)), err=True)
        return EXIT_USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo(words.interrupted(), err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return 0
    except Exception as error:  # noqa: BLE001  # the last resort: a bug is told in one line, with its details in a file
        click.echo(words.bug(f"{type(error).__name__}: {error}", _write_details()), err=True)
        return EXIT_BUG
    return code if isinstance(code, int) else 0


def _close_stdout() -> None:
    """Whoever read our output has gone; keep Python from complaining about it at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_details() -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    details = f"gen3submit {__version__}, Python {sys.version}\n\n{traceback.format_exc()}"
    try:
        import platformdirs  # only needed here

        folder = platformdirs.user_log_path("gen3submit")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir())
    path = folder / f"bug-{stamp}-{os.getpid()}.log"
    try:
        path.write_text(details, encoding="utf-8")
    except OSError:
        return "nowhere (no folder to write to)"
    return str(path)
