"""``gen3submit check``: what the server would say of every row, before anything is sent."""

from __future__ import annotations

from typing import Any

import click

from gen3submit.cli.options import existing_option, output_options, take_output, take_where, where_options


@click.command("check", short_help="say what the server would say of every row; sends nothing")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@where_options
@existing_option
@output_options
@click.option("--files", "folder", metavar="DIR", help="Compare the data files in DIR with `md5sum` and `file_size`.")
@click.option("--watch", is_flag=True, help="Check again whenever a table changes; Ctrl-C ends it.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Read big tables in N processes.")
@click.option("--dask", metavar="ADDRESS", help="Read big tables on the Dask cluster with this scheduler.")
def command(
    paths: tuple[str, ...],
    existing: tuple[str, ...],
    folder: str | None,
    watch: bool,
    workers: int | None,
    dask: str | None,
    **options: Any,
) -> int:
    """Check tables: files, folders or patterns, all together one submission.

    Tells for every row whether the server would create, update, reject, drop or lose it, and why; and what it would
    change on the way. Nothing is sent. With --commons, parents and records that are already there are looked up.
    """
    from gen3submit.cli.executors import executor
    from gen3submit.collecting import collecting_later

    where, output = take_where(options), take_output(options)
    known: Any = list(existing) if existing else where.commons if where.has_commons else None

    def check_once() -> bool:
        with executor(workers, dask) as pool, collecting_later():
            from gen3submit.checking import check
            from gen3submit.report.view import from_check

            result = check(
                list(paths),
                dictionary=where.dictionary,
                project=where.project,
                existing=known,
                progress=output.progress(),
                executor=pool,
            )
            if folder is not None:
                from gen3submit.data_files.local import local_findings, with_local_findings

                local = local_findings(list(paths), folder, nodes=where.dictionary, progress=output.progress())
                result = with_local_findings(result, local)
            while where.warnings:
                click.echo(where.warnings.pop(0), err=True)
            output.write(from_check(result, where.dictionary))
        return result.ok

    if watch:
        from gen3submit.cli.watching import again_on_change

        again_on_change([*paths, *existing], check_once)
    return 0 if check_once() else 1
