"""Tables as columns, compared column by column with what the commons exports: which rows say what it has already.

Only what is surely the same is called so; whatever is written in an unusual way is left to a closer look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary.model import Node
from gen3submit.planning.forms import compared_names
from gen3submit.rules.columns import NodeColumns
from gen3submit.rules.values import Converter, as_boolean, as_integer, as_number, as_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python strips off texts."""

_KEYS = frozenset({"submitter_id", "code"})
_ID_LENGTH = 36
_NO_ID = "\0" * _ID_LENGTH
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
        self._unusual: npt.NDArray[np.bool_] | None = None
        self._ids = bytearray()

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
        import pyarrow as pa  # noqa: PLC0415  # only where there is something to compare with

        for name, cells in self._cells.items():
            cells.append(pa.array(columns[self._places[name]], pa.string()))
        self.rows += len(columns[0])

    def names(self) -> pa.Array | None:
        """The submitter_ids in small letters, one for each row; None where one of them is unusual."""
        import pyarrow as pa  # noqa: PLC0415  # as above
        import pyarrow.compute as pc  # noqa: PLC0415

        keys = pa.chunked_array(self._cells["submitter_id"], pa.string()).combine_chunks()
        usual = pc.and_(pc.string_is_ascii(keys), pc.equal(keys, pc.utf8_trim(keys, characters=WHITE_SPACE)))
        usual = pc.and_(usual, pc.invert(pc.is_in(keys, pa.array(["", "null"]))))
        if not pc.all(usual).as_py():
            return None
        self._row_of = {key: row for row, key in enumerate(keys.to_pylist())}
        self._make_values()
        return pc.ascii_lower(keys)

    def forget_ids(self) -> None:
        """No row is known to say what the commons has."""
        self._ids = bytearray(_NO_ID.encode() * self.rows)

    def find(self, records: pa.Table) -> npt.NDArray[np.bool_]:
        """Which records a row says exactly; the ids of these are noted with the rows. `names` must have been asked."""
        import numpy as np  # noqa: PLC0415  # as above
        import pyarrow.compute as pc  # noqa: PLC0415

        assert self._unusual is not None
        named = records["submitter_id"].to_pylist()
        at = np.fromiter((self._row_of.get(name, -1) for name in named), dtype=np.int64, count=len(named))
        at[self._unusual[at] & (at >= 0)] = -1
        found = np.flatnonzero(at >= 0)
        places = at[found]
        if len(found) < len(named):
            records = records.take(found)
        same = np.ones(len(found), dtype=bool)
        for name in (*self._names, *self.node.links_by_name):
            held = records[name].combine_chunks() if name in records.column_names else None
            if held is not None and name in self.node.links_by_name:
                held, one = _parents(held, self._keys_of_links.get(name))
                same &= one
            value = self._values.get(name)
            if value is None:
                same &= True if held is None else _bools(held.is_null())
            elif held is None:
                same &= _bools(value.take(places).is_null())
            else:
                said = value.take(places)
                both = _bools(said.is_null()) & _bools(held.is_null())
                same &= both | _bools(pc.fill_null(pc.equal(said, held), fill_value=False))
        result = np.zeros(len(named), dtype=bool)
        ids = records["id"].combine_chunks()
        usual = pc.and_(pc.equal(pc.binary_length(ids), _ID_LENGTH), pc.string_is_ascii(ids))
        same &= _bools(pc.fill_null(usual, fill_value=False))
        result[found[same]] = True
        if same.any():
            text = "".join(ids.filter(_mask(same)).to_pylist()).encode()
            noted = np.frombuffer(self._ids, dtype=np.uint8).reshape(-1, _ID_LENGTH)
            noted[places[same]] = np.frombuffer(text, dtype=np.uint8).reshape(-1, _ID_LENGTH)
        return result

    def settled(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Those rows between two numbers that say exactly what the commons has: number, and id of the record."""
        begin, end = max(first, 1), min(last, self.rows)
        ids = self._ids[(begin - 1) * _ID_LENGTH : end * _ID_LENGTH].decode()
        for place in range(len(ids) // _ID_LENGTH):
            id_ = ids[place * _ID_LENGTH : (place + 1) * _ID_LENGTH]
            if id_ != _NO_ID:
                yield begin + place, id_

    def schema(self) -> Mapping[str, pa.DataType]:
        """The types in which an export is read that is compared with the rows."""
        import pyarrow as pa  # noqa: PLC0415  # as above

        types = {"id": pa.string(), "submitter_id": pa.string()}
        for name in self._names:
            convert = self._of_node.property(name).convert
            if convert in _TYPES:
                types[name] = getattr(pa, _TYPES[convert])()
        types.update({link: pa.list_(pa.struct({key: pa.string()})) for link, key in self._keys_of_links.items()})
        return types

    def _make_values(self) -> None:
        import numpy as np  # noqa: PLC0415  # as above
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.compute as pc  # noqa: PLC0415

        self._unusual = np.zeros(self.rows, dtype=bool)
        for name in self._wanted():
            cells = pa.chunked_array(self._cells.pop(name), pa.string()).combine_chunks()
            text = pc.utf8_trim(cells, characters=WHITE_SPACE)
            text = pc.if_else(pc.is_in(text, pa.array(["", "null"])), None, text)
            link, is_link, _ = name.partition(".")
            if is_link:
                column = self._of_node.link(name)
                several = pc.match_substring(text, column.separator)
                self._unusual |= _bools(pc.fill_null(several, fill_value=False))
                if column.convert is not as_text:
                    self._unusual |= _bools(text.is_valid())
                self._values[link] = text
                continue
            self._values[name], usual = _converted(text, self._of_node.property(name).convert)
            self._unusual |= _bools(text.is_valid()) & ~usual


def read_export(text: str, types: Mapping[str, Any]) -> tuple[pa.Table, Sequence[bytes]] | None:
    """Records of an export as a table, and the JSON of each; None where they cannot be read so.

    Args:
        text: a JSON list of objects that begin alike, without line breaks between them.
        types: of those columns of which it is known.
    """
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.json  # noqa: PLC0415

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


def _converted(text: pa.Array, convert: Converter) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """The values of stripped texts, and which of them are written so that this is sure."""
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.compute as pc  # noqa: PLC0415

    if convert is as_text:
        return text, _bools(text.is_valid())
    if convert is as_boolean:
        lower = pc.ascii_lower(text)
        usual = pc.is_in(lower, pa.array(["true", "false"]))
        return pc.if_else(usual, pc.equal(lower, "true"), None), _bools(usual)
    usual = pc.fill_null(pc.match_substring_regex(text, _WHOLE if convert is as_integer else _NUMBER), fill_value=False)
    return pc.if_else(usual, text, None).cast(pa.float64()), _bools(usual)


def _parents(held: pa.Array, key: str | None) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """What tells the parent of each record, null where it has none; and of which records this is all.

    Args:
        held: the parents of each record.
        key: that by which a row tells them; None where no row tells any.
    """
    import numpy as np  # noqa: PLC0415  # as above
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    if pa.types.is_null(held.type):
        return held, np.ones(len(held), dtype=bool)
    counts = pc.fill_null(pc.list_value_length(held), 0).to_numpy(zero_copy_only=False)
    if key is None or not counts.any():
        return pa.nulls(len(held), pa.string()), counts == 0
    names = pc.struct_field(held.flatten(), key)
    first = names.take(np.minimum(np.cumsum(counts) - counts, len(names) - 1))
    # A parent without a name is not no parent.
    return pc.if_else(_mask(counts > 0), first, None), (counts == 0) | ((counts == 1) & _bools(first.is_valid()))


def _bools(values: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = values.to_numpy(zero_copy_only=False)
    return found


def _mask(values: npt.NDArray[np.bool_]) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415  # as above

    return pa.array(values)


_TYPES: Mapping[Converter, str] = {
    as_text: "string",
    as_boolean: "bool_",
    as_integer: "float64",
    as_number: "float64",
}
"""How values are read from an export that texts become in this way."""
