"""``gen3submit projects``: the projects of a commons."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import format_option, output_option, say, say_warnings, write_json, write_rows
from gen3submit.messages import projects as words


@click.command("projects", short_help="list programs and projects with their state")
@click.argument("programs", nargs=-1, metavar="[PROGRAM]...")
@format_option("table", "tsv", "json")
@output_option
@where_options
def command(programs: tuple[str, ...], format_: str, output: str | None, **options: Any) -> int:
    """List the projects of all programs, or of those named, with their state.

    Every project is listed, whether or not you have any right to it; the state is known of those that you may read.
    """
    from gen3submit.projects import list_projects

    where = take_where(options)
    found = list_projects(where.commons, programs)
    say_warnings(where)
    if format_ == "json":
        write_json([each.to_dict() for each in found], output)
    elif found:
        write_rows(["project", "state"], ([each.project_id, each.state] for each in found), format_, output)
    if not found:
        say(words.none())
    return 0
