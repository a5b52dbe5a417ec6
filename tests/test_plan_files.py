"""A plan in a file is carried out exactly, or refused as stale."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gen3submit.checking import check
from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.planning import Plan, plan, slices
from gen3submit.submit import runs
from tests.clinic import clinic, served
from tests.submitting import PROJECT, Lab, cases, lab, outcomes, visits


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        yield made


def saved(there: Lab, tables: dict[str, str], *, commons: bool = True, **options: Any) -> Path:
    folder = there.write(tables)
    result = check(folder, dictionary=clinic(), project=PROJECT, existing=there.commons)
    target = there.folder / "file.plan"
    with plan(result, folder, clinic(), there.commons if commons else None, **options) as made:
        return made.save(target)


def test_a_saved_plan_is_carried_out(there: Lab) -> None:
    there.upload({"case.tsv": cases(2, text="old")})
    path = saved(there, {"case.tsv": cases(4, text="new"), "visit.tsv": visits(2)})
    with Plan.load(path) as loaded:
        assert loaded.counts == {"create": 4, "update": 2, "unchanged": 0, "rejected": 0, "blocked": 0}
        assert loaded.to_dict()["rows"][0]["outcome"] == "update"
        run_id = loaded.run.id
    report = there.resume(path)
    assert there.agree(report) == {"created": 4, "updated": 2}
    assert report.journal.path == path
    assert report.run_id == run_id
    assert [run.id for run in runs(there.state)][-1] == run_id
    assert there.agree(there.resume(run_id)) == {"created": 4, "updated": 2}


def test_a_plan_made_without_a_commons_is_compared_when_it_is_sent(there: Lab) -> None:
    there.upload({"case.tsv": cases(2)})
    path = saved(there, {"case.tsv": cases(4)}, commons=False)
    with Plan.load(path) as loaded:
        assert loaded.commons is None
    assert there.agree(there.resume(path)) == {"unchanged": 2, "created": 2}


@pytest.mark.parametrize("change", ["edited", "gone", "touched at the end"])
def test_a_file_that_changed_makes_the_plan_stale(there: Lab, change: str) -> None:
    path = saved(there, {"case.tsv": cases(4), "visit.tsv": visits(2)})
    table = there.folder / "data" / "visit.tsv"
    if change == "gone":
        table.unlink()
    else:
        table.write_text(visits(2, grade="high") if change == "edited" else visits(2) + "\n")
    with pytest.raises(UsageProblem, match="visit.tsv"):
        there.resume(path)
    assert there.puts() == 0


def test_another_dictionary_makes_the_plan_stale(there: Lab) -> None:
    path = saved(there, {"case.tsv": cases(4)})
    other = served()
    other["case"]["properties"]["more"] = {"type": "string"}
    with pytest.raises(UsageProblem, match="dictionary"):
        there.resume(path, dictionary=Dictionary.load(other))
    assert there.puts() == 0


def test_a_plan_for_another_commons_is_refused(there: Lab, tmp_path: Path) -> None:
    path = saved(there, {"case.tsv": cases(4)})
    with lab(tmp_path / "other") as other, pytest.raises(UsageProblem, match="was named"):
        there.resume(path, commons=other.commons)


def test_a_file_edited_between_check_and_plan_is_noticed(there: Lab) -> None:
    folder = there.write({"case.tsv": cases(4)})
    result = check(folder, dictionary=clinic(), project=PROJECT)
    there.write({"case.tsv": cases(4, text="other")})
    with pytest.raises(UsageProblem, match="changed since"):
        plan(result, folder, clinic())


def test_what_was_planned_is_what_is_sent_to_the_byte(there: Lab) -> None:
    from hashlib import sha256

    path = saved(there, {"case.tsv": cases(3, text="007")})
    report = there.resume(path)
    (entry,) = report.journal.rows("SELECT sha256, bytes FROM request")
    log = there.practice.services.log
    (document,) = [d for e in log.entries("state = 'SUCCEEDED'", ()) for d in log.documents(e.id)]
    assert sha256(document.body.encode()).hexdigest() == entry[0]
    assert len(document.body.encode()) == entry[1]


def test_a_file_edited_while_it_is_being_sent_is_noticed(there: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are compared one by one with what was planned: nothing that was not checked ever leaves."""
    monkeypatch.setattr(slices, "BLOCK", 4096)
    monkeypatch.setattr(slices, "_ROWS_AT_ONCE", 10)
    table = there.write({"case.tsv": cases(500, text="x")}) / "case.tsv"
    sent: list[str] = []

    def edit(point: str) -> None:
        if point == "after_journal_before_send" and not sent:
            sent.append(point)
            table.write_text(cases(500, text="y"))

    with pytest.raises(UsageProblem, match="changed since"):
        there.upload(around=there.around(at=edit), batch_size=50)
    assert {record["text"] for record in there.stored("case").values()} <= {"x"}
    (run,) = runs(there.state)
    assert run.state == "stopped"
    table.write_text(cases(500, text="x"))
    assert there.agree(there.resume(run.id)) == {"created": 500}


def test_what_is_no_plan_is_told(there: Lab, tmp_path: Path) -> None:
    import sqlite3

    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t (x)")
    (tmp_path / "text.plan").write_text("no plan at all, but long enough to be looked at as one" * 20)
    for path in (other, tmp_path / "text.plan"):
        with pytest.raises(UsageProblem, match=r"neither a plan|damaged"):
            Plan.load(path)
    with pytest.raises(UsageProblem, match="no such file"):
        Plan.load(tmp_path / "nothing.plan")
    with pytest.raises(UsageProblem, match="no submission that is known"):
        there.resume("nothing")


def test_a_plan_that_cannot_be_written_is_told(there: Lab, tmp_path: Path) -> None:
    folder = there.write({"case.tsv": cases(1)})
    result = check(folder, dictionary=clinic(), project=PROJECT)
    with plan(result, folder, clinic()) as made, pytest.raises(UsageProblem):
        made.save(tmp_path / "no" / "such" / "folder.plan")


def test_a_plan_can_be_copied_and_carried_out_elsewhere(there: Lab, tmp_path: Path) -> None:
    path = saved(there, {"case.tsv": cases(2)})
    copy = tmp_path / "copy.plan"
    shutil.copy(path, copy)
    report = there.resume(copy)
    assert outcomes(report) == {"C-0": "created", "C-1": "created"}


def test_frames_are_given_again_to_go_on(there: Lab) -> None:
    import pandas as pd

    frame = pd.DataFrame({"type": ["case"] * 3, "submitter_id": ["A", "B", "C"], "projects.code": ["X"] * 3})
    result = check(frame, dictionary=clinic(), project=PROJECT)
    target = there.folder / "frame.plan"
    with plan(result, frame, clinic(), there.commons) as made:
        made.save(target)
    with pytest.raises(UsageProblem, match="same tables"):
        there.resume(target)
    with pytest.raises(UsageProblem, match="changed since"):
        there.resume(target, tables=frame.assign(submitter_id=["A", "B", "D"]))
    assert there.agree(there.resume(target, tables=frame)) == {"created": 3}
