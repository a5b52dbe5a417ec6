"""The sample study goes in clean, goes in again for nothing, and the folder of mistakes does not go in at all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3submit.commons import Commons, InProcess
from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.errors import CommonsProblem, UsageProblem
from gen3submit.sandbox.app import PracticeCommons
from gen3submit.sandbox.server import Running
from gen3submit.submit import Circumstances, prepare, undo, upload, verify

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "sample_data" / "study"
PROJECT = "practice-study"


@pytest.fixture(scope="module")
def practice() -> PracticeCommons:
    return PracticeCommons(Dictionary.load(practice_dictionary_folder()))


@pytest.fixture
def commons(practice: PracticeCommons) -> Iterator[Commons]:
    with Running(practice) as running:
        yield Commons(running.url, practice.credentials(running.url))


def test_the_sample_study(practice: PracticeCommons, commons: Commons, tmp_path: Path) -> None:
    """Created, unchanged, verified, undone; the dictionary is the commons' own."""
    around = Circumstances(state=tmp_path)
    with prepare(STUDY, project=PROJECT, commons=commons) as plan:
        assert plan.ok
        rows = plan.counts["create"]
    assert rows >= 500
    assert practice.faults.writes() == 0
    first = upload(STUDY, project=PROJECT, commons=commons, circumstances=around)
    assert (first.ok, first.exit_code, first.counts["created"]) == (True, 0, rows)
    sent = practice.faults.writes()
    second = upload(STUDY, project=PROJECT, commons=commons, circumstances=around)
    assert (second.ok, second.counts["unchanged"]) == (True, rows)
    assert practice.faults.writes() == sent
    for row in verify(first.run_id, commons=commons, state=tmp_path):
        assert row.found == "equal"
    with undo(first.run_id, commons=commons, circumstances=around) as planned:
        done = planned.carry_out()
    assert (done.deleted, done.ok) == (rows, True)
    third = upload(STUDY, project=PROJECT, commons=commons, circumstances=around, as_="tsv", parallel=3)
    assert third.counts["created"] == rows
    assert {request.confirmed for request in third.requests} == {"log"}


def test_the_mistakes_are_not_sent(practice: PracticeCommons, commons: Commons, tmp_path: Path) -> None:
    before = practice.faults.writes()
    report = upload(
        ROOT / "sample_data" / "mistakes", project=PROJECT, commons=commons, circumstances=Circumstances(state=tmp_path)
    )
    assert report.exit_code == 1
    assert practice.faults.writes() == before
    assert report.counts["created"] == 0
    told = report.to_dict()
    assert len(told["rows"]) == sum(told["summary"]["rows_by_outcome"].values())


def test_a_commons_in_this_process_needs_no_socket(tmp_path: Path) -> None:
    practice = PracticeCommons(Dictionary.load(practice_dictionary_folder()))
    url = "http://practice.localhost"
    commons = Commons(url, practice.credentials(url), transport=InProcess(practice))
    report = upload(STUDY / "study.tsv", project=PROJECT, commons=commons, circumstances=Circumstances(state=tmp_path))
    assert report.ok


def test_the_report_is_what_its_schema_says(commons: Commons, tmp_path: Path) -> None:
    import jsonschema

    from gen3submit.report import json as json_report
    from gen3submit.report.formats import ReportOptions
    from gen3submit.report.view import from_submission

    report = upload(STUDY, project=PROJECT, commons=commons, circumstances=Circumstances(state=tmp_path))
    told = json.loads(json.dumps(report.to_dict()))
    jsonschema.validate(told, json_report.schema())
    target = tmp_path / "report.json"
    with target.open("w") as stream:
        json_report.write(from_submission(report), stream, ReportOptions())
    assert json.loads(target.read_text()).items() <= told.items()


def test_what_cannot_be_used_is_told_before_anything_is_sent(commons: Commons, tmp_path: Path) -> None:
    around = Circumstances(state=tmp_path)
    with pytest.raises(UsageProblem, match="no such file"):
        upload(tmp_path / "nothing.tsv", project=PROJECT, commons=commons, circumstances=around)
    with pytest.raises(UsageProblem, match="names no project"):
        upload(STUDY, project="nonsense", commons=commons, circumstances=around)
    with pytest.raises(UsageProblem, match="must be 1 or more"):
        upload(STUDY, project=PROJECT, commons=commons, circumstances=around, parallel=0)
    with pytest.raises(UsageProblem, match="`json` or `tsv`"):
        upload(STUDY, project=PROJECT, commons=commons, circumstances=around, as_="xml")  # type: ignore[arg-type]
    with pytest.raises(CommonsProblem, match="asks for credentials|no credentials|credentials"):
        upload(STUDY, project=PROJECT, commons=Commons(commons.endpoint), circumstances=around)
    with pytest.raises(UsageProblem, match="no dictionary"):
        prepare(STUDY, project=PROJECT)


MILLION = """
import resource, sys
from pathlib import Path
from gen3submit.submit import prepare
from tests.clinic import clinic
folder = Path(sys.argv[1])
with prepare(folder, project="P-X", dictionary=clinic(), existing=[]) as plan:
    assert plan.counts["create"] == 1_001_000, plan.counts
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.nightly
def test_the_plan_of_a_million_rows_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    with (tmp_path / "case.tsv").open("w") as file:
        file.write("type\tsubmitter_id\tprojects.code\n")
        file.writelines(f"case\tC-{n}\tX\n" for n in range(1_000))
    with (tmp_path / "visit.tsv").open("w") as file:
        file.write("type\tsubmitter_id\tcases.submitter_id\tgrade\ttext\twhole\n")
        file.writelines(f"visit\tV-{n}\tC-{n % 1000}\tlow\ttext {n}\t{n}\n" for n in range(1_000_000))
    command = [sys.executable, "-c", MILLION, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1_000_000
