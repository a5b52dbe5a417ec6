"""The checker and the commons never disagree: a record that one accepts the other accepts, as a table and as JSON."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from clinic import PROJECT, VALUES, clinic
from hypothesis import given, settings
from hypothesis import strategies as st

from gen3submit import CheckResult, check
from gen3submit.checking.structure import is_blank
from gen3submit.findings import RowResult, Severity, Verdict
from gen3submit.rules.documents import TableReader
from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.store import Record, Store
from gen3submit.rules.submission import Answer, Submissions
from gen3submit.rules.transaction import Ending
from gen3submit.sandbox.storage import SqliteStore

CASES = "type\tsubmitter_id\tprojects.code\ncase\tC-1\tX\ncase\tC-2\tX\n"
THERE = "type\tsubmitter_id\tcases.submitter_id\tgrade\ttext\nvisit\tV-1\tC-1\tlow\told\nvisit\tV-2\tC-2\tlow\told\n"

GOOD = {
    "text": ["x", "two words", "NA"],
    "whole": ["5", "-1"],
    "number": ["5", "2.5", "1e3"],
    "flag": ["true", "FALSE"],
    "code": ["AB1"],
    "percent": ["0", "99.9"],
    "moment": ["2024-05-17T09:30:00Z"],
    "names": ["a", "a,b"],
    "counts": ["1", "1,2"],
    "flags": ["true,no"],
    "signs": ["cough", "cough,fever"],
    "either": ["unknown"],
    "colour": ["red", "blue"],
    "short": ["12345"],
    "few": ["a,b"],
    "state": ["validated"],
    "project_id": ["P-X"],
}
# fmt: off
ODD = [
    "", " ", "null", "None", "NaN", "1e999", "1.5", "007", "1_0", "yes", ",", "a,,b", "\u00a0x", "\x00", "\u200b",
    "x" * 40, "9" * 20, '"', '"open', '"shut"', "a\u2028b", "a\x0cb", "Low", "2024-05-17", "[1]", "1;2", "#", "-",
]
# fmt: on
HEADERS = ["submitter_id", "cases.submitter_id", "grade"]
EXTRA = [
    "nosuch",
    "",
    "cases",
    "cases.id",
    "cases.text",
    "foo.submitter_id",
    "foo.",
    ".x",
    "urls",
    "*text",
    " whole",
    "text",
]


def mostly(good: list[str], odd: list[str] = ODD) -> st.SearchStrategy[str]:
    """Mostly good cells, so that many tables go through."""
    return st.integers(0, 19).flatmap(lambda n: st.sampled_from(odd if n == 0 else good))


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of visits, with a mistake here and there."""
    optional = draw(st.lists(st.sampled_from(sorted(GOOD)), max_size=4, unique=True))
    header = ["type", *HEADERS, *optional]
    if draw(st.integers(0, 5)) == 0:
        header.append(draw(st.sampled_from(EXTRA)))
    if draw(st.integers(0, 9)) == 0:
        header = draw(st.permutations(header))
    if draw(st.integers(0, 9)) == 0:
        header.remove(draw(st.sampled_from(header)))
    cells = {
        "type": mostly(["visit"], ["", "Visit", "visits", "case", "program", "visit\u200b", "#"]),
        "submitter_id": mostly(["V-1", "V-2", "V-3", "V-4", "V-5", "V-6"], ["v-1", "", "V 7", "null"]),
        "cases.submitter_id": mostly(["C-1", "C-2", "c-1"], ["", "C-3", "C-1,C-2", "C-1;C-2", "C-1, C-1", "null"]),
        "grade": mostly(["low", "high"]),
        **{name: mostly(["", *values]) for name, values in GOOD.items()},
    }
    lines = ["\t".join(header)]
    for _ in range(draw(st.integers(0, 5))):
        row = [draw(cells.get(name, st.sampled_from(["", *ODD[:6]]))) for name in header]
        cut = draw(st.integers(0, 19))
        lines.append("\t".join(row[:-1] if cut == 0 else [*row, ""] if cut == 1 else row))
    return draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])).join(lines)


def commons(*before: str) -> MemoryStore:
    store = MemoryStore()
    store.put(Record(project_record_id("X"), "project", {"code": "X", "name": "X"}))
    for table in before:
        assert submit(store, table.encode()).status == 200
    return store


SUBMISSIONS = Submissions(clinic().nodes)
READER = TableReader(clinic().nodes)


def submit(store: Store, body: bytes, content_type: str = "text/tsv", *, dry_run: bool = False) -> Answer:
    now = "2024-01-01T00:00:00Z"
    return SUBMISSIONS.submit(body, content_type, store=store, project_id=PROJECT, now=now, dry_run=dry_run)


