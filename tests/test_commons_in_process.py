"""A commons in this very process, reached without a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from commons_stub import api_key
from werkzeug import Request, Response

from gen3submit.commons import Commons, InProcess
from gen3submit.commons.clock import Clock

URL = "http://practice.localhost"


class App:
    """A WSGI application that tells what it was asked."""

    def __init__(self) -> None:
        self.fault: BaseException | None = None
        self.closed = 0
        self.parts_made = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.path.startswith("/user/credentials"):
            return Response('{"access_token": "a-token-of-this-app"}', mimetype="application/json")(
                environ, start_response
            )
        if self.fault is not None:
            raise self.fault
        if "export" in request.path:
            return self.export(start_response)
        told = {
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode(),
            "name": request.headers.get("X-Document-Name"),
            "token": request.headers.get("Authorization"),
            "host": request.host,
            "body": request.get_data(as_text=True),
            "links": [],
        }
        return Response.from_app(_json(told), environ)(environ, start_response)

    def export(self, start_response: Any) -> Iterator[bytes]:
        """An application may start its answer with the first part of the body."""
        start_response("200 OK", [("Content-Type", "application/json")])
        try:
            yield b'{"data": ['
            for number in range(1000):
                self.parts_made += 1
                yield (b"," if number else b"") + b'{"n": %d}' % number
            yield b"]}"
        finally:
            self.closed += 1


def _json(value: Any) -> Response:
    import json

    return Response(json.dumps(value), mimetype="application/json")


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def commons(app: App, monkeypatch: pytest.MonkeyPatch) -> Commons:
    def no_socket(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", no_socket)
    return Commons(URL, api_key(URL), transport=InProcess(app), clock=Clock(sleep=lambda _: None))


def test_a_submission_arrives_as_over_a_network(commons: Commons) -> None:
    answer = commons.submit("P-é x", "é\t\n".encode(), document_name="d1", dry_run=True)
    assert answer.status == 200
    assert answer.json == {
        "method": "PUT",
        "path": "/api/v0/submission/P/é x/_dry_run",
        "query": "",
        "name": "d1",
        "token": "Bearer [secret]",
        "host": "practice.localhost",
        "body": "é\t\n",
        "links": [],
    }
    assert commons.programs() == []


def test_an_export_is_read_part_by_part_and_closed(commons: Commons, app: App) -> None:
    assert [record["n"] for record in commons.export("P-X", "case")] == list(range(1000))
    assert app.closed == 1


@pytest.mark.parametrize(("fault", "problem"), [(ConnectionResetError(), "reset"), (TimeoutError(), "timeout")])
def test_faults_of_a_connection_can_be_acted(commons: Commons, app: App, fault: OSError, problem: str) -> None:
    commons.authenticate()
    app.fault = fault
    answer = commons.submit("P-X", b"", document_name="d")
    assert (answer.status, answer.problem, answer.sent) == (None, problem, True)


def test_a_fault_of_the_application_goes_through(commons: Commons, app: App) -> None:
    commons.authenticate()
    app.fault = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        commons.programs()
