"""Sentences about what the server changes, ignores or keeps without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, column_of, link_of, property_of, say, value_of
from gen3submit.messages.wording import fact, facts_list, listed, shown

if TYPE_CHECKING:
    from gen3submit.findings import Finding


def _stored(finding: Finding) -> str:
    stored = finding.facts.get("stored")
    if stored is None:
        return "something else"
    if isinstance(stored, (list, tuple)):
        return f"the list of {listed(stored)}"
    return shown(stored)


def _held(finding: Finding, otherwise: str) -> str:
    held = finding.facts.get("held")
    if held is None:
        return otherwise
    return f"{otherwise} {listed(held) if isinstance(held, (list, tuple)) else shown(held)}"


def _trimmed(finding: Finding) -> str:
    value = finding.value
    if value is None:
        return f"the cell has white space around its text; it would be stored as {_stored(finding)}"
    begins, ends = value != value.lstrip(), value != value.rstrip()
    where = "begins and ends" if begins and ends else "begins" if begins else "ends"
    return f"{value_of(finding)} {where} with white space; it would be stored as {_stored(finding)}"


def _number_help(finding: Finding) -> str:
    digits = sum(character.isdigit() for character in finding.value or "")
    why = "; the server keeps about 15 digits of a number" if digits > 15 else ""
    return f"write {_stored(finding)} if that is meant{why}"


def _items(finding: Finding) -> str:
    items = facts_list(finding.facts, "items")
    named = listed(items) if items else value_of(finding)
    return f"{named} would be stored as `false`, like every item but `true`, `t`, `yes` and `y`"


_KEPT = {
    "omitted column": "the file has no such column",
    "last row": "the empty cells at the end of the last row are cut off",
}


def _value_kept(finding: Finding) -> str:
    why = _KEPT.get(fact(finding.facts, "why") or "", "the cell counts as not given")
    return f"{property_of(finding)} keeps {_held(finding, 'the value')} it has in the commons: {why}"


def _value_kept_help(finding: Finding) -> str:
    if fact(finding.facts, "why") == "last row":
        return "to clear it, put a column that always has a value last, or make another row the last one"
    return f"to clear it, add the column {property_of(finding)} with an empty cell"


def _link_kept(finding: Finding) -> str:
    parents = facts_list(finding.facts, "parents")
    named = f" to {listed(parents)}" if parents else ""
    return f"{link_of(finding)}{named} stays as it is in the commons: an empty cell removes no link"


def _parent_added(finding: Finding) -> str:
    given = facts_list(finding.facts, "given")
    new = listed(given) if given else value_of(finding, "the parent")
    return f"{new} would be added to {_held(finding, 'the parents that the record has:')}; none is replaced"


def _content_changed(finding: Finding) -> str:
    return (
        f"{property_of(finding)} changes from {_held(finding, 'the value')} to {value_of(finding, 'another')}, "
        "but the record keeps its object_id, which stands for the old content"
    )


def _content_shared(finding: Finding) -> str:
    other = fact(finding.facts, "other")
    twin = shown(other) if other else "another record"
    return f"hash and size are those of {twin}: the two records would share one object_id"


WORDS = {
    "space-trimmed": Words(_trimmed, lambda f: f"write {_stored(f)}" if f.facts.get("stored") is not None else None),
    "null-word": Words(
        lambda f: f"{value_of(f, 'the word `null`')} would be stored as an empty value, not as text",
        say("leave the cell empty if that is meant"),
    ),
    "none-text": Words(
        lambda f: f"{value_of(f, '`None`')} would be stored as text, not as an empty value",
        say("leave the cell empty; exports of several ids write empty values as `None`"),
    ),
    "number-changed": Words(
        lambda f: f"{value_of(f)} would be stored as {_stored(f)}",
        _number_help,
    ),
    "array-item-changed": Words(
        lambda f: f"{value_of(f)} would be stored as {_stored(f)}",
        say("write whole numbers: the server cuts off the rest without a word"),
    ),
    "array-empty-item": Words(
        lambda f: f"{value_of(f, 'the list')} has an item with nothing in it, which would be stored as empty text",
        say("remove the extra comma"),
    ),
    "array-brackets": Words(
        lambda f: f"brackets and quotation marks of {value_of(f, 'the list')} would be stored as part of its items",
        say("write the items alone, with commas between them"),
    ),
    "boolean-item-false": Words(_items, say("write `true` or `false`")),
    "system-property-ignored": Words(
        lambda f: f"the server sets {property_of(f)} itself and would ignore {value_of(f)}",
        lambda f: f"leave the column {column_of(f)} out",
    ),
    "value-cleared": Words(
        lambda f: f"the cell is empty: {property_of(f)} would lose {_held(f, 'the value')} it has in the commons",
        lambda f: f"to keep it, write it again or leave the column {column_of(f)} out",
    ),
    "value-kept": Words(_value_kept, _value_kept_help),
    "link-kept": Words(_link_kept, say("links are removed only by deleting the record, or by `null` in a JSON record")),
    "parent-added": Words(
        _parent_added,
        say("to replace a parent, delete the record and submit it anew, or send `null` for the link first"),
    ),
    "submitter-id-renamed": Words(
        lambda f: f"{_held(f, 'the record')} would be renamed to {value_of(f, 'the new spelling')}",
        lambda f: f"write {shown(f.facts['held'])} to keep the name" if f.facts.get("held") else None,
    ),
    "file-content-changed": Words(_content_changed, say("submit changed content as a new record")),
    "file-content-shared": Words(_content_shared, say("submit a file once, unless both records are meant")),
}
