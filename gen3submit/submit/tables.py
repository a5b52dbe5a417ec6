"""The tables and the dictionary of a submission that is taken up again: exactly those that were checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary import Dictionary, DictionaryError
from gen3submit.errors import UsageProblem
from gen3submit.journal import Journal
from gen3submit.journal import rows as row_store
from gen3submit.journal.rows import FileEntry
from gen3submit.messages import submit as words
from gen3submit.tables.source import Source
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons


def same_tables(journal: Journal, given: Sequence[Source] | None) -> list[Source]:
    """The tables of which rows are not settled.

    Args:
        journal: the submission.
        given: the tables, where the caller has them; files are read from where they were if not given.

    Raises:
        UsageProblem: one is not there, or not as it was checked.
    """
    return tables_of(journal, _needed(journal), given)


def tables_of(journal: Journal, files: Sequence[FileEntry], given: Sequence[Source] | None = None) -> list[Source]:
    """The tables of some files of a submission, exactly as they were checked; as `same_tables` otherwise."""
    by_path = {source.path: source for source in given or ()}
    found = []
    for file in files:
        source = by_path.get(file.path) or _from_place(file)
        if source is None:
            raise UsageProblem(words.table_needed(file.path, journal.run.id))
        if _sha256(source) != file.sha256:
            raise UsageProblem(words.file_changed(file.path))
        found.append(source)
    return found


def same_dictionary(journal: Journal, commons: Commons, given: Any) -> Dictionary:
    """The dictionary that the tables were checked with.

    Raises:
        UsageProblem: it is not to be had any more.
    """
    wanted = journal.run.dictionary.get("sha256")
    loaded = Dictionary.load(commons if given is None else given)
    if wanted in (None, loaded.sha256):
        return loaded
    source = journal.run.dictionary.get("source")
    if given is None and source and Path(source).exists():
        try:
            loaded = Dictionary.load(source)
        except DictionaryError:
            pass
        else:
            if loaded.sha256 == wanted:
                return loaded
    raise UsageProblem(words.other_dictionary())


def _needed(journal: Journal) -> list[FileEntry]:
    sql = "SELECT DISTINCT file FROM row WHERE state IN ('pending', 'sent', 'unknown')"
    if journal.run.choices.overwrite:  # some of what was kept back may be sent now
        sql += " OR state = 'left-out'"
    wanted = {number for (number,) in journal.rows(sql)}
    return [file for file in row_store.files(journal) if file.number in wanted]


def _from_place(file: FileEntry) -> Source | None:
    if file.place is None:
        return None
    place = Path(file.place)
    if not place.exists():
        raise UsageProblem(words.file_gone(file.path))
    for source in sources(place):
        sheet = file.path[file.path.rindex("[") :] if file.path.endswith("]") else ""
        if not sheet or source.path.endswith(sheet):
            return Source(file.path, source.format, source.load, source.file)
    return None


def _sha256(source: Source) -> str:
    try:
        with source.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return hashlib.sha256(source.read()).hexdigest()
