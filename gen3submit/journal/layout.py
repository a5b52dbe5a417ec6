"""The tables of a journal, and the seals that tell whether a row of theirs is as it was written."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

APPLICATION_ID = 0x6733736A  # "g3sj": told apart from other SQLite files
VERSION = 4

TABLES: dict[str, Sequence[str]] = {
    "run": (
        "one INTEGER PRIMARY KEY CHECK (one = 1)",
        "id TEXT NOT NULL",
        "state TEXT NOT NULL",
        "endpoint TEXT",  # of the commons; NULL: planned without one
        "project TEXT NOT NULL",
        "dictionary TEXT NOT NULL",  # JSON: source, version, sha256
        "choices TEXT NOT NULL",  # JSON: how to send
        "created REAL NOT NULL",
        "begun REAL",
        "ended REAL",
        "compared REAL",  # when the commons was read; NULL: nothing is known of it
        "log_readable INTEGER",  # whether the transaction log can be read; NULL: not known
        "stopped TEXT",  # why, in words
        "interrupted INTEGER NOT NULL",
        "version TEXT NOT NULL",  # of gen3submit
        "seconds REAL NOT NULL",  # that the check took
    ),
    "file": (
        "number INTEGER PRIMARY KEY",
        "path TEXT NOT NULL",  # as the user would write it
        "place TEXT",  # the absolute path; NULL where the bytes are made of something else
        "format TEXT NOT NULL",
        "sha256 TEXT NOT NULL",
        "verdict TEXT NOT NULL",
        "first INTEGER NOT NULL",  # the number of its first row
        "rows INTEGER NOT NULL",
        "findings TEXT NOT NULL",  # JSON
    ),
    "block": (  # what a file was made of when it was planned
        "file INTEGER NOT NULL",
        "place INTEGER NOT NULL",  # 0 for the first block of the file
        "digest BLOB NOT NULL",
    ),
    "type": (
        "number INTEGER PRIMARY KEY",
        "name TEXT NOT NULL UNIQUE",
        "stage INTEGER",  # NULL: the dictionary has no such type, or its records cannot be sent
        "circle INTEGER",  # the same for types whose records are ordered one by one; NULL for all others
    ),
    "row": (
        "number INTEGER PRIMARY KEY",
        "file INTEGER NOT NULL",
        "row INTEGER NOT NULL",  # 1 for the first after the header
        "line INTEGER NOT NULL",
        "type INTEGER",
        "submitter_id TEXT",
        "key TEXT",  # the submitter_id as the commons compares it: letter case aside
        "verdict TEXT",  # NULL: accept
        "level INTEGER NOT NULL",  # the order within a circle
        "planned TEXT",  # what sending it does, as far as that was known before
        "held BLOB",  # digest of the record as the commons had it; `=`: just what the row says; NULL: it had none
        "state TEXT NOT NULL",
        "action TEXT",  # what the commons did
        "id TEXT",
        "request INTEGER",  # the last request that carried it
        "twin INTEGER",  # the number of the same row, met before
        "undone TEXT",  # what undo did with it
    ),
    "finding": ("number INTEGER PRIMARY KEY", "content TEXT NOT NULL"),
    "row_finding": ("row INTEGER NOT NULL", "finding INTEGER NOT NULL"),
    "change": ("row INTEGER PRIMARY KEY", "content TEXT NOT NULL"),
    "said": ("row INTEGER PRIMARY KEY", "content TEXT NOT NULL"),  # why a row failed
    "given_id": ("id TEXT NOT NULL", "row INTEGER NOT NULL"),  # ids that rows give themselves
    "request": (
        "number INTEGER PRIMARY KEY",
        "kind TEXT NOT NULL",  # submit, dry-run or delete
        "name TEXT NOT NULL UNIQUE",  # X-Document-Name
        "type TEXT",
        "rows TEXT NOT NULL",  # numbers of rows: 1-30,34
        "row_count INTEGER NOT NULL",
        "format TEXT NOT NULL",
        "bytes INTEGER NOT NULL",
        "sha256 TEXT NOT NULL",
        "attempt INTEGER NOT NULL",
        "after_transaction INTEGER",  # the newest transaction that was known before
        "begun REAL NOT NULL",
        "ended REAL",
        "state TEXT NOT NULL",
        "status INTEGER",
        "problem TEXT",
        "transaction_id INTEGER",
        "settled TEXT",  # by what: answer, log, read-back ...
        "words TEXT",
    ),
    "answer": (  # what the commons said that it did with the rows of a request, until that is proved
        "request INTEGER PRIMARY KEY",
        "content TEXT NOT NULL",  # JSON: {action: {number of the row: id}}
    ),
    "note": ("number INTEGER PRIMARY KEY", "at REAL NOT NULL", "content TEXT NOT NULL"),
}

INDEXES = (
    "CREATE INDEX row_finding_row ON row_finding (row)",
    "CREATE INDEX given_id_id ON given_id (id)",
)
KEY_INDEX = "CREATE INDEX IF NOT EXISTS row_key ON row (type, key)"
"""Made once all rows are there, which is quicker."""
STATE_INDEX = "CREATE INDEX IF NOT EXISTS row_state ON row (state)"
"""Made where most rows are settled from the beginning: the others are then found without a look at those."""


def names(table: str) -> list[str]:
    """The columns of a table, its seal left out."""
    return [column.split()[0] for column in TABLES[table]]


def creation() -> list[str]:
    """The statements that make an empty journal."""
    tables = [f"CREATE TABLE {name} ({', '.join(columns)}, seal INTEGER NOT NULL)" for name, columns in TABLES.items()]
    return [*tables, *INDEXES]


def insertion(table: str, same: Mapping[str, int | str | bytes | None] = MappingProxyType({})) -> str:
    """The statement that adds a row with its seal.

    Args:
        table: its table.
        same: the columns that hold the same in every row. A null that is given with each row costs as much as all else.
    """
    given = [name for name in names(table) if name not in same]
    places = {name: _literal(same[name]) if name in same else f"?{given.index(name) + 1}" for name in names(table)}
    return f"INSERT INTO {table} VALUES ({', '.join(places.values())}, {sealing(table, places)})"  # noqa: S608  # quoted


def sealing(table: str, written: Mapping[str, str] = MappingProxyType({})) -> str:
    """What the seal of a row must be, in SQL.

    Args:
        table: its table.
        written: what is written into columns in the same statement, in SQL.
    """
    values = []
    for column in TABLES[table]:
        name, kind = column.split()[:2]
        value = written.get(name, name)
        # JSON has no bytes, and cuts digits off.
        values.append(f"quote({value})" if kind in ("BLOB", "REAL") else value)
    return f"seal(CAST(json_array({', '.join(values)}) AS BLOB))"


def _literal(value: int | str | bytes | None) -> str:
    """A value in SQL."""
    match value:
        case None:
            return "NULL"
        case bytes():
            return f"X'{value.hex()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
    return str(value)


def prepare(database: sqlite3.Connection) -> None:
    """Let statements on this connection make seals.

    A seal tells a row from any other: SQLite itself does not see a changed byte in a value.
    """
    database.create_function("seal", 1, zlib.crc32, deterministic=True)
