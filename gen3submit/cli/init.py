"""``gen3submit init``: a folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.messages import templates as words


@click.command("init", short_help="make a starter folder: settings, templates, next steps")
@click.argument("folder", default=".", type=click.Path(), metavar="[FOLDER]")
@click.option("--node", "nodes", multiple=True, metavar="NODE", help="Template of this node type; may be repeated.")
@click.option(
    "--format",
    "format_",
    default="tsv",
    show_default=True,
    type=click.Choice(["tsv", "xlsx"]),
    help="Format of the templates.",
)
@where_options
def command(folder: str, nodes: tuple[str, ...], format_: str, **options: Any) -> None:
    """Make a folder with settings (gen3submit.toml), a template of each node type, and a README with the next steps.

    The dictionary is that of --commons, or the one named with --dictionary. Nothing that is there is overwritten.
    """
    from gen3submit.starting import README, start

    where = take_where(options)
    given = where.given
    started = start(
        folder,
        where.dictionary,
        settings={
            "commons": given.commons,
            "project": where.project,
            "dictionary": given.dictionary,
            "credentials": given.credentials,
        },
        only=nodes,
        format_=format_,
    )
    for warning in where.warnings:
        click.echo(warning, err=True)
    for path in started.wrote:
        click.echo(words.wrote(str(path)))
    for path in started.kept:
        click.echo(words.kept(str(path)))
    click.echo(words.started(str(Path(folder, README))))
