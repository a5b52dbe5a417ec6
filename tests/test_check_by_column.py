"""Big tables are judged by column: the result is the same, finding by finding, as row by row."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from clinic import clinic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_check_agreement import CASES, GOOD, HEADERS, ODD, THERE, mostly, submissions, tables

from gen3submit import check
from gen3submit.checking import choosing
from gen3submit.checking.columnar import reading, repeats, running
from gen3submit.findings import CheckResult
from gen3submit.report.view import from_check

ROOT = Path(__file__).parent.parent


def both_ways(monkeypatch: pytest.MonkeyPatch, paths: list[Path], existing: list[Path] | None) -> list[dict[str, Any]]:
    """The results of the check row by row, by column, and by column with repeated rows compared by their hashes."""
    results = []
    for least, many in ((1 << 62, 0), (-1, 1 << 62), (-1, 0)):
        monkeypatch.setattr(repeats, "_MANY_OF_A_SLICE", many)
        monkeypatch.setattr(choosing, "LEAST_BYTES", least)
        monkeypatch.setattr(choosing, "LEAST_BYTES_OF_A_TABLE", least)
        results.append(everything(check(paths, dictionary=clinic(), project="P-X", existing=existing)))
    return results


def everything(result: CheckResult) -> dict[str, Any]:
    """All that a report could show of a check."""
    view = from_check(result)
    folded = [
        (
            *(each.path, each.lines, each.submitter_id, each.finding.code, each.finding.column, each.finding.value),
            each.finding.server_message,
        )
        for each in result.folded()
    ]
    found = {**result.to_dict(), "folded": folded, "nodes": view.nodes, "files_shown": list(map(repr, view.files))}
    return dict(json.loads(json.dumps(found)))


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    files=st.one_of(tables().map(lambda table: {"a.tsv": table}), submissions()),
    before=st.sampled_from([None, (), (CASES,), (CASES, THERE)]),
)
def test_any_submission_gets_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, str], before: tuple[str, ...] | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in files.items():
            paths.append(Path(folder) / name)
            paths[-1].write_bytes(text.encode())
        existing = None
        if before is not None:
            existing = [Path(folder) / f"there-{number}.tsv" for number in range(len(before))]
            for path, text in zip(existing, before, strict=True):
                path.write_bytes(text.encode())
        by_row, *by_column = both_ways(monkeypatch, paths, existing)
    assert by_column == [by_row, by_row]


@st.composite
def tables_of_odd_values(draw: st.DrawFn) -> str:
    """Visits of which many cells of few columns are wrong, each in its own way."""
    columns = draw(st.lists(st.sampled_from(sorted(GOOD)), min_size=1, max_size=3, unique=True))
    words = st.sampled_from(
        ["x is not of type y", "is a required property", "é", "low", "12,5", "0x1", "yes", " a ", "T"]
    )
    cell = {name: st.one_of(st.sampled_from([*GOOD[name], *ODD]), words) for name in columns}
    rows = [
        ["visit", f"V-{number}", "C-1", "low", *(draw(cell[name]) for name in columns)]
        for number in range(draw(st.integers(5, 15)))
    ]
    return "\n".join("\t".join(row) for row in [["type", *HEADERS, *columns], *rows])


@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(table=tables_of_odd_values())
def test_many_odd_values_of_a_column_get_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "cases.tsv", Path(folder) / "visits.tsv"]
        for path, text in zip(paths, [CASES, table], strict=True):
            path.write_bytes(text.encode())
        by_row, *by_column = both_ways(monkeypatch, paths, [])
    assert by_column == [by_row, by_row]


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["V-1", "V-2", "V-3", "V-4", "v-4", "V-2 "]),
            st.sampled_from(["C-1", "C-1", "C-2", "c-1", "C-1 "]),
            st.sampled_from(["text", "text", "other", " text"]),
        ),
        min_size=6,
        max_size=14,
    )
)
def test_rows_repeated_with_other_parents_get_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, ...]]
) -> None:
    lines = ["type\tsubmitter_id\tcases.submitter_id\ttext\tgrade"]
    lines += ["\t".join(["visit", *row, "low"]) for row in [*rows, ("V-9", "C-1", "last")]]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "cases.tsv", Path(folder) / "visits.tsv"]
        for path, text in zip(paths, [CASES, "\n".join(lines)], strict=True):
            path.write_bytes(text.encode())
        by_row, *by_column = both_ways(monkeypatch, paths, [])
    assert by_column == [by_row, by_row]


@st.composite
def file_tables(draw: st.DrawFn) -> str:
    """A table of data files, some of the same content, with a mistake here and there."""
    header = ["type", "submitter_id", "cases.submitter_id", "md5sum", "file_size"]
    if draw(st.integers(0, 3)) == 0:
        header.append(draw(st.sampled_from(["object_id", "urls", "text", "id"])))
    if draw(st.integers(0, 15)) == 0:
        header.remove(draw(st.sampled_from(header)))
    ids = ["", "11111111-1111-1111-1111-111111111111"]
    cells = {
        "type": mostly(["raw_file"], ["visit", "old_file", "", "x"]),
        "submitter_id": mostly([f"F-{number}" for number in range(9)], ["f-1", ""]),
        "cases.submitter_id": mostly(["C-1", "C-2"], ["C-9", ""]),
        "md5sum": mostly([f"{number:032x}" for number in range(12)], ["", "null", "A" * 32, f"{1:032x} ", "a" * 32]),
        "file_size": mostly(["1", "2", "3"], ["", "0", "x", "01", "1.0"]),
        "object_id": st.sampled_from(ids),
        "urls": st.sampled_from(["", "s3://bucket/key"]),
        "text": st.just(""),
        "id": st.sampled_from(ids),
    }
    rows = [[draw(cells[name]) for name in header] for _ in range(draw(st.integers(0, 7)))]
    return "\n".join("\t".join(row) for row in [header, *rows])


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=st.lists(file_tables(), min_size=1, max_size=3), is_complete=st.booleans())
def test_data_files_get_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, files: list[str], is_complete: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.tsv" for number in range(len(files) + 1)]
        for path, text in zip(paths, [CASES, *files], strict=True):
            path.write_bytes(text.encode())
        by_row, *by_column = both_ways(monkeypatch, paths, [] if is_complete else None)
    assert [without_ids(found) for found in by_column] == [without_ids(by_row)] * 2


@st.composite
def quoted_tables(draw: st.DrawFn) -> tuple[str, str]:
    """Visits of which most cells stand in quotes, as some programs write them; and the ending of their file."""
    ending, delimiter = draw(st.sampled_from([(".tsv", "\t"), (".csv", ",")]))
    most = draw(st.sampled_from([0, 1, 20]))
    odd = ["5'10\"", "\n", "\r\n", '""', f"a{delimiter}b", f"{delimiter}\n{delimiter}", "\x0b", "\u2028", "", " ", "\0"]

    def cell(text: str, *, wrap: bool) -> str:
        shape = draw(st.integers(0, 40))
        if shape == 0:
            text = draw(st.sampled_from([text, ""])) + draw(st.sampled_from(odd))
        doubled = text if draw(st.integers(0, 30)) == 0 else text.replace('"', '""')
        around = draw(st.sampled_from(['"%s"'] * 30 + ['"%s" ', ' "%s"', '"%s', '%s"']))
        return around % doubled if wrap or shape == 0 else text

    lines = []
    for number in range(draw(st.integers(3, 12))):
        wrap = draw(st.integers(0, 20)) <= most
        row = [
            *("visit", f"V-{number % 11}", draw(st.sampled_from(["C-1", "C-2", "C-3"]))),
            *(draw(st.sampled_from(["low", "high", "Low"])), draw(st.sampled_from(["some text", "", "null"]))),
        ]
        row = [cell(text, wrap=wrap and draw(st.integers(0, 9)) > 0) for text in row]
        lines.append(delimiter.join(row[:-1] if draw(st.integers(0, 30)) == 0 else row))
        if draw(st.integers(0, 40)) == 0:
            lines.append(draw(st.sampled_from(["", '""', '"', f'""{delimiter}""'])))
    names = ["type", "submitter_id", "cases.submitter_id", "grade", "text"]
    header = delimiter.join([cell(name, wrap=True) for name in names] if draw(st.booleans()) else names)
    return draw(st.sampled_from(["\n", "\n", "\r\n"])).join([header, *lines, ""]), ending


@settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(table=quoted_tables(), slice_bytes=st.sampled_from([40, 100, 10_000]))
def test_cells_in_quotes_get_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, table: tuple[str, str], slice_bytes: int
) -> None:
    text, ending = table
    monkeypatch.setattr(running, "MOST_BYTES", slice_bytes)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "cases.tsv", Path(folder) / f"visits{ending}"]
        for path, content in zip(paths, [CASES, text], strict=True):
            path.write_bytes(content.encode())
        by_row, *by_column = both_ways(monkeypatch, paths, [])
    assert by_column == [by_row, by_row]


@pytest.mark.parametrize(
    "before", ["", '"visit"\t"V-8"\t"C-1"\t"low"\ta "b\n', '"visit"\t"V-8"\t"C-1"\t"low"\t"a\nb"\n']
)
@pytest.mark.parametrize("short", ['"lo\tw"', '"low"', '"low"\t"a\tb"\t"c"'])
def test_quoted_rows_of_another_length_get_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str, short: str
) -> None:
    """A delimiter within quotes must not make up for a cell that is missing."""
    rows = [f'"visit"\t"V-{number}"\t"C-1"\t"low"\t"a\tb"\n' for number in range(4)]
    text = "".join(
        [
            "type\tsubmitter_id\tcases.submitter_id\tgrade\ttext\n",
            *rows[:2],
            before,
            f'"visit"\t"V-9"\t"C-1"\t{short}\n',
            *rows[2:],
        ]
    )
    (tmp_path / "cases.tsv").write_text(CASES)
    (tmp_path / "visits.tsv").write_text(text)
    by_row, *by_column = both_ways(monkeypatch, [tmp_path / "cases.tsv", tmp_path / "visits.tsv"], [])
    assert by_column == [by_row, by_row]


def test_a_table_all_of_quoted_cells_needs_no_exact_reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Some programs write every cell in quotes: such a table is not checked more slowly than others."""
    lines = ["type\tsubmitter_id\tcases.submitter_id\tgrade\ttext"]  # its header in quotes, too
    lines += [f"visit\tV-{number}\tC-1\tlow\ta text" for number in range(500)]
    for name, mark in (("plain", ""), ("quoted", '"')):
        text = "\n".join("\t".join(f"{mark}{cell}{mark}" for cell in line.split("\t")) for line in lines) + "\n"
        (tmp_path / f"{name}.tsv").write_text(text)
    (tmp_path / "cases.tsv").write_text(CASES)
    monkeypatch.setattr(choosing, "LEAST_BYTES", -1)
    monkeypatch.setattr(choosing, "LEAST_BYTES_OF_A_TABLE", -1)
    read = []
    exactly = reading.read_table

    def noted(text: str, delimiter: str) -> Any:
        found = exactly(text, delimiter)
        read.append(len(found.rows))
        return found

    monkeypatch.setattr(reading, "read_table", noted)
    found = {}
    for name in ("plain", "quoted"):
        result = check([tmp_path / "cases.tsv", tmp_path / f"{name}.tsv"], dictionary=clinic(), existing=[])
        found[name] = [row.to_dict() | {"path": None} for row in result.rows()]
    assert found["quoted"] == found["plain"]
    assert max(read) <= 2, "the last row of a table, and the line behind it"


