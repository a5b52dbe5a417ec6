"""What can go wrong with a journal."""

from __future__ import annotations

import sqlite3

from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words


class JournalProblem(UsageProblem):
    """Raised when the journal cannot be read or written: a full disk, a read-only folder, another program's file."""


class JournalDamaged(JournalProblem):
    """Raised when the journal is not as it was written: a bad disk, a file that was cut or edited."""


def problem_of(error: sqlite3.Error, path: str) -> JournalProblem:
    """What an error of SQLite means for the journal at `path`."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")):
        return JournalDamaged(words.journal_damaged(path))
    if "JSON cannot hold BLOB values" in str(error):  # text that turned into bytes
        return JournalDamaged(words.journal_damaged(path))
    if name.startswith("SQLITE_FULL"):
        return JournalProblem(words.disk_full(path))
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return JournalProblem(words.journal_read_only(path))
    if name.startswith("SQLITE_CANTOPEN"):
        return JournalProblem(words.journal_cannot_open(path))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return JournalProblem(words.journal_busy(path))
    return JournalProblem(words.journal_failed(path, str(error)))
