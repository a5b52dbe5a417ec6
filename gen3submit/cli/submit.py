"""``gen3submit submit``: check, then send everything in the right order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gen3submit.cli.options import existing_option, output_options, take_output, take_where, where_options
from gen3submit.cli.submitting import circumstances, is_plan, sending_options, tell
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit_commands as words

if TYPE_CHECKING:
    from gen3submit.submit import SubmissionReport


@click.command("submit", short_help="check, then send everything in the right order")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...|PLAN")
@where_options
@existing_option
@click.option("--good-rows", is_flag=True, help="Send the rows without errors although others have some.")
@click.option("--dry-run", is_flag=True, help="Only ask the server what it would say; nothing is stored.")
@click.option(
    "--as", "as_", type=click.Choice(["json", "tsv"]), default="json", show_default=True, help="Form of the rows sent."
)
@click.option("--resend-unchanged", is_flag=True, help="Send rows, too, that the commons holds exactly so already.")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the journal, instead of the user's folder.",
)
@click.option("--resume", "resume_", is_flag=True, help="Go on with an unfinished submission of these files.")
@click.option("--new", is_flag=True, help="Give up an unfinished submission of these files, and begin anew.")
@sending_options
@output_options
def command(paths: tuple[str, ...], existing: tuple[str, ...], resume_: bool, new: bool, **options: Any) -> int:
    """Check tables, then send them: parents first, nothing lost, every row reported.

    Errors stop it before anything is sent, unless --good-rows is given. In place of tables, PLAN is a file that
    `gen3submit plan -o` wrote: exactly that is sent.
    """
    from gen3submit.submit import UnfinishedSubmission, resume, upload

    if resume_ and new:
        raise UsageProblem(words.resume_and_new())
    where, output = take_where(options), take_output(options)
    no_verify, parallel = options.pop("no_verify"), options.pop("parallel")

    with circumstances(where) as around:
        if is_plan(paths):
            chosen = {"verify": not no_verify, "overwrite": options["overwrite"], "batch_size": options["batch_size"]}
            report = resume(
                paths[0],
                commons=where.commons,
                dictionary=where.dictionary,
                parallel=parallel,
                progress=output.progress(),
                circumstances=around,
                **chosen,
            )
            return tell(report, where, output)

        def send(going_on: bool | None) -> SubmissionReport:
            return upload(
                list(paths),
                project=where.needed_project,
                commons=where.commons,
                dictionary=where.dictionary,
                existing=list(existing) or None,
                verify=not no_verify,
                parallel=parallel or 1,
                no_values=output.no_values,
                resume=going_on,
                progress=output.progress(),
                circumstances=around,
                **options,
            )

        try:
            report = send(True if resume_ else False if new else None)
        except UnfinishedSubmission as unfinished:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise UsageProblem(words.choose(str(unfinished))) from None
            report = send(click.confirm(words.go_on_question(unfinished.run_id), default=True, err=True))
        return tell(report, where, output)
