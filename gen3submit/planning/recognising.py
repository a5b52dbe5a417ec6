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
from gen3submit.planning.comparing import parents_of
from gen3submit.planning.file_urls import given_urls
from gen3submit.planning.held import Held
from gen3submit.planning.parents import references
from gen3submit.planning.streaming import Streamed, StreamedRow
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
    compared: dict[str, Compared] = {}
    with progress.start(words.comparing()) as task:
        for source in tables:
            rows = iter(Streamed(source, dictionary.nodes))
            try:
                while some := list(islice(rows, _AT_ONCE)):
                    found = False
                    for type_, documents in _by_type(some, dictionary).items():
                        if not listed and held.is_large(type_):
                            _list_wanted(tables, held, dictionary)
                            listed = True
                        held.read(type_)
                        if not held.readable:
                            return
                        if not held.has_any(type_):
                            continue
                        found = True
                        if type_ not in compared:
                            compared[type_] = Compared(dictionary[type_])
                        held.call_same(_same(documents, type_, held, compared[type_]))
                    task.advance(len(some))
                    if not found:  # all new, and so most likely is the rest of the table
                        break
            except UsageProblem:
                continue


def _by_type(rows: Sequence[StreamedRow], dictionary: Dictionary) -> dict[str, list[Document]]:
    """The documents that have a submitter_id, by node type."""
    found: dict[str, list[Document]] = {}
    for row in rows:
        document = row.document
        if document is not None and document.get("submitter_id") is not None:
            found.setdefault(str(document["type"]), []).append(document)
    return {type_: documents for type_, documents in found.items() if dictionary[type_].is_submittable}


def _same(documents: Sequence[Document], type_: str, held: Held, compared: Compared) -> list[tuple[str, str]]:
    by_key = {str(document["submitter_id"]).lower(): document for document in documents}
    return [
        (type_, key)
        for key, record in held.get_many(type_, list(by_key))
        if compared.says_the_same(by_key[key], record)
    ]


class Compared:
    """Tells whether a document of a node type says all that a record holds, and nothing else."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._links = frozenset(node.links_by_name)
        self._plain = frozenset(node.properties) - node.system_properties - _OF_THE_SERVER
        self._booleans = [
            name for name in self._plain if "boolean" in node.properties[name].types or not node.properties[name].types
        ]

    def says_the_same(self, document: Document, held: Mapping[str, Any]) -> bool:
        """Whether it does; where that needs a closer look, it is said not to."""
        plain = self._plain
        said = {name: value for name, value in document.items() if value is not None and name in plain}
        there = {name: value for name, value in held.items() if name in plain}
        if said != there or given_urls(document, self._node):
            return False
        for name in self._links:
            named, known = document.get(name), held.get(name)
            if named is None and name in document and known:
                return False  # null takes the parents away
            if (named or known) and not _same_parents(parents_of(named), parents_of(known)):
                return False
        # true is 1 for Python, and not for the commons
        if any(isinstance(there.get(name), bool) != isinstance(said.get(name), bool) for name in self._booleans):
            return False
        return document.get("id") in (None, held.get("id"))


def _same_parents(named: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two lists name the same parents: by one key, letter case aside."""
    if not named or not known:
        return not named and not known
    keys = {key for parent in named for key in parent}
    if len(keys) != 1:
        return False
    key = keys.pop()
    as_held = "node_id" if key == "id" else key
    return {str(parent[key]).lower() for parent in named} == {str(parent.get(as_held)).lower() for parent in known}


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
