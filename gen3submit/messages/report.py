"""Sentences of reports: verdicts, sums, headings, and what may be done next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gen3submit.messages.wording import counted, line_list, listed, shown, visible

# The formats


def about_text() -> str:
    return "for reading in a terminal, repeated findings folded"


def about_concise() -> str:
    return "a line for each finding: `path:line: severity[code] message`"


def about_json() -> str:
    return "for programs; a JSON Schema describes it"


def about_tsv() -> str:
    return "your own rows with verdict and reasons in front, for a spreadsheet"


def about_html() -> str:
    return "one file to read, filter and pass on"


def about_junit() -> str:
    return "for build servers that show tests"


def about_sarif() -> str:
    return "SARIF 2.1.0, for code scanning and editors"


def about_github() -> str:
    return "annotations of GitHub Actions"


def unknown_ending(path: str, endings: Sequence[str]) -> str:
    return f"{visible(path)}: the ending tells no format of a report. Known endings are {', '.join(endings)}"


def unknown_format(name: str, formats: Sequence[str]) -> str:
    return f"{shown(name)} is no format of a report. Formats are {', '.join(formats)}"


def not_written(path: str, reason: str) -> str:
    return f"{visible(path)}: the report cannot be written: {reason}"


def changed_since(path: str) -> str:
    return f"{visible(path)}: the file has changed since it was checked, so its rows cannot be repeated. Check it again"


# States of rows

STATES: Mapping[str, str] = {
    "accept": "would go in",
    "held": "kept back",
    "reject": "would be rejected",
    "drop": "would be dropped",
    "lost": "would be lost",
    "create": "to be created",
    "update": "to be updated",
    "created": "created",
    "updated": "updated",
    "unchanged": "unchanged",
    "rejected": "rejected",
    "blocked": "blocked",
    "not-sent": "not sent",
    "unknown": "unknown",
}
"""What a reader is told of each state."""

STATE_MEANINGS: Mapping[str, str] = {
    "accept": "the server would take the row",
    "held": "the server might take the row, but it is not sent because something in it or in its file is wrong",
    "reject": "the server would refuse the row, and with it the whole file",
    "drop": "the server would leave the row out without a word and take the others",
    "lost": "the server would answer success and store nothing of the row",
    "create": "the commons does not have the record",
    "update": "the commons has the record with other values",
    "created": "the commons has a new record, and said so",
    "updated": "the commons has changed its record, and said so",
    "unchanged": "the commons has the record with these values already; nothing was sent",
    "rejected": "the row has an error; nothing of it is in the commons",
    "blocked": "a record that the row belongs to did not go in, so the row was not sent",
    "not-sent": "the row was left out, or the run ended before it was sent",
    "unknown": "the row was sent, and whether it is in the commons could not be found out",
}
"""What each state means."""

OUTCOME_MESSAGES: Mapping[str, str] = {
    "rejected": "the server refused the row",
    "blocked": "a record that the row belongs to did not go in, so the row was not sent",
    "not-sent": "the row was not sent",
    "unknown": "whether the row is in the commons could not be found out",
}
OUTCOME_HELP: Mapping[str, str] = {
    "rejected": "mend the row and submit the file again; what is in the commons already is left as it is",
    "blocked": "mend the parent's row and submit the files again",
    "not-sent": "mend what was found in its file; where the run was stopped, continue it",
    "unknown": "continue the run: it asks the commons again before anything is sent",
}


def state_count(state: str, number: int) -> str:
    """``2,310 would go in``."""
    return f"{number:,} {STATES[state]}"


def total_of(counts: Mapping[str, int], total: int, always: Sequence[str] = ()) -> str:
    """``8,113 created · 1 rejected = 8,114 rows``."""
    parts = [state_count(state, number) for state, number in counts.items() if number or state in always]
    return f"{' · '.join(parts) or '0'} = {counted(total, 'row')}"


# Verdicts


def verdict(*, ok: bool, rows: int, bad: int, files: int, bad_files: int, warnings: int) -> str:
    """The one sentence that a report of a check begins or ends with."""
    noticed = f", with {counted(warnings, 'warning')}" if warnings else ""
    if ok:
        if rows == 0:
            return f"nothing to object to, and no row to send{noticed}"
        return f"everything would go in: {counted(rows, 'row')} of {counted(files, 'file')}{noticed}"
    if bad:
        return f"{bad:,} of {counted(rows, 'row')} would not go in{noticed}"
    return f"{bad_files:,} of {counted(files, 'file')} would not go in{noticed}"


def verdict_of_plan(rows: int, to_send: int, unchanged: int, bad: int, bad_files: int) -> str:
    """The one sentence that a report of a plan begins or ends with."""
    if bad:
        return f"{bad:,} of {counted(rows, 'row')} cannot be sent; nothing was sent"
    if bad_files:
        return f"{counted(bad_files, 'file')} cannot be sent; nothing was sent"
    there = f", {unchanged:,} there already" if unchanged else ""
    return f"{counted(to_send, 'row')} to send{there}; nothing was sent"


def verdict_of_run(*, ok: bool, rows: int, bad: int, files: int, sent: bool, dry_run: bool, stopped: bool) -> str:
    """The one sentence that a report of a submission begins or ends with."""
    if not sent:
        return f"nothing was sent: the check found errors in {counted(rows, 'row')} of {counted(files, 'file')}"
    if dry_run and not stopped:
        if ok:
            return f"the commons would take every row: {counted(rows, 'row')}; nothing was stored"
        return f"the commons would not take {bad:,} of {counted(rows, 'row')}; nothing was stored"
    if ok:
        return f"every row is confirmed: {counted(rows, 'row')} of {counted(files, 'file')}"
    left = f"{bad:,} of {counted(rows, 'row')} {'is' if bad == 1 else 'are'} not confirmed"
    return f"stopped before the end: {left}" if stopped else left


def problems_total(problems: int, errors: int, warnings: int, rows: int, files: int, seconds: float) -> str:
    """``3 problems (213 errors, 1 warning) in 8,134 rows, 3 files, 1.4 s``."""
    found = (
        f"{counted(problems, 'problem')} ({counted(errors, 'error')}, {counted(warnings, 'warning')})"
        if problems
        else "no problems"
    )
    took = f", {seconds:.1f} s" if seconds else ""
    return f"{found} in {counted(rows, 'row')}, {counted(files, 'file')}{took}"


def report_written(paths: Sequence[str]) -> str:
    return f"{'report' if len(paths) == 1 else 'reports'}: {', '.join(map(visible, paths))}"


def file_line(path: str, rows: int, bad: int, waiting: int, refused: bool, warnings: int) -> str:
    """``sample.tsv 2,310 rows, 212 bad, 1 warning``."""
    said = f"{visible(path)} {counted(rows, 'row')}"
    if refused:
        said += ", refused"
    elif bad or waiting:
        said += f", {bad:,} bad" if bad else ""
        said += f", {waiting:,} not sent" if waiting else ""
    else:
        said += " ok"
    return f"{said}, {counted(warnings, 'warning')}" if warnings else said


def more_files(with_findings: int, sound: int) -> str:
    parts = [f"{counted(with_findings, 'more file')} with findings"] if with_findings > 0 else []
    parts += [f"{counted(sound, 'file' if parts else 'more file')} ok"] if sound else []
    return ", ".join(parts)


# Problems

NEAREST = ("similar ", "write `", "write the number alone", "a list has commas")
"""How a help line begins that names the nearest right value."""

EXPECTED = "expected"
HELP = "help"
NEXT = "next"


def same_on(lines: Sequence[int], has_value: bool) -> str:
    """``same value on 212 rows: lines 14, 15, 19, … 209 more``."""
    what = "same value" if has_value else "same"
    return f"{what} on {counted(len(lines), 'row')}: {line_list(lines)}"


def more_problems(code: str, problems: int, rows: int, files: int) -> str:
    """``… and 295 more of value-not-allowed, on 1,203 rows of 2 files``."""
    on = f", on {counted(rows, 'row')} of {counted(files, 'file')}" if rows else f", in {counted(files, 'file')}"
    return f"… and {problems:,} more of {code}{on}"


def where(path: str, line: int | None) -> str:
    return visible(path) if line is None else f"{visible(path)}:{line}"


def places(path: str, lines: Sequence[int]) -> str:
    return f"{visible(path)}, {line_list(lines, 10)}" if lines else visible(path)


def server_said(text: str) -> str:
    return f"the server said: {visible(text)}"


# What to do next


def next_steps(
    kind: str, *, ok: bool, project: str | None, unverified: int, similar_fixes: int, held: int
) -> list[str]:
    """What the reader may do next after a check or a plan, the most useful first."""
    steps: list[str] = []
    if not ok:
        steps.append("mend the rows listed under problems, the errors first; a warning alone stops nothing")
        if similar_fixes:
            many = counted(similar_fixes, "problem")
            steps.append(
                f"for {many} the help line names the nearest right value; `gen3submit fix` can write such changes"
            )
        if held:
            steps.append("rows that are kept back only because of others go in once those are mended")
        again = "plan again" if kind == "plan" else "check again"
        steps.append(f"then {again}, or send only the sound rows with `gen3submit submit --good-rows`")
    if unverified:
        steps.append(
            f"name the commons with `--commons`, or its records with `--existing`, to have "
            f"{counted(unverified, 'parent')} looked up"
        )
    if ok:
        target = visible(project) if project else "PROGRAM-CODE"
        steps.append(f"submit: `gen3submit submit PATH… --project {target} --commons URL`")
    return steps


def steps_of_run(
    *, ok: bool, sent: bool, dry_run: bool, run_id: str | None, stopped: str | None, open_rows: int, to_mend: bool
) -> list[str]:
    """What the reader may do next after a submission, the most useful first."""
    if not sent:
        return [
            "mend the rows listed under problems, then submit again",
            "or send only the sound rows, and those whose parents are sound, with `--good-rows`",
        ]
    steps: list[str] = []
    if stopped:
        steps.append(f"why it stopped: {visible(stopped)}")
    if open_rows and not dry_run:
        name = f" {visible(run_id)}" if run_id else ""
        steps.append(f"go on with `gen3submit resume{name}`; it asks the commons before it sends anything again")
    if to_mend:
        steps.append("mend the rows listed under problems and submit the files again; confirmed rows stay as they are")
    if ok:
        steps.append(
            "submit without `--dry-run`" if dry_run else "nothing: every row is in the commons. Keep this as the record"
        )
    return steps


# Plans and changes of records


def change(name: str, old: object, new: object, shows_values: bool) -> str:
    """``vital_status: `Alive` → `Dead` ``."""
    if not shows_values:
        return visible(name)
    return f"{visible(name)}: {_held(old)} → {_held(new)}"


def _held(value: object) -> str:
    if value is None or value == []:
        return "nothing"
    return listed(value) if isinstance(value, list | tuple) else shown(value, 40)


def planned_type(stage: int, name: str, rows: int, counts: Mapping[str, int], width: int) -> str:
    """A node type in the order of a plan."""
    signs = {
        "create": ("+", "new"),
        "update": ("~", "change"),
        "unchanged": ("=", "there already"),
        "rejected": ("!", "rejected"),
        "blocked": ("!", "blocked"),
    }
    parts = [f"{signs[state][0]} {number:,} {signs[state][1]}" for state, number in counts.items() if number]
    return f"  {stage:>2}  {visible(name):<{width}}  {counted(rows, 'row'):>14}   {'   '.join(parts)}"


def changed_record(place: str, node: str, submitter_id: str | None, said: Sequence[str]) -> str:
    """``~ case C-0007 (case.tsv:8) vital_status: `Alive` → `Dead` ``."""
    name = f" {visible(submitter_id)}" if submitter_id is not None else ""
    return f"~ {visible(node)}{name} ({place}) {', '.join(said)}"


def more_changes(number: int) -> str:
    return f"… and {counted(number, 'more changed record')}"


# Labels and headings


def title(kind: str, project: str | None) -> str:
    what = {"check": "check", "plan": "plan", "submit": "submission"}[kind]
    return f"gen3submit {what}{' of ' + visible(project) if project else ''}"


def reason(code: str, message: str, help_line: str | None) -> str:
    """``value-not-allowed: ... (help: ...)``."""
    return f"{code}: {message}{f' ({HELP}: {help_line})' if help_line else ''}"


def labelled(label: str, text: str) -> str:
    return f"{label}: {text}"


def on_line(line: int) -> str:
    return f"on line {line}"


def no_problems() -> str:
    return "no problems"


def same_here() -> str:
    return "the same here"


def page_text(meaning: str, server: str, mend: str) -> str:
    return f"{meaning}\n\nWhat the server does: {server}\n\nHow to mend it: {mend}"


def more_annotations(number: int) -> str:
    return f"{counted(number, 'more problem')}; the other formats of the report have all"
