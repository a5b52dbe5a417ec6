"""Exported records as tables that the server takes back without a change.

What a table cannot carry is left out of it, column and all: a column that is not there keeps its value on the server,
while an empty cell would clear it. So records that lack a column stand in a table of their own. Records that no table
carries are told, and can be had as JSON.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from gen3submit.dictionary.model import Link, Node
from gen3submit.exporting.cells import cell_text, nearest_text, parent_text, reason
from gen3submit.rules.bodies import cleaned_columns
from gen3submit.rules.schema import NodeSchema
from gen3submit.rules.values import Converter, as_text, converter
from gen3submit.tables.writing import table_bytes

MOST_TABLES = 20
"""Of one node type; the records of further ones are in no table."""

_EXAMPLES = 3
_IN_MEMORY = 16 * 2**20
_NO_COLUMNS = frozenset({"type", "id", "project_id"})


@dataclass(slots=True)
class Uncarried:
    """A property whose value some records have and no table carries."""

    reason: str
    """The name of a sentence in `gen3submit.messages.exporting`."""
    whole_record: bool
    """Whether the property is required, so that the whole record is left out."""
    number: int = 0
    names: list[str] = field(default_factory=list)
    """Some of the records, by submitter_id or id."""

    def add(self, name: str) -> None:
        """One more record."""
        self.number += 1
        if len(self.names) < _EXAMPLES:
            self.names.append(name)


@dataclass(frozen=True, slots=True)
class Signature:
    """What decides which table a record goes into."""

    left_out: frozenset[str]
    """Columns that must not be there."""
    given: frozenset[str]
    """Those of the columns that take no empty cell in which the record has a value."""
    carried: bool = True


class NodeTables:
    """The records of one node type on their way into tables; they wait in a temporary file."""

    def __init__(self, node: Node, nodes: Mapping[str, Node], *, exact: bool = True, with_id: bool = False) -> None:
        """Prepare for records of `node`.

        Args:
            node: the node type.
            nodes: every node type of the dictionary.
            exact: whether what a table cannot carry is left out; else the nearest text stands in one table.
            with_id: whether to give the ids of the records.
        """
        self.node = node
        self.records = 0
        self.uncarried: dict[tuple[str, str], Uncarried] = {}
        """By property and reason."""
        self.parents_by_id: dict[str, Uncarried] = {}
        """Links with parents that can only be named by id."""
        self.in_no_table = 0
        """Records of tables beyond the most; known once `tables` was asked."""
        self._exact = exact
        self._with_id = with_id
        self._nodes = nodes
        self._schema = NodeSchema(node, frozenset(node.links_by_name))
        self._converters: dict[str, Converter | None] = {}
        self._are_columns: dict[str, bool] = {}
        self._texts: dict[tuple[str, type, Any], str | None] = {}
        self._takes_empty: dict[str, bool] = {"id": False, "submitter_id": False}
        self._columns: dict[str, None] = {}
        self._signatures: Counter[Signature] = Counter()
        self._numbers: dict[Signature, int] = {}
        self._incomplete: set[int] = set()
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  closed by `close`

    def close(self) -> None:
        """Give up the temporary file."""
        self._file.close()

    def add(self, record: Mapping[str, Any]) -> None:
        """Take up a record as an export gives it."""
        self.records += 1
        name = str(record.get("submitter_id") or record.get("id") or "?")
        cells: dict[str, str] = {}
        left_out: set[str] = set()
        carried = whole = True
        identified = bool(record.get("submitter_id")) or (
            "submitter_id" not in self.node.properties and bool(self.node.unique_keys)
        )
        if record.get("id") and (self._with_id or not identified):
            cells["id"] = str(record["id"])
        for property_, value in record.items():
            if value is None or property_ in _NO_COLUMNS or property_ in self.node.system_properties:
                continue
            link = self.node.links_by_name.get(property_)
            if link is not None:
                kept = self._add_parents(cells, link, value, name)
                required = False  # an empty cell, or none, keeps the parents that are there
            else:
                kept = self._add_value(cells, property_, value, name)
                required = property_ in self.node.required or property_ == "submitter_id"
            if not kept:
                whole = False
                left_out.add(property_)
                carried = carried and not required
        if not self._exact:
            signature = Signature(frozenset(), frozenset())
        else:
            given = frozenset(column for column in cells if not self._may_be_empty(column))
            signature = Signature(frozenset(left_out), given, carried)
        if signature.carried:
            self._columns.update(dict.fromkeys(cells))
        self._signatures[signature] += 1
        number = self._numbers.setdefault(signature, len(self._numbers))
        self._incomplete.update(() if whole else (number,))
        self._file.write(b"%d\n%b\n%b\n" % (number, _dump(cells), _dump(record)))

    def tables(self) -> list[Table]:
        """The tables, the one with the most records first."""
        needy = [column for column in self._columns if self._exact and not self._may_be_empty(column)]
        groups: dict[frozenset[str], Counter[int]] = {}
        for signature, count in self._signatures.items():
            if signature.carried:
                absent = signature.left_out | {column for column in needy if column not in signature.given}
                groups.setdefault(absent, Counter())[self._numbers[signature]] += count
        found = [
            Table(self._header(absent), frozenset(numbers), numbers.total(), self) for absent, numbers in groups.items()
        ]
        found.sort(key=lambda table: -table.records)
        for table in found[MOST_TABLES:]:
            self._incomplete |= table.signatures
            self.in_no_table += table.records
        return found[:MOST_TABLES]

    def rows(self, numbers: frozenset[int], header: Sequence[str]) -> Iterator[bytes]:
        """The lines of a table."""
        yield table_bytes([header])
        for number, line, _ in self._lines():
            if number in numbers:
                cells = {**json.loads(line), "type": self.node.id}
                yield table_bytes([[cells.get(column, "") for column in header]])

    def incomplete(self) -> Iterator[bytes]:
        """The records that `tables` do not carry whole, each as JSON; to be asked after them."""
        for number, _, line in self._lines():
            if number in self._incomplete:
                yield line

    def _lines(self) -> Iterator[tuple[int, bytes, bytes]]:
        """For each record the number of its signature, its cells and itself."""
        self._file.seek(0)
        while number := self._file.readline():
            yield int(number), self._file.readline(), self._file.readline().rstrip(b"\n")

    def _header(self, absent: frozenset[str]) -> list[str]:
        """The columns: who it is, the parents, then the rest, required ones first, as the dictionary orders them."""
        links = list(self.node.links_by_name)
        properties = list(self.node.properties)

        def place(column: str) -> tuple[int, int]:
            base = column.partition(".")[0]
            if column in ("id", "submitter_id"):
                return 0, column == "submitter_id"
            if base in links:
                return 1, links.index(base)
            return (2 if column in self.node.required else 3), properties.index(column)

        here = [column for column in self._columns if column not in absent and column.partition(".")[0] not in absent]
        return ["type", *sorted(here, key=place)]

    def _may_be_empty(self, column: str) -> bool:
        """Whether the server takes an empty cell in this column for no value, and not for a mistake."""
        if column not in self._takes_empty:
            is_link = column.partition(".")[0] in self.node.links_by_name
            self._takes_empty[column] = is_link or not self._schema.value_errors(column, None)
        return self._takes_empty[column]

    def _add_value(self, cells: dict[str, str], property_: str, value: Any, name: str) -> bool:
        convert = self._converter(property_)
        text = None if convert is None else self._text(property_, value, convert)
        if text is not None:
            cells[property_] = text
            return True
        why = "unknown" if convert is None else reason(value)
        required = self._exact and (property_ in self.node.required or property_ == "submitter_id")
        self.uncarried.setdefault((property_, why), Uncarried(why, required)).add(name)
        if not self._exact and convert is not None:
            cells[property_] = nearest_text(value).encode("utf-8", "backslashreplace").decode()
        return False

    def _text(self, property_: str, value: Any, convert: Converter) -> str | None:
        if not isinstance(value, str | int | float):
            return cell_text(value, convert)
        key = (property_, type(value), value)
        if key not in self._texts:
            if len(self._texts) > 50_000:
                self._texts.clear()
            self._texts[key] = cell_text(value, convert)
        return self._texts[key]

    def _converter(self, property_: str) -> Converter | None:
        """How the server reads this column; None where no column can be called so, or the dictionary has none."""
        if property_ not in self._converters:
            known = self.node.properties.get(property_)
            usable = known is not None and self._is_column(property_)
            self._converters[property_] = converter(known.schema) if known is not None and usable else None
        return self._converters[property_]

    def _is_column(self, name: str) -> bool:
        """Whether the server reads a column of this name (or one that begins so, for a link) back under it."""
        if name not in self._are_columns:
            kept = cell_text(name, as_text) == name and cleaned_columns([name]) == [(name, 0)]
            self._are_columns[name] = kept and "." not in name
        return self._are_columns[name]

    def _add_parents(self, cells: dict[str, str], link: Link, value: Any, name: str) -> bool:
        """Add the cells of a link; whether every parent can be named."""
        by_column: dict[str, list[str]] = {}
        all_named = self._is_column(link.name)
        for parent in _parents(value):
            found = self._parent(link, parent) if all_named else None
            if found is None:
                all_named = False
                self.uncarried.setdefault((link.name, "other"), Uncarried("other", False)).add(name)
                continue
            key, text = found
            if key == "id":
                which = str(parent.get("submitter_id") or text)
                self.parents_by_id.setdefault(link.name, Uncarried("", False)).add(which)
            column = by_column.setdefault(f"{link.name}.{key}", [])
            if text not in column:
                column.append(text)
        cells.update((column, ",".join(parts)) for column, parts in by_column.items())
        return all_named

    def _parent(self, link: Link, parent: Mapping[str, Any]) -> tuple[str, str] | None:
        """The column's key and the text for a parent: by its own name if that can be, else by its id."""
        target = self._nodes.get(link.target)
        for key in ("submitter_id", "code"):
            if parent.get(key) is not None:
                known = target.properties.get(key) if target else None
                text = parent_text(parent[key], converter(known.schema) if known else as_text)
                if text is not None:
                    return key, text
        text = parent_text(parent.get("node_id", parent.get("id")), as_text)
        return None if text is None else ("id", text)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a node type."""

    header: list[str]
    signatures: frozenset[int]
    """The numbers of the signatures whose records it holds."""
    records: int
    owner: NodeTables = field(repr=False)

    def lines(self) -> Iterator[bytes]:
        """The header and a line for each record, in the order of the export."""
        return self.owner.rows(self.signatures, self.header)


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _parents(value: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return (value,)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else ()
