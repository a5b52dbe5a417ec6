"""The rows of a table one by one, in memory that does not grow with the table.

Gives exactly the rows and documents that `gen3submit.rules.documents.TableReader` reads from the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gen3submit.dictionary.model import Node
from gen3submit.planning.slices import Slice, Slices
from gen3submit.rules.bodies import Row, Table
from gen3submit.rules.documents import Document, ReadRow, ReadTable, TableReader
from gen3submit.tables.source import Source


@dataclass(frozen=True, slots=True)
class StreamedRow:
    """A row of a table, as a check counts them: rows without any content are no rows."""

    row: int
    """1 for the first row after the header."""
    line: int
    """The line of the file, as an editor counts."""
    type: str | None
    document: Document | None
    """None where the server drops the row or cannot read it."""


@dataclass(slots=True)
class Streamed:
    """A table that is being read; its hash is known once the last row was taken."""

    source: Source
    nodes: Mapping[str, Node]
    sha256: str = field(default="", init=False)

    def __iter__(self) -> Iterator[StreamedRow]:
        """The rows in the file's order.

        Raises:
            UsageProblem: the file cannot be read (any more), or as no table.
        """
        slices = Slices(self.source)
        for part in slices:
            for item in documents_of(slices, part, self.nodes, self.source.format):
                yield StreamedRow(item.row.number, item.row.line, item.type, item.document)
        self.sha256 = slices.sha256


def documents_of(slices: Slices, part: Slice, nodes: Mapping[str, Node], format_: str) -> Iterator[ReadRow]:
    """The rows of a slice with their documents; without one where the server would refuse the row."""
    width = len(slices.header)
    rows = [
        Row(
            part.first + place,
            line,
            cells if len(cells) == width else [*cells[:width], *[None] * (width - len(cells))],
            cells[width:],
            part.first + place,
        )
        for place, (line, cells) in enumerate(zip(part.lines, part.cells, strict=True))
    ]
    read = ReadTable(Table(slices.header, slices.header_line, rows), slices.columns)
    # A new reader for each slice: it keeps every distinct cell it has met.
    return TableReader(nodes).rows(read, format_, "", lambda _: None)
