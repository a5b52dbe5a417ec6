"""The parents that a row names, and whether one of them failed: then the row is not sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gen3submit.dictionary import Dictionary, Node
from gen3submit.findings import Finding, Severity
from gen3submit.journal import Journal
from gen3submit.journal import rows as row_store
from gen3submit.journal.rows import FAILED, JournalRow
from gen3submit.planning.comparing import parents_of
from gen3submit.rules.documents import Document


def references(document: Document, node: Node) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The parents that a document names: (link, node type of the parent, reference)."""
    for name, link in node.links_by_name.items():
        for reference in parents_of(document.get(name)):
            yield name, link.target, reference


class FailedParents:
    """Tells of a row which of its parents in the same submission failed, if any did."""

    def __init__(self, journal: Journal, dictionary: Dictionary) -> None:
        self.journal = journal
        self._dictionary = dictionary
        self._types = {entry.name: entry.number for entry in row_store.types(journal)}
        self._paths = {file.number: file.path for file in row_store.files(journal)}
        self._with_failures: set[str] = set()

    def refresh(self) -> None:
        """Look which node types have rows that failed. While there are none, nothing is looked up row by row."""
        marks = ", ".join("?" for _ in FAILED)
        sql = f"SELECT DISTINCT type FROM row WHERE type IS NOT NULL AND state IN ({marks})"  # noqa: S608  # marks only
        found = {number for (number,) in self.journal.rows(sql, *map(str, FAILED))}
        self._with_failures = {name for name, number in self._types.items() if number in found}

    def may_block(self, type_: str) -> bool:
        """Whether rows failed of a node type that links of this type lead to."""
        if not self._with_failures:
            return False
        links = self._dictionary.nodes[type_].links_by_name.values()
        return any(link.target in self._with_failures for link in links)

    def note(self, type_: str) -> None:
        """A row of this type failed."""
        self._with_failures.add(type_)

    def of(self, document: Document, type_: str) -> Finding | None:
        """The finding that keeps a row back because a parent failed; None where none did."""
        for link, target, reference in references(document, self._dictionary.nodes[type_]):
            if target not in self._with_failures:
                continue
            parent = self.row_of(target, reference)
            if parent is not None and parent.state in FAILED:
                return self.finding(parent, link, type_)
        return None

    def finding(self, parent: JournalRow, link: str, child_type: str) -> Finding:
        """The finding of a row of which this parent failed."""
        facts = {"link": link, "target": self.type_name(parent), "path": self._paths[parent.file], "line": parent.line}
        return Finding("parent-rejected", Severity.ERROR, None, link, str(parent.submitter_id), child_type, facts)

    def type_name(self, row: JournalRow) -> str:
        """The node type of a row."""
        return next(name for name, number in self._types.items() if number == row.type)

    def row_of(self, target: str, reference: Mapping[str, Any]) -> JournalRow | None:
        """The row of the submission that a reference means, if it is one."""
        number = self._types.get(target)
        if number is None:
            return None
        submitter_id = reference.get("submitter_id")
        if submitter_id is not None:
            return row_store.row_by_key(self.journal, number, str(submitter_id).lower())
        id_ = reference.get("id")
        if id_ is None:
            return None
        sql = "SELECT g.row FROM given_id g JOIN row r ON r.number = g.row WHERE g.id = ? AND r.type = ? LIMIT 1"
        found = self.journal.value(sql, str(id_), number)
        if found is None:
            return None
        return next(iter(row_store.rows_of(self.journal, [found])), None)
