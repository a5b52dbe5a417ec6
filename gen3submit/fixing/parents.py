"""Mending the cells of a link: the ids of parents, as far as they are known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from gen3submit.checking.known import CommonsLike, exported_documents
from gen3submit.dictionary.model import Link, Node
from gen3submit.errors import UsageProblem
from gen3submit.fixing.spelling import INVISIBLE, folded
from gen3submit.fixing.values import Mended
from gen3submit.messages import check as words
from gen3submit.project import ProjectId
from gen3submit.rules.bodies import decode
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.documents import TableReader
from gen3submit.tables.sources import sources

_OTHER_SEPARATORS = re.compile(r"[;|,#\n]")
_LOOK_ALIKE = str.maketrans("oil", "011")
_WORDS = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"\d+|[^\d]+")


class RememberedCommons:
    """A commons whose exports are asked for once, for the fix and for the check after it."""

    def __init__(self, commons: CommonsLike):
        self._commons = commons
        self._exports: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def export(self, project_id: str, node: str) -> Iterator[dict[str, Any]]:
        """Every record of a node type, as the commons exports it."""
        key = (project_id, node)
        if key not in self._exports:
            self._exports[key] = list(self._commons.export(project_id, node))
        return iter(self._exports[key])


class KnownIds:
    """The submitter_ids that a parent may have: those of the submission, and those that are there already."""

    def __init__(self, existing: Any, reader: TableReader, project: ProjectId | None):
        self._existing = existing
        self._reader = reader
        self._project = project
        self._own: dict[str, dict[str, str]] = defaultdict(dict)
        self._held: dict[str, dict[str, str]] = {}
        self._alike: dict[str, dict[str, list[str]]] = {}

    @property
    def complete(self) -> bool:
        """Whether the records that the commons holds are known."""
        return self._existing is not None

    def add(self, type_: str, submitter_id: str) -> None:
        """Add a record of the submission."""
        self._own[type_].setdefault(submitter_id.lower(), submitter_id)

    def has(self, type_: str, submitter_id: str) -> bool:
        """Whether there is such a record; the server does not tell letter case apart."""
        lower = submitter_id.lower()
        return lower in self._own.get(type_, ()) or self.holds(type_, submitter_id)

    def holds(self, type_: str, submitter_id: str) -> bool:
        """Whether the commons holds such a record."""
        return submitter_id.lower() in self._held_of(type_)

    def alike(self, type_: str, submitter_id: str) -> str | None:
        """The one id that reads like this one: look-alike letters, separators and leading zeros aside."""
        if type_ not in self._alike:
            by_reading: dict[str, list[str]] = defaultdict(list)
            for id_ in {**self._held_of(type_), **self._own.get(type_, {})}.values():
                by_reading[_reading(id_)].append(id_)
            self._alike[type_] = by_reading
        found = self._alike[type_].get(_reading(submitter_id), [])
        return found[0] if len(found) == 1 else None

    def _held_of(self, type_: str) -> dict[str, str]:
        if self._existing is None:
            return {}
        if isinstance(self._existing, Sequence):
            return self._held_in_files.get(type_, {})
        if type_ not in self._held:
            commons: CommonsLike = self._existing
            exported = commons.export(str(self._project), type_) if self._project else ()
            self._held[type_] = {
                str(id_).lower(): str(id_) for record in exported if (id_ := record.get("submitter_id")) is not None
            }
        return self._held[type_]

    @cached_property
    def _held_in_files(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for item in self._existing:
            for document in self._documents(item):
                id_ = document.get("submitter_id")
                if id_ is not None:
                    found[str(document.get("type"))][str(id_).lower()] = str(id_)
        return found

    def _documents(self, item: Any) -> Iterable[dict[str, Any]]:
        if isinstance(item, str | Path) and str(item).lower().endswith(".json"):
            yield from exported_documents(Path(item))
            return
        for source in sources(item):
            try:
                yield from self._reader.read(decode(source.read()), source.format).documents
            except DocumentRefused as refusal:
                raise UsageProblem(words.existing_unreadable(source.path, str(refusal))) from None


def _reading(id_: str) -> str:
    """How an id reads: `SUBJ-0O02`, `subj_2` and `SUBJ-0002` read the same; `SUBJ-1-1` and `SUBJ-11` do not."""
    words = (
        word.translate(_LOOK_ALIKE) if any(map(str.isdigit, word)) else word for word in _WORDS.findall(folded(id_))
    )
    parts = (part for word in words for part in _PARTS.findall(word))
    return "-".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


class ParentCells:
    """Mends the cells of a link's column."""

    def __init__(
        self,
        link: Link,
        target: Node,
        key: str,
        separator: str,
        ids: KnownIds,
        project: ProjectId | None,
        *,
        unsafe: bool,
    ):
        self._link = link
        self._target = target
        self._key = key
        self._separator = separator
        self._ids = ids
        self._project = project
        self._unsafe = unsafe
        self._seen: dict[str, Mended | None] = {}

    def mended(self, text: str) -> Mended | None:
        """What the cell should say; None where it may stay as it is."""
        try:
            return self._seen[text]
        except KeyError:
            found = self._seen[text] = self._mend(text)
            return found

    def _mend(self, text: str) -> Mended | None:
        plain = text.strip()
        if plain and plain != "null":
            if self._key == "code" and self._target.id == "project":
                found = self._code(plain)
            elif self._key == "submitter_id":
                found = self._parents(plain)
            else:
                found = None
            if found is not None:
                return found
        return Mended(plain, "white-space") if plain != text else None

    def _code(self, text: str) -> Mended | None:
        if self._project is not None and text.lower() == str(self._project).lower() != self._project.code.lower():
            return Mended(self._project.code, "project-code")
        return None

    def _parents(self, text: str) -> Mended | None:
        parts = [part.strip() for part in text.split(self._separator)]
        if all(part in ("", "null") or self._has(part) for part in parts):
            return None
        visible = ["".join(c for c in part if c not in INVISIBLE).strip() for part in parts]
        if visible != parts and all(self._has(new) or new == old for new, old in zip(visible, parts, strict=True)):
            return Mended(self._separator.join(visible), "invisible-character")
        return self._guess(text, parts) if self._unsafe else None

    def _has(self, id_: str) -> bool:
        return self._ids.has(self._target.id, id_)

    def _guess(self, text: str, parts: list[str]) -> Mended | None:
        others = [part.strip() for part in _OTHER_SEPARATORS.split(text)]
        if len(others) > len(parts) and all(others):
            of_one_kind = len({re.sub(r"\d", "", part) for part in others}) == 1
            if all(map(self._has, others)) or (not self._ids.complete and of_one_kind):
                return Mended(self._separator.join(others), "list-separator", guess=True)
        near = [part if self._has(part) else self._ids.alike(self._target.id, part) for part in parts]
        if None in near:
            return None
        return Mended(self._separator.join(part for part in near if part is not None), "nearest-id", guess=True)
