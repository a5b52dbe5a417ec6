"""Deleting records: children first, all or nothing a request, and a word on every record whatever happens."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_practice import STUDY, Api, in_process, on_a_socket, with_study
from clinic import clinic, link, node, served
from commons_stub import Reply, Stub, api_key, running_stub

from gen3submit import Commons, Dictionary
from gen3submit.commons.errors import NotAllowed, NotFound
from gen3submit.deleting import DeletionPlan, DeletionReport, Target, delete, ids_in_tables, plan_deletion
from gen3submit.errors import CommonsProblem, UsageProblem
from gen3submit.project import ProjectId


@functools.cache
def dictionary() -> Dictionary:
    """The clinic, with parts of cases or of other parts: one of the two is needed."""
    group = {"required": True, "exclusive": True, "subgroup": [link("parts", "part"), link("cases", "case")]}
    return Dictionary.load(served() | {"part": node("part", group)})


@pytest.fixture
def api() -> Iterator[Api]:
    with on_a_socket(dictionary(), "P-X") as api:
        api.put(*({"type": "case", "submitter_id": f"C-{number}", "projects": {"code": "X"}} for number in range(3)))
        yield api


def planned(api: Api, ids: list[str], **options: Any) -> DeletionPlan:
    return plan_deletion(api.commons, api.project, ids, nodes=api.dictionary, **options)


def deleted(api: Api, ids: list[str]) -> DeletionReport:
    return delete(api.commons, planned(api, ids), sleep=lambda _: None)


def ids_of(api: Api, *types: str) -> list[str]:
    return [id_ for type_ in types for id_ in api.commons.all_ids(api.project, type_)]


def visit(submitter_id: str, parent: str = "C-0") -> dict[str, Any]:
    return {"type": "visit", "submitter_id": submitter_id, "cases": {"submitter_id": parent}, "grade": "low"}


def names(targets: Any) -> list[str]:
    return [target.submitter_id for target in targets]


# Planning


def test_a_plan_changes_nothing_and_names_the_records(api: Api) -> None:
    api.put(visit("V-1"))
    before = api.everything()
    plan = planned(api, [*ids_of(api, "case", "visit")])
    assert api.everything() == before
    assert plan.ok
    assert plan.by_type == {"visit": 1, "case": 3}
    assert names(plan.targets)[0] == "V-1"


def test_records_that_others_depend_on_are_told_with_those_others(api: Api) -> None:
    (visit_id,) = api.put(visit("V-1"))
    plan = planned(api, [api.commons.record_ids("P-X", "case")["C-0"]])
    (refusal,) = plan.refused
    assert refusal.target.submitter_id == "C-0"
    assert refusal.dependents == (f"visit {visit_id}",)
    assert not plan.ok


def test_ids_that_are_not_there_are_told(api: Api) -> None:
    plan = planned(api, ["nonsense", *ids_of(api, "case")])
    assert plan.missing == ("nonsense",)
    assert len(plan.targets) == 3
    assert not plan.ok


@pytest.mark.parametrize("id_", ["a/to_delete/false", "_dry_run/x", "a?fields=b", "..", "a b", "", "a#b", "a%2Fb"])
def test_what_could_be_another_path_is_no_id(id_: str, api: Api) -> None:
    with pytest.raises(UsageProblem, match="no id"):
        planned(api, [id_])


def test_a_project_that_is_not_there(api: Api) -> None:
    with pytest.raises(NotFound):
        plan_deletion(api.commons, "P-nope", ["x"], nodes=api.dictionary)


def test_the_rows_of_tables_stand_for_records(api: Api, tmp_path: Path) -> None:
    (visit_id,) = api.put(visit("V-1"))
    (tmp_path / "visit.tsv").write_text(
        f"type\t*submitter_id\tid\nvisit\tv-1\t\nvisit\t\t{visit_id}\nvisit\tV-9\t\nnonsense\tx\t\n\t\t\n"
    )
    ids, missing = ids_in_tables(api.commons, "P-X", tmp_path, nodes=api.dictionary)
    assert ids == [visit_id, visit_id]
    assert missing == ["nonsense x", "visit V-9"]
    (tmp_path / "visit.tsv").write_text("type\tname\nvisit\tx\n")
    with pytest.raises(UsageProblem, match="submitter_id"):
        ids_in_tables(api.commons, "P-X", tmp_path, nodes=api.dictionary)


def test_names_are_found_without_graphql_too(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who may delete need not have the right to see records in GraphQL."""
    monkeypatch.setattr(api.commons, "record_ids", lambda project, node: {})
    (tmp_path / "case.tsv").write_text("type\tsubmitter_id\ncase\tC-1\n")
    ids, missing = ids_in_tables(api.commons, "P-X", tmp_path, nodes=api.dictionary)
    assert (len(ids), missing) == (1, [])


