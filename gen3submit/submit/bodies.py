"""The body of a request: the documents of a batch as JSON, or as TSV that reads back to the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from gen3submit.dictionary import Node
from gen3submit.planning.comparing import parents_of
from gen3submit.planning.encoding import encoded
from gen3submit.planning.rows import PlannedDocument
from gen3submit.rules.documents import Document, TableReader
from gen3submit.tables.writing import table_bytes

CONTENT_TYPES = {"json": "application/json", "tsv": "text/tab-separated-values"}


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent."""

    content: bytes
    format: Literal["json", "tsv"]

    @property
    def content_type(self) -> str:
        """As the header says it."""
        return CONTENT_TYPES[self.format]

    @property
    def sha256(self) -> str:
        """The hash of the content."""
        return sha256(self.content).hexdigest()


def body(items: Sequence[PlannedDocument], as_: Literal["json", "tsv"], nodes: Mapping[str, Node]) -> Body:
    """The body of a batch.

    Args:
        items: the rows.
        as_: the form that is wanted; JSON is taken where TSV cannot say the same.
        nodes: the node types.
    """
    if as_ == "tsv":
        table = tsv([item.document for item in items], nodes)
        if table is not None:
            return Body(table, "tsv")
    return Body(b"[" + b",".join(item.content for item in items) + b"]", "json")


def tsv(documents: Sequence[Document], nodes: Mapping[str, Node]) -> bytes | None:
    """Documents of one node type with the same properties as TSV; None where that would not read back the same."""
    node = nodes[str(documents[0]["type"])]
    columns = _columns(documents, node)
    rows = [[name for name, _ in columns]]
    rows += [[_cell(document, *column) for column in columns] for document in documents]
    content = table_bytes(rows)
    read = TableReader(nodes).read(content.decode("utf-8", "surrogatepass"), "tsv").documents
    same = len(read) == len(documents) and all(
        _canonical(again) == _canonical(document) for again, document in zip(read, documents, strict=True)
    )
    return content if same else None


def _columns(documents: Sequence[Document], node: Node) -> list[tuple[str, str | None]]:
    """(header, key of the parent) of each column; the type last, because empty cells at the very end would be cut."""
    columns: dict[str, str | None] = {}
    for name in documents[0]:
        if name in node.links_by_name:
            keys = {key: None for document in documents for parent in parents_of(document[name]) for key in parent}
            for key in keys or {"submitter_id": None}:
                columns[f"{name}.{key}"] = key
        elif name != "type":
            columns[name] = None
    return [*columns.items(), ("type", None)]


def _cell(document: Document, header: str, key: str | None) -> str:
    if key is not None:
        parents = parents_of(document.get(header.removesuffix(f".{key}")))
        return ",".join(str(parent[key]) for parent in parents if key in parent)
    value = document.get(header)
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _canonical(document: Document) -> bytes:
    return encoded(dict(sorted(document.items())))
