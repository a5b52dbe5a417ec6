"""Judging the tables of a submission: the server's rules on each, and what they mean for every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gen3submit.checking import structure
from gen3submit.checking.cells import ColumnChanges
from gen3submit.checking.explaining import Explainer
from gen3submit.checking.known import NO_PROJECT, Known
from gen3submit.checking.nearest import Neighbours
from gen3submit.checking.opening import OpenTable
from gen3submit.checking.updates import update_findings
from gen3submit.dictionary.model import Node
from gen3submit.findings import FileFinding, Finding, Severity, Verdict
from gen3submit.rules.documents import Document, TableReader
from gen3submit.rules.entities import Entity
from gen3submit.rules.errors import NOT_UNIQUE
from gen3submit.rules.flush import complete_keys
from gen3submit.rules.transaction import Ending, Rules, Transaction, breaks_log

Place = tuple[str, int]
"""(path, line)."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A document of a unit with the row it came from."""

    table: OpenTable
    index: int
    document: Document


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
        self._submission: dict[tuple[str, str], tuple[Place, Document]] = {}
        self._neighbours: dict[str, Neighbours] = {}

    def announce(self, tables: Iterable[OpenTable]) -> None:
        """Take note of every record of the submission, and of records that stand in two of its tables."""
        for table in tables:
            for index, item in enumerate(table.rows):
                document = item.document if item.document is not None else table.identity(index)
                key = _key(document)
                if key is None or document is None:
                    continue
                (path, line), first = self._submission.setdefault(key, ((table.path, item.row.line), document))
                if path != table.path and document != first:
                    facts = {"path": path, "line": line}
                    column = table.cells(index).column("submitter_id")
                    value = str(document.get("submitter_id"))
                    finding = Finding(
                        "duplicate-across-files", Severity.ERROR, column, "submitter_id", value, item.type, facts
                    )
                    table.add(index, finding)

    def judge(self, tables: list[OpenTable]) -> None:
        """Judge the tables of a unit: nearly always one; several where their types depend on each other."""
        sent = [
            _Sent(table, index, item.document)
            for table in tables
            for index, item in enumerate(table.rows)
            if item.document is not None
        ]
        for item in sent:
            self._cell_findings(item)
        self._verify_parents(sent)
        if sent:
            run = self._run(sent, "".join(table.text for table in tables), dry_run=True)
            self._explain_run(run, sent, tables)
            self._keep_good(sent)
        for table in tables:
            if not any(item.document is not None for item in table.rows) and table.verdict is Verdict.ACCEPT:
                assert table.read is not None
                table.verdict = Verdict.REFUSE
                if not any(found.finding.severity is Severity.ERROR for found in table.file_findings):
                    table.file_findings.append(structure.nothing_to_submit(table.read))

    def _cell_findings(self, item: _Sent) -> None:
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
                changes = self._changes[key] = ColumnChanges(node, columns, name, read.table.header[index])
            for finding in changes.of(text):
                if finding.code != "line-break-in-cell" or not self._swallows(item, finding.column):
                    item.table.add(item.index, finding)

    @staticmethod
    def _swallows(item: _Sent, column: str | None) -> bool:
        found = item.table.findings.get(item.index, ())
        return any(finding.code == "quote-swallows-rows" and finding.column == column for finding in found)

    def _verify_parents(self, sent: list[_Sent]) -> None:
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
        self, item: _Sent, name: str, target: str, reference: Mapping[str, Any], own: set[tuple[str, str] | None]
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
        facts = {"link": name, "target": target}
        item.table.add(
            item.index,
            Finding(
                "parent-unverified",
                Severity.WARNING,
                column,
                name,
                str(reference[part]),
                str(item.document["type"]),
                facts,
            ),
        )

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

    def _run(self, sent: list[_Sent], text: str, *, dry_run: bool) -> Transaction:
        return self._rules.run(
            [dict(item.document) for item in sent],
            self._known.store,
            str(self._known.project),
            now=self._known.now,
            dry_run=dry_run,
            text=text,
        )

    def _explain_run(self, run: Transaction, sent: list[_Sent], tables: list[OpenTable]) -> None:
        for entity in run.entities:
            self._explain_entity(entity, sent[entity.position])
        self._explain_repeated(run, sent)
        for position in run.broken_by:
            self._explain_broken(sent[position])
        if run.ending in (Ending.LOST, Ending.CRASHED):
            self._explain_clash(run, sent, tables)
        elif run.ending is Ending.ERRORED and not run.broken_by:
            finding = (
                Finding("nul-in-file", Severity.ERROR)
                if run.failure == "nul-in-body"
                else Finding("server-failure", Severity.ERROR, facts={"reason": run.failure})
            )
            for table in tables:
                table.file_findings.append(FileFinding(finding))
        if not run.success and run.ending is not Ending.CRASHED:
            for table in tables:
                if table.verdict is Verdict.ACCEPT and table.rows:
                    table.verdict = Verdict.REJECT

    def _explain_entity(self, entity: Entity, item: _Sent, *, first: bool = True) -> None:
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
                    finding = replace(finding, server_type=None, keys=None, server_message=None)
                if not any(other.code == finding.code and other.column == finding.column for other in found_before):
                    item.table.add(item.index, finding)

    def _with_search(self, finding: Finding) -> Finding:
        """A missing parent, told apart: never there, or kept back itself; with ids that are close."""
        if finding.code == "project-link-wrong":
            return replace(finding, facts={**finding.facts, "expected": self._known.project.code})
        if finding.code != "parent-missing":
            return finding
        target = str(finding.facts["target"])
        place = self._submission.get((target, str(finding.value).lower()))
        facts = dict(finding.facts)
        code = finding.code
        if place is not None:
            code = "parent-rejected"
            facts["path"], facts["line"] = place[0]
        else:
            facts["searched"] = "this submission and the records already there" if self._complete else "this submission"
            if target not in self._neighbours:
                ids = {
                    str(record.properties.get("submitter_id") or record.properties.get("code") or "")
                    for record in self._known.store.find(target, {})
                }
                ids |= {
                    str(d.get("submitter_id")) for (type_, _), (_, d) in self._submission.items() if type_ == target
                }
                self._neighbours[target] = Neighbours(sorted(ids - {""}))
            facts["similar"] = self._neighbours[target].nearest(str(finding.value))
        return replace(finding, code=code, facts=facts)

    def _explain_repeated(self, run: Transaction, sent: list[_Sent]) -> None:
        """Rows that repeat a submitter_id: all of them, unless they are the same row again."""
        groups: dict[int, list[int]] = {}
        for position, first in run.repeated:
            groups.setdefault(first, [first]).append(position)
        for first, positions in groups.items():
            identical = all(sent[position].document == sent[first].document for position in positions)
            for position in positions[1:] if identical else positions:
                item = sent[position]
                others = [
                    sent[other].table.rows[sent[other].index].row.line for other in positions if other != position
                ]
                facts = {"others": others, "identical": identical}
                column = item.table.cells(item.index).column("submitter_id")
                value = str(item.document.get("submitter_id"))
                item.table.add(
                    item.index,
                    Finding(
                        "duplicate-submitter-id",
                        Severity.ERROR,
                        column,
                        "submitter_id",
                        value,
                        str(item.document["type"]),
                        facts,
                        NOT_UNIQUE,
                        (),
                    ),
                )
                item.table.verdicts[item.index] = Verdict.REJECT

    @staticmethod
    def _explain_broken(item: _Sent) -> None:
        row = item.table.cells(item.index)
        for name, value in item.document.items():
            if not (breaks_log(value) or breaks_log(name)):
                continue
            text = row.text(name)
            what = "NUL" if "\0" in f"{name}{text}" else "NaN" if "nan" in (text or "").lower() else "infinity"
            finding = Finding(
                "value-breaks-transaction",
                Severity.ERROR,
                row.column(name),
                name,
                text,
                str(item.document["type"]),
                {"what": what},
            )
            item.table.add(item.index, finding)
        item.table.verdicts[item.index] = Verdict.REJECT

    def _explain_clash(self, run: Transaction, sent: list[_Sent], tables: list[OpenTable]) -> None:
        """The rows for which a unique index strikes, and what becomes of the rest of the file."""
        lost = run.ending is Ending.LOST
        outcome = "lost" if lost else "crash"
        for position, code, facts in self._clashing(run):
            item = sent[position]
            row = item.table.cells(item.index)
            name = "id" if code == "id-taken" else "submitter_id"
            finding = Finding(
                code,
                Severity.ERROR,
                row.column(name),
                name,
                (row.text(name) or "").strip(),
                str(item.document["type"]),
                {**facts, "outcome": outcome},
            )
            item.table.add(item.index, finding)
        for table in tables:
            if lost:
                table.verdict = Verdict.LOST
                table.verdicts.update(
                    {
                        item.index: Verdict.LOST
                        for item in sent
                        if item.table is table and item.index not in table.verdicts
                    }
                )
                finding = Finding("file-lost", Severity.ERROR)
            else:
                table.verdict = Verdict.REFUSE
                finding = Finding("server-crash", Severity.ERROR, facts={"reason": run.failure})
            table.file_findings.append(FileFinding(finding))

    def _clashing(self, run: Transaction) -> Iterable[tuple[int, str, dict[str, Any]]]:
        repeated = {position for pair in run.repeated for position in pair}
        ids: dict[tuple[str, str], Entity] = {}
        keys: dict[tuple[str, tuple[str, ...]], Entity] = {}
        for entity in run.entities:
            record, node = entity.record, entity.node
            if not entity.valid or record is None or node is None or entity.action != "create":
                continue
            held = self._known.store.get(node.id, record.id)
            twin = ids.setdefault((node.id, record.id), entity)
            if held is not None or twin is not entity:
                by = held.properties if held is not None else twin.document
                yield entity.position, "id-taken", {"by": by.get("submitter_id")}
            for wanted in complete_keys(node, record):
                folded = tuple(value.lower() for value in wanted.values())
                twin = keys.setdefault((node.id, folded), entity)
                others = [other for other in self._known.store.find(node.id, wanted) if other.id != record.id]
                if entity.position in repeated:
                    continue
                if twin is not entity:
                    yield entity.position, "duplicate-letter-case", {"other": twin.document.get("submitter_id")}
                elif others:
                    yield entity.position, "id-taken", {"by": others[0].properties.get("submitter_id")}

    def _keep_good(self, sent: list[_Sent]) -> None:
        """Store the rows without errors, as if only they were sent; rows that fail without the others go too."""
        good = [item for item in sent if not item.table.kept_back(item.index)]
        while good:
            run = self._run(good, "", dry_run=False)
            if run.ending is Ending.SUCCEEDED:
                self._after(run, good)
                return
            failed = {entity.position for entity in run.entities if not entity.valid}
            for entity in run.entities:
                self._explain_entity(entity, good[entity.position], first=False)
            if not failed:
                return
            good = [item for position, item in enumerate(good) if position not in failed]

    def _after(self, run: Transaction, good: list[_Sent]) -> None:
        last = {id(item.table): item.table.rows[-1] for item in good}
        for entity in run.entities:
            item = good[entity.position]
            is_last = last[id(item.table)] is item.table.rows[item.index]
            row = item.table.cells(item.index)
            for finding in update_findings(entity, item.document, row, self._known.store, last_row=is_last):
                item.table.add(item.index, finding)


def _key(document: Document | None) -> tuple[str, str] | None:
    if document is None or document.get("submitter_id") is None:
        return None
    return str(document["type"]), str(document["submitter_id"]).lower()
