"""``gen3submit check``: what the server would say of every row, before anything is sent."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import existing_option, output_options, take_output, take_where, where_options


@click.command("check", short_help="say what the server would say of every row; sends nothing")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@where_options
@existing_option
@output_options
def command(paths: tuple[str, ...], existing: tuple[str, ...], **options: Any) -> int:
    """Check tables: files, folders or patterns, all together one submission.

    Tells for every row whether the server would create, update, reject, drop or lose it, and why; and what it would
    change on the way. Nothing is sent. With --commons, parents and records that are already there are looked up.
    """
    from gen3submit.checking import check
    from gen3submit.report.view import from_check

    where, output = take_where(options), take_output(options)
    known: Any = list(existing) if existing else where.commons if where.has_commons else None
    result = check(
        list(paths),
        dictionary=where.dictionary,
        project=where.project,
        existing=known,
        progress=output.progress(),
    )
    for warning in where.warnings:
        click.echo(warning, err=True)
    output.write(from_check(result, where.dictionary))
    return 0 if result.ok else 1
