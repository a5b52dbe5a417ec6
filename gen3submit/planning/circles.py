"""The order of records that may have parents among records of their own types: record by record, parents first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gen3submit.journal.file import Journal
from gen3submit.journal.rows import FAILED

_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS parent (child INTEGER, parent INTEGER, link TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS wait (row INTEGER PRIMARY KEY, parents INTEGER)",
    "CREATE INDEX IF NOT EXISTS temp.parent_child ON parent (child)",
    "CREATE INDEX IF NOT EXISTS temp.parent_parent ON parent (parent)",
    "CREATE INDEX IF NOT EXISTS temp.wait_parents ON wait (parents)",
    "DELETE FROM parent",
    "DELETE FROM wait",
)


class Circle:
    """The rows of a group of types whose records depend on each other, and which row needs which.

    Kept in temporary tables of the journal's connection, so that a long file needs no memory.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        for statement in _TABLES:
            journal.execute(statement)

    def add(self, edges: Iterable[tuple[int, int, str]]) -> None:
        """Take up that one row (the first number) has another as its parent, over a link."""
        with self._journal.writing():
            self._journal.execute_many("INSERT INTO temp.parent VALUES (?, ?, ?)", edges)

    def with_failed_parent(self) -> list[tuple[int, int, str]]:
        """The rows that could be sent were it not for a parent that failed: (row, parent, link)."""
        marks = ", ".join(f"'{state}'" for state in FAILED)
        return self._journal.rows(
            "SELECT p.child, min(p.parent), p.link FROM temp.parent p JOIN row c ON c.number = p.child"  # noqa: S608  # fixed
            f" JOIN row r ON r.number = p.parent WHERE c.state = 'pending' AND r.state IN ({marks}) GROUP BY p.child"
        )

    def levels(self, rows: str) -> Iterator[tuple[int, list[int]]]:
        """The rows level by level; every parent stands in an earlier level than its children.

        Args:
            rows: a query for the numbers of all rows that are to be ordered.
        """
        journal = self._journal
        journal.execute(f"DELETE FROM temp.parent WHERE child NOT IN ({rows}) OR parent NOT IN ({rows})")  # noqa: S608  # fixed text
        journal.execute(
            "INSERT INTO temp.wait"  # noqa: S608  # as above
            f" SELECT number, (SELECT count(DISTINCT parent) FROM temp.parent WHERE child = number) FROM ({rows})"
        )
        level = 0
        while free := [row[0] for row in journal.rows("SELECT row FROM temp.wait WHERE parents = 0 ORDER BY row")]:
            yield level, free
            with journal.writing():
                journal.execute_many("DELETE FROM temp.wait WHERE row = ?", ((number,) for number in free))
                journal.execute_many(
                    "UPDATE temp.wait SET parents = parents - 1"
                    " WHERE row IN (SELECT DISTINCT child FROM temp.parent WHERE parent = ?)",
                    ((number,) for number in free),
                )
            level += 1

    def unordered(self) -> list[int]:
        """The rows that `levels` could not order: those in circles, and those that hang on them."""
        return [row[0] for row in self._journal.rows("SELECT row FROM temp.wait ORDER BY row")]

    def cycles(self) -> Iterator[list[int]]:
        """The circles among the rows that `levels` could not order, the members of each from child to parent."""
        journal = self._journal
        while True:
            self._trim()
            start = journal.value("SELECT min(row) FROM temp.wait")
            if start is None:
                return
            path: list[int] = []
            place: dict[int, int] = {}
            row = start
            while row not in place:
                place[row] = len(path)
                path.append(row)
                row = journal.value(
                    "SELECT min(parent) FROM temp.parent JOIN temp.wait ON wait.row = parent WHERE child = ?", row
                )
                if row is None:
                    break
            if row is None:  # it hangs on a circle that was found before
                journal.execute("DELETE FROM temp.wait WHERE row = ?", path[-1])
                continue
            cycle = path[place[row] :]
            yield cycle
            journal.execute_many("DELETE FROM temp.wait WHERE row = ?", ((number,) for number in cycle))

    def _trim(self) -> None:
        """Take out the rows that are nobody's parent, as long as there are any: they are in no circle."""
        leaves = (
            "DELETE FROM temp.wait WHERE NOT EXISTS"
            " (SELECT 1 FROM temp.parent JOIN temp.wait AS other ON other.row = child WHERE parent = wait.row)"
        )
        while self._journal.execute(leaves):
            pass
