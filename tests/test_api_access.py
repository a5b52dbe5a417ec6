"""Who a caller is and what they may do, whatever the rights service says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from api_practice import on_a_socket
from commons_stub import CANARY, Reply, Stub, api_key, running_stub

from gen3submit import Commons
from gen3submit.access import Access, access
from gen3submit.commons.errors import NotAuthenticated

SUB = "/api/v0/submission"
DAY = 86_400


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


def looked(stub: Stub, authz: Any, project: str | None = None, days: float = 20, **user: Any) -> Access:
    stub.on("GET /user/user/", {"username": "ada", "email": "ada@x.org", "authz": authz, **user})
    commons = Commons(stub.url, api_key(stub.url, expires_in=days * DAY))
    return access(commons, now=time.time(), project=project)


def grants(*methods: str, service: str = "sheepdog") -> list[dict[str, str]]:
    return [{"service": service, "method": method} for method in methods]


def test_the_practice_commons_lets_everybody_do_everything() -> None:
    with on_a_socket() as api:
        found = access(api.commons, now=time.time())
    assert found.username == "submitter"
    assert found.projects["practice-study"].submits
    assert (found.creates_programs, found.creates_projects) == (True, True)
    assert found.token_expires_at is not None
    assert found.key_expires_at is not None
    assert found.warnings == ()


def test_rights_are_told_project_by_project(stub: Stub) -> None:
    found = looked(
        stub,
        {
            "/programs/P/projects/X": grants("create", "read") + grants("read", service="peregrine"),
            "/programs/P/projects/Y": grants("*"),
            "/programs/P/projects/Z": grants("read", service="fence"),
            "/workspace": grants("access", service="jupyterhub"),
        },
    )
    rights = found.to_dict()["projects"]
    assert rights == {
        "P-X": {
            "create": True, "update": False, "delete": False, "read": True, "submits": False, "queries": True,
        },
        "P-Y": {"create": True, "update": True, "delete": True, "read": True, "submits": True, "queries": False},
    }  # fmt: skip
    assert (found.creates_programs, found.creates_projects) == (False, False)


def test_rights_to_what_stands_above_hold_for_every_project_of_it(stub: Stub) -> None:
    stub.on(f"GET {SUB}/", {"links": ["/v0/submission/P", "/v0/submission/Q"]})
    stub.on(f"GET {SUB}/P", {"links": ["/v0/submission/P/X"]})
    stub.on(f"GET {SUB}/Q", {"links": ["/v0/submission/Q/Y", "/v0/submission/Q/Z"]})
    assert list(looked(stub, {"/programs/Q": grants("*")}).projects) == ["Q-Y", "Q-Z"]
    assert list(looked(stub, {"/programs": grants("read")}).projects) == ["P-X", "Q-Y", "Q-Z"]
    everything = looked(stub, {"/": grants("*", service="*")})
    assert (everything.creates_programs, everything.creates_projects) == (True, True)


def test_no_rights_at_all_may_mean_that_they_are_not_known(stub: Stub) -> None:
    """The user service answers so, with status 200, when the rights service fails."""
    stub.on("GET /authz/mapping", Reply(500, {"error": "down"}))
    found = looked(stub, {}, project="P-X")
    assert not found.known
    assert found.projects == {}


@pytest.mark.parametrize(
    "authz",
    [
        [],
        "x",
        5,
        {"/programs/../projects/x": grants("*")},
        {"/programs/P/projects/\x1b[31m": grants("*")},
        {"/programs/P/projects/X": "all"},
        {"/programs/P/projects/X": [None, 5, {"service": ["sheepdog"], "method": {}}]},
        {"": [], "/programs": None, "/programs/": [], "/programs//projects": []},
    ],
    ids=range(8),
)
def test_rights_of_any_form_do_no_harm(authz: Any, stub: Stub) -> None:
    stub.on("GET /authz/mapping", Reply(404, {}))
    found = looked(stub, authz)
    assert found.projects == {}


def test_a_key_that_ends_soon_is_warned_of(stub: Stub) -> None:
    (warning,) = looked(stub, {}, days=3.1).warnings
    assert "ends in 3 days" in warning
    (warning,) = looked(stub, {}, days=0.5).warnings
    assert "12 hours" in warning
    assert looked(stub, {}, days=8).warnings == ()


def test_nothing_of_a_secret_is_told(stub: Stub) -> None:
    assert CANARY not in repr(looked(stub, {"/programs/P/projects/X": grants("*")}).to_dict())


def test_an_expired_key_is_no_caller(stub: Stub) -> None:
    with pytest.raises(NotAuthenticated, match="expired"):
        looked(stub, {}, days=-1)
