"""Looking at all rows of a big table at once: what is to be said of them, and which ones the exact judge must see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.checking.collisions import MOST_OTHERS, repeated
from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.announcing import AnnouncedTables
from gen3submit.checking.columnar.contents import NONE, ODD, PROPERTY, hashes_of_texts, shared
from gen3submit.checking.columnar.keys import Keys, folded
from gen3submit.checking.columnar.outcomes import Explain, LinkTexts, Outcome
from gen3submit.checking.columnar.parents import Named, graph_errors, missing_parent
from gen3submit.checking.columnar.repeats import repeats
from gen3submit.checking.columnar.said import Group, Rows, Said, Stage
from gen3submit.checking.columnar.stored import (
    StandIns,
    StoredRows,
    ambiguous_names,
    among_any,
    known_contents,
    known_names,
    parents_with_children,
    unverified_names,
)
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.checking.columnar.updating import PlainUpdates
from gen3submit.checking.judging import unverified
from gen3submit.checking.known import NO_PROJECT, Known
from gen3submit.checking.layered import Unforeseen
from gen3submit.checking.updates import value_kept
from gen3submit.dictionary.model import Link
from gen3submit.findings import Finding

Mask = npt.NDArray[np.bool_]
_OF_A_KEYWORD = 1 << 20
_NO_PARENT = {"link-missing", "link-group-missing"}


SOUND = 0
"""The kind of rows without errors."""
FIRST_OF_SAME = 2 << 4
"""The kind of rows that stand again below, with the same cells."""


class Look:
    """A look at a table, when those before it are judged."""

    def __init__(
        self,
        table: ColumnarTable,
        known: Known,
        submission: AnnouncedTables,
        explain: Explain,
        with_similar: Callable[[Finding], Finding],
        expect: Callable[[str, Sequence[str]], None],
        *,
        complete: bool,
    ):
        """Look at a table.

        Args:
            table: the table.
            known: what is known of the commons, and of the tables before this one.
            submission: the records of all tables.
            explain: makes findings of the errors of a row of the table.
            with_similar: adds to the finding of a value that is not allowed the nearest one that is.
            expect: takes note of the parents of a node type that `explain` is going to look for.
            complete: whether all records of the commons are known.
        """
        self._table = table
        self._columns = table.columns
        self._node = table.columns.layout.node
        self._known = known
        self._submission = submission
        self._complete = complete
        self._explain = explain
        self._with_similar = with_similar
        self._expect = expect
        self._whole: dict[int, tuple[Group, Group]] = {}
        self._schema = self._mask()
        self._links = self._mask()
        self._broken = self._mask()
        self._refused = self._mask(table.refused)
        self._exact = self._mask(table.special_rows, table.announced)
        self._odd = self._mask()
        self._repeated = np.zeros(len(table), np.uint8)
        """1: has the same name as other rows; 2: is the first of rows that are the same; 3: is a later one of them."""
        self.together: dict[int, list[int]] = {}
        """For rows that have the same name as others, all of these: the exact judge sees all or none of them."""
        self._updates = self._mask()
        self._plain = self._mask()
        """Rows that update a record as plainly as others make one."""
        self._kept: dict[str, list[int]] = {}
        """By link, the rows that keep the parents which their record has."""
        self.said = Said(self._refused)
        self.names_projects = False
        """Whether any row names its project."""
        self._look_at_cells()
        self._look_at_shapes()
        self._look_at_updates()
        self._look_at_parents()
        self._look_at_contents()
        self._look_at_names()
        self._exact |= (self._odd & ~self._schema) | (self._plain & (self._links | self._broken))
        if self._columns.content is not None:
            self._exact[self._after(self.exact)] = True
        if len(table):
            self._exact[-1] = True  # what an empty cell at its end means is different there

    @property
    def exact(self) -> Rows:
        """The rows that the exact judge must see."""
        return np.flatnonzero(self._exact)

    def kinds(self) -> npt.NDArray[np.uint8]:
        """A number for each row, the same for rows that have the same kinds of errors."""
        kinds = np.zeros(len(self._table), np.uint8)
        for bit, mask in enumerate((self._broken, self._schema, self._links, self._refused)):
            kinds |= mask.astype(np.uint8) << bit
        kinds |= self._repeated << np.uint8(4)
        kinds |= self._plain.astype(np.uint8) << np.uint8(6)
        return kinds

    def _mask(self, *rows: Iterable[int]) -> Mask:
        mask = np.zeros(len(self._table), bool)
        for each in rows:
            mask[each if isinstance(each, np.ndarray) else np.array(list(each), np.int64)] = True
        return mask

    def _look_at_cells(self) -> None:
        order = _error_order(self._node.schema)
        for place, texts in self._columns.properties.items():
            for rows, codes, outcomes in self._table.marks(place):
                self._take(place, order.get(texts.name, 0), place, rows, codes, outcomes)
        first_link = len(self._columns.layout.columns)
        for number, link in enumerate(self._columns.links):
            place = link.link.column
            for rows, codes, outcomes in self._table.link_marks(number):
                self._take(place, order.get(link.link.name, 0), first_link + number, rows, codes, outcomes)
        for number, facts in enumerate(self._table.facts):
            self._exact[self._table.rows(number, facts.exact)] = True

    def _take(
        self, place: int, error: int, broken: int, rows: Rows, codes: npt.NDArray[np.int32], outcomes: Sequence[Outcome]
    ) -> None:
        """Say what the outcomes of the cells of a column are."""
        refused = [() if outcome.refused is None else (outcome.refused,) for outcome in outcomes]
        self.said.add(Stage.REFUSED, place, rows, codes, refused)
        self.said.add(Stage.CHANGES, place, rows, codes, [outcome.changes for outcome in outcomes])
        groups = [self._completed(outcome.errors) for outcome in outcomes]
        errors = self.said.add(Stage.ERRORS, error, rows, codes, groups)
        self._schema[errors] = True
        self._broken[self.said.add(Stage.BROKEN, broken, rows, codes, [outcome.broken for outcome in outcomes])] = True
        self._odd[rows[np.array([outcome.odd for outcome in outcomes])[codes]]] = True
        certainly = np.array([outcome.odd and bool(outcome.errors) for outcome in outcomes])
        self._exact[rows[certainly[codes]]] = True

    def _completed(self, errors: Group) -> Group:
        """The errors with what is similar to a wrong value."""
        if not any(finding.code == "value-not-allowed" for finding in errors):
            return errors
        known = self._whole.get(id(errors))
        if known is None:
            found = tuple(self._with_similar(each) if each.code == "value-not-allowed" else each for each in errors)
            known = self._whole[id(errors)] = (errors, found)
        return known[1]

    def _look_at_shapes(self) -> None:
        """Which columns are missing or too much, for whole rows and for those that end early."""
        width = len(self._columns.layout.header)
        whole = ~self._mask(self._table.special_rows)
        short: dict[int, list[Rows]] = {}
        for number, facts in enumerate(self._table.facts):
            for given, places in facts.short.items():
                rows = self._table.rows(number, places)
                whole[rows] = False
                short.setdefault(given, []).append(rows)
        self._say_shape(width, np.flatnonzero(whole))
        for given, found in short.items():
            self._say_shape(given, np.concatenate(found))

    def _say_shape(self, given: int, rows: Rows) -> None:
        order = list(self._node.schema)
        for keyword, group in self._columns.shape(given, self._explain):
            self._schema[self.said.add_same(Stage.ERRORS, order.index(keyword) * _OF_A_KEYWORD, rows, group)] = True

    def _look_at_updates(self) -> None:
        """Rows that update a record go to the exact judge, unless they are plain updates."""
        store, project, keys = self._known.store, str(self._known.project), self._table.keys
        there = known_names(store, self._node.id, project)
        if not any(map(len, there)):
            return
        self._updates = among_any(keys.names, there) & ~(self._schema | self._refused)
        existing = store.existing(self._node.id)
        if existing is not None and PlainUpdates.fits(self._table):
            could_be = self._updates & ~(self._exact | self._odd | self._broken)
            self._take_updates(PlainUpdates(self._table, existing, store).among(np.flatnonzero(could_be)))
        self._exact |= self._updates & ~self._plain

    def _take_updates(self, found: Iterable[tuple[int, tuple[str, ...], tuple[str, ...]]]) -> None:
        """Say of plain updates what their records keep."""
        rows: list[int] = []
        codes: list[int] = []
        known: dict[tuple[str, ...], int] = {}
        for row, omitted, links in found:
            rows.append(row)
            codes.append(known.setdefault(omitted, len(known)))
            for link in links:
                self._kept.setdefault(link, []).append(row)
        self._plain[rows] = True
        cells = self._columns.cells({})
        groups = [tuple(value_kept(self._node, cells, name) for name in names) for names in known]
        self.said.add(Stage.UPDATED, 0, np.array(rows, np.int64), np.array(codes, np.int32), groups)

    def _look_at_parents(self) -> None:
        given: dict[str, Mask] = {}
        ranks = {name: rank for rank, name in enumerate(self._node.links_by_name)}
        for number, texts in enumerate(self._columns.links):
            link = texts.link.link
            if link is None or texts.link.column < 0:
                continue
            named = Named.by(self._table, number).without(self._refused)
            given[link.name] = self._mask(named.rows)
            missing = self._missing_projects(named) if link.target == "project" else self._missing(texts, link, named)
            self._say_missing(link, ranks[link.name], named, missing & ~self._schema[named.rows])
            if texts.has_one_child:
                self._share(link, named)
        self._look_at_graph(given)

    def _missing_projects(self, named: Named) -> Mask:
        self.names_projects |= bool(len(named.rows))
        if self._known.project == NO_PROJECT:
            return np.zeros(len(named.rows), bool)
        return ~among_any(named.texts, [arrays.texts([self._known.project.code.lower()])])

    def _missing(self, texts: LinkTexts, link: Link, named: Named) -> Mask:
        """Which references lead nowhere; where nothing is known of the commons, others stand in for their parents."""
        store, project = self._known.store, str(self._known.project)
        known = among_any(named.texts, known_names(store, link.target, project))
        ambiguous = among_any(named.texts, [ambiguous_names(store, link.target, project)])
        self._exact[named.rows[ambiguous]] = True
        if self._complete:
            return ~known
        nobody = among_any(named.texts, unverified_names(store, self._known.placeholders, link.target))
        asked = ~known | nobody
        announced = np.zeros(len(asked), bool)
        if asked.any():
            announced[asked] = among_any(named.only(asked).texts, self._submission.folded(link.target))
        new = ~known & ~announced
        if new.any():
            spelled = self._spelled(link, named.only(new))
            store.lay(StandIns(link.target, project, pa.chunked_array(spelled)))
        unsure = ~announced & (new | nobody)
        if unsure.any():
            rows, codes, spelled = named.distinct(unsure)
            column = self._columns.cells({}).column(self._columns.layout.columns[texts.link.column][0])
            groups = [(unverified(column, link.name, link.target, text, self._node.id),) for text in spelled]
            rank = list(self._node.links_by_name).index(link.name)
            self.said.add(Stage.UNVERIFIED, rank, rows, codes, groups)
        return announced & ~known

    def _spelled(self, link: Link, named: Named) -> list[Any]:
        """The parents, those first that a special row names before any other row does: its spelling counts."""
        keys = Keys(named.texts)
        before = [
            text
            for row, text in self._table.special_parents(link.name)
            if (rows := named.rows[keys.rows(text.lower())]).size and row < rows.min()
        ]
        return [arrays.texts(before), pc.unique(named.texts)]

    def _say_missing(self, link: Link, rank: int, named: Named, missing: Mask) -> None:
        if not missing.any():
            return
        rows, codes, spelled = named.distinct(missing)
        self._expect(link.target, spelled)
        cells, target, project = (
            self._columns.cells({}),
            self._columns.layout.nodes[link.target],
            str(self._known.project),
        )
        groups = [self._explain([missing_parent(target, link, text, project)], cells) for text in spelled]
        self._links[self.said.add(Stage.LINKS, rank, rows, codes, groups)] = True

    def _share(self, link: Link, named: Named) -> None:
        """Rows that are not the only child of their parent go to the exact judge."""
        could_be = ~self._schema[named.rows]
        shared = [place for group in Keys(named.texts).repeated(could_be) for place in group]
        self._exact[named.rows[shared]] = True
        taken = parents_with_children(self._known.store, self._node.id, link.name, link.target)
        taken.append(arrays.texts([text.lower() for _, text in self._table.special_parents(link.name)]))
        self._exact[named.rows[among_any(named.texts, taken) & could_be]] = True

    def _look_at_graph(self, given: Mapping[str, Mask]) -> None:
        """Which links are missing, by the links that rows have."""
        names = list(self._node.links_by_name)
        pattern = np.zeros(len(self._table), np.min_scalar_type(1 << len(names)))
        for bit, name in enumerate(names):
            has = given.get(name, self._mask()) | self._mask(self._kept.get(name, ()))
            pattern |= has.astype(pattern.dtype) << pattern.dtype.type(bit)
        candidates = ~(self._schema | self._links | self._refused | self._exact)
        for found in arrays.distinct(pattern).tolist():
            rows = np.flatnonzero(candidates & (pattern == found))
            there = [name for bit, name in enumerate(names) if found >> bit & 1]
            errors = graph_errors(self._columns.rules, self._node, there)
            if not {error.rule for error in errors} <= _NO_PARENT:
                self._exact[rows] = True
            elif errors:
                group = self._explain(errors, self._columns.cells({}))
                self._links[self.said.add_same(Stage.LINKS, len(names), rows, group)] = True

    def _look_at_contents(self) -> None:
        """Rows that describe the same file as others, or not plainly one, go to the exact judge.

        Raises:
            Unforeseen: a row gives no hash, so that any file of its size would be its file.
        """
        if self._columns.content is None:
            return
        found = self._table.contents
        assert found.rows is not None
        fit = ~(self._schema | self._refused)[found.rows]
        if (found.states[fit] == NONE).any():
            raise Unforeseen(self._table.path)
        documents = (item.document or {} for item in self._table.opened.rows)
        special = hashes_of_texts([str(document.get(PROPERTY)) for document in documents])
        together = shared(found, fit, [special, *known_contents(self._known.store)])
        self._exact[found.rows[fit & (together | (found.states == ODD))]] = True

    def _after(self, rows: Rows) -> Rows:
        """The next row behind each of these: the server writes a file's record when it comes to the next one's.

        So where a unique index strikes, the next row gets the error (`gen3submit.rules.flush`).
        """
        fit = np.flatnonzero(~(self._schema | self._refused))
        places = np.searchsorted(fit, rows, side="right")
        return fit[places[places < len(fit)]]

    def _look_at_names(self) -> None:
        """Rows that have no name, or share it with another row or record, go to the exact judge."""
        keys, store = self._table.keys, self._known.store
        fit = ~(self._schema | self._refused)
        self._exact |= fit & ~keys.given
        updates = self._updates
        groups = keys.repeated(fit)
        if groups:  # where a name is repeated, the rows behind it are told of the clash, if they update a record
            self._exact |= self._plain
        for layer in store.layers(self._node.id):
            if isinstance(layer, StoredRows) and updates.any():
                layer.fetch(folded(keys.names.filter(arrays.mask(updates))).to_pylist())
        if groups:
            self._look_at_repeats(groups, alone=not updates.any())

    def _look_at_repeats(self, groups: list[list[int]], *, alone: bool) -> None:
        """Say which rows repeat a submitter_id, where nothing else is the matter with them.

        `alone` tells that no row updates a record: where one does, it counts which rows stand before it.
        """
        other = self._exact | self._odd | self._links | self._broken
        alone &= self._columns.content is None
        simple = [group for group in groups if alone and not other[group].any()]
        found = repeats(self._table, simple)
        exactly = [group for group in groups if not alone or other[group].any()]
        for group in [*found.unclear, *exactly]:
            self._exact[group] = True
        place, lines = self._columns.layout.place("submitter_id"), self._table.lines
        rows: list[int] = []
        said: list[Group] = []
        for group in [*found.different, *found.identical]:
            self.together.update(dict.fromkeys(group, group))
        for identical, of_a_kind in ((False, found.different), (True, found.identical)):
            for group in of_a_kind:
                cells = self._columns.cells({place: self._table.ids[group[0]].as_py()})
                first = [(row, lines[row]) for row in group[: MOST_OTHERS + 1]]
                self._repeated[group] = 3 if identical else 1
                if identical:
                    self._repeated[group[0]] = 2
                for row in group[1:] if identical else group:
                    others = [line for other_row, line in first if other_row != row]
                    rows.append(row)
                    said.append((repeated(cells, "submitter_id", self._node.id, others, identical=identical),))
        self.said.add(Stage.REPEATED, 0, np.array(rows, np.int64), np.arange(len(rows)), said)


def _error_order(schema: Mapping[str, object]) -> dict[str, int]:
    """The order of properties among the errors of a record."""
    first = list(schema).index("properties") * _OF_A_KEYWORD
    properties = schema["properties"]
    assert isinstance(properties, Mapping)
    return {name: first + rank for rank, name in enumerate(properties)}
