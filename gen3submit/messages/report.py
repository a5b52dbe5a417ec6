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
    "not-sent": "the run ended before the row was sent",
    "unknown": "the row was sent, and whether it is in the commons could not be found out",
}
"""What each state means."""

OUTCOME_MESSAGES: Mapping[str, str] = {
    "rejected": "the server refused the row",
    "blocked": "a record that the row belongs to did not go in, so the row was not sent",
    "not-sent": "the run ended before the row was sent",
    "unknown": "whether the row is in the commons could not be found out",
}
OUTCOME_HELP: Mapping[str, str] = {
    "rejected": "mend the row and submit the file again; what is in the commons already is left as it is",
    "blocked": "mend the parent's row and submit the files again",
    "not-sent": "continue the run",
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


def verdict(kind: str, ok: bool, rows: int, bad: int, files: int, bad_files: int, warnings: int) -> str:
    """The one sentence that a report begins or ends with."""
    if kind == "submit":
        if ok:
            return f"every row is confirmed: {counted(rows, 'row')} of {counted(files, 'file')}"
        return f"{bad:,} of {counted(rows, 'row')} {'is' if bad == 1 else 'are'} not confirmed"
    noticed = f", with {counted(warnings, 'warning')}" if warnings else ""
    if ok:
        if rows == 0:
            return f"nothing to object to, and no row to send{noticed}"
        return f"everything would go in: {counted(rows, 'row')} of {counted(files, 'file')}{noticed}"
    if bad:
        return f"{bad:,} of {counted(rows, 'row')} would not go in{noticed}"
    return f"{bad_files:,} of {counted(files, 'file')} would not go in{noticed}"


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


def file_line(path: str, rows: int, bad: int, refused: bool, warnings: int) -> str:
    """``sample.tsv 2,310 rows, 212 bad, 1 warning``."""
    said = f"{visible(path)} {counted(rows, 'row')}"
    if refused:
        said += ", refused"
    elif bad:
        said += f", {bad:,} bad"
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
SERVER = "server"


def same_on(lines: Sequence[int], has_value: bool) -> str:
    """``same value on 212 rows: lines 14, 15, 19, … 209 more``."""
    what = "same value" if has_value else "same"
    return f"{what} on {counted(len(lines), 'row')}: {line_list(lines)}"


def more_problems(code: str, problems: int, rows: int, files: int) -> str:
    """``… and 295 more of value-not-allowed, on 1,203 rows of 2 files``."""
    on = f", on {counted(rows, 'row')} of {counted(files, 'file')}" if rows else f", in {counted(files, 'file')}"
    return f"… and {problems:,} more of {code}{on}"


def more_places(number: int) -> str:
    return f"and {counted(number, 'more row')}"


def where(path: str, line: int | None) -> str:
    return visible(path) if line is None else f"{visible(path)}:{line}"


def places(path: str, lines: Sequence[int]) -> str:
    return f"{visible(path)}, {line_list(lines, 10)}" if lines else visible(path)


def server_said(text: str) -> str:
    return f"the server said: {visible(text)}"


# What to do next


def next_steps(
    kind: str,
    *,
    ok: bool,
    project: str | None,
    unverified: int,
    similar_fixes: int,
    held: int,
    unknown: int,
    not_sent: int,
    rejected: int,
) -> list[str]:
    """What the reader may do next, the most useful first."""
    steps: list[str] = []
    if kind == "submit":
        if unknown or not_sent:
            steps.append(
                "continue the run with `gen3submit resume`; it asks the commons before it sends anything again"
            )
        if rejected:
            steps.append(
                "mend the rejected rows below and submit the same files again; confirmed rows stay as they are"
            )
        if ok:
            steps.append("nothing: every row is in the commons. Keep this report as the record of the run")
        return steps
    if not ok:
        steps.append("mend the rows listed under problems, the errors first; a warning alone stops nothing")
        if similar_fixes:
            many = counted(similar_fixes, "problem")
            steps.append(
                f"for {many} the help line names the nearest right value; `gen3submit fix` can write such changes"
            )
        if held:
            steps.append("rows that are kept back only because of others go in once those are mended")
        steps.append("then check again, or send only the sound rows with `gen3submit submit --good-rows`")
    if unverified:
        steps.append(
            f"name the commons with `--commons`, or its records with `--existing`, to have "
            f"{counted(unverified, 'parent')} looked up"
        )
    if ok:
        target = f" --project {visible(project)}" if project else " --project PROGRAM-CODE"
        steps.append(f"submit: `gen3submit submit PATH…{target} --commons URL`")
    return steps


# Headings and labels of the HTML report


def title(kind: str, project: str | None) -> str:
    what = {"check": "check", "plan": "plan", "submit": "submission"}[kind]
    return f"gen3submit {what}{' of ' + visible(project) if project else ''}"


def no_project() -> str:
    return "none was given"


def no_value() -> str:
    return "not known"


def values_hidden() -> str:
    return "values of the data, submitter_ids and the server's words are left out of this report"


def rows_shown(shown_rows: int, total: int) -> str:
    return f"the first {shown_rows:,} of {counted(total, 'row')}, those with problems first"


def rows_embedded(embedded: int, total: int) -> str:
    return (
        f"this file carries {embedded:,} of {counted(total, 'row')}, those with problems first; the JSON report has all"
    )


def graph_label(kinds: int, links: int) -> str:
    return f"{counted(kinds, 'node type')} of the submission and {counted(links, 'link')} between them, parents above"


def graph_node_label(name: str, parts: Sequence[str]) -> str:
    return f"{visible(name)}: {', '.join(parts)}"


def untyped() -> str:
    return "(no type)"


def test_passed(path: str, rows: int) -> str:
    return f"{visible(path)}: {counted(rows, 'row')}"


def codes_listed(codes: Sequence[str]) -> str:
    return listed(codes)


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
