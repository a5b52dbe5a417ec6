"""The options that commands share, and what they stand for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gen3submit.cli.settings import Settings, settings
from gen3submit.errors import UsageProblem
from gen3submit.messages import command_line as words

if TYPE_CHECKING:
    from gen3submit.commons import Commons
    from gen3submit.dictionary import Dictionary
    from gen3submit.progress import Progress

SANDBOX = "sandbox"
PRACTICE_PROJECT = "practice-study"

Command = Callable[..., Any]


def where_options(function: Command) -> Command:
    """The options that name a commons, a project and a dictionary."""
    for option in reversed(
        (
            click.option(
                "--commons", metavar="URL|sandbox", help="The commons; `sandbox` practises inside this command."
            ),
            click.option("--project", metavar="PROGRAM-CODE", help="The project to submit to."),
            click.option(
                "--dictionary",
                metavar="SOURCE",
                type=click.Path(),
                help="Data dictionary: a folder, a file or an address.",
            ),
            click.option("--credentials", metavar="FILE", type=click.Path(), help="Path or name of credentials.json."),
            click.option(
                "--allow-key-host", metavar="HOST", help="Send the API key to this host, though another issued it."
            ),
            click.option(
                "--data",
                type=click.Path(dir_okay=False, path_type=Path),
                help="With --commons sandbox: the file that keeps its records.",
            ),
        )
    ):
        function = option(function)
    return function


def output_options(function: Command) -> Command:
    """The options that say where the report goes, and how it looks."""
    for option in reversed(
        (
            click.option(
                "--format",
                "format_",
                default="text",
                show_default=True,
                type=click.Choice(["text", "concise", "json", "tsv", "html", "junit", "sarif", "github"]),
                help="Format of the report.",
            ),
            click.option("--output", metavar="FILE", type=click.Path(), help="File for the report instead of stdout."),
            click.option(
                "--report",
                "reports",
                multiple=True,
                type=click.Path(),
                metavar="FILE",
                help="A further report; its ending tells the format.",
            ),
            click.option("--all", "everything", is_flag=True, help="Show every finding, however many there are."),
            click.option("--no-values", is_flag=True, help="Keep values of the data out of reports."),
            click.option("-q", "--quiet", count=True, help="Say less: no progress; twice: no report either."),
            click.option("-v", "--verbose", count=True, help="Say more."),
            click.option("--no-color", is_flag=True, help="No colours (as NO_COLOR)."),
        )
    ):
        function = option(function)
    return function


existing_option = click.option(
    "--existing",
    multiple=True,
    type=click.Path(),
    metavar="PATH",
    help="Tables or JSON exports of records that the commons holds already; may be repeated.",
)


@dataclass
class Where:
    """The commons, project and dictionary that a command works with."""

    given: Settings
    data: Path | None = None
    allow_key_host: str | None = None
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        *,
        commons: str | None,
        project: str | None,
        dictionary: str | None,
        credentials: str | None,
        allow_key_host: str | None,
        data: Path | None,
    ) -> Where:
        """From the flags of `where_options`, over variables and the configuration file."""
        found = settings(commons=commons, project=project, dictionary=dictionary, credentials=credentials)
        if data is not None and found.commons != SANDBOX:
            raise UsageProblem(words.data_without_sandbox())
        return cls(found, data, allow_key_host)

    @property
    def is_sandbox(self) -> bool:
        """Whether the practice commons inside this command is meant."""
        return self.given.commons == SANDBOX

    @property
    def has_commons(self) -> bool:
        """Whether any commons is named."""
        return self.given.commons is not None

    @property
    def project(self) -> str | None:
        """The project; the practice commons has one of its own."""
        return self.given.project or (PRACTICE_PROJECT if self.is_sandbox else None)

    @property
    def needed_project(self) -> str:
        """The project.

        Raises:
            UsageProblem: there is none.
        """
        if self.project is None:
            raise UsageProblem(words.no_project())
        return self.project

    @cached_property
    def commons(self) -> Commons:
        """The commons.

        Raises:
            UsageProblem: none is named, nor does the environment or a key name one.
        """
        if self.is_sandbox:
            from gen3submit.practice import practice_commons

            return practice_commons(self._own_dictionary(), self.data, self.needed_project)
        from gen3submit.commons import Commons

        commons = Commons(
            self.given.commons, self.given.credentials, allow_key_host=self.allow_key_host, environment=os.environ
        )
        self.warnings += commons.warnings
        return commons

    @cached_property
    def dictionary(self) -> Dictionary:
        """The dictionary that was named; else the commons'.

        Raises:
            UsageProblem: neither is named.
        """
        from gen3submit.dictionary import Dictionary, practice_dictionary_folder

        own = self._own_dictionary()
        if own is not None:
            return own
        if self.is_sandbox:
            return Dictionary.load(practice_dictionary_folder())
        if not self.has_commons:
            raise UsageProblem(words.no_dictionary())
        return Dictionary.load(self.commons)

    def _own_dictionary(self) -> Dictionary | None:
        from gen3submit.dictionary import Dictionary

        return None if self.given.dictionary is None else Dictionary.load(self.given.dictionary)


@dataclass(frozen=True)
class Output:
    """Where the report goes, and how it looks."""

    format_: str
    output: str | None
    reports: Sequence[str]
    everything: bool
    no_values: bool
    quiet: int
    verbose: int
    no_color: bool

    @property
    def color(self) -> bool | None:
        """False without colours; None where the stream decides."""
        return False if self.no_color or os.environ.get("NO_COLOR") else None

    def progress(self) -> Progress:
        """The progress for people, on stderr."""
        from gen3submit.report.progress import progress_for

        return progress_for(sys.stderr, quiet=self.quiet > 0, color=self.color)

    def check_writable(self) -> None:
        """Look at the names of the reports before the work begins.

        Raises:
            UsageProblem: an ending that no format has.
        """
        if self.reports:
            from gen3submit.report.formats import format_for

            for path in self.reports:
                format_for(path)

    def write(self, view: Any, sources: Sequence[Any] | None = None) -> None:
        """Write the report, and every further one.

        Raises:
            UsageProblem: a file cannot be written.
        """
        from gen3submit.report.formats import FORMATS, ReportOptions, write_file

        shown = view.without_values() if self.no_values else view
        options = ReportOptions(
            most=None if self.everything or self.verbose else 50,
            color=self.color,
            sources=sources,
            report_paths=tuple(self.reports),
        )
        for path in self.reports:
            write_file(shown, path, options)
        if self.output is not None:
            write_file(shown, self.output, options, format_=self.format_)
        elif self.quiet < 2:
            FORMATS[self.format_].write(shown, sys.stdout, options)


def take_where(values: dict[str, Any]) -> Where:
    """Take the values of `where_options` out of a command's arguments."""
    names = ("commons", "project", "dictionary", "credentials", "allow_key_host", "data")
    return Where.of(**{name: values.pop(name) for name in names})


def take_output(values: dict[str, Any]) -> Output:
    """Take the values of `output_options` out of a command's arguments."""
    output = Output(**{name: values.pop(name) for name in Output.__dataclass_fields__})
    output.check_writable()
    return output
