"""Planning, sending, going on, comparing and taking back from the command line, against the practice commons."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gen3submit.cli.main import run

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "sample_data" / "study"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, state and working folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("GEN3", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the sample study that a test may change."""
    return Path(shutil.copytree(STUDY, tmp_path / "data"))


def report_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def outcomes(report: dict[str, Any]) -> Counter[str]:
    return Counter(row["outcome"] for row in report["rows"])


SANDBOX = ("--commons", "sandbox", "--data", "practice.db")


def test_the_sample_goes_in_and_a_second_time_nothing_is_sent(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["submit", str(study), *SANDBOX, "--format", "json"]) == 0
    first = report_of(capsys)
    assert outcomes(first) == {"created": 822}
    assert all(row["id"] for row in first["rows"])
    assert run(["submit", str(study), *SANDBOX, "--format", "json"]) == 0
    second = report_of(capsys)
    assert outcomes(second) == {"unchanged": 822}
    assert second["requests"] == []


def test_every_row_is_updated_where_unchanged_ones_are_asked_for(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["submit", str(study), *SANDBOX, "-qq"])
    assert run(["submit", str(study), *SANDBOX, "--resend-unchanged", "--format", "json"]) == 0
    assert outcomes(report_of(capsys)) == {"updated": 822}


def spoil(study: Path) -> None:
    """Give one sample a value that is not allowed; ALIQ rows hang below it."""
    table = study / "sample.tsv"
    lines = table.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace("Primary Tumor", "Primary Tumour")
    table.write_text("".join(lines))


def test_errors_stop_everything_before_anything_is_sent(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(study)
    assert run(["submit", str(study), *SANDBOX, "--format", "json"]) == 1
    report = report_of(capsys)
    assert report["requests"] == []
    assert not {"created", "updated"} & outcomes(report).keys()
    assert sum(outcomes(report).values()) == 822


def test_good_rows_go_in_without_the_bad_one_and_its_descendants(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(study)
    assert run(["submit", str(study), *SANDBOX, "--good-rows", "--format", "json"]) == 1
    found = outcomes(report_of(capsys))
    assert sum(found.values()) == 822
    assert found["blocked"] > 0
    assert found["created"] == 822 - found["blocked"] - found["not-sent"] - found["rejected"]
    assert found["not-sent"] + found["rejected"] == 1


def test_a_dry_run_stores_nothing(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["submit", str(study), *SANDBOX, "--dry-run", "-qq"]) == 0
    assert run(["verify", str(study), *SANDBOX, "--format", "json"]) == 1
    assert report_of(capsys)["summary"]["missing"] == 822


def test_rows_sent_as_tables_arrive_the_same(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["submit", str(study), *SANDBOX, "--as", "tsv", "-qq"]) == 0
    assert run(["verify", str(study), *SANDBOX, "--format", "json"]) == 0
    assert report_of(capsys)["summary"] == {"equal": 822, "different": 0, "missing": 0}


def test_a_saved_plan_is_sent_as_it_is_and_refused_once_a_file_changed(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", str(study), *SANDBOX, "-o", "run.plan"]) == 0
    assert "822" in capsys.readouterr().out
    shutil.copy("run.plan", "stale.plan")
    assert run(["submit", "run.plan", *SANDBOX, "--format", "json"]) == 0
    assert outcomes(report_of(capsys)) == {"created": 822}
    with (study / "study.tsv").open("a") as file:
        file.write("\n")
    assert run(["submit", "stale.plan", *SANDBOX]) == 2
    assert "study.tsv" in capsys.readouterr().err


def test_a_run_is_listed_verified_and_undone(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["submit", str(study), *SANDBOX, "-qq"])
    capsys.readouterr()
    assert run(["runs", "--format", "json"]) == 0
    (known,) = json.loads(capsys.readouterr().out)
    assert known["rows_by_outcome"]["created"] == 822
    assert run(["verify", known["id"], *SANDBOX]) == 0
    assert "822 equal" in capsys.readouterr().out
    assert run(["undo", known["id"], *SANDBOX]) == 2  # nobody can be asked
    assert run(["undo", known["id"], *SANDBOX, "--dry-run"]) == 0
    assert run(["undo", known["id"], *SANDBOX, "--yes"]) == 0
    assert "822 deleted" in capsys.readouterr().out
    assert run(["verify", str(study), *SANDBOX, "--format", "json"]) == 1
    assert report_of(capsys)["summary"]["missing"] == 822


def test_a_run_on_the_practice_commons_needs_its_file_again(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["submit", str(study), *SANDBOX, "-qq"])
    run(["runs", "--format", "json"])
    (known,) = json.loads(capsys.readouterr().out)
    assert run(["resume", known["id"]]) == 2
    assert "--data" in capsys.readouterr().err
    assert run(["resume", known["id"], *SANDBOX, "-qq"]) == 0


def test_further_reports_are_written_beside_the_first(study: Path, tmp_path: Path) -> None:
    names = ["r.html", "r.json", "r.tsv", "r.xml", "r.sarif"]
    reports = [part for name in names for part in ("--report", name)]
    assert run(["submit", str(study), "--commons", "sandbox", "-qq", *reports]) == 0
    assert all((tmp_path / name).stat().st_size > 1_000 for name in names)
    assert outcomes(json.loads((tmp_path / "r.json").read_text())) == {"created": 822}


def test_resume_and_new_exclude_each_other(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["submit", str(study), *SANDBOX, "--resume", "--new"]) == 2
    assert "--new" in capsys.readouterr().err


def test_one_file_is_sent_as_it_is_and_the_servers_answer_shown(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = str(study / "core_metadata_collection.tsv")
    assert run(["send", table, *SANDBOX, "--dry-run"]) == 0
    assert run(["send", table, *SANDBOX, "--post"]) == 0
    capsys.readouterr()
    assert run(["send", table, *SANDBOX, "--post"]) == 1  # they are there already
    answer = json.loads(capsys.readouterr().out)
    assert all("already exists" in each["errors"][0]["message"] for each in answer["entities"])
    assert run(["send", table, *SANDBOX]) == 0
    assert json.loads(capsys.readouterr().out)["updated_entity_count"] == 3


def test_a_crash_of_the_server_is_told(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = str(study / "study.tsv")  # a type that the generic dictionary lacks
    assert run(["send", table, *SANDBOX]) == 0
    assert run(["send", table, *SANDBOX, "--post"]) == 2
    assert "500" in capsys.readouterr().err
