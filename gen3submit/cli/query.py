"""``gen3submit query``: GraphQL."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from gen3submit.cli.options import Where, take_where, where_options
from gen3submit.cli.printing import (
    format_option,
    output_option,
    progress_of,
    quiet_option,
    say,
    say_warnings,
    write_json,
    write_lines,
    write_rows,
)
from gen3submit.errors import UsageProblem
from gen3submit.messages import querying as words


@click.command("query", short_help="ask the commons by GraphQL")
@click.argument("query", required=False)
@click.option("--variables", metavar="JSON", help="Variables of the query, as a JSON object.")
@click.option("--schema", is_flag=True, help="Fetch the GraphQL schema instead.")
@click.option("--node", metavar="NODE", help="Fetch every record of a node type instead, page by page.")
@click.option("--fields", metavar="NAME,NAME", help="With --node: properties, and LINK.PROPERTY of parents.")
@format_option("json", "table", "tsv")
@output_option
@quiet_option
@where_options
def command(
    query: str | None,
    variables: str | None,
    schema: bool,
    node: str | None,
    fields: str | None,
    format_: str,
    output: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Ask the commons by GraphQL, such as '{project(first: 0) {project_id state}}'.

    QUERY `-` is read from stdin. A list has 10 entries unless it asks for more: `first: 0` asks for all.
    """
    where = take_where(options)
    asked = [bool(query), schema, node is not None].count(True)
    if asked != 1:
        raise UsageProblem(words.one_of() if asked else words.no_query())
    if schema:
        write_json(where.commons.schema(), output)
        return 0
    if node is not None:
        _records(where, node, fields, format_, output, quiet)
        return 0
    text = sys.stdin.read() if query == "-" else query or ""
    return _query(where, text, _variables(variables), format_, output, quiet)


def _query(
    where: Where, text: str, variables: dict[str, Any] | None, format_: str, output: str | None, quiet: bool
) -> int:
    from gen3submit.commons.errors import QueryRefused
    from gen3submit.querying import cut_lists, rows

    commons = where.commons
    say_warnings(where)
    try:
        data = commons.query(text, variables)
    except QueryRefused as refused:
        if isinstance(refused.data, dict) and any(refused.data.values()):
            write_json(refused.data, output)
            say(words.partial())
        raise
    if format_ == "json":
        write_json(data, output)
    else:
        tables = rows(data)
        if format_ == "tsv":
            if len(tables) != 1:
                raise UsageProblem(words.several_roots(list(tables)))
            write_rows(*next(iter(tables.values())), format_, output)
        else:
            _write_tables(tables, output)
        if not quiet and all(not cells for _, cells in tables.values()):
            say(words.no_rows())
    cut = [] if quiet else cut_lists(text, data)
    if cut:
        say(words.cut(cut))
    return 0


def _write_tables(tables: dict[str, tuple[list[str], list[list[Any]]]], output: str | None) -> None:
    from gen3submit.listing import aligned
    from gen3submit.messages.wording import visible

    lines: list[str] = []
    for root, (columns, cells) in tables.items():
        if len(tables) > 1:
            lines += ["", visible(words.title(root, len(cells)))] if lines else [visible(words.title(root, len(cells)))]
        lines += aligned(columns, cells) if columns else []
    write_lines(lines, output)


def _records(where: Where, node: str, fields: str | None, format_: str, output: str | None, quiet: bool) -> None:
    from gen3submit.querying import records

    names = [name.strip() for name in (fields or "").split(",") if name.strip()]
    if not names:
        raise UsageProblem(words.fields_missing())
    with progress_of(quiet).start(node, None, words.records()) as task:
        found = []
        for record in records(where.commons, where.needed_project, node, names):
            found.append(record)
            task.advance()
    say_warnings(where)
    if format_ == "json":
        write_json(found, output)
    else:
        write_rows(names, ([record[name] for name in names] for record in found), format_, output)
    if not found and not quiet:
        say(words.no_rows())


def _variables(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(words.bad_variables(str(error))) from None
    if not isinstance(value, dict):
        raise UsageProblem(words.bad_variables(f"it is a {type(value).__name__}"))
    return value