# Deleting


def test_a_whole_study_goes_children_first(tmp_path: Path) -> None:
    with with_study() as api:
        ids, missing = ids_in_tables(api.commons, api.project, STUDY, nodes=api.dictionary)
        plan = planned(api, ids, missing=missing)
        assert plan.ok
        assert len(plan.targets) == 822
        types = list(plan.by_type)
        for type_ in types:
            for link in api.dictionary[type_].links_by_name.values():
                assert link.target not in types or types.index(type_) < types.index(link.target)
        report = delete(api.commons, plan)
        assert report.ok
        assert len(report.deleted) == 822
        assert api.everything() == {}


def test_a_child_that_a_dry_run_does_not_name_is_found_before_anything_is_deleted(api: Api) -> None:
    """A dry run names one path of children only; here all of it is to be deleted, and another child is not."""
    ids = ids_of(api, "case") + api.put(*(visit(f"V-{number:03}") for number in range(150)))
    (kept,) = api.put({"type": "demographic", "submitter_id": "D", "cases": {"submitter_id": "C-0"}})
    plan = planned(api, ids)
    (refusal,) = plan.refused
    assert refusal.target.submitter_id == "C-0"
    assert refusal.dependents == (f"demographic {kept}",)


@pytest.fixture
def chain(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records of one type, each the parent of the next; a request takes two, so that the order matters."""
    monkeypatch.setattr("gen3submit.commons.writing.IDS_PER_DELETION", 2)
    ids = api.put({"type": "part", "submitter_id": "S-0", "cases": {"submitter_id": "C-0"}})
    for number in range(1, 7):
        parent = {"submitter_id": f"S-{number - 1}"}
        ids += api.put({"type": "part", "submitter_id": f"S-{number}", "parts": parent})
    return ids


def test_a_plan_puts_children_of_the_same_type_first(api: Api, chain: list[str]) -> None:
    for ids in (chain, chain[::-1], [*chain[::2], *chain[1::2]]):
        assert names(planned(api, ids).targets) == [f"S-{number}" for number in reversed(range(7))]
    assert deleted(api, chain).ok


def test_an_order_that_does_not_work_is_put_right_on_the_way(api: Api, chain: list[str]) -> None:
    """Where nobody may read the records, only a refusal tells which is whose child."""
    targets = tuple(Target(id_, "part", f"S-{number}") for number, id_ in enumerate(chain))
    report = delete(api.commons, DeletionPlan(ProjectId("P", "X"), targets, (), ()))
    assert report.ok
    assert sorted(names(report.deleted)) == [f"S-{number}" for number in range(7)]


def test_without_the_right_to_read_the_dry_run_alone_plans(
    api: Api, chain: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(project: str, node: str) -> Iterator[dict[str, Any]]:
        raise NotAllowed("no")
        yield {}

    monkeypatch.setattr(api.commons, "export", forbidden)
    plan = planned(api, chain)
    assert plan.ok
    assert len(plan.targets) == 7
    assert delete(api.commons, plan).ok


def test_a_record_that_goes_away_meanwhile_does_not_stop_the_others(api: Api) -> None:
    plan = planned(api, ids_of(api, "case"))
    api.commons.delete_records("P-X", [plan.targets[1].id])
    report = delete(api.commons, plan)
    assert report.ok
    assert names(report.gone) == [plan.targets[1].submitter_id]
    assert len(report.deleted) == 2


def test_a_child_that_appears_meanwhile_stops_it_and_everything_is_told(api: Api) -> None:
    plan = planned(api, ids_of(api, "case"))
    api.put(visit("V-1"))
    report = delete(api.commons, plan)
    assert names(each.target for each in report.refused) == ["C-0"]
    assert sorted(names(report.not_tried)) == ["C-1", "C-2"]
    assert report.deleted == []
    assert report.stopped
    assert len(api.everything()["case"]) == 3


@pytest.mark.parametrize("fault", ["reset@after", "gateway@after", "html@after", "status@after:504", "malformed@after"])
def test_after_a_lost_answer_what_is_gone_counts_as_deleted(fault: str, api: Api) -> None:
    assert api.practice is not None
    plan = planned(api, ids_of(api, "case"))
    api.practice.faults.plan(fault, method="DELETE")
    report = delete(api.commons, plan, sleep=lambda _: None)
    assert report.ok
    assert len(report.deleted) == 3
    assert "case" not in api.everything()


@pytest.mark.parametrize("fault", ["reset@before", "gateway@before", "status@before:503"])
def test_a_request_that_never_worked_is_sent_again(fault: str, api: Api) -> None:
    assert api.practice is not None
    plan = planned(api, ids_of(api, "case"))
    api.practice.faults.plan(fault, method="DELETE", times=2)
    naps: list[float] = []
    report = delete(api.commons, plan, sleep=naps.append)
    assert report.ok
    assert len(report.deleted) == 3
    assert naps == [2.0, 4.0]


def test_what_stays_unclear_is_called_unknown(api: Api) -> None:
    assert api.practice is not None
    plan = planned(api, ids_of(api, "case"))
    api.practice.faults.plan("gateway@before", method="DELETE", times=-1)
    report = delete(api.commons, plan, sleep=lambda _: None)
    assert len(report.unknown) == 3
    assert report.stopped
    assert not report.ok


def test_an_expired_token_is_renewed(api: Api) -> None:
    assert api.practice is not None
    plan = planned(api, ids_of(api, "case"))
    api.practice.services.tokens.expire_all()
    assert delete(api.commons, plan).ok


def test_a_project_in_review_is_told_and_nothing_is_lost_count_of(api: Api) -> None:
    plan = planned(api, ids_of(api, "case"))
    api.commons.set_project_state("P-X", "review")
    report = delete(api.commons, plan)
    assert report.stopped is not None
    assert "review" in report.stopped
    assert len(report.not_tried) == 3
    with pytest.raises(CommonsProblem, match="review"):
        planned(api, ids_of(api, "case"))


# A commons that misbehaves


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


TARGETS = tuple(Target(f"id-{number}", "case", f"C-{number}") for number in range(3))
PLAN = DeletionPlan(ProjectId("P", "X"), TARGETS, (), ())


def entity(target: Target, **error: Any) -> dict[str, Any]:
    return {"id": target.id, "type": "case", "errors": [error] if error else [], "unique_keys": []}


def answered(stub: Stub, *replies: Reply) -> DeletionReport:
    stub.on("*", list(replies))
    commons = Commons(stub.url, api_key(stub.url))
    report = delete(commons, PLAN, sleep=lambda _: None)
    told = [*report.deleted, *report.gone, *report.unknown, *report.not_tried, *(r.target for r in report.refused)]
    assert sorted(told, key=lambda target: target.id) == list(TARGETS)
    return report


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body={"success": True}),
        Reply(body={"success": True, "entities": []}),
        Reply(body={"success": True, "entities": [entity(TARGETS[0])]}),
        Reply(body={"success": "yes", "entities": [entity(each) for each in TARGETS]}),
        Reply(body={"success": False, "entities": [entity(each) for each in TARGETS]}),
        Reply(body=[1, 2]),
        Reply(body="<html>", content_type="text/html"),
        Reply(body={"success": True, "entities": "no list"}),
        Reply(500, {"entities": []}),
    ],
    ids=range(9),
)
def test_a_success_that_does_not_name_every_record_is_none(stub: Stub, reply: Reply) -> None:
    report = answered(stub, reply)
    assert report.deleted == []
    assert report.unknown == list(TARGETS)
    assert len(stub.asked("DELETE")) == 4


def test_records_that_block_each_other_for_ever_come_to_an_end(stub: Stub) -> None:
    """A commons that always names another record of ours as the one in the way."""

    def blocked(seen: Any) -> Reply:
        return Reply(400, {
            "success": False,
            "entities": [
                entity(TARGETS[0], type="INVALID_LINK", message="m", dependents=[{"id": "id-2", "type": "case"}]),
                entity(TARGETS[2], type="INVALID_LINK", message="m", dependents=[{"id": "id-0", "type": "case"}]),
            ],
        })  # fmt: skip

    stub.on("*", blocked)
    commons = Commons(stub.url, api_key(stub.url))
    report = delete(commons, PLAN, sleep=lambda _: None)
    assert not report.ok
    assert len(stub.asked("DELETE")) < 10


def test_words_of_the_server_hold_nothing_that_a_terminal_obeys(stub: Stub) -> None:
    hostile = "\x1b]0;owned\x07\x9b31m" + "x" * 10_000
    reply = Reply(
        400, {"success": False, "entities": [entity(each, type="ERROR", message=hostile) for each in TARGETS]}
    )
    report = answered(stub, reply)
    for refusal in report.refused:
        assert refusal.reason.isprintable()
        assert len(refusal.reason) < 1000


def test_without_a_token_nothing_is_tried(stub: Stub) -> None:
    stub.on("POST /user/credentials/cdis/access_token", Reply(401, "<html>expired", content_type="text/html"))
    report = answered(stub, Reply())
    assert report.not_tried == list(TARGETS)
    assert stub.asked("DELETE") == []


def test_in_process_it_is_the_same() -> None:
    api = in_process(clinic(), "P-X")
    ids = api.put({"type": "keyword", "submitter_id": "K"}, {"type": "keyword"})
    assert deleted(api, ids).ok
    assert api.everything() == {}
