"""The rows that a request carries: while it is under way they are not written, because it tells of them.

A row is written once it is known what became of it, and not also when it leaves and when its answer comes. In between
the journal has the request and what the commons said; `write_down` writes into the rows what follows from these, when
a submission stops and when its journal is opened again.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gen3submit.journal import requests
from gen3submit.journal import rows as row_store
from gen3submit.journal.file import Journal
from gen3submit.journal.ranges import ranges_of
from gen3submit.journal.requests import RequestEntry
from gen3submit.journal.rows import Answers
from gen3submit.journal.states import RequestState, RowState


def reopened(path: Path) -> Journal:
    """The journal at `path`, with all that follows from its requests written into its rows. Raises as opening does."""
    journal = Journal.open(path)
    try:
        write_down(journal)
    except BaseException:
        journal.close()
        raise
    return journal


def keep(journal: Journal, request: int, said: str) -> None:
    """Keep what the commons said of the rows of a request that is not proved yet."""
    with journal.writing():
        journal.insert("answer", request, said)


def kept(journal: Journal, request: int) -> Answers:
    """What the commons said of the rows of a request that is not proved yet."""
    return row_store.answers_in(_kept(journal, request))


def prove(journal: Journal, entry: RequestEntry, by: str, lost: Collection[int] = frozenset()) -> None:
    """Write how the rows of a request that was answered with success were proved, and that they are there.

    Args:
        journal: the journal.
        entry: the request.
        by: what proved it.
        lost: the numbers of rows that are not there in spite of the answer; they are pending again.
    """
    with journal.writing():
        requests.update(journal, entry.number, state=RequestState.DONE, settled=by)
        row_store.set_answers(journal, entry.number, _kept(journal, entry.number), RowState.CONFIRMED)
        row_store.give_back(journal, entry.number, ranges_of(lost))
        journal.execute("DELETE FROM answer WHERE request = ?", entry.number)


def write_down(journal: Journal) -> None:
    """Write into the rows of the requests that are under way what follows from these."""
    if not not_written(journal):
        return
    with journal.writing():  # another process may be working on the journal
        found = requests.in_state(journal, RequestState.OPEN, RequestState.ANSWERED)
        for entry in (each for each in found if each.kind == "submit"):
            row_store.set_state(journal, entry.rows, RowState.SENT, request=entry.number)
            row_store.set_answers(journal, entry.number, _kept(journal, entry.number), RowState.SENT)


def not_written(journal: Journal) -> int:
    """How many rows stand as pending, although a request that is under way carries them."""
    sql = (
        # A text of ranges begins with the number of a row, and that is what SQLite makes of it as a number.
        "SELECT coalesce(sum(q.row_count), 0) FROM request q JOIN row r ON r.number = CAST(q.rows AS INTEGER)"
        " WHERE q.kind = 'submit' AND q.state IN ('open', 'answered') AND r.state = 'pending'"
    )
    return int(journal.value(sql))


def _kept(journal: Journal, request: int) -> str:
    return journal.value("SELECT content FROM answer WHERE request = ?", request) or "{}"
