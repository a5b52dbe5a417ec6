"""Judging the tables of a submission, the big ones by column.

Of a big table the exact judge gets the rows whose fate hangs on more than their own cells and parents, and one
witness of each kind of the others: sound, with errors of the schema, with missing parents, and so on. The rest of a
kind fares as its witness does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.announcing import AnnouncedTables
from gen3submit.checking.columnar.looking import FIRST_OF_SAME, SOUND, Look
from gen3submit.checking.columnar.results import OfRows
from gen3submit.checking.columnar.said import Group, Mode
from gen3submit.checking.columnar.stored import StandIns, StoredRows, fetch_parents
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.checking.explaining import Cells
from gen3submit.checking.judging import Judge
from gen3submit.checking.known import NO_PROJECT, Known
from gen3submit.checking.layered import Unforeseen
from gen3submit.checking.opening import OpenTable
from gen3submit.dictionary.model import Node
from gen3submit.findings import Finding, Verdict
from gen3submit.rules.documents import TableReader
from gen3submit.rules.errors import EntityError
from gen3submit.rules.store import Record
from gen3submit.rules.transaction import Rules

Mask = npt.NDArray[np.bool_]
AnyTable = OpenTable | ColumnarTable
_VERDICTS = tuple(Verdict)


class ColumnarJudge(Judge):
    """Applies the server's rules to tables of either kind."""

    def __init__(self, rules: Rules, reader: TableReader, known: Known, *, complete: bool):
        super().__init__(rules, reader, known, complete=complete)
        self._submission: AnnouncedTables = AnnouncedTables()

    def announce(self, tables: Iterable[AnyTable]) -> None:
        """Take note of every record of the submission, and of records that stand in two of its tables."""
        for table in tables:
            if isinstance(table, ColumnarTable):
                self._announce_rows(table)
            else:
                super().announce([table])

    def judge(self, tables: Sequence[AnyTable]) -> None:
        """Judge the tables of a unit: one big table, or any number of others.

        Raises:
            Unforeseen: the fast path cannot be trusted with this submission.
        """
        for table in tables:
            if isinstance(table, ColumnarTable):
                self._judge_rows(table)
        others = [table for table in tables if isinstance(table, OpenTable)]
        if others:
            super().judge(others)

    def _announce_rows(self, table: ColumnarTable) -> None:
        twice = self._submission.note_rows(table)
        cells = table.columns.cells({})
        for row, document in (table.documents(twice) if twice else {}).items():
            finding = self._announced_before(document, (table.path, table.lines[row]), cells)
            if finding is not None:
                table.announced[row] = [finding]
        special = table.opened
        before = {index: len(found) for index, found in special.findings.items()}
        if len(table.refused):
            special.verdict = Verdict.REFUSE
        super().announce([special])
        for index, found in special.findings.items():
            new = found[before.get(index, 0) :]
            if new:
                table.announced[int(table.special_rows[index])] = new

    def _judge_rows(self, table: ColumnarTable) -> None:
        node = table.columns.layout.node

        def explain(errors: Sequence[EntityError], cells: Cells) -> Group:
            return self._explained(errors, node, cells)

        with_similar = self._explainer.with_similar
        look = Look(
            table, self._known, self._submission, explain, with_similar, self._expect_missing, complete=self._complete
        )
        kinds = look.kinds()
        regular = np.ones(len(table), bool)
        regular[look.exact] = False
        there = arrays.distinct(kinds[regular]).tolist()
        witnesses = {kind: int(np.argmax(regular & (kinds == kind))) for kind in there}
        company = {row for witness in witnesses.values() for row in look.together.get(witness, ())}
        regular[sorted(company - {*witnesses.values()})] = False
        rows = sorted({*look.exact.tolist(), *witnesses.values(), *company})
        special = set(table.special_rows.tolist())
        ordinary = np.array([row for row in rows if row not in special], np.int64)
        opened = table.exactly(dict(table.rows_at(ordinary)))
        index = {row: place for place, row in enumerate(rows)}
        for row, announced in table.announced.items():
            for finding in announced:
                opened.add(index[row], finding)
        if look.names_projects and self._known.project == NO_PROJECT:
            self._note_unverified_project(opened)
        fetch_parents(self._known.store, node, (item.document for item in opened.rows if item.document is not None))
        super().judge([opened])
        fates = {kind: _fate(look, row, opened, index[row]) for kind, row in witnesses.items()}
        good = [kind for kind in witnesses if self._is_stored(node.id, table.ids[witnesses[kind]].as_py())]
        is_stored = np.zeros(256, bool)
        is_stored[[kind for kind in good if kind in (SOUND, FIRST_OF_SAME)]] = True
        stored = regular & is_stored[kinds]
        stored[list(witnesses.values())] = False  # the exact judge has stored these
        if stored.any():
            layer = StoredRows(table, stored, str(self._known.project), self._known.now)
            self._known.store.lay(layer, files=node.is_file)
        _conclude(table, look, kinds, regular, fates, index, opened)
        table.release()

    def _expect_missing(self, type_: str, names: Sequence[str]) -> None:
        self._submission.expect(type_, names)
        self._neighbours_of(type_).expect(names)

    def _explained(self, errors: Sequence[EntityError], node: Node, cells: Cells) -> Group:
        found = (finding for error in errors for finding in self._explainer.findings(error, node, cells))
        return tuple(map(self._with_search, found))

    def _is_stored(self, type_: str, name: str) -> bool:
        found = self._known.store.find(type_, {"project_id": str(self._known.project), "submitter_id": name})
        return any(not self._stands_in(type_, record) for record in found)

    def _stands_in(self, type_: str, record: Record) -> bool:
        layer = self._known.store.layer_of(record.id)
        return isinstance(layer, StandIns) or (type_, record.id) in self._known.placeholders

    def _is_placeholder(self, target: Node, reference: Mapping[str, object]) -> bool:
        name = {"project_id": str(self._known.project), "submitter_id": str(reference.get("submitter_id"))}
        held = self._known.store.get(target.id, str(reference["id"])) if "id" in reference else None
        found = [*self._known.store.find(target.id, name), *([held] if held else [])]
        return any(self._stands_in(target.id, record) for record in found)

    def _names(self, type_: str) -> Collection[str]:
        names = dict.fromkeys(super()._names(type_))
        for texts in self._submission.spelled(type_):
            names.update(dict.fromkeys(texts.to_pylist()))
        for layer in self._known.store.layers(type_):
            if isinstance(layer, StandIns) or (isinstance(layer, StoredRows) and not layer.is_of_submission):
                names.update(dict.fromkeys(layer.spelled.to_pylist()))
        return [name for name in names if name]


