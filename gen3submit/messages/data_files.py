"""Sentences about data files: in the index of the commons, and on this computer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gen3submit.messages.wording import counted, listed, shown, visible


def not_utf8(path: str) -> str:
    return f"{visible(path)}: not UTF-8 text; `gen3submit check` tells where"


def no_folder(path: str) -> str:
    return f"{visible(path)}: there is no such folder of data files"


def unreadable(path: str, why: str) -> str:
    return f"{visible(path)}: cannot be read: {visible(why)}"


def no_data_files(node: str, category: str) -> str:
    return f"{shown(node)} has no data files: its category is {shown(category)}, and that of data files ends in `_file`"


def no_such_node(name: str, known: Sequence[str]) -> str:
    there = f"; node types with data files are {listed(known, 8)}" if known else ""
    return f"{shown(name)} is neither a file or folder nor a node type{there}"


def no_file_rows() -> str:
    return "no row of these tables is of a node type with data files"


def asking_index(node: str) -> str:
    return f"index of {visible(node)}"


def files() -> str:
    return "files"


def reading_files(number: int) -> str:
    return f"reading {counted(number, 'data file')}"


def unknown_guids(guids: Sequence[str]) -> str:
    return f"not in the index: {listed(guids, 10)}"


def nothing_asked() -> str:
    return "name GUIDs, or what to search for: `--md5`, `--size`, `--url` or `--file-name`"


def guids_or_search() -> str:
    return "give GUIDs or something to search for, not both"


def none_matches() -> str:
    return "no record of the index matches"


STATES: Mapping[str, str] = {
    "ok": "the index agrees",
    "no-location": "registered, but the index knows no place of the file",
    "not-submitted": "not in the project",
    "no-object-id": "the record names no file of the index",
    "missing": "not in the index",
    "size-differs": "the index has another size",
    "md5-differs": "the index has another md5",
}
"""What the states of a file mean."""


def details(state: str, told: object, indexed: object) -> str:
    if state in ("size-differs", "md5-differs"):
        return f"{STATES[state]}: {shown(indexed)}, not {shown(told)}"
    return STATES[state]


def summary(counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    parts = [f"{number:,} {state}" for state, number in counts.items() if number]
    return f"{counted(total, 'file')}: {', '.join(parts)}" if parts else "no files"
