"""Tables as columns, compared column by column with what the commons exports: which rows say what it has already.

Only what is surely the same is called so; whatever is written in an unusual way is left to a closer look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.arrays import Mask, flags, is_given
from gen3submit.checking.columnar.proofs import holds, matches
from gen3submit.dictionary.model import Node
from gen3submit.planning.forms import compared_names
from gen3submit.planning.ids import LENGTH, Ids
from gen3submit.rules.columns import NodeColumns
from gen3submit.rules.values import Converter, as_boolean, as_integer, as_number, as_text

WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python strips off texts."""

_KEYS = frozenset({"submitter_id", "code"})
_WHOLE = r"^-?[0-9]{1,15}$"
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"


class TableColumns:
    """The rows of a table that are all of one node type, column by column."""

    def __init__(self, path: str, node: Node, header: Sequence[tuple[str, int]], of_node: NodeColumns) -> None:
        """`header` tells the cleaned names of the columns that count, and their places; it must have `fits`."""
        self.path = path
        self.node = node
        self.rows = 0
        self._of_node = of_node
        self._places = dict(header)
        self._names = compared_names(node)
        self._links = {name.partition(".")[0]: name for name in self._places if "." in name}
        self._keys_of_links = {link: name.partition(".")[2] for link, name in self._links.items()}
        self._cells: dict[str, list[pa.Array]] = {name: [] for name in self._wanted()}
        self._values: dict[str, pa.Array] = {}
        self._row_of: dict[str | None, int] = {}
        self._small: set[str] = set()
        self._unusual: Mask | None = None
        self._ids = Ids()

    @staticmethod
    def fits(node: Node, header: Sequence[tuple[str, int]], of_node: NodeColumns) -> bool:
        """Whether rows of this node type under this header can be compared column by column."""
        names = [name for name, _ in header]
        links = [name.partition(".") for name in names if "." in name]
        plain = {name for name in names if "." not in name}
        if "id" in plain or (node.is_file and "urls" in plain) or len({link for link, _, _ in links}) < len(links):
            return False
        if any(link in plain or link not in node.links_by_name or key not in _KEYS for link, _, key in links):
            return False
        known = plain & {*compared_names(node)}
        return "submitter_id" in known and all(of_node.property(name).convert in _TYPES for name in known)

    def _wanted(self) -> Iterator[str]:
        yield from (name for name in self._names if name in self._places)
        yield from self._links.values()

    def add(self, columns: Sequence[Sequence[str]]) -> None:
        """Take the cells of rows that follow those before."""
        for name, cells in self._cells.items():
            cells.append(arrays.texts(columns[self._places[name]]))
        self.rows += len(columns[0])

    def names(self) -> pa.Array | None:
        """The submitter_ids in small letters, one for each row; None where one of them is unusual."""
        keys = pa.chunked_array(self._cells["submitter_id"], pa.string()).combine_chunks()
        usual = arrays.is_ascii(keys) and flags(pc.equal(keys, pc.utf8_trim(keys, characters=WHITE_SPACE))).all()
        if not usual or flags(pc.is_in(keys, value_set=_NOTHING)).any():
            return None
        self._row_of = {key: row for row, key in enumerate(keys.to_pylist())}
        self._make_values()
        small = pc.ascii_lower(keys)
        self._small = set(small.to_pylist())
        return small

    def has(self, submitter_id: str) -> bool:
        """Whether a row has this submitter_id, letter case aside."""
        return submitter_id.lower() in self._small

    def forget_ids(self) -> None:
        """No row is known to say what the commons has."""
        self._ids = Ids(self.rows)

    def find(self, records: pa.Table) -> Mask:
        """Which records a row says exactly; the ids of these are noted with the rows. `names` must have been asked."""
        assert self._unusual is not None
        named = records["submitter_id"].to_pylist()
        at = np.fromiter((self._row_of.get(name, -1) for name in named), dtype=np.int64, count=len(named))
        at[self._unusual[at] & (at >= 0)] = -1
        found = np.flatnonzero(at >= 0)
        places = at[found]
        if len(found) < len(named):
            records = records.take(arrays.places(found))
        same = np.ones(len(found), dtype=bool)
        for name in (*self._names, *self.node.links_by_name):
            held = records[name].combine_chunks() if name in records.column_names else None
            if held is not None and name in self.node.links_by_name:
                held, one = _parents(held, self._keys_of_links.get(name))
                same &= one
            value = self._values.get(name)
            if value is None:
                same &= True if held is None else ~is_given(held)
            elif held is None:
                same &= ~is_given(value.take(arrays.places(places)))
            else:
                said = value.take(arrays.places(places))
                same &= flags(pc.equal(said, held)) | ~(is_given(said) | is_given(held))
        result = np.zeros(len(named), dtype=bool)
        ids = records["id"].combine_chunks()
        same &= (_lengths(pc.binary_length(ids)) == LENGTH) & flags(pc.string_is_ascii(ids))
        result[found[same]] = True
        self._ids.note(places[same].tolist(), ids.filter(arrays.mask(same)).to_pylist())
        return result

    def settled(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Those rows between two numbers that say exactly what the commons has: number, and id of the record."""
        for place, id_ in self._ids.between(max(first, 1) - 1, min(last, self.rows) - 1):
            yield place + 1, id_

    def schema(self) -> Mapping[str, pa.DataType]:
        """The types in which an export is read that is compared with the rows."""
        types = {"id": pa.string(), "submitter_id": pa.string()}
        for name in self._names:
            convert = self._of_node.property(name).convert
            if convert in _TYPES:
                types[name] = getattr(pa, _TYPES[convert])()
        types.update({link: pa.list_(pa.struct({key: pa.string()})) for link, key in self._keys_of_links.items()})
        return types

    def _make_values(self) -> None:
        self._unusual = np.zeros(self.rows, dtype=bool)
        for name in self._wanted():
            cells = pa.chunked_array(self._cells.pop(name), pa.string()).combine_chunks()
            text = pc.utf8_trim(cells, characters=WHITE_SPACE)
            text = pc.if_else(pc.is_in(text, value_set=_NOTHING), _NO_TEXT, text)
            link, is_link, _ = name.partition(".")
            if is_link:
                column = self._of_node.link(name)
                unusual = holds(text, column.separator) if column.convert is as_text else np.ones(len(text), bool)
                self._values[link] = text
            else:
                self._values[name], usual = _converted(text, self._of_node.property(name).convert)
                unusual = ~usual
            self._unusual |= is_given(text) & unusual


Parted = tuple[Sequence[bytes], Sequence[tuple[str, bytes]]]


def part(text: str, tables: Sequence[TableColumns]) -> Parted | None:
    """Part records of an export; the ids of those that rows of these tables say are noted with the rows.

    Returns:
        The JSON of those of which no row says exactly the same; id and JSON of the others. None where they cannot be
        read by column.
    """
    types: dict[str, pa.DataType] = {}
    for table in tables:
        types.update(table.schema())
    read = read_export(text, types)
    if read is None:
        return None
    records, texts = read
    same = np.any([table.find(records) for table in tables], axis=0)
    ids = records["id"].to_pylist()
    others = [texts[place] for place in np.flatnonzero(~same).tolist()]
    return others, [(ids[place], texts[place]) for place in np.flatnonzero(same).tolist()]


def read_export(text: str, types: Mapping[str, Any]) -> tuple[pa.Table, Sequence[bytes]] | None:
    """Records of an export as a table, and the JSON of each; None where they cannot be read so.

    Args:
        text: a JSON list of objects that begin alike, without line breaks between them.
        types: of those columns of which it is known.
    """
    start = text[1 : text.find(":") + 1]
    comma = ", " if f"}}, {start}" in text else ","
    # Within a text the quotes at the start of an object would be escaped: wherever it stands, an object begins.
    content = text[1:-1].replace(f"}}{comma}{start}", f"}}\n{start}").encode()
    options = pyarrow.json.ParseOptions(explicit_schema=pa.schema(list(types.items())))
    try:
        table = pyarrow.json.read_json(pa.BufferReader(content), parse_options=options)
    except pa.ArrowException:
        return None
    texts = content.split(b"\n")
    return (table, texts) if table.num_rows == len(texts) else None


def _converted(text: pa.Array, convert: Converter) -> tuple[pa.Array, Mask]:
    """The values of stripped texts, and which of them are written so that this is sure."""
    if convert is as_text:
        return text, is_given(text)
    if convert is as_boolean:
        lower = pc.ascii_lower(text)
        usual = flags(pc.is_in(lower, value_set=_BOOLEANS))
        return pc.equal(pc.if_else(arrays.mask(usual), lower, _NO_TEXT), _TRUE), usual
    usual = matches(text, _WHOLE if convert is as_integer else _NUMBER)
    return pc.if_else(arrays.mask(usual), text, _NO_TEXT).cast(pa.float64()), usual


def _parents(held: pa.Array, key: str | None) -> tuple[pa.Array, Mask]:
    """What tells the parent of each record, null where it has none; and of which records this is all.

    Args:
        held: the parents of each record.
        key: that by which a row tells them; None where no row tells any.
    """
    if pa.types.is_null(held.type):
        return held, np.ones(len(held), bool)
    counts = _lengths(pc.list_value_length(held))
    if key is None or not counts.any():
        return pa.nulls(len(held), pa.string()), counts == 0
    names = pc.struct_field(held.flatten(), key)
    first = names.take(arrays.places(np.minimum(np.cumsum(counts) - counts, len(names) - 1)))
    # A parent without a name is not no parent.
    named = pc.if_else(arrays.mask(counts > 0), first, _NO_TEXT)
    return named, (counts == 0) | ((counts == 1) & is_given(first))


def _lengths(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int32]]:
    """The integers of an array; 0 for null."""
    found = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values)]
    return np.where(is_given(values), found, np.int32(0))


_NOTHING = arrays.texts(["", "null"])
_BOOLEANS = arrays.texts(["true", "false"])
_TRUE = arrays.text("true")
_NO_TEXT = pa.nulls(1, pa.string())[0]
_TYPES: Mapping[Converter, str] = {
    as_text: "string",
    as_boolean: "bool_",
    as_integer: "float64",
    as_number: "float64",
}
"""How values are read from an export that texts become in this way."""
