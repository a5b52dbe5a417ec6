"""Journals: found by name, damaged ones refused and made anew, one process at a time, nothing sent unrecorded."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gen3submit.errors import UsageProblem
from gen3submit.journal import Journal, JournalDamaged, JournalProblem
from gen3submit.journal import file as journal_file
from gen3submit.journal.locks import Lock
from gen3submit.journal.places import journal_of, journals, lock_path
from gen3submit.journal.ranges import numbers_in, ranges_of
from gen3submit.submit import SubmissionReport, UnfinishedSubmission, recover, runs
from tests.clinic import clinic
from tests.submitting import PROJECT, Lab, cases, flip, lab, outcomes, visits


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        yield made


def stopped(there: Lab, rows: int = 40) -> SubmissionReport:
    """A submission that stopped in the middle."""
    there.fault("status:403", skip=2, times=-1)
    report = there.upload({"case.tsv": cases(rows, text="something to be told")}, batch_size=5)
    assert report.exit_code == 3
    there.practice.faults.clear()
    return report


def test_a_run_is_found_by_id_by_the_beginning_of_it_and_by_its_journal(there: Lab) -> None:
    report = stopped(there)
    path = report.journal.path
    report.close()
    assert path.parent == there.state / "runs"
    for name in (report.run_id, report.run_id[:-2], str(path)):
        assert journal_of(name, there.state) == path
    with pytest.raises(UsageProblem):
        journal_of("", there.state)


def test_a_journal_may_live_anywhere_and_is_still_listed(there: Lab, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "my.journal"
    path.parent.mkdir()
    report = there.upload({"case.tsv": cases(2)}, journal=path)
    assert report.journal.path == path
    (run,) = runs(there.state)
    assert (run.id, run.state, run.counts["created"], run.files) == (report.run_id, "finished", 2, 1)
    assert run.journal == path
    assert not run.can_go_on
    with pytest.raises(UsageProblem, match="is there already"):
        there.upload({"case.tsv": cases(3)}, journal=path)


def test_an_unfinished_submission_stands_in_the_way(there: Lab) -> None:
    report = stopped(there)
    with pytest.raises(UnfinishedSubmission) as found:
        there.upload(batch_size=5)
    assert found.value.run_id == report.run_id
    assert there.agree(there.upload(resume=True)) == {"created": 40}
    assert [run.state for run in runs(there.state)] == ["finished"]


def test_an_unfinished_submission_can_be_given_up(there: Lab) -> None:
    stopped(there)
    report = there.upload(resume=False)
    assert there.agree(report) == {"unchanged": 10, "created": 30}
    assert [run.state for run in runs(there.state)] == ["abandoned", "finished"]
    with pytest.raises(UsageProblem, match="another submission took its place"):
        there.resume(runs(there.state)[0].id)


def test_other_files_are_another_submission(there: Lab) -> None:
    stopped(there)
    (there.folder / "data" / "case.tsv").unlink()
    report = there.upload({"other.tsv": cases(3)}, resume=None)
    assert there.agree(report) == {"unchanged": 3}
    assert [run.state for run in runs(there.state)] == ["stopped", "finished"]


def test_the_report_is_the_same_whenever_it_is_built(there: Lab) -> None:
    there.fault("reset@after", skip=1)
    report = there.upload({"case.tsv": cases(6) + "case\tC-9\tX\tx\n".replace("\tx", ""), "visit.tsv": visits(9, of=6)})
    first = report.to_dict()
    frame = report.to_pandas()
    path = report.journal.path
    report.close()
    with SubmissionReport.of(path) as again:
        assert again.to_dict() == first
        assert again.to_pandas().equals(frame)
        assert [row.to_dict() for row in again] == first["rows"]
        assert again.counts_by_type() == {"case": {"created": 7}, "visit": {"created": 9}}
    assert len(frame) == 16


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_journal_is_refused_or_the_damage_did_not_matter(there: Lab, seed: int) -> None:
    """Any one byte: either it is told, or everything that is read is as it was."""
    report = stopped(there)
    path, before = report.journal.path, report.to_dict()
    report.close()
    flip(path, random.Random(seed).randrange(path.stat().st_size))
    try:
        Journal.open(path).close()
    except JournalProblem:
        with pytest.raises(JournalProblem):
            there.resume(path)
        assert there.puts() == 3
        return
    with SubmissionReport.of(path) as again:
        assert again.to_dict() == before


def test_a_changed_value_is_noticed_that_sqlite_does_not_see(there: Lab) -> None:
    report = stopped(there)
    path = report.journal.path
    report.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE row SET line = line + 1 WHERE number = 7")
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with pytest.raises(JournalDamaged, match="gen3submit recover"):
        there.resume(path)


@pytest.mark.parametrize("damage", ["a value", "the middle", "the head", "cut"])
def test_a_damaged_journal_is_made_anew_from_the_commons(there: Lab, damage: str) -> None:
    report = stopped(there)
    path, run_id = report.journal.path, report.run_id
    ids = {row.result.submitter_id: row.id for row in report.rows() if row.outcome == "created"}
    report.close()
    if damage == "a value":
        with sqlite3.connect(path) as database:
            database.execute("UPDATE row SET line = line + 1 WHERE number = 7")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:6000])
    else:
        content = bytearray(path.read_bytes())
        start, length = (0, 64) if damage == "the head" else (len(content) // 3, len(content) // 3)
        content[start : start + length] = random.Random(1).randbytes(length)
        path.write_bytes(content)
    with pytest.raises(JournalProblem):
        Journal.open(path)
    again = recover(
        path,
        there.folder / "data",
        commons=there.commons,
        project=PROJECT,
        dictionary=clinic(),
        circumstances=there.around(),
    )
    counts = there.agree(again, recovered=True)
    assert counts.get("created", 0) + counts.get("unchanged", 0) == 10
    assert counts["not-sent"] == 30
    if damage == "a value":
        assert again.run_id == run_id
        assert {row.result.submitter_id: row.id for row in again.rows() if row.outcome == "created"} == ids
    assert again.exit_code == 3
    assert path.with_name(f"{path.name}.damaged").exists()
    again.close()
    before = there.puts()
    assert there.resume(path, batch_size=10).ok
    assert len(there.stored("case")) == 40
    assert there.puts() == before + 3


def test_a_sound_journal_is_not_made_anew(there: Lab) -> None:
    report = stopped(there)
    with pytest.raises(UsageProblem, match="not damaged"):
        recover(report.run_id, commons=there.commons, circumstances=there.around())


def test_two_holders_of_a_lock(tmp_path: Path) -> None:
    path = lock_path(tmp_path, "https://c.example.org", "P-X")
    with Lock(path, "`P-X`"):
        with pytest.raises(UsageProblem, match=f"process {os.getpid()} is sending to `P-X`"):
            Lock(path, "`P-X`")
        assert lock_path(tmp_path, "https://c.example.org", "P-Y") != path
    Lock(path, "`P-X`").release()


def test_a_project_is_locked_while_it_is_sent_to(there: Lab) -> None:
    met: list[str] = []

    def at(point: str) -> None:
        if point == "after_journal_before_send":
            with pytest.raises(UsageProblem, match="is sending to `P-X`"):
                there.upload(resume=True)
            met.append(point)

    report = there.upload({"case.tsv": cases(2)}, around=there.around(at=at))
    assert met
    assert there.agree(report) == {"created": 2}


@pytest.mark.parametrize("where", ["state", "journal"])
def test_a_place_that_cannot_be_written_is_told_and_nothing_sent(there: Lab, where: str) -> None:
    (there.folder / "file").write_text("")
    options: dict[str, Any] = {"journal": Path("/proc/no.journal")}
    if where == "state":
        options = {"around": there.around(state=there.folder / "file" / "state")}
    with pytest.raises(UsageProblem, match=r"cannot be (written|opened)"):
        there.upload({"case.tsv": cases(2)}, **options)
    assert there.writes() == 0


class Failing(sqlite3.Connection):
    """A database whose disk is full from a certain statement that writes on."""

    left = 10**9

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        self._count(sql)
        return super().execute(sql, *arguments)

    def executemany(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        self._count(sql)
        return super().executemany(sql, *arguments)

    def _count(self, sql: str) -> None:
        if sql.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "COMMIT", "DELETE") and "temp." not in sql:
            Failing.left -= 1
            if Failing.left < 0:
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorname = "SQLITE_FULL"
                raise error


def test_whatever_write_fails_nothing_is_sent_that_is_not_recorded(there: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The 5th, 10th, 15th ... write to the journal fails, until none does; then the submission is run again."""
    real = sqlite3.connect
    monkeypatch.setattr(
        journal_file.sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "factory": Failing} if a[0] else k)
    )
    tables = {"case.tsv": cases(4), "visit.tsv": visits(4)}
    failures = 0
    for limit in range(3, 400, 6):
        Failing.left = limit
        before = there.puts()
        try:
            report = there.upload(tables, batch_size=2, resume=True)
        except JournalProblem as problem:
            failures += 1
            assert "disk is full" in str(problem)
            Failing.left = 10**9
            recorded = [
                name for _, path in journals(there.state) for (name,) in real(path).execute("SELECT name FROM request")
            ]
            seen = [each.document_name for each in there.practice.faults.seen if each.method == "PUT"]
            assert set(seen) <= set(recorded)
        else:
            break
        assert before <= there.puts()
    assert failures > 5
    Failing.left = 10**9
    assert report.ok
    assert len(there.stored("case")) == 4
    assert {len(names) for names in there.stored_by().values()} == {1}


