"""What an answer to a submission means: stored, refused (and for which rows), not taken up, or not to be told.

Rows are matched by unique key, never by position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gen3submit.commons.answer import Answer
from gen3submit.messages import submit as words
from gen3submit.submit.batches import Key

_UNSURE = re.compile(r"write to database", re.IGNORECASE)
"""A 400 with these words can follow a commit."""
_MISPLACED = re.compile(r"psycopg|IntegrityError|UniqueViolation|duplicate key value", re.IGNORECASE)
"""An error of the database surfaces at whichever row is at hand, not at the one that is to blame."""
_NOT_OPEN = re.compile(r"Project is in state", re.IGNORECASE)

SLOW = 20.0
"""Seconds after which a request that failed is taken to have been too large."""


class Why(StrEnum):
    """Why the commons did not take a request up."""

    NOT_SENT = "not-sent"
    """No connection."""
    NO_TOKEN = "no-token"  # noqa: S105  # no secret
    """No access token could be got."""
    UNAUTHENTICATED = "unauthenticated"
    BUSY = "busy"
    TOO_LARGE = "too-large"
    STOPS = "stops"
    """It would say the same to every request: no right, no such project, project not open."""


@dataclass(frozen=True, slots=True)
class RowRefused:
    """What the commons has against a row."""

    message: str
    types: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """The commons says that it stored every row."""

    ids: Mapping[str, Mapping[int, str]]
    """The ids of the rows by what was done, `create` and `update`."""
    transaction_id: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The commons refused the batch, and stored nothing of it."""

    named: Mapping[int, RowRefused]
    """The rows that it named; none where it did not say which."""
    words: str
    transaction_id: int | None = None
    before_looking: bool = False
    """Whether it was refused as a document, before any of its rows was looked at."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The request was turned away before anybody looked at its rows."""

    why: Why
    words: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """What came back does not tell what became of the request."""

    words: str
    slow: bool = field(default=False)
    """Whether the request may have been too large to be answered in time."""
    stops: bool = field(default=False)
    """Whether the next request would meet the same."""


Verdict = Stored | Refused | NotTaken | Unclear


def judge(answer: Answer, keys: Mapping[Key, int], project: str, *, dry_run: bool = False) -> Verdict:
    """What the answer to a batch means.

    Args:
        answer: what came back.
        keys: the numbers of the batch's rows by type and submitter_id.
        project: `PROGRAM-CODE`, which the unique keys must repeat.
        dry_run: whether nothing was to be stored; then a refusal has the status 200.
    """
    said = answer.words or words.odd_answer()
    if not answer.sent:
        return NotTaken(Why.NO_TOKEN if answer.problem == "unauthenticated" else Why.NOT_SENT, said)
    status = answer.status
    slow = answer.elapsed >= SLOW
    if status is None or answer.problem in {"timeout", "reset", "truncated"}:
        return Unclear(said, slow or answer.problem == "timeout")
    if answer.problem == "redirect":
        return Unclear(said, stops=True)
    turned_away = _turned_away(answer, status, said)
    if turned_away is not None:
        return turned_away
    if status >= 500 or answer.problem is not None or not isinstance(answer.json, Mapping):
        return Unclear(said, slow)
    return judge_content(answer.json, status, keys, project, dry_run=dry_run)


def judge_content(
    content: Mapping[str, Any], status: int, keys: Mapping[Key, int], project: str, *, dry_run: bool = False
) -> Verdict:
    """What the JSON of an answer means; the same when it comes from the transaction log."""
    entities = content.get("entities")
    success = content.get("success")
    message = str(content.get("message") or "")
    if 200 <= status < 300 and success is True:
        ids = _stored_ids(entities, keys, project)
        return Stored(ids, _number(content)) if ids is not None else Unclear(words.answers_do_not_match())
    if success is False and isinstance(entities, list) and (status == 400 or dry_run):
        return _refused(content, entities, keys, project)
    if status == 400 and success is None and not _UNSURE.search(message):
        if _NOT_OPEN.search(message):
            return NotTaken(Why.STOPS, words.refused(message))
        return Refused({}, message or words.odd_answer(), before_looking=True)
    return Unclear(words.refused(message) if message else words.odd_answer())


