"""Which rows of a submission say exactly what the commons has already: a check need not look at those records.

Sending such a row again would change nothing and cost the check as much as any other; leaving its record out makes it
a new record for the check, which it passes or not for the same reasons. Where others need the record it is not left
out, or comes back: see `Held.keep`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from gen3submit.checking.choosing import LEAST_BYTES
from gen3submit.dictionary import Dictionary, Node
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.planning.forms import Forms, Said
from gen3submit.planning.held import Held
from gen3submit.planning.noted import NotedTable
from gen3submit.planning.parents import references
from gen3submit.planning.slices import BLOCK, Slice, Slices
from gen3submit.planning.streaming import documents_of
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.rules.bodies import LINK_SEPARATORS
from gen3submit.rules.columns import NodeColumns
from gen3submit.tables.source import Source

if TYPE_CHECKING:
    from gen3submit.planning.columns import TableColumns

MOST_BYTES = 1 << 27
"""All tables together must be no bigger to be compared by column: they are held in memory for it."""


def recognise(tables: Sequence[Source], held: Held, dictionary: Dictionary, progress: Progress = NO_PROGRESS) -> None:
    """Note in `held` what the rows of tables say, which is then compared with the records as these are read.

    Tables that cannot be read are passed over: the check tells what is wrong with them.

    Raises:
        CommonsProblem: the commons cannot be asked.
    """
    forms: dict[str, Forms] = {}
    types, rows, whole = _look(tables, dictionary)
    held.expect(types)
    noted = [dictionary[type_] for type_ in rows if type_ in dictionary.nodes]
    parents = {link.target for node in noted for link in node.links_by_name.values()}
    held.keep(whole, parents, {node.id for node in noted if _is_limited(node)})
    for type_ in types:
        if rows[type_]:
            held.begin_to_read(type_, rows[type_])
    thorough = any(map(held.is_large, types))
    if not thorough and not any(rows[type_] and held.may_have(type_) for type_ in types):
        held.knows_wanted = False  # the rows behind those that were looked at are most likely new, too
        return
    by_column = LEAST_BYTES <= sum(source.size() for source in tables) <= MOST_BYTES
    with progress.start(words.comparing()) as task:
        left = []
        by_type: dict[str, list[tuple[_Table, TableColumns]]] = {}
        for source in tables:
            table = _Table(source, held, dictionary, forms, thorough=thorough)
            columns = table.columns(task.advance) if by_column else None
            if columns is None:
                left.append(table)
            elif columns.rows:
                by_type.setdefault(columns.node.id, []).append((table, columns))
        for table in left:
            table.take_note(task.advance)
        for type_, found in by_type.items():
            if type_ in forms or held.reads_by_ids(type_) or not _differ(columns for _, columns in found):
                for table, columns in found:
                    held.say_columns(type_, -columns.rows)
                    table.take_note(lambda _: None)
            else:
                held.compare(type_, [columns for _, columns in found])


def _differ(tables: Iterable[TableColumns]) -> bool:
    """Whether the rows of tables of one type all have names of their own that are written as usual."""
    import pyarrow as pa  # noqa: PLC0415  # only where there is something to compare with

    names = [table.names() for table in tables]
    if any(each is None for each in names):
        return False
    together = pa.chunked_array(names)
    return len(together.unique()) == len(together)


def _look(tables: Sequence[Source], dictionary: Dictionary) -> tuple[list[str], Counter[str], set[str]]:
    """What can be seen of tables by their beginnings: node types.

    Returns:
        The types of rows and of their parents; about how many rows are of which type; and the types of which a check
        needs all records. What a row says exactly again is a new record for the check: without the id by which a
        column may name it; and it comes in its turn, which matters where parents may have one child only, and several
        tables hold children.
    """
    rows: Counter[str] = Counter()
    in_tables: Counter[str] = Counter()
    whole: set[str] = set()
    for source in tables:
        slices = Slices(source)
        try:
            first = next(iter(slices), None)
            times = max(1, source.size() // BLOCK)
        except UsageProblem:
            continue
        columns = dict(slices.columns)
        place = columns.get("type")
        if first is not None and place is not None:
            even = first.columns(len(slices.header))
            cells = (cells[place] for cells in first.cells if len(cells) > place) if even is None else even[place]
            for type_, number in Counter(map(str.strip, cells)).items():
                rows[type_] += number * times
                in_tables[type_] += 1
        links = {name.partition(".")[0].strip() for name in columns if name.partition(".")[2] == "id"}
        for node in dictionary.nodes.values() if links else ():
            whole |= {link.target for name, link in node.links_by_name.items() if name in links}
    found = {type_ for type_ in rows if type_ in dictionary.nodes}
    whole |= {type_ for type_ in found if in_tables[type_] > 1 and _is_limited(dictionary[type_])}
    found |= {link.target for type_ in found for link in dictionary[type_].links_by_name.values()}
    return sorted(type_ for type_ in found if dictionary[type_].is_submittable), rows, whole


def _is_limited(node: Node) -> bool:
    """Whether a parent may have only one child of this type."""
    return any(link.has_one_child for link in node.links_by_name.values())


class _Table:
    """A table of which is noted what its rows say."""

    def __init__(
        self, source: Source, held: Held, dictionary: Dictionary, forms: dict[str, Forms], *, thorough: bool
    ) -> None:
        """`thorough` tells whether rows of types that the commons has none of count, too, for the parents they name."""
        self._thorough = thorough
        self._source = source
        self._held = held
        self._dictionary = dictionary
        self._forms = forms
        self._slices = Slices(source)
        self._of_node: dict[str, NodeColumns] = {}

    def columns(self, advance: Callable[[int], object]) -> TableColumns | None:
        """The table by column; without rows where the commons has none of their type; None where it does not fit so.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        from gen3submit.planning.columns import TableColumns  # noqa: PLC0415  # numpy and pyarrow: only for big tables

        table: TableColumns | None = None
        try:
            for part in self._slices:
                found = self._one_type(part)
                if found is None or (table is not None and found[0] != table.node.id):
                    break
                type_, cells = found
                if table is None:
                    node, header, of_node = self._dictionary[type_], self._slices.columns, self._columns_of(type_)
                    if not TableColumns.fits(node, header, of_node):
                        return None
                    table = TableColumns(self._source.path, node, header, of_node)
                    if self._passes_over({type_}):
                        return table
                if self._held.may_have(type_):
                    table.add(cells)
                    self._held.say_columns(type_, len(part))
                    self._held.begin_to_read(type_)
                self._want_parents(type_, cells)
                advance(len(part))
            else:
                if table is not None:
                    self._held.noted(self._source.path, NotedTable(self._slices.sha256, self._slices.blocks))
                return table
        except UsageProblem:
            self._held.knows_wanted = False
        if table is not None:
            self._held.say_columns(table.node.id, -table.rows)
        return None

    def take_note(self, advance: Callable[[int], object]) -> None:
        """Note what the rows say, slice by slice; of types that the commons has none of, not.

        Raises:
            CommonsProblem: the commons cannot be asked.
        """
        begun = False
        try:
            for part in self._slices:
                rows = self._said(part)
                types = {said.type for said in rows if said is not None}
                known = [type_ for type_ in types if self._held.may_have(type_)]
                if not begun and self._passes_over(types):
                    return
                begun = True
                forms = {type_: self._forms[type_] for type_ in types}
                self._held.say(self._source.path, part.first, rows, forms)
                for type_ in known:
                    self._held.begin_to_read(type_)
                advance(len(part))
        except UsageProblem:
            self._held.noted(self._source.path, None)
            self._held.knows_wanted = False
            return
        if begun:
            self._held.noted(self._source.path, NotedTable(self._slices.sha256, self._slices.blocks))

    def _passes_over(self, types: Collection[str]) -> bool:
        """Whether a table that begins with rows of these types is left alone: all new, as most likely is the rest."""
        if self._thorough or any(map(self._held.may_have, types)):
            return False
        self._held.knows_wanted = False
        return True

    def _said(self, part: Slice) -> Sequence[Said | None]:
        """What each row of a slice says."""
        found = self._by_column(part)
        if found is not None:
            return found
        rows: list[Said | None] = []
        for item in documents_of(self._slices, part, self._dictionary.nodes, self._source.format):
            document = item.document
            node = None if document is None else self._dictionary.nodes.get(str(document.get("type")))
            if document is None or node is None or not node.is_submittable:
                rows.append(None)
                continue
            has_name = document.get("submitter_id") is not None
            rows.append(self._forms_of(node.id).of_document(document) if has_name else None)
            for _, target, reference in references(document, node):
                if reference.get("submitter_id") is not None and self._is_large(target):
                    self._held.want([(target, str(reference["submitter_id"]).lower())])
        return rows

    def _one_type(self, part: Slice) -> tuple[str, Sequence[Sequence[str]]] | None:
        """The node type of all rows of a slice, and their cells by column; None where it is not that simple."""
        names = dict(self._slices.columns)
        columns = part.columns(len(self._slices.header)) if {"type", "submitter_id"} <= names.keys() else None
        if columns is None:
            return None
        types = {text.strip() for text in set(columns[names["type"]])}
        type_ = types.pop()
        if types or type_ not in self._dictionary.nodes or not self._dictionary[type_].is_submittable:
            return None
        return type_, columns

    def _by_column(self, part: Slice) -> Sequence[Said | None] | None:
        """What each row of a slice says; None where they have to be looked at one by one."""
        found = self._one_type(part)
        if found is None:
            return None
        type_, columns = found
        said = self._forms_of(type_).of_columns(self._slices.columns, columns, self._columns_of(type_))
        if said is not None:
            self._want_parents(type_, columns)
        return said

    def _columns_of(self, type_: str) -> NodeColumns:
        if type_ not in self._of_node:
            separator = LINK_SEPARATORS[self._source.format]
            self._of_node[type_] = NodeColumns(self._dictionary[type_], self._dictionary.nodes, separator)
        return self._of_node[type_]

    def _want_parents(self, type_: str, columns: Sequence[Sequence[str]]) -> None:
        """Note which parents matter, where there are many of their types."""
        for name, place in self._slices.columns:
            link, _, key = name.partition(".")
            if key != "submitter_id" or link not in self._dictionary[type_].links_by_name:
                continue
            target = self._dictionary[type_].links_by_name[link].target
            if not self._is_large(target):
                continue
            column = self._columns_of(type_).link(name)
            for text in set(columns[place]):
                named = (str(reference[key]).lower() for reference in column.references(text))
                self._held.want((target, parent) for parent in named)
            column.values.clear()

    def _is_large(self, type_: str) -> bool:
        return self._dictionary[type_].is_submittable and self._held.is_large(type_)

    def _forms_of(self, type_: str) -> Forms:
        if type_ not in self._forms:
            self._forms[type_] = Forms(self._dictionary[type_])
        return self._forms[type_]
