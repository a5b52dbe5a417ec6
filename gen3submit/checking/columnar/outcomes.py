"""What the exact functions say of a text in a column: each distinct text is asked about once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gen3submit.checking.cells import ColumnChanges
from gen3submit.checking.columnar.body import NotColumnar
from gen3submit.checking.columnar.contents import PROPERTY
from gen3submit.checking.columnar.layout import Layout, LinkColumns
from gen3submit.checking.columnar.proofs import Proof, allowed_texts, one_of, plain, proof_of, reference
from gen3submit.checking.explaining import Cells, Explainer
from gen3submit.checking.judging import broken_values
from gen3submit.checking.structure import refusal
from gen3submit.findings import Finding
from gen3submit.rules.bodies import Row, Table
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import ReadTable, TableReader
from gen3submit.rules.errors import EntityError
from gen3submit.rules.link_schema import ignores_texts
from gen3submit.rules.plain_schema import is_plain
from gen3submit.rules.schema import accepting_nulls
from gen3submit.rules.transaction import Rules, breaks_log
from gen3submit.rules.values import as_text

MOST_REMEMBERED = 200_000
"""How many texts of a column are remembered; beyond that each is looked at anew."""
_MANY_ALLOWED = 400
"""Columns of so many allowed values are looked through as they are, others by their distinct texts."""

Explain = Callable[[Sequence[EntityError], Cells], tuple[Finding, ...]]
"""Makes findings of the errors of a row."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be said of a cell; nothing at all is said of most."""

    changes: tuple[Finding, ...] = ()
    """What the server changes without a word."""
    errors: tuple[Finding, ...] = ()
    """What the schema finds wrong."""
    broken: tuple[Finding, ...] = ()
    """Why the value breaks the transaction."""
    refused: Finding | None = None
    """Why the server would refuse the whole table."""
    odd: bool = False
    """Whether the row is one for the exact judge: what becomes of it depends on other records or cells."""
    references: tuple[str, ...] = ()
    """The parents that the cell names."""


NOTHING = Outcome()


@dataclass
class Columns:
    """The columns of a table with what is known of their texts."""

    layout: Layout
    rules: Rules
    reader: TableReader
    properties: Mapping[int, PropertyTexts] = field(init=False)
    """By place among the counted columns; the type column is none of them."""
    links: Sequence[LinkTexts] = field(init=False)

    def __post_init__(self) -> None:
        # What is similar to a wrong value is looked for once the slices are together, and in their order.
        self._explainer = Explainer(self.layout.nodes, most_compared=0)
        self.properties = {
            place: PropertyTexts(self, place, name)
            for place, (name, _) in enumerate(self.layout.columns)
            if "." not in name and name != "type"
        }
        self.links = [LinkTexts(self, link) for link in self.layout.links(self.reader)]

    @cached_property
    def schemas(self) -> Mapping[str, Any]:
        """The schema of each property, nulls allowed as the server does."""
        found: Mapping[str, Any] = accepting_nulls(self.layout.node)["properties"]
        return found

    def cells(self, texts: Mapping[int, str | None]) -> Cells:
        """A row of which only some cells are given, by their places."""
        columns = self.layout.columns
        cells: list[str | None] = [None] * len(self.layout.header)
        for place, text in texts.items():
            cells[columns[place][1]] = text
        return Cells(self.layout.header, self.layout.by_name, cells)

    def changes(self, place: int) -> ColumnChanges:
        """What the server changes in the cells of a column."""
        name, index = self.layout.columns[place]
        node = self.layout.node
        columns = self.reader.columns(node, self.layout.format)
        return ColumnChanges(node, self.rules.schema(node.id), columns, name, self.layout.header[index])

    def explained(self, errors: Sequence[EntityError], cells: Cells) -> tuple[Finding, ...]:
        """The findings of the errors of a row."""
        node = self.layout.node
        return tuple(dict.fromkeys(f for error in errors for f in self._explainer.findings(error, node, cells)))

    def broken(self, document: dict[str, Any], cells: Cells) -> tuple[Finding, ...]:
        """Which of these values break the transaction."""
        if not breaks_log(document):
            return ()
        return tuple(broken_values({"type": self.layout.node.id, **document}, cells))

    @cached_property
    def content(self) -> PropertyTexts | None:
        """The column with the hashes of data files; None where the rows describe no files.

        Raises:
            NotColumnar: there is no such column, or it cannot be proven.
        """
        if not self.layout.node.is_file:
            return None
        found = self.properties.get(self.layout.place(PROPERTY))
        if found is None or found.proof is None:
            raise NotColumnar("data files without a plain hash")
        return found

    @cached_property
    def low(self) -> list[int]:
        """The columns, by their index in the file, of which every distinct text is looked at."""
        places = [self.layout.place("type")]
        places += [place for place, texts in self.properties.items() if texts.proof is None]
        places += [texts.link.column for texts in self.links if texts.proof is None and texts.link.column >= 0]
        return [self.layout.columns[place][1] for place in places]

    def shape(self, given: int, explain: Explain) -> list[tuple[str, tuple[Finding, ...]]]:
        """Keyword of the schema and findings, for rows that have cells in the first so many columns of the file."""
        columns = self.layout.columns
        keys = {name for name, index in columns if "." not in name and index < given}
        keys |= {name.partition(".")[0] for name, _ in columns if "." in name}
        if self.layout.project is None:
            keys.discard("project_id")  # the check leaves it out where it knows no project
        cells = self.cells({place: "" for place, (_, index) in enumerate(columns) if index < given})
        errors = self.rules.schema(self.layout.node.id).shape_errors(frozenset(keys))
        return [(error.rule, explain([error], cells)) for error in errors]


