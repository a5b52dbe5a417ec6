"""What a plan says of the commons: new, changed (and how), or there already; and that it changes nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gen3submit.checking import check
from gen3submit.journal.run import Choices
from gen3submit.planning import Plan, plan
from gen3submit.planning import held as held_module
from gen3submit.planning.comparing import Change, changes, same
from gen3submit.planning.encoding import canonical
from gen3submit.submit import prepare
from tests.clinic import clinic
from tests.submitting import PROJECT, Lab, cases, lab, outcomes, visits


@pytest.fixture(params=["rows", "columns"])
def there(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Records are compared row by row, as in small submissions; and column by column, as in bigger ones."""
    if request.param == "columns":
        monkeypatch.setattr("gen3submit.planning.recognising.LEAST_BYTES", 0)
        monkeypatch.setattr("gen3submit.planning.contents.LEAST_BYTES", 0)
    with lab(tmp_path) as made:
        yield made


def planned(there: Lab, tables: dict[str, str], **options: Any) -> Plan:
    folder = there.write(tables)
    result = check(folder, dictionary=clinic(), project=PROJECT, existing=there.commons)
    return plan(result, folder, clinic(), there.commons, **options)


def test_new_changed_and_unchanged_rows_are_told_apart(there: Lab) -> None:
    there.upload({"case.tsv": cases(3, text="old")})
    rows = "case\tC-0\tX\told\ncase\tC-1\tX\tnew\ncase\tC-9\tX\told\n"
    with planned(there, {"case.tsv": "type\tsubmitter_id\tprojects.code\ttext\n" + rows}) as made:
        assert {row.result.submitter_id: row.outcome for row in made.rows()} == {
            "C-0": "unchanged",
            "C-1": "update",
            "C-9": "create",
        }
        (change,) = made.changes()
        assert (change.submitter_id, change.line, change.changes) == ("C-1", 3, (Change("text", "old", "new"),))
        assert change.id == there.stored("case")["C-1"]["id"]
        assert made.commons == there.url


def test_planning_and_checking_write_nothing_to_the_commons(there: Lab) -> None:
    there.upload({"case.tsv": cases(3)})
    before = there.writes()
    log = there.practice.services.log.entries("1", ())
    with planned(there, {"case.tsv": cases(5), "visit.tsv": visits(3)}) as made:
        made.to_dict()
    assert there.writes() == before
    assert there.practice.services.log.entries("1", ()) == log
    asked = {(seen.method, seen.path.rpartition("/")[2]) for seen in there.practice.faults.seen}
    assert asked <= {("GET", "export"), ("POST", "graphql"), ("PUT", "X"), ("POST", "access_token")}


def test_a_second_run_sends_nothing(there: Lab) -> None:
    tables = {"case.tsv": cases(5, text="x"), "visit.tsv": visits(9, of=5)}
    there.upload(tables)
    writes = there.writes()
    report = there.upload(tables)
    assert there.agree(report) == {"unchanged": 14}
    assert there.writes() == writes
    assert report.ok
    assert all(row.id for row in report.rows())


def test_unchanged_rows_are_sent_on_demand(there: Lab) -> None:
    there.upload({"case.tsv": cases(3)})
    report = there.upload({"case.tsv": cases(3)}, resend_unchanged=True)
    assert there.agree(report) == {"updated": 3}


def test_every_kind_of_value_compares_as_the_commons_keeps_it(there: Lab) -> None:
    """Numbers through doubles, arrays, booleans, dates, spaces, null: sent once, then unchanged."""
    columns = ["text", "whole", "number", "flag", "moment", "names", "counts", "flags", "either", "colour"]
    rows = [
        ["007", "007", "1.50", "TRUE", "2024-01-01T00:00:00Z", "a, b ,,c", "1.9,2", "yes,nope", "unknown", "red"],
        [" padded ", "1_000", "5.0", "false", "", "x", "+3", "", "", ""],
        ["null", "", "123456789012345678", "", "", "", "", "", "", "blue"],
        ["1e5", "-0", "-0.0", "", "", "NA,None", "", "t", "", ""],
        ['"quoted ""text"""', "1", "1_000.5", "", "", "é,😀", "", "", "", ""],
    ]
    table = "\t".join(["type", "submitter_id", "cases.submitter_id", "grade", *columns]) + "\n"
    for number, row in enumerate(rows):
        table += "\t".join(["visit", f"V-{number}", "C-0", "low", *row]) + "\n"
    first = there.upload({"case.tsv": cases(1), "visit.tsv": table})
    assert there.agree(first) == {"created": 6}
    again = there.upload()
    assert there.agree(again) == {"unchanged": 6}


