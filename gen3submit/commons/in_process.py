"""Carries requests to a WSGI application in this very process, so that the practice commons needs no socket."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class InProcess(BaseAdapter):
    """What `Commons(transport=…)` takes to reach a WSGI application without a network.

    A `ConnectionError` or `TimeoutError` that the application raises is what the caller meets on a real connection.
    Anything else that it raises is a fault of the application and goes through.
    """

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  the whole signature is requests'
        timeout: Any = None,  # noqa: ARG002
        verify: Any = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """The application's answer; its body is read from the application as the caller reads it."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            if exc_info and started:
                raise exc_info[1]
            started.append((status, headers))
            return io.BytesIO().write

        try:
            parts = iter(self._app(_environ(request), _typed(start_response)))
            # An application may start its answer as late as with the first part of the body.
            first = next(parts, b"")
        except TimeoutError as error:
            raise requests.ReadTimeout(str(error), request=request) from None
        except ConnectionError as error:
            raise requests.ConnectionError(str(error), request=request) from None
        status, headers = started[-1]
        code, _, reason = status.partition(" ")
        response = requests.Response()
        response.status_code = int(code)
        response.reason = reason
        response.url = request.url or ""
        response.request = request
        response.headers = CaseInsensitiveDict(headers)
        response.raw = HTTPResponse(
            body=io.BufferedReader(_Parts(first, parts)),
            headers=HTTPHeaderDict(headers),
            status=int(code),
            reason=reason,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        return response

    def close(self) -> None:
        """Nothing is kept open."""


class _Parts(io.RawIOBase):
    """The parts of an answer as one file, each fetched when it is wanted."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._part = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._part:
            part = next(self._rest, None)
            if part is None:
                return 0
            self._part = part
        size = min(len(buffer), len(self._part))
        buffer[:size] = self._part[:size]
        self._part = self._part[size:]
        return size

    def close(self) -> None:
        close = getattr(self._rest, "close", None)
        if close is not None:
            close()
        super().close()


def _environ(request: requests.PreparedRequest) -> WSGIEnvironment:
    parts = urlsplit(request.url or "")
    body: Any = request.body
    if isinstance(body, str):
        body = body.encode()
    stream: IO[bytes] = body if hasattr(body, "read") else io.BytesIO(body or b"")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        # WSGI wants the bytes of the path, each as one character.
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": stream,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": parts.netloc,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = str(value)
    return environ


def _typed(start_response: Any) -> StartResponse:
    """The typing stubs describe this function as a protocol that a plain function with defaults does not match."""
    typed: StartResponse = start_response
    return typed
