"""Which rows of a submission say exactly what the commons has already: a check need not look at those records.

Sending such a row again would change nothing and cost the check as much as any other; leaving its record out makes it
a new record for the check, which it passes or not for the same reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from gen3submit.dictionary import Dictionary, Node
from gen3submit.errors import UsageProblem
from gen3submit.messages import submit as words
from gen3submit.planning.comparing import changes, parents_of
from gen3submit.planning.held import Held
from gen3submit.planning.parents import references
from gen3submit.planning.streaming import Streamed
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.rules.documents import Document
from gen3submit.tables.source import Source

_AT_ONCE = 2_000
_OF_THE_SERVER = frozenset({"id", "type", "project_id", "created_datetime", "updated_datetime"})


def recognise(tables: Sequence[Source], held: Held, dictionary: Dictionary, progress: Progress = NO_PROGRESS) -> None:
    """Compare the rows of tables with the commons, and note in `held` which of them it has exactly so.

    Tables that cannot be read are passed over: the check tells what is wrong with them.

    Raises:
        CommonsProblem: the commons cannot be asked.
    """
    listed = False
    with progress.start(words.comparing()) as task:
        for source in tables:
            rows = iter(Streamed(source, dictionary.nodes))
            try:
                while some := list(islice(rows, _AT_ONCE)):
                    documents = [row.document for row in some if row.document is not None]
                    types = {str(document["type"]) for document in documents}
                    types = {type_ for type_ in types if dictionary[type_].is_submittable}
                    if not listed and any(map(held.is_large, types)):
                        _list_wanted(tables, held, dictionary)
                        listed = True
                    for type_ in types:
                        held.read(type_)
                    if not held.readable:
                        return
                    held.call_same(_same(documents, types, held, dictionary))
                    task.advance(len(some))
            except UsageProblem:
                continue


def _same(documents: Sequence[Document], types: set[str], held: Held, dictionary: Dictionary) -> list[tuple[str, str]]:
    found = []
    for document in documents:
        type_, name = str(document["type"]), document.get("submitter_id")
        if type_ not in types or name is None:
            continue
        record = held.get(type_, str(name).lower())
        known = None if record is None else record.record
        if known is not None and says_the_same(document, known, dictionary[type_]):
            found.append((type_, str(name).lower()))
    return found


def says_the_same(document: Document, held: Mapping[str, Any], node: Node) -> bool:
    """Whether a document says all that a record holds, and nothing else."""
    if changes(document, held, node):
        return False
    for name, value in held.items():
        if name in _OF_THE_SERVER or name in node.system_properties or value is None:
            continue
        if name not in document:
            return False
        if name in node.links_by_name:
            parents = {str(sorted(parent.items())) for parent in parents_of(value)}
            if len(parents_of(document[name])) < len(parents):
                return False
    return document.get("id") in (None, held.get("id"))


def _list_wanted(tables: Sequence[Source], held: Held, dictionary: Dictionary) -> None:
    """Note which records of the commons matter: those of the rows, and their parents."""
    for source in tables:
        rows = iter(Streamed(source, dictionary.nodes))
        try:
            while some := list(islice(rows, _AT_ONCE)):
                wanted = []
                for row in some:
                    document = row.document
                    if document is None:
                        continue
                    if document.get("submitter_id") is not None:
                        wanted.append((str(document["type"]), str(document["submitter_id"]).lower()))
                    for _, target, reference in references(document, dictionary[str(document["type"])]):
                        if reference.get("submitter_id") is not None:
                            wanted.append((target, str(reference["submitter_id"]).lower()))
                held.want(wanted)
        except UsageProblem:
            continue
