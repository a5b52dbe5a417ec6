"""What an upload promises besides: cells survive, foreign changes are told, secrets stay secret, tokens are renewed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen3submit.commons.clock import Clock
from gen3submit.submit import UnfinishedSubmission, runs
from gen3submit.tables.writing import table_bytes
from tests.clinic import clinic
from tests.submitting import QUICK, Lab, cases, lab, outcomes, visits

CANARY = "Kanarienvogel"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path) as made:
        yield made


# Foreign changes


def test_a_row_that_somebody_changed_since_the_plan_is_not_overwritten(there: Lab) -> None:
    there.upload({"case.tsv": cases(4, text="old")})
    there.fault("status:403", times=-1)
    stopped = there.upload({"case.tsv": cases(4, text="mine")})
    there.practice.faults.clear()
    there.edit("case", "C-1", text="theirs")
    report = there.resume(stopped.run_id)
    assert there.agree(report) == {"updated": 3, "not-sent": 1}
    assert there.stored("case")["C-1"]["text"] == "theirs"
    assert "changed-on-server" in {f.code for row in report.rows() for f in row.result.findings}
    assert there.agree(there.resume(stopped.run_id, overwrite=True)) == {"updated": 4}


@pytest.mark.parametrize("by_column", [False, True])
@pytest.mark.parametrize("columns", ["cases.submitter_id", "cases.id", "id\tcases.submitter_id", "id\tcases.id"])
def test_of_rows_that_need_not_be_sent_is_told_what_somebody_changed_meanwhile(
    there: Lab, columns: str, by_column: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However parents and rows are named: an edited record is told, and an untouched one stays unchanged."""
    if by_column:
        monkeypatch.setattr("gen3submit.planning.recognising.LEAST_BYTES", 0)
    there.upload({"case.tsv": cases(1), "visit.tsv": visits(4, of=1)})
    case, held = there.stored("case")["C-0"]["id"], there.stored("visit")
    known = {name: {"id": held[name]["id"], "cases.id": case, "cases.submitter_id": "C-0"} for name in held}
    rows = [[known[f"V-{n}"][column] for column in columns.split("\t")] for n in range(4)]
    lines = ["\t".join(["visit", f"V-{n}", "low", str(n if n < 3 else 9), *row]) for n, row in enumerate(rows)]
    header = "\t".join(["type", "submitter_id", "grade", "whole", columns])
    there.fault("status:403", times=-1)
    stopped = there.upload({"visit.tsv": "\n".join([header, *lines]) + "\n"})
    assert stopped.counts["unchanged"] == 4
    there.practice.faults.clear()
    there.edit("visit", "V-1", grade="high")
    assert {row.result.submitter_id: row.outcome for row in there.resume(stopped.run_id).rows()} == {
        "C-0": "unchanged",
        "V-0": "unchanged",
        "V-1": "not-sent",
        "V-2": "unchanged",
        "V-3": "updated",
    }


def test_a_saved_plan_flags_what_changed_after_it(there: Lab) -> None:
    from gen3submit.checking import check
    from gen3submit.planning import plan

    there.upload({"case.tsv": cases(4, text="old")})
    folder = there.write({"case.tsv": cases(6, text="mine"), "visit.tsv": visits(6, of=6)})
    result = check(folder, dictionary=clinic(), project="P-X", existing=there.commons)
    with plan(result, folder, clinic(), there.commons) as made:
        path = made.save(there.folder / "file.plan")
    there.edit("case", "C-1", text="theirs")
    there.practice.faults.plan("remove:case/C-2", method="GET", path="export")
    there.commons.submit(
        "P-X", b'[{"type":"case","submitter_id":"C-5","projects":[{"code":"X"}]}]', document_name="somebody else"
    )
    report = there.resume(path)
    assert there.agree(report) == {"updated": 2, "created": 4, "not-sent": 3, "blocked": 3}
    told = {
        row.result.submitter_id: [(f.code, f.facts["change"]) for f in row.result.findings if f.code != "value-cleared"]
        for row in report.rows()
        if row.outcome == "not-sent"
    }
    assert told == {
        "C-1": [("changed-on-server", "edited")],
        "C-2": [("changed-on-server", "gone")],
        "C-5": [("changed-on-server", "made")],
    }
    assert there.stored("case")["C-1"]["text"] == "theirs"
    assert report.exit_code == 1
    again = there.resume(path, overwrite=True)
    assert again.counts["not-sent"] == 0
    assert there.stored("case")["C-1"]["text"] == "mine"


