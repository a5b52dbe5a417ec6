"""Which tables of a submission are worth the fast path: small ones are judged before its libraries are imported."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gen3submit.checking.columnar.hashing import Hashing, started
from gen3submit.checking.judging import Judge
from gen3submit.checking.known import Known
from gen3submit.checking.opening import OpenTable, open_table
from gen3submit.messages import check as words
from gen3submit.progress import Progress
from gen3submit.rules.documents import TableReader
from gen3submit.rules.transaction import Rules
from gen3submit.tables.source import Source

if TYPE_CHECKING:
    from gen3submit.checking.columnar.table import ColumnarTable

AnyTable: TypeAlias = "OpenTable | ColumnarTable"
"""A table, opened for either way."""

_LIBRARIES = ("numpy", "pyarrow.compute", "pyarrow.csv")
LEAST_BYTES = 1 << 19
"""All tables together must be so big before any is taken by column: the libraries for it take their time."""
LEAST_BYTES_OF_A_TABLE = 1 << 16


class TableJudge(Protocol):
    """Judges the tables for which it was made."""

    def announce(self, tables: Iterable[Any]) -> None:
        """Take note of every record of the submission."""

    def judge(self, tables: Sequence[Any]) -> None:
        """Judge the tables of a unit."""


class Ways:
    """Opens each table of a submission for the way that it is judged."""

    def __init__(
        self, rules: Rules, reader: TableReader, project: str | None, executor: Executor | None, *, fast: bool
    ):
        """`fast` tells whether any table may take the fast path."""
        self._rules = rules
        self._reader = reader
        self._project = project
        self._executor = executor
        self._fast = fast

    def open(self, found: Sequence[Source], progress: Progress) -> list[AnyTable]:
        """Open the tables."""
        sizes = [source.size() for source in found]
        worth = self._fast and _is_worth_it(sizes)
        big = [worth and size >= LEAST_BYTES_OF_A_TABLE for size in sizes]
        hashings = started(
            [(source.own_file, size) for source, size, is_big in zip(found, sizes, big, strict=True) if is_big]
        )
        tables: list[AnyTable] = []
        for source, is_big in zip(found, big, strict=True):
            table = None
            if is_big:
                with progress.start(words.reading(source.path)) as task:
                    table = self._by_column(source, task.advance, hashings.pop(0))
            tables.append(open_table(source, self._reader, self._rules.nodes) if table is None else table)
        return tables

    def _by_column(self, source: Source, tell: Callable[[int], object], hashing: Hashing) -> ColumnarTable | None:
        from gen3submit.checking.columnar.body import Body  # noqa: PLC0415  # numpy and pyarrow: only for big tables
        from gen3submit.checking.columnar.opening import open_columnar  # noqa: PLC0415  # as above

        body = Body.of(source.own_file, None if source.own_file else source.read())
        return open_columnar(
            source,
            body,
            self._rules,
            self._reader,
            project=self._project,
            executor=self._executor,
            tell=tell,
            hashing=hashing,
        )

    def together(self, unit: Sequence[AnyTable]) -> list[AnyTable]:
        """The tables of a unit; the exact way where there are several, whose records may depend on each other."""
        if len(unit) == 1:
            return list(unit)
        return [
            table if isinstance(table, OpenTable) else open_table(table.source, self._reader, self._rules.nodes)
            for table in unit
        ]

    def judge(self, tables: Iterable[AnyTable], known: Known, *, complete: bool) -> TableJudge:
        """The judge of these tables."""
        if all(isinstance(table, OpenTable) for table in tables):
            return Judge(self._rules, self._reader, known, complete=complete)
        from gen3submit.checking.columnar.judging import ColumnarJudge  # noqa: PLC0415  # as above

        return ColumnarJudge(self._rules, self._reader, known, complete=complete)


def load_ahead(found: Sequence[Source]) -> None:
    """Begin to load the libraries of the fast path where these tables will need them, while a commons is waited for."""
    if _is_worth_it([source.size() for source in found]):
        threading.Thread(target=_load, name="loading", daemon=True).start()


def _load() -> None:
    with suppress(ImportError):  # raised again where they are needed
        for library in _LIBRARIES:
            import_module(library)


def _is_worth_it(sizes: Sequence[int]) -> bool:
    return sum(sizes) >= LEAST_BYTES
