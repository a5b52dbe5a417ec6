"""The practice commons: GraphQL as Peregrine answers it, traps included."""

from __future__ import annotations

from typing import Any

import pytest

from tests.practice import BASE, Practice, core_metadata, reads, sample, study, subject


@pytest.fixture(scope="module")
def practice() -> Practice:
    """Two studies; the first with 12 subjects, of which the first has two samples and the second one."""
    practice = Practice()
    practice.stored(study("S1", sites=["OSL", "UTR"]), study("s2", sites=["UTR"]), core_metadata(), reads())
    practice.stored(*(subject(f"u{n:02}", "S1") for n in range(12)))
    practice.stored(
        sample("a", "u00", sample_type="Plasma", is_ffpe=True, days_to_collection=5, volume_ml=1.5),
        sample("b", "u00", days_to_collection=10),
        sample("C", "u01"),
    )
    practice.stored(
        {"type": "aliquot", "submitter_id": "x", "samples": {"submitter_id": "a"}, "analyte_type": "DNA"},
        {"type": "aliquot", "submitter_id": "y", "samples": {"submitter_id": "b"}, "analyte_type": "DNA"},
    )
    return practice


def names(practice: Practice, arguments: str, type_: str = "sample") -> list[str]:
    given = f"({arguments})" if arguments else ""
    return [each["submitter_id"] for each in practice.query(f"{{{type_}{given}{{submitter_id}}}}")[type_]]


def test_lists_are_cut_at_ten(practice: Practice) -> None:
    assert len(names(practice, "", "subject")) == 10
    assert len(names(practice, "first:0", "subject")) == 12
    assert len(names(practice, "first:-1", "subject")) == 12
    assert names(practice, 'first:2,offset:10,order_by_asc:"submitter_id"', "subject") == ["u10", "u11"]


def test_nested_lists_are_cut_too_and_counts_are_not(practice: Practice) -> None:
    found = practice.query('{study(submitter_id:"S1"){subjects{id} _subjects_count}}')["study"][0]
    assert (len(found["subjects"]), found["_subjects_count"]) == (10, 12)


def test_a_count_with_first_0_is_null(practice: Practice) -> None:
    assert practice.query("{_subject_count(first:0) a:_subject_count(first:3)}") == {"_subject_count": None, "a": 12}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ('submitter_id:"a"', ["a"]),
        ('submitter_id:"A"', []),
        ('submitter_id:["a","C","nope"]', ["a", "C"]),
        ("submitter_id:[]", []),
        ('project_id:"practice-study",submitter_id:["C","A"]', ["C"]),
        ('project_id:"elsewhere"', []),
        ("project_id:[]", []),
        ('sample_type:"Plasma"', ["a"]),
        ('sample_type:"plasma"', []),
        ("is_ffpe:true", ["a"]),
        ("days_to_collection:5", []),
        ("volume_ml:1.5", ["a"]),
        ('not:{sample_type:"Plasma"}', ["b", "C"]),
        ("not:{days_to_collection:1}", ["a", "b"]),
        ('created_after:"2000-01-01",first:1', ["a"]),
        ('created_before:"2000-01-01"', []),
        ('with_links:["aliquots"]', ["a", "b"]),
        ('without_links:["aliquots"]', ["C"]),
        ('with_links_any:["aliquots","subjects"]', ["a", "b", "C"]),
        ('with_path_to:{type:"subject",submitter_id:"u01"}', ["C"]),
        ('with_path_to:{type:"study",submitter_id:"S1"}', []),
        ('with_path_to:{type:"aliquot",submitter_id:"y"}', ["b"]),
        ('with_path_to:[{type:"aliquot"},{type:"subject",submitter_id:"u00"}]', ["a", "b"]),
        ('with_path_to_any:[{type:"aliquot",submitter_id:"x"},{type:"subject",submitter_id:"u01"}]', ["a", "C"]),
        ('without_path_to:{type:"aliquot"}', ["C"]),
        ('with_path_to:{type:"nope"}', []),
        ("ids:[]", []),
        ('id:"x"', []),
    ],
)
def test_filters(practice: Practice, arguments: str, found: list[str]) -> None:
    assert names(practice, arguments) == found


def test_a_quick_search_ignores_letter_case(practice: Practice) -> None:
    assert names(practice, 'quick_search:"U03"', "subject") == ["u03"]
    assert len(names(practice, 'quick_search:"",first:0', "subject")) == 12


def test_an_array_has_to_hold_every_given_item(practice: Practice) -> None:
    assert names(practice, 'sites:"UTR"', "study") == ["S1", "s2"]
    assert names(practice, 'sites:["UTR","OSL"]', "study") == ["S1"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ('order_by_asc:"submitter_id"', ["C", "a", "b"]),
        ('order_by_desc:"submitter_id"', ["b", "a", "C"]),
        ('order_by_asc:"days_to_collection",submitter_id:["a","b"]', ["a", "b"]),
        ('order_by_desc:"days_to_collection",submitter_id:["a","b"]', ["b", "a"]),
        ('order_by_asc:"type"', ["a", "b", "C"]),
    ],
)
def test_orders(practice: Practice, arguments: str, found: list[str]) -> None:
    """Numbers as numbers, texts letter by letter."""
    assert names(practice, arguments) == found


