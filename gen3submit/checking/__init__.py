"""Checking a submission: what the server would say of every row, before anything is sent."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from gen3submit.checking.choosing import AnyTable, Ways
from gen3submit.checking.known import NO_PROJECT, CommonsLike, Known
from gen3submit.checking.layered import Unforeseen
from gen3submit.collecting import collecting_later
from gen3submit.dictionary import Dictionary
from gen3submit.dictionary.order import NodeGroup, node_order
from gen3submit.errors import UsageProblem
from gen3submit.findings import CheckResult
from gen3submit.messages import check as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId
from gen3submit.rules.documents import TableReader
from gen3submit.rules.transaction import Rules
from gen3submit.tables.source import Source
from gen3submit.tables.sources import sources

Order = tuple[tuple[str, ...], ...]

_rules: dict[int, tuple[Dictionary, Rules, TableReader]] = {}
_MOST_DICTIONARIES = 8


def check(
    paths: Any,
    *,
    dictionary: Any,
    project: str | ProjectId | None = None,
    existing: Sequence[Any] | str | os.PathLike[str] | CommonsLike | None = None,
    progress: Progress = NO_PROGRESS,
    executor: Executor | None = None,
) -> CheckResult:
    """Check the tables of a submission.

    Args:
        paths: files, folders, patterns and DataFrames; one of these or a list of them. All together are one submission.
        dictionary: a `Dictionary`, or whatever `Dictionary.load` takes.
        project: ``PROGRAM-CODE``. Without it links to the project are not verified.
        existing: tables (TSV, CSV, DataFrames, or exports in JSON) of the records that the commons holds already, in
            the order in which they were submitted. None: nothing is known of the commons, and a parent that is not in
            the submission is a warning. A list, also an empty one: these records and no others are there. A `Commons`:
            what it exports of the node types of the submission and of their parents.
        progress: is told how far the check is.
        executor: where the slices of big tables are read, such as a `concurrent.futures.ProcessPoolExecutor` or the
            executor of a Dask cluster; what a worker cannot read from the file is sent to it. None: in threads of this
            process.

    Returns:
        A verdict on every row and file with its findings.

    Raises:
        UsageProblem: an input cannot be used: no such file, no table, a broken dictionary; or a commons was given and
            no project.
        CommonsProblem: the commons given as `existing` cannot be asked.
    """
    started = time.perf_counter()
    loaded = Dictionary.load(dictionary)
    project_id = None if project is None else ProjectId.parse(project)
    found = sources(paths)
    if existing is not None and project_id is None and hasattr(existing, "export"):
        raise UsageProblem(words.no_project())
    for fast in (True, False):
        try:
            with collecting_later():
                units, order = _judged(found, loaded, project_id, existing, progress, executor, fast=fast)
            break
        except Unforeseen:  # rather slowly than wrongly
            continue
    return CheckResult(
        None if project_id is None else str(project_id),
        tuple(table.result() for unit in units for table in unit),
        order,
        {"source": loaded.source, "version": loaded.version, "sha256": loaded.sha256},
        time.perf_counter() - started,
    )


def _judged(
    found: Sequence[Source],
    dictionary: Dictionary,
    project: ProjectId | None,
    existing: Sequence[Any] | str | os.PathLike[str] | CommonsLike | None,
    progress: Progress,
    executor: Executor | None,
    *,
    fast: bool,
) -> tuple[list[list[AnyTable]], Order]:
    """The tables of a submission, judged, in units, and the order of their node types."""
    rules, reader = _rules_of(dictionary)
    known = Known(rules, reader, project or NO_PROJECT)
    ways = Ways(rules, reader, None if project is None else str(project), executor, fast=fast)
    tables = ways.open(found, progress)
    if isinstance(existing, str | os.PathLike):
        known.add_existing([existing])
    elif isinstance(existing, Sequence):
        known.add_existing(existing)
    elif existing is not None:
        known.add_commons(existing, {type_ for table in tables for type_ in table.types})
    units, order = _units(tables, dictionary)
    units = [ways.together(unit) for unit in units]
    judge = ways.judge([table for unit in units for table in unit], known, complete=existing is not None)
    judge.announce(table for unit in units for table in unit)
    with progress.start(words.checking(), sum(map(len, tables))) as task:
        for unit in units:
            if all(table.is_text for table in unit):
                judge.judge(unit)
            task.advance(sum(map(len, unit)))
    return units, order


def _rules_of(dictionary: Dictionary) -> tuple[Rules, TableReader]:
    """The rules of a dictionary, kept: what they learn of its values serves the next check."""
    kept = _rules.get(id(dictionary))
    if kept is None or kept[0] is not dictionary:
        if len(_rules) >= _MOST_DICTIONARIES:
            _rules.clear()
        kept = _rules[id(dictionary)] = (dictionary, Rules(dictionary.nodes), TableReader(dictionary.nodes))
    return kept[1], kept[2]


def _units(tables: Sequence[AnyTable], nodes: Mapping[str, Any]) -> tuple[list[list[AnyTable]], Order]:
    """The tables in the order in which they are sent, and the node types in stages.

    A unit is a table; or, where types depend on each other or on themselves, all the tables of these types.
    """
    types = {type_ for table in tables for type_ in table.types}
    stages = node_order(nodes, types)
    place: dict[str, tuple[int, NodeGroup]] = {
        type_: (number, group) for number, stage in enumerate(stages) for group in stage for type_ in group.types
    }

    def last(table: AnyTable) -> tuple[int, NodeGroup | None]:
        return max((place[type_] for type_ in table.types), key=lambda found: found[0], default=(-1, None))

    units: list[tuple[int, list[AnyTable]]] = []
    joined: dict[NodeGroup, list[AnyTable]] = {}
    for table in tables:
        number, group = last(table)
        if group is not None and group.record_by_record:
            if group in joined:
                joined[group].append(table)
                continue
            joined[group] = unit = [table]
        else:
            unit = [table]
        units.append((number, unit))
    units.sort(key=lambda item: item[0])
    return [unit for _, unit in units], tuple(tuple(t for group in stage for t in group.types) for stage in stages)
