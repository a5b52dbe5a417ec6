"""Rows whose records somebody else changed since the plan: told, and not overwritten unless the user wants it.

There is no compare-and-set in the commons: what changes between this look and the request is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from gen3submit.errors import UsageProblem
from gen3submit.findings import Finding, Severity
from gen3submit.journal import RowState
from gen3submit.journal import findings as finding_store
from gen3submit.journal import rows as row_store
from gen3submit.journal.findings import FindingWriter
from gen3submit.journal.ranges import ranges_of
from gen3submit.journal.rows import FileEntry, JournalRow, TypeEntry
from gen3submit.messages import submit as words
from gen3submit.planning.comparing import changes
from gen3submit.planning.held import Held
from gen3submit.planning.rows import with_rows
from gen3submit.submit.tables import tables_of
from gen3submit.submit.under_way import UnderWay
from gen3submit.tables.source import Source

CODE = "changed-on-server"
_AT_ONCE = 2_000


class Foreign:
    """Looks again at the records of the commons, and keeps back the rows of those that changed."""

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way
        self._looked: dict[str, float] = {}

    def look(self, types: Iterable[TypeEntry]) -> None:
        """Compare with the plan, type by type, unless that was done not long ago.

        Raises:
            Stopped: the commons gives no answer.
            Interrupted: the user wants to stop.
        """
        run = self._under_way.journal.run
        if run.compared is None or run.choices.overwrite:
            return
        now = self._under_way.clock.now()
        late = [
            entry
            for entry in types
            if now - self._looked.get(entry.name, run.compared) >= self._under_way.patience.fresh
        ]
        self.look_now(late)

    def look_now(self, types: Iterable[TypeEntry]) -> None:
        """Compare these types with the plan, however old it is; as `look` otherwise."""
        under_way = self._under_way
        if under_way.journal.run.compared is None or under_way.journal.run.choices.overwrite:
            return
        held = Held(under_way.commons, under_way.project, under_way.progress)
        try:
            for entry in types:
                rows = under_way.journal.value(
                    "SELECT count(*) FROM row WHERE type = ? AND state IN ('pending', 'unchanged') AND twin IS NULL",
                    entry.number,
                )
                if not rows:
                    continue
                self._looked[entry.name] = under_way.clock.now()
                sql = "SELECT key FROM row WHERE type = ? AND key IS NOT NULL"
                if under_way.ask(partial(held.is_large, entry.name)):
                    held.want((entry.name, key) for (key,) in under_way.journal.each(sql, entry.number))
                under_way.ask(partial(held.read, entry.name))
                if not held.readable:
                    return
                self._compare(entry, held)
                held.forget(entry.name)
        finally:
            held.close()

    def _compare(self, entry: TypeEntry, held: Held) -> None:
        journal = self._under_way.journal
        changed: list[tuple[JournalRow, str]] = []
        doubtful = {
            number for (number,) in journal.rows("SELECT number FROM request WHERE settled IN ('no-trace', 'lost')")
        }
        for file in row_store.files(journal):
            condition = f"type = {entry.number} AND state IN ('pending', 'unchanged') AND twin IS NULL"
            for row in row_store.rows_between(journal, file.first, file.first + file.rows - 1, condition):
                if row.request in doubtful or row.planned is None or row.held == row_store.AS_SAID:
                    continue  # what changed may be our own doing
                change = _change(row.held, held.digest(entry.name, str(row.key)))
                if change is not None:
                    changed.append((row, change))
            changed += (pair for pair in self._compare_as_said(entry, file, held) if pair[0].request not in doubtful)
        for start in range(0, len(changed), _AT_ONCE):
            self._keep_back(changed[start : start + _AT_ONCE], entry)
        if changed:
            self._under_way.failed.note(entry.name)
            self._under_way.note(words.changed_on_server(len(changed), entry.name))

    def _compare_as_said(self, entry: TypeEntry, file: FileEntry, held: Held) -> Iterator[tuple[JournalRow, str]]:
        """The rows of which the records held exactly what they say, and do so no more; with what was done to these."""
        under_way = self._under_way
        types = {entry.number: entry}
        condition = f"state IN ('pending', 'unchanged') AND twin IS NULL AND held = X'{row_store.AS_SAID.hex()}'"
        if all(found.number != file.number for found in under_way.files_with(types, condition)):
            return
        source = under_way.sources.get(file.path) or self._source(file)
        if source is None:  # a file is not needed any more of which nothing is left to be sent
            condition += f" AND type = {entry.number}"
            for row in row_store.rows_between(under_way.journal, file.first, file.first + file.rows - 1, condition):
                record = held.get(entry.name, str(row.key))
                if record is None or record.id != row.id:
                    yield row, "gone" if record is None else "edited"
            return
        items = under_way.documents_in(file, source, types, condition)
        for item, row in chain.from_iterable(with_rows(under_way.journal, items)):
            record = held.get(entry.name, item.key)
            if record is None:
                yield row, "gone"
            elif record.id != row.id or changes(item.document, record.record, under_way.dictionary.nodes[entry.name]):
                yield row, "edited"

    def _source(self, file: FileEntry) -> Source | None:
        try:
            return tables_of(self._under_way.journal, [file])[0]
        except UsageProblem:
            return None

    def _keep_back(self, changed: list[tuple[JournalRow, str]], entry: TypeEntry) -> None:
        journal = self._under_way.journal
        with journal.writing():
            self._under_way.findings.add(
                (row.number, [Finding(CODE, Severity.ERROR, node=entry.name, facts=_facts(row, change))])
                for row, change in changed
            )
            row_store.set_state(journal, ranges_of(row.number for row, _ in changed), RowState.LEFT_OUT)


def release(under_way: UnderWay) -> None:
    """Let the rows be sent that were kept back because their records changed: the user wants them overwritten."""
    journal = under_way.journal
    rows = list(finding_store.rows_with(journal, CODE))
    if rows:
        with journal.writing():
            finding_store.remove(journal, CODE, rows)
            row_store.set_state(journal, ranges_of(rows), RowState.PENDING)
        under_way.findings = FindingWriter(journal, no_values=journal.run.choices.no_values)


def _change(before: bytes | None, now: bytes | None) -> str | None:
    if before == now:
        return None
    if before is None:
        return "made"
    return "gone" if now is None else "edited"


def _facts(row: JournalRow, change: str) -> dict[str, str]:
    return {"record": str(row.submitter_id), "change": change}