def test_integers_come_back_as_floats(practice: Practice) -> None:
    assert practice.query('{sample(submitter_id:"a"){days_to_collection}}') == {"sample": [{"days_to_collection": 5.0}]}


def test_links_lead_both_ways(practice: Practice) -> None:
    found = practice.query('{subject(submitter_id:"u00"){studies{submitter_id} samples{aliquots{submitter_id}}}}')
    assert found == {
        "subject": [
            {
                "studies": [{"submitter_id": "S1"}],
                "samples": [{"aliquots": [{"submitter_id": "x"}]}, {"aliquots": [{"submitter_id": "y"}]}],
            }
        ]
    }
    assert practice.query('{sample(submitter_id:"a"){_links{type submitter_id}}}')["sample"][0]["_links"] == [
        {"type": "aliquot", "submitter_id": "x"},
        {"type": "subject", "submitter_id": "u00"},
    ]


def test_inline_fragments_lose_properties_and_named_ones_do_not(practice: Practice) -> None:
    inline = practice.query('{sample(submitter_id:"a"){id ...on sample{submitter_id type}}}')["sample"][0]
    named = practice.query('{sample(submitter_id:"a"){...f}} fragment f on sample{submitter_id}')["sample"][0]
    assert (inline["submitter_id"], inline["type"]) == (None, "sample")
    assert named == {"submitter_id": "a"}


def test_a_count_with_a_path_counts_ways(practice: Practice) -> None:
    """Peregrine forgets to count each record once."""
    assert practice.query('{_subject_count(with_path_to:{type:"aliquot"})}') == {"_subject_count": 2}
    assert names(practice, 'with_path_to:{type:"aliquot"}', "subject") == ["u00"]


def test_any_type_of_record_is_a_node(practice: Practice) -> None:
    found = practice.query('{node(of_type:["aliquot","study"],project_id:"practice-study"){type submitter_id}}')
    assert sorted(each["submitter_id"] for each in found["node"]) == ["S1", "s2", "x", "y"]
    by_category = practice.query('{node(category:"biospecimen",first:0){type}}')["node"]
    assert {each["type"] for each in by_category} == {"sample", "aliquot"}
    assert practice.complaints('{node(of_type:["nope"]){id}}') == ["'NoneType' object has no attribute 'label'"]


def test_data_files_have_a_list_of_their_own(practice: Practice) -> None:
    found = practice.query('{datanode(file_name:"RE.fastq"){type submitter_id file_size file_state}}')["datanode"]
    assert found == [
        {
            "type": "submitted_unaligned_reads",
            "submitter_id": "RE",
            "file_size": 10.0,
            "file_state": "registered",
        }
    ]


def test_programs_and_projects(practice: Practice) -> None:
    found = practice.query(
        '{project(project_id:["practice-study","no-such"]){project_id programs{name}} program(name:"practice"){name}}'
    )
    assert found == {
        "project": [{"project_id": "practice-study", "programs": [{"name": "practice"}]}],
        "program": [{"name": "practice"}],
    }


def test_node_types_are_described_as_python_text(practice: Practice) -> None:
    found = practice.query('{_node_type(id:"sample"){id category required}}')["_node_type"]
    assert found[0]["category"] == "biospecimen"
    assert found[0]["required"].startswith("['submitter_id'")
    clinical = practice.query('{_node_type(category:"clinical",first:0,order_by_asc:"id"){id}}')["_node_type"]
    assert [each["id"] for each in clinical] == ["demographic", "diagnosis", "follow_up"]


