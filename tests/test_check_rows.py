"""Rows together: children of rows that fail, the same record twice, types that lead to each other, places in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from clinic import CASES, checked, of_files, of_rows, the_finding, verdicts

from gen3submit.findings import CheckResult, Verdict

VISIT = "type\tsubmitter_id\tcases.submitter_id\tgrade\n"
NAMED = "type\tsubmitter_id\tprojects.code\n"
SAMPLE = "type\tsubmitter_id\tvisits.submitter_id\n"
SPECIMEN = "type\tsubmitter_id\tspecimens.submitter_id\n"


def codes(result: CheckResult) -> list[tuple[str, int, str]]:
    """(file, line, code) of every finding of a row."""
    return [(Path(row.path).stem, row.line, f.code) for row in result.rows() for f in row.findings]


# Children of rows that do not go in


def test_a_rejected_row_takes_its_descendants_with_it_and_nobody_else(tmp_path: Path) -> None:
    tables = {
        "a.tsv": "type\tsubmitter_id\tprojects.code\twhole\ncase\tA\tX\tone\ncase\tB\tX\t1\n",
        "b.tsv": f"{VISIT}visit\tV\tA\tlow\nvisit\tW\tB\tlow\n",
        "c.tsv": f"{SAMPLE}sample\tS\tV\nsample\tT\tW\n",
    }
    result = checked(tmp_path, tables, existing=[])
    assert codes(result) == [("a", 2, "wrong-type"), ("b", 2, "parent-rejected"), ("c", 2, "parent-rejected")]
    parents = [f.facts["line"] for row in result.rows() for f in row.findings if f.code == "parent-rejected"]
    assert parents == [2, 2]
    assert verdicts(result) == ["reject"] * 3 + ["reject", "accept"] * 3


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("type\tsubmitter_id\tproject.code\ncase\tA\tX\n", "unknown-link"),
        (f"{NAMED}case\tA\tX\t\tx\n", "row-too-long"),
        (f"{NAMED}case\tA\tX\ncase\ta\tX\n", "duplicate-letter-case"),
        (f"{NAMED}case\tA\tX\ncase\tA\tY\n", "duplicate-submitter-id"),
    ],
)
def test_a_row_that_is_kept_back_for_whatever_reason_keeps_its_children_back(
    tmp_path: Path, cases: str, code: str
) -> None:
    result = checked(tmp_path, {"a.tsv": cases, "b.tsv": f"{VISIT}visit\tV\tA\tlow\n"}, existing=[])
    found = {(name, found_code) for name, _, found_code in codes(result)}
    assert ("a", code) in found
    assert ("b", "parent-rejected") in found


def test_a_child_of_a_row_of_an_unknown_type_has_no_parent(tmp_path: Path) -> None:
    tables = {"a.tsv": f"{NAMED}cases\tA\tX\ncase\tB\tX\n", "b.tsv": f"{VISIT}visit\tV\tA\tlow\n"}
    assert codes(checked(tmp_path, tables, existing=[])) == [("a", 2, "type-unknown"), ("b", 2, "parent-missing")]


def test_a_bad_update_of_a_record_that_is_there_does_not_orphan_its_children(tmp_path: Path) -> None:
    tables = {
        "a.tsv": "type\tsubmitter_id\tprojects.code\twhole\ncase\tC-1\tX\tone\n",
        "b.tsv": f"{VISIT}visit\tV\tC-1\tlow\n",
    }
    assert codes(checked(tmp_path, tables)) == [("a", 2, "wrong-type")]


def test_an_error_of_its_own_is_said_of_a_row_whose_parent_fails_too(tmp_path: Path) -> None:
    tables = {
        "a.tsv": "type\tsubmitter_id\tprojects.code\twhole\ncase\tA\tX\tone\n",
        "b.tsv": f"{VISIT}visit\tV\tA\tLow\n",
    }
    assert codes(checked(tmp_path, tables, existing=[])) == [("a", 2, "wrong-type"), ("b", 2, "value-not-allowed")]


def test_the_nearest_ids_are_named_for_a_parent_that_is_missing(tmp_path: Path) -> None:
    result = checked(tmp_path, f"{VISIT}visit\tV\tC-l\tlow\n")
    assert the_finding(result, "parent-missing").facts["similar"] == ["C-1"]


# The same record twice


def test_the_same_row_in_two_files_is_no_mistake(tmp_path: Path) -> None:
    result = checked(tmp_path, {"a.tsv": f"{NAMED}case\tA\tX\n", "b.tsv": f"{NAMED}case\tA\tX\ncase\tB\tX\n"})
    assert result.ok
    assert codes(result) == []


def test_another_row_of_the_same_name_in_a_second_file_is_one(tmp_path: Path) -> None:
    tables = {
        "a.tsv": "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\t1\ncase\tB\tX\t1\n",
        "b.tsv": "type\tsubmitter_id\tprojects.code\ttext\ncase\tB\tX\t1\ncase\ta\tX\t1\n",
    }
    result = checked(tmp_path, tables)
    assert codes(result) == [("b", 3, "duplicate-across-files")]
    facts = the_finding(result, "duplicate-across-files").facts
    assert (Path(facts["path"]).name, facts["line"]) == ("a.tsv", 2)
    assert [row.has_errors for row in result.rows()] == [False, False, False, True]


def test_one_name_for_records_of_two_types_fails_in_one_file_and_works_in_two(tmp_path: Path) -> None:
    together = checked(tmp_path, f"{NAMED}case\tA\tX\nperson\tA\tX\n")
    assert [code for _, code, _, _ in of_rows(together)] == ["duplicate-submitter-id"] * 2
    assert [finding.facts["identical"] for row in together.rows() for finding in row.findings] == [False, False]
    apart = checked(tmp_path, {"a.tsv": f"{NAMED}case\tA\tX\n", "b.tsv": f"{NAMED}person\tA\tX\n"})
    assert apart.ok


def test_repetitions_name_each_other(tmp_path: Path) -> None:
    table = "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\t1\ncase\tA\tX\t2\ncase\tA\tX\t3\n"
    result = checked(tmp_path, table)
    assert [f.facts["others"] for row in result.rows() for f in row.findings] == [[3, 4], [2, 4], [2, 3]]


# Types that lead to themselves or to each other


def test_rows_may_name_parents_of_their_own_type_in_any_order(tmp_path: Path) -> None:
    result = checked(tmp_path, f"{SPECIMEN}specimen\tS-3\tS-2\nspecimen\tS-1\t\nspecimen\tS-2\tS-1\n", existing=[])
    assert result.ok
    assert codes(result) == []


def test_they_may_stand_in_several_files(tmp_path: Path) -> None:
    tables = {
        "a.tsv": f"{SPECIMEN}specimen\tS-2\tS-1\nspecimen\tS-4\tS-9\n",
        "b.tsv": f"{SPECIMEN}specimen\tS-1\t\nspecimen\tS-2\tS-1\n",
    }
    result = checked(tmp_path, tables, existing=[])
    assert codes(result) == [("a", 3, "parent-missing")]
    assert [str(file.verdict) for file in result.files] == ["reject", "accept"]


def test_two_types_that_lead_to_each_other_are_judged_together(tmp_path: Path) -> None:
    tables = {
        "left.tsv": "type\tsubmitter_id\trights.submitter_id\nleft\tA\tB\nleft\tC\tA\nleft\tSAME\t\n",
        "right.tsv": "type\tsubmitter_id\tlefts.submitter_id\nright\tB\tA\nright\tSAME\tSAME\n",
    }
    result = checked(tmp_path, tables, existing=[])
    assert codes(result) == [("left", 3, "parent-missing")]
    assert [str(file.verdict) for file in result.files] == ["reject", "accept"]


def test_a_chain_of_rows_of_one_type_falls_with_its_first_row(tmp_path: Path) -> None:
    table = f"{SPECIMEN}specimen\tS-3\tS-2\nspecimen\tS-2\tS-1\nspecimen\tS-1\tS-0\nspecimen\tT\t\n"
    result = checked(tmp_path, table, existing=[])
    assert codes(result) == [
        ("table", 2, "parent-rejected"),
        ("table", 3, "parent-rejected"),
        ("table", 4, "parent-missing"),
    ]


# Files that fail as a whole


def test_rows_without_a_mistake_are_judged_as_if_sent_alone(tmp_path: Path) -> None:
    """A file that would be lost or refused for some rows does not hide what the others are."""
    table = f"{NAMED}case\tA\tX\ncase\ta\tX\ncase\tB\tX\n"
    result = checked(tmp_path, {"a.tsv": table, "b.tsv": f"{VISIT}visit\tV\tB\tlow\n"}, existing=[])
    assert [row.has_errors for row in result.rows()] == [True, True, False, False]
    assert [str(row.verdict) for row in result.rows()] == ["lost", "lost", "lost", "accept"]
    assert [str(file.verdict) for file in result.files] == ["lost", "accept"]


def test_a_mistake_that_another_one_hides_is_told_too(tmp_path: Path) -> None:
    """The server would stop at the schema; the parent is looked up all the same, without the server's words."""
    table = f"{VISIT}visit\tV\tC-1\tLow\nvisit\tW\tC-9\tlow\n"
    result = checked(tmp_path, table)
    assert of_rows(result) == [
        (2, "value-not-allowed", "grade", "Low"),
        (3, "parent-missing", "cases.submitter_id", "C-9"),
    ]
    broken = checked(
        tmp_path,
        "type\tsubmitter_id\tcases.submitter_id\tgrade\tnumber\nvisit\tV\tC-1\tlow\tNaN\nvisit\tW\tC-9\tlow\t1\n",
    )
    assert of_rows(broken) == [
        (2, "value-breaks-transaction", "number", "NaN"),
        (3, "parent-missing", "cases.submitter_id", "C-9"),
    ]
    hidden = the_finding(broken, "parent-missing")
    assert (hidden.server_type, hidden.keys, hidden.server_message) == (None, None, None)


