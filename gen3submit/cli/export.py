"""``gen3submit export``: records of a project to files."""

from __future__ import annotations

from typing import Any, Literal

import click

from gen3submit.cli.options import Where, take_where, where_options
from gen3submit.cli.printing import (
    format_option,
    opened,
    output_option,
    progress_of,
    quiet_option,
    say,
    say_warnings,
)
from gen3submit.errors import UsageProblem
from gen3submit.messages import exporting as words


@click.command("export", short_help="write records of a project to files")
@click.option("--all", "folder", metavar="DIR", help="Every node type with records, into a new folder.")
@click.option("--node", metavar="NODE", help="The records of one node type.")
@click.option("--ids", metavar="FILE|ID,ID", help="Records by id.")
@click.option("--with-id", is_flag=True, help="With --node or --ids: a column with the ids of the records.")
@format_option("tsv", "json")
@output_option
@quiet_option
@where_options
def command(
    folder: str | None,
    node: str | None,
    ids: str | None,
    with_id: bool,
    format_: Literal["tsv", "json"],
    output: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Write records of a project to files.

    The tables of `--all DIR` can be checked and submitted again and change nothing: tabs, line breaks and quotes in
    values are kept. Values that no table can carry (a comma inside an item of a list) are left out, named on stderr,
    and kept whole in DIR/not-in-tables.json. With --format json everything is as the commons gives it.
    """
    where = take_where(options)
    asked = [name for name in (folder, node, ids) if name is not None]
    if len(asked) != 1:
        raise UsageProblem(words.one_of() if asked else words.nothing_named())
    if folder is not None:
        if output is not None:
            raise UsageProblem(words.output_with_all())
        return _everything(where, folder, format_, quiet)
    return _records(where, node, ids, with_id, format_, output, quiet)


def _everything(where: Where, folder: str, format_: Literal["tsv", "json"], quiet: bool) -> int:
    from gen3submit.exporting import export_project

    project, commons, dictionary = where.needed_project, where.commons, where.dictionary
    if not quiet:
        say_warnings(where)
    exported = export_project(commons, project, folder, nodes=dictionary, format=format_, progress=progress_of(quiet))
    if not exported.files:
        say(words.nothing_exported(project))
        return 0
    if not quiet:
        say(*(words.wrote_file(str(file.path), file.records) for file in exported.files))
        say(words.wrote(folder, sum(exported.records.values()), len(exported.files)))
    say(*exported.notes)
    return 0


def _records(
    where: Where,
    node: str | None,
    ids: str | None,
    with_id: bool,
    format_: Literal["tsv", "json"],
    output: str | None,
    quiet: bool,
) -> int:
    from gen3submit.cli import given
    from gen3submit.exporting import export_records

    project, commons, dictionary = where.needed_project, where.commons, where.dictionary
    if not quiet:
        say_warnings(where)
    waiting: dict[str, None] = {}
    if node is not None:
        node = given.node(dictionary, node).id
        found = commons.export(project, node)
    else:
        waiting = dict.fromkeys(given.ids(ids or ""))
        found = commons.export_ids(project, list(waiting))
    with opened(output) as stream, progress_of(quiet).start(node or words.exporting(), None, "records") as task:

        def told() -> Any:
            for record in found:
                task.advance()
                waiting.pop(str(record.get("id")), None)
                yield record

        number, notes = export_records(told(), stream, nodes=dictionary, node=node, format=format_, with_id=with_id)
    say(*notes)
    if waiting:
        say(words.ids_missing(project, list(waiting)))
    elif not number:
        say(words.no_records(project, node))
    if number and output is not None and not quiet:
        say(words.wrote_file(output, number))
    return 1 if waiting else 0
