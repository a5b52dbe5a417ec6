"""Which records stand in the submission, and where."""

from __future__ import annotations

from gen3submit.rules.documents import Document

Place = tuple[str, int]
"""(path, line)."""
Key = tuple[str, str]
"""Node type, and the submitter_id in lower case."""


class Announced:
    """The records of the submission."""

    def __init__(self) -> None:
        self._records: dict[Key, tuple[Place, Document]] = {}

    def note(self, key: Key, place: Place, document: Document) -> tuple[Place, Document]:
        """Take note of a record, unless there is one of this key; the place and the document of the first."""
        return self._records.setdefault(key, (place, document))

    def place(self, key: Key) -> Place | None:
        """Where the first record of this key stands."""
        found = self._records.get(key)
        return None if found is None else found[0]

    def __contains__(self, key: Key) -> bool:
        return self.place(key) is not None

    def names(self, type_: str) -> set[str]:
        """The submitter_ids of the records of a node type, as they are spelled."""
        return {str(document.get("submitter_id")) for (of, _), (_, document) in self._records.items() if of == type_}
