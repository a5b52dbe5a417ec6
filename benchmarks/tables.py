"""Writes the tables of the benchmarks: the same ones for the same arguments, quickly also for ten million rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from columns import Column, cells, columns_of, numbered

from gen3submit.dictionary import Dictionary

PROJECT = "bench-speed"
BAD_KINDS = ("enum", "number", "required", "parent", "repeat")
"""A value that is not allowed, text for a number, no parent, a parent that is not there, a repeated submitter_id."""
BAD_KINDS_ALONE = ("enum", "number", "parent")
"""The kinds that leave every other row of the table good, and that the SDK survives."""

_CELLS_AT_ONCE = 5_000_000
_SEED = 20
# Each comes behind its parents, and has no more rows than they do: some links allow one child.
_TEN_NODES = (
    "case",
    "demographic",
    "exposure",
    "family_history",
    "clinical_test",
    "sample",
    "aliquot",
    "slide",
    "read_group",
)
_EXPERIMENT = f"type\tsubmitter_id\tprojects.code\nexperiment\tE-1\t{PROJECT.partition('-')[2]}\n"


@dataclass(frozen=True, slots=True)
class Bad:
    """Which rows are bad: one in `every`, the kinds in turn."""

    every: int
    kinds: Sequence[str] = BAD_KINDS


def write_submission(
    folder: Path,
    node: str,
    columns: Sequence[Column],
    rows: int,
    *,
    bad: Bad | None = None,
    changed_every: int = 0,
    quotes: Literal["", "middle", "all"] = "",
) -> Path:
    """Write `rows` rows of a child of `case` and a quarter of that of cases; give the file of the rows.

    Args:
        folder: made, and filled with one file for each type.
        node: the type of the rows.
        columns: their columns besides type, submitter_id and the link to the case.
        rows: how many.
        bad: which of the rows are bad.
        changed_every: one row in so many has another text than without this argument.
        quotes: ``middle``: a few cells in the middle of the file are written in quotes, with quotes in them; ``all``:
            every cell of the rows' file stands in quotes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parents = max(rows // 4, 1)
    (folder / "experiment.tsv").write_text(_EXPERIMENT, encoding="utf-8")
    with (folder / "case.tsv").open("wb") as file:
        file.write(b"type\tsubmitter_id\texperiments.submitter_id\n")
        for first, count in _slices(parents, 3):
            file.write(_lines([["case"] * count, numbered("C-", np.arange(first, first + count), 7), ["E-1"] * count]))
    path = folder / f"{node}.tsv"
    header = ["type", "submitter_id", "cases.submitter_id", *(column.name for column in columns)]
    with path.open("wb") as file:
        mark = '"' * (quotes == "all")
        file.write(("\t".join(f"{mark}{name}{mark}" for name in header) + "\n").encode())
        for first, count in _slices(rows, len(header)):
            chance = np.random.default_rng([_SEED, first])
            table = {
                "type": pa.array([node] * count),
                "submitter_id": numbered("S-", np.arange(first, first + count), 8),
                "cases.submitter_id": numbered("C-", chance.integers(parents, size=count), 7),
                **{column.name: cells(column, chance, count) for column in columns},
            }
            numbers = np.arange(first, first + count)
            if bad:
                _spoil(table, columns, numbers, bad)
            if changed_every:
                text = next(column.name for column in columns if column.kind == "text")
                _replace(table, text, numbers, numbers % changed_every == 0, "changed ")
            if quotes == "middle":
                _quote(table, columns, numbers, rows // 2)
            if mark:
                table = {name: pc.binary_join_element_wise(mark, each, mark, "") for name, each in table.items()}
            file.write(_lines(list(table.values())))
    return path


def write_ten_files(folder: Path, dictionary: Dictionary, rows: int = 500) -> None:
    """Write a submission of ten files with so many rows in all."""
    folder.mkdir(parents=True, exist_ok=True)
    each = (rows - 1) // len(_TEN_NODES)
    (folder / "experiment.tsv").write_text(_EXPERIMENT, encoding="utf-8")
    for place, name in enumerate(_TEN_NODES):
        count = each + (place < rows - 1 - each * len(_TEN_NODES))
        node = dictionary[name]
        link = next(link for link in node.links_by_name.values())
        columns = columns_of(node)
        chance = np.random.default_rng([_SEED, place])
        parents = pa.array(["E-1"] * count) if name == "case" else numbered(f"{link.target}-", np.arange(count))
        table = [
            [name] * count,
            numbered(f"{name}-", np.arange(count)),
            parents,
            *(cells(column, chance, count) for column in columns),
        ]
        header = ["type", "submitter_id", f"{link.name}.submitter_id", *(column.name for column in columns)]
        (folder / f"{name}.tsv").write_bytes(("\t".join(header) + "\n").encode() + bytes(_lines(table)))


def _slices(rows: int, width: int) -> list[tuple[int, int]]:
    """First row and number of rows of the parts that are made at once: memory does not grow with the table."""
    step = max(_CELLS_AT_ONCE // width, 1)
    return [(first, min(step, rows - first)) for first in range(0, rows, step)]


def _spoil(table: dict[str, Any], columns: Sequence[Column], numbers: Any, bad: Bad) -> None:
    """Make the rows bad that are to be."""
    kind_of = (numbers // bad.every) % len(bad.kinds)
    chosen = numbers % bad.every == bad.every // 2
    first = {kind: next((c.name for c in columns if c.kind == kind), None) for kind in ("enum", "number")}
    for number, kind in enumerate(bad.kinds):
        where = chosen & (kind_of == number)
        if first.get(kind):
            _replace(table, str(first[kind]), numbers % 1_000, where, "Nowhere " if kind == "enum" else "about ")
        elif kind == "required":
            _put(table, "cases.submitter_id", where, pa.array([""] * int(where.sum()), pa.string()))
        elif kind == "parent":
            _replace(table, "cases.submitter_id", numbers, where, "C-nowhere-")
        elif kind == "repeat":
            _put(table, "submitter_id", where, numbered("S-", (numbers - 1)[where], 8))


def _quote(table: dict[str, Any], columns: Sequence[Column], numbers: Any, middle: int) -> None:
    """Put ten cells around the middle of the file in quotes, with quotes inside."""
    text = next(column.name for column in columns if column.kind == "text")
    where = (numbers >= middle) & (numbers < middle + 10)
    _put(table, text, where, pa.array(['"frozen in ""dry"" ice"'] * int(where.sum()), pa.string()))


def _replace(table: dict[str, Any], name: str, numbers: Any, where: Any, prefix: str) -> None:
    _put(table, name, where, numbered(prefix, numbers[where]))


def _put(table: dict[str, Any], name: str, where: Any, replacements: Any) -> None:
    table[name] = pc.replace_with_mask(table[name], pa.array(where), replacements)


def _lines(columns: Sequence[Any]) -> memoryview:
    """The lines of a table as bytes: the data of one Arrow array of texts, which lie one behind the other."""
    joined = pc.binary_join_element_wise(*(pa.array(column, pa.string()) for column in columns), "\t")
    lines = pc.binary_join_element_wise(joined, "", "\n")
    _, offsets, data = lines.buffers()
    end = int(np.frombuffer(offsets, dtype=np.int32)[len(lines)])
    return memoryview(data)[:end]
