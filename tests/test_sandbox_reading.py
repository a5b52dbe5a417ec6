"""The practice commons: exports, entities, manifests, dictionary, templates, index."""

from __future__ import annotations

import csv
import io
import tarfile

import pytest

from tests.practice import Practice, core_metadata, reads, sample, study, subject


@pytest.fixture
def practice() -> Practice:
    return Practice()


def export(practice: Practice, **asked: str) -> str:
    answer = practice.ask("GET", "/practice/study/export", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_type_is_exported_with_its_links_last(practice: Practice) -> None:
    practice.stored(study())
    id_ = practice.stored(subject("B", consent_codes=["GRU", "DS"], lost_to_follow_up="No"))[0]
    header, row = (line.split("\t") for line in export(practice, node_label="subject").splitlines())
    found = dict(zip(header, row, strict=True))
    assert header[:4] == ["type", "id", "project_id", "submitter_id"]
    assert header[-2:] == ["studies.id", "studies.submitter_id"]
    assert "state" not in header
    assert (found["id"], found["consent_codes"], found["site"]) == (id_, "GRU,DS", "")
    assert found["studies.submitter_id"] == "ST"


def test_booleans_and_numbers_are_written_as_python_writes_them(practice: Practice) -> None:
    practice.stored(study(), subject(), sample(is_ffpe=True, volume_ml=1.5, days_to_collection=3))
    header, row = (line.split("\t") for line in export(practice, node_label="sample").splitlines())
    found = dict(zip(header, row, strict=True))
    assert (found["is_ffpe"], found["volume_ml"], found["days_to_collection"]) == ("True", "1.5", "3")


def test_nothing_is_quoted_in_an_export_by_type(practice: Practice) -> None:
    practice.stored(study(study_title='a "b"\tc'))
    assert '\ta "b"\tc' in export(practice, node_label="study")


def test_several_parents_over_several_links_come_once_per_combination(practice: Practice) -> None:
    practice.stored(core_metadata("M1"), core_metadata("M2"), study(), subject(), sample())
    practice.stored({"type": "aliquot", "submitter_id": "AL", "samples": {"submitter_id": "SA"}, "analyte_type": "DNA"})
    groups = [
        {
            "type": "read_group",
            "submitter_id": name,
            "aliquots": {"submitter_id": "AL"},
            "library_strategy": "WGS",
            "is_paired_end": True,
        }
        for name in ("G1", "G2")
    ]
    practice.stored(*groups)
    aligned = reads(collections=("M1", "M2"), type="submitted_aligned_reads", data_type="Aligned Reads")
    aligned |= {"data_format": "BAM", "read_groups": [{"submitter_id": "G1"}, {"submitter_id": "G2"}]}
    practice.stored(aligned)
    header, row = (line.split("\t") for line in export(practice, node_label="submitted_aligned_reads").splitlines())
    found = dict(zip(header, row, strict=True))
    assert sorted(found["read_groups.submitter_id"].split(",")) == ["G1", "G1", "G2", "G2"]
    assert sorted(found["core_metadata_collections.submitter_id"].split(",")) == ["M1", "M1", "M2", "M2"]


def test_json_leaves_nulls_out_by_type_and_keeps_them_by_ids(practice: Practice) -> None:
    id_ = practice.stored(study())[0]
    by_type = practice.ask("GET", "/practice/study/export?node_label=study&format=json").json
    by_ids = practice.ask("GET", f"/practice/study/export?ids={id_}&format=json").json
    assert "sites" not in by_type["data"][0]
    assert by_type["data"][0]["projects"][0]["code"] == "study"
    assert by_ids[0]["sites"] is None


def test_an_export_by_ids_is_quoted_and_writes_null_as_none(practice: Practice) -> None:
    id_ = practice.stored(study(study_title="a title\twith a tab", sites=["OSL"]))[0]
    answer = practice.ask("GET", f"/practice/study/export?ids={id_}&format=tsv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=study.tsv"
    assert answer.text.endswith("\r\n")
    row = next(csv.DictReader(io.StringIO(answer.text), delimiter="\t"))
    assert (row["study_title"], row["sites"], row["study_design"]) == ("a title\twith a tab", "['OSL']", "None")


def test_ids_can_be_left_out(practice: Practice) -> None:
    practice.stored(study())
    header = export(practice, node_label="study", without_id="true").splitlines()[0].split("\t")
    assert header[:3] == ["type", "project_id", "submitter_id"]
    assert header[-1] == "projects.code"
    assert "projects.id" not in header


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("format=tsv", 400, "expected either `ids` or `node_label` parameter"),
        ("node_label=nope", 400, "dictionary does not have node with type nope"),
        ("node_label=root", 400, "cannot export node with category `internal`"),
        ("ids=a,b", 404, "Unable to find a, b"),
    ],
)
def test_a_bad_export_is_refused(practice: Practice, query: str, status: int, words: str) -> None:
    answer = practice.ask("GET", f"/practice/study/export?{query}")
    assert (answer.status_code, answer.json) == (status, {"message": words})


def test_an_empty_type_is_exported_as_a_header(practice: Practice) -> None:
    assert len(export(practice, node_label="study").splitlines()) == 1
    assert practice.ask("GET", "/practice/study/export?node_label=study&format=json").json == {"data": []}