def good_documents(table: str, rows: list[RowResult]) -> list[dict[str, Any] | None]:
    """What is sent of a table: the documents of the rows that are not kept back."""
    opened = READER.open(table, "tsv")
    for _ in READER.rows(opened, "tsv", table, lambda refused: None):  # a refused row has no document, others have
        pass
    read = [item for item in opened.rows if item.document is not None or not is_blank(item.row)]
    assert len(read) == len(rows)
    return [item.document for item, row in zip(read, rows, strict=True) if not row.has_errors]


def checked(table: str, *before: str) -> CheckResult:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.tsv" for number in range(len(before) + 1)]
        for path, text in zip(paths, (*before, table), strict=True):
            path.write_bytes(text.encode())
        return check(paths[-1], dictionary=clinic(), project=PROJECT, existing=paths[:-1])


def expected_verdict(answer: Answer) -> Verdict:
    run = answer.transaction
    if run is None or run.ending is Ending.CRASHED or not run.entities:
        return Verdict.REFUSE
    if run.ending is Ending.LOST:
        return Verdict.LOST
    return Verdict.ACCEPT if run.success else Verdict.REJECT


@settings(max_examples=400)
@given(tables(), st.sampled_from([(CASES,), (CASES, THERE), ()]))
def test_the_verdict_of_the_check_is_the_answer_to_the_submission(table: str, before: tuple[str, ...]) -> None:
    result = checked(table, *before)
    answer = submit(commons(*before), table.encode())
    (file,) = result.files
    assert file.verdict is expected_verdict(answer)
    if answer.transaction is None:
        return
    rows = [row for row in result.rows() if row.verdict is not Verdict.DROP]
    assert len(rows) == len(answer.transaction.entities)
    for row, entity in zip(rows, answer.transaction.entities, strict=True):
        said = {(error.type, error.keys) for error in entity.errors}
        ours = {(finding.server_type, finding.keys) for finding in row.findings if finding.server_type}
        assert said == {cause for cause in ours if cause[0] != "NOT_UNIQUE" or cause in said}
        assert row.verdict is Verdict.REJECT or entity.valid


@settings(max_examples=200)
@given(tables(), st.sampled_from([(CASES,), (CASES, THERE)]))
def test_no_row_goes_without_a_word(table: str, before: tuple[str, ...]) -> None:
    """Every row is in the result or blank; one that would not go in has an error, or its file has."""
    result = checked(table, *before)
    (file,) = result.files
    told = any(item.finding.severity is Severity.ERROR for item in file.findings)
    for row in result.rows():
        assert row.verdict is Verdict.ACCEPT or row.has_errors or told
    assert result.ok is not (told or any(row.verdict is not Verdict.ACCEPT or row.has_errors for row in result.rows()))
    blank = [
        line for item in file.findings if item.finding.code == "blank-rows" for line in item.finding.facts["lines"]
    ]
    lines = [line for line in table.strip().splitlines() if line]
    if '"' not in table:
        assert len(file) + len(blank) == max(len(lines) - 1, 0)


@settings(max_examples=200)
@given(tables(), st.sampled_from([(CASES,), (CASES, THERE)]))
def test_rows_that_are_not_kept_back_go_in_as_json(table: str, before: tuple[str, ...]) -> None:
    """What a check lets through is sent as JSON records, and the commons takes them all."""
    result = checked(table, *before)
    rows = list(result.rows())
    if result.files[0].verdict is Verdict.REFUSE or all(row.has_errors for row in rows):
        return
    answer = submit(commons(*before), json.dumps(good_documents(table, rows)).encode(), "application/json")
    assert answer.status == 200, answer.json(1)
    assert answer.transaction is not None
    assert answer.transaction.ending is Ending.SUCCEEDED


