"""``gen3submit create``: programs and projects."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import say, say_warnings
from gen3submit.messages import projects as words

_number = click.option(
    "--dbgap-accession-number",
    metavar="NUMBER",
    help="The name, if not given; rights are registered under it but looked up under the name.",
)
_exist_ok = click.option("--exist-ok", is_flag=True, help="Say nothing against one that is there already.")


@click.group("create", short_help="create a program or a project")
def command() -> None:
    """Create a program or a project. What is there already is not touched."""


@command.command("program", short_help="create a program")
@click.argument("name")
@_number
@_exist_ok
@where_options
def program(name: str, dbgap_accession_number: str | None, exist_ok: bool, **options: Any) -> int:
    """Create the program NAME."""
    where = take_where(options)
    commons = where.commons
    say_warnings(where)
    created = commons.create_program(name, dbgap_accession_number=dbgap_accession_number, exist_ok=exist_ok)
    say(words.created_program(name, commons.endpoint) if created else words.program_there(name, commons.endpoint))
    return 0


@command.command("project", short_help="create a project in a program that is there")
@click.argument("project_id", metavar="PROGRAM-CODE")
@click.option("--name", metavar="NAME", help="A name for people; the code, if not given.")
@_number
@_exist_ok
@where_options
def project(
    project_id: str, name: str | None, dbgap_accession_number: str | None, exist_ok: bool, **options: Any
) -> int:
    """Create the project PROGRAM-CODE in a program that is there."""
    where = take_where(options)
    commons = where.commons
    say_warnings(where)
    created = commons.create_project(
        project_id, name=name, dbgap_accession_number=dbgap_accession_number, exist_ok=exist_ok
    )
    say(
        words.created_project(project_id, commons.endpoint)
        if created
        else words.project_there(project_id, commons.endpoint)
    )
    return 0
