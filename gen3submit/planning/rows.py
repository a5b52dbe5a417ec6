"""Row by row: the document that will be sent, what it changes in the commons, and what keeps it from being sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.findings import Finding, Severity
from gen3submit.journal import Action, Journal, RowState
from gen3submit.journal import blocks as block_store
from gen3submit.journal import rows as row_store
from gen3submit.journal.findings import FindingWriter
from gen3submit.journal.ranges import bounds_in, ranges_of
from gen3submit.journal.rows import FileEntry, JournalRow, TypeEntry
from gen3submit.messages import submit as words
from gen3submit.planning.circles import Circle
from gen3submit.planning.comparing import Change, changes
from gen3submit.planning.contents import Contents
from gen3submit.planning.file_urls import given_urls, url_changes
from gen3submit.planning.held import Held
from gen3submit.planning.parents import FailedParents, references
from gen3submit.planning.slices import Slices
from gen3submit.planning.stages import steps
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.rules.documents import Document
from gen3submit.tables.source import Source

_AT_ONCE = 2_000


@dataclass(slots=True)
class PlannedDocument:
    """A row of the submission with the document that is sent for it."""

    number: int
    """Of the row, in the journal."""
    type: TypeEntry
    name: str
    """Its submitter_id, to the letter."""
    content: bytes
    """The document as it is sent."""

    @property
    def key(self) -> str:
        """The submitter_id as the commons compares it: letter case aside."""
        return self.name.lower()

    @property
    def document(self) -> Document:
        """The document itself; read again each time, because most rows are sent without a look at it."""
        found: Document = json.loads(self.content)
        return found


def documents(
    journal: Journal,
    file: FileEntry,
    source: Source,
    dictionary: Dictionary,
    types: Mapping[int, TypeEntry],
    condition: str = "state = 'pending' AND twin IS NULL",
) -> Iterator[PlannedDocument]:
    """The rows of a file that are of some types and meet a condition, with their documents, in the file's order.

    Rows may be written while they are taken: what a row is was read before.

    Raises:
        UsageProblem: the file is not the one that was checked.
    """
    chosen = f"({condition}) AND {row_store.of_types(types)}"
    slices = Slices(source, block_store.noted(journal, file.number))
    contents = Contents(source, slices, dictionary.nodes)
    stale = UsageProblem(words.file_changed(file.path))
    for part in slices:
        first = file.first + part.first - 1
        found = row_store.chosen_between(journal, first, first + len(part) - 1, chosen)
        if not found.numbers:
            continue
        whole = len(found.numbers) == len(part)
        some = part if whole else part.only([number - first for number in found.numbers])
        if sum(some.lines) != found.lines:
            raise stale
        for number, type_, content in zip(found.numbers, found.types, contents.of(some), strict=True):
            entry = types[type_]
            if content is None or content.type != entry.name:
                raise stale
            yield PlannedDocument(number, entry, content.name, content.content)
    if slices.rows != file.rows or slices.sha256 != file.sha256:
        raise stale


def with_rows(
    journal: Journal, items: Iterable[PlannedDocument]
) -> Iterator[Sequence[tuple[PlannedDocument, JournalRow]]]:
    """Documents, some at a time, with all that the journal knows of their rows."""
    documents = iter(items)
    while some := list(islice(documents, _AT_ONCE)):
        rows = {row.number: row for row in row_store.rows_of(journal, (item.number for item in some))}
        yield [(item, rows[item.number]) for item in some]


class RowPlanner:
    """Plans every row that is not kept back, parents first."""

    def __init__(
        self,
        journal: Journal,
        sources: Mapping[str, Source],
        dictionary: Dictionary,
        held: Held | None,
        progress: Progress = NO_PROGRESS,
    ) -> None:
        self._journal = journal
        self._sources = sources
        self._dictionary = dictionary
        self._held = held
        self._progress = progress
        self._files = row_store.files(journal)
        self._findings = FindingWriter(journal, no_values=journal.run.choices.no_values)
        self._failed = FailedParents(journal, dictionary)
        self._failed.refresh()
        self._noted: set[int] = set()

    @property
    def compared(self) -> bool:
        """Whether the records of the commons could be read."""
        return self._held is not None and self._held.readable

    def plan(self) -> None:
        """Plan all rows.

        Raises:
            UsageProblem: a file is not the one that was checked.
            CommonsProblem: the commons cannot be asked.
        """
        total = row_store.count(self._journal, [RowState.PENDING])
        with self._progress.start(words.planning(), total) as task:
            for types in steps(self._journal):
                if self._held is not None:
                    for type_ in types:
                        self._read(type_, self._held)
                self._plan_step({type_.number: type_ for type_ in types}, task.advance)

    def _read(self, type_: TypeEntry, held: Held) -> None:
        if not held.was_read(type_.name) and held.is_large(type_.name):
            sql = "SELECT key FROM row WHERE type = ? AND key IS NOT NULL"
            held.want((type_.name, key) for (key,) in self._journal.each(sql, type_.number))
        held.read(type_.name)

    def _plan_step(self, types: Mapping[int, TypeEntry], advance: Callable[[int], None]) -> None:
        circle = Circle(self._journal) if next(iter(types.values())).circle is not None else None
        for file in self._files_with(types):
            self._note_blocks(file)
            if circle is None and self._needs_no_look(file, types):
                if self.compared:
                    row_store.set_planned(self._journal, file, types, Action.CREATE)
                advance(row_store.left(self._journal, file, types))
                continue
            items = documents(self._journal, file, self._sources[file.path], self._dictionary, types)
            for some in with_rows(self._journal, items):
                self._plan_some(some, circle)
                advance(len(some))
        if circle is not None:
            self._order(types, circle)

    def _note_blocks(self, file: FileEntry) -> None:
        """Write what the file is made of now, which must be what was checked."""
        if file.number in self._noted:
            return
        noted = None if self._held is None else self._held.table(file.path)
        slices = Slices(self._sources[file.path])
        digests, sha256 = (slices.read_blocks(), slices.sha256) if noted is None else (noted.blocks, noted.sha256)
        if sha256 != file.sha256:
            raise UsageProblem(words.file_changed(file.path))
        block_store.note(self._journal, file.number, digests)
        self._noted.add(file.number)

    def _needs_no_look(self, file: FileEntry, types: Mapping[int, TypeEntry]) -> bool:
        """Whether it is known of the rows of these types without a look at them: all can be sent, and are new."""
        held = self._held
        if held is not None and held.readable and not all(held.is_empty(type_.name) for type_ in types.values()):
            return False
        if any(self._failed.may_block(type_.name) for type_ in types.values()):
            return False
        return all(name != "id" for name, _ in Slices(self._sources[file.path]).read_columns())

    def _files_with(self, types: Mapping[int, TypeEntry]) -> list[FileEntry]:
        marks = ", ".join("?" for _ in types)
        sql = f"SELECT DISTINCT file FROM row WHERE type IN ({marks}) AND state = 'pending'"  # noqa: S608  # marks only
        found = {number for (number,) in self._journal.rows(sql, *types)}
        return [file for file in self._files if file.number in found]

    def _plan_some(self, some: Sequence[tuple[PlannedDocument, JournalRow]], circle: Circle | None) -> None:
        planned, changed, blocked, ids = [], [], [], []
        compared = self._compared(some) if self.compared else {}
        edges: list[tuple[int, int, str]] = []
        for item, row in some:
            state, action, held_digest, id_ = RowState.PENDING, None, None, None
            document = item.document
            failed = self._failed.of(document, item.type.name)
            if failed is not None:
                blocked.append((item.number, [failed]))
                state = RowState.BLOCKED
                self._failed.note(item.type.name)
            if row.planned == Action.UNCHANGED:  # seen before, and sent all the same
                action, held_digest, id_ = Action.UNCHANGED, row.held, row.id
            elif self.compared:
                differences, held_digest, id_ = compared[item.number]
                action = row_store.planned_action(held_digest, bool(differences))
                if state is RowState.PENDING and action is Action.UNCHANGED:
                    if not self._journal.run.choices.resend_unchanged:
                        state = RowState.UNCHANGED
                elif differences and held_digest is not None:
                    changed.append((item.number, self._told(differences)))
            if circle is not None and state is RowState.PENDING:
                edges += self._edges(item)
            if document.get("id") is not None:
                ids.append((str(document["id"]), item.number))
            told = None if action is None else str(action)
            planned.append((told, held_digest, str(state), id_, item.number))
        with self._journal.writing():
            self._journal.update_many("row", ("planned", "held", "state", "id"), planned)
            self._journal.insert_many("change", changed)
            self._journal.insert_many("given_id", ids)
            self._findings.add(blocked)
            if circle is not None:
                circle.add(edges)

    def _compared(
        self, some: Sequence[tuple[PlannedDocument, JournalRow]]
    ) -> dict[int, tuple[tuple[Change, ...], bytes | None, str | None]]:
        """What rows would change, and digest and id of the records that the commons has of them, by row."""
        assert self._held is not None
        found: dict[int, tuple[tuple[Change, ...], bytes | None, str | None]] = {}
        with_urls = []
        for item, row in some:
            if row.planned == Action.UNCHANGED:
                continue
            held = self._held.get(item.type.name, item.key)
            if held is None:
                found[item.number] = (), None, None
                continue
            node = self._dictionary.nodes[item.type.name]
            document = item.document
            differences = changes(document, held.record, node)
            found[item.number] = differences, held.digest, held.id
            urls = given_urls(document, node)
            if urls:
                with_urls.append((item.number, urls, held.record))
        if with_urls:
            for number, change in url_changes(self._held.commons, with_urls).items():
                differences, digest_, id_ = found[number]
                found[number] = (*differences, change), digest_, id_
        return found

    def _told(self, differences: tuple[Change, ...]) -> str:
        if self._journal.run.choices.no_values:
            return json.dumps([[change.property, None, None] for change in differences])
        return json.dumps([[change.property, change.old, change.new] for change in differences])

    def _edges(self, item: PlannedDocument) -> Iterator[tuple[int, int, str]]:
        """The parents of a row among the rows of the submission."""
        for link, target, reference in references(item.document, self._dictionary.nodes[item.type.name]):
            parent = self._failed.row_of(target, reference)
            if parent is not None:
                yield item.number, parent.number, link

    def _order(self, types: Mapping[int, TypeEntry], circle: Circle) -> None:
        """Give the rows of a circle of types their levels; rows that are in a circle themselves are kept back."""
        self._block(circle)
        numbers = ", ".join(map(str, types))
        rows = f"SELECT number FROM row WHERE type IN ({numbers}) AND state = 'pending' AND twin IS NULL"  # noqa: S608  # numbers
        for level, found in circle.levels(rows):
            if level:
                with self._journal.writing():
                    for first, last in bounds_in(ranges_of(found)):
                        self._journal.update("row", {"level": level}, "number BETWEEN ? AND ?", first, last)
        for members in list(circle.cycles()):
            self._keep_back(members)
        self._block(circle)

    def _keep_back(self, members: list[int]) -> None:
        rows = {row.number: row for row in row_store.rows_of(self._journal, members)}
        names = [str(rows[number].submitter_id) for number in members]
        finding = Finding("record-cycle", Severity.ERROR, property=None, facts={"circle": names})
        with self._journal.writing():
            self._findings.add((number, [finding]) for number in members)
            row_store.set_state(self._journal, ranges_of(members), RowState.LEFT_OUT)
        for row in rows.values():
            self._failed.note(self._failed.type_name(row))

    def _block(self, circle: Circle) -> None:
        """Block the rows of which a parent in the same circle of types failed, and their children after them."""
        while found := circle.with_failed_parent():
            rows = {
                row.number: row for row in row_store.rows_of(self._journal, {row for pair in found for row in pair[:2]})
            }
            with self._journal.writing():
                for child, parent, link in found:
                    type_ = self._failed.type_name(rows[child])
                    self._findings.add([(child, [self._failed.finding(rows[parent], link, type_)])])
                    self._failed.note(type_)
                row_store.set_state(self._journal, ranges_of(child for child, _, _ in found), RowState.BLOCKED)
