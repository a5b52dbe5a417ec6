"""``gen3submit auth``: who one is in a commons."""

from __future__ import annotations

import time
from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import format_option, output_option, say, say_warnings, write_json, write_lines


@click.group("auth", short_help="say who you are in a commons, and what you may do")
def command() -> None:
    """Tell of credentials and rights."""


@command.command("check", short_help="say who you are, what you may do, and when key and token end")
@where_options
@format_option("text", "json")
@output_option
def check(format_: str, output: str | None, **options: Any) -> int:
    """Say who you are, what you may do in which project, and when key and token end.

    With a project (--project or gen3submit.toml) the exit code is 1 where you may not submit to it.
    """
    from gen3submit.access import METHODS, access
    from gen3submit.commons.rights import Rights
    from gen3submit.listing import aligned
    from gen3submit.messages import access as words

    where = take_where(options)
    found = access(where.commons, now=time.time(), project=where.project)
    rights = None
    if where.project is not None:
        rights = found.projects.get(where.project, Rights(found.known, frozenset(), queries=False))
    allowed = rights is None or rights.submits
    if format_ == "json":
        say_warnings(where)
        write_json(found.to_dict(), output)
        return 0 if allowed else 1
    lines = [words.who(found.username, found.email, found.endpoint)]
    if found.credentials:
        lines.append(words.credentials_line(found.credentials, found.key_expires_at))
    if found.token_expires_at is not None:
        lines.append(words.token_line(found.token_expires_at))
    if found.creates_programs or found.creates_projects:
        lines.append(words.may_create(found.creates_programs, found.creates_projects))
    if found.projects:
        columns = ["project", *METHODS, "graphql"]
        rows = [
            [project, *(_yes(each.grants(method)) for method in METHODS), _yes(each.queries)]
            for project, each in found.projects.items()
        ]
        lines += ["", *aligned(columns, rows)]
    else:
        lines += ["", words.no_projects() if found.known else words.rights_unknown()]
    if where.project is not None and rights is not None and found.known:
        missing = [method for method in ("create", "update") if not rights.grants(method)]
        said = words.may_not_submit(where.project, missing) if missing else words.may_submit(where.project)
        lines += ["", said]
        if not rights.queries:
            lines.append(words.no_queries(where.project))
    write_lines(lines, output)
    say(*found.warnings)
    return 0 if allowed else 1


def _yes(granted: bool) -> str:
    return "yes" if granted else "no"
