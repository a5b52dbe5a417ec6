"""Manifests of data files: making one, and validating one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from gen3submit.rules.bodies import read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.sandbox.answers import attachment, json_answer, refuse
from gen3submit.sandbox.auth import require_rights
from gen3submit.sandbox.exports import document
from gen3submit.sandbox.services import Services

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

UUID_PATTERN = "^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "pattern": UUID_PATTERN},
                    "file_name": {"type": "string"},
                    "local_file_path": {"type": "string"},
                    "project_id": {"type": "string"},
                },
                "anyOf": [
                    {"required": ["id", "file_name", "project_id"]},
                    {"required": ["id", "local_file_path", "project_id"]},
                ],
            },
        }
    },
}
"""What Sheepdog asks of a manifest, as far as its answers show."""


def manifest(services: Services, request: Request, program: str, project: str) -> Response:
    """``GET /P/X/manifest`` and ``/upload_manifest``: file records as YAML."""
    services.require_project(program, project)
    require_rights(request, services.tokens)
    ids = request.args.get("ids")
    if not ids:
        raise refuse(400, "No ids specified. Use query parameter 'ids', e.g. 'ids=id1,id2'.")
    wanted = ids.split(",")
    found = [each for each in services.store.by_ids(wanted) if each.project_id == f"{program}-{project}"]
    if not found:
        raise refuse(404, f"Unable to find {', '.join(wanted)}")
    files = []
    for record in found:
        if not services.dictionary.nodes[record.type].is_file:
            raise refuse(400, f"{record.type} {record.id} is not a data file.")
        files.append({**document(services, record), "local_file_path": record.properties.get("file_name")})
    text = yaml.safe_dump({"files": files}, default_flow_style=False)
    return attachment(text, "submission_manifest.yaml", "text/html; charset=utf-8")


def validate(_services: Services, request: Request) -> Response:
    """``POST /validation/upload_manifest``."""
    import jsonschema  # noqa: PLC0415  heavy, and only needed here

    try:
        if (request.headers.get("Content-Type") or "").lower() == "application/json":
            documents = read_json(request.get_data(as_text=True))
            given: Any = documents[0] if len(documents) == 1 else documents
        else:
            given = yaml.safe_load(request.get_data(as_text=True))
    except (DocumentRefused, yaml.YAMLError) as refused:
        raise refuse(400, str(refused)) from None
    errors = [error.message for error in jsonschema.Draft4Validator(SCHEMA).iter_errors(given)]
    return json_answer({"valid": False, "errors": errors} if errors else {"valid": True})
