"""Sentences about exports: what was written, and what a table cannot carry."""

from __future__ import annotations

from collections.abc import Sequence

from gen3submit.messages.wording import counted, listed, shown, visible


def exporting() -> str:
    return "exporting"


def folder_not_empty(path: str) -> str:
    return f"{visible(path)}: there is something in it already. Name a new folder, so that no other table gets between"


def no_folder(path: str) -> str:
    return f"{visible(path)}: a file of this name is there. Name a new folder"


def cannot_write(path: str, why: str) -> str:
    return f"{visible(path)}: cannot be written: {why}"


def no_such_project(project: str) -> str:
    return f"the commons has no project {shown(project)}"


def nothing_exported(project: str) -> str:
    return f"{shown(project)} has no records"


def no_records(project: str, node: str | None) -> str:
    which = f" of node type {shown(node)}" if node else ""
    return f"{shown(project)} has no records{which}"


def ids_missing(project: str, ids: Sequence[str]) -> str:
    return f"{shown(project)} has no records with these ids: {listed(ids, 10)}"


def several_types(types: Sequence[str]) -> str:
    return f"a table holds records of one node type, and these are of {listed(types)}. Use `--format json`"


def nothing_named() -> str:
    return "say what to export: `--all DIR`, `--node NODE` or `--ids ID,ID`"


def one_of() -> str:
    return "`--all`, `--node` and `--ids` exclude each other"


def output_with_all() -> str:
    return "`--output` does not go with `--all`, which names its folder itself"


def unknown_type(value: object) -> str:
    return f"the commons answered with a record of type {shown(value)}, which its dictionary does not have"


# What was written


def wrote_file(path: str, records: int) -> str:
    return f"{visible(path)}: {counted(records, 'record')}"


def wrote(folder: str, records: int, files: int) -> str:
    return f"{counted(records, 'record')} in {counted(files, 'file')} of {visible(folder)}"


# What a table cannot carry. Each note names node type, property, and some of the records.


def left_out(node: str, property_: str, names: Sequence[str], number: int, reason: str, kept_in: str | None) -> str:
    where = f"; whole in {visible(kept_in)}" if kept_in else ""
    return (
        f"{_place(node, property_)}: {reason} in {counted(number, 'record')} ({_examples(names, number)}). The tables"
        f" leave it out there, so that submitting them changes nothing{where}"
    )


def record_left_out(
    node: str, property_: str, names: Sequence[str], number: int, reason: str, kept_in: str | None
) -> str:
    where = f", but whole in {visible(kept_in)}" if kept_in else ""
    return (
        f"{_place(node, property_)}: {reason} in {counted(number, 'record')} ({_examples(names, number)}), and the"
        f" property is required. The records are in no table{where}"
    )


def inexact(node: str, property_: str, names: Sequence[str], number: int, reason: str) -> str:
    return (
        f"{_place(node, property_)}: {reason} in {counted(number, 'record')} ({_examples(names, number)}). Submitting"
        " the table would change or fail them; `--format json` has the exact values, `--all` leaves them out"
    )


def parents_by_id(node: str, link: str, names: Sequence[str], number: int) -> str:
    return (
        f"{_place(node, link)}: {counted(number, 'parent')} ({_examples(names, number)}) cannot be named by"
        " submitter_id in a table and stand there by id, which only this commons knows"
    )


def too_many_tables(node: str, number: int, kept_in: str | None) -> str:
    where = f", but whole in {visible(kept_in)}" if kept_in else ""
    return (
        f"{shown(node)}: {counted(number, 'record')} would need more tables of their own than are written (some"
        f" properties take no empty cell). They are in no table{where}"
    )


def reason_comma() -> str:
    return "a comma inside an item, which a table cannot tell from a separator,"


def reason_line_break() -> str:
    return "a line break or control character that the server would change"


def reason_spaces() -> str:
    return "spaces at an end, which the server would cut off,"


def reason_empty() -> str:
    return "an empty text or list, which a table cannot tell from no value,"


def reason_null_word() -> str:
    return "the word `null`, which the server would read as no value,"


def reason_too_long() -> str:
    return "a text longer than a cell may be"


def reason_unknown() -> str:
    return "a value of a property that the dictionary does not have"


def reason_other() -> str:
    return "a value that the server would read differently from a table"


def _place(node: str, name: str) -> str:
    return shown(f"{node}.{name}")


def _examples(names: Sequence[str], number: int) -> str:
    shown_names = ", ".join(shown(name, 40) for name in names)
    return shown_names if number <= len(names) else f"{shown_names}, …"
