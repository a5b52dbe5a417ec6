"""The file of a journal: opened with care, written in whole transactions, its errors told in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from gen3submit.journal.errors import JournalDamaged, JournalProblem, problem_of
from gen3submit.journal.layout import (
    APPLICATION_ID,
    KEY_INDEX,
    STATE_INDEX,
    TABLES,
    VERSION,
    creation,
    insertion,
    prepare,
    sealing,
)
from gen3submit.journal.run import Run, run_from, values_of
from gen3submit.messages import submit as words

_BUSY_MS = 5000
_CACHE = 32_000
"""Kilobytes; the journal of a million rows has 140,000. What was just written is not read again from the disk."""


class Journal:
    """An open journal. Used by one thread; what is written in a `writing` block is there whole or not at all.

    It is in write-ahead mode with `synchronous=FULL`: what was written survives a kill and a loss of power.
    """

    path: Path
    run: Run
    """The run as it was last written."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database
        self._depth = 0
        self._kept: dict[str, tuple[object, list[tuple[Any, ...]]]] = {}

    @classmethod
    def create(cls, path: Path, run: Run) -> Self:
        """A new journal at `path`, which must not be there yet.

        Raises:
            JournalProblem: it is there, or cannot be written.
        """
        if path.exists() and path.stat().st_size:
            raise JournalProblem(words.journal_exists(str(path)))
        journal = cls(path, _connected(path))
        try:
            with journal._translated():
                journal._configure()
                database = journal._database
                database.execute("BEGIN IMMEDIATE")
                for statement in creation():
                    database.execute(statement)
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {VERSION}")
                database.execute(insertion("run"), values_of(run))
                database.execute("COMMIT")
        except JournalProblem:
            journal.close()
            raise
        journal.run = run
        return journal

    @classmethod
    def open(cls, path: Path, *, thorough: bool = True) -> Self:
        """The journal at `path`.

        Args:
            path: the file.
            thorough: whether to look at every byte that matters; without that only the run itself is read.

        Raises:
            JournalDamaged: it is not as it was written.
            JournalProblem: it is not there, belongs to another program or version, or cannot be opened.
        """
        if not path.is_file():
            raise JournalProblem(words.no_journal(str(path)))
        journal = cls(path, _connected(path))
        try:
            with journal._translated():
                found = journal.value("PRAGMA application_id")
                if found != APPLICATION_ID:
                    raise JournalProblem(words.not_a_journal(str(path)))
                version = journal.value("PRAGMA user_version")
                if version != VERSION:
                    raise JournalProblem(words.journal_of_other_version(str(path), version, VERSION))
                journal._configure()
                if thorough:
                    journal._inspect()
                journal.reload()
        except JournalProblem:
            journal.close()
            raise
        return journal

    def _configure(self) -> None:
        execute = self._database.execute
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute(f"PRAGMA cache_size = -{_CACHE}")
        execute("PRAGMA temp_store = FILE")  # what is read of the commons may be large
        prepare(self._database)

    def _inspect(self) -> None:
        """Look at the structure, and at the seal of every row."""
        if self.value("PRAGMA integrity_check(1)") != "ok":
            raise JournalDamaged(words.journal_damaged(str(self.path)))
        for table in TABLES:
            broken = f"SELECT 1 FROM {table} WHERE seal IS NOT {sealing(table)} LIMIT 1"  # noqa: S608  # fixed names
            if self._database.execute(broken).fetchone():
                raise JournalDamaged(words.journal_damaged(str(self.path)))

    def reload(self) -> None:
        """Read the run again.

        Raises:
            JournalDamaged: it is not there.
        """
        found = self._database.execute("SELECT * FROM run").fetchone()
        if found is None:
            raise JournalDamaged(words.journal_damaged(str(self.path)))
        try:
            self.run = run_from(found)
        except (ValueError, TypeError, KeyError):
            raise JournalDamaged(words.journal_damaged(str(self.path))) from None

    def close(self) -> None:
        """Close the file; what was written stays."""
        with suppress(sqlite3.Error):
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Reading

    def value(self, sql: str, *arguments: object) -> Any:
        """The first column of the first row of a query; None where there is no row."""
        with self._translated():
            row = self._database.execute(sql, arguments).fetchone()
        return None if row is None else row[0]

    def rows(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._translated():
            return self._database.execute(sql, arguments).fetchall()

    def rows_kept(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query, which is asked again only once something was written."""
        with self._translated():
            now = self._database.total_changes, self._database.execute("PRAGMA data_version").fetchone()
        before, found = self._kept.get(sql, (None, []))
        if before != now:
            found = self.rows(sql)
            self._kept[sql] = now, found
        return found

    def each(self, sql: str, *arguments: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one by one. Nothing may be written until the last one was taken."""
        with self._translated(), closing(self._database.cursor()) as cursor:
            yield from cursor.execute(sql, arguments)

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction over the block, on the disk when the block ends; blocks in blocks count as the outer one.

        Raises:
            JournalProblem: it could not be written; then nothing of it was.
        """
        if self._depth:
            yield
            return
        with self._translated():
            self._database.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk ends the transaction by itself
                    self._database.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def execute(self, sql: str, *arguments: object) -> int:
        """Run a statement; the number of rows it touched."""
        with self._translated():
            return self._database.execute(sql, arguments).rowcount

    def execute_many(self, sql: str, arguments: Iterable[Sequence[object]]) -> None:
        """Run a statement for each of the arguments."""
        with self._translated():
            self._database.executemany(sql, arguments)

    def insert(self, table: str, *values: object) -> None:
        """Add a row to a table."""
        self.execute(insertion(table), *values)

    def insert_many(
        self,
        table: str,
        rows: Iterable[Sequence[object]],
        same: Mapping[str, int | str | bytes | None] = MappingProxyType({}),
    ) -> None:
        """Add rows to a table; `same` holds the columns that are the same in all of them, which the rows leave out."""
        self.execute_many(insertion(table, same), rows)

    def update(self, table: str, changes: Mapping[str, object], condition: str, *arguments: object) -> int:
        """Set columns of the rows that meet the condition; how many there were."""
        return self.execute(_updating(table, changes, condition), *changes.values(), *arguments)

    def update_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Set columns of rows by their numbers: (value of each column, number of the row)."""
        self.execute_many(_updating(table, columns, "number = ?"), rows)

    def update_from(
        self, table: str, written: Mapping[str, str], source: str, condition: str, *arguments: object
    ) -> None:
        """Set columns of rows to what a source has for them, all in SQL; the arguments are numbered from 1."""
        self.execute(f"{_setting(table, written)} FROM {source} WHERE {condition}", *arguments)

    def set_run(self, **changes: object) -> None:
        """Change what is written of the run."""
        run = self.run.with_(**changes)
        columns = dict(zip(("one", *Run.COLUMNS), values_of(run), strict=True))
        with self.writing():
            self.update("run", {name: columns[name] for name in changes}, "one = 1")
        self.run = run

    def note(self, at: float, content: str) -> None:
        """Keep something that the report is to say, once."""
        if self.value("SELECT 1 FROM note WHERE content = ?", content) is None:
            with self.writing():
                self.insert("note", self.next_number("note"), at, content)

    def next_number(self, table: str) -> int:
        """The number for a new row of a table; it is part of the row's seal, so SQLite cannot choose it."""
        return int(self.value(f"SELECT coalesce(max(number), 0) + 1 FROM {table}"))  # noqa: S608  # fixed names

    def index_keys(self) -> None:
        """Make rows quick to find by type and key."""
        self.execute(KEY_INDEX)

    def index_states(self) -> None:
        """Make the few rows quick to find that are in another state than most."""
        self.execute(STATE_INDEX)

    def relaxed(self, relaxed: bool) -> None:
        """Whether what is written need not be on the disk at once: only while nothing was sent."""
        self.execute(f"PRAGMA synchronous = {'NORMAL' if relaxed else 'FULL'}")

    def checkpoint(self) -> None:
        """Move all that was written into the file itself."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, path: Path) -> None:
        """Write the journal to another file, whole or not at all.

        Raises:
            JournalProblem: that cannot be written.
        """
        part = path.with_name(f"{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            with self._translated(str(path)):
                self._database.execute("VACUUM INTO ?", (str(part),))
            part.replace(path)
        except OSError as error:
            raise JournalProblem(words.cannot_write(str(path), error.strerror or str(error))) from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    @contextmanager
    def _translated(self, path: str | None = None) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise problem_of(error, path or str(self.path)) from None


def _updating(table: str, columns: Iterable[str], condition: str) -> str:
    """The statement that sets columns and seals the rows; the arguments of the condition come after the values."""
    written = {name: f"?{number}" for number, name in enumerate(columns, 1)}
    return f"{_setting(table, written)} WHERE {condition}"


def _setting(table: str, written: Mapping[str, str]) -> str:
    """The beginning of a statement that sets columns to what is written of them in SQL, and seals the rows."""
    sets = ", ".join(f"{name} = {value}" for name, value in written.items())
    return f"UPDATE {table} SET {sets}, seal = {sealing(table, written)}"  # noqa: S608  # fixed names


def _connected(path: Path) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(str(path), timeout=_BUSY_MS / 1000, isolation_level=None)
    except sqlite3.Error as error:
        raise problem_of(error, str(path)) from None
    return database
