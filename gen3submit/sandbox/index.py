"""The file index: the part of indexd that a client reads."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from gen3submit.sandbox.answers import Json, Refusal, html_page, json_answer
from gen3submit.sandbox.services import Services

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

MAX_LIMIT = 1024
_COLUMNS = "did, md5, size, urls, authz, created"
_HASHES = {
    "md5": re.compile(r"[0-9a-f]{32}"),
    "sha1": re.compile(r"[0-9a-f]{40}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "sha512": re.compile(r"[0-9a-f]{128}"),
    "crc": re.compile(r"[0-9a-f]{8}"),
    "etag": re.compile(r"[0-9a-f]{32}(-\d+)?"),
}
"""How indexd wants each kind of hash; upper case is malformed."""


def record(services: Services, _request: Request, did: str) -> Response:
    """``GET /index/index/<GUID>`` and ``GET /index/<GUID>``: no token is needed."""
    rows = services.store.rows(f"SELECT {_COLUMNS} FROM file WHERE did = ?", (did,))  # noqa: S608  fixed names
    if not rows:
        raise _error(404, "no record found")
    return json_answer(_as_record(rows[0]))


def search(services: Services, request: Request) -> Response:
    """``GET /index/index/?hash=&size=&ids=...``: always a list, empty if none is found."""
    asked = request.args
    limit = _whole_number(asked.get("limit", "100"), "limit")
    if not 0 <= limit <= MAX_LIMIT:
        raise _error(400, "limit must be between 0 and 1024")
    conditions, arguments = ["1"], []
    for given in asked.getlist("hash"):
        kind, colon, value = given.partition(":")
        if not colon:
            raise Refusal(html_page(500, "Internal Server Error"))
        if kind not in _HASHES or not _HASHES[kind].fullmatch(value):
            raise _error(400, "invalid hash values specified")
        conditions.append("md5 = ?" if kind == "md5" else "0 = ?")  # only md5 is ever registered here
        arguments.append(value)
    if "size" in asked:
        conditions.append("size = ?")
        arguments.append(str(_whole_number(asked["size"], "size")))
    if "ids" in asked:
        conditions.append("did IN (SELECT value FROM json_each(?))")
        arguments.append(json.dumps(asked["ids"].split(",")))
    if "start" in asked:
        conditions.append("did > ?")
        arguments.append(asked["start"])
    if "url" in asked:
        conditions.append("EXISTS (SELECT 1 FROM json_each(urls) WHERE value = ?)")
        arguments.append(asked["url"])
    if "authz" in asked:
        conditions.append("authz IN (SELECT value FROM json_each(?))")
        arguments.append(json.dumps(asked["authz"].split(",")))
    if any(name in asked for name in ("file_name", "acl", "uploader")):
        conditions.append("0")  # Sheepdog registers files without these
    offset = _whole_number(asked.get("page", "0"), "page") * limit
    rows = services.store.rows(
        f"SELECT {_COLUMNS} FROM file WHERE {' AND '.join(conditions)} ORDER BY did LIMIT {limit} OFFSET {offset}",  # noqa: S608  numbers and fixed texts
        arguments,
    )
    return json_answer(
        {
            "records": [_as_record(row) for row in rows],
            "ids": asked["ids"].split(",") if "ids" in asked else None,
            "hashes": dict(given.split(":", 1) for given in asked.getlist("hash")) or None,
            "size": int(asked["size"]) if "size" in asked else None,
            "urls": asked.getlist("url"),
            "file_name": asked.get("file_name"),
            "authz": asked["authz"].split(",") if "authz" in asked else None,
            "acl": asked["acl"].split(",") if "acl" in asked else None,
            "uploader": asked.get("uploader"),
            "limit": limit,
            "start": asked.get("start"),
            "page": int(asked["page"]) if "page" in asked else None,
            "metadata": {},
            "version": None,
            "urls_metadata": {},
        }
    )


def bulk(services: Services, request: Request) -> Response:
    """``POST /index/bulk/documents``: those of the GUIDs that are known, in no order."""
    if request.mimetype != "application/json":
        raise _error(415, "Unsupported Media Type")
    try:
        dids = json.loads(request.get_data())
    except ValueError:
        raise _error(400, "Bad Request") from None
    if not isinstance(dids, list) or not dids:
        raise Refusal(html_page(500, "Internal Server Error"))
    rows = services.store.rows(
        f"SELECT {_COLUMNS} FROM file WHERE did IN (SELECT value FROM json_each(?)) ORDER BY md5, did",  # noqa: S608  fixed names
        (json.dumps(dids),),
    )
    return json_answer([_as_record(row) for row in rows])


def _as_record(row: tuple[Any, ...]) -> Json:
    did, md5, size, urls, authz, created = row
    fixed = uuid.uuid5(uuid.NAMESPACE_URL, did)
    listed = json.loads(urls)
    return {
        "did": did,
        "baseid": str(fixed),
        "rev": fixed.hex[:8],
        "form": "object",
        "size": None if size is None else int(size),
        "file_name": None,
        "version": None,
        "uploader": None,
        "description": None,
        "acl": [],
        "authz": [authz] if authz else [],
        "hashes": {"md5": md5} if md5 else {},
        "metadata": {},
        "urls": listed,
        "urls_metadata": {url: {} for url in listed},
        "created_date": created,
        "updated_date": created,
        "content_created_date": None,
        "content_updated_date": None,
    }


def _whole_number(text: str, what: str) -> int:
    if not text.isdecimal():
        raise _error(400, f"{what} must be an integer")
    return int(text)


def _error(status: int, text: str) -> Refusal:
    return Refusal(json_answer({"error": text}, status))
