"""Sentences about deleting records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gen3submit.messages.commons import quoted
from gen3submit.messages.wording import counted, listed, shown, visible

_DEPENDENTS = 3


def looking() -> str:
    return "looking up"


def looking_for_children() -> str:
    return "looking for records that depend on these"


def node_types() -> str:
    return "node types"


def deleting() -> str:
    return "deleting"


def records() -> str:
    return "records"


def needed_by(number: int) -> str:
    return f"{counted(number, 'other record')} would lose a parent they need"


def said(text: str) -> str:
    return quoted(text)


def not_utf8(path: str) -> str:
    return f"{visible(path)}: not UTF-8 text; `gen3submit check` tells where"


def no_key_columns(path: str) -> str:
    return f"{visible(path)}: a column `type` and a column `submitter_id` or `id` are needed to find the records"


def no_success() -> str:
    return "the commons did not say what became of the deletion"


def refused() -> str:
    return "the commons refused to delete a record; the rest was left alone"


def nothing_named() -> str:
    return "say what to delete: `--ids ID,ID`, `--file TABLE` or `--node NODE`"


def one_of() -> str:
    return "`--ids`, `--file` and `--node` exclude each other"


def needs_yes() -> str:
    return "nobody can be asked here, because this is no terminal. Add `--yes` to delete, or `--dry-run` to look only"


def not_confirmed() -> str:
    return "nothing was deleted"


def by_type(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {visible(type_)}" for type_, number in counts.items())


def would_delete(number: int, project: str, endpoint: str, counts: Mapping[str, int]) -> str:
    if not number:
        return f"nothing to delete in {shown(project)} on {endpoint}"
    return f"to be deleted from {shown(project)} on {endpoint}: {counted(number, 'record')} ({by_type(counts)})"


def question(number: int) -> str:
    return f"delete {counted(number, 'record')} for good?"


def missing(names: Sequence[str]) -> str:
    return f"not in the project (deleted already, or another project's): {listed(names, 10)}"


def record(type_: str | None, submitter_id: str | None, id_: str) -> str:
    return " ".join(visible(part) for part in (type_, submitter_id, id_) if part)


def refusal(record_line: str, reason: str, dependents: Sequence[str]) -> str:
    if not dependents:
        return f"cannot be deleted: {record_line}: {reason}"
    named = ", ".join(f"`{visible(dependent)}`" for dependent in dependents[:_DEPENDENTS])
    left = f" and {len(dependents) - _DEPENDENTS} more" if len(dependents) > _DEPENDENTS else ""
    verb = "depends" if len(dependents) == 1 else "depend"
    return f"cannot be deleted: {record_line}: {named}{left} {verb} on it"


def refused_before() -> str:
    return "nothing was deleted: delete the records that are in the way first, or name them too"


def more(number: int) -> str:
    return f"… {number:,} more"


def done(deleted: int, gone: int, refused_: int, unknown: int, not_tried: int) -> str:
    parts = [counted(deleted, "record") + " deleted"]
    for number, what in (
        (gone, "gone already"),
        (refused_, "refused"),
        (unknown, "unknown"),
        (not_tried, "not tried"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    return ", ".join(parts)


def stopped(why: str) -> str:
    return f"stopped: {visible(why)}"


def again() -> str:
    return "the same command deletes what is left; what is gone cannot be deleted twice"
