"""``gen3submit files``: data files against the file index."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import (
    format_option,
    output_option,
    progress_of,
    quiet_option,
    say,
    say_warnings,
    write_json,
    write_rows,
)
from gen3submit.errors import UsageProblem
from gen3submit.messages import data_files as words


@click.command("files", short_help="compare data-file records with the file index")
@click.argument("names", nargs=-1, required=True, metavar="NODE|PATH...")
@click.option("--problems", is_flag=True, help="Show only files with which something is wrong.")
@format_option("table", "tsv", "json")
@output_option
@quiet_option
@where_options
def command(
    names: tuple[str, ...], problems: bool, format_: str, output: str | None, quiet: bool, **options: Any
) -> int:
    """Say what the file index holds of data-file records.

    For a node type, its records in the commons are compared with the index; for tables, what they say of each file.
    The exit code is 1 where a file is missing from the index, or has another size or md5 there.
    """
    from gen3submit.data_files.indexed import SOUND, FileState, files_of_node, files_of_tables

    where = take_where(options)
    project, commons, dictionary = where.needed_project, where.commons, where.dictionary
    say_warnings(where)
    progress = progress_of(quiet)
    found: list[FileState] = []
    paths = [name for name in names if Path(name).exists() or name not in dictionary]
    for name in paths:
        if not Path(name).exists() and not any(character in name for character in "*?["):
            raise UsageProblem(words.no_such_node(name, [node.id for node in dictionary.values() if node.is_file]))
    for name in names:
        if name not in paths:
            found += files_of_node(commons, project, dictionary[name], progress=progress)
    if paths:
        found += files_of_tables(commons, project, paths, nodes=dictionary, progress=progress)
    shown = [file for file in found if not problems or file.state not in SOUND]
    if format_ == "json":
        write_json([file.to_dict() for file in shown], output)
    elif shown:
        columns = ["node", "submitter_id", "file_name", "guid", "state", "details"]
        write_rows(columns, map(_row, shown), format_, output)
    if not quiet:
        say(words.summary(Counter(file.state for file in found)))
    return 0 if all(file.state in SOUND for file in found) else 1


def _row(file: Any) -> list[Any]:
    told, indexed = (
        (file.file_size, file.indexed_size) if file.state == "size-differs" else (file.md5sum, file.indexed_md5)
    )
    details = words.details(file.state, told, indexed)
    return [file.node, file.submitter_id, file.file_name, file.guid or None, file.state, details]
