"""``gen3submit verify``: read everything back and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import (
    format_option,
    output_option,
    progress_of,
    quiet_option,
    say,
    write_json,
    write_lines,
)
from gen3submit.cli.runs import where_of_run
from gen3submit.cli.submitting import is_plan
from gen3submit.messages import submit_commands as words


@click.command("verify", short_help="read everything back and compare it; sends nothing")
@click.argument("what", nargs=-1, required=True, metavar="RUN|PATH...")
@where_options
@click.option("--all", "everything", is_flag=True, help="List equal rows, too.")
@format_option("text", "json")
@output_option
@quiet_option
def command(
    what: tuple[str, ...], everything: bool, format_: str, output: str | None, quiet: bool, **options: Any
) -> int:
    """Compare rows with what the commons holds now: equal, different (in which properties), or missing.

    RUN is the id of a submission, its plan file or its journal; PATH... are tables.
    """
    from gen3submit.submit import verify

    is_run = is_plan(what) or (len(what) == 1 and not Path(what[0]).exists())
    where = where_of_run(what[0], options) if is_run else take_where(options)
    result = verify(
        what[0] if is_run else list(what),
        commons=where.commons,
        project=None if is_run else where.needed_project,
        dictionary=where.dictionary,
        progress=progress_of(quiet),
    )
    say(*where.warnings)
    if format_ == "json":
        write_json(result.to_dict(), output)
        return result.exit_code

    def lines() -> Any:
        for row in result:
            if everything or row.found != "equal":
                properties = [each.property for each in row.differences]
                yield words.verified(row.path, row.line, row.type, row.submitter_id, str(row.found), properties)
        yield words.verified_counts(result.counts)

    write_lines(lines(), output)
    return result.exit_code