def test_links_only_add_up(there: Lab) -> None:
    study = "type\tsubmitter_id\tcases.submitter_id\nstudy\tST\t{}\n"
    there.upload({"case.tsv": cases(3), "study.tsv": study.format("C-0,C-1")})
    for cell in ("C-1", "C-0,C-1", "c-0", ""):
        with planned(there, {"study.tsv": study.format(cell)}) as made:
            assert made.counts["unchanged"] == 4, cell
    with planned(there, {"study.tsv": study.format("C-2")}) as made:
        (change,) = made.changes()
        assert change.changes == (Change("cases", ["C-0", "C-1"], ["C-0", "C-1", "C-2"]),)


def test_a_column_left_out_keeps_and_an_empty_cell_clears(there: Lab) -> None:
    there.upload({"case.tsv": cases(2, text="x", whole="1")})
    with planned(there, {"case.tsv": cases(2)}) as made:
        assert made.counts["unchanged"] == 2
    table = "type\tsubmitter_id\ttext\tprojects.code\n" + "".join(f"case\tC-{n}\t\tX\n" for n in range(2))
    with planned(there, {"case.tsv": table}) as made:
        assert {change.changes for change in made.changes()} == {(Change("text", "x", None),)}


def test_a_submitter_id_in_another_letter_case_is_a_change_of_the_same_record(there: Lab) -> None:
    there.upload({"case.tsv": cases(1)})
    with planned(there, {"case.tsv": cases(1).replace("C-0", "c-0")}) as made:
        (change,) = made.changes()
        assert change.changes == (Change("submitter_id", "C-0", "c-0"),)


def test_what_the_server_sets_itself_is_not_compared(there: Lab) -> None:
    there.upload({"case.tsv": cases(1)})
    record = there.stored("case")["C-0"]
    table = (
        "type\tsubmitter_id\tid\tstate\tcreated_datetime\tupdated_datetime\tproject_id\tprojects.code\n"
        f"case\tC-0\t{record['id']}\treleased\t2020-01-01T00:00:00Z\t2020-01-01T00:00:00Z\tP-X\tX\n"
    )
    with planned(there, {"case.tsv": table}) as made:
        assert made.counts["unchanged"] == 1


def test_a_type_that_links_to_itself_compares_too(there: Lab) -> None:
    from tests.submitting import specimens

    tables = {"specimen.tsv": specimens(("S-1", ""), ("S-2", "S-1"))}
    there.upload(tables)
    assert there.agree(there.upload(tables)) == {"unchanged": 2}


