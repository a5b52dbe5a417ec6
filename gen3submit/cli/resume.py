"""``gen3submit resume``: go on with a submission that stopped."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import output_options, take_output, where_options
from gen3submit.cli.runs import where_of_run
from gen3submit.cli.submitting import circumstances, sending_options, tell


@click.command("resume", short_help="go on with a submission that stopped")
@click.argument("run", metavar="RUN")
@where_options
@sending_options
@output_options
def command(run: str, **options: Any) -> int:
    """Go on with a submission that stopped. RUN is its id, its plan file or its journal.

    Requests whose answer was lost are settled first; nothing is sent twice.
    """
    from gen3submit.submit import resume

    where, output = where_of_run(run, options), take_output(options)
    no_verify, overwrite = options.pop("no_verify"), options.pop("overwrite")
    with circumstances(where) as around:
        report = resume(
            run,
            commons=where.commons,
            dictionary=where.dictionary,
            verify=False if no_verify else None,
            overwrite=True if overwrite else None,
            progress=output.progress(),
            circumstances=around,
            **options,
        )
        return tell(report, where, output)
