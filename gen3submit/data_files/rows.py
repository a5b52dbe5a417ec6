"""The rows of tables that describe data files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.messages import data_files as words
from gen3submit.rules.bodies import DELIMITERS, Row, cleaned_columns, decode, read_table
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.values import as_integer
from gen3submit.tables.sources import sources

_NAMES = ("submitter_id", "object_id", "file_name", "file_size", "md5sum")


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a data-file node type."""

    path: str
    """The table."""
    line: int
    """The line of the table, as an editor counts."""
    node: str
    cells: Mapping[str, str]
    """The stripped text of the columns that say anything about the file, by property; empty ones left out."""
    columns: Mapping[str, str]
    """How the header spells these columns."""

    @property
    def submitter_id(self) -> str | None:
        """The record's name."""
        return self.cells.get("submitter_id")

    @property
    def object_id(self) -> str | None:
        """The id in the file index."""
        return self.cells.get("object_id")

    @property
    def file_name(self) -> str | None:
        """The name of the file."""
        return self.cells.get("file_name")

    @property
    def file_size(self) -> int | None:
        """The size in bytes; None where none is given, or it is no whole number."""
        size = as_integer(self.cells.get("file_size", ""))
        return size if isinstance(size, int) else None

    @property
    def md5sum(self) -> str | None:
        """The md5 hash."""
        return self.cells.get("md5sum")


def file_rows(paths: Any, nodes: Mapping[str, Node]) -> Iterator[FileRow]:
    """The rows of data-file node types in tables, dropped rows left out.

    Raises:
        UsageProblem: a path is not there, or no table.
    """
    for source in sources(paths):
        try:
            table = read_table(decode(source.read()), DELIMITERS[source.format])
        except DocumentRefused:
            raise UsageProblem(words.not_utf8(source.path)) from None
        columns = dict(cleaned_columns(table.header))
        if "type" not in columns:
            continue
        spelt = {name: table.header[columns[name]] for name in _NAMES if name in columns}
        for row in table.rows:
            node = nodes.get(_cell(row, columns["type"]))
            if node is not None and node.is_file:
                cells = {name: text for name in spelt if (text := _cell(row, columns[name])) not in ("", "null")}
                yield FileRow(source.path, row.line, node.id, cells, spelt)


def _cell(row: Row, at: int) -> str:
    return (row.cells[at] or "").strip()
