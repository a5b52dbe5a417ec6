"""A small HTTP server on loopback that answers as a test tells it, and remembers what it was asked."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CANARY = "Kanarienvogel"
"""Stands in every secret of the tests; must stand in nothing else."""


def jwt(**claims: Any) -> str:
    """A JSON web token; its signature, which nobody checks, is the canary."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'RS256'})}.{part({**claims, 'jti': CANARY})}.{CANARY}"


def api_key(issuer: str, *, expires_in: float = 20 * 86400, now: float | None = None) -> dict[str, str]:
    """The content of a credentials file."""
    now = time.time() if now is None else now
    key = jwt(pur="api_key", iss=f"{issuer}/user", iat=now - 60, exp=int(now + expires_in))
    return {"api_key": key, "key_id": "1"}


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer, or what is done instead of one."""

    status: int = 200
    body: Any = field(default_factory=dict)
    """Bytes as they are, text encoded, anything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    fault: str = ""
    """`reset`: the connection is reset unanswered; `cut`: half of the body, then the end; `hang`: no answer; `chunks`:
    as chunks; `unframed`: without a length, half of it."""

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


HTML = Reply(200, "<!DOCTYPE html><html><head><title>Data Portal</title></head></html>", content_type="text/html")


class Stub:
    """The server. A route is chosen by method and the path before `?`; `*` takes what has no route."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.routes: dict[str, Callable[[Seen], Reply]] = {}
        self.tokens_given = 0
        self.token_life = 1800.0
        self.token_skew = 0.0
        self.released = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                seen = Seen(self.command, self.path, headers, self.rfile.read(length))
                stub.seen.append(seen)
                stub.send(self, stub.reply(seen))

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """Clients that leave are part of the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.on("POST /user/credentials/cdis/access_token", self.give_token)

    def on(self, route: str, reply: Any) -> None:
        """Answer this route with a reply, a list of replies (the last one for ever), or what a function makes."""
        if isinstance(reply, list):
            waiting = iter(reply[:-1])
            last = reply[-1]
            self.routes[route] = lambda seen: next(waiting, last)
        elif isinstance(reply, Reply):
            self.routes[route] = lambda seen: reply
        elif callable(reply):
            self.routes[route] = reply
        else:
            self.routes[route] = lambda seen: Reply(body=reply)

    def reply(self, seen: Seen) -> Reply:
        route = f"{seen.method} {seen.path.partition('?')[0]}"
        found = self.routes.get(route) or self.routes.get("*")
        return found(seen) if found else Reply(404, {"message": "no such route in this test"})

    def give_token(self, seen: Seen) -> Reply:
        self.tokens_given += 1
        now = time.time() + self.token_skew
        return Reply(body={"access_token": jwt(pur="access", iat=now, exp=now + self.token_life, n=self.tokens_given)})

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.fault == "hang":
            self.released.wait(20)
            reply = Reply(fault="reset")
        if reply.fault == "reset":
            # With this option, closing sends RST.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            handler.rfile.close()
            return
        content = reply.content
        handler.send_response_only(reply.status)
        handler.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.fault == "chunks":
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for start in range(0, len(content), 1000):
                block = content[start : start + 1000]
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(block), block))
            handler.wfile.write(b"0\r\n\r\n")
            return
        if reply.fault != "unframed" and reply.status != 204:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2] if reply.fault in {"cut", "unframed"} else content)
        if reply.fault:
            handler.wfile.flush()
            handler.close_connection = True

    def asked(self, start: str) -> list[Seen]:
        """The requests whose method and path begin so."""
        return [seen for seen in self.seen if f"{seen.method} {seen.path}".startswith(start)]


@contextmanager
def running_stub() -> Iterator[Stub]:
    stub = Stub()
    thread = threading.Thread(target=stub.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.released.set()
        stub.server.shutdown()
        stub.server.server_close()
        thread.join()


class FakeTime:
    """Time that passes only when somebody sleeps, or a test says so."""

    def __init__(self) -> None:
        self.wall = time.time()
        self.mono = 1000.0
        self.naps: list[float] = []

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.pass_(seconds)
