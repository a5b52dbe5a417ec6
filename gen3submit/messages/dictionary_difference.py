"""Sentences about what changed between two dictionaries, and which tables it touches."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.messages.wording import counted, line_list, listed, shown, visible

if TYPE_CHECKING:
    from gen3submit.dictionary.difference import Change

_MOST_VALUES = 6


def sentence(change: Change) -> str:
    return _SENTENCES[change.kind](change)


def heading(node: str) -> str:
    return visible(node)


def line(breaking: bool, text: str) -> str:
    return f"  {'!' if breaking else ' '} {text}"


def no_difference() -> str:
    return "the dictionaries do not differ in anything that matters to a submission"


def summary(changes: int, breaking: int, nodes: int) -> str:
    where = f"in {counted(nodes, 'node type')}"
    if not breaking:
        return f"{counted(changes, 'change')} {where}; nothing that was fine is refused now"
    return f"{counted(changes, 'change')} {where}; {breaking:,} marked `!` may refuse what was fine before"


def touched_heading() -> str:
    return "your files"


def touched(path: str, lines: Sequence[int], text: str, node: str) -> str:
    return f"  {visible(path)}: {counted(len(lines), 'row')} ({line_list(lines)}): {visible(node)}: {text}"


def touched_summary(files: int, of: int) -> str:
    if not files:
        return f"none of {counted(of, 'file')} is touched"
    return f"{files:,} of {counted(of, 'file')} {'is' if files == 1 else 'are'} touched"


def not_utf8(path: str) -> str:
    return f"{visible(path)}: not UTF-8 text; `gen3submit check` tells where"


def one_source() -> str:
    return "name two dictionaries to compare, or one and a commons with `--commons`"


def _name(change: Change) -> str:
    return shown(change.name or change.node)


def _values(values: Any) -> str:
    return listed(values or (), _MOST_VALUES)


def _types(types: Sequence[str]) -> str:
    return " or ".join(shown(type_) for type_ in types) or "no declared type"


def _constraint(change: Change) -> str:
    name, _, keyword = (change.name or "").rpartition(".")
    if change.old is None:
        return f"{shown(name)}: `{visible(keyword)}` is {_json(change.new)} now"
    if change.new is None:
        return f"{shown(name)}: `{visible(keyword)}` {_json(change.old)} is gone"
    return f"{shown(name)}: `{visible(keyword)}` was {_json(change.old)} and is {_json(change.new)} now"


def _json(value: Any) -> str:
    return shown(value if isinstance(value, str) else json.dumps(value), 120)


def _group(change: Change) -> str:
    return f"links {shown(change.name or '')}: {_demand(change.old)} before, {_demand(change.new)} now"


def _demand(flags: dict[str, bool] | None) -> str:
    if flags is None:
        return "no group"
    needed = "one is required" if flags["required"] else "none is required"
    return f"{needed}, {'at most one' if flags['exclusive'] else 'several may be given'}"


_SENTENCES: dict[str, Callable[[Change], str]] = {
    "node-added": lambda change: f"{shown(change.node)} is a new node type",
    "node-removed": lambda change: f"the node type {shown(change.node)} is gone",
    "category-changed": lambda change: f"its category was {shown(change.old)} and is {shown(change.new)} now",
    "keys-changed": lambda change: f"records are identified by {_json(change.new)} now, by {_json(change.old)} before",
    "rule-changed": lambda change: f"the rule {_name(change)} was {_json(change.old)} and is {_json(change.new)} now",
    "property-added": lambda change: f"{_name(change)} is new" + (" and required" if change.new else ""),
    "property-removed": lambda change: f"{_name(change)} is gone",
    "required-added": lambda change: f"{_name(change)} is required now",
    "required-removed": lambda change: f"{_name(change)} is no longer required",
    "type-changed": lambda change: f"{_name(change)} was {_types(change.old)} and is {_types(change.new)} now",
    "values-listed": lambda change: (
        f"{_name(change)} allows only {_values(change.new)} now, and allowed anything before"
    ),
    "values-free": lambda change: f"{_name(change)} no longer has a list of allowed values",
    "values-removed": lambda change: f"{_name(change)} no longer allows {_values(change.old)}",
    "values-added": lambda change: f"{_name(change)} also allows {_values(change.new)}",
    "constraint-changed": _constraint,
    "system-added": lambda change: f"{_name(change)} is set by the commons now; what a table says is ignored",
    "system-removed": lambda change: f"{_name(change)} is no longer set by the commons itself",
    "link-added": lambda change: f"the link {_name(change)} to {shown(change.new)} is new",
    "link-removed": lambda change: f"the link {_name(change)} to {shown(change.old)} is gone",
    "link-target-changed": lambda change: (
        f"the link {_name(change)} led to {shown(change.old)} and leads to {shown(change.new)} now"
    ),
    "multiplicity-changed": lambda change: (
        f"the link {_name(change)} was {shown(change.old)} and is {shown(change.new)} now"
    ),
    "link-required-added": lambda change: f"the link {_name(change)} is required now",
    "link-required-removed": lambda change: f"the link {_name(change)} is no longer required",
    "group-changed": _group,
}
