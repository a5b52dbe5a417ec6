"""The records of a table: each row with the document that Sheepdog's own reader makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gen3submit.rules.bodies import decode
from gen3submit.rules.documents import Document, TableReader
from gen3submit.tables.sources import Source


@dataclass(frozen=True, slots=True)
class SubmittedRecord:
    """A row that the server would take up, ready to be sent."""

    path: str
    row: int
    """1 for the first row after the header."""
    line: int
    """The line of the file, as an editor counts."""
    document: Document
    """What is sent as JSON: exactly what the server's TSV reader makes of the row."""

    @property
    def type(self) -> str:
        """The node type."""
        return str(self.document["type"])

    @property
    def submitter_id(self) -> str | None:
        """The record's submitter_id as text; None where the row has none."""
        value = self.document.get("submitter_id")
        return None if value is None else str(value)


def records(source: Source, reader: TableReader) -> Iterator[SubmittedRecord]:
    """The records of a table, dropped rows left out, in the file's order.

    Raises:
        DocumentRefused: the server would refuse the table as a whole; a check says so before.
        UsageProblem: the file cannot be read.
    """
    read = reader.read(decode(source.read()), source.format)
    for item in read.rows:
        if item.document is not None:
            yield SubmittedRecord(source.path, item.row.number, item.row.line, item.document)
