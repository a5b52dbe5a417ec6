"""What the client makes of a network and of servers that misbehave."""

from __future__ import annotations

import gzip
import json
import logging
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from commons_stub import CANARY, HTML, FakeTime, Reply, Seen, Stub, api_key, jwt, running_stub
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.commons import Answer, Commons
from gen3submit.commons.answer import parsed
from gen3submit.commons.clock import Clock
from gen3submit.commons.errors import (
    CommonsProblem,
    NotACommons,
    NotAllowed,
    NotFound,
    Refused,
    ServerTrouble,
    Unreachable,
)
from gen3submit.commons.parsing import MAX_DEPTH, nests_too_deeply
from gen3submit.messages.commons import quoted

READ = "GET /api/v0/submission/"
WRITE = "PUT /api/v0/submission/P/X"
PORTAL = "<!DOCTYPE html><html><head><title>Data Portal</title></head></html>"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


def client(stub: Stub, fake: FakeTime | None = None, **options: Any) -> Commons:
    clock = Clock(lambda: fake.wall, lambda: fake.mono, fake.sleep) if fake else None
    return Commons(stub.url, api_key(stub.url), clock=clock, **options)


def write(commons: Commons, **options: Any) -> Answer:
    return commons.submit("P-X", b"[]", document_name="d", **options)


# Refusals in words


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(403, {"message": "You don't have access"}), NotAllowed, "not allowed .*: You don't have access"),
        (Reply(403, PORTAL, content_type="text/html"), NotAllowed, "Data Portal"),
        (Reply(404, {"message": "program P not found"}), NotFound, "program P not found"),
        (Reply(404, PORTAL, content_type="text/html"), NotACommons, "web page"),
        (Reply(400, {"message": "bad"}), Refused, "status 400 .*: bad"),
        (Reply(405, {"error": "no such method"}), Refused, "status 405 .*: no such method"),
        (Reply(500, '{ "error": "service failure - try again later"}'), ServerTrouble, "500 .*service failure"),
        (Reply(504, PORTAL, content_type="text/html"), ServerTrouble, "504"),
        (Reply(429, {}, {"Retry-After": "7000"}), ServerTrouble, "too busy .* come back in 7000 s"),
        (HTML, NotACommons, "web page .*Data Portal"),
        (Reply(200, "<html>", content_type="application/json"), NotACommons, "web page"),
        (Reply(200, "hello", content_type="text/plain"), NotACommons, "not JSON"),
        (Reply(200, ""), NotACommons, "not JSON"),
        (Reply(200, '{"links": ['), ServerTrouble, "broke off in the middle"),
        (Reply(200, {"link": []}), NotACommons, "in a form that no commons does"),
        (Reply(200, []), NotACommons, "in a form that no commons does"),
        (Reply(200, "null"), NotACommons, "in a form that no commons does"),
        (Reply(200, "[" * 5000 + "]" * 5000), NotACommons, "nested too deeply"),
        (Reply(200, "[" * 150 + "]" * 150), NotACommons, "nested too deeply"),
        (Reply(200, {"links": ["x" * 100] * 100}, fault="cut"), ServerTrouble, "broke off"),
        (Reply(fault="reset"), ServerTrouble, "broke off before the answer"),
        (Reply(302, "", {"Location": "https://login.example.org/x"}), NotACommons, r"elsewhere to `https://login\.ex"),
        (Reply(200, b"\x1f\x8b-no-gzip", {"Content-Encoding": "gzip"}), ServerTrouble, "broke off"),
        (Reply(200, {}, {"Content-Encoding": "gzip, gzip, gzip"}), NotACommons, "not JSON"),
    ],
)
def test_each_failure_is_one_sentence_that_names_the_commons(
    stub: Stub, reply: Reply, kind: type[CommonsProblem], said: str
) -> None:
    stub.on(READ, reply)
    with pytest.raises(kind, match=said) as caught:
        client(stub, FakeTime()).programs()
    assert stub.url in str(caught.value)
    assert "\n" not in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_refused_connection_and_an_unknown_host_are_told_at_once() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    begin = time.monotonic()
    with pytest.raises(Unreachable, match=r"connection was refused\. Check the address"):
        Commons(f"http://127.0.0.1:{port}").dictionary()
    with pytest.raises(Unreachable, match="cannot be reached"):
        Commons("http://nowhere.invalid").dictionary()
    assert time.monotonic() - begin < 5


