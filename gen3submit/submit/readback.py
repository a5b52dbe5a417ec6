"""Reading rows back: which of them the commons holds as they were sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gen3submit.commons.errors import NotAllowed, NotFound, Refused
from gen3submit.commons.transactions import text
from gen3submit.planning.comparing import changes
from gen3submit.planning.rows import PlannedDocument
from gen3submit.submit.under_way import UnderWay

_NAMES_AT_ONCE = 500
_TRIES = 3


def equal_rows(under_way: UnderWay, items: Sequence[PlannedDocument]) -> dict[int, str]:
    """The ids of the records of those rows (by number) that the commons holds exactly as they were sent.

    Args:
        under_way: the submission.
        items: rows of one node type.

    Raises:
        Stopped: the commons gives no answer.
        Interrupted: the user wants to stop.
    """
    if not items:
        return {}
    type_ = items[0].type.name
    wanted = {item.key: item for item in items}
    found: dict[int, str] = {}
    for record in under_way.ask(lambda: list(_records(under_way, type_, items))):
        item = wanted.get(str(record.get("submitter_id")).lower())
        if item is not None and not changes(item.document, record, under_way.dictionary.nodes[type_]):
            found[item.number] = str(record["id"])
    return found


def _records(under_way: UnderWay, type_: str, items: Sequence[PlannedDocument]) -> Iterable[dict[str, Any]]:
    """The records of the commons that these rows may have become, and perhaps others."""
    commons, project = under_way.commons, under_way.project
    if under_way.log_readable:  # who can read the log can read records in the same way
        for _ in range(_TRIES):
            try:
                ids = existing_ids(under_way, type_, items)
                return list(commons.export_ids(project, ids.values())) if ids else []
            except NotFound:  # one was deleted just now
                continue
            except (Refused, NotAllowed):
                break
    keys = {item.key for item in items}
    exported = commons.export(project, type_)
    return [record for record in exported if str(record.get("submitter_id")).lower() in keys]


def existing_ids(under_way: UnderWay, type_: str, items: Sequence[PlannedDocument]) -> dict[str, str]:
    """The ids of the records that have the submitter_ids of the rows, to the letter, by submitter_id."""
    names = [item.name for item in items]
    found: dict[str, str] = {}
    for start in range(0, len(names), _NAMES_AT_ONCE):
        listed = ", ".join(text(name) for name in names[start : start + _NAMES_AT_ONCE])
        wanted = f"project_id: {text(under_way.project)}, submitter_id: [{listed}], first: 0"
        query = f"{{{type_}({wanted}) {{id submitter_id}}}}"
        for row in under_way.commons.query(query).get(type_) or ():
            found[str(row["submitter_id"])] = str(row["id"])
    return found
