"""Judging the tables of a submission: the server's rules on each, and what they mean for every row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gen3submit.checking import collisions, structure
from gen3submit.checking.announced import Announced, Place
from gen3submit.checking.cells import ColumnChanges
from gen3submit.checking.explaining import Cells, Explainer
from gen3submit.checking.known import NO_PROJECT, Known
from gen3submit.checking.nearest import Neighbours
from gen3submit.checking.opening import OpenTable, SentRow
from gen3submit.checking.updates import update_findings
from gen3submit.dictionary.model import Node
from gen3submit.findings import FileFinding, Finding, Severity, Verdict
from gen3submit.rules.documents import Document, TableReader
from gen3submit.rules.entities import Entity, key_values
from gen3submit.rules.transaction import Ending, Rules, Transaction, breaks_log


class Judge:
    """Applies the server's rules to the tables of a submission, in the order in which they are sent."""

    def __init__(self, rules: Rules, reader: TableReader, known: Known, *, complete: bool):
        """`complete` tells whether `known` holds all records of the commons: a parent it lacks is then missing."""
        self._rules = rules
        self._reader = reader
        self._known = known
        self._complete = complete
        self._explainer = Explainer(rules.nodes)
        self._changes: dict[tuple[str, str, str, str], ColumnChanges] = {}
        self._submission = Announced()
        self._neighbours: dict[str, Neighbours] = {}

    def announce(self, tables: Iterable[OpenTable]) -> None:
        """Take note of every record of the submission, and of records that stand in two of its tables."""
        for table in tables:
            for index, item in enumerate(table.rows):
                document = item.document if item.document is not None else table.identity(index)
                if document is None or _key(document) is None:
                    continue
                finding = self._announced_before(document, (table.path, item.row.line), table.cells(index))
                if finding is not None:
                    table.add(index, finding)

    def _announced_before(self, document: Document, place: Place, row: Cells) -> Finding | None:
        """Take note of a record; the finding, where another table has another record by its name."""
        key = _key(document)
        assert key is not None
        (path, line), first = self._submission.note(key, place, document)
        if path == place[0] or document == first:
            return None
        facts = {"path": path, "line": line}
        column, value = row.column("submitter_id"), str(document.get("submitter_id"))
        return Finding("duplicate-across-files", Severity.ERROR, column, "submitter_id", value, key[0], facts)

    def judge(self, tables: Sequence[OpenTable]) -> None:
        """Judge the tables of a unit: nearly always one; several where their types depend on each other."""
        sent = [
            SentRow(table, index, item.document)
            for table in tables
            for index, item in enumerate(table.rows)
            if item.document is not None
        ]
        for item in sent:
            self._cell_findings(item)
        self._verify_parents(sent)
        for part in _requests(sent) if len(tables) > 1 else [sent]:
            if part:
                self._judge_request(part, tables)
        for table in tables:
            if not any(item.document is not None for item in table.rows) and table.verdict is Verdict.ACCEPT:
                assert table.read is not None
                table.verdict = Verdict.REFUSE
                if not any(found.finding.severity is Severity.ERROR for found in table.file_findings):
                    table.file_findings.append(structure.nothing_to_submit(table.read))

    def _judge_request(self, sent: list[SentRow], tables: Sequence[OpenTable]) -> None:
        """Say what the server would say of these rows as they are, and store those that would be sent."""
        store = self._known.store
        store.begin()
        run = self._run(sent, "".join(table.text for table in tables))
        self._explain_run(run, sent, tables)
        if run.ending is Ending.SUCCEEDED and not any(item.table.kept_back(item.index) for item in sent):
            store.commit()
            self._after(run, sent)
            return
        store.rollback()
        self._keep_good(sent)

    def _cell_findings(self, item: SentRow) -> None:
        read = item.table.read
        assert read is not None
        node = self._rules.nodes[str(item.document["type"])]
        cells = item.table.rows[item.index].row.cells
        for name, index in read.columns:
            text = cells[index]
            if not text:
                continue
            key = (node.id, name, read.table.header[index], item.table.source.format)
            changes = self._changes.get(key)
            if changes is None:
                columns = self._reader.columns(node, item.table.source.format)
                schema = self._rules.schema(node.id)
                changes = self._changes[key] = ColumnChanges(node, schema, columns, name, read.table.header[index])
            for finding in changes.of(text):
                if finding.code != "line-break-in-cell" or not self._swallows(item, finding.column):
                    item.table.add(item.index, finding)

    @staticmethod
    def _swallows(item: SentRow, column: str | None) -> bool:
        found = item.table.findings.get(item.index, ())
        return any(finding.code == "quote-swallows-rows" and finding.column == column for finding in found)

    def _verify_parents(self, sent: list[SentRow]) -> None:
        """Where nothing is known of the commons, stand in for parents that only it could have."""
        own = {_key(item.document) for item in sent}
        for item in sent:
            node = self._rules.nodes[str(item.document["type"])]
            for name, link in node.links_by_name.items():
                references = item.document.get(name)
                if not isinstance(references, list) or not references:
                    continue
                if link.target == "project":
                    if self._known.project == NO_PROJECT:
                        item.document[name] = [{"code": NO_PROJECT.code}]
                        self._note_unverified_project(item.table)
                    continue
                for reference in references:
                    self._verify_parent(item, name, link.target, reference, own)
            if self._known.project == NO_PROJECT:
                item.document.pop("project_id", None)

    def _verify_parent(
        self, item: SentRow, name: str, target: str, reference: Mapping[str, Any], own: set[tuple[str, str] | None]
    ) -> None:
        submitter_id = reference.get("submitter_id")
        key = (target, str(submitter_id).lower())
        if self._complete and (target, str(reference.get("id"))) not in self._known.placeholders:
            return
        if key in own or (submitter_id is not None and key in self._submission):
            return
        if "id" not in reference and not submitter_id:
            return
        node = self._rules.nodes[target]
        if not self._known.has_parent(node, reference):
            self._known.placeholder(target, reference)
        elif not self._is_placeholder(node, reference):
            return
        part = next(iter(reference))
        column = item.table.cells(item.index).column(f"{name}.{part}")
        node_id = str(item.document["type"])
        item.table.add(item.index, unverified(column, name, target, str(reference[part]), node_id))

    def _is_placeholder(self, target: Node, reference: Mapping[str, Any]) -> bool:
        found = self._known.store.find(
            target.id, {"project_id": str(self._known.project), "submitter_id": str(reference.get("submitter_id"))}
        )
        held = self._known.store.get(target.id, str(reference["id"])) if "id" in reference else None
        return any((target.id, record.id) in self._known.placeholders for record in [*found, *([held] if held else [])])

    @staticmethod
    def _note_unverified_project(table: OpenTable) -> None:
        finding = Finding("project-unverified", Severity.WARNING)
        if not any(item.finding == finding for item in table.file_findings):
            table.file_findings.append(FileFinding(finding))

    def _run(self, sent: list[SentRow], text: str) -> Transaction:
        return self._rules.run(
            [dict(item.document) for item in sent],
            self._known.store,
            str(self._known.project),
            now=self._known.now,
            text=text,
        )

    def _explain_run(self, run: Transaction, sent: list[SentRow], tables: Sequence[OpenTable]) -> None:
        for entity in run.entities:
            self._explain_entity(entity, sent[entity.position])
            if entity.valid:
                self._unclear_parents(entity, sent[entity.position])
        for found in (collisions.repeated_rows, collisions.nameless_rows, collisions.merged_rows):
            for item, finding in found(run, sent):
                item.add(finding)
        for position in run.broken_by:
            self._explain_broken(sent[position])
        if run.ending in (Ending.LOST, Ending.CRASHED):
            self._explain_clash(run, sent, tables)
        elif run.ending is Ending.ERRORED and not run.broken_by:
            self._explain_failure(run, sent, tables)
        if not run.success and run.ending is not Ending.CRASHED:
            for table in tables:
                alone = len(tables) == 1 or table.has_rejected
                if table.verdict is Verdict.ACCEPT and table.rows and alone:
                    table.verdict = Verdict.REJECT

    def _unclear_parents(self, entity: Entity, item: SentRow) -> None:
        """Parents named by a column that tells no record: Sheepdog takes the only one there is, whatever is written."""
        assert entity.node is not None
        for name, link in entity.node.links_by_name.items():
            for reference in item.document.get(name) or ():
                if "submitter_id" in reference or "id" in reference:
                    continue
                keys = key_values(self._rules.nodes[link.target], reference, str(self._known.project))
                if keys and all(map(all, keys)):
                    continue
                column = next((f"{name}.{key}" for key in reference), name)
                cells = item.cells
                facts = {"link": name, "target": link.target}
                text = cells.text(column)
                found = Finding(
                    "parent-ambiguous", Severity.ERROR, cells.column(column), name, text, entity.node.id, facts
                )
                item.add(found)

    def _explain_failure(self, run: Transaction, sent: list[SentRow], tables: Sequence[OpenTable]) -> None:
        """The rows (or else the files) that Sheepdog fails at without a reason."""
        found = list(collisions.rows_without_state(run, sent, self._known.store))
        if run.failure == "type-without-state" and found:
            for item, finding in found:
                item.add(finding)
                item.table.verdicts[item.index] = Verdict.REJECT
            return
        nul = run.failure == "nul-in-body"
        finding = Finding("nul-in-file", Severity.ERROR) if nul else _failure(run)
        for table in tables:
            if not nul or "\0" in table.text:
                table.file_findings.append(FileFinding(finding))
                table.verdict = Verdict.REJECT if table.verdict is Verdict.ACCEPT else table.verdict

    def _explain_entity(self, entity: Entity, item: SentRow, *, first: bool = True) -> None:
        if entity.valid:
            return
        if first:
            item.table.verdicts[item.index] = Verdict.REJECT
        assert entity.node is not None
        row = item.table.cells(item.index)
        found_before = [] if first else list(item.table.findings.get(item.index, ()))
        for error in entity.errors:
            for found in self._explainer.findings(error, entity.node, row):
                finding = self._with_search(found)
                if not first:  # the server would not get so far with the table as it is
                    finding = replace(finding, server_type=None, keys=None, server_words=None)
                if not any(other.code == finding.code and other.column == finding.column for other in found_before):
                    item.table.add(item.index, finding)

    def _with_search(self, finding: Finding) -> Finding:
        """A missing parent, told apart: never there, or kept back itself; with ids that are close."""
        if finding.code == "project-link-wrong":
            return replace(finding, facts={**finding.facts, "expected": self._known.project.code})
        if finding.code != "parent-missing":
            return finding
        target = str(finding.facts["target"])
        place = self._submission.place((target, str(finding.value).lower()))
        facts = dict(finding.facts)
        code = finding.code
        if place is not None:
            code = "parent-rejected"
            facts["path"], facts["line"] = place
        else:
            facts["searched"] = "this submission and the records already there" if self._complete else "this submission"
            facts["similar"] = self._neighbours_of(target).nearest(str(finding.value))
        return replace(finding, code=code, facts=facts)

    def _neighbours_of(self, type_: str) -> Neighbours:
        if type_ not in self._neighbours:
            self._neighbours[type_] = Neighbours(self._names(type_))
        return self._neighbours[type_]

    def _names(self, type_: str) -> Collection[str]:
        """The names of the records of a node type, in the commons and in the submission."""
        return (self._known.names(type_) | self._submission.names(type_)) - {""}

    @staticmethod
    def _explain_broken(item: SentRow) -> None:
        for finding in broken_values(item.document, item.cells):
            item.table.add(item.index, finding)
        item.table.verdicts[item.index] = Verdict.REJECT

    def _explain_clash(self, run: Transaction, sent: list[SentRow], tables: Sequence[OpenTable]) -> None:
        """The rows for which a unique index strikes, and what becomes of the rest of their files."""
        lost = run.ending is Ending.LOST
        concerned: dict[str, OpenTable] = {} if len(tables) > 1 else {tables[0].path: tables[0]}
        for item, finding in collisions.clashing_rows(run, sent, self._known.store, "lost" if lost else "crash"):
            item.add(finding)
            concerned[item.table.path] = item.table
        for table in concerned.values():
            if lost:
                table.verdict = Verdict.LOST
                for item in sent:
                    if item.table is table:
                        table.verdicts.setdefault(item.index, Verdict.LOST)
            else:
                table.verdict = Verdict.REFUSE
            code = "file-lost" if lost else "server-crash"
            table.file_findings.append(FileFinding(Finding(code, Severity.ERROR)))

    def _keep_good(self, sent: list[SentRow]) -> None:
        """Store the rows without errors, as if only they were sent; rows that fail without the others go too."""
        store = self._known.store
        good = [item for item in sent if not item.table.kept_back(item.index)]
        while good:
            store.begin()
            run = self._run(good, "")
            self._explain_again(run, good)
            failed = {position for position, item in enumerate(good) if item.table.kept_back(item.index)}
            if run.ending is Ending.SUCCEEDED and not failed:
                store.commit()
                self._after(run, good)
                return
            store.rollback()
            if not failed:
                for table in {id(item.table): item.table for item in good}.values():
                    table.file_findings.append(FileFinding(_failure(run)))
                return
            good = [item for position, item in enumerate(good) if position not in failed]

    def _explain_again(self, run: Transaction, good: list[SentRow]) -> None:
        """What the server would say of the rest of a table, which it does not get to see with the table as it is."""
        for entity in run.entities:
            self._explain_entity(entity, good[entity.position], first=False)
            if entity.valid:
                self._unclear_parents(entity, good[entity.position])
        found = [*collisions.repeated_rows(run, good), *collisions.nameless_rows(run, good)]
        found += collisions.merged_rows(run, good)
        if run.ending in (Ending.LOST, Ending.CRASHED):
            outcome = "lost" if run.ending is Ending.LOST else "crash"
            found += collisions.clashing_rows(run, good, self._known.store, outcome)
        elif run.failure == "type-without-state":
            found += collisions.rows_without_state(run, good, self._known.store)
        for item, finding in found:
            item.table.add(item.index, replace(finding, server_type=None, keys=None))

    def _after(self, run: Transaction, good: list[SentRow]) -> None:
        last = {id(item.table): item.table.rows[-1] for item in good}
        for entity in run.entities:
            item = good[entity.position]
            is_last = last[id(item.table)] is item.table.rows[item.index]
            row = item.table.cells(item.index)
            for finding in update_findings(entity, item.document, row, self._known.store, last_row=is_last):
                item.table.add(item.index, finding)