def test_nul_characters_outside_the_records_fail_the_file_that_has_them(tmp_path: Path) -> None:
    tables = {"a.tsv": f"{NAMED}case\tA\tX\nfoo\0\tB\tX\n", "b.tsv": f"{NAMED}case\tB\tX\n"}
    result = checked(tmp_path, tables)
    assert [str(file.verdict) for file in result.files] == ["reject", "accept"]
    assert of_files(result) == [(None, "nul-in-file")]


# Places


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\r\n"])
def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path, end: str) -> None:
    table = end.join(["type\tsubmitter_id\tprojects.code", "case\tA\tX", "foo\tB\tX", "case\tC\tX", ""])
    step = len(f"x{end}".splitlines())
    result = checked(tmp_path, table)
    assert [row.line for row in result.rows()] == [1 + step, 1 + 2 * step, 1 + 3 * step]


def test_lines_that_a_cell_takes_are_counted(tmp_path: Path) -> None:
    table = f'\n\n{NAMED[:-1]}\ttext\ncase\tA\tX\t"one\ntwo\r\nthree"\n\ncase\tB\tX\tn\u2028ext\nfoo\tC\tX\t\n'
    result = checked(tmp_path, table)
    assert [(row.line, row.submitter_id) for row in result.rows()] == [(4, "A"), (8, "B"), (8, None), (9, "C")]


