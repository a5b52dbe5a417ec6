"""Asks the commons to delete, and reads what it says of each record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import ServerTrouble, Unreachable
from gen3submit.deleting.records import Target
from gen3submit.errors import CommonsProblem
from gen3submit.messages import deleting as words
from gen3submit.project import ProjectId

if TYPE_CHECKING:
    from gen3submit.commons import Answer, Commons

ATTEMPTS = 4
_NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Entity:
    """What the answer to a deletion says of one record."""

    target: Target | None
    """None where it is not there."""
    missing: tuple[str, ...]
    errors: tuple[tuple[str, list[tuple[str, str]]], ...]
    """The words, and the records that depend on it as (type, id)."""


def entities(answer: Answer) -> list[Entity]:
    """What the answer says of each record.

    Raises:
        CommonsProblem: it is no answer to a deletion.
    """
    found = entities_or_none(answer)
    if found is None:
        raise answer.error or CommonsProblem(words.no_success())
    return found


def entities_or_none(answer: Answer) -> list[Entity] | None:
    """What the answer says of each record; None where it is no answer to a deletion."""
    listed = answer.json.get("entities") if isinstance(answer.json, Mapping) and answer.problem is None else None
    if not isinstance(listed, list) or answer.status not in (200, 400):
        return None
    return [_entity(item) for item in listed if isinstance(item, Mapping)]


def _entity(item: Mapping[str, Any]) -> Entity:
    errors = [error for error in _list(item.get("errors")) if isinstance(error, Mapping)]
    missing = tuple(str(error.get("id")) for error in errors if error.get("type") == _NOT_FOUND)
    if missing or item.get("id") is None:
        return Entity(None, missing, ())
    names = [keys.get("submitter_id") for keys in _list(item.get("unique_keys")) if isinstance(keys, Mapping)]
    name = next((str(name) for name in names if name is not None), None)
    type_ = item.get("type")
    return Entity(
        Target(str(item["id"]), None if type_ is None else str(type_), name),
        (),
        tuple((words.said(str(error.get("message"))), _dependents(error)) for error in errors),
    )


def _dependents(error: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (str(each.get("type")), str(each.get("id")))
        for each in _list(error.get("dependents"))
        if isinstance(each, Mapping)
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def is_success(answer: Answer, batch: Sequence[Target], told: Sequence[Entity]) -> bool:
    """Whether the answer says of every record that it is deleted."""
    gone = {entity.target.id for entity in told if entity.target is not None and not entity.errors}
    return answer.error is None and answer.json.get("success") is True and all(target.id in gone for target in batch)


def may_pass(answer: Answer) -> bool:
    """Whether the trouble may be over in a while."""
    return isinstance(answer.error, ServerTrouble | Unreachable) or answer.problem is not None


def sent(commons: Commons, project: ProjectId, ids: list[str], *, dry_run: bool = False) -> Answer:
    """The answer to one deletion, sent again only after a 401.

    Raises:
        CommonsProblem: there is no new token.
    """
    answer = commons.delete_records(project, ids, dry_run=dry_run)
    if answer.status == 401:
        commons.renew(answer)
        answer = commons.delete_records(project, ids, dry_run=dry_run)
    return answer


def asked(commons: Commons, project: ProjectId, ids: list[str]) -> Answer:
    """The answer to a dry run, which may be asked again."""
    answer = sent(commons, project, ids, dry_run=True)
    for _ in range(ATTEMPTS - 1):
        if entities_or_none(answer) is not None or not may_pass(answer):
            break
        answer = sent(commons, project, ids, dry_run=True)
    return answer
