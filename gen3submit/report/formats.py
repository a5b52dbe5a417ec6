"""The formats of a report by name and by the ending of a file, and writing one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from gen3submit.errors import UsageProblem
from gen3submit.messages import report as words

if TYPE_CHECKING:
    from gen3submit.report.model import ReportView
    from gen3submit.tables.source import Source


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a caller may choose about a report; each format takes what concerns it."""

    most: int | None = 50
    """How many folded findings the text shows; None for all."""
    width: int | None = None
    """Of the text; as wide as the terminal, or 100, if not given."""
    color: bool | None = None
    """Of the text; as the stream and ``NO_COLOR`` say if not given."""
    sources: Sequence[Source] | None = None
    """The tables whose rows the TSV repeats; read again from their paths if not given."""
    no_values: bool = False
    """Leave out whatever comes of the data: see `ReportView.without_values`."""
    report_paths: tuple[str, ...] = ()
    """Other reports that are written, which the text names at its end."""


class Writer(Protocol):
    """Writes a report."""

    def __call__(self, view: ReportView, stream: TextIO, options: ReportOptions) -> None:
        """Write the whole report to the stream."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of a report."""

    name: str
    module: str
    """The module whose function of the name `function` writes it; imported when it is needed."""
    suffixes: tuple[str, ...]
    """The endings of files that are written so."""
    about: str
    """What it is for, in a few words."""
    function: str = "write"

    def write(self, view: ReportView, stream: TextIO, options: ReportOptions | None = None) -> None:
        """Write the whole report to the stream."""
        writer: Writer = getattr(import_module(f"gen3submit.report.{self.module}"), self.function)
        options = options or ReportOptions()
        writer(view.without_values() if options.no_values else view, stream, options)


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("text", "text", (".txt",), words.about_text()),
        Format("concise", "text", (), words.about_concise(), "write_concise"),
        Format("json", "json", (".json",), words.about_json()),
        Format("tsv", "tsv", (".tsv",), words.about_tsv()),
        Format("html", "html", (".html", ".htm"), words.about_html()),
        Format("junit", "junit", (".xml",), words.about_junit()),
        Format("sarif", "sarif", (".sarif", ".sarif.json"), words.about_sarif()),
        Format("github", "github", (), words.about_github()),
    )
}
"""Every format by its name."""


def format_for(path: str | os.PathLike[str]) -> Format:
    """The format that the ending of the path asks for.

    Raises:
        UsageProblem: no format has this ending.
    """
    name = Path(path).name.lower()
    endings = {suffix: each for each in FORMATS.values() for suffix in each.suffixes}
    for suffix in sorted(endings, key=len, reverse=True):
        if name.endswith(suffix):
            return endings[suffix]
    raise UsageProblem(words.unknown_ending(os.fspath(path), sorted(endings)))


def write_file(
    view: ReportView, path: str | os.PathLike[str], options: ReportOptions | None = None, *, format_: str | None = None
) -> None:
    """Write a report to a file, in the format of the path's ending or the one that is named.

    The file is replaced only once the report is complete.

    Raises:
        UsageProblem: no such format, or the file cannot be written.
    """
    if format_ is not None and format_ not in FORMATS:
        raise UsageProblem(words.unknown_format(format_, sorted(FORMATS)))
    chosen = format_for(path) if format_ is None else FORMATS[format_]
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
        try:
            with open(handle, "w", encoding="utf-8", newline="", errors="backslashreplace") as stream:  # noqa: PTH123  # of a descriptor
                chosen.write(view, stream, options)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageProblem(words.not_written(os.fspath(path), error.strerror or str(error))) from None


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
