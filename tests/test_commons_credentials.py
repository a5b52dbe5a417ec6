"""Where credentials are looked for, and what is said about those that cannot be used."""

from __future__ import annotations

import copy
import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from commons_stub import CANARY, api_key, jwt
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.commons import Commons, Credentials
from gen3submit.commons.address import checked_id, escaped, is_loopback, may_receive, origin_of
from gen3submit.commons.credentials import Secret, claims_of
from gen3submit.commons.errors import CredentialsProblem
from gen3submit.errors import UsageProblem

HOST = "https://commons.example.org"


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(0o600)
    return path


def loaded(*args: Any, **options: Any) -> Credentials:
    found = Credentials.load(*args, **options)
    assert found is not None
    return found


def test_a_key_tells_its_issuer_and_its_end(tmp_path: Path) -> None:
    path = write(tmp_path / "my.json", api_key(HOST, expires_in=1000, now=1_700_000_000))
    found = loaded(path)
    assert found.issuer == HOST
    assert found.expires_at == 1_700_001_000
    assert found.source == str(path)
    assert found.key is not None
    assert found.key.reveal().endswith(CANARY)
    assert Commons(credentials=path).endpoint == HOST


def test_a_bare_name_means_a_file_of_the_gen3_folder(tmp_path: Path) -> None:
    first = write(tmp_path / ".gen3" / "one", api_key(HOST))
    second = write(tmp_path / ".gen3" / "two.json", api_key(HOST))
    assert loaded("one", home=tmp_path).source == str(first)
    assert loaded("two", home=tmp_path).source == str(second)
    assert loaded("two.json", home=tmp_path).source == str(second)


def test_the_environment_comes_before_the_default_file_and_only_if_given(tmp_path: Path) -> None:
    default = write(tmp_path / ".gen3" / "credentials.json", api_key(HOST))
    other = write(tmp_path / "other.json", api_key(HOST))
    token = jwt(iss=f"{HOST}/user", exp=9_000_000_000)
    assert loaded(home=tmp_path).source == str(default)
    assert loaded(home=tmp_path, environment={"GEN3_API_KEY": str(other)}).source == str(other)
    by_token = loaded(home=tmp_path, environment={"GEN3_TOKEN": token})
    assert by_token.key is None
    assert by_token.token is not None
    assert by_token.token.reveal() == token
    assert "GEN3_TOKEN" in by_token.source
    named = loaded(home=tmp_path, environment={"GEN3_API_KEY": f"accesstoken:///{token}"})
    assert named.token is not None
    assert named.token.reveal() == token


def test_no_credentials_are_none_at_all(tmp_path: Path) -> None:
    assert Credentials.load(home=tmp_path) is None


def test_the_endpoint_may_come_from_the_environment(tmp_path: Path) -> None:
    for name in ("GEN3_ENDPOINT", "GEN3_COMMONS_URL"):
        commons = Commons(environment={name: "https://a.example.org/login"}, home=tmp_path)
        assert commons.endpoint == "https://a.example.org"
    with pytest.raises(UsageProblem, match="no commons is named"):
        Commons(home=tmp_path)


def test_a_damaged_default_file_matters_only_where_credentials_are_needed(tmp_path: Path) -> None:
    write(tmp_path / ".gen3" / "credentials.json", "{")
    commons = Commons(HOST, home=tmp_path)
    with pytest.raises(CredentialsProblem, match="not a credentials file"):
        commons.authenticate()
    with pytest.raises(CredentialsProblem, match="not a credentials file"):
        Commons(home=tmp_path)


KEY = jwt(iss=f"{HOST}/user", exp=9_000_000_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not a credentials file"),
        ("{", "not a credentials file"),
        ("[]", "not a credentials file"),
        ('"x"', "not a credentials file"),
        ("[" * 50_000, "not a credentials file"),
        ('{"api_key": "' + "x" * 200_000, "not a credentials file"),
        (KEY, "bare key"),
        (KEY + "\n", "bare key"),
        ({"key_id": "1"}, "no `api_key`"),
        ({"api_key": ""}, "no `api_key`"),
        ({"api_key": 5}, "no `api_key`"),
        ({"api_key": CANARY}, "damaged"),
        ({"api_key": KEY.replace(".", "")}, "damaged"),
        ({"api_key": "a.b.c"}, "damaged"),
        ({"api_key": jwt(pur="access", iss=HOST)}, "access token, not an API key"),
    ],
)
def test_an_unusable_file_is_told_in_words_without_its_content(tmp_path: Path, content: Any, said: str) -> None:
    path = write(tmp_path / "c.json", content)
    with pytest.raises(CredentialsProblem, match=said) as caught:
        Credentials.load(path)
    assert str(path) in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in str(error)
        assert CANARY not in str(vars(error))
        error = error.__cause__ or error.__context__


