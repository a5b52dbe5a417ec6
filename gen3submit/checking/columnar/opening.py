"""Opening a big table for the fast path, where the fast path can promise the exact result."""

from __future__ import annotations

import csv
from collections.abc import Callable
from concurrent.futures import Executor

from gen3submit.checking.columnar.body import Body, NotColumnar, extent
from gen3submit.checking.columnar.hashing import Hashing
from gen3submit.checking.columnar.layout import Layout, first_type, require_columnar
from gen3submit.checking.columnar.outcomes import Columns
from gen3submit.checking.columnar.running import read_slices
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.rules.bodies import DELIMITERS, cleaned_columns
from gen3submit.rules.documents import TableReader
from gen3submit.rules.transaction import Rules
from gen3submit.tables.source import Source

_SAMPLE = 1 << 16


def open_columnar(
    source: Source,
    body: Body,
    rules: Rules,
    reader: TableReader,
    *,
    project: str | None,
    executor: Executor | None,
    tell: Callable[[int], object],
    hashing: Hashing,
) -> ColumnarTable | None:
    """Read a big table by column; None where it must go the exact way.

    Args:
        source: where the table comes from.
        body: its bytes.
        rules: of the dictionary.
        reader: of tables.
        project: the project whose records these are; None where none was given.
        executor: where slices are read; None: in threads of this process.
        tell: is given the number of rows of each slice, as soon as it is read.
        hashing: of the bytes.
    """
    try:
        found = extent(body, source.format)
        place = dict(cleaned_columns(found.header)).get("type")
        if place is None:
            return None
        sample = body.read(found.start, min(found.start + _SAMPLE, found.stop)).decode("utf-8", "replace")
        rows = csv.reader(sample.splitlines(), delimiter=DELIMITERS[source.format])
        node = first_type([cells[place] for cells in rows if place < len(cells)], rules.nodes)
        if node is None:
            return None
        layout = Layout(source.format, found.header, found.header_text, node, rules.nodes, project)
        require_columnar(layout, rules)
        columns = Columns(layout, rules, reader)
        _ = columns.content  # or it is not for the fast path
        sha256, slices = read_slices(source.path, body, found, columns, executor, tell, hashing)
        parts, facts = [part for part, _ in slices], [facts for _, facts in slices]
        return ColumnarTable(source, body, found, columns, sha256, parts, facts)
    except NotColumnar:
        return None
