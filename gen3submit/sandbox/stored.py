"""The properties of a record as the database keeps them: JSON, in which a line break may tell what exports show.

Before the line break stands, without a space between its parts, all that an export by type shows of the record; after
it only what the export hides, and nulls. Records that do not fall into two such parts have no line break.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"\w+", re.ASCII).fullmatch
_compact = json.JSONEncoder(separators=(",", ":")).encode

SHOWN = """
SELECT id, CASE WHEN properties GLOB ? OR properties GLOB '?*{{*' THEN properties
    ELSE json_remove(iif(properties GLOB '*:*null*', json_patch('{{}}', properties), properties){places}) END
FROM record WHERE type = ? AND project_id = ?
"""
"""Id and text of records, the text as `shown` takes it; the first argument is `MARKED` or an empty text."""
MARKED = "*\n*"


def stored(properties: Mapping[str, Any], hidden: frozenset[str] | None) -> str:
    """The properties as JSON, with a line break before what follows the last one that an export by type shows.

    `hidden` are the names that it does not show; None: they are not known.
    """
    if hidden is None:
        return json.dumps(properties)
    values = list(properties.values())
    names = list(properties)
    rest = None
    while names and (names[-1] in hidden or values[-1] is None):
        rest = names.pop()
        values.pop()
    if not names or None in values or not hidden.isdisjoint(names) or (rest and not _PLAIN(rest)):
        return json.dumps(properties)
    text = _compact(properties)
    if "{" in text[1:]:  # exports put spaces into what holds objects
        return json.dumps(properties)
    # No text within the JSON holds this: a quotation mark in it has a backslash before it.
    place = text.index(f',"{rest}":') if rest else -1
    return f"{text[:place]}\n{text[place:]}"


def shown(rows: list[tuple[str, str]], hidden: Collection[str]) -> Iterator[tuple[str, str]]:
    """Id and properties as an export by type shows them, without braces, of rows that `SHOWN` found.

    It begins with the last row, and takes each from the list: what is not needed any more makes room for what comes.
    """
    while rows:
        id_, text = rows.pop()
        first, mark, _ = text.partition("\n")
        if mark:
            yield id_, first[1:]
        elif "{" in text[1:]:  # a merge would take nulls out of objects in the record, too
            held = json.loads(text)
            told = {name: value for name, value in held.items() if value is not None and name not in hidden}
            yield id_, json.dumps(told)[1:-1]
        else:
            yield id_, text[1:-1]
