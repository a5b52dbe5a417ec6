"""Sentences about GraphQL queries."""

from __future__ import annotations

from collections.abc import Sequence

from gen3submit.messages.wording import counted, listed, shown


def bad_name(name: str) -> str:
    return f"{shown(name)} cannot name a node type or field: letters, digits and `_` were expected"


def cut(paths: Sequence[str]) -> str:
    are = "has" if len(paths) == 1 else "have"
    return (
        f"{listed(paths)} {are} exactly 10 entries, which is where the commons cuts a list unless it is asked for more."
        " Write `first: 0` to get all"
    )


def no_rows() -> str:
    return "no rows. The commons gives none, too, where the project is unknown or you have no right to read it"


def several_roots(roots: Sequence[str]) -> str:
    return (
        f"a TSV holds one table, and the answer has {len(roots)} ({listed(roots)}). Ask for one, or use `--format json`"
    )


def bad_variables(why: str) -> str:
    return f"the variables are no JSON object: {why}"


def no_query() -> str:
    return "say what to ask: a query, `--schema`, or `--node NODE --fields NAME,NAME`"


def one_of() -> str:
    return "a query, `--schema` and `--node` exclude each other"


def fields_missing() -> str:
    return "`--node` needs `--fields NAME,NAME`"


def partial() -> str:
    return "the commons answered a part of the query all the same; it stands on stdout"


def title(root: str, number: int) -> str:
    return f"{root}: {counted(number, 'row')}"


def records() -> str:
    return "records"
