"""The rows of a journal: added once, then led from state to state."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from gen3submit.journal.file import Journal
from gen3submit.journal.ranges import bounds_in, ranges_of
from gen3submit.journal.states import Action, Outcome, RowState, outcome

FAILED = (RowState.REJECTED, RowState.BLOCKED, RowState.LEFT_OUT)
"""The states that keep the children of a row from being sent."""

AS_SAID = b"="
"""Stands for the digest of a record that holds exactly what its row says."""

Answers = Mapping[str, Mapping[int, str]]
"""What the commons said that it did with the rows of a request: their ids by their numbers, by action."""

_COLUMNS = "number, file, row, line, type, submitter_id, key, level, planned, held, state, action, id, request, twin"
_LEFT = "number BETWEEN ? AND ? AND state = 'pending' AND twin IS NULL"
_COUNTS = (
    "SELECT file, type, state, action, planned, count(*) FROM row"
    " GROUP BY file, type, state, action, planned ORDER BY file"
)
_SLICE = 5_000


class JournalRow(NamedTuple):
    """A row as the journal knows it; made by the million, hence no dataclass."""

    number: int
    file: int
    row: int
    line: int
    type: int
    """The number of its node type."""
    submitter_id: str | None
    key: str | None
    level: int
    planned: str | None
    held: bytes | None
    state: str
    action: str | None
    id: str | None
    request: int | None
    twin: int | None


class Chosen(NamedTuple):
    """Rows that meet a condition, in order."""

    numbers: Sequence[int]
    types: Sequence[int]
    """The number of the node type of each."""
    lines: int
    """The sum of the lines on which they stand."""


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """A node type of the submission and its place in the order."""

    number: int
    name: str
    stage: int | None
    circle: int | None


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the submission."""

    number: int
    path: str
    place: str | None
    format: str
    sha256: str
    verdict: str
    first: int
    rows: int
    findings: str


def types(journal: Journal) -> list[TypeEntry]:
    """The node types of the submission."""
    return [TypeEntry(*row) for row in journal.rows("SELECT number, name, stage, circle FROM type ORDER BY number")]


def files(journal: Journal) -> list[FileEntry]:
    """The files of the submission, in their order."""
    sql = "SELECT number, path, place, format, sha256, verdict, first, rows, findings FROM file ORDER BY number"
    return [FileEntry(*row) for row in journal.rows(sql)]


def rows_between(journal: Journal, first: int, last: int, condition: str = "1") -> Iterator[JournalRow]:
    """The rows of these numbers, in order; read in slices, so that rows may be written meanwhile."""
    while first <= last:
        end = min(last, first + _SLICE - 1)
        sql = f"SELECT {_COLUMNS} FROM row WHERE number BETWEEN ? AND ? AND ({condition}) ORDER BY number"  # noqa: S608
        for row in journal.rows(sql, first, end):
            yield JournalRow._make(row)
        first = end + 1


def of_types(types: Iterable[int]) -> str:
    """The condition that a row is of one of these types, for rows that are looked for by their numbers."""
    # The plus keeps SQLite from the index of keys, in which rows that follow each other stand far apart.
    return f"+type IN ({', '.join(map(str, types))})"


def chosen_between(journal: Journal, first: int, last: int, condition: str) -> Chosen:
    """The rows of these numbers that meet a condition."""
    where = f"FROM row WHERE number BETWEEN ? AND ? AND ({condition})"
    summed = f"SELECT count(*), min(type), max(type), sum(line) {where}"
    ((count, type_, other, lines),) = journal.rows(summed, first, last)  # a quarter of the time of the rows themselves
    if count == last - first + 1 and type_ == other:
        return Chosen(range(first, last + 1), [type_] * count, lines)
    found = journal.rows(f"SELECT number, type, line {where} ORDER BY number", first, last)
    numbers, types, places = zip(*found, strict=True) if found else ((), (), ())
    return Chosen(numbers, types, sum(places))


def rows_of(journal: Journal, numbers: str | Iterable[int]) -> list[JournalRow]:
    """The rows of these numbers (or ranges of numbers), in order."""
    ranges = numbers if isinstance(numbers, str) else ranges_of(numbers)
    return [row for first, last in bounds_in(ranges) for row in rows_between(journal, first, last)]


def row_by_key(journal: Journal, type_: int, key: str) -> JournalRow | None:
    """The first row with this key."""
    found = journal.rows(f"SELECT {_COLUMNS} FROM row WHERE type = ? AND key = ? ORDER BY number LIMIT 1", type_, key)  # noqa: S608  # fixed columns
    return JournalRow._make(found[0]) if found else None


def set_state(journal: Journal, ranges: str, state: RowState, condition: str = "1", **more: object) -> None:
    """Bring the rows of these ranges that meet the condition into a state."""
    with journal.writing():
        for first, last in bounds_in(ranges):
            changes = {"state": str(state), **more}
            journal.update("row", changes, f"number BETWEEN ? AND ? AND {condition}", first, last)


def give_back(journal: Journal, request: int, ranges: str) -> None:
    """Rows of a request are to be sent again."""
    set_state(journal, ranges, RowState.PENDING, action=None, request=request)


def set_answers(journal: Journal, request: int, said: str, state: RowState) -> None:
    """Write what the commons said that it did with rows (`answers_as_text`), and bring these into a state."""
    written = {"state": "?1", "action": "?2", "id": "answered", "request": "?3"}
    ids = "(SELECT CAST(key AS INTEGER) AS carried, value AS answered FROM json_each(?4, '$.' || ?2))"
    with journal.writing():
        for action in (Action.CREATE, Action.UPDATE):
            journal.update_from("row", written, ids, "number = carried", str(state), str(action), request, said)


