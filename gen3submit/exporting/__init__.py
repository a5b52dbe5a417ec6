"""Writes the records of a project to files, as tables that go back unchanged or as JSON."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import uuid4

from gen3submit.commons.address import checked_node
from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.exporting.tables import NodeTables, Uncarried
from gen3submit.listing import json_text
from gen3submit.messages import exporting as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId

Format = Literal["tsv", "json"]

NOT_IN_TABLES = "not-in-tables.json"
"""The file, beside the tables, with the records that they do not carry whole."""


class Sink(Protocol):
    """Where bytes go: a file, a stream."""

    def write(self, content: bytes, /) -> object:
        """Take these bytes."""

    def writelines(self, lines: Iterable[bytes], /) -> object:
        """Take these one after the other."""


class CommonsLike(Protocol):
    """What an export asks of a commons."""

    def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
        """Every record of a node type."""

    def export_ids(self, project_id: str, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Records by id."""

    def projects(self, program: str) -> list[str]:
        """The codes of the projects of a program."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export."""

    path: Path
    node: str
    records: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    files: tuple[ExportedFile, ...]
    records: Mapping[str, int]
    """How many records each node type has, those in no table too."""
    notes: tuple[str, ...]
    """What the tables do not carry, in sentences."""
    incomplete: Path | None
    """The file with the records that the tables do not carry whole; None where they carry all."""


def export_project(
    commons: CommonsLike,
    project: str | ProjectId,
    folder: str | Path,
    *,
    nodes: Mapping[str, Node],
    format: Format = "tsv",  # noqa: A002  the word that the commons has for it
    progress: Progress = NO_PROGRESS,
) -> Exported:
    """Write every record of a project into a new folder, one file (or a few) for each node type that has any.

    `check` and `submit` take the tables back, and the commons stays as it is. The folder appears once it is whole.

    Args:
        commons: where the records are.
        project: the project.
        folder: a folder that is not there yet, or empty.
        nodes: the node types; a `Dictionary` is that.
        format: ``tsv`` for tables, ``json`` for the records exactly as the commons exports them.
        progress: is told how far it is.

    Raises:
        UsageProblem: the folder is not empty or cannot be written; there is no such project.
        CommonsProblem: the commons cannot be asked, or an export breaks off.
    """
    project = ProjectId.parse(project)
    wanted = [node for node in nodes.values() if node.is_submittable and node.category != "internal"]
    with _new_folder(Path(folder)) as place:
        writer = _Folder(place, Path(folder), nodes, format)
        with progress.start(words.exporting(), len(wanted), "node types") as task:
            for node in wanted:
                with progress.start(node.id, None, "records") as records:
                    writer.add(node, _told(commons.export(str(project), node.id), records.advance))
                task.advance()
        if not writer.records and project.code not in commons.projects(project.program):
            raise UsageProblem(words.no_such_project(str(project)))
        return writer.finished()


def export_records(
    records: Iterable[Mapping[str, Any]],
    stream: Sink,
    *,
    nodes: Mapping[str, Node],
    node: str | None = None,
    format: Format = "tsv",  # noqa: A002  the word that the commons has for it
    with_id: bool = False,
) -> tuple[int, tuple[str, ...]]:
    """Write records, as `Commons.export` or `Commons.export_ids` gives them, into one table or JSON list.

    Args:
        records: the records; of one node type, where they are to be a table.
        stream: where to.
        nodes: the node types; a `Dictionary` is that.
        node: their node type, if it is known; else they say it themselves.
        format: ``tsv`` or ``json``.
        with_id: whether the table has their ids, too.

    Returns:
        How many there are, and what the table does not carry exactly, in sentences.

    Raises:
        UsageProblem: a table of several node types; a node type that is not there.
    """
    if format == "json":
        return _write_json(stream, records), ()
    tables: NodeTables | None = None
    types: list[str] = [] if node is None else [node]
    try:
        for record in records:
            type_ = node or str(record.get("type"))
            if type_ not in nodes:
                raise UsageProblem(words.unknown_type(type_))
            if type_ not in types:
                types.append(type_)
            if len(types) > 1:
                raise UsageProblem(words.several_types(types))
            if tables is None:
                tables = NodeTables(nodes[type_], nodes, exact=False, with_id=with_id)
            tables.add(record)
        if tables is None:
            return 0, ()
        for table in tables.tables():
            stream.writelines(table.lines())
        return tables.records, tuple(_notes(tables, exact=False, kept_in=None))
    finally:
        if tables is not None:
            tables.close()


