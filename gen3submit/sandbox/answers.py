"""The forms that answers of the real services take, and the one exception that carries an answer out of a view."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

INTERNAL = (
    "500 Internal Server Error: The server encountered an internal error and was unable to complete your request."
    " Either the server is overloaded or there is an error in the application."
)
NOT_FOUND = (
    "404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check"
    " your spelling and try again."
)
METHOD_NOT_ALLOWED = "405 Method Not Allowed: The method is not allowed for the requested URL."


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(value), status=status, headers=dict(headers or {}), content_type="application/json")


def message(status: int, text: str) -> Response:
    """Sheepdog's form of a refusal."""
    return json_answer({"message": text}, status)


def attachment(
    body: str | bytes | Iterable[bytes], filename: str, content_type: str = "application/octet-stream"
) -> Response:
    """A file to be saved."""
    return Response(
        body, content_type=content_type, headers={"Content-Disposition": f"attachment; filename={filename}"}
    )


def html_page(status: int, text: str) -> Response:
    """Fence's form of a refusal: an HTML page."""
    title = f"{status} {HTTPStatus(status).phrase}"
    body = (
        "<!DOCTYPE html>\n<html>\n<head><title>"
        f"{title}</title></head>\n<body>\n<h1>{title}</h1>\n<p>Error Message: {text}</p>\n</body>\n</html>\n"
    )
    return Response(body, status=status, content_type="text/html; charset=utf-8")


class Refusal(Exception):
    """Raised by a view to end with an answer that is a refusal."""

    def __init__(self, answer: Response):
        super().__init__(answer.status)
        self.answer = answer


def refuse(status: int, text: str) -> Refusal:
    """A refusal in Sheepdog's form, to be raised."""
    return Refusal(message(status, text))


def crash() -> Refusal:
    """The answer to a programming error of the real service, to be raised."""
    return refuse(500, INTERNAL)


Json = dict[str, Any]