def test_variables_may_be_an_object_or_text(practice: Practice) -> None:
    query = "query q($s:[String],$n:Int){sample(submitter_id:$s,first:$n){submitter_id}}"
    for variables in ({"s": ["a"], "n": 1}, '{"s":"a","n":"1"}'):
        answer = practice.ask("POST", "/graphql", json={"query": query, "variables": variables})
        assert answer.json == {"data": {"sample": [{"submitter_id": "a"}]}}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{nope{id}}", 'Cannot query field "nope" on type "Root". Did you mean "node"?'),
        ("{sample{nope}}", 'Cannot query field "nope" on type "sample". Did you mean "type"?'),
        ("{sample}", 'Field "sample" of type "[sample]" must have a sub selection.'),
        ("{_sample_count{x}}", 'Field "_sample_count" of type "Int" must not have a sub selection.'),
        (
            "{sample(projectid:1){id}}",
            'Unknown argument "projectid" on field "sample" of type "Root". Did you mean "project_id"?',
        ),
        (
            '{sample(first:"3"){id}}',
            'Argument "first" has invalid value "3".\nExpected type "Int", found "3".',
        ),
        (
            '{sample(with_path_to:{submitter_id:"a"}){id}}',
            (
                'Argument "with_path_to" has invalid value {submitter_id: "a"}.\n'
                'In field "type": Expected "String!", found null.'
            ),
        ),
        (
            "{sample(first:null){id}}",
            'Syntax Error GraphQL (1:15) Unexpected Name "null"\n\n1: {sample(first:null){id}}\n                 ^\n',
        ),
        (
            "{sample{id}",
            "Syntax Error GraphQL (1:12) Expected Name, found EOF\n\n1: {sample{id}\n              ^\n",
        ),
        ("{}", "Syntax Error GraphQL (1:2) Expected Name, found }\n\n1: {}\n    ^\n"),
        ("", "Syntax Error GraphQL (1:1) Unexpected EOF\n\n"),
        ("mutation{x}", "Schema is not configured for mutations"),
        (
            "query a{_sample_count} query b{_study_count}",
            "Must provide operation name if query contains multiple operations.",
        ),
        (
            "query q($p:String){sample(project_id:$p){id}}",
            'Variable "p" of type "String" used in position expecting type "[String]".',
        ),
        (
            "query q($p:[String]!){sample(project_id:$p){id}}",
            'Variable "$p" of required type "[String]!" was not provided.',
        ),
        ('{sample(order_by_asc:"nope"){id}}', "Cannot order by nope on sample"),
        ('{sample(with_links:["nope"]){id}}', "Invalid link name 'nope'"),
        ('{sample(created_after:"rubbish"){id}}', "Unknown string format: rubbish"),
    ],
)
def test_errors_are_told_in_peregrine_s_words(practice: Practice, query: str, words: str) -> None:
    assert practice.complaints(query) == [words]


def test_one_failing_root_leaves_the_others_and_makes_it_a_400(practice: Practice) -> None:
    answer = practice.ask(
        "POST", "/graphql", json={"query": '{sample(order_by_asc:"nope"){id} study(first:1){submitter_id}}'}
    )
    assert answer.status_code == 400
    assert answer.json["data"] == {"sample": None, "study": [{"submitter_id": "S1"}]}


@pytest.mark.parametrize(
    ("body", "status", "form"),
    [
        ("", 400, "message"),
        ("[]", 500, "message"),
        ('"x"', 400, "message"),
        ('{"query":5}', 400, "errors"),
        ('{"query":"{__typename}","variables":"x"}', 400, "errors"),
        ('{"query":"{__typename}","operationName":"x"}', 200, "data"),
    ],
)
def test_requests_that_are_none(practice: Practice, body: str, status: int, form: str) -> None:
    answer = practice.ask("POST", "/graphql", data=body)
    assert answer.status_code == status
    assert form in answer.json


def test_graphql_needs_a_token_and_the_schema_none(practice: Practice) -> None:
    assert practice.client.post(f"{BASE}/graphql", json={"query": "{__typename}"}).status_code == 401
    answer = practice.client.get(f"{BASE}/getschema")
    assert answer.json["data"]["__schema"]["queryType"]["name"] == "Root"


def log(practice: Practice, arguments: str) -> list[Any]:
    return practice.query(f"{{transaction_log({arguments}){{id state role}}}}")["transaction_log"]


def test_the_log_is_filtered_and_paged(practice: Practice) -> None:
    every = log(practice, 'project_id:"practice-study",first:0,order_by_asc:"id"')
    newest = log(practice, "last:2")
    assert newest == every[-1:-3:-1]
    assert log(practice, 'last:2,order_by_asc:"id"') == every[:2]
    assert log(practice, 'first:1,offset:1,order_by_asc:"id"') == every[1:2]
    assert log(practice, f"id:{every[1]['id']}") == every[1:2]
    assert log(practice, 'state:"PENDING"') == every[:1]
    assert log(practice, 'state:"succeeded"') == []
    assert log(practice, 'type:"upload",first:0,order_by_asc:"id"') == every
    assert log(practice, 'project_id:"elsewhere"') == []
    assert practice.query("{_transaction_log_count(first:2)}") == {"_transaction_log_count": 2}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('{transaction_log(id:"x"){id}}', "InvalidTextRepresentation"),
        ("{transaction_log(last:-1){id}}", "LIMIT must not be negative"),
        ('{transaction_log(name:"x"){id}}', 'Unknown argument "name"'),
        ("{study(first:1){_transaction_logs{id}}}", "InvalidTextRepresentation"),
        ("{transaction_log(last:1){documents{response{transactional_errors}}}}", "int() argument must be"),
    ],
)
def test_what_the_log_cannot_answer(practice: Practice, query: str, words: str) -> None:
    assert words in practice.complaints(query)[0]


def test_answers_in_the_log_can_be_read_piece_by_piece(practice: Practice) -> None:
    query = "{transaction_log(last:1){documents{response{success message entities{type action unique_keys warnings}}}}}"
    found = practice.query(query)["transaction_log"][0]["documents"][0]["response"]
    assert (found["success"], found["message"]) == (True, "Transaction successful.")
    assert found["entities"][0] == {
        "type": "aliquot",
        "action": "create",
        "unique_keys": '[{"project_id": "practice-study", "submitter_id": "x"}]',
        "warnings": "[]",
    }
