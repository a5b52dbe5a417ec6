"""Records in JSON: what is no record, and values of types that no table can give."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clinic import CASES, PROJECT, clinic

from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.store import Record
from gen3submit.rules.submission import Answer, Submissions

SUBMISSIONS = Submissions(clinic().nodes)
VISIT = {"type": "visit", "submitter_id": "V", "grade": "low", "cases": {"submitter_id": "C-1"}}
NOTHING = "Nothing to submit"


def submit(body: Any, *, role: str = "update") -> Answer:
    store = MemoryStore()
    store.put(Record(project_record_id("X"), "project", {"code": "X", "name": "X"}))
    options: dict[str, Any] = {"store": store, "project_id": PROJECT, "now": "2024-01-01T00:00:00Z"}
    SUBMISSIONS.submit(CASES.encode(), "text/tsv", **options)
    return SUBMISSIONS.submit(json.dumps(body).encode(), None, role=role, **options)


def unknown(type_: object) -> dict[str, str]:
    return {"message": f'Unable to parse entity. Details: [400] - Node type "{type_}" not found in dictionary'}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([], [NOTHING]),
        ({}, [unknown(None), NOTHING]),
        ({"type": "Visit"}, [unknown("Visit"), NOTHING]),
        ({"type": ["visit"]}, [unknown(["visit"]), NOTHING]),
        ([{"type": 3}, VISIT], [unknown(3)]),
        ({**VISIT, "text": "\ud800"}, ["Internal server error. Sorry, something unexpected went wrong!"]),
        ({**VISIT, "text": "a\0b"}, ["Internal server error. Sorry, something unexpected went wrong!"]),
    ],
)
def test_what_is_no_record_fails_the_request(body: Any, errors: list[Any]) -> None:
    answer = submit(body)
    assert (answer.status, answer.json(1)["transactional_errors"]) == (400, errors)


@pytest.mark.parametrize("value", [[], None, 3, "x", True])
def test_what_is_no_object_is_an_invalid_entity(value: Any) -> None:
    (entity,) = submit([value]).json(1)["entities"]
    assert (entity["type"], entity["valid"], entity["unique_keys"]) == (None, False, [])
    assert entity["errors"][0] == {
        "keys": [],
        "message": f"Entity document must be an object, not a {type(value).__name__}",
        "type": "INVALID_VALUE",
    }


def test_asterisks_of_names_are_removed_and_white_space_is_not() -> None:
    starred = {f"**{name}": value for name, value in VISIT.items()}
    assert submit(starred).status == 200
    ((error,),) = [entity["errors"] for entity in submit({**VISIT, " text": "x"}).json(1)["entities"]]
    assert error["message"] == "Additional properties are not allowed (' text' was unexpected)"


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("whole", 5, True),
        ("whole", 5.0, False),
        ("whole", True, False),
        ("whole", "5", False),
        ("number", 5.5, True),
        ("either", 5, True),
        ("either", "unknown", True),
        ("either", None, True),
        ("flag", 1, False),
        ("names", ["a"], True),
        ("names", "a", False),
        ("counts", [1.5], False),
        ("text", " x ", True),
        ("cases", [], False),
        ("cases", {}, False),
        ("cases", None, False),
        ("cases", [{"submitter_id": "c-1"}, {"submitter_id": "C-1"}], True),
        ("cases", "C-1", False),
    ],
)
def test_values_are_taken_as_they_are(name: str, value: Any, good: bool) -> None:
    assert (submit({**VISIT, name: value}).status == 200) is good


@pytest.mark.parametrize(
    ("id_", "errors", "transactional"),
    [
        ("11111111-1111-4111-8111-111111111111", [], []),
        ("", [("ERROR", "'' does not match")], []),
        ("x", [("INVALID_VALUE", "Cannot create entity with custom id"), ("ERROR", "'x' does not match")], []),
        (
            5,
            None,
            [{"message": "Unable to parse entity. Details: expected string or bytes-like object, got 'int'"}],
        ),
    ],
)
def test_an_id_given_to_a_new_record_must_be_a_uuid(id_: Any, errors: Any, transactional: list[Any]) -> None:
    answer = submit({**VISIT, "id": id_}, role="create").json(1)
    assert answer["transactional_errors"][: len(transactional)] == transactional
    if errors is None:
        assert answer["entities"] == []
        return
    found = [error for entity in answer["entities"] for error in entity["errors"]]
    assert len(found) == len(errors)
    for error, (type_, begin) in zip(found, errors, strict=True):
        assert error["type"] == type_
        assert error["message"].startswith(begin)
