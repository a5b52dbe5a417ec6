"""The addresses of data files: a row gives them, and the file index keeps them, not the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import CommonsProblem
from gen3submit.dictionary import Node
from gen3submit.planning.comparing import Change
from gen3submit.rules.documents import Document

if TYPE_CHECKING:
    from gen3submit.commons import Commons


def given_urls(document: Document, node: Node) -> tuple[str, ...]:
    """The addresses that a row gives, as the server takes them out of it; empty for rows that give none."""
    given = document.get("urls")
    if not node.is_file or "urls" in node.properties or not isinstance(given, str):
        return ()
    return tuple(given.strip().split(","))


def url_changes(commons: Commons, rows: Sequence[tuple[int, tuple[str, ...], Mapping[str, Any]]]) -> dict[int, Change]:
    """What rows would change in the file index.

    Args:
        commons: the commons.
        rows: number, given addresses and held record of each row that gives addresses.

    Returns:
        The change of each row that has one; where the index does not tell, a row is taken to change something.
    """
    guids = {str(record["object_id"]) for _, _, record in rows if record.get("object_id")}
    try:
        indexed = commons.index_records(guids) if guids else {}
    except CommonsProblem:
        indexed = {}
    found = {}
    for number, urls, record in rows:
        held = indexed.get(str(record.get("object_id")))
        known = held.get("urls") if held is not None else None
        if not isinstance(known, list) or tuple(map(str, known)) != urls:
            found[number] = Change("urls", known, list(urls))
    return found