def _turned_away(answer: Answer, status: int, said: str) -> NotTaken | None:
    match status:
        case 401:
            return NotTaken(Why.UNAUTHENTICATED, said)
        case 413:
            return NotTaken(Why.TOO_LARGE, said)
        case 429:
            return NotTaken(Why.BUSY, said, answer.retry_after)
        case 503 if answer.retry_after is not None:
            return NotTaken(Why.BUSY, said, answer.retry_after)
        case 403 | 404 | 405 | 406 | 411 | 414 | 415 | 426 | 431 | 451:
            return NotTaken(Why.STOPS, said)
        case _:
            return None


def _stored_ids(entities: Any, keys: Mapping[Key, int], project: str) -> dict[str, dict[int, str]] | None:
    """What was done with each row; None unless there is exactly one answer for each of them and for nothing else."""
    if not isinstance(entities, list) or len(entities) != len(keys):
        return None
    usual = _usual_ids(entities, keys, project)
    if usual is not None:
        return usual
    found: dict[str, dict[int, str]] = {"create": {}, "update": {}}
    for entity in entities:
        number = _row_of(entity, keys, project)
        if number is None or any(number in ids for ids in found.values()):
            return None
        action, id_ = entity.get("action"), entity.get("id")
        if action not in ("create", "update") or not isinstance(id_, str) or not id_:
            return None
        if entity.get("valid") is False or entity.get("errors"):
            return None
        found[action][number] = id_
    return found


def _usual_ids(entities: list[Any], keys: Mapping[Key, int], project: str) -> dict[str, dict[int, str]] | None:
    """As `_stored_ids`, of answers as they nearly always are; None where one is any different."""
    created: dict[int, str] = {}
    updated: dict[int, str] = {}
    found = {"create": created, "update": updated}
    try:
        for entity, (expected, number) in zip(entities, keys.items(), strict=True):
            (unique,) = entity["unique_keys"]
            id_ = entity["id"]
            if unique["project_id"] != project or type(id_) is not str or not id_:
                return None
            if entity["valid"] is not True or entity["errors"]:
                return None
            key = (entity["type"], unique["submitter_id"])
            # Mostly they come in the order of the rows, and need not be looked up.
            found[entity["action"]][number if key == expected else keys[key]] = id_
    except (KeyError, TypeError, ValueError):
        return None
    whole = len(created) + len(updated) == len(entities) and created.keys().isdisjoint(updated)
    return found if whole else None


def _refused(content: Mapping[str, Any], entities: list[Any], keys: Mapping[Key, int], project: str) -> Refused:
    named: dict[int, RowRefused] = {}
    for entity in entities:
        errors = entity.get("errors") if isinstance(entity, Mapping) else None
        if not isinstance(errors, list) or not errors:
            continue
        number = _row_of(entity, keys, project)
        told = [error for error in errors if isinstance(error, Mapping)]
        message = "; ".join(str(error.get("message")) for error in told)
        if number is None or _MISPLACED.search(message):
            continue
        named[number] = RowRefused(
            message,
            tuple(dict.fromkeys(str(error.get("type")) for error in told)),
            tuple(dict.fromkeys(str(key) for error in told for key in error.get("keys") or ())),
        )
    return Refused(named, _words_of(content), _number(content))


def _words_of(content: Mapping[str, Any]) -> str:
    errors = content.get("transactional_errors")
    said = [str(content.get("message") or "")]
    for error in errors if isinstance(errors, list) else ():
        said.append(str(error.get("message") if isinstance(error, Mapping) else error))
    return " ".join(filter(None, said))


def _row_of(entity: Any, keys: Mapping[Key, int], project: str) -> int | None:
    """The row that an answer is about, by its type and unique keys."""
    if not isinstance(entity, Mapping):
        return None
    type_ = entity.get("type")
    unique_keys = entity.get("unique_keys")
    for unique in unique_keys if isinstance(unique_keys, list) else ():
        if isinstance(unique, Mapping) and unique.get("project_id", project) == project:
            number = keys.get((str(type_), str(unique.get("submitter_id"))))
            if number is not None:
                return number
    return None


def _number(content: Mapping[str, Any]) -> int | None:
    number = content.get("transaction_id")
    return int(number) if isinstance(number, int | str) and str(number).isdecimal() else None
