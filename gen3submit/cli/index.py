"""``gen3submit index``: the file index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import format_option, output_option, say, say_warnings, write_json, write_rows
from gen3submit.errors import UsageProblem
from gen3submit.messages import data_files as words

_COLUMNS = ("did", "size", "md5", "file_name", "urls")


@click.command("index", short_help="look up data files in the file index")
@click.argument("guids", nargs=-1, metavar="[GUID]...")
@click.option("--md5", metavar="HASH", help="Look for files with this hash.")
@click.option("--size", type=click.IntRange(min=0), metavar="BYTES", help="Look for files of this size.")
@click.option("--url", metavar="URL", help="Look for files at this place.")
@click.option("--file-name", metavar="NAME", help="Look for files of this name.")
@format_option("json", "table", "tsv")
@output_option
@where_options
def command(
    guids: tuple[str, ...],
    md5: str | None,
    size: int | None,
    url: str | None,
    file_name: str | None,
    format_: str,
    output: str | None,
    **options: Any,
) -> int:
    """Show the records of GUIDs in the file index, or search it.

    The exit code is 1 where a GUID is not there, or nothing is found.
    """
    from gen3submit.data_files.indexed import index_records

    where = take_where(options)
    terms = {"md5": md5, "size": size, "url": url, "file_name": file_name}
    searching = any(value is not None for value in terms.values())
    if searching == bool(guids):
        raise UsageProblem(words.guids_or_search() if guids else words.nothing_asked())
    if searching:
        records = where.commons.index_search(**terms)  # type: ignore[arg-type]  # each of its own type
        missing = [] if records else [words.none_matches()]
    else:
        found = index_records(where.commons, guids)
        records = [record for record in found.values() if record is not None]
        unknown = [guid for guid, record in found.items() if record is None]
        missing = [words.unknown_guids(unknown)] if unknown else []
    say_warnings(where)
    if format_ == "json":
        write_json(records, output)
    elif records:
        write_rows(_COLUMNS, map(_row, records), format_, output)
    say(*missing)
    return 1 if missing else 0


def _row(record: Mapping[str, Any]) -> list[Any]:
    hashes = record.get("hashes")
    md5 = hashes.get("md5") if isinstance(hashes, Mapping) else None
    return [record.get("did"), record.get("size"), md5, record.get("file_name"), record.get("urls")]
