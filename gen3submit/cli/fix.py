"""``gen3submit fix``: corrected copies of tables, and a list of what was changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gen3submit.cli.options import Output, existing_option, take_where, where_options
from gen3submit.errors import UsageProblem
from gen3submit.messages import fixing as words

if TYPE_CHECKING:
    from gen3submit.fixing import FixResult

_LISTING = ("changes", "changes.tsv")
"""Where the list stands in the folder of corrected tables: not beside them, where it would be taken for one."""


@click.command("fix", short_help="write corrected copies, and a list of every change")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@click.option(
    "--output",
    type=click.Path(),
    metavar="DIR",
    help="Folder for the corrected copies; tables without changes go there too.",
)
@click.option("--in-place", is_flag=True, help="Change the files themselves.")
@click.option("--unsafe", is_flag=True, help="Make guesses too; each is listed as one.")
@click.option("--overwrite", is_flag=True, help="Replace files that are in the output folder already.")
@where_options
@existing_option
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "tsv"]),
    help="Format of the list of changes.",
)
@click.option(
    "--changes",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Write the list of changes to a .json or .tsv file too.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="A report on what is left; its ending tells the format.",
)
@click.option("--all", "everything", is_flag=True, help="Show every change and every finding.")
@click.option("-q", "--quiet", count=True, help="Say less: no progress; twice: nothing at all.")
@click.option("--no-color", is_flag=True, help="No colours (as NO_COLOR).")
def command(
    paths: tuple[str, ...],
    output: str | None,
    in_place: bool,
    unsafe: bool,
    overwrite: bool,
    existing: tuple[str, ...],
    format_: str,
    changes: tuple[str, ...],
    reports: tuple[str, ...],
    everything: bool,
    quiet: int,
    no_color: bool,
    **options: Any,
) -> int:
    """Correct what can be corrected without altering its meaning.

    That is: encodings, line ends, blank lines, stray white space, empty cells too many, the spelling of column names,
    node types and allowed values, `yes` for a boolean, `12.0` for an integer, hashes in capital letters. With --unsafe
    also guesses: the nearest allowed value, the id that reads the same, decimal commas, days as date-times. Without
    --output or --in-place nothing is written. What was written is checked again.
    """
    from gen3submit.fixing import fix, listing
    from gen3submit.report.view import from_check

    if output is not None and in_place:
        raise UsageProblem(words.both_places())
    for path in changes:
        listing.check_ending(path)
    where = take_where(options)
    report = Output("text", None, reports, everything, no_values=False, quiet=quiet, verbose=0, no_color=no_color)
    report.check_writable()
    known: Any = list(existing) if existing else where.commons if where.has_commons else None
    result = fix(
        list(paths),
        dictionary=where.dictionary,
        project=where.project,
        existing=known,
        unsafe=unsafe,
        progress=report.progress(),
    )
    for warning in where.warnings:
        click.echo(warning, err=True)
    written, said = _write(result, output, in_place=in_place, overwrite=overwrite)
    for path in changes:
        listing.write_file(result, path)
    left = result.check_again(written) if output is not None else result.left
    if quiet < 2 and format_ == "text":
        listing.write_text(result.changes, sys.stdout, most=None if everything else 50)
        changed = sum(bool(table.changes) for table in result.tables)
        guesses = sum(change.guess for change in result.changes)
        click.echo(words.made(len(result.changes), guesses, changed, len(result.tables)))
        click.echo(said)
        click.echo(words.checked_again(left.ok) + "\n")
    elif quiet < 2:
        listing.write_json(result, sys.stdout) if format_ == "json" else listing.write_tsv(result.changes, sys.stdout)
        click.echo(f"{said}; {words.checked_again(left.ok).rstrip(':')}", err=True)
    _report(report, from_check(left, where.dictionary), with_text=format_ == "text")
    if not left.ok and not unsafe and quiet < 2:
        click.echo(words.guesses_possible(), err=True)
    return 0 if left.ok else 1


def _write(result: FixResult, output: str | None, *, in_place: bool, overwrite: bool) -> tuple[list[Path], str]:
    """Write the tables; the paths, and a sentence about them."""
    from gen3submit.fixing import listing

    if output is not None:
        written = result.write(output, overwrite=overwrite)
        place = Path(output, *_LISTING)
        listing.write_file(result, place)
        listing.write_file(result, place.with_suffix(".json"))
        return written, words.written_to(output, len(written), str(place))
    if in_place:
        written = result.write_in_place()
        return written, words.written_in_place(len(written))
    return [], words.nothing_written()


def _report(report: Output, view: Any, *, with_text: bool) -> None:
    """The report on what is left: on stdout after the text, and in every file that was asked for."""
    shown = report if with_text else Output(**{**vars(report), "quiet": 2})
    shown.write(view)
