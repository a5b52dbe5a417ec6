"""Every format tells the same of a result, and none lets a text of the data do harm."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from report_examples import (
    HOSTILE,
    Submission,
    clean,
    file_result,
    hostile,
    large,
    mistakes,
    nodes,
    plan,
    submission,
    view_of,
    written,
)

from gen3submit.errors import UsageProblem
from gen3submit.findings import CheckResult, Finding, Severity, Verdict
from gen3submit.messages.findings import WORDS
from gen3submit.report.formats import FORMATS, ReportOptions, format_for, write_file
from gen3submit.report.json import schema
from gen3submit.report.spreadsheets import harmless
from gen3submit.report.view import from_check

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


HERE = Path()

# JSON


def test_json_equals_the_result(tmp_path: Path) -> None:
    result = mistakes(HERE)
    assert json.loads(written("json", result)) == result.to_dict()


@pytest.mark.parametrize("text", HOSTILE)
def test_json_equals_the_result_whatever_it_holds(text: str) -> None:
    result = hostile(text)
    said = written("json", result)
    assert json.loads(said) == result.to_dict()
    assert said.isascii()


def test_json_keeps_its_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    for result in (mistakes(HERE), clean(HERE), submission(HERE), hostile("x")):
        validator.validate(json.loads(written("json", result)))
    broken = json.loads(written("json", submission(HERE)))
    broken["rows"][0]["outcome"] = "gone"
    assert not validator.is_valid(broken)


def test_json_of_a_submission_has_every_row_once_with_its_outcome() -> None:
    report = json.loads(written("json", submission(HERE)))
    assert [row["outcome"] for row in report["rows"]].count("created") == 2
    assert sum(report["summary"]["rows_by_outcome"].values()) == len(report["rows"]) == 9
    assert report["rows"][3]["server_message"] == "'Primary Tumour' is not one of ['Primary Tumor']"
    assert [request["name"] for request in report["requests"]] == ["run-1/1", "run-1/2", "run-1/3"]


def test_json_is_written_row_by_row() -> None:
    """What is written at once stays small, however many rows there are."""

    class Counting(io.StringIO):
        largest = 0

        def write(self, text: str) -> int:
            self.largest = max(self.largest, len(text))
            return super().write(text)

    small, big = Counting(), Counting()
    for stream, rows in ((small, 100), (big, 20_000)):
        FORMATS["json"].write(from_check(large(rows)), stream)
    assert len(big.getvalue()) > 50 * len(small.getvalue())
    assert big.largest < small.largest + 20


# Text


def test_text_reads_as_a_person_would_have_it() -> None:
    assert written("text", mistakes(HERE)) == (
        "error[value-not-allowed] sample.tsv:3  sample_type  (S-2)\n"
        "  `Primary Tumour` is not an allowed value of `sample_type`\n"
        "  expected  `Primary Tumor`, `Plasma`, `Saliva`, … 1 more\n"
        "  help      similar allowed value: `Primary Tumor`\n"
        "            same value on 2 rows: lines 3, 4\n"
        "\n"
        "error[type-unknown] sample.tsv:5  type  (S-4)\n"
        "  `samples` is no node type, so the server would drop the row without a word\n"
        "  help      similar node type: `sample`\n"
        "\n"
        "error[wrong-delimiter] broken.tsv:1\n"
        "  the header has commas and no tabs\n"
        "  help      save the file with tabs between the cells, or name it `.csv`\n"
        "\n"
        "error[parent-rejected] aliquot.tsv:2  samples.submitter_id  (A-1)\n"
        "  the `sample` `S-2` (sample.tsv:3) would not go in, so this row cannot\n"
        "  help      mend sample.tsv:3 first\n"
        "\n"
        "warning[space-trimmed] sample.tsv:6  sample_type  (S-5)\n"
        "  `Primary Tumor ` ends with white space; it would be stored as `Primary Tumor`\n"
        "  help      write `Primary Tumor`\n"
        "\n"
        "sample.tsv 5 rows, 3 bad, 1 warning · aliquot.tsv 2 rows, 1 bad · broken.tsv 1 row, refused · "
        "subject.tsv 2 rows ok\n"
        "5 problems (5 errors, 1 warning) in 10 rows, 4 files, 1.4 s\n"
        "5 would go in · 1 kept back · 3 would be rejected · 1 would be dropped = 10 rows\n"
        "5 of 10 rows would not go in, with 1 warning\n"
    )


def test_text_of_a_clean_check_is_short() -> None:
    assert written("text", clean(HERE)) == (
        "subject.tsv 2 rows ok\n"
        "no problems in 2 rows, 1 file\n"
        "2 would go in = 2 rows\n"
        "everything would go in: 2 rows of 1 file\n"
    )


def test_text_of_a_submission_ends_with_the_sum_and_what_to_do() -> None:
    assert written("text", submission(HERE)).splitlines()[-4:] == [
        "2 created · 1 updated · 1 unchanged · 2 rejected · 1 blocked · 1 not sent · 1 unknown = 9 rows",
        "5 of 9 rows are not confirmed",
        "  next      go on with `gen3submit resume run-1`; it asks the commons before it sends anything again",
        "            mend the rows listed under problems and submit the files again; confirmed rows stay as they are",
    ]


def test_text_shows_few_of_a_kind_and_counts_the_rest() -> None:
    said = written("text", large(100))
    assert said.count("error[value-not-allowed]") == 4
    assert "… and 3 more of value-not-allowed, on 3 rows of 1 file\n" in said
    assert written("text", large(100), most=None).count("error[value-not-allowed]") == 7
    assert written("text", large(100), most=2).count("error[value-not-allowed]") == 2


def test_text_names_the_other_reports() -> None:
    assert written("text", clean(HERE), report_paths=("a.html",)).endswith("\nreport: a.html\n")


def test_text_has_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[" in written("text", mistakes(HERE), color=True)
    assert "\x1b[" not in written("text", mistakes(HERE), color=False)
    assert "\x1b[" not in written("text", mistakes(HERE))


def test_text_wraps_under_its_label_where_there_is_a_width() -> None:
    lines = written("text", mistakes(HERE), width=60).splitlines()
    start = lines.index("  help      save the file with tabs between the cells, or")
    assert lines[start + 1] == "            name it `.csv`"


def test_concise_has_a_line_for_each_place() -> None:
    lines = written("concise", mistakes(HERE)).splitlines()
    assert lines[:2] == [
        f"sample.tsv:{line}: error[value-not-allowed] `Primary Tumour` is not an allowed value of `sample_type`"
        for line in (3, 4)
    ]
    assert len(lines) == 7


# TSV


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))


def test_tsv_has_the_rows_of_the_user_with_verdict_and_reasons() -> None:
    rows = table(written("tsv", mistakes(HERE)))
    assert [row["[verdict]"] for row in rows] == [
        "accept", "accept", "accept", "reject", "reject", "drop", "accept", "reject", "accept", "held",
    ]  # fmt: skip
    bad = rows[3]
    assert (bad["[file]"], bad["[line]"], bad["submitter_id"], bad["sample_type"]) == (
        "sample.tsv", "3", "S-2", "Primary Tumour",
    )  # fmt: skip
    assert bad["[reasons]"] == (
        "value-not-allowed: `Primary Tumour` is not an allowed value of `sample_type` "
        "(help: similar allowed value: `Primary Tumor`)"
    )
    assert bad["volume_ml"] == "-2", "a negative number is no formula"
    assert rows[6]["volume_ml"] == "'=1+1"
    assert rows[6]["sample_type"] == "Primary Tumor ", "cells are as the user wrote them"


def test_tsv_of_a_submission_has_ids_and_the_words_of_the_server() -> None:
    rows = table(written("tsv", submission(HERE)))
    assert (rows[0]["[verdict]"], rows[0]["[id]"], rows[0]["[request]"]) == ("unchanged", "0000-0", "run-1/3")
    assert rows[3]["[server]"] == "'Primary Tumour' is not one of ['Primary Tumor']"


def test_tsv_refuses_to_mix_a_verdict_with_other_rows() -> None:
    """A file that has changed since the check is not repeated: its lines are others."""
    result = mistakes(HERE)
    Path("sample.tsv").write_text("type\tsubmitter_id\nsample\tS-9\n")
    with pytest.raises(UsageProblem, match=r"sample\.tsv: the file has changed since it was checked"):
        written("tsv", result)


def test_tsv_keeps_cells_behind_the_last_column_and_columns_of_one_name() -> None:
    result = clean(HERE)
    Path("subject.tsv").write_text("type\tsex\tsex\nsubject\tfemale\tmale\textra\nsubject\tx\ty\n")
    digest = view_of(clean_again(result))
    header, first, second = written("tsv", digest).splitlines()
    assert header.split("\t")[4:] == ["type", "sex", "sex", "[further cells]"]
    assert first.split("\t")[4:] == ["subject", "female", "male", "extra"]
    assert second.split("\t")[4:] == ["subject", "x", "y", ""]


def clean_again(result: object) -> object:
    """The result with the hash that the file has now."""
    import hashlib

    [file] = result.files  # type: ignore[attr-defined]
    return replace(
        result,  # type: ignore[type-var]
        files=(replace(file, sha256=hashlib.sha256(Path(file.path).read_bytes()).hexdigest()),),
    )


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\\x0d=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("+1.5e-3", "+1.5e-3"),
        ("-", "'-"),
        ("a=b", "a=b"),
        ("", ""),
        ("\x1b[31m", "\\x1b[31m"),
        ("Müller", "Müller"),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_numbers(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


# JUnit


def test_junit_has_a_failure_for_each_error() -> None:
    root = ElementTree.fromstring(written("junit", mistakes(HERE)))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "4", "0")
    assert [suite.get("name") for suite in root.iter("testsuite")] == [
        "subject.tsv", "sample.tsv", "aliquot.tsv", "broken.tsv",
    ]  # fmt: skip
    for suite in root.iter("testsuite"):
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    case = root.find("testsuite[2]/testcase")
    assert case is not None
    assert (case.get("file"), case.get("line")) == ("sample.tsv", "3")
    failure = case.find("failure")
    assert failure is not None
    assert "help: similar allowed value: `Primary Tumor`" in (failure.text or "")


# SARIF


def test_sarif_has_the_structure_of_the_standard() -> None:
    log = json.loads(written("sarif", mistakes(HERE)))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) == 5
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        [location] = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] >= 1
    first = run["results"][0]
    assert first["occurrenceCount"] == 2
    assert [place["physicalLocation"]["region"]["startLine"] for place in first["relatedLocations"]] == [4]


def test_sarif_results_stay_the_same_when_rows_move() -> None:
    def prints(text: str) -> list[str]:
        return [result["partialFingerprints"]["problem/v1"] for result in json.loads(text)["runs"][0]["results"]]

    result = mistakes(HERE)
    moved = replace(result, files=tuple(replace(file, lines=[n + 5 for n in file.lines]) for file in result.files))
    assert prints(written("sarif", moved)) == prints(written("sarif", result))
    assert len(set(prints(written("sarif", result)))) == 5


def test_sarif_names_files_by_uri() -> None:
    result = hostile("a b/ä#?.tsv")
    log = json.loads(written("sarif", result))
    assert log["runs"][0]["artifacts"][0]["location"]["uri"] == "a%20b/%C3%A4%23%3F.tsv"
    absolute = json.loads(written("sarif", hostile("/tmp/x y.tsv")))
    assert absolute["runs"][0]["artifacts"][0]["location"]["uri"] == "file:///tmp/x%20y.tsv"


# GitHub


def test_github_annotates_the_first_place_of_each_problem() -> None:
    lines = written("github", mistakes(HERE)).splitlines()
    assert lines[0] == (
        "::error file=sample.tsv,line=3,title=value-not-allowed::`Primary Tumour` is not an allowed value of "
        "`sample_type` (similar allowed value: `Primary Tumor`); same value on 2 rows: lines 3, 4"
    )
    assert lines[-2] == "::error title=gen3submit check::5 of 10 rows would not go in, with 1 warning"


@pytest.mark.parametrize("text", HOSTILE)
def test_github_commands_cannot_be_forged(text: str) -> None:
    for line in written("github", hostile(text)).splitlines()[:-1]:
        command, _, rest = line.removeprefix("::").partition("::")
        assert re.fullmatch(
            r"(error|warning|notice)( file=[^,:]*(,line=\d+)?,title=[a-z-]+| title=[\w -]+)?", command
        ), line
        assert CONTROL.search(rest) is None


# All formats


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["text", "concise", "junit", "sarif", "github"])
def test_no_text_of_the_data_reaches_a_terminal_or_parser_raw(name: str, text: str) -> None:
    said = written(name, hostile(text))
    assert CONTROL.search(said) is None
    if name == "junit":
        ElementTree.fromstring(said)
    if name == "sarif":
        json.loads(said)


CANARY = "Canary-0815"
FACTS_OF_THE_DATA = (
    "similar", "example", "others", "by", "other", "parents", "parent", "stored", "items", "held", "given", "reason",
    "found", "alternatives",
)  # fmt: skip


def test_a_report_without_values_holds_nothing_of_the_data() -> None:
    """No value, submitter_id or word of the server, whatever the code, in any format."""
    findings = tuple(
        Finding(
            code,
            Severity.ERROR,
            "column",
            "property",
            CANARY,
            "sample",
            {name: [CANARY] for name in FACTS_OF_THE_DATA},
            "ERROR",
            ("property",),
            CANARY,
            CANARY,
        )
        for code in WORDS
    )
    Path("sample.tsv").write_text(f"type\tsubmitter_id\nsample\t{CANARY}\n")
    file = file_result(Path("sample.tsv"), ["sample"], [CANARY], verdict=Verdict.REJECT, row_findings={1: findings})
    check = CheckResult("DEV-test", (file,), (("sample",),))
    for result in (check, Submission(check, (("rejected", CANARY),))):
        for name in FORMATS:
            assert CANARY in written(name, result)
            assert CANARY not in written(name, result, no_values=True), name


def test_problems_without_values_are_folded_anew() -> None:
    said = written("text", view_of(large(100)).without_values())
    assert said.count("error[value-not-allowed]") == 1
    assert "same on 10 rows: lines 2, 12, 22, … 7 more" in said


def test_tsv_without_values_has_no_cells_of_the_user() -> None:
    header = written("tsv", view_of(mistakes(HERE)).without_values()).splitlines()[0]
    assert header == "[verdict]\t[reasons]\t[file]\t[line]"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("r.html", "html"),
        ("r.HTM", "html"),
        ("r.json", "json"),
        ("r.sarif", "sarif"),
        ("r.sarif.json", "sarif"),
        ("r.xml", "junit"),
        ("r.tsv", "tsv"),
        ("r.txt", "text"),
    ],
)
def test_the_ending_of_a_file_tells_its_format(path: str, name: str) -> None:
    assert format_for(path).name == name


def test_an_unknown_ending_is_told_with_those_that_are_known() -> None:
    with pytest.raises(UsageProblem, match=r"report\.pdf: the ending tells no format.*\.html"):
        format_for("report.pdf")


def test_a_file_is_replaced_only_by_a_complete_report(tmp_path: Path) -> None:
    view, target = view_of(mistakes(HERE)), tmp_path / "report.tsv"
    target.write_text("old")
    Path("aliquot.tsv").write_text("changed")
    with pytest.raises(UsageProblem):
        write_file(view, target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    write_file(view, tmp_path / "r.json", ReportOptions())
    assert json.loads((tmp_path / "r.json").read_text())["version"] == 1
    with pytest.raises(UsageProblem, match="cannot be written"):
        write_file(view, tmp_path / "no" / "r.json")


def test_the_view_knows_what_became_of_rows_by_node_type() -> None:
    view = view_of(mistakes(HERE))
    assert view.counts == {"accept": 5, "held": 1, "reject": 3, "drop": 1, "lost": 0}
    assert list(view.nodes) == ["subject", "sample", "aliquot", "", "samples"]
    assert view.nodes["sample"] == {"accept": 2, "reject": 2}
    assert view.edges == (("aliquot", "sample"), ("aliquot", "subject"), ("sample", "subject"))
    assert from_check(mistakes(HERE)).edges == ()
    assert set(nodes()) == {"subject", "sample", "aliquot"}


# Plans and submissions


def test_text_of_a_plan_lists_node_types_in_order_and_changes() -> None:
    assert written("text", plan(HERE)).splitlines() == [
        "   1  subject          2 rows   ~ 1 change   = 1 there already",
        "   2  sample           5 rows   + 3 new   ! 2 rejected",
        "   3  aliquot          2 rows   + 1 new   ! 1 blocked",
        "  ~ subject P-2 (subject.tsv:3) sex: `female` → `male`, race: nothing → `a`, `b`",
        "no problems in 9 rows, 3 files, 0.2 s",
        "4 to be created · 1 to be updated · 1 unchanged · 2 rejected · 1 blocked = 9 rows",
        "3 of 9 rows cannot be sent; nothing was sent",
        "  next      mend the rows listed under problems, the errors first; a warning alone stops nothing",
        "            then plan again, or send only the sound rows with `gen3submit submit --good-rows`",
    ]


def test_a_plan_shows_few_changes_unless_all_are_wanted() -> None:
    made = plan(HERE)
    many = replace(made, changed=made.changed * 9)
    assert "… and 4 more changed records" in written("text", many)
    assert written("text", many, most=None).count("~ subject") == 9


def test_what_to_do_after_a_run_depends_on_how_it_ended() -> None:
    made = submission(HERE)
    fine = tuple(("created", None) for _ in made.outcomes)
    ended = {
        "stopped": replace(made, stopped="the commons cannot be reached"),
        "refused": replace(made, sent=False, outcomes=tuple(("not-sent", None) for _ in made.outcomes)),
        "asked": replace(made, dry_run=True, ok=True, outcomes=tuple(("not-sent", None) for _ in made.outcomes)),
        "fine": replace(made, ok=True, outcomes=fine),
    }
    said = {name: written("text", result) for name, result in ended.items()}
    assert "stopped before the end: 5 of 9 rows are not confirmed\n" in said["stopped"]
    assert "why it stopped: the commons cannot be reached" in said["stopped"]
    assert "go on with `gen3submit resume run-1`" in said["stopped"]
    assert "nothing was sent: the check found errors in 0 rows of 0 files\n" in said["refused"]
    assert "resume" not in said["refused"]
    assert "the commons would take every row: 9 rows; nothing was stored\n" in said["asked"]
    assert "error[" not in said["asked"]
    assert "every row is confirmed: 9 rows of 3 files\n" in said["fine"]
    assert "resume" not in said["fine"]


def test_a_dry_run_keeps_its_outcomes_in_json() -> None:
    """That a row would be taken is told to people; the data says that it was not sent."""
    asked = replace(submission(HERE), dry_run=True, outcomes=(("not-sent", None),) * 9)
    report = json.loads(written("json", asked))
    assert report["summary"]["rows_by_outcome"]["not-sent"] == 9
    assert {row["outcome"] for row in report["rows"]} == {"not-sent"}


def test_changed_values_are_left_out_with_the_others() -> None:
    made = plan(HERE)
    for name in ("text", "html"):
        assert "female" in written(name, made)
        said = written(name, made, no_values=True)
        assert "female" not in said
        assert "P-2" not in said
