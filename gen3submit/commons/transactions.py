"""The transaction log of a project: what it says of each transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SUCCEEDED = "SUCCEEDED"
"""The only state that proves that something was stored."""
FAILED = "FAILED"
PENDING = "PENDING"
"""Running, or died, or answered 200 and stored nothing: that stays so for ever."""
ERRORED = "ERRORED"


@dataclass(frozen=True, slots=True)
class LoggedDocument:
    """A document of a transaction; it appears in the log once its rows have been parsed."""

    name: str | None
    """What was sent as `X-Document-Name`."""
    format: str
    size: int | None
    """Characters."""
    answer: Any = field(default=None, repr=False)
    """The whole answer to the request, as JSON; None until there is one, or where it was not asked for."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """An entry of the transaction log."""

    id: int
    state: str
    type: str
    role: str
    is_dry_run: bool
    created: str
    submitter: str | None
    documents: tuple[LoggedDocument, ...]


def log_query(project: str, last: int, *, answers: bool) -> str:
    """The query for the newest entries of a project.

    Args:
        project: a project_id.
        last: how many.
        answers: whether to ask for the recorded answers, which can be as large as the submissions.
    """
    document = "name doc_format doc_size" + (" response_json" if answers else "")
    return (
        f"{{transaction_log(project_id: {text(project)}, last: {last}) "
        f"{{id state type role is_dry_run created_datetime submitter documents {{{document}}}}}}}"
    )


def states_query(ids: Iterable[int]) -> str:
    """The query for the states of transactions by id: one root each, because `id` takes no list."""
    return "{" + " ".join(f"t{id_}: transaction_log(id: {id_}) {{id state}}" for id_ in ids) + "}"


def transactions_in(entries: Any) -> list[Transaction] | None:
    """The entries of a log; None where that is no log."""
    if not isinstance(entries, list):
        return None
    found = []
    for entry in entries:
        if not isinstance(entry, Mapping) or not str(entry.get("id")).isdecimal():
            return None
        documents = entry.get("documents")
        found.append(
            Transaction(
                int(str(entry["id"])),
                str(entry.get("state")),
                str(entry.get("type")),
                str(entry.get("role")),
                entry.get("is_dry_run") is True,
                str(entry.get("created_datetime")),
                _text_or_none(entry.get("submitter")),
                tuple(
                    _document(document)
                    for document in (documents if isinstance(documents, list) else ())
                    if isinstance(document, Mapping)
                ),
            )
        )
    return found


def text(value: str) -> str:
    """A text as GraphQL writes it; nothing beyond ASCII is escaped, because Peregrine joins no surrogates."""
    return json.dumps(value, ensure_ascii=False)


def _document(document: Mapping[str, Any]) -> LoggedDocument:
    size = document.get("doc_size")
    answer = None
    recorded = document.get("response_json")
    if isinstance(recorded, str):
        try:
            answer = json.loads(recorded)
        except (ValueError, RecursionError):
            answer = None
    return LoggedDocument(
        _text_or_none(document.get("name")),
        str(document.get("doc_format")),
        int(size) if isinstance(size, int | float) else None,
        answer,
    )


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)
