"""Sentences of the commands that plan, send, go on, compare and take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def plan_saved(path: str) -> str:
    return f"the plan is in {path}; next: gen3submit submit {path}"


def how_to_go_on(run: str) -> str:
    return f"to go on: gen3submit resume {run}"


def go_on_question(run: str) -> str:
    return f"these files were being submitted as run {run}, which did not come to its end; go on with it?"


def choose(sentence: str) -> str:
    return f"{sentence}; go on with --resume, or begin anew with --new"


def resume_and_new() -> str:
    return "--resume and --new exclude each other"


def practice_run(run: str) -> str:
    return f"run {run} went to the practice commons; add --commons sandbox and --data FILE with the same file"


def no_runs() -> str:
    return "no submissions are known on this machine"


def run_line(name: str, state: str, project: str, commons: str, started: str, counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in counts.items() if number) or "no rows"
    return f"{name}  {state:<10} {project} on {commons}  {started}  {told}"


def verified(path: str, line: int, type_: str, submitter_id: str | None, found: str, properties: Sequence[str]) -> str:
    differing = f": {', '.join(properties)}" if properties else ""
    return f"{path}:{line}  {type_} {submitter_id or '(no submitter_id)'}  {found}{differing}"


def verified_counts(counts: Mapping[str, int]) -> str:
    told = " · ".join(f"{number:,} {found}" for found, number in counts.items())
    return f"{told} = {sum(counts.values()):,} rows"


def would_delete(run: str, counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{number:,} {type_}" for type_, number in counts.items())
    return f"undoing run {run} deletes {sum(counts.values()):,} records that it created: {told}"


def nothing_to_undo(run: str) -> str:
    return f"run {run} left no records that it created"


def stays_changed(path: str, line: int, type_: str, submitter_id: str | None, changes: Sequence[str]) -> str:
    return f"stays changed: {type_} {submitter_id} ({path}:{line})  {'; '.join(changes)}"


def change(property_: str, old: object, new: object) -> str:
    return f"{property_} was `{old}`, is `{new}`"


def delete_question() -> str:
    return "delete them?"


def needs_yes() -> str:
    return "deleting needs --yes where nobody can be asked"


def undone(deleted: int, gone: int, kept: int) -> str:
    return f"{deleted:,} deleted, {gone:,} were gone already, {kept:,} kept"


def kept(type_: str, submitter_id: str | None, why: str) -> str:
    return f"kept {type_} {submitter_id}: {why}"


def stopped(why: str) -> str:
    return f"stopped: {why}"


def not_deleted() -> str:
    return "nothing was deleted"


def no_run_and_no_project() -> str:
    return "to compare files, name the project with --project PROGRAM-CODE"


def no_content_type(path: str, known: Sequence[str]) -> str:
    return f"{path}: the ending tells how a file is sent; known are {', '.join(known)}"
