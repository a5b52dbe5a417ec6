"""From the rows of a table to the JSON documents that Sheepdog makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.rules.bodies import DELIMITERS, LINK_SEPARATORS, Row, Table, cleaned_columns, read_table
from gen3submit.rules.columns import DocumentRefused, LinkColumn, NodeColumns, PropertyColumn

Document = dict[str, Any]
"""A record as it is submitted: ``type``, properties by name, and a list of references under each link's name."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row and what Sheepdog makes of it."""

    row: Row
    document: Document | None
    """None where the row is dropped without a word: its type is empty or no node type of the dictionary."""
    type: str | None
    """The stripped text of its type cell."""


@dataclass(slots=True)
class ReadTable:
    """A table, its columns as Sheepdog understands them, and a document for each row."""

    table: Table
    columns: Sequence[tuple[str, int]]
    """(cleaned name, index of its cell) of the columns that count."""
    rows: list[ReadRow] = field(default_factory=list)

    @property
    def documents(self) -> list[Document]:
        """The documents that go into the transaction, in order."""
        return [row.document for row in self.rows if row.document is not None]


class TableReader:
    """Reads tables into documents; keeps what it learnt of columns and cells from table to table."""

    def __init__(self, nodes: Mapping[str, Node]):
        self._nodes = nodes
        self._columns: dict[tuple[str, str], NodeColumns] = {}

    def columns(self, node: Node, format_: str) -> NodeColumns:
        """How rows of this node type understand columns of a ``tsv`` or ``csv`` table."""
        key = (node.id, format_)
        if key not in self._columns:
            self._columns[key] = NodeColumns(node, self._nodes, LINK_SEPARATORS[format_])
        return self._columns[key]

    def read(self, text: str, format_: str) -> ReadTable:
        """The table and its documents.

        Raises:
            DocumentRefused: Sheepdog would refuse the table as a whole.
        """
        read = self.open(text, format_)
        for _ in self.rows(read, format_, text):
            pass
        return read

    def open(self, text: str, format_: str) -> ReadTable:
        """The table without its documents; never raises."""
        table = read_table(text, DELIMITERS[format_])
        return ReadTable(table, cleaned_columns(table.header))

    def rows(
        self, read: ReadTable, format_: str, text: str, on_refusal: Callable[[DocumentRefused], None] | None = None
    ) -> Iterator[ReadRow]:
        """Fill `read` row by row, as far as Sheepdog gets.

        Args:
            read: what `open` gave.
            format_: ``tsv`` or ``csv``.
            text: the table's text, which Sheepdog quotes in a refusal.
            on_refusal: is told of each row that Sheepdog would refuse the table for, in place of the exception; the
                row then has no document, and reading goes on.

        Raises:
            DocumentRefused: as `read`, once the rows before the one that it stumbles over are there.
        """
        properties = [(name, index) for name, index in read.columns if "." not in name]
        links = [(name, index) for name, index in read.columns if "." in name]
        type_index = dict(properties).get("type")
        bad_names = [(name, words) for name, _ in links if (words := _bad_link_name(name))]
        complaints: list[dict[str, Any]] = []
        columns: dict[str, _Columns] = {}

        def refuse(refusal: DocumentRefused) -> None:
            if on_refusal is None:
                raise refusal
            on_refusal(refusal)

        for row in read.table.rows:
            document: Document | None = None
            type_ = (row.cells[type_index] or "").strip() if type_index is not None else ""
            node = self._nodes.get(type_)
            if row.extra:
                words = "Unable to parse document: 'NoneType' object has no attribute 'lstrip'"
                refuse(DocumentRefused(words, row=row.number, kind="row-too-long"))
            elif node is not None:
                if type_ not in columns:
                    columns[type_] = _Columns.of(self.columns(node, format_), properties, links)
                try:
                    document = columns[type_].document(row)
                except DocumentRefused as refusal:
                    refuse(refusal)
                complaints += (
                    {"message": words, "columns": [name], "line": row.server_line} for name, words in bad_names
                )
            read.rows.append(ReadRow(row, document, type_ or None))
            yield read.rows[-1]
        if read.table.broken:
            words = f"Unable to parse document: {read.table.broken}"
            refuse(DocumentRefused(words, row=len(read.table.rows) + 1, kind="cell-too-long"))
        if complaints:
            words = f"Unable to parse doc '{text}': {complaints}"
            refuse(DocumentRefused(words, column=bad_names[0][0], kind="link-name-malformed"))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a table as rows of one node type understand them, in the order in which they count."""

    properties: Sequence[tuple[str, int, PropertyColumn]]
    """(name, index of its cell, what it means)."""
    links: Sequence[tuple[int, LinkColumn]]

    @classmethod
    def of(
        cls, columns: NodeColumns, properties: Sequence[tuple[str, int]], links: Sequence[tuple[str, int]]
    ) -> _Columns:
        return cls(
            [(name, index, columns.property(name)) for name, index in properties],
            [(index, columns.link(name)) for name, index in links if not _bad_link_name(name)],
        )

    def document(self, row: Row) -> Document:
        """The document of a row.

        Raises:
            DocumentRefused: a value stands under a link that the node type does not have.
        """
        document: Document = {}
        cells = row.cells
        for name, index, column in self.properties:
            text = cells[index]
            if text is not None:  # a cell that is not there leaves the property out; an empty one makes it null
                values = column.values
                document[name] = values[text] if text in values else column.value(text)
        found: dict[str, list[dict[str, Any]]] = {}
        for index, link in self.links:
            references = found.setdefault(link.link, [])
            text = cells[index]
            if text is not None:
                try:
                    references += link.references(text)
                except DocumentRefused as refused:
                    refused.row = row.number
                    raise
        for name, named in found.items():
            document[name] = [dict(reference) for reference in named]
        return document


def _bad_link_name(name: str) -> str | None:
    link, _, key = name.partition(".")
    if not link:
        return f"Invalid link name: {name}"
    if not key:
        return f"Invalid link property name: {name}"
    return None