class PropertyTexts:
    """The texts of a property's column."""

    def __init__(self, columns: Columns, place: int, name: str):
        node, layout = columns.layout.node, columns.layout
        self.place = place
        self.name = name
        self._columns = columns
        self._column = columns.reader.columns(node, layout.format).property(name)
        self._schema = columns.rules.schema(node.id)
        self._changes = columns.changes(place)
        self._left_out = name == "project_id" and layout.project is None
        self._known: dict[str, Outcome] = {}
        self._wrong: Outcome | None = None
        """What is to be said of one text that is no value of the property; of the next it is the same but for it."""
        known = columns.schemas.get(name)
        self._allowed: frozenset[str] = frozenset()
        self.proof: Proof | None = plain if known is None else proof_of(known, self._column.convert)
        """Says of which texts nothing is to be said."""
        if (name in node.system_properties and not self._left_out) or (name == "urls" and node.is_file):
            self.proof = None
        elif known is not None and name != "project_id":
            self._allowed = allowed_texts(known, self._column.convert)
            if len(self._allowed) > _MANY_ALLOWED:
                self.proof = one_of(self._allowed)
            else:
                self._known.update(dict.fromkeys(self._allowed, NOTHING))
        self._is_plain = (
            known is not None
            and is_plain(known)
            and ("enum" not in known or self._column.convert is as_text)
            and name not in {*node.system_properties, "id", "project_id", "urls", "object_id"}
        )

    def outcome(self, text: str) -> Outcome:
        """What is to be said of a cell with this text."""
        found = self._known.get(text)
        if found is None:
            found = self._look(text)
            if len(self._known) < MOST_REMEMBERED:
                self._known[text] = found
        return found

    def _look(self, text: str) -> Outcome:
        is_ordinary = self._is_plain and text not in self._allowed and _is_ordinary(text)
        if not is_ordinary or not isinstance(self._column.value(text), str):
            return self._look_closely(text)
        if self._wrong is None or not self._wrong.errors:
            self._wrong = self._look_closely(text)
            return self._wrong
        return Outcome(errors=tuple(_with_value(finding, text) for finding in self._wrong.errors))

    def _look_closely(self, text: str) -> Outcome:
        changes = self._changes.of(text) if text else ()
        if self._left_out:
            return Outcome(changes) if changes else NOTHING
        value = self._column.value(text)
        cells = self._columns.cells({self.place: text})
        errors = self._columns.explained(self._schema.value_errors(self.name, value), cells)
        broken = self._columns.broken({self.name: value}, cells)
        odd = self._is_odd(value)
        if changes or errors or broken or odd:
            return Outcome(changes, errors, broken, odd=odd)
        return NOTHING

    def _is_odd(self, value: Any) -> bool:
        if self.name == "project_id":
            return bool(value != self._columns.layout.project)
        node = self._columns.layout.node
        if self.name in ("id", "urls") or (self.name == "object_id" and node.is_file):
            return value is not None
        return value is not None and self.name in node.system_properties


