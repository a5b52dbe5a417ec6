"""The requests of a journal: each written before its bytes leave, and again with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gen3submit.journal.file import Journal
from gen3submit.journal.states import RequestState

_COLUMNS = (
    "number, kind, name, type, rows, row_count, format, bytes, sha256, attempt, after_transaction, begun, ended, state,"
    " status, problem, transaction_id, settled, words"
)


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """A request for a submission or a deletion."""

    number: int
    kind: str
    """``submit``, ``dry-run`` or ``delete``."""
    name: str
    """What was sent as `X-Document-Name`."""
    type: str | None
    """The node type of its rows."""
    rows: str
    """The numbers of its rows, as ranges."""
    row_count: int
    format: str
    """``json`` or ``tsv``; ``ids`` for a deletion."""
    bytes: int
    sha256: str
    """Of its body."""
    attempt: int
    """1 for the first time that these rows are sent together."""
    after_transaction: int | None
    """The newest transaction of the project that was known before it left."""
    begun: float
    ended: float | None = None
    state: str = RequestState.OPEN
    status: int | None = None
    problem: str | None = None
    transaction_id: int | None = None
    settled: str | None = None
    """What settled it: `answer`, `proof`, `log`, `read-back`, `no-trace`, `refused` ..."""
    words: str | None = None
    """What came back, in words."""


def next_number(journal: Journal) -> int:
    """The number of the next request."""
    return journal.next_number("request")


def begin(journal: Journal, entry: RequestEntry) -> None:
    """Write a request that is about to leave."""
    values = [getattr(entry, name) for name in RequestEntry.__slots__]
    journal.insert("request", *(str(value) if isinstance(value, RequestState) else value for value in values))


def update(journal: Journal, number: int, **changes: object) -> None:
    """Write what became known of a request."""
    plain = {name: str(value) if isinstance(value, RequestState) else value for name, value in changes.items()}
    with journal.writing():
        journal.update("request", plain, "number = ?", number)


def entry(journal: Journal, number: int) -> RequestEntry:
    """The request of this number."""
    return next(_entries(journal, "number = ?", number))


def in_state(journal: Journal, *states: RequestState) -> list[RequestEntry]:
    """The requests in one of the states, in the order they were sent."""
    marks = ", ".join("?" for _ in states)
    return list(_entries(journal, f"state IN ({marks})", *map(str, states)))


def all_requests(journal: Journal) -> Iterator[RequestEntry]:
    """Every request, in the order they were sent."""
    return _entries(journal, "1")


def count(journal: Journal) -> int:
    """How many requests there were."""
    return int(journal.value("SELECT count(*) FROM request"))


def _entries(journal: Journal, condition: str, *arguments: object) -> Iterator[RequestEntry]:
    sql = f"SELECT {_COLUMNS} FROM request WHERE {condition} ORDER BY number"  # noqa: S608  # fixed columns
    for row in journal.each(sql, *arguments):
        yield RequestEntry(*row)
