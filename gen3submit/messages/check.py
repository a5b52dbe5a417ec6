"""Sentences about a check that cannot be made."""

from __future__ import annotations


def checking() -> str:
    return "checking"


def reading(path: str) -> str:
    return f"reading {path}"


def existing_unreadable(path: str, why: str) -> str:
    return f"{path}: cannot be used as records already in the commons: {why}"


def no_export() -> str:
    return "a JSON export is a list of records, or an object with such a list under `data`"


def no_project() -> str:
    return "to check against a commons, name the project: `PROGRAM-CODE`"


def worker_died(path: str) -> str:
    return (
        f"{path}: a worker died while it read this table, perhaps for want of memory; take fewer workers, or check"
        " without them"
    )


def workers_lost(path: str) -> str:
    return f"{path}: the connection to the workers was lost while they read this table; check again"


def unfit_worker(why: str, version: str) -> str:
    return f"the workers or their scheduler cannot load gen3submit ({why}); install gen3submit {version} where they run"


def other_version(there: str, here: str) -> str:
    return f"the workers run gen3submit {there}, and this is {here}; install the same version in both places"


def executor_failed(path: str, why: str) -> str:
    return f"{path}: the workers could not read this table: {why}"