def _is_ordinary(text: str) -> bool:
    """Whether the text is stored as it is, where it is stored at all, and no words of an error are in it.

    Sheepdog tells the type of an error by its words, those of the data too (`gen3submit.rules.schema.error_type`).
    """
    return (
        text.isprintable() and text == text.strip() and text not in ("", "null", "None") and " is " not in f" {text} "
    )


def _with_value(finding: Finding, text: str) -> Finding:
    """The finding for another text; ``dataclasses.replace`` takes twice as long."""
    words = finding.server_words
    return Finding(
        finding.code,
        finding.severity,
        finding.column,
        finding.property,
        text,
        finding.node,
        finding.facts,
        finding.server_type,
        finding.keys,
        None if words is None else (f"{text!r} ", *words[1:]),
        finding.detail,
    )


class LinkTexts:
    """The texts of the columns under one link."""

    def __init__(self, columns: Columns, link: LinkColumns):
        layout = columns.layout
        self.link = link
        self._columns = columns
        self._schema = columns.rules.schema(layout.node.id)
        self._known: dict[str, Outcome] = {}
        self._refused: Outcome | None = None
        self._replaced = link.link is not None and link.link.target == "project" and layout.project is None
        self.proof: Proof | None = None
        if link.column >= 0:
            self._column = columns.reader.columns(layout.node, layout.format).link(layout.columns[link.column][0])
            self._changes = columns.changes(link.column)
            if link.link is not None and self._proven():
                self.proof = reference(layout.separator)

    @property
    def has_one_child(self) -> bool:
        """Whether a parent may have only one child over the link."""
        return self.link.link is not None and self.link.link.has_one_child

    def _proven(self) -> bool:
        """Whether any one parent passes the schema."""
        schema = self._columns.schemas.get(self.link.name)
        if schema is None or not ignores_texts(schema, self._column.key):
            return False
        return not self._schema.value_errors(self.link.name, [{self._column.key: "x"}])

    def outcome(self, text: str) -> Outcome:
        """What is to be said of a cell with this text in the usual column; the others are empty."""
        found = self._known.get(text)
        if found is None:
            found = self._look(text)
            if len(self._known) < MOST_REMEMBERED:
                self._known[text] = found
        return found

    def _look(self, text: str) -> Outcome:
        place = self.link.column
        changes = self._changes.of(text) if text else ()
        try:
            references = self._column.references(text)
        except DocumentRefused as refused:
            self._refused = self._refused or Outcome(refused=self._refusal(refused))
            return self._refused
        named = tuple(str(reference[self._column.key]) for reference in references)
        cells = self._columns.cells({place: text})
        value = [{"code": "?"}] if references and self._replaced else references
        errors = self._columns.explained(self._schema.value_errors(self.link.name, value), cells)
        broken = self._columns.broken({self.link.name: value}, cells)
        # Where there are more columns the finding quotes the first, whichever names the parents.
        odd = bool(self.link.others) if errors or broken else self._is_odd(text, named)
        if changes or errors or broken or odd or named:
            return Outcome(changes, errors, broken, odd=odd, references=named)
        return NOTHING

    def _is_odd(self, text: str, named: Sequence[str]) -> bool:
        """Whether the cell says something, and not plainly which parents."""
        link = self.link.link
        if link is None or not text or (named and self._replaced):
            return False
        several = link.multiplicity == "many_to_many" and len({name.lower() for name in named}) == len(named)
        return len(named) != 1 and not (named and several)

    def _refusal(self, refused: DocumentRefused) -> Finding:
        layout = self._columns.layout
        row = Row(1, 1, (), (), 1)
        refused.row = 1
        read = ReadTable(Table(layout.header, 1, [row]), layout.columns)
        return refusal(refused, read, {1: layout.node.id}, layout.node)