def test_ranges_hold_any_numbers() -> None:
    chance = random.Random(2)
    for _ in range(200):
        numbers = sorted(set(chance.choices(range(1, 60), k=chance.randrange(0, 40))))
        assert list(numbers_in(ranges_of(numbers))) == numbers
    assert ranges_of([3, 1, 2, 9]) == "1-3,9"
    assert ranges_of([]) == ""


def test_a_killed_plan_leaves_nothing_behind(there: Lab) -> None:
    def at(point: str) -> None:
        if point == "planned":
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        there.upload({"case.tsv": cases(2)}, around=there.around(at=at))
    assert [run.state for run in runs(there.state)] == ["ready"]
    report = there.upload()
    assert there.agree(report) == {"created": 2}
    assert [run.state for run in runs(there.state)] == ["finished"]
    assert outcomes(report) == {"C-0": "created", "C-1": "created"}


def test_a_named_journal_that_was_given_up_makes_room(there: Lab, tmp_path: Path) -> None:
    path = tmp_path / "my.journal"
    there.fault("status:403", skip=1)
    first = there.upload({"case.tsv": cases(6)}, journal=path, batch_size=2)
    assert first.exit_code == 3
    first.close()
    with pytest.raises(UnfinishedSubmission):
        there.upload(journal=path)
    second = there.upload(journal=path, resume=False)
    assert there.agree(second) == {"unchanged": 2, "created": 4}
    assert second.journal.path == path
    assert [(run.id, run.state) for run in runs(there.state)] == [
        (first.run_id, "abandoned"),
        (second.run_id, "finished"),
    ]
    assert path.with_name(f"my.journal.{first.run_id}").exists()


def test_what_is_not_kept_leaves_no_files(there: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import gc
    import tempfile

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    reports = [
        there.upload({"case.tsv": cases(2) + "case\tC-9\tY\n"}),
        there.upload({"case.tsv": cases(2)}, dry_run=True),
    ]
    assert any(scratch.iterdir())
    for report in reports:
        report.close()
    del report, reports
    gc.collect()
    assert list(scratch.iterdir()) == []