class _Folder:
    """The files of an export as they come."""

    def __init__(self, place: Path, final: Path, nodes: Mapping[str, Node], format_: Format) -> None:
        self._place = place
        self._final = final
        self._nodes = nodes
        self._format = format_
        self._taken: set[str] = {NOT_IN_TABLES.casefold()}
        self._files: list[ExportedFile] = []
        self._notes: list[str] = []
        self._incomplete = 0
        self._kept_in = final / NOT_IN_TABLES
        self.records: dict[str, int] = {}

    def add(self, node: Node, records: Iterator[Mapping[str, Any]]) -> None:
        """Write the records of a node type; no file where there are none."""
        first = next(records, None)
        if first is None:
            return
        every = _chained(first, records)
        if self._format == "json":
            path = self._free(node.id, "json")
            with path.open("wb") as stream:
                number = _write_json(stream, every)
            self._note_file(path, node, number)
            self.records[node.id] = number
            return
        with closing(NodeTables(node, self._nodes)) as tables:
            for record in every:
                tables.add(record)
            self.records[node.id] = tables.records
            for table in tables.tables():
                path = self._free(node.id, "tsv")
                with path.open("wb") as stream:
                    stream.writelines(table.lines())
                self._note_file(path, node, table.records)
            with (self._place / NOT_IN_TABLES).open("ab") as stream:
                for line in tables.incomplete():
                    stream.write((b",\n" if self._incomplete else b"[\n") + line)
                    self._incomplete += 1
            self._notes += _notes(tables, exact=True, kept_in=str(self._kept_in))

    def finished(self) -> Exported:
        """What was written; the file of incomplete records is closed, or removed where there are none."""
        beside = self._place / NOT_IN_TABLES
        if self._incomplete:
            with beside.open("ab") as stream:
                stream.write(b"\n]\n")
        else:
            beside.unlink(missing_ok=True)
        kept = self._kept_in if self._incomplete else None
        return Exported(tuple(self._files), self.records, tuple(self._notes), kept)

    def _note_file(self, path: Path, node: Node, number: int) -> None:
        self._files.append(ExportedFile(self._final / path.name, node.id, number))

    def _free(self, node: str, suffix: str) -> Path:
        """A path that no other file of the export has, on disks that ignore letter case either."""
        checked = checked_node(node)
        number = 1
        while True:
            name = f"{checked}.{suffix}" if number == 1 else f"{checked}-{number}.{suffix}"
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return self._place / name
            number += 1


def _notes(tables: NodeTables, *, exact: bool, kept_in: str | None) -> Iterator[str]:
    node = tables.node.id

    def said(reason: str) -> str:
        sentence: str = getattr(words, f"reason_{reason}")()
        return sentence

    def note(property_: str, found: Uncarried) -> str:
        facts = (node, property_, found.names, found.number, said(found.reason))
        if not exact:
            return words.inexact(*facts)
        return (words.record_left_out if found.whole_record else words.left_out)(*facts, kept_in)

    for (property_, _), found in tables.uncarried.items():
        yield note(property_, found)
    for link, found in tables.parents_by_id.items():
        yield words.parents_by_id(node, link, found.names, found.number)
    if tables.in_no_table:
        yield words.too_many_tables(node, tables.in_no_table, kept_in)


def _write_json(stream: Sink, records: Iterable[Mapping[str, Any]]) -> int:
    """Write a list with one record a line; how many there are."""
    number = 0
    for record in records:
        stream.write((b",\n" if number else b"[\n") + json_text(record, indent=None).encode())
        number += 1
    stream.write(b"\n]\n" if number else b"[]\n")
    return number


def _told(records: Iterable[Mapping[str, Any]], advance: Any) -> Iterator[Mapping[str, Any]]:
    for record in records:
        advance()
        yield record


def _chained(first: Mapping[str, Any], rest: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield first
    yield from rest


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into that takes the place of `folder` at the end, and vanishes if anything goes wrong.

    Raises:
        UsageProblem: there is something in the folder already, or it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(words.no_folder(str(folder)))
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageProblem(words.folder_not_empty(str(folder)))
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = folder.parent / f".{folder.name[:100]}.{uuid4().hex[:8]}.part"
        part.mkdir()
        try:
            yield part
            if folder.is_dir():
                folder.rmdir()
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(folder), error.strerror or str(error))) from None
