"""The practice commons over real sockets: kept connections, cuts, many at once, and a clean stop."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.sandbox.app import PracticeCommons
from gen3submit.sandbox.server import Running, bound_server
from tests.practice import BASE, PROJECT, practice_dictionary, study


@pytest.fixture
def running() -> Iterator[Running]:
    commons = PracticeCommons(practice_dictionary(), with_faults=True)
    with Running(commons) as running:
        yield running
    commons.close()


def token(url: str) -> dict[str, str]:
    answer = requests.post(f"{url}/user/credentials/api/access_token", json={"api_key": "x"}, timeout=10)
    return {"Authorization": f"bearer {answer.json()['access_token']}"}


def count(url: str, headers: dict[str, str]) -> int:
    answer = requests.post(f"{url}{BASE}/graphql", json={"query": "{_study_count}"}, headers=headers, timeout=10)
    return answer.json()["data"]["_study_count"]


def test_it_listens_on_loopback_only(running: Running) -> None:
    assert running.url.startswith("http://127.0.0.1:")


def test_a_connection_serves_many_requests(running: Running) -> None:
    connection = http.client.HTTPConnection(running.url.removeprefix("http://"))
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("POST", "/user/credentials/api/access_token", '{"api_key": "x"}')
        assert connection.getresponse().read().startswith(b'{"access_token"')
        assert connection.sock is first
    connection.close()


def test_a_refused_body_does_not_become_the_next_request(running: Running) -> None:
    with requests.Session() as session:
        for _ in range(2):
            assert session.put(running.url + PROJECT, data=b"x" * 100_000, timeout=10).status_code == 401


def test_bodies_may_come_in_chunks(running: Running) -> None:
    headers = token(running.url)
    body = json.dumps([study()]).encode()
    answer = requests.put(running.url + PROJECT, data=iter([body[:10], body[10:]]), headers=headers, timeout=10)
    assert answer.json()["success"]


def test_a_reset_is_one(running: Running) -> None:
    headers = {**token(running.url), "X-Practice-Fault": "reset@after"}
    with pytest.raises(requests.ConnectionError, match=r"reset|aborted"):
        requests.put(running.url + PROJECT, json=[study()], headers=headers, timeout=10)
    headers.pop("X-Practice-Fault")
    assert count(running.url, headers) == 1


def test_a_truncated_answer_ends_before_its_length(running: Running) -> None:
    headers = {**token(running.url), "X-Practice-Fault": "truncate:20"}
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.put(running.url + PROJECT, json=[study()], headers=headers, timeout=10)


def test_a_redirect_to_a_login_page_answers_200_with_a_page(running: Running) -> None:
    """What makes redirects a danger for writes."""
    running.commons.faults.plan("login", method="PUT")
    answer = requests.put(running.url + PROJECT, json=[study()], headers=token(running.url), timeout=10)
    assert (answer.status_code, answer.request.method) == (200, "GET")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_many_submissions_at_once_all_come_through(running: Running) -> None:
    headers = token(running.url)
    answers: list[bool] = []

    def submit(name: str) -> None:
        answer = requests.put(running.url + PROJECT, json=[study(name)], headers=headers, timeout=30)
        answers.append(answer.json()["success"])

    threads = [threading.Thread(target=submit, args=(f"study-{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 20
    assert count(running.url, headers) == 20


def test_an_export_of_a_type_that_links_to_itself_breaks_off() -> None:
    """As Sheepdog's does: it begins as a success."""
    served = practice_dictionary().served()
    link = {"name": "parts", "backref": "wholes", "target_type": "sample", "multiplicity": "many_to_many"}
    served["sample"]["links"].append({**link, "label": "part_of", "required": False})
    served["sample"]["properties"]["parts"] = {}
    commons = PracticeCommons(Dictionary.load(served))
    with Running(commons) as other:
        answer = requests.get(
            f"{other.url}{PROJECT}/export?node_label=sample", headers=token(other.url), timeout=10, stream=True
        )
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = answer.content


def test_a_taken_port_is_told_in_words(running: Running) -> None:
    port = int(running.url.rpartition(":")[2])
    with pytest.raises(UsageProblem, match=f"port {port} cannot be used"):
        bound_server(running.commons, port)
    with pytest.raises(UsageProblem, match="cannot be used"):
        bound_server(running.commons, 70_000)


def test_rubbish_on_the_wire_harms_nobody(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) as wire:
        wire.sendall(b"\x00\xff rubbish\r\n\r\n")
        wire.settimeout(5)
        while wire.recv(1000):
            pass
    assert requests.get(f"{running.url}/_status", timeout=10).status_code == 200


PROGRAM = """
    import sys
    from gen3submit.dictionary import Dictionary, practice_dictionary_folder
    from gen3submit.sandbox.app import PracticeCommons
    from gen3submit.sandbox.server import serve

    commons = PracticeCommons(Dictionary.load(practice_dictionary_folder()), sys.argv[1])
    serve(commons, 0, lambda url: print(url, flush=True))
    print("stopped", flush=True)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_stops_it_cleanly_and_the_data_stay(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data.db"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), data], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with requests.Session() as session:  # a kept connection must not hold the stop up
            headers = token(url)
            assert session.put(url + PROJECT, json=[study()], headers=headers, timeout=10).json()["success"]
            process.send_signal(getattr(signal, name))
            assert process.stdout.readline() == "stopped\n"
            assert process.wait(10) == 0
    with Running(PracticeCommons(practice_dictionary(), data)) as again:
        assert count(again.url, headers) == 1


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data.db"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), data], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        headers = token(url)
        for number in range(3):
            answer = requests.put(url + PROJECT, json=[study(f"study-{number}")], headers=headers, timeout=10)
            assert answer.json()["success"]
        process.kill()
    with Running(PracticeCommons(practice_dictionary(), data)) as again:
        assert count(again.url, headers) == 3
