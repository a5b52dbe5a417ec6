"""``gen3submit runs``: the submissions that are known on this machine."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import Where, take_where
from gen3submit.cli.printing import format_option, output_option, write_json, write_lines
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit_commands as words


@click.command("runs", short_help="list the submissions that are known on this machine")
@format_option("text", "json")
@output_option
def command(format_: str, output: str | None) -> int:
    """List the submissions that are known on this machine, the oldest first."""
    from gen3submit.submit import runs

    known = runs()
    if format_ == "json":
        listed = [
            {
                "id": run.id,
                "state": run.state,
                "commons": run.endpoint,
                "project": run.project,
                "started": run.started,
                "ended": run.ended,
                "files": run.files,
                "rows_by_outcome": dict(run.counts),
                "stopped": run.stopped,
                "journal": str(run.journal),
                "can_go_on": run.can_go_on,
            }
            for run in known
        ]
        write_json(listed, output)
        return 0
    lines = [
        words.run_line(run.id, run.state, run.project, run.endpoint or "?", run.started or "", run.counts)
        for run in known
    ]
    write_lines(lines or [words.no_runs()], output)
    return 0


def where_of_run(run: str, options: dict[str, Any]) -> Where:
    """Where a run belongs: its own commons and project, unless the flags name others."""
    from gen3submit.journal.places import journal_of, state_folder
    from gen3submit.practice import is_practice
    from gen3submit.submit import SubmissionReport

    with SubmissionReport.of(journal_of(run, state_folder(None))) as report:
        known = report.run
        if options.get("commons") is None and is_practice(known.endpoint):
            raise UsageProblem(words.practice_run(known.id))
        if options.get("commons") is None:
            options["commons"] = known.endpoint
        if options.get("project") is None:
            options["project"] = known.project
    return take_where(options)