def answers_as_text(answers: Answers) -> str:
    """The answers as JSON."""
    return orjson.dumps(answers, option=orjson.OPT_NON_STR_KEYS).decode()


def answers_in(text: str) -> Answers:
    """The answers in JSON."""
    return {action: {int(number): id_ for number, id_ in ids.items()} for action, ids in json.loads(text).items()}


def say(journal: Journal, said: Mapping[int, Mapping[str, Any]]) -> None:
    """Write why rows failed."""
    with journal.writing():
        for number, content in said.items():
            journal.execute("DELETE FROM said WHERE row = ?", number)
            journal.insert("said", number, json.dumps(content))


def settle_twins(journal: Journal) -> None:
    """Give each row that repeats another one the state that follows from what became of that one."""
    pairs = journal.rows(
        "SELECT t.number, f.state FROM row t JOIN row f ON f.number = t.twin"
        " WHERE t.twin IS NOT NULL AND t.state IN ('pending', 'unchanged', 'blocked', 'unknown', 'sent')"
    )
    by_state: dict[RowState, list[int]] = {}
    for number, state in pairs:
        by_state.setdefault(_twin_state(RowState(state)), []).append(number)
    with journal.writing():
        for state, numbers in by_state.items():
            set_state(journal, ranges_of(numbers), state, "twin IS NOT NULL")


def _twin_state(state: RowState) -> RowState:
    if state in (RowState.CONFIRMED, RowState.UNCHANGED):
        return RowState.UNCHANGED
    if state in (RowState.SENT, RowState.UNKNOWN):
        return RowState.UNKNOWN
    return RowState.BLOCKED if state in FAILED else RowState.PENDING


def state_counts(journal: Journal) -> dict[tuple[int | None, str, str | None, str | None], int]:
    """How many rows there are by (type, state, action, planned action)."""
    counts: dict[tuple[int | None, str, str | None, str | None], int] = {}
    for _, type_, state, action, planned, number in journal.rows_kept(_COUNTS):
        key = type_, state, action, planned
        counts[key] = counts.get(key, 0) + number
    return counts


class StateCount(NamedTuple):
    """How many rows of a file and a node type are in a state."""

    path: str
    type: str | None
    state: str
    action: str | None
    planned: str | None
    rows: int


def counts_by_file(journal: Journal) -> list[StateCount]:
    """How many rows of each file and node type are in which state."""
    paths = {entry.number: entry.path for entry in files(journal)}
    names = {entry.number: entry.name for entry in types(journal)}
    return [
        StateCount(paths[file], names.get(type_), state, action, planned, number)
        for file, type_, state, action, planned, number in journal.rows_kept(_COUNTS)
    ]


def outcome_counts(journal: Journal) -> dict[Outcome, int]:
    """How many rows have each outcome; every outcome is there."""
    counts = dict.fromkeys(Outcome, 0)
    for (_, state, action, _), number in state_counts(journal).items():
        counts[outcome(state, action)] += number
    return counts


def count(journal: Journal, states: Collection[RowState]) -> int:
    """How many rows are in one of the states."""
    marks = ", ".join("?" for _ in states)
    return int(journal.value(f"SELECT count(*) FROM row WHERE state IN ({marks})", *map(str, states)))  # noqa: S608


def left(journal: Journal, file: FileEntry, types: Iterable[int]) -> int:
    """How many rows of a file are of these types and still to be sent."""
    sql = f"SELECT count(*) FROM row WHERE {_LEFT} AND {of_types(types)}"  # noqa: S608  # fixed texts
    return int(journal.value(sql, file.first, file.first + file.rows - 1))


def set_planned(journal: Journal, file: FileEntry, types: Iterable[int], planned: Action) -> None:
    """Write what sending does for the rows of a file that are of these types and still to be sent."""
    told = str(planned)
    condition = f"{_LEFT} AND {of_types(types)} AND planned IS NOT ?"
    with journal.writing():
        journal.update("row", {"planned": told}, condition, file.first, file.first + file.rows - 1, told)


class Fate(NamedTuple):
    """What rows have in common that are added together: what is known of them before they are sent."""

    file: int
    type: int | None
    verdict: str | None
    state: str
    planned: str | None = None
    held: bytes | None = None
    has_ids: bool = False
    """Whether the ids of their records are known."""


NewRow = tuple[int, int, int, str | None, str | None] | tuple[int, int, int, str | None, str | None, str]
"""What each row has of its own: number, row, line, submitter_id, key; and the id of its record, if that is known."""


def add(journal: Journal, fate: Fate, rows: Iterable[NewRow]) -> None:
    """Add rows that have this fate."""
    same: dict[str, int | str | bytes | None] = {
        "file": fate.file,
        "type": fate.type,
        "verdict": fate.verdict,
        "level": 0,
        "planned": fate.planned,
        "held": fate.held,
        "state": fate.state,
        **dict.fromkeys(("action", "request", "twin", "undone")),
    }
    if not fate.has_ids:
        same["id"] = None
    with journal.writing():
        journal.insert_many("row", rows, same)


def planned_action(held: bytes | None, changed: bool) -> Action:
    """What sending a row does, seen from the record that the commons has."""
    if held is None:
        return Action.CREATE
    return Action.UPDATE if changed else Action.UNCHANGED
