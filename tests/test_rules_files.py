"""What a record of a data file has to do with the file index, with an object_id of its own and without."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clinic import CASES, PROJECT, clinic

from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.store import IndexedFile, Record
from gen3submit.rules.submission import Answer, Submissions

A, B = ("a" * 32, "b" * 32)
ID, OTHER = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
SUBMISSIONS = Submissions(clinic().nodes)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put(Record(project_record_id("X"), "project", {"code": "X", "name": "X"}))
    assert submit(store, CASES).status == 200
    return store


def submit(store: MemoryStore, body: str | dict[str, Any], *, role: str = "update", dry_run: bool = False) -> Answer:
    kind = "text/tsv" if isinstance(body, str) else "application/json"
    data = body if isinstance(body, str) else json.dumps(body)
    now = "2024-01-01T00:00:00Z"
    return SUBMISSIONS.submit(data.encode(), kind, store=store, project_id=PROJECT, now=now, role=role, dry_run=dry_run)


def raw_file(store: MemoryStore, name: str = "F", md5: str | None = A, size: int | None = 5, **more: Any) -> Answer:
    """Submit a record of a type whose records name their files by object_id."""
    given = {"type": "raw_file", "submitter_id": name, "cases": [{"submitter_id": "C-1"}], "md5sum": md5}
    return submit(store, {**given, "file_size": size, **more})


def old_file(store: MemoryStore, name: str = "F", md5: str | None = A, size: int | None = 5, **more: Any) -> Answer:
    """Submit a record of a type whose records have the ids of their files."""
    return submit(store, {"type": "old_file", "submitter_id": name, "md5sum": md5, "file_size": size, **more})


def held(store: MemoryStore, type_: str, name: str = "F") -> Record:
    (record,) = store.find(type_, {"project_id": PROJECT, "submitter_id": name})
    return record


def only_error(answer: Answer) -> tuple[str, str]:
    ((error,),) = [entity["errors"] for entity in answer.json(1)["entities"]]
    return error["type"], error["message"]


def test_a_new_file_is_registered_and_the_record_named_after_it(store: MemoryStore) -> None:
    assert raw_file(store, urls="s3://a/b, s3://a/c").status == 200
    object_id = held(store, "raw_file").properties["object_id"]
    assert store.indexed_by_id(object_id) == IndexedFile(object_id, A, 5, ("s3://a/b", " s3://a/c"))
    assert "urls" not in held(store, "raw_file").properties


def test_a_file_of_known_content_is_not_registered_again(store: MemoryStore) -> None:
    raw_file(store)
    raw_file(store, "G")
    assert held(store, "raw_file").properties["object_id"] == held(store, "raw_file", "G").properties["object_id"]


def test_an_object_id_that_is_not_known_is_taken_for_the_new_file(store: MemoryStore) -> None:
    assert raw_file(store, object_id="any text").status == 200
    assert store.indexed_by_id("any text") == IndexedFile("any text", A, 5)


def test_an_uploaded_file_is_taken_over_where_its_content_agrees(store: MemoryStore) -> None:
    store.index(IndexedFile(ID, A, 5))
    assert raw_file(store, object_id=ID).status == 200
    assert held(store, "raw_file").properties["object_id"] == ID
    assert only_error(raw_file(store, "G", md5=B, object_id=ID)) == (
        "INVALID_VALUE",
        f"Provided hash ({{'md5': '{B}'}}) and size (5) do not match those of indexed file of id {ID}.",
    )


def test_an_uploaded_file_must_be_ready(store: MemoryStore) -> None:
    store.index(IndexedFile(ID, None, None))
    words = f"Indexed file of id {ID} is not ready for metadata submission yet (no hashes and size)."
    assert only_error(raw_file(store, object_id=ID)) == ("INVALID_VALUE", words)


def test_an_object_id_that_is_not_known_beside_content_that_is_does_not_match(store: MemoryStore) -> None:
    store.index(IndexedFile(ID, A, 5))
    words = f"Provided object_id {OTHER} does not match any indexed file."
    assert only_error(raw_file(store, object_id=OTHER)) == ("INVALID_VALUE", words)


def test_changed_content_leaves_the_object_as_it_is(store: MemoryStore) -> None:
    raw_file(store)
    object_id = held(store, "raw_file").properties["object_id"]
    assert raw_file(store, md5=B, size=6).status == 200
    assert held(store, "raw_file").properties["object_id"] == object_id
    assert store.indexed_by_id(object_id) == IndexedFile(object_id, A, 5)


def test_new_urls_of_a_known_record_go_to_the_index(store: MemoryStore) -> None:
    raw_file(store)
    object_id = held(store, "raw_file").properties["object_id"]
    assert raw_file(store, urls="s3://new").status == 200
    assert store.indexed_by_id(object_id) == IndexedFile(object_id, A, 5, ("s3://new",))


def test_a_failed_submission_leaves_its_file_in_the_index(store: MemoryStore) -> None:
    for answer in (raw_file(store, cases=[{"submitter_id": "nobody"}]), raw_file(store, "G", B, cases=[])):
        assert answer.status == 400
    assert store.indexed_by_content(A, 5) is not None
    assert store.find("raw_file", {}) == []


def test_a_dry_run_leaves_its_file_in_the_index(store: MemoryStore) -> None:
    record = {"type": "raw_file", "submitter_id": "F", "cases": {"submitter_id": "C-1"}, "md5sum": A, "file_size": 5}
    assert submit(store, record, dry_run=True).json(1)["success"] is True
    assert store.indexed_by_content(A, 5) is not None
    assert store.find("raw_file", {}) == []


def test_urls_must_be_text(store: MemoryStore) -> None:
    answer = raw_file(store, urls=["s3://a"]).json(1)
    assert answer["entities"] == []
    assert answer["transactional_errors"][0] == {
        "message": "Unable to parse entity. Details: 'list' object has no attribute 'strip'"
    }


def test_a_known_record_cannot_be_created_again_and_the_server_fails_on_top(store: MemoryStore) -> None:
    raw_file(store, id=ID)
    again = {"type": "raw_file", "id": ID, "submitter_id": "F", "cases": [{"submitter_id": "C-1"}]}
    answer = submit(store, again, role="create").json(1)
    assert [error["type"] for error in answer["entities"][0]["errors"]] == ["NOT_UNIQUE"]
    assert answer["transactional_errors"] == ["Internal server error. Sorry, something unexpected went wrong!"]


# Types whose records have the ids of their files


def test_a_record_has_the_id_of_its_file(store: MemoryStore) -> None:
    assert old_file(store).status == 200
    assert store.indexed_by_id(held(store, "old_file").id) == IndexedFile(held(store, "old_file").id, A, 5)
    assert old_file(store, "G", B, id=ID).status == 200
    assert store.indexed_by_id(ID) == IndexedFile(ID, B, 5)


def test_a_record_of_a_known_file_takes_its_id(store: MemoryStore) -> None:
    store.index(IndexedFile(ID, A, 5))
    assert old_file(store).status == 200
    assert held(store, "old_file").id == ID


def test_the_same_record_again_is_an_update(store: MemoryStore) -> None:
    old_file(store)
    (entity,) = old_file(store).json(1)["entities"]
    assert (entity["action"], entity["valid"]) == ("update", True)


@pytest.mark.parametrize(
    ("indexed", "given", "words"),
    [
        (
            [IndexedFile(OTHER, A, 5)],
            {"id": ID},
            (
                f"Could not find exact file match in index for id: {ID} AND `hashes - size`: `{{'md5': '{A}'}} - 5`."
                " A file was found matching `hash / size` but NOT id."
            ),
        ),
        (
            [IndexedFile(ID, B, 5)],
            {"id": ID},
            (
                f"Could not find exact file match in index for id: {ID} AND `hashes - size`: `{{'md5': '{A}'}} - 5`."
                " A file was found matching id but NOT `hash / size`."
            ),
        ),
        (
            [IndexedFile(ID, B, 5), IndexedFile(OTHER, A, 5)],
            {"id": ID},
            (
                f"Provided id for indexed file {ID} does not match the id for the file discovered in the index by"
                f" hash/size (id: {OTHER}). Updating a previous index with new file is currently NOT SUPPORTED."
            ),
        ),
    ],
)
def test_an_id_and_a_content_must_be_of_one_file(
    store: MemoryStore, indexed: list[IndexedFile], given: dict[str, str], words: str
) -> None:
    for file in indexed:
        store.index(file)
    assert only_error(old_file(store, **given)) == ("INVALID_VALUE", words)


def test_a_known_record_cannot_get_another_file(store: MemoryStore) -> None:
    old_file(store, id=ID)
    type_, words = only_error(old_file(store, md5=B, id=ID))
    assert type_ == "NOT_UNIQUE"
    assert words.startswith("Graph ID and index file ID found in index service do not match")


def test_the_state_of_a_file_may_forbid_changes(store: MemoryStore) -> None:
    old_file(store, id=ID)
    record = held(store, "old_file")
    record.properties["file_state"] = "submitted"
    store.put(record)
    type_, words = only_error(old_file(store, id=ID))
    assert type_ == "INVALID_PERMISSIONS"
    assert words.startswith("This file is already in file_state 'submitted' and cannot be updated.")
