"""Compares the records of data files with what the file index of the commons holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gen3submit import querying
from gen3submit.data_files.rows import file_rows
from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.messages import data_files as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId

if TYPE_CHECKING:
    from gen3submit.commons import Commons

State = Literal["ok", "no-location", "not-submitted", "no-object-id", "missing", "size-differs", "md5-differs"]

SOUND: frozenset[State] = frozenset({"ok", "no-location"})
"""The states in which the index agrees with the record."""

_FIELDS = ("id", "submitter_id", "object_id", "file_name", "file_size", "md5sum")
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class FileState:
    """A record of a data file, and what the index says of it."""

    node: str
    submitter_id: str | None
    file_name: str | None
    guid: str | None
    """The file's id in the index; None where the record has none."""
    file_size: int | None
    """As the table says it, or the commons where no table was given."""
    md5sum: str | None
    indexed: Mapping[str, Any] | None
    """The index's record; None where it has none."""

    @property
    def state(self) -> State:
        """What is wrong, the weightiest first; ``no-location``: registered, but the index knows no place of it."""
        if self.guid is None:
            return "no-object-id"
        if not self.guid:
            return "not-submitted"
        if self.indexed is None:
            return "missing"
        size, md5 = self.indexed_size, self.indexed_md5
        if self.file_size is not None and size is not None and size != self.file_size:
            return "size-differs"
        if self.md5sum and md5 and md5.lower() != self.md5sum.lower():
            return "md5-differs"
        return "ok" if self.indexed.get("urls") else "no-location"

    @property
    def indexed_size(self) -> int | None:
        """The size in the index."""
        size = self.indexed.get("size") if self.indexed else None
        return size if isinstance(size, int) else None

    @property
    def indexed_md5(self) -> str | None:
        """The md5 hash in the index."""
        hashes = self.indexed.get("hashes") if self.indexed else None
        md5 = hashes.get("md5") if isinstance(hashes, Mapping) else None
        return None if md5 is None else str(md5)

    def to_dict(self) -> dict[str, Any]:
        """The same for machines."""
        urls = self.indexed.get("urls") if self.indexed else None
        return {
            "node": self.node,
            "submitter_id": self.submitter_id,
            "file_name": self.file_name,
            "guid": self.guid or None,
            "state": self.state,
            "file_size": self.file_size,
            "md5sum": self.md5sum,
            "indexed_size": self.indexed_size,
            "indexed_md5": self.indexed_md5,
            "urls": [str(url) for url in urls] if isinstance(urls, list) else [],
        }


def files_of_node(
    commons: Commons, project: str | ProjectId, node: Node, *, progress: Progress = NO_PROGRESS
) -> Iterator[FileState]:
    """Every record of a data-file node type with what the index holds.

    Raises:
        UsageProblem: the node type is not one of data files.
        CommonsProblem: the commons cannot be asked.
    """
    if not node.is_file:
        raise UsageProblem(words.no_data_files(node.id, node.category))
    found = _records(commons, ProjectId.parse(project), node)
    yield from _states(commons, node.id, ((record, record) for record in found), node, progress)


def files_of_tables(
    commons: Commons,
    project: str | ProjectId,
    paths: Any,
    *,
    nodes: Mapping[str, Node],
    progress: Progress = NO_PROGRESS,
) -> Iterator[FileState]:
    """Every row of a data-file node type in tables, with the record's file in the index against what the row says.

    Raises:
        UsageProblem: a path is not there or no table; no row of it is one of a data file.
        CommonsProblem: the commons cannot be asked.
    """
    project = ProjectId.parse(project)
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in file_rows(paths, nodes):
        rows.setdefault(row.node, []).append(
            {
                "submitter_id": row.submitter_id,
                "file_name": row.file_name,
                "file_size": row.file_size,
                "md5sum": row.md5sum,
                "object_id": row.object_id,
            }
        )
    if not rows:
        raise UsageProblem(words.no_file_rows())
    for node, wanted in rows.items():
        held = {str(record.get("submitter_id")).lower(): record for record in _records(commons, project, nodes[node])}
        pairs = ((row, held.get(str(row["submitter_id"]).lower())) for row in wanted)
        yield from _states(commons, node, pairs, nodes[node], progress)


def index_records(commons: Commons, guids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
    """The index's record of each GUID; None where there is none. Many are asked for at once."""
    wanted = list(dict.fromkeys(guids))
    found = commons.index_records(wanted) if len(wanted) > 1 else {}
    # A GUID without its prefix is only found one by one.
    return {guid: found.get(guid) or commons.index_record(guid) for guid in wanted}


def _records(commons: Commons, project: ProjectId, node: Node) -> Iterable[Mapping[str, Any]]:
    if "object_id" in node.system_properties:
        # Exports leave system properties out.
        return querying.records(commons, project, node.id, [name for name in _FIELDS if _is_field(node, name)])
    return commons.export(project, node.id)


def _is_field(node: Node, name: str) -> bool:
    return name == "id" or name in node.properties


def _states(
    commons: Commons,
    node: str,
    pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any] | None]],
    schema: Node,
    progress: Progress,
) -> Iterator[FileState]:
    with progress.start(words.asking_index(node), None, words.files()) as task:
        waiting: list[FileState] = []
        for told, record in pairs:
            waiting.append(_without_index(node, told, record, schema))
            if len(waiting) == _AT_ONCE:
                yield from _with_index(commons, waiting)
                task.advance(len(waiting))
                waiting = []
        yield from _with_index(commons, waiting)
        task.advance(len(waiting))


def _with_index(commons: Commons, states: Sequence[FileState]) -> Iterator[FileState]:
    found = index_records(commons, [state.guid for state in states if state.guid])
    for state in states:
        indexed = found.get(state.guid) if state.guid else None
        yield FileState(
            state.node, state.submitter_id, state.file_name, state.guid, state.file_size, state.md5sum, indexed
        )


def _without_index(node: str, told: Mapping[str, Any], record: Mapping[str, Any] | None, schema: Node) -> FileState:
    if record is None:
        guid: str | None = ""
    else:
        # Without a property for it, the record's own id is the file's.
        key = "object_id" if "object_id" in schema.schema["properties"] else "id"
        held = told.get("object_id") or record.get(key)
        guid = str(held) if held else None
    size = told.get("file_size")
    whole = int(size) if isinstance(size, int | float) and not isinstance(size, bool) else None
    return FileState(
        node,
        _text(told.get("submitter_id")),
        _text(told.get("file_name")),
        guid,
        whole,
        _text(told.get("md5sum")),
        None,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
