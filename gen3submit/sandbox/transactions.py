"""Dry runs carried out, or closed for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.rules.bodies import FORMATS
from gen3submit.sandbox.answers import json_answer, refuse
from gen3submit.sandbox.auth import require_rights
from gen3submit.sandbox.services import Services, require_state
from gen3submit.sandbox.submissions import carry_out

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response


def commit(services: Services, request: Request, program: str, project: str, number: int) -> Response:
    """``PUT`` or ``POST /P/X/transactions/<number>/commit``: the logged document is submitted again, for real."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    require_state(request, record, "open")
    project_id = f"{program}-{project}"
    entry = services.log.entry(number, project_id)
    if entry is None:
        raise refuse(404, f"Unable to find transaction_log with id: {number} for project {project_id}")
    if not entry.dry_run:
        raise refuse(400, f"Cannot submit transaction_log '{number}', not a dry_run.")
    if entry.committed_by is not None:
        raise refuse(400, f"This transaction_log was committed already by transaction '{entry.committed_by}'.")
    if entry.state != "SUCCEEDED":
        raise refuse(400, f"Unable to commit transaction log in state {entry.state}.")
    if entry.closed:
        raise refuse(400, "Unable to commit closed transaction log.")
    logged = services.log.documents(number)[0]
    content_types = {format_: name for name, format_ in FORMATS.items()}
    answer = carry_out(
        services,
        program,
        project,
        logged.body.encode(),
        content_types.get(logged.format, "application/json"),
        role=entry.role,
    )
    said = answer.get_json()
    if said.get("success"):
        services.log.mark_committed(number, int(said["transaction_id"]))
    return answer


def close(services: Services, request: Request, program: str, project: str, number: int) -> Response:
    """``PUT`` or ``POST /P/X/transactions/<number>/close``: the dry run may no longer be carried out."""
    services.require_project(program, project)
    require_rights(request, services.tokens)
    project_id = f"{program}-{project}"
    entry = services.log.entry(number, project_id)
    if entry is None:
        raise refuse(404, f"Unable to find transaction_log with id {number} for project {project_id}")
    if not entry.dry_run:
        raise refuse(400, "This transaction log is not a dry run. Closing it would have no effect.")
    if entry.closed:
        raise refuse(400, "This transaction log is already closed.")
    if entry.committed_by is not None:
        raise refuse(400, "This transaction log has already been committed. Closing it would have no effect.")
    services.log.close(number)
    return json_answer({"code": 200, "message": "Closed transaction.", "transaction_id": number})
