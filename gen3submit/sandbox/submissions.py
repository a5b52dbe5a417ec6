"""Submissions: the shared rules under a transaction, an entry of the log, and the answer."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gen3submit.rules.bodies import body_format, decode, read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.sandbox.answers import crash, json_answer, refuse
from gen3submit.sandbox.auth import USERNAME, require_rights
from gen3submit.sandbox.deletion import BOOLEANS
from gen3submit.sandbox.faults import Hold
from gen3submit.sandbox.services import Services, require_state

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

ROLES = {"PUT": "update", "POST": "create"}
HOLD = "practice.hold"
"""Where the request's environment carries a `gen3submit.sandbox.faults.Hold`."""

BULK_FORM = """Bulk transfers must be an array of JSON objects of format: {
    "name": string,
    "doc_format": string,
    "doc": string,
}"""


class _Lost(Exception):
    """Leaves the transaction so that nothing is stored, whatever the answer says."""


def submission(services: Services, request: Request, program: str, project: str, *, dry_run: bool = False) -> Response:
    """``PUT`` or ``POST /P/X[/_dry_run]``."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    require_state(request, record, "open")
    role = ROLES[request.method]
    body, content_type = request.get_data(), request.headers.get("Content-Type")
    if _wants_async(request):
        return _take_and_forget(services, program, project, role, body, content_type)
    return carry_out(
        services,
        program,
        project,
        body,
        content_type,
        role=role,
        dry_run=dry_run,
        name=request.headers.get("X-Document-Name"),
        hold=request.environ.get(HOLD),
    )


def carry_out(
    services: Services,
    program: str,
    project: str,
    body: bytes,
    content_type: str | None,
    *,
    role: str,
    dry_run: bool = False,
    name: str | None = None,
    hold: Hold | None = None,
) -> Response:
    """Submit a document, log it, and answer."""
    log = services.log
    hold = hold or Hold()
    with services.store.work():
        entry = log.open(role, program, project, dry_run=dry_run)
        log.add_document(entry, name, body_format(content_type), body)
    hold.wait()
    with (
        suppress(_Lost),
        services.store.indexing_for(f"/programs/{program}/projects/{project}"),
        services.store.work(),
    ):
        answer = services.submissions.submit(
            body,
            content_type,
            store=services.store,
            project_id=f"{program}-{project}",
            now=datetime.now(UTC).isoformat(timespec="microseconds"),
            role=role,
            dry_run=dry_run,
        )
        changes = services.store.changes
        if hold.loses:
            raise _Lost
    if services.row_delay:
        time.sleep(services.row_delay * len(answer.documents))
    said = answer.json(entry)
    state = answer.log_state
    if hold.forgets or (hold.loses and state == "SUCCEEDED"):
        state = "PENDING"
    if state is None:
        log.withdraw(entry)
    elif state == "ERRORED":
        log.drop_documents(entry)
        log.finish(entry, state, USERNAME, None)
    elif state != "PENDING":
        log.finish(entry, state, USERNAME, said, said["entities"], changes)
    return json_answer(said, answer.status)


def bulk(services: Services, request: Request, program: str, project: str, *, dry_run: bool = False) -> Response:
    """``PUT`` or ``POST /P/X/bulk[/_dry_run]``: broken in this version, whatever well-formed list comes."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    require_state(request, record, "open")
    text = request.get_data(as_text=True)
    try:
        documents = read_json(text)
    except DocumentRefused as refused:
        raise refuse(400, str(refused)) from None
    if text.lstrip().startswith("{") or not all(isinstance(document, dict) for document in documents):
        raise refuse(400, BULK_FORM)
    services.log.open(ROLES[request.method], program, project, dry_run=dry_run)
    raise crash()


def _wants_async(request: Request) -> bool:
    asked = request.args.get("async", "false").lower()
    if asked not in BOOLEANS:
        raise refuse(400, "Boolean value not one of [true, false]")
    return BOOLEANS[asked]


def _take_and_forget(
    services: Services, program: str, project: str, role: str, body: bytes, content_type: str | None
) -> Response:
    """``?async=true``: the worker has no request to work in, so nothing is ever stored."""
    format_ = body_format(content_type)
    try:
        text = decode(body)
        if format_ == "json":
            read_json(text)
        else:
            services.reader.read(text, format_)
    except DocumentRefused as refused:
        raise refuse(400, str(refused)) from None
    entry = services.log.open(role, program, project)
    services.log.finish(entry, "ERRORED", USERNAME, None)
    return json_answer({"code": 200, "message": "Transaction submitted.", "transaction_id": entry})
