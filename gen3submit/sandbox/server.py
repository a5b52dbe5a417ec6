"""Serving a practice commons on loopback: HTTP/1.1 with kept connections, one thread each, a clean stop."""

from __future__ import annotations

import gc
import io
import os
import signal
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from types import FrameType
from typing import Any
from urllib.parse import unquote

from gen3submit.errors import UsageProblem
from gen3submit.messages import sandbox as words
from gen3submit.sandbox.app import PracticeCommons
from gen3submit.sandbox.faults import ConnectionCut

HOST = "127.0.0.1"
_GARBAGE = (100_000, 20, 20)
"""How seldom garbage is looked for: a submission makes a million objects that live until it is answered."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Handler(BaseHTTPRequestHandler):
    """One connection.

    (werkzeug's own handler closes each connection after one answer, and takes its time for it.)
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 65  # seconds a kept connection may be idle, as at the gateway
    server: _Server

    def do_GET(self) -> None:
        """Answer a request of any method."""
        body = self._body()
        environ = self._environ(body)
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            started[:] = [status, headers]

        head = b""
        try:
            for part in self.server.commons(environ, start_response):
                head = self._send(started[0], started[1], part, head)
            self._send(started[0], started[1], b"", head)
        except ConnectionError as error:
            self.close_connection = True
            if isinstance(error, ConnectionCut) and not head:
                self._reset()

    def _send(self, status: str, headers: list[tuple[str, str]], part: bytes, head: bytes) -> bytes:
        """Send a part of the body, in front of the first one the head; give the head. An empty part is the last."""
        length = any(name.lower() == "content-length" for name, _ in headers)
        bare = status[:3] in ("204", "304") or self.command == "HEAD"
        first = b"" if head else self._head(status, headers, chunked=not length and not bare)
        if not (length or bare):
            part = f"{len(part):x}\r\n".encode() + part + b"\r\n"
        if first or part:
            self.connection.sendall(first + (b"" if bare else part))
        return head or first

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815  the names are http.server's

    def _head(self, status: str, headers: list[tuple[str, str]], *, chunked: bool) -> bytes:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "REQUEST_URI": self.path,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value
            elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
                environ[f"HTTP_{key}"] = value
        return environ

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        os.close(self.connection.detach())  # at once: an orderly shutdown would say goodbye first

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Say nothing: the first line on stdout is the URL, and what follows is the caller's."""


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False  # kept connections would keep the stop waiting
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, commons: PracticeCommons, port: int):
        self.commons = commons
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is no news; anything else is a bug, and told."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def bound_server(commons: PracticeCommons, port: int = 0) -> _Server:
    """A server that is bound to loopback and not running yet.

    Raises:
        UsageProblem: the port is taken.
    """
    try:
        return _Server(commons, port)
    except (OSError, OverflowError) as error:
        raise UsageProblem(words.port_unusable(port, getattr(error, "strerror", None) or str(error))) from None


def url(server: _Server) -> str:
    """The address of a bound server."""
    return f"http://{HOST}:{server.server_address[1]}"


def serve(commons: PracticeCommons, port: int = 0, announce: Callable[[str], object] = lambda _: None) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is given the URL once connections are taken.

    Raises:
        UsageProblem: the port is taken.
    """
    server = bound_server(commons, port)
    gc.set_threshold(*_GARBAGE)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()  # it waits for the loop that runs here

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        announce(url(server))
        threading.Thread(target=commons.prepare, daemon=True).start()
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        commons.close()
        for name, handler in before.items():
            signal.signal(name, handler)


class Running:
    """A practice commons that serves from a thread of this process, as tests want it.

    ::

        with Running(PracticeCommons(dictionary)) as running:
            requests.get(running.url)
    """

    def __init__(self, commons: PracticeCommons, port: int = 0):
        self.commons = commons
        self._server = bound_server(commons, port)
        self.url = url(self._server)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections; the data stay open."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
