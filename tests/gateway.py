"""A TCP gateway in front of a practice commons, which delays, cuts and gives up on submissions."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

TIMED_OUT = (
    b"HTTP/1.1 504 Gateway Time-out\r\nContent-Type: text/html\r\nContent-Length: 29\r\nConnection: close\r\n\r\n"
    b"<html>504 Gateway Time</html>"
)
GEN3 = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/octet-stream\r\nContent-Length: 52\r\n"
    b'Connection: close\r\n\r\n{ "error": "service failure - try again later"}     '
)


@dataclass(frozen=True)
class Toxic:
    """What happens to one submission on its way."""

    hold: float = 0.0
    """Seconds that the request is kept before it goes on."""
    gives_up: float | None = None
    """After so many seconds the caller gets an error; the request goes on all the same."""
    answer: bytes = TIMED_OUT
    """That error; empty: the connection is reset."""
    request_bytes: int | None = None
    """Only so much of the request goes on; then both sides are cut."""
    answer_bytes: int | None = None
    """Only so much of the answer comes back; then the connection is reset."""


class Gateway:
    """Listens on loopback and passes on, each connection in threads of its own."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self.toxics: deque[Toxic | None] = deque()
        """For the next submissions (PUT), one each; None lets one pass."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with suppress(OSError), caller:
            first = caller.recv(65536)
            toxic = self.toxics.popleft() if first.startswith(b"PUT") and self.toxics else None
            with socket.create_connection(self._target) as server:
                if toxic is None:
                    self._pass(caller, server, first)
                else:
                    self._strike(caller, server, first, toxic)

    def _pass(self, caller: socket.socket, server: socket.socket, first: bytes) -> None:
        server.sendall(first)
        back = threading.Thread(target=_copy, args=(server, caller), daemon=True)
        back.start()
        _copy(caller, server)
        back.join(30)

    def _strike(self, caller: socket.socket, server: socket.socket, first: bytes, toxic: Toxic) -> None:
        request = _whole(caller, first)
        if toxic.request_bytes is not None:
            server.sendall(request[: toxic.request_bytes])
            _reset(caller)
            return
        if toxic.gives_up is not None:
            threading.Timer(toxic.gives_up, _say, (caller, toxic.answer)).start()
        time.sleep(toxic.hold)
        server.sendall(request)
        answer = b""
        while part := server.recv(65536):
            answer += part
        if toxic.gives_up is not None:
            time.sleep(max(0.0, toxic.gives_up - toxic.hold))
            return
        caller.sendall(answer[: toxic.answer_bytes])
        if toxic.answer_bytes is not None:
            _reset(caller)


def _whole(caller: socket.socket, first: bytes) -> bytes:
    head, _, body = first.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


def _say(caller: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        if answer:
            caller.sendall(answer)
        else:
            _reset(caller)
        caller.shutdown(socket.SHUT_RDWR)


def _reset(caller: socket.socket) -> None:
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.close()