def test_a_missing_file_names_the_places_looked_at(tmp_path: Path) -> None:
    with pytest.raises(CredentialsProblem, match="no credentials file") as caught:
        Credentials.load("nobody", home=tmp_path)
    assert str(tmp_path / ".gen3" / "nobody.json") in str(caught.value)
    assert "profile page" in str(caught.value)
    with pytest.raises(CredentialsProblem, match="GEN3_API_KEY"):
        Credentials.load(environment={"GEN3_API_KEY": "nobody"}, home=tmp_path)
    with pytest.raises(CredentialsProblem, match="cannot be read"):
        Credentials.load(tmp_path)
    with pytest.raises(CredentialsProblem, match="no credentials file"):
        Credentials.load("~nobody-at-all/x.json", home=tmp_path)
    with pytest.raises(CredentialsProblem, match="workspace token service"):
        Credentials.load("idp://wts/google", home=tmp_path)


@pytest.mark.parametrize("given_as", [KEY, KEY[:-20], KEY.replace(".", "_"), f"accesstoken:///{CANARY}"])
def test_a_key_given_as_a_name_is_not_repeated(tmp_path: Path, given_as: str) -> None:
    for options in ({"source": given_as}, {"environment": {"GEN3_API_KEY": given_as}}):
        with pytest.raises(CredentialsProblem) as caught:
            Credentials.load(**options, home=tmp_path)  # type: ignore[arg-type]  # one of two ways to give it
        assert CANARY not in str(caught.value)
        assert given_as[:40] not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have mode bits")
def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", api_key(HOST))
    assert loaded(path).warnings == ()
    for mode in (0o640, 0o604, 0o644):
        path.chmod(mode)
        (warning,) = Commons(credentials=path).warnings
        assert str(path) in warning
        assert "chmod 600" in warning


def test_secrets_show_in_no_form_of_printing() -> None:
    found = loaded(api_key(HOST))
    commons = Commons(credentials=found)
    assert found.key is not None
    for shown in (repr(found), str(found), f"{found.key}", repr(commons), repr(vars(commons))):
        assert CANARY not in shown
    with pytest.raises(TypeError):
        pickle.dumps(found)
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(CANARY))


@given(st.text())
def test_no_text_breaks_the_reading_of_claims(text: str) -> None:
    assert claims_of(text) is None or isinstance(claims_of(text), dict)


@given(st.dictionaries(st.text(), st.integers() | st.text()))
def test_claims_survive(claims: dict[str, Any]) -> None:
    claims.pop("jti", None)
    found = claims_of(jwt(x=claims))
    assert found is not None
    assert found["x"] == claims


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://a.org", "https://a.org"),
        ("https://A.org/", "https://a.org"),
        ("a.org", "https://a.org"),
        ("a.org:8443/x/y?z#f", "https://a.org:8443"),
        ("https://a.org:443/user", "https://a.org"),
        ("http://localhost:80", "http://localhost"),
        (" http://127.0.0.1:5000/ ", "http://127.0.0.1:5000"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_an_address_is_reduced_to_its_origin(address: str, origin: str) -> None:
    assert origin_of(address) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://a.org",
        "https://",
        "https://a b",
        "https://a.org:x",
        "https://a.org:99999",
        "file:///etc/passwd",
        "/x",
    ],
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(UsageProblem, match="no address of a commons"):
        origin_of(address)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    for address in (f"https://me:{CANARY}@a.org", f"https://me:{CANARY}@a.org:x", f"me:{CANARY}@a.org"):
        with pytest.raises(UsageProblem) as caught:
            origin_of(address)
        assert CANARY not in str(caught.value)


def test_a_secret_may_go_to_its_issuer_or_to_the_same_host_better_encrypted() -> None:
    assert may_receive("https://a.org", "https://a.org")
    assert may_receive("https://a.org", "http://a.org")
    assert not may_receive("http://a.org", "https://a.org")
    assert not may_receive("https://b.org", "https://a.org")
    assert not may_receive("https://a.org:8443", "https://a.org")
    assert not may_receive("https://a.org", "")


def test_an_address_without_encryption_is_warned_of_except_on_this_computer(tmp_path: Path) -> None:
    assert "not encrypted" in Commons("http://a.org", home=tmp_path).warnings[0]
    for address in ("http://127.0.0.1:1", "http://localhost", "http://[::1]"):
        assert is_loopback(origin_of(address))
        assert Commons(address, home=tmp_path).warnings == ()


@given(st.text())
def test_nothing_that_is_escaped_ends_a_part_of_an_address(text: str) -> None:
    assert not set(escaped(text)) & set("/?#&=,; \t\r\n\\")


@pytest.mark.parametrize(
    "id_",
    [
        "",
        ".",
        "..",
        "../x",
        "a,b",
        "a b",
        "_dry_run/a",
        "x/to_delete/true",
        "a/../b",
        "a//b",
        "?x",
        "a%2fb",
        "é",
        "a\n",
    ],
)
def test_what_might_be_taken_for_another_path_is_no_id(id_: str) -> None:
    with pytest.raises(UsageProblem, match="no id of a record"):
        checked_id(id_)


def test_ids_and_guids_with_a_prefix_are_ids() -> None:
    for id_ in ("563ec7ab-f016-46a9-b358-d34021b0e178", "dg.4DFC/563ec7ab-f016-46a9-b358-d34021b0e178"):
        assert checked_id(id_) == id_
