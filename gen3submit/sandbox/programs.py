"""Programs and projects: listing, registering, changing, deleting."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from gen3submit.dictionary import Property
from gen3submit.rules.bodies import body_format, decode, read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.store import Record
from gen3submit.sandbox.answers import crash, json_answer, refuse
from gen3submit.sandbox.auth import require_rights, require_token
from gen3submit.sandbox.services import PREFIX, PROGRAM_SEED, PROJECT_SEED, Services, require_state

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

SILENTLY_DROPPED = ("type", "state", "released")
"""Keys of a project document that Sheepdog takes out before it stores the rest."""

_GAP = " " * 29  # a line break with its indentation in the middle of Sheepdog's message


def list_programs(services: Services, request: Request) -> Response:
    """``GET /``: every program, whatever the caller's rights."""
    require_token(request, services.tokens)
    return _links([str(record.properties.get("name")) for record in services.store.select("program")])


def list_projects(services: Services, request: Request, program: str) -> Response:
    """``GET /P``: every project of the program."""
    owner = services.require_program(program)
    require_token(request, services.tokens)
    return _links([f"{program}/{project.properties.get('code')}" for project in services.projects(owner)])


def register_program(services: Services, request: Request) -> Response:
    """``PUT``, ``POST`` or ``PATCH /``: a program is made, or its accession number changed."""
    require_rights(request, services.tokens)
    document = _single_document(services, request, "program")
    if document.get("type") != "program":
        raise refuse(400, f"Invalid type in key type='{document.get('type')}'")
    name = document.get("name")
    if not name:
        raise refuse(400, "No program specified in key 'name'")
    number = document.get("dbgap_accession_number")
    if not isinstance(name, str) or not isinstance(number, str | None):
        raise crash()
    with services.store.work():
        known = services.program(name)
        record = known or new_program(name)
        record.properties["dbgap_accession_number"] = number
        services.store.put(record)
    said = "Program is updated!" if known else "Program registered."
    return json_answer({"id": record.id, "name": name, "message": said})


def register_project(services: Services, request: Request, program: str) -> Response:
    """``PUT``, ``POST`` or ``PATCH /P``: a project is made or changed, without a look at the schema."""
    owner = services.require_program(program)
    require_rights(request, services.tokens)
    document = _single_document(services, request, "project")
    if document.get("type") and document.get("type") != "project":
        raise refuse(400, f"Invalid post to program endpoint with type='{document.get('type')}'")
    code = document.get("code")
    if not code:
        raise refuse(400, "No project specified in key 'code'")
    if not document.get("dbgap_accession_number"):
        raise refuse(400, "No dbgap_accession_number specified.")
    if not isinstance(code, str):
        raise crash()
    with services.store.work():
        known = services.project(program, code)
        if known is not None:
            require_state(request, known, "open")
        record = known or new_project(services, code)
        _assign(services, record, document)
        services.store.put(record)
        services.store.link(record, "programs", owner)
    # An entry is opened and never finished: every project begins with one that stays PENDING.
    entry = services.log.open("update", program, code)
    return json_answer(_project_answer(entry, record, created=known is None))


def delete_project(services: Services, request: Request, program: str, project: str) -> Response:
    """``DELETE /P/X``: an empty project goes at once."""
    record = services.require_project(program, project)
    require_rights(request, services.tokens)
    held = services.store.rows("SELECT 1 FROM record WHERE project_id = ? LIMIT 1", (f"{program}-{project}",))
    if held:
        raise refuse(400, f"ERROR: Can not delete the project.{_GAP}Project {project} is not empty")
    with services.store.work():
        services.store.delete(record)
    entry = services.log.open("delete", program, project)
    services.log.add_stub(
        entry,
        {
            "code": 200,
            "message": "Successfully deleted 0 entities",
            "success": True,
            "entities": [],
            "dependent_ids": "",
            "transaction_id": entry,
            "entity_error_count": 0,
            "deleted_entity_count": 0,
            "transactional_errors": [],
            "transactional_error_count": 0,
        },
    )
    return Response(status=204, content_type="application/json")


def delete_program(services: Services, request: Request, program: str) -> Response:
    """``DELETE /P``: a program without projects goes at once."""
    record = services.require_program(program)
    require_rights(request, services.tokens)
    if services.projects(record):
        raise refuse(400, f"ERROR: Can not delete the program.{_GAP}Program {program} is not empty")
    with services.store.work():
        services.store.delete(record)
    return Response(status=204, content_type="application/json")


def _links(paths: list[str]) -> Response:
    return json_answer({"links": [f"{PREFIX}/{quote(path, safe=_UNQUOTED)}" for path in paths]})


_UNQUOTED = "!$&'()*+,/:;=@"


def _single_document(services: Services, request: Request, what: str) -> dict[str, Any]:
    """The one document of a body in JSON, TSV or CSV."""
    format_ = body_format(request.headers.get("Content-Type"))
    try:
        text = decode(request.get_data())
        documents: list[Any]
        documents = read_json(text) if format_ == "json" else services.reader.read(text, format_).documents
    except DocumentRefused as refused:
        raise refuse(400, str(refused)) from None
    if len(documents) == 1 and isinstance(documents[0], dict):
        return documents[0]
    raise refuse(
        400,
        f"The {what} creation endpoint only supports single documents (dict)."
        f" Received data of type <class 'list'>: {documents}",
    )


def new_program(name: str) -> Record:
    """A program that is not stored yet, with the id that it has in every commons."""
    return Record(str(uuid.uuid5(PROGRAM_SEED, name)), "program", {"name": name, "dbgap_accession_number": name})


def new_project(services: Services, code: str) -> Record:
    """An open project that is not stored yet, with the id that it has in every commons."""
    record = Record(str(uuid.uuid5(PROJECT_SEED, code)), "project", {"state": "open"})
    if services.store.get("project", record.id) is not None:  # under another program
        raise refuse(400, f"ERROR: Project {code} already exists in DB")
    return record


def _assign(services: Services, record: Record, document: dict[str, Any]) -> None:
    known = services.dictionary.nodes["project"].properties
    for name, value in document.items():
        if name in SILENTLY_DROPPED:
            continue
        if name not in known or name == "id":
            raise refuse(400, f"ERROR: <Project({record.id})> has no property {name}")
        if not _fits(known[name], value):
            raise crash()
        record.properties[name] = value


def _fits(declared: Property, value: object) -> bool:
    """Whether the database's own class for the node type would take the value."""
    if value is None:
        return True
    if declared.enum:
        return value in declared.enum
    kinds: tuple[type, ...] = ()
    for name in declared.types or ("string",):
        kinds += _KINDS.get(name, (str,))
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "null": (str,),
}


def _project_answer(entry: int, record: Record, *, created: bool) -> dict[str, Any]:
    return {
        "code": 200,
        "message": "Transaction successful.",
        "success": True,
        "transaction_id": entry,
        "created_entity_count": int(created),
        "updated_entity_count": int(not created),
        "entity_error_count": 0,
        "transactional_error_count": 0,
        "transactional_errors": [],
        "entities": [
            {
                "id": record.id,
                "type": "project",
                "action": "create" if created else "update",
                "valid": True,
                "errors": [],
                "warnings": [],
                "unique_keys": [{"code": record.properties.get("code")}],
            }
        ],
    }
