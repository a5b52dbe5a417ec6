"""``gen3submit plan``: what would be sent, in which order, and what that would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gen3submit.cli.options import existing_option, output_options, take_output, take_where, where_options
from gen3submit.cli.printing import say
from gen3submit.messages import submit_commands as words


@click.command("plan", short_help="show what would be sent, in which order; sends nothing")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@where_options
@existing_option
@click.option("--good-rows", is_flag=True, help="Plan the rows without errors although others have some.")
@click.option(
    "-o", "--save", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="File to keep the plan in."
)
@output_options
def command(
    paths: tuple[str, ...], existing: tuple[str, ...], good_rows: bool, save: Path | None, **options: Any
) -> int:
    """Check tables and plan their submission. Nothing is sent.

    With --commons, every row is compared with the records there: new, changed (and in what), or the same.
    A plan saved with -o is sent as it is by `gen3submit submit FILE`, or refused where something changed since.
    """
    from gen3submit.journal.run import Choices
    from gen3submit.report.view import from_plan
    from gen3submit.submit import prepare

    where, output = take_where(options), take_output(options)
    made = prepare(
        list(paths),
        project=where.needed_project,
        commons=where.commons if where.has_commons else None,
        dictionary=where.dictionary,
        existing=list(existing) or None,
        choices=Choices(good_rows=good_rows),
        progress=output.progress(),
    )
    with made as planned:
        say(*where.warnings)
        output.write(from_plan(planned, where.dictionary))
        if save is not None:
            say(words.plan_saved(str(planned.save(save))))
        return planned.exit_code