def test_a_separator_behind_which_nothing_stands_cuts_nothing(tmp_path: Path) -> None:
    assert checked(tmp_path, f"{NAMED[:-1]}\ttext\ncase\tA\tX\ta\u2028\ncase\tB\tX\tb\x0c").ok


def test_a_header_that_is_cut_is_told_at_its_line(tmp_path: Path) -> None:
    result = checked(tmp_path, "type\tsubmitter_id\tprojects.code\x0b\ttext\ncase\tA\tX\ta\n")
    assert (1, "row-cut", None, None) in of_rows(result)


def test_a_cell_with_line_breaks_on_purpose_swallows_nothing(tmp_path: Path) -> None:
    tables = {
        "a.tsv": f'{NAMED[:-1]}\ttext\ncase\tA\tX\t"first, case\nsecond"\ncase\tB\tX\t\n',
        "b.csv": 'type,submitter_id,projects.code,text\ncase,C,X,"well, yes\nand, no"\ncase,D,X,x\n',
    }
    result = checked(tmp_path, tables)
    assert codes(result) == [("a", 2, "line-break-in-cell"), ("b", 2, "line-break-in-cell")]


def test_a_row_swallowed_by_a_csv_cell_is_known_by_its_type(tmp_path: Path) -> None:
    table = 'type,submitter_id,projects.code,text\ncase,A,X,"open\ncase,B,X,next\ncase,C,X,"'
    result = checked(tmp_path, {"a.csv": table})
    facts = the_finding(result, "quote-swallows-rows").facts
    assert (facts["first_line"], facts["last_line"], facts["lines"]) == (2, 4, 2)


def test_a_quote_that_opens_near_the_top_of_a_long_file_is_told_where_it_opens(tmp_path: Path) -> None:
    rows = "".join(f"case\tA-{number}\tX\t{'x' * 60}\n" for number in range(2_500))
    result = checked(tmp_path, f'{NAMED[:-1]}\ttext\ncase\tA\tX\t\ncase\tB\tX\t"open\n{rows}')
    assert of_files(result) == [(3, "cell-too-long")]
    assert result.files[0].verdict is Verdict.REFUSE


def test_several_kinds_of_delimiter_are_recognised(tmp_path: Path) -> None:
    for name, table, found, expected in [
        ("a.tsv", CASES.replace("\t", ","), "commas", "tabs"),
        ("a.tsv", CASES.replace("\t", ";"), "semicolons", "tabs"),
        ("a.tsv", CASES.replace("\t", "  "), "spaces", "tabs"),
        ("a.csv", CASES, "tabs", "commas"),
        ("a.tsv", 'submitter_id,"type"\nA,case\n', "commas", "tabs"),
    ]:
        facts = the_finding(checked(tmp_path, {name: table}), "wrong-delimiter").facts
        assert (facts["found"], facts["expected"]) == (found, expected)
