"""``gen3submit undo``: take back what a submission created."""

from __future__ import annotations

import sys
from typing import Any

import click

from gen3submit.cli.options import where_options
from gen3submit.cli.printing import progress_of, quiet_option, say, write_lines
from gen3submit.cli.runs import where_of_run
from gen3submit.cli.submitting import circumstances
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit_commands as words


@click.command("undo", short_help="delete the records that a submission created")
@click.argument("run", metavar="RUN")
@where_options
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@quiet_option
def command(run: str, dry_run: bool, yes: bool, quiet: bool, **options: Any) -> int:
    """Delete the records that a submission created, children first. RUN is its id, its plan file or its journal.

    Records that were there before are never deleted; what the submission changed in them is listed with the old
    values.
    """
    from gen3submit.submit import undo

    where = where_of_run(run, options)
    with (
        circumstances(where) as around,
        undo(run, commons=where.commons, progress=progress_of(quiet), circumstances=around) as planned,
    ):
        say(*where.warnings)
        counts = planned.counts
        write_lines([words.would_delete(run, counts) if counts else words.nothing_to_undo(run)])
        write_lines(
            words.stays_changed(
                each.path,
                each.line,
                each.type,
                each.submitter_id,
                [words.change(change.property, change.old, change.new) for change in each.changes],
            )
            for each in planned.changes()
        )
        if dry_run or not counts:
            return 0
        if not yes:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise UsageProblem(words.needs_yes())
            if not click.confirm(words.delete_question(), err=True):
                say(words.not_deleted())
                return 0
        done = planned.carry_out()
        write_lines([words.undone(done.deleted, done.gone, len(done.kept))])
        write_lines(words.kept(each.record.type, each.record.submitter_id, each.why) for each in done.kept)
        if done.stopped:
            say(words.stopped(done.stopped))
        return done.exit_code
