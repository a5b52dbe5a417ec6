"""Sentences about plans, journals, and submissions under way."""

from __future__ import annotations

from collections.abc import Sequence

from gen3submit.messages.wording import counted, listed, visible


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"


# What a task is called while it lasts


def reading_commons(node: str) -> str:
    return f"reading {node}"


def planning() -> str:
    return "planning"


def comparing() -> str:
    return "comparing with the commons"


def reading_back() -> str:
    return "reading back"


def deleting() -> str:
    return "deleting"


# The user's input


def no_project() -> str:
    return "no project is named. Give it as PROGRAM-CODE, for instance `DEV-test`"


def no_dictionary() -> str:
    return "no dictionary is named. Give one, or the commons whose dictionary counts"


def other_project(asked: str, project: str) -> str:
    return f"`{visible(asked)}` was asked for, and the submission goes to `{visible(project)}`"


def other_dictionary() -> str:
    return "the dictionary is not the one that the tables were checked with. Make a new plan"


def not_among_the_tables(path: str) -> str:
    return f"{visible(path)}: was checked, and is not among the tables that are given"


def not_as_checked(path: str, why: str) -> str:
    return f"{visible(path)}: cannot be read as a table any more ({visible(why)}). It was changed since it was checked"


def file_changed(path: str) -> str:
    return f"{visible(path)}: was changed since it was checked, so the plan is stale. Submit again, which checks again"


def file_gone(path: str) -> str:
    return f"{visible(path)}: is not there any more. Put it back as it was, or submit anew"


def table_needed(path: str, run: str) -> str:
    return f"{visible(path)}: cannot be read again, because it is no file; give the same tables with the run `{run}`"


def bad_form(form: str) -> str:
    return f"rows cannot be sent as `{visible(form)}`: `json` or `tsv` was expected"


def bad_number() -> str:
    return "the number of requests side by side, and of rows in a request, must be 1 or more"


# The journal


def journal_damaged(path: str) -> str:
    return (
        f"{visible(path)}: the journal is damaged, and nothing was sent. "
        "`gen3submit recover` makes a new one from the files and what the commons holds"
    )


def disk_full(path: str) -> str:
    return (
        f"{visible(path)}: cannot be written, because the disk is full. What it does not hold was not sent; "
        "make room, then resume"
    )


def journal_read_only(path: str) -> str:
    return f"{visible(path)}: cannot be written, because the file or its folder is read-only. Name another journal"


def journal_cannot_open(path: str) -> str:
    return f"{visible(path)}: cannot be opened or made there. Name a journal in a folder that can be written"


def journal_busy(path: str) -> str:
    return f"{visible(path)}: another process is writing to it. Wait until it has ended"


def journal_failed(path: str, why: str) -> str:
    return f"{visible(path)}: cannot be read or written ({visible(why)}). What it does not hold was not sent"


def journal_exists(path: str) -> str:
    return f"{visible(path)}: is there already, and holds no submission that can go on. Name a new file for the journal"


def no_journal(path: str) -> str:
    return f"{visible(path)}: there is no such file"


def not_a_journal(path: str) -> str:
    return f"{visible(path)}: is neither a plan nor a journal of gen3submit"


def journal_of_other_version(path: str, found: object, wanted: int) -> str:
    return f"{visible(path)}: was written by another version of gen3submit (layout {found}, this one reads {wanted})"


def cannot_write(path: str, why: str) -> str:
    return f"{visible(path)}: cannot be written ({visible(why)})"


def no_such_run(name: str) -> str:
    return f"`{visible(name)}` is no submission that is known here, and no file. `gen3submit runs` lists them"


def several_runs(name: str, found: Sequence[str]) -> str:
    return f"`{visible(name)}` is the beginning of several submissions: {listed(found)}. Give more of the name"


def locked(what: str, pid: str) -> str:
    holder = f"process {pid}" if pid else "another process"
    return f"{holder} is sending to {what} already. Wait until it has ended, or stop it"


def project_on(project: str, endpoint: str) -> str:
    return f"`{visible(project)}` on `{visible(endpoint)}`"


def unfinished(run: str) -> str:
    return (
        f"these files were being submitted, and that did not come to its end (`{run}`). "
        "Go on with `--resume`, or give it up and begin anew with `--new`"
    )


def cannot_go_on(run: str, state: str) -> str:
    why = {
        "refused": "the check found errors in its files, so nothing of it is sent",
        "abandoned": "another submission took its place",
        "planning": "its plan was never finished, so nothing of it was sent",
    }.get(state, state)
    return f"`{run}` cannot go on: {why}. Submit the files again"


