"""What each call asks of the commons, and what it makes of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from commons_stub import HTML, Reply, Seen, Stub, api_key, running_stub
from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.commons import Commons, graphql
from gen3submit.commons.calls import LONGEST_LINE
from gen3submit.commons.clock import Clock
from gen3submit.commons.errors import (
    CommonsProblem,
    NotACommons,
    NotFound,
    QueryRefused,
    Refused,
    ServerTrouble,
)
from gen3submit.commons.parsing import parse
from gen3submit.commons.streaming import BadStream, records_in
from gen3submit.commons.transactions import text
from gen3submit.dictionary.load import CommonsLike
from gen3submit.errors import UsageProblem
from gen3submit.project import ProjectId

SUB = "/api/v0/submission"
ID = "563ec7ab-f016-46a9-b358-d34021b0e178"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def commons(stub: Stub) -> Commons:
    return Commons(stub.url, api_key(stub.url), clock=Clock(sleep=lambda _: None))


# Escaping


def test_every_part_that_a_user_gives_is_escaped(stub: Stub, commons: Commons) -> None:
    stub.on("*", Reply(body={"success": True, "links": []}))
    project = ProjectId("a?b#c", "d%2fe;f é&g=h")
    commons.submit(project, b"[]", document_name="d")
    commons.projects("x y?z")
    assert [seen.path for seen in stub.seen[1:]] == [
        f"{SUB}/a%3Fb%23c/d%252fe%3Bf%20%C3%A9%26g%3Dh",
        f"{SUB}/x%20y%3Fz",
    ]


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "a&b=c", "a#b", 'a"){x}', "a\n", "é", "-a"])
def test_names_of_node_types_that_could_be_something_else_are_refused(stub: Stub, commons: Commons, name: str) -> None:
    for call in (
        lambda: commons.dictionary_entry(name),
        lambda: commons.template(name),
        lambda: list(commons.export("P-X", name)),
        lambda: commons.record_ids("P-X", name),
    ):
        with pytest.raises(UsageProblem, match="node type"):
            call()
    assert stub.seen == []


@pytest.mark.parametrize("id_", ["_dry_run/a", "x/to_delete/true", "../../P", "a,b", "", "a?fields=b"])
def test_ids_that_could_be_another_path_are_refused(stub: Stub, commons: Commons, id_: str) -> None:
    for call in (
        lambda: commons.delete_records("P-X", [ID, id_]),
        lambda: list(commons.records("P-X", [id_])),
        lambda: list(commons.export_ids("P-X", [id_])),
        lambda: commons.manifest("P-X", [id_]),
        lambda: commons.index_record(id_),
    ):
        with pytest.raises(UsageProblem, match="no id of a record"):
            call()
    assert stub.seen == []


@given(st.text(st.characters(codec="utf-8")))
def test_texts_in_queries_stay_one_text(value: str) -> None:
    written = text(value)
    assert json.loads(written) == value
    assert re.fullmatch(r'"(?:[^"\\\n\r]|\\.)*"', written, re.DOTALL)


# Programs, projects, rights


def test_programs_and_projects_are_listed_by_name(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/", {"links": ["/v0/submission/P", "/api/v0/submission/a%20b"]})
    stub.on(f"GET {SUB}/P", {"links": ["/v0/submission/P/x-1", "/v0/submission/P/p%20q", "/v0/submission/P/p/slash"]})
    assert commons.programs() == ["P", "a b"]
    assert commons.projects("P") == ["x-1", "p q", "p/slash"]


def test_a_program_is_created_with_its_name_as_accession_number(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/", {"links": ["/v0/submission/OLD"]})
    stub.on(f"PUT {SUB}/", {"id": ID, "name": "NEW", "message": "Program registered."})
    assert commons.create_program("NEW") is True
    (put,) = stub.asked("PUT")
    assert put.json == {"type": "program", "name": "NEW", "dbgap_accession_number": "NEW"}


def test_what_exists_is_never_overwritten(stub: Stub, commons: Commons) -> None:
    """A PUT would give it another accession number."""
    stub.on(f"GET {SUB}/", {"links": ["/v0/submission/OLD"]})
    stub.on(f"GET {SUB}/OLD", {"links": ["/v0/submission/OLD/X"]})
    with pytest.raises(Refused, match="exists already"):
        commons.create_program("OLD", dbgap_accession_number="phs1")
    with pytest.raises(Refused, match="exists already"):
        commons.create_project("OLD-X")
    assert commons.create_program("OLD", exist_ok=True) is False
    assert commons.create_project("OLD-X", exist_ok=True) is False
    assert stub.asked("PUT") == []


def test_a_project_is_created_with_its_code_for_everything(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/P", {"links": []})
    stub.on(f"PUT {SUB}/P", {"code": 200, "success": True})
    assert commons.create_project("P-X-1", properties={"availability_type": "Open", "type": "no"}) is True
    (put,) = stub.asked("PUT")
    assert put.json == {
        "type": "project",
        "code": "X-1",
        "name": "X-1",
        "dbgap_accession_number": "X-1",
        "availability_type": "Open",
    }


def test_a_small_change_is_sent_again_only_after_a_401(stub: Stub, commons: Commons) -> None:
    stub.on(f"DELETE {SUB}/P/X", [Reply(401), Reply(204, b"")])
    commons.delete_project("P-X")
    assert len(stub.asked("DELETE")) == 2
    stub.on(f"DELETE {SUB}/P", Reply(500))
    with pytest.raises(ServerTrouble):
        commons.delete_program("P")
    assert len(stub.asked("DELETE")) == 3
    stub.on(f"DELETE {SUB}/P", Reply(400, {"message": "ERROR: Can not delete the program.   Program P is not empty"}))
    with pytest.raises(Refused, match="Program P is not empty"):
        commons.delete_program("P")


def test_a_project_changes_its_state(stub: Stub, commons: Commons) -> None:
    stub.on(f"PUT {SUB}/P/X/review", {"success": True})
    stub.on(f"PUT {SUB}/P/X/open/_dry_run", Reply(400, {"message": "Project is in state 'open', which prevents"}))
    commons.set_project_state("P-X", "review")
    with pytest.raises(Refused, match="Project is in state 'open'"):
        commons.set_project_state("P-X", "open", dry_run=True)
    stub.on(f"PUT {SUB}/P/X/review", {"success": False, "message": "no"})
    with pytest.raises(Refused, match="did not do it"):
        commons.set_project_state("P-X", "review")
    with pytest.raises(UsageProblem, match="`open` and `review`"):
        commons.set_project_state("P-X", "submit")


AUTHZ = {
    "/programs/P/projects/X": [{"service": "sheepdog", "method": "create"}, {"service": "peregrine", "method": "read"}],
    "/programs/P": [{"service": "sheepdog", "method": "update"}],
    "/programs/P/projects/X/more": [{"service": "*", "method": "*"}],
    "/programs/Q/projects/Y": [{"service": "*", "method": "*"}, "rubbish"],
    "/programs/R/projects/Z": [{"service": "indexd", "method": "*"}],
    "/programs/../projects/Z": [],
    "/workspace": [{"service": "jupyterhub", "method": "access"}],
}


def test_rights_count_from_the_project_and_all_above_it(stub: Stub, commons: Commons) -> None:
    stub.on("GET /user/user/", {"username": "me", "authz": AUTHZ})
    rights = commons.rights("P-X")
    assert rights.submits
    assert rights.queries
    assert rights.known
    assert [rights.grants(m) for m in ("create", "update", "read", "delete")] == [True, True, False, False]
    everything = commons.all_rights()
    assert set(everything) == {"P-X", "Q-Y", "R-Z"}
    assert everything["Q-Y"].grants("release")
    assert everything["Q-Y"].submits
    assert not everything["R-Z"].submits
    assert not everything["R-Z"].queries
    assert not commons.rights("P-unknown").submits


def test_rights_that_nobody_lists_are_unknown(stub: Stub, commons: Commons) -> None:
    """Fence lists none, with status 200, when Arborist fails."""
    stub.on("GET /user/user/", {"username": "me", "authz": {}})
    stub.on("GET /authz/mapping", HTML)
    assert commons.rights("P-X").known is False
    stub.on("GET /authz/mapping", AUTHZ)
    assert commons.rights("P-X").submits


# Dictionary and templates


def test_the_dictionary_needs_no_token(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/_dictionary/_all", {"sample": {}})
    stub.on(f"GET {SUB}/_dictionary", {"links": ["/v0/submission/_dictionary/sample"]})
    stub.on(f"GET {SUB}/_dictionary/sample", {"id": "sample"})
    assert isinstance(commons, CommonsLike)
    assert commons.dictionary() == {"sample": {}}
    assert commons.dictionary_entries() == ["sample"]
    assert commons.dictionary_entry("sample") == {"id": "sample"}
    assert {seen.token for seen in stub.seen} == {None}
    with pytest.raises(NotFound):
        commons.dictionary_entry("nope")


def test_the_dictionary_is_asked_of_the_project_where_it_has_to_be(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/P/X/_dictionary/_all", {"sample": {}})
    with pytest.raises(NotFound):
        commons.dictionary()
    assert commons.dictionary("P-X") == {"sample": {}}
    assert stub.asked(f"GET {SUB}/P/X")[0].token


def test_a_commons_that_insists_gets_a_token(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/_dictionary/_all", lambda seen: Reply(200 if seen.token else 401, {"a": 1}))
    assert commons.dictionary() == {"a": 1}


def test_templates_are_read_although_they_come_as_html(stub: Stub, commons: Commons, tmp_path: Path) -> None:
    stub.on(f"GET {SUB}/template/case", Reply(body="*type\tx\r\ncase\t\r\n", content_type="text/html"))
    stub.on(f"GET {SUB}/template", Reply(body=b"\x1f\x8b...", content_type="text/html"))
    assert commons.template("case") == "*type\tx\r\ncase\t\r\n"
    assert commons.templates_to(tmp_path / "all.tar.gz", categories=["clinical", "a&b"]) == 5
    assert (tmp_path / "all.tar.gz").read_bytes() == b"\x1f\x8b..."
    assert stub.seen[-1].path.endswith("?format=tsv&categories=clinical,a%26b")
    with pytest.raises(UsageProblem, match="format"):
        commons.template("case", "xml&x=y")


def test_manifests_of_many_files_are_joined(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/P/X/manifest", Reply(body="files:\n- id: 1\n- id: 2\n", content_type="text/html"))
    assert commons.manifest("P-X", [ID] * 200) == "files:\n" + "- id: 1\n- id: 2\n" * len(stub.asked("GET"))
    assert len(stub.asked("GET")) > 1


# Exports


def records(number: int) -> list[dict[str, Any]]:
    return [{"type": "case", "submitter_id": f"c{n} \u2028 é", "links": [{"node_id": "x"}]} for n in range(number)]


def test_an_export_gives_its_records_one_by_one(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/P/X/export", Reply(body={"data": records(5000)}, fault="chunks"))
    assert list(commons.export("P-X", "case")) == records(5000)
    assert stub.seen[-1].path.endswith("/export?node_label=case&format=json")
    stub.on(f"GET {SUB}/P/X/export", {"data": []})
    assert list(commons.export("P-X", "case")) == []


def test_an_export_that_breaks_off_is_no_export(stub: Stub, commons: Commons, tmp_path: Path) -> None:
    for fault in ("cut", "unframed"):
        for form, body in (("json", {"data": records(100)}), ("tsv", "type\tx\ncase\t" + "y" * 1000 + "\n")):
            stub.on(f"GET {SUB}/P/X/export", Reply(body=body, fault=fault))
            path = tmp_path / f"case.{form}"
            path.write_text("as it was")
            with pytest.raises(ServerTrouble, match="broke off in the middle"):
                commons.export_to("P-X", "case", path, form)
            assert path.read_text() == "as it was"
            assert list(tmp_path.glob("*.part")) == []
        stub.on(f"GET {SUB}/P/X/export", Reply(body={"data": records(100)}, fault=fault))
        with pytest.raises(ServerTrouble, match="broke off"):
            list(commons.export("P-X", "case"))


def test_a_type_that_cannot_be_exported_is_fetched_by_ids(stub: Stub, commons: Commons) -> None:
    """Sheepdog breaks off the export of a type with a link to itself after the first characters."""

    def export(seen: Seen) -> Reply:
        if "node_label" in seen.path:
            return Reply(body='{ "data": [', fault="chunks")
        return Reply(body=[{"type": "case", "submitter_id": "c", "empty": None}])

    def query(seen: Seen) -> Reply:
        rows = [{"id": ID, "submitter_id": "c"}]
        return Reply(body={"data": {"_case_count": 1} if "_count" in seen.json["query"] else {"case": rows}})

    stub.on(f"GET {SUB}/P/X/export", export)
    stub.on(f"POST {SUB}/graphql", query)
    assert list(commons.export("P-X", "case")) == [{"type": "case", "submitter_id": "c"}]
    # Somebody who may not read by GraphQL sees no records there: that does not mean that there are none.
    stub.on(f"POST {SUB}/graphql", {"data": {"_case_count": 0, "case": [], "transaction_log": []}})
    with pytest.raises(ServerTrouble, match="broke off"):
        list(commons.export("P-X", "case"))
    stub.on(f"POST {SUB}/graphql", {"data": {"_case_count": 0, "case": [], "transaction_log": [{"id": 1}]}})
    assert list(commons.export("P-X", "case")) == []


def test_an_export_is_written_as_it_comes(stub: Stub, commons: Commons, tmp_path: Path) -> None:
    content = ("type\tsubmitter_id\n" + "case\tc\n" * 100_000).encode()
    stub.on(f"GET {SUB}/P/X/export", Reply(body=content, content_type="application/octet-stream"))
    assert commons.export_to("P-X", "case", tmp_path / "case.tsv", without_id=True) == len(content)
    assert (tmp_path / "case.tsv").read_bytes() == content
    assert stub.seen[-1].path.endswith("format=tsv&without_id=true")
    with pytest.raises(UsageProblem, match="cannot be written"):
        commons.export_to("P-X", "case", tmp_path / "no" / "such" / "case.tsv")
    stub.on(f"GET {SUB}/P/X/export", HTML)
    with pytest.raises(NotACommons, match="web page"):
        commons.export_to("P-X", "case", tmp_path / "other.tsv")
    assert [path.name for path in tmp_path.iterdir()] == ["case.tsv"]


def test_records_by_id_are_asked_for_as_json_in_lines_that_fit(stub: Stub, commons: Commons) -> None:
    """The TSV by ids writes the text None for null."""

    def export(seen: Seen) -> Reply:
        assert "format=json" in seen.path
        ids = seen.path.rpartition("ids=")[2].split(",")
        return Reply(body=[{"id": id_, "empty": None, "list": []} for id_ in ids])

    stub.on(f"GET {SUB}/P/X/export", export)
    ids = [f"{n:08d}{ID[8:]}" for n in range(500)]
    assert [record["id"] for record in commons.export_ids("P-X", ids)] == ids
    asked = stub.asked("GET")
    assert 4 < len(asked) < 8
    assert max(len(f"GET {seen.path} HTTP/1.1\r\n") for seen in asked) <= LONGEST_LINE
    assert list(commons.export_ids("P-X", ids[:1])) == [{"id": ids[0], "list": []}]
    assert list(commons.export_ids("P-X", [])) == []


def test_records_as_they_are_held(stub: Stub, commons: Commons) -> None:
    entity = {"program": "P", "project": "X", "properties": {"id": ID, "state": "validated", "x": None}}
    stub.on(f"GET {SUB}/P/X/entities/{ID}", {"entities": [entity]})
    assert list(commons.records("P-X", [ID])) == [entity]
    stub.on(f"GET {SUB}/P/X/entities/nope", Reply(400, {"message": "Not found: nope"}))
    with pytest.raises(Refused, match="Not found: nope"):
        list(commons.records("P-X", ["nope"]))


@given(
    st.lists(
        st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers() | st.text(st.characters(codec="utf-8")))
    ),
    st.booleans(),
    st.sampled_from([None, 1, "\t"]),
)
def test_every_list_of_records_is_taken_to_pieces(rows: list[dict[str, Any]], bare: bool, indent: Any) -> None:
    value = rows if bare else {"before": [1, {"data": 2}], "n": 12.5, "data": rows}
    raw = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    assert list(records_in(BytesIO(raw))) == rows
    if raw[:-1].rstrip():
        with pytest.raises(BadStream):
            list(records_in(BytesIO(raw[:-1])))


@pytest.mark.parametrize(
    "raw",
    ["", " ", "{}", "[", "[1]", "[{}", "[{}}", '{"data": {}}', "[{},]", "[{}] x", '{"data": []', "<html>", "[[]]"],
)
def test_what_is_no_list_of_records_is_found_out(raw: str) -> None:
    with pytest.raises(BadStream):
        list(records_in(BytesIO(raw.encode())))


@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["case", '}, {"type":', "}]", '\\"}, {"type": 1', "é"])},
            optional={
                "cases": st.lists(st.fixed_dictionaries({"type": st.sampled_from(["x", "}"])}), max_size=3),
                "n": st.sampled_from([5, 5.0, 2**70, -(2**63), 1e300, True, None, "12345678901234567890", "\ud800"]),
            },
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([(", ", ": "), (",", ":")]),
    st.integers(1, 60),
)
def test_records_that_look_alike_are_cut_where_they_end(
    rows: list[dict[str, Any]], separators: tuple[str, str], block: int
) -> None:
    raw = json.dumps({"data": rows}, separators=separators).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gen3submit.commons.streaming._BLOCK", block)
        found = list(records_in(BytesIO(raw)))
    assert repr(found) == repr(rows)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    )
)
@example(2**64)
@example([-(2**63) - 1, 10**30])
@example({"a": float("nan"), "b": float("-inf")})
@example("\ud800")
def test_json_is_read_as_python_reads_it(value: Any) -> None:
    for text_ in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert repr(parse(text_)) == repr(json.loads(text_))


def test_a_large_record_is_read_and_a_deep_one_is_not() -> None:
    large = [{"a": "x" * 3_000_000}, {"b": 1}]
    assert list(records_in(BytesIO(json.dumps(large).encode()))) == large
    for depth in (150, 100_000):
        with pytest.raises(BadStream):
            list(records_in(BytesIO(b'[{"a": ' + b"[" * depth + b"]" * depth + b"}]")))


# Deletions


def test_records_are_deleted_by_ids_alone(stub: Stub, commons: Commons) -> None:
    """A query string would make Sheepdog empty properties or delete for real."""
    stub.on("*", lambda seen: stub.give_token(seen) if "user" in seen.path else Reply(400, {"success": False}))
    answer = commons.delete_records("P-X", [ID, "dg.1/abc"], dry_run=True)
    assert stub.seen[-1].path == f"{SUB}/P/X/entities/_dry_run/{ID},dg.1/abc"
    assert (answer.status, answer.json) == (400, {"success": False})
    commons.delete_records("P-X", [ID])
    assert (stub.seen[-1].method, stub.seen[-1].path) == ("DELETE", f"{SUB}/P/X/entities/{ID}")


def test_deletions_come_in_lists_that_fit(stub: Stub, commons: Commons) -> None:
    ids = [f"{n:08d}{ID[8:]}" for n in range(250)]
    batches = list(commons.deletion_batches("P-X", ids))
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert [id_ for batch in batches for id_ in batch] == ids
    for bad in ([], ids[:101]):
        with pytest.raises(UsageProblem, match="at most"):
            commons.delete_records("P-X", bad)
    assert stub.seen == []
    long = [f"{n:060d}" for n in range(100)]
    stub.on("*", lambda seen: stub.give_token(seen) if "user" in seen.path else Reply())
    for batch in commons.deletion_batches("P-X", long):
        commons.delete_records("P-X", batch)
    assert max(len(f"DELETE {seen.path} HTTP/1.1\r\n") for seen in stub.asked("DELETE")) <= LONGEST_LINE


@pytest.mark.parametrize("name", ["", "a\nb", "é", "x" * 301, "\x00"])
def test_a_document_name_that_is_no_header_is_refused(stub: Stub, commons: Commons, name: str) -> None:
    with pytest.raises(UsageProblem, match="name a document"):
        commons.submit("P-X", b"", document_name=name)
    assert stub.seen == []


# GraphQL


def test_a_query_gives_its_data(stub: Stub, commons: Commons) -> None:
    stub.on(f"POST {SUB}/graphql", {"data": {"case": []}})
    assert commons.query("query q($p: [String]) {case(project_id: $p) {id}}", {"p": ["P-X"]}) == {"case": []}
    assert stub.seen[-1].json["variables"] == {"p": ["P-X"]}


@pytest.mark.parametrize("status", [200, 400])
def test_the_errors_of_a_query_are_told_in_its_words(stub: Stub, commons: Commons, status: int) -> None:
    errors = ["Cannot order by nope on case", {"message": "another\nline"}, *["more"] * 9]
    stub.on(f"POST {SUB}/graphql", Reply(status, {"data": {"case": None}, "errors": errors}))
    with pytest.raises(QueryRefused, match=r"Cannot order by nope on case; another line; .* and 6 more") as caught:
        commons.query("{x}")
    assert caught.value.data == {"case": None}
    assert caught.value.errors[1] == "another\nline"
    assert len(stub.asked(f"POST {SUB}/graphql")) == 1


def test_the_schema_is_found_at_either_path(stub: Stub, commons: Commons) -> None:
    stub.on(f"GET {SUB}/graphql/getschema", {"data": {"__schema": {}}})
    assert commons.schema() == {"data": {"__schema": {}}}
    stub.on(f"GET {SUB}/getschema", {"data": 1})
    assert commons.schema() == {"data": 1}


class Peregrine:
    """Answers counts and pages of ids, in the order of the ids."""

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids
        self.queries: list[str] = []

    def __call__(self, seen: Seen) -> Reply:
        query = seen.json["query"]
        self.queries.append(query)
        if "_count" in query:
            return Reply(body={"data": {"_case_count": len(self.ids)}})
        first = int(re.findall(r"first: (\d+)", query)[0]) or len(self.ids)
        offset = int((re.findall(r"offset: (\d+)", query) or ["0"])[0])
        rows = [{"id": id_, "submitter_id": f"s-{id_}"} for id_ in sorted(self.ids)[offset : offset + first]]
        return Reply(body={"data": {"case": rows}})


def test_all_ids_of_a_type_are_found_at_once_or_page_by_page(
    stub: Stub, commons: Commons, monkeypatch: pytest.MonkeyPatch
) -> None:
    peregrine = Peregrine([f"{n:04d}" for n in range(25)])
    stub.on(f"POST {SUB}/graphql", peregrine)
    wanted = {f"s-{id_}": id_ for id_ in peregrine.ids}
    assert commons.record_ids("P-X", "case") == wanted
    assert "first: 0" in peregrine.queries[-1]
    monkeypatch.setattr(graphql, "PAGE", 10)
    assert commons.record_ids("P-X", "case") == wanted
    assert commons.record_count("P-X", "case") == 25
    assert all('order_by_asc: "id"' in query for query in peregrine.queries if "offset" in query)


@pytest.mark.parametrize("log", [[{"id": 1}], []])
def test_records_of_several_types_are_counted_at_once_where_they_can_be_seen(
    stub: Stub, commons: Commons, log: list[dict[str, int]]
) -> None:
    """A project that may not be read looks empty; its log tells."""
    answer = {"_case_count": 0, "_visit_count": 3, "transaction_log": log}
    stub.on(f"POST {SUB}/graphql", Reply(body={"data": answer}))
    assert commons.record_counts("P-X", ["case", "visit"]) == ({"case": 0, "visit": 3} if log else {})


def test_records_that_move_while_they_are_listed_are_not_missed(
    stub: Stub, commons: Commons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql, "PAGE", 10)
    peregrine = Peregrine([f"{n:04d}" for n in range(25)])
    removals = 1

    def query(seen: Seen) -> Reply:
        nonlocal removals
        reply = peregrine(seen)
        if "offset: 0" in seen.json["query"] and removals:
            removals -= 1
            peregrine.ids.pop(0)
        return reply

    stub.on(f"POST {SUB}/graphql", query)
    assert commons.record_ids("P-X", "case") == {f"s-{id_}": id_ for id_ in peregrine.ids}
    removals = 99
    with pytest.raises(ServerTrouble, match="changed while they were being listed"):
        commons.record_ids("P-X", "case")


def test_the_state_of_a_project(stub: Stub, commons: Commons) -> None:
    stub.on(f"POST {SUB}/graphql", {"data": {"project": [{"state": "review"}]}})
    assert commons.project_state("P-X") == "review"
    assert stub.seen[-1].json["query"] == '{project(project_id: "P-X") {state}}'
    stub.on(f"POST {SUB}/graphql", {"data": {"project": []}})
    assert commons.project_state("P-X") is None


def test_the_transaction_log_gives_documents_and_their_answers(stub: Stub, commons: Commons) -> None:
    entry = {
        "id": "700000200",
        "state": "SUCCEEDED",
        "type": "upload",
        "role": "update",
        "is_dry_run": False,
        "created_datetime": "2026-11-22 20:17:56.602910+00:00",
        "submitter": None,
    }
    answered = {"name": "n1", "doc_format": "json", "doc_size": 89, "response_json": '{"success": true}'}
    lost = {"name": "n2", "doc_format": "json", "doc_size": 8.0, "response_json": "null"}
    stub.on(
        f"POST {SUB}/graphql",
        {
            "data": {
                "transaction_log": [
                    {**entry, "documents": [answered]},
                    {**entry, "id": 7, "state": "PENDING", "documents": [lost]},
                    {**entry, "id": "5", "state": "PENDING", "documents": []},
                ]
            }
        },
    )
    first, second, third = commons.transaction_log("P-X", last=3)
    assert (first.id, first.state, first.documents[0].name) == (700000200, "SUCCEEDED", "n1")
    assert first.documents[0].answer == {"success": True}
    assert (second.id, second.documents[0].answer, second.documents[0].size) == (7, None, 8)
    assert third.documents == ()
    assert "last: 3" in stub.seen[-1].json["query"]
    commons.transaction_log("P-X", last=3, answers=False)
    assert "response_json" not in stub.seen[-1].json["query"]
    assert commons.transaction_log("P-X", last=0) == []


@pytest.mark.parametrize("entries", [None, {}, [1], [{"id": "x"}], [{"state": "SUCCEEDED"}]])
def test_a_log_that_is_none_is_told(stub: Stub, commons: Commons, entries: Any) -> None:
    stub.on(f"POST {SUB}/graphql", {"data": {"transaction_log": entries}})
    with pytest.raises(NotACommons):
        commons.transaction_log("P-X")


def test_the_states_of_many_transactions_take_few_queries(stub: Stub, commons: Commons) -> None:
    def query(seen: Seen) -> Reply:
        found = re.findall(r"t(\d+): transaction_log\(id: (\d+)\)", seen.json["query"])
        assert all(alias == id_ for alias, id_ in found)
        states = {f"t{id_}": [{"id": id_, "state": "SUCCEEDED"}] if int(id_) % 2 else [] for _, id_ in found}
        return Reply(body={"data": states})

    stub.on(f"POST {SUB}/graphql", query)
    assert commons.transactions([*range(1, 251), 1]) == dict.fromkeys(range(1, 251, 2), "SUCCEEDED")
    assert len(stub.asked("POST /api")) == 3
    assert commons.transactions([]) == {}


# Index


def test_the_index_is_asked_without_a_token(stub: Stub, commons: Commons) -> None:
    guid = f"dg.4DFC/{ID}"
    stub.on(f"GET /index/index/{guid}", {"did": guid, "size": 5})
    stub.on("POST /index/bulk/documents", lambda seen: Reply(body=[{"did": g} for g in reversed(seen.json[1:])]))
    assert commons.index_record(guid) == {"did": guid, "size": 5}
    assert commons.index_record(ID) is None
    guids = [f"g{n}" for n in range(1500)]
    found = commons.index_records([*guids, "g5"])
    assert set(found) == set(guids) - {"g0", "g1000"}
    assert commons.index_records([]) == {}
    assert {seen.token for seen in stub.seen} == {None}
    assert [seen.headers["content-type"] for seen in stub.asked("POST")] == ["application/json"] * 2


def test_the_index_is_searched_to_its_end(stub: Stub, commons: Commons) -> None:
    everything = [{"did": f"{n:05d}/é"} for n in range(2500)]

    def search(seen: Seen) -> Reply:
        start = re.findall(r"&start=(\d+)%2F%C3%A9$", seen.path)
        offset = int(start[0]) + 1 if start else 0
        return Reply(body={"records": everything[offset : offset + 1000]})

    stub.on("GET /index/index/", search)
    assert commons.index_search(md5="D41D8CD98F00B204E9800998ECF8427E", size=0) == everything
    assert stub.seen[0].path == "/index/index/?hash=md5:d41d8cd98f00b204e9800998ecf8427e&size=0&limit=1000"
    commons.index_search(url="s3://b/a?b&c", file_name="x y")
    assert "url=s3%3A%2F%2Fb%2Fa%3Fb%26c&file_name=x%20y" in stub.seen[-1].path
    for bad in ({}, {"md5": "xyz"}):
        with pytest.raises(UsageProblem):
            commons.index_search(**bad)  # type: ignore[arg-type]  # what a user may give


def test_an_index_that_ignores_the_start_is_not_asked_for_ever(stub: Stub, commons: Commons) -> None:
    stub.on("GET /index/index/", {"records": [{"did": "x"}] * 1000})
    assert len(commons.index_search(size=5)) == 2000


# Answers of another form


@pytest.mark.parametrize("body", [None, 5, "x", [], [1], {}, {"links": 5}, {"data": 5}, {"entities": [1]}, {"x": {}}])
def test_an_answer_of_any_other_form_is_told(stub: Stub, commons: Commons, body: Any) -> None:
    stub.on("*", lambda seen: stub.give_token(seen) if "user/cred" in seen.path else Reply(body=json.dumps(body)))
    for call in (
        commons.programs,
        lambda: commons.projects("P"),
        commons.dictionary_entries,
        lambda: commons.query("{x}"),
        lambda: commons.record_ids("P-X", "case"),
        lambda: commons.project_state("P-X"),
        lambda: list(commons.records("P-X", [ID])),
        lambda: commons.index_search(size=1),
    ):
        with pytest.raises(CommonsProblem):
            call()
    if isinstance(body, dict):
        assert commons.all_rights() == {}
