"""What changed between two dictionaries, in words, and which rows of the user's tables it touches."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from clinic import CASES, clinic, link, node, served, write
from hypothesis import given
from hypothesis import strategies as st

from gen3submit import Dictionary, check
from gen3submit.dictionary import DictionaryError
from gen3submit.dictionary.difference import Change, difference
from gen3submit.touched import Touched, touched

Edit = Callable[[dict[str, Any]], Any]


def changed(edit: Edit) -> tuple[Dictionary, Dictionary, list[Change]]:
    """The clinic, the clinic with this edit, and what changed."""
    schemas = copy.deepcopy(served())
    edit(schemas)
    new = Dictionary.load(schemas)
    return clinic(), new, difference(clinic(), new)


def properties(schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas["visit"]["properties"]
    return found


CASES_OF_CHANGES: dict[str, tuple[Edit, str, bool, str]] = {
    "a new node type": (
        lambda s: s.update(extra=node("extra")),
        "node-added",
        False,
        "`extra` is a new node type",
    ),
    "a node type gone": (lambda s: s.pop("keyword"), "node-removed", True, "the node type `keyword` is gone"),
    "a new property": (
        lambda s: properties(s).update(extra={"type": "string"}),
        "property-added",
        False,
        "`extra` is new",
    ),
    "a new required property": (
        lambda s: (properties(s).update(extra={"type": "string"}), s["visit"]["required"].append("extra")),
        "property-added",
        True,
        "`extra` is new and required",
    ),
    "a property gone": (lambda s: properties(s).pop("text"), "property-removed", True, "`text` is gone"),
    "required now": (
        lambda s: s["visit"]["required"].append("whole"),
        "required-added",
        True,
        "`whole` is required now",
    ),
    "no longer required": (
        lambda s: s["visit"]["required"].remove("grade"),
        "required-removed",
        False,
        "`grade` is no longer required",
    ),
    "a narrower type": (
        lambda s: properties(s)["number"].update(type="integer"),
        "type-changed",
        True,
        "`number` was `number` and is `integer` now",
    ),
    "a wider type": (
        lambda s: properties(s)["whole"].update(type="number"),
        "type-changed",
        False,
        "`whole` was `integer` and is `number` now",
    ),
    "values gone": (
        lambda s: properties(s)["grade"]["enum"].remove("high"),
        "values-removed",
        True,
        "`grade` no longer allows `high`",
    ),
    "values added": (
        lambda s: properties(s)["grade"]["enum"].append("\x1b[31m"),
        "values-added",
        False,
        "`grade` also allows `\\x1b[31m`",
    ),
    "a list of values": (
        lambda s: properties(s)["text"].update(enum=["a", "b"]),
        "values-listed",
        True,
        "`text` allows only `a`, `b` now, and allowed anything before",
    ),
    "a higher minimum": (
        lambda s: properties(s)["percent"].update(minimum=10),
        "constraint-changed",
        True,
        "`percent`: `minimum` was `0` and is `10` now",
    ),
    "a lower minimum": (
        lambda s: properties(s)["percent"].update(minimum=-10),
        "constraint-changed",
        False,
        "`percent`: `minimum` was `0` and is `-10` now",
    ),
    "a lower maximum": (
        lambda s: properties(s)["percent"].update(maximum=10),
        "constraint-changed",
        True,
        "`percent`: `maximum` was `100` and is `10` now",
    ),
    "a pattern gone": (
        lambda s: properties(s)["code"].pop("pattern"),
        "constraint-changed",
        False,
        "`code`: `pattern` `^[A-Z]{2}[0-9]+$` is gone",
    ),
    "a new pattern": (
        lambda s: properties(s)["text"].update(pattern="^a"),
        "constraint-changed",
        True,
        "`text`: `pattern` is `^a` now",
    ),
    "other items": (
        lambda s: properties(s)["counts"].update(items={"type": "number"}),
        "constraint-changed",
        True,
        '`counts`: `items` was `{"type": "integer"}` and is `{"type": "number"}` now',
    ),
    "set by the commons": (
        lambda s: s["visit"]["systemProperties"].append("text"),
        "system-added",
        True,
        "`text` is set by the commons now; what a table says is ignored",
    ),
    "another category": (
        lambda s: s["visit"].update(category="data_file"),
        "category-changed",
        True,
        "its category was `clinical` and is `data_file` now",
    ),
    "other keys": (
        lambda s: s["visit"].update(uniqueKeys=[["id"], ["code"]]),
        "keys-changed",
        True,
        'records are identified by `[["code"]]` now, by `[["project_id", "submitter_id"]]` before',
    ),
    "a new link": (
        lambda s: (s["visit"]["links"].append(link("extra", "study")), properties(s).update(extra={})),
        "link-added",
        False,
        "the link `extra` to `study` is new",
    ),
    "a link gone": (
        lambda s: (s["specimen"].update(links=s["specimen"]["links"][:1]), s["specimen"]["properties"].pop("cases")),
        "link-removed",
        True,
        "the link `cases` to `case` is gone",
    ),
    "a link that leads elsewhere": (
        lambda s: s["visit"]["links"][0].update(target_type="person"),
        "link-target-changed",
        True,
        "the link `cases` led to `case` and leads to `person` now",
    ),
    "fewer parents": (
        lambda s: s["study"]["links"][0].update(multiplicity="many_to_one"),
        "multiplicity-changed",
        True,
        "the link `cases` was `many_to_many` and is `many_to_one` now",
    ),
    "more parents": (
        lambda s: s["visit"]["links"][0].update(multiplicity="many_to_many"),
        "multiplicity-changed",
        False,
        "the link `cases` was `many_to_one` and is `many_to_many` now",
    ),
    "a link required now": (
        lambda s: s["study"]["links"][0].update(required=True),
        "link-required-added",
        True,
        "the link `cases` is required now",
    ),
    "a group that is no longer exclusive": (
        lambda s: s["sample"]["links"][0].update(exclusive=False),
        "group-changed",
        False,
        "links `cases, visits`: one is required, at most one before, one is required, several may be given now",
    ),
}


@pytest.mark.parametrize(("edit", "kind", "breaking", "words"), CASES_OF_CHANGES.values(), ids=CASES_OF_CHANGES)
def test_each_change_is_told_in_words(edit: Edit, kind: str, breaking: bool, words: str) -> None:
    _, _, changes = changed(edit)
    assert [(change.kind, change.breaking, change.words) for change in changes] == [(kind, breaking, words)]
    assert json.dumps([change.to_dict() for change in changes])


def test_nothing_is_told_of_what_does_not_matter() -> None:
    def edit(schemas: dict[str, Any]) -> None:
        schemas["visit"]["description"] = "new words"
        schemas["visit"]["properties"]["text"].update(description="new words", term={"description": "x"}, nonsense=1)
        schemas["visit"]["properties"] = dict(reversed(schemas["visit"]["properties"].items()))
        schemas["visit"]["properties"]["whole"]["type"] = ["integer", "null"]  # null is taken anyway

    assert changed(edit)[2] == []


def test_a_dictionary_does_not_differ_from_itself() -> None:
    assert difference(clinic(), clinic()) == []


keywords = st.sampled_from(["type", "enum", "pattern", "minimum", "maxLength", "items", "oneOf", "not", "x\x1b"])


@given(st.dictionaries(keywords, st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=4)))
def test_any_schema_of_a_property_makes_sentences_of_one_line(schema: dict[str, Any]) -> None:
    """A dictionary comes from a server."""
    with suppress(DictionaryError):  # a schema that no validator could use
        changes = changed(lambda schemas: properties(schemas).update(text={"type": "string"} | schema))[2]
        assert all(change.words.isprintable() for change in changes)


# The user's tables


def rows_touched(folder: Path, table: str, edit: Edit) -> list[tuple[str, str | None, tuple[int, ...]]]:
    old, new, changes = changed(edit)
    found: list[Touched] = touched(changes, write(folder, table), old, new)
    assert all(Path(each.path).parent == folder for each in found)
    assert json.dumps([each.to_dict() for each in found])
    return [(each.change.kind, each.column, each.lines) for each in found]


VISITS = (
    "type\tsubmitter_id\tcases.submitter_id\t*grade\tpercent\ttext\n"
    "visit\tV-1\tC-1\tlow\t5\ta\nvisit\tV-2\tC-1\thigh\t50\t\nvisit\tV-3\tC-1\thigh\t500\tb\n"
)


@pytest.mark.parametrize(
    ("change", "column", "lines"),
    [
        ("values gone", "grade", (3, 4)),
        ("a higher minimum", "percent", (2,)),  # 500 was refused before, too
        ("a lower maximum", "percent", (3,)),
        ("a new pattern", "text", (4,)),
        ("a property gone", "text", (2, 3, 4)),
        ("required now", "whole", (2, 3, 4)),
        ("a new required property", "extra", (2, 3, 4)),
        ("a link that leads elsewhere", "cases", (2, 3, 4)),
        ("set by the commons", "text", (2, 4)),
        ("another category", None, (2, 3, 4)),
    ],
)
def test_the_rows_that_a_change_touches(
    change: str, column: str | None, lines: tuple[int, ...], tmp_path: Path
) -> None:
    edit, kind, _, _ = CASES_OF_CHANGES[change]
    assert rows_touched(tmp_path, VISITS, edit) == [(kind, column, lines)]


@pytest.mark.parametrize(
    "change", ["a new property", "values added", "a pattern gone", "a node type gone", "more parents"]
)
def test_changes_that_touch_no_row(change: str, tmp_path: Path) -> None:
    assert rows_touched(tmp_path, VISITS, CASES_OF_CHANGES[change][0]) == []


@pytest.mark.parametrize("change", [name for name, (_, kind, breaks, _) in CASES_OF_CHANGES.items() if breaks])
def test_rows_that_a_check_refuses_now_are_among_the_touched(change: str, tmp_path: Path) -> None:
    """Whatever the check finds with the new dictionary and did not find with the old one."""
    old, new, changes = changed(CASES_OF_CHANGES[change][0])
    cases = write(tmp_path / "existing", CASES)
    table = write(tmp_path, VISITS)

    def bad(dictionary: Dictionary) -> set[int]:
        result = check(table, dictionary=dictionary, project="P-X", existing=cases)
        return {row.line for row in result.rows() if row.verdict != "accept"}

    lines = {line for each in touched(changes, table, old, new) for line in each.lines}
    assert bad(new) - bad(old) <= lines