def _fate(look: Look, row: int, opened: OpenTable, index: int) -> tuple[Mode, Verdict]:
    """What became of the witness in this row."""
    found: list[Finding] = opened.findings.get(index, [])
    for mode in Mode:
        if look.said.of(row, mode) == found:
            return mode, opened.verdicts.get(index, Verdict.ACCEPT)
    raise Unforeseen(f"{opened.path}, line {opened.rows[index].row.line}")


def _conclude(
    table: ColumnarTable,
    look: Look,
    kinds: npt.NDArray[np.uint8],
    regular: Mask,
    fates: Mapping[int, tuple[Mode, Verdict]],
    exact: Mapping[int, int],
    opened: OpenTable,
) -> None:
    """Write down what became of every row; `exact` are the rows that the exact judge saw, with their places there."""
    modes, verdicts = np.zeros(256, np.uint8), np.zeros(256, np.uint8)
    for kind, (mode, verdict) in fates.items():
        modes[kind], verdicts[kind] = mode, _VERDICTS.index(verdict)
    rows, codes, groups = look.said.together(regular, modes[kinds])
    seen = {row: place for row, place in exact.items() if not regular[row]}
    found = {row: tuple(opened.findings[place]) for row, place in seen.items() if opened.findings.get(place)}
    codes = np.append(codes, np.arange(len(groups), len(groups) + len(found), dtype=codes.dtype))
    rows = np.append(rows, np.fromiter(found, np.int64, len(found)))
    order = np.argsort(rows, kind="stable")
    table.row_findings = OfRows(rows[order] + 1, codes[order], [*groups, *found.values()])
    of_rows = np.where(regular, verdicts[kinds], _VERDICTS.index(Verdict.ACCEPT)).astype(np.uint8)
    for row, place in seen.items():
        of_rows[row] = _VERDICTS.index(opened.verdicts.get(place, Verdict.ACCEPT))
    others = np.flatnonzero(of_rows != _VERDICTS.index(Verdict.ACCEPT))
    table.verdicts = OfRows(others + 1, of_rows[others], _VERDICTS)
    table.verdict = opened.verdict
    table.file_findings = tuple(opened.file_findings)