@st.composite
def submissions(draw: st.DrawFn) -> dict[str, str]:
    """Files whose rows are each other's parents, with a mistake here and there."""

    def names(letter: str) -> st.SearchStrategy[str]:
        return mostly([f"{letter}-{number}" for number in range(1, 6)], ["", f"{letter.lower()}-1", "null"])

    case = (st.just("case"), names("C"), st.just("X"), mostly(["5", ""], ["five"]))
    visit = (st.just("visit"), names("V"), names("C"), mostly(["low"], ["Low"]))
    demographic = (st.just("demographic"), names("D"), names("C"))
    sample = (st.just("sample"), names("S"), mostly(["", "C-1"]), mostly(["V-1", "V-2", ""]))
    specimen = (st.just("specimen"), names("P"), mostly(["", "P-1", "P-2"]), mostly(["", "C-1"]))
    files = {
        "e-cases.tsv": ("type\tsubmitter_id\tprojects.code\twhole", case),
        "d-visits.tsv": ("type\tsubmitter_id\tcases.submitter_id\tgrade", visit),
        "c-demographics.tsv": ("type\tsubmitter_id\tcases.submitter_id", demographic),
        "b-samples.tsv": ("type\tsubmitter_id\tcases.submitter_id\tvisits.submitter_id", sample),
        "a-specimens.tsv": ("type\tsubmitter_id\tspecimens.submitter_id\tcases.submitter_id", specimen),
    }
    chosen = {}
    for name in sorted(draw(st.sets(st.sampled_from(sorted(files)), min_size=1))):
        header, columns = files[name]
        rows = draw(st.lists(st.tuples(*columns).map("\t".join), min_size=1, max_size=4))
        chosen[name] = "\n".join([header, *rows, ""])
    return chosen


@settings(max_examples=200)
@given(submissions(), st.sampled_from([(), (CASES,), (CASES, THERE)]))
def test_files_are_judged_as_if_sent_one_after_the_other_without_what_is_kept_back(
    files: dict[str, str], before: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in (*files, *(f"{number}.tsv" for number in range(len(before))))]
        for path, text in zip(paths, (*files.values(), *before), strict=True):
            path.write_text(text)
        result = check(paths[: len(files)], dictionary=clinic(), project=PROJECT, existing=paths[len(files) :])
    store = commons(*before)
    rows = list(result.rows())
    for file in result.files:
        text = files[Path(file.path).name]
        assert expected_verdict(submit(store, text.encode(), dry_run=True)) is file.verdict
        good = good_documents(text, [row for row in rows if row.path == file.path])
        if good:
            answer = submit(store, json.dumps(good).encode(), "application/json")
            assert answer.transaction is not None
            assert answer.transaction.ending is Ending.SUCCEEDED, answer.json(1)


json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 200), st.floats(-1, 200), st.sampled_from([*ODD, "low", "AB1"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=200)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*VALUES, "submitter_id", "cases", "id", "urls"], json_values)))
def test_any_record_in_json_gets_an_answer(record: dict[str, Any]) -> None:
    for type_ in ("visit", "raw_file", "keyword"):
        body = json.dumps([{"type": type_, "grade": "low", **record}]).encode()
        answer = submit(commons(CASES), body, "application/json")
        assert answer.status in (200, 400, 500)
        json.dumps(answer.json(1))


@given(
    st.one_of(
        st.binary(),
        st.text(st.sampled_from('ab"\t,;\n\r\0\ufeff\u2028#*. case')).map(str.encode),
        st.binary().map(lambda data: b"type\tsubmitter_id\tprojects.code\ncase\tA\tX\ncase\tB\t" + data),
    ),
    st.sampled_from([".tsv", ".txt", ".csv"]),
)
def test_any_file_gets_a_verdict_and_no_row_of_it_goes_without_a_word(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        path.write_bytes(data)
        result = check(path, dictionary=clinic(), project=PROJECT, existing=[])
    (file,) = result.files
    told = any(item.finding.severity is Severity.ERROR for item in file.findings)
    for row in result.rows():
        assert row.verdict is Verdict.ACCEPT or row.has_errors or told
        assert 1 <= row.line <= data.count(b"\n") + data.count(b"\r") + 1
    json.dumps(result.to_dict())
    text = data.decode("utf-8", "replace")
    if file.verdict is not Verdict.REFUSE:
        body = "text/csv" if suffix == ".csv" else "text/tsv"
        assert expected_verdict(submit(commons(), text.encode(), body)) is file.verdict


@settings(max_examples=60)
@given(st.lists(st.one_of(tables(), submissions().map(lambda files: next(iter(files.values())))), max_size=3))
def test_a_commons_in_a_database_answers_as_one_in_memory(bodies: list[str]) -> None:
    """The checker's store and the practice commons' are one to the rules."""
    memory, database = commons(), SqliteStore(None)
    try:
        database.put(Record(project_record_id("X"), "project", {"code": "X", "name": "X"}))
        for body in (CASES, THERE, *bodies):
            ours, theirs = (submit(store, body.encode()) for store in (memory, database))
            assert ours.status == theirs.status
            assert _without_ids(ours) == _without_ids(theirs)
    finally:
        database.close()


def _without_ids(answer: Answer) -> str:
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", json.dumps(answer.json(1), sort_keys=True))