def test_what_does_not_speak_tls_is_told(stub: Stub) -> None:
    with pytest.raises(CommonsProblem, match="https://127"):
        Commons(stub.url.replace("http", "https"), timeout=2, clock=Clock(sleep=lambda _: None)).dictionary()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(stub: Stub, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    stub.server.socket = context.wrap_socket(stub.server.socket, server_side=True)
    url = stub.url.replace("http:", "https:")
    commons = Commons(url, f"accesstoken:///{jwt(iss=url, exp=9_000_000_000)}")
    with pytest.raises(Unreachable, match="certificate cannot be verified"):
        commons.dictionary()
    answer = write(commons)
    assert (answer.status, answer.problem, answer.sent) == (None, "refused", False)
    assert stub.seen == []


def test_a_refusal_that_comes_before_the_body_was_read_is_heard() -> None:
    """Gateways answer 413 to a large body and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")

        thread = threading.Thread(target=refuse)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        commons = Commons(url, f"accesstoken:///{jwt(iss=url, exp=9_000_000_000)}")
        answer = commons.submit("P-X", b"x" * 20_000_000, document_name="d")
        thread.join()
    # The reset that follows may overtake the answer; then nothing is known, which is said.
    assert answer.status == 413 or answer.problem == "reset"


# Writes


@pytest.mark.parametrize(
    ("reply", "status", "problem", "sent"),
    [
        (Reply(200, {"success": True}), 200, None, True),
        (Reply(400, {"success": False}), 400, None, True),
        (Reply(401, {"message": "expired"}), 401, None, True),
        (Reply(500, '{ "error": "x"}', content_type="application/octet-stream"), 500, None, True),
        (Reply(504, PORTAL, content_type="text/html"), 504, "html", True),
        (Reply(413, PORTAL, content_type="text/html"), 413, "html", True),
        (HTML, 200, "html", True),
        (Reply(200, "ok", content_type="text/plain"), 200, "not-json", True),
        (Reply(200, ""), 200, "not-json", True),
        (Reply(200, '{"success": true, "enti'), 200, "truncated", True),
        (Reply(200, {"success": True, "x": "y" * 5000}, fault="cut"), 200, "truncated", True),
        (Reply(200, "[" * 5000 + "]" * 5000), 200, "too-deep", True),
        (Reply(200, "x" * 3_000_000), 200, "too-large", True),
        (Reply(302, "", {"Location": "/login"}), 302, "redirect", True),
        (Reply(307, "", {"Location": "/api/v0/submission/P/X"}), 307, "redirect", True),
        (Reply(503, {}, {"Retry-After": "5"}), 503, None, True),
        (Reply(429, {}, {"Retry-After": "5"}), 429, None, True),
        (Reply(fault="reset"), None, "reset", True),
        (Reply(fault="hang"), None, "timeout", True),
    ],
)
def test_a_write_is_sent_once_and_never_raises(
    stub: Stub, reply: Reply, status: int | None, problem: str | None, sent: bool
) -> None:
    stub.on(WRITE, reply)
    commons = client(stub, timeout=0.3 if reply.fault == "hang" else 30, largest_answer=2_000_000)
    answer = write(commons)
    assert (answer.status, answer.problem, answer.sent) == (status, problem, sent)
    assert len(stub.asked(WRITE)) == 1
    assert [seen for seen in stub.seen if seen.path.startswith("/login")] == []
    assert (answer.words == "") == (status == 200 and problem is None)
    if reply.headers.get("Retry-After"):
        assert answer.retry_after == 5
    stub.released.set()


def test_a_write_that_never_left_says_so() -> None:
    with running_stub() as stub:
        commons = client(stub)
        commons.authenticate()
        stub.server.shutdown()
        stub.server.server_close()
        answer = write(commons)
    assert (answer.status, answer.problem, answer.sent) == (None, "refused", False)
    assert isinstance(answer.error, Unreachable)


def test_a_write_arrives_as_it_was_given(stub: Stub) -> None:
    stub.on("POST /api/v0/submission/P/a-b/_dry_run", {"success": True})
    body = os.urandom(700_000)
    answer = client(stub).submit(
        "P-a-b", body, content_type="text/csv", document_name='n "1"', method="POST", dry_run=True
    )
    (seen,) = stub.asked("POST /api/v0")
    assert seen.body == body
    assert seen.headers["content-type"] == "text/csv"
    assert seen.headers["x-document-name"] == 'n "1"'
    assert seen.headers["content-length"] == "700000"
    assert answer.json == {"success": True}
    assert answer.elapsed > 0


def test_each_write_has_a_connection_of_its_own(stub: Stub) -> None:
    """A kept connection that the server closes just then would make the outcome unclear."""
    stub.on(WRITE, {"success": True})
    commons = client(stub)
    assert {write(commons).status for _ in range(50)} == {200}
    assert {seen.headers["connection"] for seen in stub.asked(WRITE)} == {"close"}


def test_writes_and_reads_go_on_in_parallel(stub: Stub) -> None:
    stub.on(WRITE, lambda seen: Reply(body={"name": seen.headers["x-document-name"]}))
    stub.on(READ, {"links": []})
    commons = client(stub)

    def one(number: int) -> bool:
        commons.programs()
        name = f"d{number}"
        return bool(commons.submit("P-X", b"[]", document_name=name).json == {"name": name})

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(80)))


# Reads


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_a_few_times_with_growing_pauses(stub: Stub, status: int) -> None:
    told: list[str] = []
    fake = FakeTime()
    stub.on(READ, Reply(status))
    with pytest.raises(ServerTrouble):
        client(stub, fake, progress=told.append).programs()
    assert len(stub.asked(READ)) == 4
    first, second, third = fake.naps
    assert 0.3 < first < 0.8 < second / first * 0.8 < 4
    assert third < 4
    assert all(str(status) in sentence for sentence in told)
    assert len(told) == 3


@pytest.mark.parametrize("reply", [Reply(503), Reply(fault="reset"), Reply(200, {"links": ["x" * 999]}, fault="cut")])
def test_a_read_that_fails_once_succeeds(stub: Stub, reply: Reply) -> None:
    stub.on(READ, [reply, Reply(body={"links": ["/v0/submission/P"]})])
    assert client(stub, FakeTime()).programs() == ["P"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_read_that_is_refused_is_not_repeated(stub: Stub, status: int) -> None:
    stub.on(READ, Reply(status))
    with pytest.raises(CommonsProblem):
        client(stub, FakeTime()).programs()
    assert len(stub.asked(READ)) == 1


def test_a_read_waits_as_long_as_the_commons_asks(stub: Stub) -> None:
    fake = FakeTime()
    date = "Sun, 22 Nov 2026 10:00:00 GMT"
    stub.on(
        READ,
        [
            Reply(503, headers={"Retry-After": "30"}),
            Reply(429, headers={"Retry-After": "Sun, 22 Nov 2026 10:00:20 GMT", "Date": date}),
            Reply(body={"links": []}),
        ],
    )
    client(stub, fake).programs()
    assert 30 <= fake.naps[0] <= 31
    assert 20 <= fake.naps[1] <= 21


@pytest.mark.parametrize("wish", ["61", "99999999999999999999", "86400"])
def test_nobody_waits_longer_than_a_minute(stub: Stub, wish: str) -> None:
    fake = FakeTime()
    stub.on(READ, Reply(503, headers={"Retry-After": wish}))
    with pytest.raises(ServerTrouble, match="come back in"):
        client(stub, fake).programs()
    assert fake.naps == []


@pytest.mark.parametrize("wish", ["-5", "x", "1.5", "٣", ""])
def test_a_wish_that_is_none_is_not_heeded(stub: Stub, wish: str) -> None:
    fake = FakeTime()
    stub.on(READ, [Reply(503, headers={"Retry-After": wish.encode().decode("latin-1")}), Reply(body={"links": []})])
    client(stub, fake).programs()
    assert fake.naps[0] < 1


def test_a_read_in_time_out_is_not_repeated(stub: Stub) -> None:
    stub.on(READ, Reply(fault="hang"))
    with pytest.raises(ServerTrouble, match=r"gave no answer within 0\.3 s when asked for the list of programs"):
        client(stub, timeout=0.3).programs()
    stub.released.set()
    assert len(stub.asked(READ)) == 1


def test_a_server_that_drips_is_left_in_the_end() -> None:
    """Each part comes within the time-out, the whole never does."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not stop.wait(0.05):
                    try:
                        connection.sendall(b"x" * 10)
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        try:
            with pytest.raises(ServerTrouble):
                Commons(url, timeout=0.3).dictionary()
        finally:
            stop.set()
            thread.join()


def test_a_read_follows_redirects_within_the_commons_only(stub: Stub) -> None:
    stub.on(READ, Reply(308, "", {"Location": "/v0/listing?x=1"}))
    stub.on("GET /v0/listing", {"links": ["/v0/submission/P"]})
    assert client(stub).programs() == ["P"]
    with running_stub() as other:
        stub.on(READ, Reply(302, "", {"Location": f"{other.url}/"}))
        with pytest.raises(NotACommons, match="elsewhere"):
            client(stub).programs()
        assert other.seen == []


def test_redirects_in_a_circle_end(stub: Stub) -> None:
    stub.on(READ, Reply(302, "", {"Location": READ.removeprefix("GET ")}))
    with pytest.raises(NotACommons, match="elsewhere"):
        client(stub).programs()
    assert len(stub.asked(READ)) == 6


def test_an_answer_of_any_size_is_read_up_to_a_bound(stub: Stub) -> None:
    for reply in (
        Reply(200, "x" * 200_000),
        Reply(200, "x" * 200_000, fault="chunks"),
        Reply(200, gzip.compress(b"0" * 100_000_000), {"Content-Encoding": "gzip"}),
    ):
        stub.on(READ, reply)
        with pytest.raises(ServerTrouble, match="more than 0 MB"):
            client(stub, largest_answer=100_000).programs()


def test_compressed_and_chunked_answers_are_read(stub: Stub) -> None:
    content = json.dumps({"links": [f"/v0/submission/P{n}" for n in range(1000)]}).encode()
    for reply in (
        Reply(200, content, fault="chunks"),
        Reply(200, gzip.compress(content), {"Content-Encoding": "gzip"}),
    ):
        stub.on(READ, reply)
        assert len(client(stub).programs()) == 1000


# Secrets


def test_no_cookies_are_kept_and_no_password_file_is_read(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"default login me password {CANARY}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    stub.on("GET /api/v0/submission/_dictionary/_all", Reply(body={"a": 1}, headers={"Set-Cookie": "session=1"}))
    stub.on(READ, Reply(body={"links": []}, headers={"Set-Cookie": "session=1; Path=/"}))
    commons = client(stub)
    for _ in range(2):
        commons.dictionary()
        commons.programs()
    assert all("cookie" not in seen.headers for seen in stub.seen)
    assert all("authorization" not in seen.headers for seen in stub.asked("GET /api/v0/submission/_dictionary"))
    assert all(seen.headers["authorization"].startswith("Bearer ") for seen in stub.asked(READ + " "))


def test_proxies_do_not_stand_between_this_computer_and_itself(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    stub.on(READ, {"links": []})
    assert client(stub).programs() == []


def test_a_server_that_repeats_our_secrets_cannot_make_us_show_them(
    stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever status, form and call: not in messages, answers, logs, nor tracebacks with their variables."""
    caplog.set_level(logging.DEBUG)

    def echo(seen: Seen, status: int, as_html: bool) -> Reply:
        said = f"{seen.headers.get('authorization')} {seen.body!r} {seen.path}"
        headers = {"X-Echo": said, "Location": f"https://x.org/?{seen.token}"}
        if as_html:
            return Reply(status, f"<html><title>{said}</title></html>", headers, "text/html")
        return Reply(status, {"message": said, "errors": [said]}, headers)

    shown: list[str] = []
    for status in (200, 302, 400, 401, 403, 404, 500):
        for as_html in (False, True):
            for on_tokens in (False, True):

                def reply(seen: Seen, status: int = status, html: bool = as_html, on: bool = on_tokens) -> Reply:
                    if "credentials" in seen.path and not on:
                        return stub.give_token(seen)
                    return echo(seen, status, html)

                stub.routes.clear()
                stub.on("*", reply)
                commons = client(stub, FakeTime(), progress=shown.append)
                answer = write(commons)
                shown += [repr(answer), answer.text, str(answer.json), str(answer.headers), answer.words]
                calls = (
                    commons.user,
                    commons.programs,
                    commons.dictionary,
                    lambda c=commons: c.query("{x}"),
                    commons.renew,
                    lambda c=commons: c.create_program("P"),
                    lambda c=commons: list(c.export("P-X", "case")),
                )
                for call in calls:
                    try:
                        call()
                    except CommonsProblem as problem:
                        # Without this very frame, which holds what was shown before.
                        trace = problem.__traceback__.tb_next if problem.__traceback__ else None
                        told = traceback.TracebackException(type(problem), problem, trace, capture_locals=True)
                        shown += [str(problem), repr(vars(problem)), *told.format()]
    assert len(shown) > 300
    leaks = [text for text in [*shown, caplog.text] if CANARY in text]
    assert leaks == []


# Properties


@given(st.binary())
def test_no_body_breaks_the_reading(raw: bytes) -> None:
    value, text, problem = parsed(raw, "application/json")
    assert isinstance(text, str)
    assert problem in {None, "html", "not-json", "truncated"}
    assert problem is None or value is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(JSON)
def test_every_json_value_is_read(value: Any) -> None:
    assert parsed(json.dumps(value).encode(), "") == (value, json.dumps(value), None)


@given(st.integers(1, 2 * MAX_DEPTH), st.booleans())
def test_depth_is_bounded_exactly(depth: int, with_objects: bool) -> None:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value} if with_objects else [value]
    assert nests_too_deeply(value) is (depth > MAX_DEPTH)
    text = json.dumps(value)
    assert parsed(text.encode(), "") == ((None, text, "too-deep") if depth > MAX_DEPTH else (value, text, None))


@given(st.text())
def test_words_of_a_server_are_one_printable_line(text: str) -> None:
    said = quoted(text + "\x1b[31m\r\n\x00 eyJhbGciOiJSUzI1NiJ9.abc.def")
    assert said.isprintable()
    assert "eyJ" not in said
    assert len(said) <= 410
