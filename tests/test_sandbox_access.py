"""The practice commons: keys, tokens, rights, paths, programs and projects, as the real services answer."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from gen3submit.errors import UsageProblem
from gen3submit.sandbox.app import PracticeCommons
from tests.practice import PROJECT, Practice, practice_dictionary, study


@pytest.fixture
def practice() -> Practice:
    return Practice()


def claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def key(**given: object) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip('=')}.x"


@pytest.mark.parametrize("kind", ["api", "cdis"])
def test_any_key_gets_a_token_that_tells_issuer_and_expiry(practice: Practice, kind: str) -> None:
    answer = practice.client.post(f"/user/credentials/{kind}/access_token", json={"api_key": "any"})
    found = claims(answer.json["access_token"])
    assert found["iss"] == "http://localhost/user"
    assert found["pur"] == "access"
    assert found["exp"] == pytest.approx(time.time() + 3600, abs=5)


def test_a_shorter_life_is_honoured_and_a_longer_one_cut(practice: Practice) -> None:
    for asked, given in ((100, 100), (10_000, 3600)):
        answer = practice.client.post(f"/user/credentials/api/access_token?expires_in={asked}", json={"api_key": "x"})
        assert claims(answer.json["access_token"])["exp"] == pytest.approx(time.time() + given, abs=5)


def test_a_key_may_come_as_a_form_field(practice: Practice) -> None:
    assert practice.client.post("/user/credentials/api/access_token", data={"api_key": "x"}).status_code == 200


def test_it_gives_credentials_that_name_their_host(practice: Practice) -> None:
    """For those who want a credentials file like that of a real commons."""
    found = practice.commons.credentials("http://commons.example/")
    assert claims(found["api_key"])["iss"] == "http://commons.example/user"
    assert claims(found["api_key"])["jti"] == found["key_id"]
    assert practice.client.post("/user/credentials/api/access_token", json=found).status_code == 200
    assert practice.ask("GET", "/", headers={"Authorization": f"bearer {found['api_key']}"}).status_code == 401


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        ({"data": "rubbish"}, 400, "Please provide an api_key in payload"),
        ({"json": {}}, 400, "Please provide an api_key in payload"),
        ({"json": {"api_key": key(pur="api_key", exp=1)}}, 401, "Signature has expired"),
        ({"json": {"api_key": key(pur="access", exp=9e9)}}, 401, "incorrect purpose"),
        ({"json": {"api_key": key(pur="api_key", exp=time.time() + 1_800)}}, 400, "after the provided API key does"),
    ],
)
def test_a_bad_key_is_refused_with_an_html_page(
    practice: Practice, request_: dict[str, object], status: int, words: str
) -> None:
    answer = practice.client.post("/user/credentials/api/access_token", **request_)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert words in answer.text


@pytest.mark.parametrize("asked", ["x", "0", "-5"])
def test_a_life_that_is_no_number_is_refused(practice: Practice, asked: str) -> None:
    answer = practice.client.post(f"/user/credentials/api/access_token?expires_in={asked}", json={"api_key": "x"})
    assert answer.status_code == 400
    assert f"Invalid 'expires_in' value '{asked}'" in answer.text


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "Didn't receive JWT correctly"),
        ("nonsense", "Didn't receive JWT correctly"),
        ("bearer abc", "Not enough segments"),
        ("bearer a.b.c", "Signature verification failed"),
    ],
)
def test_submissions_need_a_token_of_this_commons(practice: Practice, header: str | None, words: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = practice.client.put(PROJECT, json=[study()], headers=headers)
    assert answer.status_code == 401
    assert answer.json == {"message": f"Authentication Error: {words}"}


def test_the_word_before_the_token_is_read_in_any_case(practice: Practice) -> None:
    for word in ("bearer", "Bearer", "BEARER"):
        assert (
            practice.client.get(
                "/api/v0/submission/", headers={"Authorization": f"{word} {practice.token}"}
            ).status_code
            == 200
        )


def test_a_token_expires_by_the_clock() -> None:
    now = [1_000_000.0]
    practice = Practice(token_lifetime=2, clock=lambda: now[0])
    assert practice.ask("GET", "/").status_code == 200
    now[0] += 2.5
    answer = practice.ask("GET", "/")
    assert (answer.status_code, answer.json["message"]) == (401, "Authentication Error: Signature has expired")


def test_tokens_outlive_the_process_where_the_data_do(tmp_path: Path) -> None:
    first = Practice(tmp_path / "data.db")
    first.commons.close()
    second = Practice(tmp_path / "data.db")
    second.token = first.token
    assert second.ask("GET", "/").status_code == 200


def test_who_am_i_tells_the_rights_on_every_project(practice: Practice) -> None:
    answer = practice.ask("GET", "/user/user/").json
    assert {"service": "sheepdog", "method": "*"} in answer["authz"]["/programs/practice/projects/study"]
    assert practice.ask("GET", "/authz/mapping").json == answer["authz"]
    assert practice.client.get("/user/user").status_code == 401


def test_the_project_that_is_named_is_there_and_open(practice: Practice) -> None:
    assert practice.ask("GET", "/practice").json == {"links": [PROJECT]}
    assert practice.query('{project(project_id:"practice-study"){state}}') == {"project": [{"state": "open"}]}


def test_a_project_option_that_names_none_is_told_in_words() -> None:
    with pytest.raises(UsageProblem, match="`practice` is no project"):
        PracticeCommons(practice_dictionary(), project="practice")


def test_programs_are_registered_and_updated(practice: Practice) -> None:
    document = {"type": "program", "name": "P", "dbgap_accession_number": "phs1"}
    first, second = practice.ask("PUT", "/", json=document), practice.ask("POST", "/", json=document)
    assert (first.status_code, first.json["message"]) == (200, "Program registered.")
    assert (second.status_code, second.json["message"]) == (200, "Program is updated!")
    assert first.json["id"] == second.json["id"]
    assert practice.ask("GET", "").json["links"] == ["/api/v0/submission/practice", "/api/v0/submission/P"]


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        ({"type": "program"}, 400, "No program specified in key 'name'"),
        ({"name": "x"}, 400, "Invalid type in key type='None'"),
        ({"type": "program", "name": "x", "dbgap_accession_number": 7}, 500, "500 Internal Server Error"),
        ([], 400, "only supports single documents"),
    ],
)
def test_a_bad_program_is_refused(practice: Practice, document: object, status: int, words: str) -> None:
    answer = practice.ask("PUT", "/", json=document)
    assert answer.status_code == status
    assert words in answer.json["message"]


def test_a_project_is_made_from_a_table_too(practice: Practice) -> None:
    body = "type\tcode\tname\tdbgap_accession_number\nproject\tT\tT\tphs\n"
    answer = practice.ask("PUT", "/practice", data=body, content_type="text/tab-separated-values")
    assert answer.json["entities"][0]["action"] == "create"
    assert practice.ask("GET", "/practice").json["links"] == [PROJECT, "/api/v0/submission/practice/T"]


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        ({"dbgap_accession_number": "x"}, 400, "No project specified in key 'code'"),
        ({"code": "x"}, 400, "No dbgap_accession_number specified."),
        ({"code": "x", "dbgap_accession_number": "x", "foo": 1}, 400, "has no property foo"),
        ({"code": "x", "dbgap_accession_number": "x", "availability_type": "Odd"}, 500, "500 Internal"),
        ({"code": "x", "dbgap_accession_number": "x", "releasable": "yes"}, 500, "500 Internal"),
        ({"type": "case", "code": "x"}, 400, "Invalid post to program endpoint with type='case'"),
    ],
)
def test_a_bad_project_is_refused_and_not_made(
    practice: Practice, document: dict[str, object], status: int, words: str
) -> None:
    answer = practice.ask("PUT", "/practice", json=document)
    assert answer.status_code == status
    assert words in answer.json["message"]
    assert practice.ask("GET", "/practice").json["links"] == [PROJECT]


def test_a_code_is_unique_over_all_programs(practice: Practice) -> None:
    practice.ask("PUT", "/", json={"type": "program", "name": "P"})
    answer = practice.ask("PUT", "/P", json={"code": "study", "dbgap_accession_number": "x"})
    assert (answer.status_code, answer.json["message"]) == (400, "ERROR: Project study already exists in DB")


def test_a_project_with_records_is_not_deleted(practice: Practice) -> None:
    practice.stored(study())
    assert "is not empty" in practice.ask("DELETE", "/practice/study").json["message"]
    assert "is not empty" in practice.ask("DELETE", "/practice").json["message"]


def test_an_empty_project_goes_and_takes_its_log_out_of_sight(practice: Practice) -> None:
    assert practice.ask("DELETE", "/practice/study").status_code == 204
    assert practice.log() == []
    assert practice.ask("DELETE", "/practice/study").status_code == 404
    practice.ask("PUT", "/practice", json={"code": "study", "dbgap_accession_number": "x"})
    assert [entry["state"] for entry in practice.log()] == ["PENDING", "PENDING", "PENDING"]
    practice.ask("DELETE", "/practice/study")
    assert practice.ask("DELETE", "/practice").status_code == 204
    assert practice.ask("GET", "/practice").json == {"message": "program practice not found"}


def test_a_project_in_review_takes_no_submissions(practice: Practice) -> None:
    assert practice.ask("PUT", "/practice/study/review").json["success"]
    answer = practice.put(study())
    assert answer.status_code == 400
    assert answer.json["message"].startswith("Project is in state 'review', which prevents /api/v0/submission/practice")
    assert practice.put(study(), path="/practice/study/_dry_run").status_code == 400
    assert practice.ask("POST", "/practice/study/open").json["message"].endswith("project state to 'open'")
    assert practice.put(study()).json["success"]


def test_no_project_gets_beyond_review(practice: Practice) -> None:
    practice.ask("PUT", "/practice/study/review")
    assert practice.ask("PUT", "/practice/study/submit").status_code == 500
    assert practice.ask("PUT", "/practice/study/release").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/practice/study", 405),
        ("PUT", "/practice/study/close", 404),
        ("PUT", "/practice/nowhere", 404),
        ("PUT", "/nowhere/study", 404),
        ("PUT", "/practice/STUDY", 404),
        ("DELETE", "/", 405),
        ("GET", "/graphql", 404),
        ("GET", "/practice/study/files/x", 405),
        ("PUT", "/practice/a%2Fb", 404),
    ],
)
def test_paths_and_methods_that_are_none(practice: Practice, method: str, path: str, status: int) -> None:
    answer = practice.ask(method, path, json=[])
    assert answer.status_code == status
    assert list(answer.json) == ["message"]


def test_any_other_path_is_the_portal_s_page(practice: Practice) -> None:
    answer = practice.client.get("/some/page")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert practice.client.get("/_status").json["message"] == "Feelin good!"


def test_a_request_line_is_bounded_as_gunicorn_s(practice: Practice) -> None:
    """About a hundred ids fit into one."""
    ids = ",".join(["00000000-0000-4000-8000-000000000000"] * 100)
    assert practice.ask("DELETE", f"/practice/study/entities/{ids}").status_code == 400
    answer = practice.ask("DELETE", f"/practice/study/entities/{ids},{ids}")
    assert (answer.status_code, answer.mimetype) == (414, "text/html")
