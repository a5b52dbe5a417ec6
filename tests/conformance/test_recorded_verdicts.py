"""The checker says of each recorded table what a real Sheepdog said: verdict, cause, and what was lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from recorded import (
    Scenario,
    Step,
    body,
    causes,
    dictionary,
    entities,
    is_submission,
    is_table,
    scenarios,
    steps,
    stored,
)

from gen3submit import check
from gen3submit.checking import choosing
from gen3submit.findings import RowResult, Severity, Verdict

_UUID = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_known(name: str, scenario: Scenario) -> bool:
    """Whether all that the answers depend on is in tables of the scenario's own project."""
    return not scenario.get("other_projects")


@pytest.mark.parametrize("way", ["by row", "by column"])
@pytest.mark.parametrize("name", [name for name, scenario in scenarios().items() if is_known(name, scenario)])
def test_a_table_gets_the_recorded_verdict(
    name: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "by column":
        monkeypatch.setattr(choosing, "LEAST_BYTES", -1)
        monkeypatch.setattr(choosing, "LEAST_BYTES_OF_A_TABLE", -1)
    scenario = scenarios()[name]
    existing: list[Path] = []
    every = steps(scenario)
    for number, (step, judged) in enumerate(every):
        if step["method"] == "GET":
            continue
        if not is_submission(step, scenario) or not is_table(step) or _UUID.search(body(step)):
            if step["status"] in (200, 201) and stored(step):
                return  # records, or ids, that `existing` cannot tell of
            continue
        path = tmp_path / f"{number}{'.csv' if 'csv' in step['content_type'].lower() else '.tsv'}"
        path.write_bytes(body(step))
        lost = stored(step) and nothing_stored(step, [later for later, _ in every[number + 1 :]])
        if judged and step["method"] == "PUT":
            project = f"{scenario['program']}-{scenario['project']}"
            result = check([path], dictionary=dictionary(), project=project, existing=existing)
            (file,) = result.files
            rows = [row for row in result.rows() if row.verdict is not Verdict.DROP]
            judge(step, file.verdict, rows, f"{name} step {number}")
            assert (file.verdict is Verdict.LOST) >= lost
        if stored(step) and not lost:
            existing.append(path)


def judge(step: Step, verdict: Verdict, rows: list[RowResult], where: str) -> None:
    answered = entities(step["response"])
    nothing = not answered and isinstance(step["response"], dict) and step["response"].get("transactional_errors")
    if answered is None or nothing or step["status"] >= 500:
        assert verdict is Verdict.REFUSE, where
        return
    success = bool(step["response"]["success"])
    assert verdict in ((Verdict.ACCEPT, Verdict.LOST) if success else (Verdict.REJECT,)), where
    assert len(rows) == len(answered), where
    for row, entity in zip(rows, answered, strict=True):
        said = causes(entity)
        ours = {
            (finding.server_type, tuple(sorted(finding.keys or ())))
            for finding in row.findings
            if finding.severity is Severity.ERROR and finding.server_type
        }
        if not any(type_ == "NOT_UNIQUE" for type_, _ in said):  # the server tells that once for the whole request
            ours = {cause for cause in ours if cause[0] != "NOT_UNIQUE"}
        assert ours == said, f"{where} line {row.line}"
        if said:
            assert row.verdict is Verdict.REJECT, f"{where} line {row.line}"
        if success:
            assert row.verdict in (Verdict.ACCEPT, Verdict.LOST), f"{where} line {row.line}"


def nothing_stored(step: Step, later: list[Step]) -> bool:
    """Whether an export that follows shows none of the records that the server said it had made."""
    made: list[dict[str, Any]] = entities(step["response"]) or []
    if not made or any(entity["action"] != "create" for entity in made):
        return False
    names = {(entity["type"], entity["unique_keys"][0]["submitter_id"]) for entity in made}
    for other in later:
        if other["method"] != "GET":
            return False
        of_type = re.search(r"node_label=(\w+)", other["path"])
        if of_type and "format=json" in other["path"] and isinstance(other["response"], dict):
            shown = {(of_type[1], record["submitter_id"]) for record in other["response"].get("data", ())}
            wanted = {key for key in names if key[0] == of_type[1]}
            if wanted:
                return not wanted & shown
    return False


def test_tables_that_were_lost_are_among_them() -> None:
    lost = {
        name
        for name, scenario in scenarios().items()
        for number, (step, _) in enumerate(steps(scenario))
        if is_submission(step, scenario) and stored(step)
        if nothing_stored(step, [later for later, _ in steps(scenario)[number + 1 :]])
    }
    assert len(lost) >= 2