def without_ids(found: dict[str, Any]) -> str:
    """The result without the ids that the check makes up for files of the submission."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an id", json.dumps(found))


def big_table(rows: int, seed: int) -> str:
    """A table that is judged by column without being asked to, with mistakes of many kinds in it."""
    chance = random.Random(seed)
    odd = ["", " low", "LOW", "null", "None", "x" * 50, "\u00a0low", '"quoted"', '"', "low\ttoo many", "low\u2028cut"]
    lines = ["type\tsubmitter_id\tcases.submitter_id\tgrade\ttext"]
    for number in range(rows):
        grade = chance.choice(odd) if chance.random() < 0.01 else chance.choice(["low", "high"])
        case = f"C-{chance.randrange(1, 3)}" if chance.random() < 0.99 else chance.choice(["C-9", "", "c-1", "C-1,C-2"])
        name = f"V-{number}" if chance.random() < 0.999 else "V-1"
        type_ = "visit" if chance.random() < 0.999 else chance.choice(["", "Visit", "visits"])
        lines.append(f"{type_}\t{name}\t{case}\t{grade}\tsome text {chance.randrange(10**6)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(3))
def test_a_big_table_with_a_few_mistakes_gets_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    (tmp_path / "cases.tsv").write_text(CASES)
    (tmp_path / "visits.tsv").write_text(big_table(3_000, seed))
    by_row, *by_column = both_ways(monkeypatch, [tmp_path / "cases.tsv", tmp_path / "visits.tsv"], [])
    assert by_row["summary"]["errors"] > 20
    assert by_column == [by_row, by_row]


def test_the_mistakes_folder_gets_the_same_result_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for least in (1 << 62, -1):
        monkeypatch.setattr(choosing, "LEAST_BYTES", least)
        monkeypatch.setattr(choosing, "LEAST_BYTES_OF_A_TABLE", least)
        result = check(
            ROOT / "sample_data" / "mistakes",
            dictionary=ROOT / "schemas",
            project="practice-study",
            existing=[ROOT / "sample_data" / "study"],
        )
        results.append(result.to_dict())
    assert results[0] == results[1]


def test_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cases.tsv").write_text(CASES)
    (tmp_path / "visits.tsv").write_text(big_table(3_000, 7))
    paths = [tmp_path / "cases.tsv", tmp_path / "visits.tsv"]
    monkeypatch.setattr(choosing, "LEAST_BYTES", -1)
    monkeypatch.setattr(choosing, "LEAST_BYTES_OF_A_TABLE", -1)
    alone = check(paths, dictionary=clinic(), project="P-X", existing=[]).to_dict()
    with ProcessPoolExecutor(2) as pool:
        together = check(paths, dictionary=clinic(), project="P-X", existing=[], executor=pool).to_dict()
    assert together == alone


@pytest.mark.parametrize("rows", [8_192, 8_193])
def test_a_good_table_is_judged_without_libraries_that_take_long_to_load(tmp_path: Path, rows: int) -> None:
    """Lines of 64 bytes fill slices of 256 KiB; the last one holds one line alone, or many."""
    header = "type\tsubmitter_id\tprojects.code\ttext\n"
    lines = (f"case\tC-{number:05}\tX\t{'x' * 48}\n" for number in range(rows))
    (tmp_path / "case.tsv").write_text(header + "".join(lines), encoding="utf-8")
    code = (
        "import sys; from clinic import clinic; from gen3submit import check\n"
        f"result = check({str(tmp_path)!r}, dictionary=clinic(), project='P-X', existing=[])\n"
        "loaded = [name for name in ('pyarrow', 'pandas', 'jsonschema') if name in sys.modules]\n"
        "print(len(result.files[0].lines), result.ok, loaded)"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )
    assert done.stdout == f"{rows} True ['pyarrow']\n"
