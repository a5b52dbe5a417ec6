"""A table of a submission, opened: its rows as Sheepdog reads them, and what is wrong with it as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gen3submit.checking import structure
from gen3submit.checking.explaining import Cells
from gen3submit.dictionary.model import Node
from gen3submit.findings import FileFinding, FileResult, Finding, Severity, Verdict
from gen3submit.rules.bodies import DELIMITERS, decode
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import Document, ReadRow, ReadTable, TableReader
from gen3submit.tables.source import Source, digest


@dataclass(slots=True)
class OpenTable:
    """A table of the submission, read, with what is found in it so far."""

    source: Source
    sha256: str
    read: ReadTable | None
    """None where it is no text."""
    text: str = ""
    verdict: Verdict = Verdict.ACCEPT
    file_findings: list[FileFinding] = field(default_factory=list)
    rows: list[ReadRow] = field(default_factory=list)
    """The rows that hold anything."""
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    """By index in `rows`."""
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_text(self) -> bool:
        """Whether it could be read."""
        return self.read is not None

    @property
    def path(self) -> str:
        """The table's name."""
        return self.source.path

    @property
    def types(self) -> list[str]:
        """The node types of its records, each once, in order of appearance."""
        return list(dict.fromkeys(str(item.document["type"]) for item in self.rows if item.document is not None))

    def cells(self, index: int) -> Cells:
        """The cells of a row."""
        assert self.read is not None
        return Cells(self.read.table.header, self.columns, self.rows[index].row.cells)

    def identity(self, index: int) -> Document | None:
        """What tells which record a row is for which the server would refuse the table; None where nothing does."""
        item = self.rows[index]
        submitter_id = _submitter_id(item, self)
        if self.verdict is not Verdict.REFUSE or item.type is None or submitter_id is None:
            return None
        return {"type": item.type, "submitter_id": submitter_id}

    def add(self, index: int, finding: Finding) -> None:
        """Record a finding of a row, once."""
        found = self.findings.setdefault(index, [])
        if finding not in found:
            found.append(finding)

    @property
    def has_rejected(self) -> bool:
        """Whether the server would reject a row."""
        return Verdict.REJECT in self.verdicts.values()

    def kept_back(self, index: int) -> bool:
        """Whether a finding of the row is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings.get(index, ()))

    def result(self) -> FileResult:
        """The table in the check's result."""
        return FileResult(
            self.path,
            self.verdict,
            self.source.format,
            self.sha256,
            tuple(self.file_findings),
            [item.row.line for item in self.rows],
            [item.type for item in self.rows],
            [_submitter_id(item, self) for item in self.rows],
            {index + 1: verdict for index, verdict in self.verdicts.items() if verdict is not Verdict.ACCEPT},
            {index + 1: tuple(found) for index, found in sorted(self.findings.items())},
        )


@dataclass(frozen=True, slots=True)
class SentRow:
    """A document that goes into a request, with the row it came from."""

    table: OpenTable
    index: int
    document: Document

    @property
    def line(self) -> int:
        """The line of the file, as an editor counts."""
        return self.table.rows[self.index].row.line

    @property
    def cells(self) -> Cells:
        """The cells of the row."""
        return self.table.cells(self.index)

    def add(self, finding: Finding) -> None:
        """Record a finding of the row, once; an error that the server itself would record rejects it."""
        self.table.add(self.index, finding)
        if finding.server_type is not None:
            self.table.verdicts[self.index] = Verdict.REJECT


def open_table(source: Source, reader: TableReader, nodes: Mapping[str, Node]) -> OpenTable:
    """Read a table, with what is wrong with it as a table."""
    data = source.read()
    table = OpenTable(source, digest(data), None)
    try:
        table.text = decode(data)
    except DocumentRefused:
        table.verdict = Verdict.REFUSE
        table.file_findings.append(structure.not_utf8(data, DELIMITERS[source.format]))
        return table
    examine(table, reader.open(table.text, source.format), reader, nodes)
    return table


def examine(table: OpenTable, read: ReadTable, reader: TableReader, nodes: Mapping[str, Node]) -> None:
    """Make documents of the rows that were read, and find what is wrong with them as a table."""
    source = table.source
    table.read = read
    table.columns = dict(read.columns)
    refusals: list[DocumentRefused] = []
    for _ in reader.rows(read, source.format, table.text, refusals.append):
        pass
    node_ids = dict.fromkeys(node.id for node in nodes.values() if node.is_submittable)
    blank = [item.row.line for item in read.rows if item.document is None and structure.is_blank(item.row)]
    table.rows = [item for item in read.rows if item.document is not None or not structure.is_blank(item.row)]
    table.file_findings += structure.header_findings(read, source.format, node_ids)
    if blank:
        table.file_findings.append(structure.blank_rows(blank))
    by_number = {item.row.number: index for index, item in enumerate(table.rows)}
    types = {item.row.number: item.type for item in read.rows}
    for refused in refusals:
        table.verdict = Verdict.REFUSE
        known = nodes.get(types.get(refused.row or 0) or next(iter(table.types), ""))
        finding = structure.refusal(refused, read, types, known)
        index = by_number.get(refused.row or 0)
        if index is None:
            line = read.table.header_line if refused.column else read.table.broken_line
            table.file_findings.append(FileFinding(finding, line))
        else:
            table.add(index, finding)
            table.verdicts[index] = Verdict.REJECT
    for problems in (structure.cut_lines(read.table), structure.swallowed(read, source.format, node_ids)):
        for number, finding in problems.items():
            if number in by_number:
                table.add(by_number[number], finding)
    for index, item in enumerate(table.rows):
        if item.document is None and index not in table.verdicts:
            table.verdicts[index] = Verdict.DROP
            if index not in table.findings and "type" in table.columns:
                table.add(index, structure.dropped(item, read, node_ids))


def _submitter_id(item: ReadRow, table: OpenTable) -> str | None:
    index = table.columns.get("submitter_id")
    text = item.row.cells[index] if index is not None else None
    return text.strip() if text and text.strip() else None
