"""Correcting one table: from its bytes to better ones, every step noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gen3submit.dictionary.model import Node
from gen3submit.fixing import header, shape
from gen3submit.fixing.changes import ChangeLog
from gen3submit.fixing.encodings import Decoded, as_bytes_shown, decoded
from gen3submit.fixing.lexing import WrittenRow, WrittenTable, value_of, written
from gen3submit.fixing.parents import KnownIds, ParentCells
from gen3submit.fixing.spelling import folded_name, only_match, only_slip, trimmed
from gen3submit.fixing.values import Mended, PropertyCells
from gen3submit.messages import fixing as words
from gen3submit.progress import Progress
from gen3submit.project import ProjectId
from gen3submit.rules.bodies import LINK_SEPARATORS
from gen3submit.rules.columns import clean_name
from gen3submit.rules.documents import TableReader
from gen3submit.rules.schema import NodeSchema
from gen3submit.tables.source import Source

_ROWS_A_STEP = 5_000
"""After so many rows the progress is told."""


@dataclass
class Asked:
    """What is known while tables are corrected."""

    nodes: Mapping[str, Node]
    reader: TableReader
    ids: KnownIds
    project: ProjectId | None
    unsafe: bool
    node_ids: list[str] = field(init=False)
    """The node types whose records are submitted."""
    _schemas: dict[str, NodeSchema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.node_ids = [node.id for node in self.nodes.values() if node.is_submittable]

    def schema(self, node: Node) -> NodeSchema:
        """The schema that the values of a node type's records must fit."""
        if node.id not in self._schemas:
            self._schemas[node.id] = NodeSchema(node, frozenset())
        return self._schemas[node.id]


