"""A node type that links to itself: the commons breaks its export off, and every record is fetched all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from api_practice import Api, on_a_socket
from clinic import link, node, served

from gen3submit import Dictionary


@pytest.fixture
def api() -> Iterator[Api]:
    schemas = served() | {"part": node("part", link("parts", "part"), required=(), text={"type": "string"})}
    with on_a_socket(Dictionary.load(schemas), "P-X") as api:
        yield api


def test_records_without_a_submitter_id_are_fetched_too(api: Api) -> None:
    # The other way round, the server would take the only record for the nameless one.
    ids = api.put({"type": "part", "text": "nameless"}) + api.put({"type": "part", "submitter_id": "A"})
    found: list[dict[str, Any]] = list(api.commons.export(api.project, "part"))
    assert sorted(record["id"] for record in found) == sorted(ids)
    assert sorted(api.commons.all_ids(api.project, "part")) == sorted(ids)
    assert api.commons.record_ids(api.project, "part") == {"A": ids[1]}


def test_nobody_waits_for_the_connection_to_get_better(api: Api) -> None:
    api.put({"type": "part", "submitter_id": "A"})
    start = time.monotonic()
    list(api.commons.export(api.project, "part"))
    list(api.commons.export(api.project, "part"))
    assert time.monotonic() - start < 1


def test_a_connection_that_breaks_off_once_is_asked_again(api: Api) -> None:
    assert api.practice is not None
    api.put(*({"type": "keyword", "submitter_id": f"K{number}"} for number in range(50)))
    api.practice.faults.plan("truncate", method="GET", path="export", times=1)
    assert len(list(api.commons.export(api.project, "keyword"))) == 50
