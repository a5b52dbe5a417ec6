"""What is known of the commons: the project, the records said to be there, and those of the submission so far."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from gen3submit.checking.existing import ExistingRecords, parents_in
from gen3submit.checking.layered import LayeredStore
from gen3submit.dictionary.model import Node
from gen3submit.dictionary.order import node_order
from gen3submit.errors import UsageProblem
from gen3submit.messages import check as words
from gen3submit.project import ProjectId
from gen3submit.rules.bodies import decode
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import Document, TableReader
from gen3submit.rules.entities import key_values
from gen3submit.rules.identity import look_up
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.store import Record
from gen3submit.rules.transaction import Rules
from gen3submit.tables.sources import sources

NO_PROJECT = ProjectId("?", "?")
"""Stands for the project where none was given: project links are then not verified."""


class CommonsLike(Protocol):
    """What a check asks of a commons."""

    def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
        """Every record of a node type, as the commons exports it."""


class Known:
    """The records that the rules may find."""

    def __init__(self, rules: Rules, reader: TableReader, project: ProjectId):
        self.store = LayeredStore()
        self.project = project
        self.placeholders: set[tuple[str, str]] = set()
        """(type, id) of parents that nobody could verify."""
        self._rules = rules
        self._reader = reader
        self.now = datetime.now(UTC).isoformat()
        self.store.put(
            Record(
                project_record_id(project.code),
                "project",
                {"code": project.code, "name": project.code, "state": "open"},
            )
        )

    def add_existing(self, inputs: Sequence[Any]) -> None:
        """Apply files of records that are in the commons already, in order, as the server applied them.

        TSV and CSV as they were submitted, or exports in JSON; the tables of a folder parents first.

        Raises:
            UsageProblem: a file is not there, or cannot be taken to pieces.
        """
        for item in inputs:
            for documents in self._existing_documents(item):
                self._add(documents, as_exported=_is_export(item))

    def add_commons(self, commons: CommonsLike, types: Iterable[str]) -> None:
        """Add what a commons holds of these node types and of those that their links lead to.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        wanted = set(types)
        wanted |= {link.target for type_ in wanted for link in self._rules.nodes[type_].links_by_name.values()}
        for stage in node_order(self._rules.nodes, wanted):
            for group in stage:
                for type_ in group.types:
                    if self._rules.nodes[type_].is_submittable:
                        exported = commons.export(str(self.project), type_)
                        self._add(map(as_document, exported), as_exported=True)

    def _add(self, documents: Iterable[Document], *, as_exported: bool) -> None:
        """Add records that are there; those of which there is more to say than what they hold by the rules."""
        new: dict[str, ExistingRecords | None] = {}
        others = []
        for document in documents:
            type_ = str(document.get("type"))
            if type_ not in new:
                new[type_] = self._new_records(type_, as_exported=as_exported)
            records = new[type_]
            if records is None or not records.add(document):
                others.append(document)
        for records in new.values():
            if records:
                self.store.add_existing(records)
        self._submit(others)

    def _new_records(self, type_: str, *, as_exported: bool) -> ExistingRecords | None:
        node = self._rules.nodes.get(type_)
        if node is None or not ExistingRecords.fits(node) or self.store.has_any(type_):
            return None
        return ExistingRecords(node, self._rules.nodes, str(self.project), as_exported=as_exported)

    def _submit(self, documents: list[Document]) -> None:
        """Submit documents of records that are there; those that the rules refuse are facts all the same."""
        waiting = documents
        while waiting:
            run = self._rules.run([dict(document) for document in waiting], self.store, str(self.project), now=self.now)
            if run.success:
                return
            bad = {entity.position for entity in run.entities if not entity.valid}
            bad |= {position for position, _ in run.repeated}
            bad |= set(run.broken_by)
            bad |= set(range(len(waiting))) - {entity.position for entity in run.entities}
            for position in sorted(bad):
                self._put(waiting[position])
            if not bad:
                for document in waiting:
                    self._put(document)
                return
            waiting = [document for position, document in enumerate(waiting) if position not in bad]

    def names(self, type_: str) -> set[str]:
        """The names of the records of a node type."""
        existing = self.store.existing(type_)
        return {
            str(record.properties.get("submitter_id") or record.properties.get("code") or "")
            for record in self.store.find(type_, {})
        }.union(() if existing is None else existing.spelled())

    def placeholder(self, type_: str, reference: Mapping[str, Any]) -> None:
        """Add a parent that cannot be verified, so that the rules find it."""
        record = Record(str(reference.get("id") or uuid4()), type_, {"project_id": str(self.project)})
        record.properties.update((key, value) for key, value in reference.items() if key != "id")
        self.store.put(record)
        self.placeholders.add((type_, record.id))

    def has_parent(self, target: Node, reference: Mapping[str, Any]) -> bool:
        """Whether the reference leads to a record that is known."""
        keys = key_values(target, reference, str(self.project))
        return bool(look_up(self.store, target, reference.get("id"), keys))

    def _existing_documents(self, item: Any) -> Iterator[list[Document]]:
        if _is_export(item):
            yield exported_documents(Path(item))
            return
        tables = []
        for source in sources(item):
            try:
                tables.append(self._reader.read(decode(source.read()), source.format).documents)
            except DocumentRefused as refusal:
                raise UsageProblem(words.existing_unreadable(source.path, str(refusal))) from None
        if isinstance(item, str | Path) and Path(item).is_dir():
            place = {
                node_id: number
                for number, stage in enumerate(node_order(self._rules.nodes))
                for group in stage
                for node_id in group.types
            }
            tables.sort(key=lambda table: max((place[document["type"]] for document in table), default=0))
        yield from tables

    def _put(self, document: Mapping[str, Any]) -> None:
        node = self._rules.nodes.get(str(document.get("type")))
        if node is None:
            return
        properties = {
            name: value
            for name, value in document.items()
            if name not in ("id", "type") and name not in node.links_by_name
        }
        properties.setdefault("project_id", str(self.project))
        record = Record(str(document.get("id") or uuid4()), node.id, properties)
        self.store.put(record)
        for name, link in node.links_by_name.items():
            for reference in parents_in(document.get(name)):
                keys = key_values(self._rules.nodes[link.target], reference, str(self.project))
                for parent in look_up(self.store, self._rules.nodes[link.target], reference.get("id"), keys)[:1]:
                    self.store.link(record, name, parent)


def exported_documents(path: Path) -> list[Document]:
    """The records of a JSON export (``{"data": [...]}`` or a list) as documents to submit.

    Raises:
        UsageProblem: the file is no such export.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageProblem(words.existing_unreadable(str(path), str(error))) from None
    data = value.get("data") if isinstance(value, dict) else value
    if not isinstance(data, list) or not all(isinstance(record, dict) for record in data):
        raise UsageProblem(words.existing_unreadable(str(path), words.no_export()))
    return [as_document(record) for record in data]


def as_document(exported: Mapping[str, Any]) -> Document:
    """An exported record as a document; parents by their unique key, by ``node_id`` only where there is no other."""
    document: Document = {}
    for name, value in exported.items():
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            document[name] = [_reference(item) for item in value]
        else:
            document[name] = value
    return document


def _reference(exported: Mapping[str, Any]) -> dict[str, Any]:
    keys = {name: value for name, value in exported.items() if name not in ("id", "node_id") and value is not None}
    return keys or {"id": exported.get("node_id") or exported.get("id")}


def _is_export(item: Any) -> bool:
    return isinstance(item, str | Path) and str(item).lower().endswith(".json")
