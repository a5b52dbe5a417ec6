"""``gen3submit template``: empty tables to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.errors import UsageProblem
from gen3submit.messages import templates as words

if TYPE_CHECKING:
    from gen3submit.templates import Template


@click.command("template", short_help="make empty tables to fill in, for text editors or spreadsheets")
@click.argument("nodes", nargs=-1, required=True, metavar="NODE...")
@click.option(
    "--format", "format_", type=click.Choice(["tsv", "xlsx"]), help="Format; told by the ending of --output, else tsv."
)
@click.option(
    "--output",
    type=click.Path(),
    metavar="DIR|FILE",
    help="A folder, or a file that ends in .tsv or .xlsx; stdout if not given.",
)
@click.option("--mark-required", is_flag=True, help="An asterisk before the names of required columns.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there already.")
@where_options
def command(
    nodes: tuple[str, ...],
    format_: str | None,
    output: str | None,
    mark_required: bool,
    overwrite: bool,
    **options: Any,
) -> None:
    """Make an empty table for each node type, the required columns first.

    Leave out the columns that you do not need. A workbook (.xlsx) has drop-down lists of the allowed values, a sheet of
    notes, and a sheet for each node type; `gen3submit check` reads it as it is.
    """
    from gen3submit.templates import template

    suffix = Path(output).suffix.lower().lstrip(".") if output is not None else ""
    if suffix in ("tsv", "xlsx"):
        if format_ not in (None, suffix):
            raise UsageProblem(words.ending_is_not(str(output), str(format_)))
        format_ = suffix
    format_ = format_ or "tsv"
    if output is None and format_ == "xlsx":
        raise UsageProblem(words.needs_file())
    if len(nodes) > 1 and (output is None or suffix == "tsv"):
        raise UsageProblem(words.several_need_folder())
    where = take_where(options)
    templates = [template(where.dictionary, node) for node in dict.fromkeys(nodes)]
    for warning in where.warnings:
        click.echo(warning, err=True)
    if output is None:
        click.echo(templates[0].tsv(mark_required=mark_required), nl=False)
        return
    files = _files(templates, format_, Path(output), mark_required, in_one=bool(suffix))
    for path in files:
        if path.exists() and not overwrite:
            raise UsageProblem(words.exists_already(str(path)))
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise UsageProblem(words.not_written(str(path), error.strerror or str(error))) from None
    click.echo(words.written([str(path) for path in files]))


def _files(
    templates: Sequence[Template], format_: str, output: Path, mark_required: bool, *, in_one: bool
) -> dict[Path, bytes]:
    """The files and what goes into them."""
    if format_ == "xlsx":
        from gen3submit.templates.workbook import workbook

        if in_one:
            return {output: workbook(templates, mark_required=mark_required)}
        return {output / f"{each.node}.xlsx": workbook([each], mark_required=mark_required) for each in templates}
    texts = {each.node: each.tsv(mark_required=mark_required).encode() for each in templates}
    return {output if in_one else output / f"{node}.tsv": text for node, text in texts.items()}