class Correction:
    """A table under correction. The steps are to be taken for all tables of a submission in turn."""

    def __init__(self, source: Source, asked: Asked):
        self.source = source
        self.log = ChangeLog(source.path)
        self._asked = asked
        self._data = source.read()
        self._table: WrittenTable | None = None
        self._type_column: int | None = None
        self._names: list[str] = []

    def mend_table(self) -> None:
        """The first step: encoding, lines, header and types."""
        found = decoded(self._data)
        if found is None:
            return
        asked, log = self._asked, self.log
        table = self._table = shape.with_right_delimiter(found.text, self.source.format, log)
        shape.mend_comments(table, log)
        if asked.unsafe:
            shape.mend_swallowed_rows(table, log)
        shape.mend_line_breaks(table, asked.node_ids, log)
        shape.mend_lines(table, log)
        shape.mend_width(table, log)
        shape.mend_line_breaks(table, asked.node_ids, log)  # of rows that have the right width only now
        self._type_column = header.mend_type_column(table, asked.node_ids, log, unsafe=asked.unsafe)
        if self._type_column is not None:
            shape.mend_no_records(table, self._type_column, asked.node_ids, log)
            self._mend_types(table, self._type_column)
            types = dict.fromkeys(self._type(row) for row in table.rows)
            nodes = [asked.nodes[type_] for type_ in types if type_ in asked.nodes]
            if nodes:
                header.mend_names(table, nodes, asked.nodes, log, unsafe=asked.unsafe)
        self._names = [clean_name(value) for value in table.header.values()]
        if "type" in self._names:
            self._type_column = len(self._names) - 1 - self._names[::-1].index("type")
        self._note_encoding(table, found)

    def mend_ids(self) -> None:
        """The second step: the records' own ids, which the links of every table may name."""
        if self._table is None or "submitter_id" not in self._names:
            return
        index = len(self._names) - 1 - self._names[::-1].index("submitter_id")
        for row in self._table.rows:
            if index >= len(row.cells):
                continue
            type_, id_ = self._type(row), value_of(row.cells[index]).strip()
            bare = trimmed(id_)
            if bare != id_ and type_ in self._asked.nodes:
                known = self._asked.ids.complete
                if (known and not self._asked.ids.holds(type_, id_)) or (not known and self._asked.unsafe):
                    self._replace(row, index, Mended(bare, "invisible-character", guess=not known))
                    id_ = bare
            if id_:
                self._asked.ids.add(type_, id_)

    def mend_cells(self) -> Iterator[int]:
        """The third step: every other cell. Tells now and then how many rows more are done."""
        if self._table is None or self._type_column is None:
            return
        plans: dict[str, list[tuple[int, Callable[[str], Mended | None], dict[str, Mended | None]]]] = {}
        for number, row in enumerate(self._table.rows, 1):
            if number % _ROWS_A_STEP == 0:
                yield _ROWS_A_STEP
            type_ = self._type(row)
            if type_ not in self._asked.nodes:
                continue
            plan = plans.get(type_)
            if plan is None:
                menders = self._menders(self._asked.nodes[type_])
                plan = plans[type_] = [(index, mended, {}) for index, mended in menders]
            cells = row.cells
            for index, mended, seen in plan:
                if index >= len(cells):
                    continue
                cell = cells[index]
                if cell in seen:
                    better = seen[cell]
                else:
                    better = seen[cell] = mended(value_of(cell))
                if better is not None:
                    self._replace(row, index, better)
        if plans:  # now columns may be empty, or say the same, that did not before
            shape.mend_width(self._table, self.log)
            header.drop_repeated(self._table, self.log, unsafe=self._asked.unsafe)
        yield len(self) % _ROWS_A_STEP

    def __len__(self) -> int:
        return len(self._table.rows) if self._table is not None else 0

    def data(self) -> bytes:
        """The table's bytes; its own where nothing was changed."""
        if self._table is None or not self.log:
            return self._data
        return self._table.text().encode()

    def _menders(self, node: Node) -> Iterator[tuple[int, Callable[[str], Mended | None]]]:
        asked = self._asked
        columns = asked.reader.columns(node, self.source.format)
        for index, name in enumerate(self._names):
            link_name, dot, key = name.partition(".")
            if not dot:
                yield index, PropertyCells(node, name, columns, asked.schema(node), unsafe=asked.unsafe).mended
            elif link_name in node.links_by_name:
                link = node.links_by_name[link_name]
                separator = LINK_SEPARATORS[self.source.format]
                cells = ParentCells(
                    link, asked.nodes[link.target], key, separator, asked.ids, asked.project, unsafe=asked.unsafe
                )
                yield index, cells.mended

    def _mend_types(self, table: WrittenTable, column: int) -> None:
        node_ids = self._asked.node_ids
        known = set(self._asked.nodes)
        texts = dict.fromkeys(self._type(row) for row in table.rows)
        better: dict[str, Mended] = {}
        for text in texts:
            if text in known:
                continue
            same = only_match(text, node_ids, folded_name) if text else None
            if same is not None:
                better[text] = Mended(same, "type")
            elif self._asked.unsafe:
                others = known & set(texts)
                near = only_slip(text, node_ids) if text else next(iter(others)) if len(others) == 1 else None
                if near is not None:
                    better[text] = Mended(near, "type" if text else "type-of-the-others", guess=True)
        for row in table.rows:
            found = better.get(self._type(row))
            if found is not None and column < len(row.cells):
                self._replace(row, column, found)

    def _type(self, row: WrittenRow) -> str:
        column = self._type_column
        return value_of(row.cells[column]).strip() if column is not None and column < len(row.cells) else ""

    def _replace(self, row: WrittenRow, index: int, better: Mended) -> None:
        assert self._table is not None
        cell = row.cells[index]
        column = (
            clean_name(value_of(self._table.header.cells[index])) if index < len(self._table.header.cells) else None
        )
        row.cells[index] = written(better.value, self._table.delimiter, cell)
        self.log.note(better.kind, row.line, column, value_of(cell), better.value, guess=better.guess)

    def _note_encoding(self, table: WrittenTable, found: Decoded) -> None:
        if found.encoding is None:
            return
        kind = "byte-order-mark" if found.codec == "utf-8-sig" else "encoding"
        self.log.note(kind, None, None, found.encoding, "UTF-8")
        if found.codec != "cp1252":
            return
        for row in table.rows:
            for index, cell in enumerate(row.cells):
                if not cell.isascii():
                    column = self._names[index] if index < len(self._names) else None
                    text = value_of(cell)
                    self.log.note("encoding", row.line, column, as_bytes_shown(text, found.codec), text)


def correct(sources: Sequence[Source], asked: Asked, progress: Progress) -> list[Correction]:
    """Correct the tables of a submission; ids that links name are mended before the links."""
    corrections = [Correction(source, asked) for source in sources]
    with progress.start(words.reading(), len(corrections), words.FILES) as task:
        for correction in corrections:
            correction.mend_table()
            correction.mend_ids()
            task.advance()
    with progress.start(words.correcting(), sum(map(len, corrections))) as task:
        for correction in corrections:
            for done in correction.mend_cells():
                task.advance(done)
    return corrections
