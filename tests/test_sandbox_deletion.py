"""The practice commons: deleting records, as Sheepdog does and with its traps."""

from __future__ import annotations

import pytest

from tests.practice import Practice, core_metadata, reads, sample, study, subject


@pytest.fixture
def practice() -> Practice:
    return Practice()


@pytest.fixture
def ids(practice: Practice) -> dict[str, str]:
    """The ids of a study, a subject and a sample, one below the other."""
    return dict(zip(("study", "subject", "sample"), practice.stored(study(), subject(), sample()), strict=True))


def delete(practice: Practice, *ids: str, dry_run: bool = False, query: str = "") -> tuple[int, dict[str, object]]:
    path = f"/practice/study/entities/{'_dry_run/' if dry_run else ''}{','.join(ids)}{query}"
    answer = practice.ask("DELETE", path)
    return answer.status_code, answer.json


def types(practice: Practice) -> list[str]:
    return sorted(each["type"] for each in practice.query("{node(first:0){type}}")["node"])


def test_a_leaf_goes(practice: Practice, ids: dict[str, str]) -> None:
    status, answer = delete(practice, ids["sample"])
    assert (status, answer["message"], answer["deleted_entity_count"]) == (200, "Successfully deleted 1 entities", 1)
    assert types(practice) == ["study", "subject"]


def test_a_second_deletion_says_not_found(practice: Practice, ids: dict[str, str]) -> None:
    delete(practice, ids["sample"])
    status, answer = delete(practice, ids["sample"])
    assert status == 400
    assert answer["entities"][0]["errors"] == [
        {"id": ids["sample"], "keys": ["id"], "message": "Entity not found.", "type": "NOT_FOUND"}
    ]


def test_children_block_and_are_named_one_below_the_other(practice: Practice, ids: dict[str, str]) -> None:
    status, answer = delete(practice, ids["study"])
    assert status == 400
    assert answer["dependent_ids"] == f"{ids['subject']},{ids['sample']}"
    assert "at least 2 other(s)" in answer["entities"][0]["errors"][0]["message"]
    assert types(practice) == ["sample", "study", "subject"]


@pytest.mark.parametrize("order", [("study", "subject", "sample"), ("sample", "study", "subject")])
def test_a_family_goes_together_in_any_order(practice: Practice, ids: dict[str, str], order: tuple[str, ...]) -> None:
    assert delete(practice, *(ids[each] for each in order))[0] == 200
    assert types(practice) == []


def test_one_unknown_id_keeps_all_in(practice: Practice, ids: dict[str, str]) -> None:
    for unknown in ("x", "", " " + ids["sample"]):
        status, answer = delete(practice, ids["sample"], unknown)
        assert (status, answer["success"]) == (400, False)
    assert len(types(practice)) == 3


def test_the_same_id_twice_counts_once(practice: Practice, ids: dict[str, str]) -> None:
    assert delete(practice, ids["sample"], ids["sample"])[1]["deleted_entity_count"] == 1


def test_records_of_another_project_are_not_found(practice: Practice, ids: dict[str, str]) -> None:
    practice.ask("PUT", "/practice", json={"code": "other", "dbgap_accession_number": "x"})
    answer = practice.ask("DELETE", f"/practice/other/entities/{ids['sample']}")
    assert answer.json["entities"][0]["errors"][0]["type"] == "NOT_FOUND"
    assert len(types(practice)) == 3


def test_a_dry_run_deletes_nothing_and_fails_with_400(practice: Practice, ids: dict[str, str]) -> None:
    status, answer = delete(practice, ids["sample"], dry_run=True)
    assert (status, answer["message"]) == (200, "Dry run successful. Would have deleted 1 entities")
    assert delete(practice, ids["study"], dry_run=True)[0] == 400
    assert len(types(practice)) == 3


def test_a_child_that_keeps_another_parent_does_not_block(practice: Practice) -> None:
    first, _, _ = practice.stored(core_metadata("A"), core_metadata("B"), reads(collections=("A", "B")))
    assert delete(practice, first)[0] == 200


def test_an_optional_link_does_not_block(practice: Practice, ids: dict[str, str]) -> None:
    """Only links that the child needs count."""
    diagnosis = {
        "type": "diagnosis",
        "submitter_id": "DI",
        "subjects": {"submitter_id": "SU"},
        "primary_diagnosis": "Graves Disease",
    }
    id_ = practice.stored(diagnosis)[0]
    practice.stored(sample("S2", diagnoses={"submitter_id": "DI"}))
    assert delete(practice, id_)[0] == 200


def test_to_delete_false_is_not_looked_at(practice: Practice, ids: dict[str, str]) -> None:
    assert delete(practice, ids["sample"], query="?to_delete=false")[0] == 200
    assert types(practice) == ["study", "subject"]


def test_the_admin_path_says_deleted_and_deletes_nothing(practice: Practice, ids: dict[str, str]) -> None:
    path = f"/admin/practice/study/entities/{ids['study']}/to_delete"
    assert practice.ask("DELETE", f"{path}/true").json["deleted_entity_count"] == 1
    assert practice.ask("DELETE", f"{path}/maybe").status_code == 400
    assert len(types(practice)) == 3


def test_fields_are_emptied_instead_even_required_ones(practice: Practice, ids: dict[str, str]) -> None:
    assert delete(practice, ids["study"], query="?fields=study_title,submitter_id")[0] == 200
    assert practice.query("{study{submitter_id study_title}}") == {
        "study": [{"submitter_id": None, "study_title": None}]
    }
    status, answer = delete(practice, ids["study"], query="?fields=nope")
    assert (status, answer["message"]) == (
        400,
        f'Attempted to delete non-existing field "nope" in a node <Study({ids["study"]})>',
    )


def test_a_record_that_is_submitted_again_has_a_new_id(practice: Practice, ids: dict[str, str]) -> None:
    delete(practice, ids["sample"])
    assert practice.stored(sample())[0] != ids["sample"]


def test_deletions_are_logged_with_their_answer(practice: Practice, ids: dict[str, str]) -> None:
    delete(practice, ids["study"])
    delete(practice, ids["sample"])
    fields = "state role documents{name doc_format doc_size} snapshots{action}"
    assert practice.log(fields, type='"delete"') == [
        {
            "state": state,
            "role": "delete",
            "documents": [{"name": None, "doc_format": "N/A", "doc_size": 0}],
            "snapshots": [{"action": "delete"}],
        }
        for state in ("FAILED", "SUCCEEDED")
    ]


def test_what_is_wrong_with_the_request_comes_first(practice: Practice, ids: dict[str, str]) -> None:
    assert practice.ask("DELETE", "/practice/nowhere/entities/x").status_code == 404
    assert practice.ask("DELETE", "/practice/study/entities/").status_code == 404
    assert delete(practice, ids["sample"], query="?async=maybe")[0] == 400
    practice.ask("PUT", "/practice/study/review")
    assert "prevents" in delete(practice, ids["sample"])[1]["message"]
