"""The state of a project: review, open, submit and release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.sandbox.answers import Json, crash, json_answer
from gen3submit.sandbox.auth import USERNAME, require_rights
from gen3submit.sandbox.services import Services, require_state

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

LEADS_FROM = {"review": "open", "open": "review"}
"""The state that each change needs, of those that work in Sheepdog 5.2.4."""


def change_state(
    services: Services, request: Request, program: str, project: str, action: str, *, dry_run: bool = False
) -> Response:
    """``PUT`` or ``POST /P/X/<action>``."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    if action == "release":
        return _release(services, program, project, dry_run=dry_run)
    if action == "submit":
        require_state(request, record, "review")
        raise crash()  # a programming error of this version, whatever the records
    require_state(request, record, LEADS_FROM[action])
    entry = services.log.open(action, program, project, dry_run=dry_run)
    said = f"uccessfully transitioned project state to '{action}'"
    answer = _answer(entry, f"Dry run successful. Would have s{said}" if dry_run else f"S{said}", success=True)
    if not dry_run:
        with services.store.work():
            record.properties["state"] = action
            services.store.put(record)
    services.log.add_stub(entry, answer)
    services.log.finish(entry, "SUCCEEDED", USERNAME, None)
    return json_answer(answer)


def _release(services: Services, program: str, project: str, *, dry_run: bool) -> Response:
    entry = services.log.open("release", program, project, dry_run=dry_run)
    answer = _answer(entry, "Release transaction failed.", success=False)
    answer["transactional_errors"] = [
        {"message": "Project is not releasable. Project must be submitted at least once first."}
    ]
    answer["transactional_error_count"] = 1
    services.log.add_stub(entry, answer)
    services.log.finish(entry, "FAILED", USERNAME, None)
    return json_answer(answer, 400)


def _answer(entry: int, said: str, *, success: bool) -> Json:
    return {
        "code": 200 if success else 400,
        "message": said,
        "success": success,
        "entities": [],
        "transaction_id": entry,
        "entity_error_count": 0,
        "transactional_errors": [],
        "transactional_error_count": 0,
    }
