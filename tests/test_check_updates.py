"""Rows that update records: the same is said of them whether they are judged by column or row by row."""

from __future__ import annotations

import json
import random
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from clinic import PROJECT, clinic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen3submit import check
from gen3submit.checking import choosing
from gen3submit.checking.columnar.looking import Look

HEADERS = {
    "case": ["submitter_id", "projects.code", "whole"],
    "visit": ["submitter_id", "cases.submitter_id", "grade", "text"],
    "demographic": ["submitter_id", "cases.submitter_id"],
    "sample": ["submitter_id", "cases.submitter_id", "visits.submitter_id"],
    "specimen": ["submitter_id", "specimens.submitter_id", "cases.submitter_id"],
}
ODD = ["", "C-2", "V-1", "null", "zz", "9", "C-1,C-2"]

Records = dict[str, list[list[str]]]


def records(chance: random.Random) -> Records:
    """The cells of records that a commons holds, by node type."""
    rows = range(1, chance.choice([3, 6, 12]) + 1)

    def one_of(letter: str) -> str:
        return f"{letter}-{chance.choice(rows)}"

    found: Records = {"case": [[f"C-{row}", "X", chance.choice(["5", ""])] for row in rows]}
    if chance.random() < 0.7:
        values = [(chance.choice(["low", "high"]), chance.choice(["", "a", "b"])) for _ in rows]
        found["visit"] = [[f"V-{row}", one_of("C"), *both] for row, both in zip(rows, values, strict=True)]
    if chance.random() < 0.6:
        found["demographic"] = [[f"D-{row}", f"C-{row}"] for row in rows]
    if chance.random() < 0.6:
        by_visit = "visit" in found and chance.random() < 0.5
        found["sample"] = [[f"S-{row}", "", one_of("V")] if by_visit else [f"S-{row}", one_of("C"), ""] for row in rows]
    if chance.random() < 0.6:
        above = [f"P-{row - 1}" if row > 1 and chance.random() < 0.5 else "" for row in rows]
        found["specimen"] = [[f"P-{row}", parent, one_of("C")] for row, parent in zip(rows, above, strict=True)]
    if chance.random() < 0.2:  # a commons may hold what its dictionary does not allow any more
        del found["case"][-1]
    for rows_of_type in found.values() if chance.random() < 0.2 else ():
        for row in rows_of_type:
            row[1:] = [cell if chance.random() < 0.8 else "" for cell in row[1:]]
    return found


def table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in [header, *rows]) + "\n"


def changed(cell: str, chance: random.Random) -> str:
    """Mostly the cell itself."""
    return chance.choice([*ODD, cell.lower(), f"{cell} "]) if chance.random() < 0.05 else cell