def test_an_export_can_be_submitted_again_unchanged(practice: Practice) -> None:
    practice.stored(study(), subject(consent_codes=["GRU", "DS"]), sample(is_ffpe=False, volume_ml=0.5))
    for type_ in ("study", "subject", "sample"):
        before = export(practice, node_label=type_)
        answer = practice.ask("PUT", "/practice/study", data=before, content_type="text/tab-separated-values")
        assert answer.json["updated_entity_count"] == 1, answer.json
        assert export(practice, node_label=type_) == before


def test_entities_are_read_by_id_from_any_project(practice: Practice) -> None:
    id_ = practice.stored(study())[0]
    found = practice.ask("GET", f"/practice/elsewhere/entities/{id_},{id_}").json["entities"]
    assert len(found) == 1
    assert (found[0]["program"], found[0]["project"]) == ("practice", "study")
    assert found[0]["properties"]["state"] == "validated"
    assert found[0]["properties"]["projects"][0]["submitter_id"] is None
    assert practice.ask("GET", f"/practice/study/entities/{id_},x").json == {"message": "Not found: x"}


def test_a_manifest_lists_data_files_only(practice: Practice) -> None:
    study_id, _, file_id = practice.stored(study(), core_metadata(), reads())
    answer = practice.ask("GET", f"/practice/study/manifest?ids={file_id}")
    assert "local_file_path: RE.fastq" in answer.text
    assert practice.ask("GET", f"/practice/study/manifest?ids={study_id}").status_code == 400
    assert practice.ask("GET", "/practice/study/upload_manifest?ids=x").status_code == 404
    assert practice.ask("GET", "/practice/study/manifest").status_code == 400


def test_a_manifest_is_validated(practice: Practice) -> None:
    file = {"id": "11111111-1111-4111-8111-111111111111", "file_name": "a", "project_id": "x"}
    assert practice.ask("POST", "/validation/upload_manifest", json={"files": [file]}).json == {"valid": True}
    answer = practice.ask("POST", "/validation/upload_manifest", data="files:\n- id: x\n", content_type="text/yaml")
    assert answer.json["valid"] is False


def test_the_dictionary_needs_no_token_by_itself(practice: Practice) -> None:
    base = "/api/v0/submission"
    assert "study" in practice.client.get(f"{base}/_dictionary/_all").json
    assert practice.client.get(f"{base}/_dictionary/study").json["id"] == "study"
    assert f"{base}/_dictionary/study" in practice.client.get(f"{base}/_dictionary").json["links"]
    assert practice.client.get(f"{base}/_dictionary/nope").json == {"message": "Entry nope not in dictionary"}
    assert practice.client.get(f"{base}/practice/study/_dictionary/study").status_code == 401
    assert practice.ask("GET", "/practice/study/_dictionary/study").status_code == 200


def test_a_template_marks_what_is_required(practice: Practice) -> None:
    answer = practice.client.get("/api/v0/submission/template/subject")
    header, row = answer.text.splitlines()
    assert header.split("\t")[:4] == ["*type", "project_id", "*submitter_id", "*studies.submitter_id"]
    assert row.split("\t")[0] == "subject"
    assert answer.text.endswith("\r\n")
    assert practice.client.get("/api/v0/submission/template/nope").status_code == 404
    assert practice.client.get("/api/v0/submission/template/subject?format=xml").status_code == 400


def test_file_types_have_urls_in_their_template_only(practice: Practice) -> None:
    header = practice.client.get("/api/v0/submission/template/imaging_file").text.splitlines()[0]
    assert header.split("\t")[-1] == "urls"
    assert "urls" not in export(practice, node_label="imaging_file")


def test_all_templates_come_as_an_archive(practice: Practice) -> None:
    answer = practice.client.get("/api/v0/submission/template")
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as archive:
        assert "sample.tsv" in archive.getnames()
        assert "program.tsv" not in archive.getnames()
    documents = practice.client.get("/api/v0/submission/template?format=json&categories=clinical").get_json(force=True)
    assert sorted(document["*type"] for document in documents) == ["demographic", "diagnosis", "follow_up"]


def test_the_index_answers_searches(practice: Practice) -> None:
    practice.stored(core_metadata(), reads("A"), reads("B", md5sum="d" * 32, file_size=20))
    found = practice.client.get(f"/index/index/?hash=md5:{'d' * 32}&size=20").json["records"]
    assert [record["size"] for record in found] == [20]
    every = practice.client.get("/index/index?limit=1").json["records"]
    following = practice.client.get(f"/index/index?limit=5&start={every[0]['did']}").json["records"]
    assert len(every) == len(following) == 1
    assert practice.client.get(f"/index/index?ids={every[0]['did']},x").json["records"] == every
    assert practice.client.get(f"/index/{every[0]['did']}").json["did"] == every[0]["did"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/index/index/nope", 404),
        ("/index/index/?limit=2000", 400),
        ("/index/index/?size=x", 400),
        ("/index/index/?hash=md5:ABC", 400),
        ("/index/index/?hash=abc", 500),
    ],
)
def test_the_index_refuses_as_indexd_does(practice: Practice, path: str, status: int) -> None:
    assert practice.client.get(path).status_code == status


def test_bulk_look_ups_leave_unknown_ids_out(practice: Practice) -> None:
    practice.stored(core_metadata(), reads("A"))
    did = practice.client.get("/index/index").json["records"][0]["did"]
    answer = practice.client.post("/index/bulk/documents", json=["nope", did])
    assert [record["did"] for record in answer.json] == [did]
    assert practice.client.post("/index/bulk/documents", json=[]).status_code == 500
    assert practice.client.post("/index/bulk/documents", data="[]", content_type="text/plain").status_code == 415
