"""Both stores keep records, links and the file index alike, transactions within transactions too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen3submit.errors import UsageProblem
from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.store import IndexedFile, Record, Store
from gen3submit.sandbox.storage import SqliteStore


@pytest.fixture(params=["memory", "sqlite", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    sqlite = SqliteStore(tmp_path / "records.db" if request.param == "file" else None)
    yield sqlite
    sqlite.close()


def case(id_: str = "1", submitter_id: str | None = "C-1", project_id: str = "P-X", **properties: object) -> Record:
    return Record(id_, "case", {"project_id": project_id, "submitter_id": submitter_id, **properties})


def test_a_record_is_found_by_type_and_id(store: Store) -> None:
    store.put(case("1"))
    assert store.get("case", "1") == case("1")
    assert store.get("case", "2") is None
    assert store.get("sample", "1") is None


def test_ids_are_unique_per_type_only(store: Store) -> None:
    store.put(case("1"))
    store.put(Record("1", "sample", {"project_id": "P-X", "submitter_id": "S-1"}))
    assert store.get("case", "1") == case("1")
    assert store.get("sample", "1") == Record("1", "sample", {"project_id": "P-X", "submitter_id": "S-1"})


def test_what_is_given_out_is_a_copy(store: Store) -> None:
    """Only `put` changes what is stored."""
    given_in = case("1")
    store.put(given_in)
    given_in.properties["submitter_id"] = "changed"
    found = store.get("case", "1")
    assert found is not None
    found.properties["submitter_id"] = "changed too"
    assert store.get("case", "1") == case("1")


def test_keys_are_compared_without_letter_case(store: Store) -> None:
    store.put(case("1", "Ab", "P-X"))
    assert store.find("case", {"project_id": "p-x", "submitter_id": "aB"}) == [case("1", "Ab", "P-X")]
    assert store.find("case", {"submitter_id": "AB"}) == [case("1", "Ab", "P-X")]
    assert store.find("case", {"project_id": "P-X", "submitter_id": "Abc"}) == []


def test_a_null_matches_nothing(store: Store) -> None:
    store.put(case("1", None))
    assert store.find("case", {"project_id": "P-X", "submitter_id": "None"}) == []
    assert store.find("case", {"species": "x"}) == []


def test_no_keys_find_every_record_of_the_type(store: Store) -> None:
    store.put(case("2", "b"))
    store.put(case("1", "a", "Q-Y"))
    assert [record.id for record in store.find("case", {})] == ["2", "1"]


def test_projects_are_found_by_code_and_programs_by_name(store: Store) -> None:
    store.put(Record("p", "program", {"name": "Prog"}))
    store.put(Record("x", "project", {"code": "Code", "name": "n"}))
    assert [record.id for record in store.find("project", {"code": "cODE"})] == ["x"]
    assert [record.id for record in store.find("project", {"code": "code", "name": "other"})] == []
    assert [record.id for record in store.find("program", {"name": "prog"})] == ["p"]


def test_a_replaced_record_is_found_by_its_new_key_only(store: Store) -> None:
    store.put(case("1", "old"))
    store.put(case("1", "new"))
    assert store.find("case", {"project_id": "P-X", "submitter_id": "old"}) == []
    assert store.find("case", {"project_id": "P-X", "submitter_id": "new"}) == [case("1", "new")]


def test_records_of_a_project_come_in_the_order_of_creation(store: Store) -> None:
    for id_ in ("3", "1", "2"):
        store.put(case(id_, f"C-{id_}"))
    store.put(case("4", "C-4", "P-Y"))
    store.put(case("3", "changed"))
    assert [record.id for record in store.records("case", "P-X")] == ["3", "1", "2"]


def test_parents_come_in_the_order_of_linking_and_once(store: Store) -> None:
    child, first, second = case("1"), case("2", "b"), case("3", "c")
    for record in (child, first, second):
        store.put(record)
    for parent in (second, first, second):
        store.link(child, "cases", parent)
    assert store.parents(child, "cases") == [second, first]
    assert store.parents(child, "others") == []
    assert store.children(first, "case", "cases") == [child]
    assert store.children(first, "sample", "cases") == []


def test_unlinking_removes_every_parent_over_the_link(store: Store) -> None:
    child, parent = case("1"), case("2", "b")
    for record in (child, parent):
        store.put(record)
    store.link(child, "cases", parent)
    store.link(child, "others", parent)
    store.unlink(child, "cases")
    assert store.parents(child, "cases") == []
    assert store.children(parent, "case", "cases") == []
    assert store.parents(child, "others") == [parent]


def test_rollback_forgets_records_and_links(store: Store) -> None:
    child, parent = case("1"), case("2", "b")
    store.put(parent)
    store.begin()
    store.put(child)
    store.put(case("2", "changed"))
    store.link(child, "cases", parent)
    store.rollback()
    assert store.get("case", "1") is None
    assert store.get("case", "2") == parent
    assert store.children(parent, "case", "cases") == []
    assert store.find("case", {"project_id": "P-X", "submitter_id": "changed"}) == []


def test_an_inner_rollback_leaves_the_outer_transaction(store: Store) -> None:
    store.begin()
    store.put(case("1"))
    store.begin()
    store.put(case("2", "b"))
    store.rollback()
    store.begin()
    store.put(case("3", "c"))
    store.commit()
    store.commit()
    assert [record.id for record in store.find("case", {})] == ["1", "3"]


def test_an_outer_rollback_forgets_what_was_committed_inside(store: Store) -> None:
    store.begin()
    store.begin()
    store.put(case("1"))
    store.commit()
    store.rollback()
    assert store.find("case", {}) == []


def test_links_that_are_put_back_keep_their_order(store: Store) -> None:
    child, first, second = case("1"), case("2", "b"), case("3", "c")
    for record in (child, first, second):
        store.put(record)
    store.link(child, "cases", second)
    store.link(child, "cases", first)
    store.begin()
    store.unlink(child, "cases")
    store.link(child, "cases", first)
    store.rollback()
    assert store.parents(child, "cases") == [second, first]


def test_the_file_index_survives_a_rollback(store: Store) -> None:
    """As indexd does: it is another service."""
    file = IndexedFile("did", "a" * 32, 10, ("s3://bucket/key",))
    store.begin()
    store.begin()
    store.index(file)
    store.rollback()
    store.put(case("1"))
    store.rollback()
    assert store.indexed_by_id("did") == file
    assert store.get("case", "1") is None


def test_files_are_found_by_what_is_known_of_their_content(store: Store) -> None:
    first, second = IndexedFile("1", "a" * 32, 10), IndexedFile("2", "a" * 32, 20)
    store.index(first)
    store.index(second)
    assert store.indexed_by_content("a" * 32, None) == first
    assert store.indexed_by_content("a" * 32, 20) == second
    assert store.indexed_by_content(None, 20) == second
    assert store.indexed_by_content("b" * 32, 10) is None


def test_an_indexed_file_can_be_replaced(store: Store) -> None:
    store.index(IndexedFile("1", "a" * 32, 10))
    store.index(IndexedFile("1", "b" * 32, 10**30))
    assert store.indexed_by_id("1") == IndexedFile("1", "b" * 32, 10**30)
    assert store.indexed_by_content("a" * 32, 10) is None
    assert store.indexed_by_content("b" * 32, 10**30) == IndexedFile("1", "b" * 32, 10**30)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.lists(st.text(max_size=3), max_size=3),
)
ids = st.sampled_from(["1", "2", "3"])
types = st.sampled_from(["case", "sample"])
links = st.sampled_from(["cases", "parts"])
records = st.builds(
    Record,
    ids,
    types,
    st.fixed_dictionaries(
        {
            "project_id": st.sampled_from(["P-X", "p-x", "Q-Y"]),
            "submitter_id": st.one_of(st.none(), st.sampled_from(["a", "A", "ß", "İ", "b\0c"])),
        },
        optional={"value": values, "code": st.sampled_from(["x", "X"])},
    ),
)
references = st.tuples(types, ids)
files = st.builds(IndexedFile, ids, st.sampled_from(["m", "n", None]), st.sampled_from([1, 2, None]))
steps = st.one_of(
    st.tuples(st.just("put"), records),
    st.tuples(st.just("link"), references, links, references),
    st.tuples(st.just("unlink"), references, links),
    st.tuples(st.just("index"), files),
    st.tuples(st.sampled_from(["begin", "commit", "rollback"])),
)


def carry_out(store: Store, step: tuple[object, ...], depth: int) -> int:
    """One step; the depth of transactions after it."""
    match step:
        case ("put", Record() as record):
            store.put(record)
        case ("link", (str(child_type), str(child)), str(link), (str(parent_type), str(parent))):
            store.link(Record(child, child_type), link, Record(parent, parent_type))
        case ("unlink", (str(child_type), str(child)), str(link)):
            store.unlink(Record(child, child_type), link)
        case ("index", IndexedFile() as file):
            store.index(file)
        case ("begin",):
            store.begin()
            return depth + 1
        case ("commit",) if depth:
            store.commit()
            return depth - 1
        case ("rollback",) if depth:
            store.rollback()
            return depth - 1
    return depth


def everything(store: Store) -> object:
    """All that can be asked of a store that was filled by these steps."""
    seen: list[object] = []
    for type_ in ("case", "sample"):
        seen.append(store.find(type_, {}))
        seen.append(store.find(type_, {"code": "x"}))
        seen += [store.find(type_, {"project_id": "P-X", "submitter_id": name}) for name in ("a", "ß", "İ", "b\0C")]
        seen += [list(store.records(type_, name)) for name in ("P-X", "p-x", "Q-Y")]
        for id_ in ("1", "2", "3"):
            here = Record(id_, type_)
            seen += [store.get(type_, id_), store.indexed_by_id(id_)]
            for link in ("cases", "parts"):
                seen.append(store.parents(here, link))
                seen += [store.children(here, other, link) for other in ("case", "sample")]
    seen += [store.indexed_by_content(md5, size) for md5 in ("m", "n", None) for size in (1, 2, None)]
    return seen


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=25))
def test_both_stores_answer_alike_whatever_is_done_to_them(done: list[tuple[object, ...]]) -> None:
    memory, sqlite = MemoryStore(), SqliteStore()
    depth = 0
    for step in done:
        carry_out(memory, step, depth)
        depth = carry_out(sqlite, step, depth)
        assert everything(memory) == everything(sqlite)
    while depth:
        memory.rollback()
        sqlite.rollback()
        depth -= 1
    assert everything(memory) == everything(sqlite)
    sqlite.close()


def test_what_was_committed_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    store = SqliteStore(path)
    with store.work():
        store.put(case("1"))
    store.begin()
    store.put(case("2", "b"))
    store.close()
    assert [record.id for record in SqliteStore(path).find("case", {})] == ["1"]


def test_a_failure_undoes_the_work_and_frees_the_store() -> None:
    store = SqliteStore()

    def fail() -> None:
        with store.work():
            store.begin()
            store.put(case("1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.work():
        store.put(case("2", "b"))
    assert [record.id for record in store.find("case", {})] == ["2"]


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all, and long enough to be looked at closely", encoding="utf-8")
    with pytest.raises(UsageProblem, match="cannot be used"):
        SqliteStore(text)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE things (name)")
    other.close()
    with pytest.raises(UsageProblem, match="another program"):
        SqliteStore(tmp_path / "other.db")


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cannot be used"):
        SqliteStore(tmp_path / "nowhere" / "records.db")