def test_what_is_known_of_the_commons_is_looked_at_again_when_it_is_old(there: Lab) -> None:
    """A node type whose turn comes long after the plan is compared once more before it is sent."""
    there.upload({"case.tsv": cases(3), "visit.tsv": visits(3)})

    def edit(point: str) -> None:
        if point == "after_answer_in_journal":
            there.edit("visit", "V-1", grade="high")

    around = there.around(at=edit, patience=replace(QUICK, fresh=0.0))
    tables = {"case.tsv": cases(3, text="new"), "visit.tsv": visits(3, grade="Not Reported")}
    report = there.upload(tables, around=around)
    assert there.agree(report) == {"updated": 5, "not-sent": 1}
    assert outcomes(report)["V-1"] == "not-sent"
    assert there.stored("visit")["V-1"]["grade"] == "high"
    assert there.agree(there.upload(tables, around=around, overwrite=True)) == {"unchanged": 5, "updated": 1}


# Cells

cells = st.one_of(
    st.sampled_from(
        [
            "007",
            "1e5",
            "NA",
            "null",
            "NULL",
            "TRUE",
            " x ",
            "\ufeffx",
            "a\u2028b",
            'a"b',
            '"a"',
            "a\tb",
            "a\r\nb",
            "'",
            "é",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)


@given(st.lists(cells, min_size=1, max_size=6), st.sampled_from(["json", "tsv"]))
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cells_survive_the_way_into_the_commons(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], form: str
) -> None:
    """What comes back is what Sheepdog's own reader makes of the cell, and nothing else; and the check had said so."""
    table = table_bytes([["type", "submitter_id", "text"], *(["keyword", f"K-{n}", t] for n, t in enumerate(texts))])
    with lab(tmp_path_factory.mktemp("cells")) as there:
        (there.write({}) / "keyword.tsv").write_bytes(table)
        report = there.upload(as_=form, good_rows=True)
        counts = there.agree(report)
        # Locally clean means that the commons accepts it.
        assert set(counts) <= {"created", "not-sent"}
        stored = there.stored("keyword")
        for row in report.rows():
            if row.outcome == "created":
                number = int(str(row.result.submitter_id)[2:])
                expected = texts[number]
                lines = expected.strip().splitlines()
                joined = "\n".join(lines) if "\t" in expected or len(lines) > 1 or expected.startswith('"') else None
                held = stored[str(row.result.submitter_id)].get("text")
                clean = expected.strip()
                if joined is None:
                    assert held == (None if clean in ("", "null") else clean)
                else:
                    assert held is None or "".join(held.split()) == "".join(clean.split())


@pytest.mark.parametrize("form", ["json", "tsv"])
def test_both_forms_store_the_same(there: Lab, form: str) -> None:
    columns = "type\tsubmitter_id\tcases.submitter_id\tgrade\ttext\twhole\tnumber\tflag\tnames\tcounts\n"
    rows = [
        "visit\tV-0\tC-0\tlow\tx\t007\t1.50\tTRUE\ta, b\t1,2\n",
        "visit\tV-1\tC-1\tlow\t\t\t\t\t\t\n",
        "visit\tV-2\tC-2\thigh\tnull\t5\t5.0\tfalse\tx\t\n",
        "visit\tV-3\tC-2\thigh\tlast\n",
    ]
    report = there.upload({"case.tsv": cases(3), "visit.tsv": columns + "".join(rows)}, as_=form)
    assert there.agree(report) == {"created": 7}
    assert {form} == {entry for (entry,) in report.journal.rows("SELECT format FROM request")}
    held = there.stored("visit")
    assert (held["V-0"]["whole"], held["V-0"]["number"], held["V-0"]["names"]) == (7, 1.5, ["a", "b"])
    assert "whole" not in held["V-3"] or held["V-3"]["whole"] is None
    assert there.agree(there.upload()) == {"unchanged": 7}


def test_an_update_clears_what_the_file_empties_in_every_form(there: Lab) -> None:
    """A slice of TSV must not make the last row of a batch special, as the last row of a file is."""
    full = "type\tsubmitter_id\tprojects.code\ttext\twhole\n" + "".join(f"case\tC-{n}\tX\tt\t5\n" for n in range(6))
    empty = "type\tsubmitter_id\tprojects.code\ttext\twhole\n" + "".join(f"case\tC-{n}\tX\t\t\n" for n in range(6))
    there.upload({"case.tsv": full})
    report = there.upload({"case.tsv": empty}, as_="tsv", batch_size=2)
    assert there.agree(report)["updated"] == 5
    held = there.stored("case")
    assert [held[f"C-{n}"]["text"] for n in range(6)] == [None] * 5 + ["t"]
    assert [row.outcome for row in report.rows()][-1] == "unchanged"


# Secrets


def test_secrets_stand_nowhere(there: Lab) -> None:
    credentials = there.practice.credentials(there.url)
    there.fault("unauthorized")
    there.fault("reset", skip=1)
    report = there.upload({"case.tsv": cases(3), "visit.tsv": visits(3)}, commons=there.client())
    told = json.dumps(report.to_dict()) + str(report.events)
    report.journal.checkpoint()
    written = b"".join(path.read_bytes() for path in there.state.rglob("*") if path.is_file())
    secret = credentials["api_key"].rpartition(".")[2]
    for text in (secret, "eyJ"):
        assert text not in told
        assert text.encode() not in written


def test_without_values_nothing_of_the_data_is_kept(there: Lab) -> None:
    there.upload({"case.tsv": cases(2, text=f"{CANARY} of old")})
    table = cases(4, text=f"{CANARY} new", whole="1").replace("case\tC-3\tX", f"case\tC-3\tX{CANARY}")
    bad = visits(3) + f"visit\tV-9\tC-0\t{CANARY}\t1\n"
    there.fault("status:504")
    report = there.upload({"case.tsv": table, "visit.tsv": bad}, no_values=True, good_rows=True)
    assert report.counts["created"] >= 2
    report.journal.checkpoint()
    written = b"".join(
        path.read_bytes() for path in there.state.rglob("*") if path.is_file() and report.run_id in path.name
    )
    assert written
    assert CANARY.encode() not in written
    assert CANARY not in json.dumps(report.to_dict())


# Tokens


def test_tokens_that_live_two_seconds_are_renewed_in_time(tmp_path: Path) -> None:
    with lab(tmp_path, token_lifetime=2, request_delay=0.2) as there:
        report = there.upload({"case.tsv": cases(40)}, batch_size=5)
        assert there.agree(report) == {"created": 40}
        assert all(request.status == 200 for request in report.requests)


@pytest.mark.parametrize("wrong", [-600.0, 600.0])
def test_a_wrong_clock_does_not_matter(tmp_path: Path, wrong: float) -> None:
    with lab(tmp_path, token_lifetime=3, request_delay=0.1) as there:
        clock = Clock(now=lambda: time.time() + wrong)
        report = there.upload(
            {"case.tsv": cases(30)}, batch_size=5, commons=there.client(clock=clock), around=there.around(clock=clock)
        )
        assert there.agree(report) == {"created": 30}


def test_a_refused_token_is_renewed_once(there: Lab) -> None:
    there.fault("unauthorized", skip=1)
    report = there.upload({"case.tsv": cases(6)}, batch_size=2)
    assert there.agree(report) == {"created": 6}
    assert [request.status for request in report.requests] == [200, 401, 200, 200]


def test_a_revoked_key_stops_the_submission_cleanly(there: Lab) -> None:
    there.practice.faults.plan("expire-tokens@after", method="PUT", path="P/X")
    there.practice.faults.plan("revoked", method="POST", path="access_token", skip=1, times=-1)
    there.commons.authenticate()
    report = there.upload({"case.tsv": cases(6)}, batch_size=2)
    counts = there.agree(report)
    assert report.exit_code == 3
    assert counts["not-sent"] + counts.get("unknown", 0) >= 4
    there.practice.faults.clear()
    with pytest.raises(UnfinishedSubmission):
        there.upload()
    assert there.agree(there.resume(report.run_id)) == {"created": 6}


# Several at once, and none


def test_errors_in_the_check_stop_everything(there: Lab) -> None:
    report = there.upload({"case.tsv": cases(2), "visit.tsv": visits(2) + "visit\tV-9\tC-0\tnonsense\t1\n"})
    assert there.agree(report) == {"not-sent": 5}
    assert there.writes() == 0
    assert report.exit_code == 1
    assert not report.sent
    assert list(runs(there.state)) == []
    good = there.upload(good_rows=True)
    assert there.agree(good) == {"created": 4, "not-sent": 1}
    assert good.exit_code == 1


def test_a_dry_run_stores_nothing_and_tells_what_would_happen(there: Lab) -> None:
    from tests.submitting import specimens

    tables = {
        "case.tsv": cases(5),
        "visit.tsv": visits(9, of=5),
        "specimen.tsv": specimens(("S-1", ""), ("S-2", "S-1")),
    }
    report = there.upload(tables, dry_run=True)
    assert report.counts["not-sent"] == 16
    assert report.ok
    assert report.exit_code == 0
    assert there.stored("case") == {}
    assert {request.kind for request in report.requests} == {"dry-run"}
    assert list(runs(there.state)) == []


def test_a_dry_run_tells_what_the_commons_would_refuse(there: Lab) -> None:
    schema = there.practice.services.submissions.rules.schema("visit")
    original = schema.errors

    def errors(document):  # type: ignore[no-untyped-def]
        from gen3submit.rules.errors import EntityError

        bad = document.get("grade") == "high"
        return [*original(document), *([EntityError("too high", ("grade",), "INVALID_VALUE")] if bad else [])]

    schema.errors = errors  # type: ignore[method-assign]
    table = visits(3) + "visit\tV-9\tC-1\thigh\t1\n"
    report = there.upload({"case.tsv": cases(3), "visit.tsv": table}, dry_run=True)
    assert report.counts == {**report.counts, "not-sent": 6, "rejected": 1}
    (bad,) = [row for row in report.rows() if row.outcome == "rejected"]
    assert (bad.result.submitter_id, bad.server_message) == ("V-9", "too high")
    assert report.exit_code == 1