def test_of_a_large_node_only_the_wanted_records_are_read(there: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    there.upload({"case.tsv": cases(60, text="x")})
    monkeypatch.setattr(held_module, "LARGE", 50)
    there.practice.faults.seen.clear()
    folder = there.write({"case.tsv": cases(2, text="y")})
    result = check(folder, dictionary=clinic(), project=PROJECT, existing=[])
    with plan(result, folder, clinic(), there.commons) as made:
        assert made.counts["update"] == 2
    asked = [seen.path for seen in there.practice.faults.seen]
    assert sum(path.endswith("graphql") for path in asked) >= 2
    assert sum(path.endswith("export") for path in asked) == 1


def test_who_may_not_read_sends_everything_and_is_told(there: Lab) -> None:
    there.upload({"case.tsv": cases(2)})
    there.practice.faults.plan("forbidden", method="GET", path="export", times=-1)
    report = there.upload({"case.tsv": cases(2)})
    assert there.agree(report) == {"updated": 2}
    assert any("cannot be read with these rights" in said for _, said in report.events)


def test_values_are_the_same_for_the_commons_as_for_us() -> None:
    assert same(5, 5.0)
    assert same([1, 2.0], [1.0, 2])
    assert not same(True, 1)
    assert not same(0, False)
    assert same(None, None)
    assert not same(None, "")
    assert not same("5", 5)
    assert not same([1], [1, 1])
    assert same(10**400, 10**400)


def test_parents_by_id_are_those_by_name() -> None:
    node = clinic()["visit"]
    held = {"submitter_id": "V", "cases": [{"node_id": "11", "submitter_id": "C"}]}
    assert changes({"type": "visit", "cases": [{"id": "11"}]}, held, node) == ()
    assert changes({"type": "visit", "cases": [{"submitter_id": "c"}]}, held, node) == ()
    assert changes({"type": "visit", "cases": None}, held, node) == (Change("cases", ["C"], None),)
    assert changes({"type": "visit", "cases": [{"id": "12"}]}, held, node) == (Change("cases", ["C"], ["C", "12"]),)


def test_a_digest_tells_records_apart_whatever_their_order() -> None:
    one = {"id": "1", "text": "x", "cases": [{"node_id": "a"}, {"node_id": "b"}], "updated_datetime": "now"}
    two = {"cases": [{"node_id": "b"}, {"node_id": "a"}], "text": "x", "id": "1", "whole": None}
    assert canonical(one) == canonical(two)
    assert canonical(one) != canonical({**one, "text": "y"})


def test_without_values_a_plan_names_the_properties_only(there: Lab) -> None:
    there.upload({"case.tsv": cases(1, text="old secret")})
    report = there.upload({"case.tsv": cases(1, text="new secret")}, no_values=True)
    assert there.agree(report) == {"updated": 1}
    (change,) = report.changes()
    assert change.changes == (Change("text", None, None),)
    assert b"secret" not in report.journal.path.read_bytes()
    assert outcomes(report) == {"C-0": "updated"}


RAW = (
    "type\tsubmitter_id\tcases.submitter_id\tmd5sum\tfile_size\turls\n"
    f"raw_file\tF-1\tC-0\t{'a' * 32}\t10\t{{}}\nraw_file\tF-2\tC-0\t{'b' * 32}\t11\ts3://bucket/f2\n"
)


def test_the_addresses_of_data_files_are_compared_with_the_index(there: Lab) -> None:
    """The record does not hold them, so a changed one would otherwise be lost."""
    tables = {"case.tsv": cases(1), "raw.tsv": RAW.format("s3://bucket/f1")}
    assert there.agree(there.upload(tables)) == {"created": 3}
    assert there.agree(there.upload(tables)) == {"unchanged": 3}
    changed = {"raw.tsv": RAW.format("s3://other/f1,https://other/f1")}
    with planned(there, changed) as made:
        (change,) = made.changes()
        assert change.submitter_id == "F-1"
        assert change.changes == (Change("urls", ["s3://bucket/f1"], ["s3://other/f1", "https://other/f1"]),)
    assert there.agree(there.upload(changed)) == {"unchanged": 2, "updated": 1}
    assert there.agree(there.upload(changed)) == {"unchanged": 3}


def test_records_of_types_that_are_surely_not_there_are_not_read(there: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    original = type(there.commons).export

    def export(self, project, node, **more):  # type: ignore[no-untyped-def]
        asked.append(node)
        return original(self, project, node, **more)

    monkeypatch.setattr(type(there.commons), "export", export)
    tables = {"case.tsv": cases(3), "visit.tsv": visits(3)}
    assert there.agree(there.upload(tables)) == {"created": 6}
    assert asked == []
    assert there.agree(there.upload(tables)) == {"unchanged": 6}
    assert sorted(asked) == ["case", "visit"]


def test_a_project_that_looks_empty_is_read_where_its_log_cannot_be_seen(
    there: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.upload({"case.tsv": cases(3)})
    monkeypatch.setattr(type(there.commons), "record_counts", lambda *_: {})
    monkeypatch.setattr(type(there.commons), "record_count", lambda *_: 0)
    report = there.upload({"case.tsv": cases(3, text="new")})
    assert there.agree(report) == {"updated": 3}


def test_preparing_tells_what_check_and_plan_tell(there: Lab) -> None:
    there.upload({"case.tsv": cases(3, text="old")})
    rows = "case\tC-0\tX\told\ncase\tC-1\tX\tnew\ncase\tC-9\tX\told\n"
    tables = {"case.tsv": "type\tsubmitter_id\tprojects.code\ttext\n" + rows, "visit.tsv": visits(3, of=2)}
    quick = prepare(there.write(tables), project=PROJECT, commons=there.commons, dictionary=clinic())
    with quick, planned(there, tables) as slow:
        told = [[(row.result.submitter_id, row.outcome, row.id) for row in made.rows()] for made in (quick, slow)]
        assert told[0] == told[1]
        assert [each.changes for each in quick.changes()] == [each.changes for each in slow.changes()]
        assert quick.exit_code == slow.exit_code


def test_a_plan_of_errors_compares_nothing_and_names_the_commons(there: Lab) -> None:
    tables = {"visit.tsv": visits(3, grade="nonsense")}
    with prepare(there.write(tables), project=PROJECT, commons=there.commons, dictionary=clinic()) as made:
        assert made.journal.run.endpoint == there.commons.endpoint
        assert made.journal.run.compared is None
        assert made.exit_code == 1


def test_a_row_is_checked_with_the_parents_that_its_record_has(there: Lab) -> None:
    """Although the parents themselves are unchanged, and so need no look."""
    there.upload({"case.tsv": cases(3), "visit.tsv": visits(3)})
    rows = "visit\tV-0\t\tlow\t7\nvisit\tV-1\tC-2\tlow\t1\nvisit\tV-2\tC-2\tlow\t2\n"
    tables = {
        "case.tsv": cases(3),
        "visit.tsv": "type\tsubmitter_id\tcases.submitter_id\tgrade\twhole\n" + rows,
    }
    folder = there.write(tables)
    with prepare(
        folder, project=PROJECT, commons=there.commons, dictionary=clinic(), choices=Choices(good_rows=True)
    ) as made:
        told = {row.result.submitter_id: (row.outcome, {f.code for f in row.result.findings}) for row in made.rows()}
    assert told == {
        "C-0": ("unchanged", set()),
        "C-1": ("unchanged", set()),
        "C-2": ("unchanged", set()),
        "V-0": ("update", {"link-kept"}),
        "V-1": ("rejected", {"too-many-parents"}),
        "V-2": ("unchanged", set()),
    }


def test_rows_that_repeat_each_other_are_checked_with_their_record(there: Lab) -> None:
    there.upload({"case.tsv": cases(2)})
    folder = there.write({"case.tsv": cases(2) + "case\tC-0\tX\n"})
    result = check(folder, dictionary=clinic(), project=PROJECT, existing=there.commons)
    with prepare(folder, project=PROJECT, commons=there.commons, dictionary=clinic()) as made:
        assert [(row.result.verdict, row.result.findings) for row in made.rows()] == [
            (row.verdict, row.findings) for row in result.rows()
        ]


def test_a_parent_may_have_one_child_only_in_the_commons_too(there: Lab) -> None:
    header = "type\tsubmitter_id\tcases.submitter_id\n"
    there.upload({"case.tsv": cases(2), "demographic.tsv": f"{header}demographic\tD-0\tC-0\n"})
    (there.folder / "data" / "demographic.tsv").unlink()
    tables = {"case.tsv": cases(2), "more.tsv": f"{header}demographic\tD-1\tC-0\ndemographic\tD-2\tC-1\n"}
    with prepare(
        there.write(tables),
        project=PROJECT,
        commons=there.commons,
        dictionary=clinic(),
        choices=Choices(good_rows=True),
    ) as made:
        told = {row.result.submitter_id: row.outcome for row in made.rows()}
    assert told == {"C-0": "unchanged", "C-1": "unchanged", "D-1": "rejected", "D-2": "create"}
