"""``gen3submit delete``: records of a project."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from gen3submit.cli import given
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
)
from gen3submit.errors import UsageProblem
from gen3submit.messages import deleting as words

if TYPE_CHECKING:
    from gen3submit.deleting import DeletionPlan, DeletionReport, Refusal, Target

_SHOWN = 20


@click.command("delete", short_help="delete records, children first")
@click.option("--ids", metavar="FILE|ID,ID", help="Records by id.")
@click.option("--file", "tables", multiple=True, metavar="TABLE", help="The records of tables; repeatable.")
@click.option("--node", metavar="NODE", help="Every record of a node type.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@format_option("text", "json")
@output_option
@quiet_option
@where_options
def command(
    ids: str | None,
    tables: tuple[str, ...],
    node: str | None,
    dry_run: bool,
    yes: bool,
    format_: str,
    output: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Delete records for good, children before their parents.

    The commons is asked first, by its own dry run, what is there and what is in the way. If other records depend on
    one of these, nothing is deleted. The exit code is 1 where anything that was named is not there or not deleted,
    3 where it is not known what became of a record.
    """
    from gen3submit.deleting import delete

    asked = [bool(ids), bool(tables), node is not None].count(True)
    if asked != 1:
        raise UsageProblem(words.one_of() if asked else words.nothing_named())
    where = take_where(options)
    plan = _plan(where, ids, tables, node, quiet)
    lines = _plan_lines(plan, where.commons.endpoint)
    if dry_run or not plan.targets or plan.refused:
        if format_ == "json":
            write_json(plan.to_dict(), output)
        else:
            write_lines(lines, output)
        if plan.refused:
            say(words.refused_before())
        return 0 if plan.ok else 1
    if not yes:
        if not sys.stdin.isatty():
            raise UsageProblem(words.needs_yes())
        say(*lines)
        if not click.confirm(words.question(len(plan.targets)), err=True):
            say(words.not_confirmed())
            return 1
    report = delete(where.commons, plan, progress=progress_of(quiet))
    if format_ == "json":
        write_json(report.to_dict() | {"missing": list(plan.missing)}, output)
    else:
        write_lines(_report_lines(report, plan), output)
    if report.unknown or (report.stopped and not report.refused):
        say(words.again())
        return 3
    return 0 if report.ok and plan.ok else 1


def _plan(where: Where, ids: str | None, tables: tuple[str, ...], node: str | None, quiet: bool) -> DeletionPlan:
    from gen3submit.deleting import ids_in_tables, plan_deletion

    project, commons, dictionary = where.needed_project, where.commons, where.dictionary
    say_warnings(where)
    missing: list[str] = []
    if ids is not None:
        wanted = given.ids(ids)
    elif tables:
        wanted, missing = ids_in_tables(commons, project, list(tables), nodes=dictionary)
    else:
        found = commons.export(project, given.node(dictionary, node or "").id)
        wanted = [str(record["id"]) for record in found if record.get("id")]
    return plan_deletion(commons, project, wanted, nodes=dictionary, missing=missing, progress=progress_of(quiet))


def _plan_lines(plan: DeletionPlan, endpoint: str) -> list[str]:
    lines = [words.would_delete(len(plan.targets), str(plan.project), endpoint, plan.by_type)]
    lines += [f"  {_record(target)}" for target in plan.targets[:_SHOWN]]
    if len(plan.targets) > _SHOWN:
        lines.append(f"  {words.more(len(plan.targets) - _SHOWN)}")
    if plan.missing:
        lines.append(words.missing(plan.missing))
    return lines + _refusals(plan.refused)


def _report_lines(report: DeletionReport, plan: DeletionPlan) -> list[str]:
    counts = [len(each) for each in (report.deleted, report.gone, report.refused, report.unknown, report.not_tried)]
    lines = [words.done(*counts)]
    if plan.missing:
        lines.append(words.missing(plan.missing))
    lines += _refusals(report.refused)
    if report.stopped:
        lines.append(words.stopped(report.stopped))
    return lines


def _refusals(refused: Any) -> list[str]:
    def line(refusal: Refusal) -> str:
        return words.refusal(_record(refusal.target), refusal.reason, refusal.dependents)

    lines = [line(refusal) for refusal in refused[:_SHOWN]]
    return [*lines, words.more(len(refused) - _SHOWN)] if len(refused) > _SHOWN else lines


def _record(target: Target) -> str:
    return words.record(target.type, target.submitter_id, target.id)
