"""Batches of rows of one node type, made when they are wanted: first what came back, then what was never sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gen3submit.journal import RowState
from gen3submit.journal import rows as row_store
from gen3submit.journal.findings import FindingWriter
from gen3submit.journal.ranges import ranges_of
from gen3submit.planning.parents import FailedParents
from gen3submit.planning.rows import PlannedDocument
from gen3submit.submit.sizes import BatchSize

Key = tuple[str, str]
"""Node type and submitter_id of a row, to the letter."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that go into one request."""

    items: tuple[PlannedDocument, ...]
    attempt: int = 1
    """1 for the first time; more where the same rows are sent again."""
    last_words: str = ""
    """Why they came back."""
    renewed: bool = False
    """Whether a new access token was got for them already."""

    @property
    def type(self) -> str:
        """The node type."""
        return self.items[0].type.name

    @property
    def ranges(self) -> str:
        """The numbers of the rows."""
        return ranges_of(item.number for item in self.items)

    def keys(self) -> dict[Key, int]:
        """The numbers of the rows by what the commons names them in its answers."""
        return {(item.type.name, item.name): item.number for item in self.items}

    def halves(self) -> tuple[Batch, Batch]:
        """The batch in two."""
        middle = (len(self.items) + 1) // 2
        return replace(self, items=self.items[:middle]), replace(self, items=self.items[middle:])

    def without(self, numbers: set[int]) -> Batch | None:
        """The batch without some of its rows; None if none are left."""
        left = tuple(item for item in self.items if item.number not in numbers)
        return replace(self, items=left, attempt=1) if left else None

    def only(self, numbers: set[int]) -> Batch | None:
        """The batch with only some of its rows; None if none are left."""
        return self.without({item.number for item in self.items} - numbers)


@dataclass(slots=True)
class Batches:
    """The batches of one step of the order: their rows do not depend on each other."""

    documents: Iterator[PlannedDocument]
    """The rows that were never sent, in their order."""
    size: BatchSize
    parallel: int
    left: int
    """How many rows were never sent."""
    as_tsv: bool
    failed: FailedParents
    findings: FindingWriter
    returned: deque[Batch] = field(default_factory=deque)
    _ahead: PlannedDocument | None = None

    def give_back(self, *batches: Batch | None) -> None:
        """Take batches that are to be sent again; they come first."""
        self.returned.extendleft(batch for batch in reversed(batches) if batch is not None)

    def next(self) -> Batch | None:
        """The next batch; None if there is none at present."""
        if self.returned:
            return self._fitting(self.returned.popleft())
        # Towards the end the rows are shared out, so that no lane stands idle.
        most = max(1, min(self.size.rows, -(-self.left // self.parallel)))
        items: list[PlannedDocument] = []
        size = 0
        shape: tuple[str, ...] | None = None
        while len(items) < most:
            item = self._take()
            if item is None:
                break
            own = tuple(sorted(item.document)) if self.as_tsv else ()
            if items and (size + len(item.content) > self.size.bytes or item.type != items[0].type or own != shape):
                self._ahead = item
                break
            items.append(item)
            size += len(item.content) + 1
            shape = own
        self.left -= len(items)
        return Batch(tuple(items)) if items else None

    def _fitting(self, batch: Batch) -> Batch:
        """As much of a batch as fits now; the rest stays."""
        size = count = 0
        for item in batch.items:
            size += len(item.content) + 1
            if count and size > self.size.bytes:
                break
            count += 1
        # Sent again in a size that did not work, it would not work again.
        count = min(count, max(self.size.rows, 1)) if batch.attempt > 1 else count
        if count < len(batch.items):
            self.returned.appendleft(replace(batch, items=batch.items[count:]))
        return replace(batch, items=batch.items[:count])

    def _take(self) -> PlannedDocument | None:
        """The next row of which no parent failed; the others are blocked."""
        item, self._ahead = self._ahead, None
        while item is None:
            item = next(self.documents, None)
            if item is None:
                return None
            if not self.failed.may_block(item.type.name):
                return item
            failed = self.failed.of(item.document, item.type.name)
            if failed is not None:
                journal = self.failed.journal
                with journal.writing():
                    self.findings.add([(item.number, [failed])])
                    row_store.set_state(journal, str(item.number), RowState.BLOCKED)
                self.failed.note(item.type.name)
                self.left -= 1
                item = None
        return item
