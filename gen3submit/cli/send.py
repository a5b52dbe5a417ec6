"""``gen3submit send``: one file as it is, in one request."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Literal

import click

from gen3submit.cli.options import take_where, where_options
from gen3submit.cli.printing import output_option, say, say_warnings, write_json
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit_commands as words

_CONTENT_TYPES = {
    ".tsv": "text/tab-separated-values",
    ".txt": "text/tab-separated-values",
    ".csv": "text/csv",
    ".json": "application/json",
}


@click.command("send", short_help="send one file as it is, in one request; for what `submit` does not do")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@where_options
@click.option("--post", is_flag=True, help="Create only (POST); a record that is there already is an error.")
@click.option("--dry-run", is_flag=True, help="Only ask the server what it would say; nothing is stored.")
@output_option
def command(file: Path, post: bool, dry_run: bool, output: str | None, **options: Any) -> int:
    """Send one TSV, CSV or JSON file as it is, in one request, and print the server's own answer.

    Nothing is checked, put in order, tried again or proved: `gen3submit submit` does that. The exit code is 0 only
    where the answer is JSON and says `success`.
    """
    content_type = _CONTENT_TYPES.get(file.suffix.lower())
    if content_type is None:
        raise UsageProblem(words.no_content_type(str(file), sorted(_CONTENT_TYPES)))
    where = take_where(options)
    method: Literal["PUT", "POST"] = "POST" if post else "PUT"
    answer = where.commons.submit(
        where.needed_project,
        file.read_bytes(),
        content_type=content_type,
        document_name=f"gen3submit-{uuid.uuid4()}",
        method=method,
        dry_run=dry_run,
    )
    say_warnings(where)
    if answer.json is not None:
        write_json(answer.json, output)
    if answer.problem is not None or answer.json is None or (answer.status or 0) >= 500:
        say(answer.words)
        return 2
    return 0 if isinstance(answer.json, dict) and answer.json.get("success") is True else 1
