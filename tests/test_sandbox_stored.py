"""How the practice commons keeps the properties of records: whatever they are, exports by type show the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gen3submit.rules.store import Record
from gen3submit.sandbox.storage import SqliteStore
from tests.practice import Practice, sample, study, subject

HIDDEN = frozenset({"state", "created_datetime", "links"})
names = st.sampled_from(["project_id", "a", "bb", "é", 'x"y', *HIDDEN])
texts = st.text('aä\\"{}[],:\n nul\U0001f600', max_size=8) | st.sampled_from(['","state":', ": null", '":null,"a":'])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(texts, scalars, max_size=2)


def exported(properties: dict[str, Any], hidden: frozenset[str] | None) -> list[tuple[str, str]]:
    """A record as a store exports it that was told, or not, what exports hide."""
    store = SqliteStore()
    if hidden is not None:
        store.hide({"case": hidden})
    store.put(Record("1", "case", {"project_id": "P-X", **properties}))
    found = store.get("case", "1")
    assert found is not None
    assert found.properties == {"project_id": "P-X", **properties}
    assert list(found.properties) == list({"project_id": "P-X", **properties})
    shown = list(store.texts("case", "P-X", HIDDEN))
    store.close()
    return shown


@given(st.dictionaries(names.filter(lambda name: name != "project_id"), values, max_size=6))
def test_what_is_kept_ready_for_exports_is_what_they_make_of_it_themselves(properties: dict[str, Any]) -> None:
    ready, made = exported(properties, HIDDEN), exported(properties, None)
    assert ready == made == exported(properties, frozenset({"a"}))
    whole = {"project_id": "P-X", **properties}
    told = {name: value for name, value in whole.items() if value is not None and name not in HIDDEN}
    assert [(id_, json.loads(f"{{{text}}}")) for id_, text in ready] == [("1", told)]


def test_another_dictionary_hides_other_properties(tmp_path: Any) -> None:
    data = tmp_path / "records.db"
    for hidden in (frozenset({"state"}), frozenset({"a", "state"}), frozenset({"a"}), frozenset({"a"})):
        store = SqliteStore(data)
        store.hide({"case": hidden})
        if store.get("case", "1") is None:
            store.put(Record("1", "case", {"project_id": "P-X", "b": 1, "a": None, "state": "validated"}))
        found = dict(store.texts("case", "P-X", hidden))
        state = "" if "state" in hidden else ',"state":"validated"'
        assert found == {"1": f'"project_id":"P-X","b":1{state}'}
        store.close()


def test_a_large_export_holds_every_record_once() -> None:
    practice = Practice()
    practice.stored(study(), subject(), *(sample(f"S{number:04}") for number in range(1201)))
    answer = practice.ask("GET", "/practice/study/export?node_label=sample&format=json")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    found = answer.json["data"]
    assert [each["id"] for each in found] == sorted({each["id"] for each in found})
    assert {each["submitter_id"] for each in found} == {f"S{number:04}" for number in range(1201)}
    assert {each["subjects"][0]["submitter_id"] for each in found} == {"SU"}
    lines = practice.ask("GET", "/practice/study/export?node_label=sample").text.splitlines()
    assert len(lines) == 1202


def test_the_count_of_a_project_is_that_of_its_records() -> None:
    practice = Practice()
    practice.stored(study(), subject("A"), subject("B"))
    found = practice.query(
        '{ a: _subject_count(project_id: "practice-study") b: _subject_count c: _subject_count'
        '(project_id: ["practice-study", "no-project"], first: 1) d: _subject_count(project_id: "x") }'
    )
    assert found == {"a": 2, "b": 2, "c": 2, "d": 0}


def test_the_schema_can_be_made_before_the_first_query() -> None:
    practice = Practice()
    practice.commons.prepare()
    assert practice.query("{ project { code } }") == {"project": [{"code": "study"}]}
