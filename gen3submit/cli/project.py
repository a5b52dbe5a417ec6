"""``gen3submit project``: the state of a project."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import say, say_warnings
from gen3submit.messages import projects as words


@click.group("project", short_help="open a project for submissions, or put it into review")
def command() -> None:
    """Change the state of a project."""


@command.command("open", short_help="let a project in review take submissions again")
@click.argument("project_id", metavar="PROGRAM-CODE")
@where_options
def open_(project_id: str, **options: Any) -> int:
    """Open a project that is in review: it takes submissions and deletions again."""
    return _change(project_id, "open", options)


@command.command("review", short_help="let a project take no submissions until it is opened")
@click.argument("project_id", metavar="PROGRAM-CODE")
@where_options
def review(project_id: str, **options: Any) -> int:
    """Put an open project into review: it takes no submissions, dry runs or deletions until it is opened again."""
    return _change(project_id, "review", options)


def _change(project_id: str, state: str, options: dict[str, Any]) -> int:
    where = take_where(options)
    commons = where.commons
    say_warnings(where)
    commons.set_project_state(project_id, state)
    say(words.state_changed(project_id, state))
    return 0