def unverified(column: str | None, link: str, target: str, value: str, node_id: str) -> Finding:
    """That nobody knows whether there is this parent."""
    facts = {"link": link, "target": target}
    return Finding("parent-unverified", Severity.WARNING, column, link, value, node_id, facts)


def broken_values(document: Document, row: Cells) -> Iterator[Finding]:
    """The values of a row that break the transaction."""
    for name, value in document.items():
        if not (breaks_log(value) or breaks_log(name)):
            continue
        text = row.text(name) if breaks_log(value) else name
        what = "NUL" if "\0" in f"{name}{text}" else "NaN" if "nan" in (text or "").lower() else "infinity"
        facts = {"what": what}
        node = str(document["type"])
        yield Finding("value-breaks-transaction", Severity.ERROR, row.column(name), name, text, node, facts)


def _failure(run: Transaction) -> Finding:
    return Finding("server-failure", Severity.ERROR, facts={"reason": run.failure})


def _requests(sent: list[SentRow]) -> list[list[SentRow]]:
    """The rows of several tables, so divided that a submitter_id of one table never meets itself from another."""
    parts: list[list[SentRow]] = [[]]
    holders: dict[object, list[OpenTable]] = {}
    for item in sent:
        tables = holders.setdefault(item.document.get("submitter_id"), [])
        if not any(table is item.table for table in tables):
            tables.append(item.table)
        number = next(number for number, table in enumerate(tables) if table is item.table)
        parts += [[] for _ in range(number + 1 - len(parts))]
        parts[number].append(item)
    return parts


def _key(document: Document | None) -> tuple[str, str] | None:
    if document is None or document.get("submitter_id") is None:
        return None
    return str(document["type"]), str(document["submitter_id"]).lower()