def other_commons(run: str, before: str, now: str) -> str:
    return f"`{run}` goes to `{visible(before)}`, and `{visible(now)}` was named"


def still_under_way(run: str, why: str) -> str:
    return f"`{run}` may have a request under way still: {why}. Try again in some minutes"


# Under way


def waiting(why: str, seconds: float) -> str:
    # What to do about it is not the user's affair as long as it is waited for.
    return f"{visible(why).split('. ')[0]}; going on in {_seconds(seconds)}"


def commons_not_readable() -> str:
    return (
        "the records of the project cannot be read with these rights, so it is not known what is new, changed or there "
        "already; every row is sent"
    )


def log_not_readable() -> str:
    return "the transaction log of the project cannot be read with these rights; rows are read back instead"


def odd_answer() -> str:
    return "the commons gave an answer that no commons gives"


def bare_answer(status: int | None, problem: str | None) -> str:
    told = f"status {status}" if status is not None else "no answer"
    return f"the commons gave {told}" + (f" ({problem})" if problem else "")


def answers_do_not_match() -> str:
    return "the commons said success, but its answers are not one for each row that was sent"


def refused(message: str) -> str:
    return f"the commons refused: {visible(message)}"


def refused_without_values(types: Sequence[str], keys: Sequence[str]) -> str:
    about = f" about {listed(keys)}" if keys else ""
    return f"{', '.join(types) or 'refused'}{about}"


def settling(number: int, *, running: bool) -> str:
    if running:
        return f"request {number} found no answer, and the commons is still at it; waiting for its end"
    return f"request {number} found no clear answer; asking the commons what became of it before anything is sent again"


def read_back(number: int, stored: int, rows: int) -> str:
    if stored == rows:
        return f"request {number}: all {rows:,} rows are in the commons as they were sent"
    if stored:
        return f"request {number}: {stored:,} of {rows:,} rows are in the commons as they were sent"
    return f"request {number} was not carried out; its {counted(rows, 'row')} will be sent again"


def still_running(node: str) -> str:
    return (
        f"a request with `{node}` records is still under way in the commons and nothing tells how it will end, so "
        "nothing is sent over it. Resume later; if it stays so for more than five minutes, begin anew with `--new`"
    )


def failed_in_log() -> str:
    return "the transaction failed, and the commons kept no reason"


def left_behind() -> str:
    return "the process ended before the answer came"


def halved(number: int, rows: int, why: str) -> str:
    return f"request {number} with {counted(rows, 'row')} was too much ({visible(why)}); sending it in halves"


def gave_up(attempts: int, why: str) -> str:
    return f"the same rows were sent {attempts} times in vain: {why}"


def fruitless(rows: int, why: str) -> str:
    return (
        f"{rows} rows in a row were refused on their own, and the commons names no fault of theirs: {why}. "
        "Something is wrong with the commons or the project; resume when that is mended"
    )


def lost_write(number: int, rows: int, node: str) -> str:
    return (
        f"request {number} was answered with success, but {counted(rows, '`' + node + '` row')} of it "
        "cannot be found in the commons; looking for the row that is to blame"
    )


def lost_row() -> str:
    return "the commons answered success and stored nothing of this row"


def cannot_prove(why: str) -> str:
    return (
        f"what was sent cannot be read back, so it is not proved that it is stored: {why}. "
        "Resume with rights to read, or with `--no-verify` to take the commons at its word"
    )


def changed_on_server(rows: int, node: str) -> str:
    return (
        f"{counted(rows, '`' + node + '` record')} changed in the commons since the plan was made, and not by this "
        "submission; their rows are kept back"
    )


def interrupted() -> str:
    return "stopped by the user"


def untried(rows: int) -> str:
    return f"{counted(rows, 'row')} could not be tried, because a parent has the same submitter_id"


# Undo, verify, recover


def nothing_to_undo(run: str) -> str:
    return f"`{run}` created nothing, so there is nothing to delete"


def still_sending(run: str) -> str:
    return f"`{run}` has not come to its end: the fate of some rows is not settled. Resume it first"


def kept_for_others(message: str) -> str:
    return f"kept: {visible(message)}"


def deletion_unclear(why: str) -> str:
    return f"it cannot be told whether records were deleted: {why}. Undo again to go on"


def not_damaged(path: str) -> str:
    return f"{visible(path)}: is not damaged; resume with it as it is"


def cannot_recover(path: str) -> str:
    return (
        f"{visible(path)}: is damaged so much that it does not tell which files went to which project. "
        "Name the files and the project"
    )


def recovered_from() -> str:
    return "the journal was damaged and made anew; resume to send what is left"


def recovered(path: str) -> str:
    return f"the damaged journal was kept as {visible(path)}"
