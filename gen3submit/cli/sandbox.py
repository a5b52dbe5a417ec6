"""``gen3submit sandbox``: a practice commons on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from gen3submit.messages import command_line as words


@click.command("sandbox", short_help="serve a practice commons on this machine")
@click.option("--dictionary", metavar="SOURCE", help="Dictionary to serve; the package's own study if not given.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the records; without it they are gone when the sandbox stops.",
)
@click.option(
    "--project",
    default="practice-study",
    show_default=True,
    metavar="PROGRAM-CODE",
    help="Project that is there from the start.",
)
@click.option("--request-delay", type=click.FloatRange(min=0), default=0, metavar="MS", help="Delay of each request.")
@click.option("--row-delay", type=click.FloatRange(min=0), default=0, metavar="MS", help="Delay of each submitted row.")
@click.option("--faults", is_flag=True, help="Take named faults from the header X-Practice-Fault (for tests).")
def command(
    dictionary: str | None,
    port: int,
    data: Path | None,
    project: str,
    request_delay: float,
    row_delay: float,
    faults: bool,
) -> None:
    """Serve a practice commons on 127.0.0.1.

    It answers like a real one (Sheepdog, Peregrine, Fence, indexd), applies the same rules as `gen3submit check`, and
    takes any API key. Its first line on stdout is its URL. Nothing leaves this machine.
    """
    from gen3submit.dictionary import Dictionary, practice_dictionary_folder
    from gen3submit.sandbox.app import PracticeCommons
    from gen3submit.sandbox.server import serve

    loaded = Dictionary.load(dictionary or practice_dictionary_folder())
    commons = PracticeCommons(
        loaded,
        data,
        project=project,
        with_faults=faults,
        request_delay=request_delay / 1000,
        row_delay=row_delay / 1000,
    )

    def announce(url: str) -> None:
        click.echo(url)
        click.echo(words.practice_running(url), err=True)

    serve(commons, port, announce)