def updates(held: Records, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Tables that update most of the records: some cells changed, columns omitted, a few rows new or repeated."""
    types = [*held, *(held if chance.random() < 0.25 else ())]
    for number, type_ in enumerate(types):
        rows = [[type_, *(changed(cell, chance) for cell in row)] for row in held[type_] if chance.random() > 0.15]
        for _ in range(chance.choice([0, 0, 1, 3])):
            cells = [chance.choice(["C-1", "X", "low", "5", "P-1", ""]) for _ in HEADERS[type_][1:]]
            rows.append([type_, f"{type_[0].upper()}-{chance.randint(10, 15)}", *cells])
        if rows and chance.random() < 0.3:
            rows.append(list(chance.choice(rows)))
        if chance.random() < 0.3:
            chance.shuffle(rows)
        header = ["type", *HEADERS[type_]]
        if chance.random() < 0.05:
            header.append(chance.choice(["state", "created_datetime", "project_id", "id"]))
            rows = [[*row, chance.choice(["", "x", PROJECT])] for row in rows]
        kept = [place for place in range(len(header)) if place < 2 or chance.random() > 0.25]
        if rows and chance.random() > 0.25:
            name = f"{chance.randint(0, 9)}{number}-{type_}.tsv"
            yield name, table([header[place] for place in kept], [[row[place] for place in kept] for row in rows])


def exported(held: Records, chance: random.Random) -> str:
    """The records as a commons exports them."""
    found: list[dict[str, Any]] = []
    for type_, rows in held.items():
        for row in rows:
            record: dict[str, Any] = {
                "type": type_,
                "id": str(uuid.UUID(int=chance.getrandbits(128))),
                "project_id": PROJECT,
                "state": chance.choice(["validated", "released", None]),
            }
            for name, cell in zip(HEADERS[type_], row, strict=True):
                link, _, key = name.partition(".")
                if key:
                    record[link] = [{"node_id": "?", key: cell}] if cell else []
                else:
                    record[name] = int(cell) if name == "whole" and cell else cell or None
            found.append(record)
    if chance.random() < 0.3:
        found.append(dict(chance.choice(found)))
    if chance.random() < 0.3:
        chance.shuffle(found)
    return json.dumps({"data": found})


def checked(folder: Path, monkeypatch: pytest.MonkeyPatch, *, by_column: bool, existing: Any) -> dict[str, Any]:
    least = -1 if by_column else 1 << 62
    monkeypatch.setattr(choosing, "LEAST_BYTES", least)
    monkeypatch.setattr(choosing, "LEAST_BYTES_OF_A_TABLE", least)
    result = check(sorted(folder.glob("*.tsv")), dictionary=clinic(), project=PROJECT, existing=existing).to_dict()
    return dict(json.loads(json.dumps(result)))


class FromCommons:
    """Gives the records of an export as a commons does."""

    def __init__(self, records: list[Mapping[str, Any]]):
        self._records = records

    def export(self, project_id: str, node: str) -> Iterator[Mapping[str, Any]]:
        assert project_id == PROJECT
        return (record for record in self._records if record["type"] == node)


@settings(
    max_examples=250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=True), kind=st.sampled_from(["tables", "export", "commons"]))
def test_any_updates_get_the_same_result_either_way(
    monkeypatch: pytest.MonkeyPatch, chance: random.Random, kind: str
) -> None:
    held = records(chance)
    files = dict(updates(held, chance))
    if not files:
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        there = Path(folder) / "there"
        there.mkdir()
        existing: Any = sorted(there / f"{number}.tsv" for number in range(len(held)))
        if kind == "tables":
            for path, (type_, rows) in zip(existing, held.items(), strict=True):
                path.write_text(table(["type", *HEADERS[type_]], [[type_, *row] for row in rows]), encoding="utf-8")
        else:
            existing = there / "export.json"
            existing.write_text(exported(held, chance), encoding="utf-8")
            if kind == "commons":
                existing = FromCommons(json.loads(existing.read_text(encoding="utf-8"))["data"])
        by_row = checked(Path(folder), monkeypatch, by_column=False, existing=existing)
        by_column = checked(Path(folder), monkeypatch, by_column=True, existing=existing)
    assert by_column == by_row


def test_rows_that_only_change_values_need_no_exact_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a check of many updates would take ten times as long. What the tables omit is told all the same."""
    seen: list[int] = []
    exact = Look.exact.fget
    assert exact is not None

    def noted(look: Look) -> Any:
        rows = exact(look)
        seen.append(len(rows))
        return rows

    monkeypatch.setattr(Look, "exact", property(noted))
    rows = range(300)
    cases = [["case", f"C-{row}", "X", "5"] for row in rows]
    (tmp_path / "a-case.tsv").write_text(table(["type", "submitter_id", "projects.code"], [row[:3] for row in cases]))
    visits = [["visit", f"V-{row}", f"C-{row}", "high"] for row in rows]
    header = ["type", "submitter_id", "cases.submitter_id", "grade"]
    (tmp_path / "b-visit.tsv").write_text(table(header, visits))
    there = tmp_path / "there"
    there.mkdir()
    held = [there / "a.tsv", there / "b.tsv"]
    held[0].write_text(table(["type", *HEADERS["case"]], cases))
    held[1].write_text(table([*header, "text"], [[*row[:3], "low", "?"] for row in visits]))
    result = checked(tmp_path, monkeypatch, by_column=True, existing=held)
    assert max(seen) == 1, "the last row of each table"
    assert result["ok"]
    assert result["summary"]["findings_by_code"] == {"value-kept": 600}
