"""The rules answer what a real Sheepdog answered: the reading of tables, the verdict, its causes and its words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from recorded import (
    Scenario,
    body,
    causes,
    dictionary,
    entities,
    is_submission,
    lines,
    masked,
    same_words,
    scenarios,
    steps,
)

from gen3submit.rules.bodies import body_format, decode
from gen3submit.rules.documents import TableReader
from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.store import Record
from gen3submit.rules.submission import Submissions

NOW = "2024-01-01T00:00:00+00:00"
DATABASE = "psycopg2"
"""Stands in words that quote the database, which are not repeated."""


@pytest.fixture(scope="module")
def submissions() -> Submissions:
    return Submissions(dictionary().nodes)


def test_rows_become_the_documents_that_the_server_made_of_them() -> None:
    reader = TableReader(dictionary().nodes)
    compared = 0
    for conversion in lines("conversions"):
        step, _ = steps(scenarios()[conversion["scenario"]])[conversion["step"]]
        documents = reader.read(decode(body(step)), body_format(step["content_type"])).documents
        if not conversion["records"]:
            continue  # the server's log could not keep them
        for document in documents:
            if dictionary()[document["type"]].is_file and document.get("urls"):
                del document["urls"]  # taken out before the log was written
        assert json.dumps(documents, sort_keys=True) == json.dumps(conversion["records"], sort_keys=True)
        compared += 1
    assert compared > 1_000


def empty_commons(scenario: Scenario) -> MemoryStore:
    store = MemoryStore()
    for code in (scenario["project"], *scenario.get("other_projects", ())):
        store.put(Record(project_record_id(code), "project", {"code": code, "name": code, "state": "open"}))
    return store


def submissions_only(scenario: Scenario) -> bool:
    """Whether what the scenario writes it writes by submissions; the commons' own tests cover the others."""
    return all(
        step["method"] == "GET" or is_submission(step, scenario) or step["status"] in (401, 403, 404)
        for step, _ in steps(scenario)
    ) and scenario["kind"] not in ("project-state", "bulk")


@pytest.mark.parametrize("name", [name for name, scenario in scenarios().items() if submissions_only(scenario)])
def test_a_submission_gets_the_recorded_answer(name: str, submissions: Submissions) -> None:
    scenario = scenarios()[name]
    store = empty_commons(scenario)
    ids: dict[str, str] = {}
    for number, (step, _) in enumerate(steps(scenario)):
        if not is_submission(step, scenario):
            continue
        content = body(step)
        for recorded, ours in ids.items():
            content = content.replace(recorded.encode(), ours.encode())
        program, code, *rest = step["path"].strip("/").split("/")
        answer = submissions.submit(
            content,
            step.get("content_type"),
            store=store,
            project_id=f"{program}-{code}",
            now=NOW,
            role="create" if step["method"] == "POST" else "update",
            dry_run=rest == ["_dry_run"],
        )
        got = json.loads(json.dumps(answer.json(1)))
        where = f"{name} step {number}"
        assert answer.status == step["status"], f"{where}: {got}"
        compare(got, step["response"], ids, where)


def compare(got: dict[str, Any], want: dict[str, Any], ids: dict[str, str], where: str) -> None:
    ours, theirs = entities(got), entities(want)
    if ours is None or theirs is None:
        assert ours == theirs, where
        said = want["message"]
        for recorded, own in ids.items():
            said = said.replace(recorded, own)
        assert same_words(got["message"], said), f"{where}: {got['message']} / {said}"
        return
    assert len(ours) == len(theirs), where
    for mine, recorded in zip(ours, theirs, strict=True):
        if recorded["id"] and mine["id"]:
            ids[recorded["id"]] = mine["id"]
        for key in ("type", "valid", "action"):
            assert mine[key] == recorded[key], f"{where}: {mine} / {recorded}"
        assert causes(mine) == causes(recorded), f"{where}: {mine} / {recorded}"
        assert masked(mine["unique_keys"]) == masked(recorded["unique_keys"]), where
        ours_said, theirs_said = (sorted(masked(e["message"]) for e in each["errors"]) for each in (mine, recorded))
        assert len(ours_said) == len(theirs_said), f"{where}: {ours_said} / {theirs_said}"
        for one, other in zip(ours_said, theirs_said, strict=True):
            assert DATABASE in other or same_words(one, other), f"{where}: {one} / {other}"
    for key in ("success", "created_entity_count", "updated_entity_count", "entity_error_count"):
        assert got[key] == want[key], f"{where}: {key}"
    assert masked(got["transactional_errors"]) == masked(want["transactional_errors"]), where
    assert got["message"] == want["message"], where
