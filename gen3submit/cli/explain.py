"""``gen3submit explain``: what a finding code, a node type or a property means."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from gen3submit.cli.options import take_where, where_options


@click.command("explain", short_help="tell what a finding code, a node type or a property means")
@click.argument("name", metavar="CODE|NODE[.PROPERTY]")
@where_options
@click.option("--no-color", is_flag=True, help="No colours (as NO_COLOR).")
def command(name: str, no_color: bool, **options: Any) -> None:
    """Tell what a name means: a finding code, or a node type, property or link of the dictionary.

    For codes no dictionary is needed.
    """
    from gen3submit.explain import explain
    from gen3submit.messages.codes import code_page
    from gen3submit.report.explanation import write_explanation
    from gen3submit.report.formats import ReportOptions

    where = take_where(options)
    known = where.given.dictionary is not None or where.has_commons
    dictionary = where.dictionary if known and code_page(name.strip()) is None else None
    for warning in where.warnings:
        click.echo(warning, err=True)
    color = False if no_color or os.environ.get("NO_COLOR") else None
    write_explanation(explain(dictionary, name), sys.stdout, ReportOptions(color=color))
