"""Sentences of the command line: help, usage, and how a command ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandWords:
    """A command as the list of commands shows it."""

    name: str
    group: str
    line: str


TAGLINE = "Check and submit metadata to a Gen3 data commons, with nothing lost."

COMMANDS = (
    CommandWords("check", "Submitting", "say what the server would say of every row; sends nothing"),
    CommandWords("plan", "Submitting", "show what would be sent, in which order; sends nothing"),
    CommandWords("submit", "Submitting", "check, then send everything in the right order"),
    CommandWords("resume", "Submitting", "go on with a submission that stopped"),
    CommandWords("runs", "Submitting", "list the submissions that are known on this machine"),
    CommandWords("verify", "Submitting", "read everything back and compare it; sends nothing"),
    CommandWords("undo", "Submitting", "delete the records that a submission created"),
    CommandWords("fix", "Preparing", "write corrected copies, and a list of every change"),
    CommandWords("template", "Preparing", "make empty tables to fill in, for text editors or spreadsheets"),
    CommandWords("init", "Preparing", "make a starter folder: settings, templates, next steps"),
    CommandWords("explain", "Preparing", "tell what a finding code, a node type or a property means"),
    CommandWords("completion", "Trying it", "print a script that completes commands in your shell"),
    CommandWords("auth", "The commons", "say who you are, what you may do, and when key and token end"),
    CommandWords("projects", "The commons", "list projects with their state"),
    CommandWords("project", "The commons", "open a project for submissions, or put it into review"),
    CommandWords("create", "The commons", "create a program or a project"),
    CommandWords("dictionary", "The commons", "fetch, compare and show data dictionaries"),
    CommandWords("query", "The commons", "ask by GraphQL"),
    CommandWords("export", "The commons", "write records to files that go back unchanged"),
    CommandWords("delete", "The commons", "delete records, children first"),
    CommandWords("send", "The commons", "send one file as it is, in one request"),
    CommandWords("index", "The commons", "look up data files in the file index"),
    CommandWords("files", "The commons", "compare data-file records with the file index"),
    CommandWords("sandbox", "Trying it", "serve a practice commons on this machine"),
)

GROUPS = ("Submitting", "Preparing", "The commons", "Trying it")

EXIT_CODES = (
    "0 fine (warnings alone too), 1 findings or failed rows, 2 usage or environment, "
    "3 stopped but can go on, 130 interrupted, 70 a bug of gen3submit"
)


def main_help() -> str:
    """What ``gen3submit --help`` prints."""
    width = max(len(command.name) for command in COMMANDS)
    lines = ["Usage: gen3submit [OPTIONS] COMMAND [ARGS]...", "", f"  {TAGLINE}", ""]
    lines += ["Options:", "  --version  print the version and leave", "  --help     print this and leave"]
    for group in GROUPS:
        members = [f"  {command.name:<{width}}  {command.line}" for command in COMMANDS if command.group == group]
        lines += ["", f"{group}:", *members] if members else []
    lines += ["", "Exit codes:", *(f"  {code}" for code in EXIT_CODES.split(", ")), ""]
    lines += ["`gen3submit COMMAND --help` tells of one command."]
    return "\n".join(lines) + "\n"


def problem(text: str) -> str:
    return f"gen3submit: {text}"


def bug(error: str, log: str) -> str:
    return f"gen3submit: this is a bug of gen3submit, not of your data: {error}; details were written to {log}"


def watching(now: str) -> str:
    return f"checked at {now}; watching for changes, Ctrl-C ends it"


def interrupted() -> str:
    return "gen3submit: interrupted"


def no_dictionary() -> str:
    return (
        "no dictionary was given; name one with --dictionary (a folder, a file or an address), name a commons with"
        " --commons, or put one of them into gen3submit.toml"
    )


def no_project() -> str:
    return "no project was given; name it with --project PROGRAM-CODE, or put it into gen3submit.toml"


def no_commons() -> str:
    return (
        "no commons was given; name it with --commons (an address, or `sandbox` to practise),"
        " or put it into gen3submit.toml"
    )


def bad_config(path: str, why: str) -> str:
    return f"{path}: {why}"


def unknown_setting(names: str, known: str) -> str:
    return f"unknown setting {names}; known are {known}"


def setting_not_text(name: str) -> str:
    return f"the setting `{name}` must be text"


def cannot_write(path: str, why: str) -> str:
    return f"{path}: cannot be written ({why})"


def report_suffix(path: str, known: str) -> str:
    return f"{path}: the ending of a report tells its format; known are {known}"


def data_without_sandbox() -> str:
    return "--data goes with --commons sandbox only"


def practice_running(url: str) -> str:
    return f"practice commons on {url} (for practice only: nothing leaves this machine; stop it with Ctrl-C)"


def workers_and_dask() -> str:
    return "--workers and --dask exclude each other"


def dask_missing() -> str:
    return "--dask needs distributed; install it with `pip install 'gen3submit[dask]'`"


def dask_unreachable(address: str, why: str) -> str:
    return f"the Dask scheduler at {address} cannot be reached: {why}"


def dask_without_workers(address: str) -> str:
    return f"the Dask cluster at {address} has no workers; waiting for one, Ctrl-C ends it"


def dask_differs(place: str, there: str | None, here: str) -> str:
    where = "scheduler" if place == "scheduler" else f"worker at {place}"
    has = "has none" if there is None else f"has {there}"
    return (
        f"the Dask {where} should have gen3submit {here} and {has};"
        " install the same version where the scheduler and the workers run"
    )
