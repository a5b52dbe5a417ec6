"""Records of data files against the file index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_practice import Api, on_a_socket
from clinic import clinic, write
from commons_stub import Reply, Stub, api_key, running_stub

from gen3submit import Commons
from gen3submit.data_files.indexed import FileState, files_of_node, files_of_tables, index_records
from gen3submit.errors import UsageProblem

HEADER = "type\tsubmitter_id\tcases.submitter_id\tfile_size\tmd5sum\n"


@pytest.fixture
def api() -> Iterator[Api]:
    with on_a_socket(clinic(), "P-X") as api:
        api.put({"type": "case", "submitter_id": "C", "projects": {"code": "X"}})
        yield api


def raw(submitter_id: str, number: int, **values: Any) -> dict[str, Any]:
    return {
        "type": "raw_file",
        "submitter_id": submitter_id,
        "cases": {"submitter_id": "C"},
        "md5sum": f"{number:032x}",
        "file_size": number,
        **values,
    }


def states(files: Iterator[FileState]) -> dict[str | None, str]:
    return {file.submitter_id: file.state for file in files}


def test_every_record_of_a_node_type_is_compared(api: Api) -> None:
    api.put(raw("good", 1), raw("resized", 2), raw("changed", 3), raw("elsewhere", 4, urls="s3://bucket/file"))
    api.put(raw("resized", 2, file_size=99), raw("changed", 3, md5sum="f" * 32), raw("nowhere", 5, object_id="gone"))
    assert api.practice is not None
    api.practice.services.store.rows("DELETE FROM file WHERE did = 'gone'")
    found = {file.submitter_id: file for file in files_of_node(api.commons, "P-X", api.dictionary["raw_file"])}
    assert {name: file.state for name, file in found.items()} == {
        "good": "no-location",
        "elsewhere": "ok",
        "resized": "size-differs",
        "changed": "md5-differs",
        "nowhere": "missing",
    }
    assert found["resized"].to_dict()["indexed_size"] == 2
    assert found["changed"].indexed_md5 == f"{3:032x}"
    assert found["elsewhere"].to_dict()["urls"] == ["s3://bucket/file"]


def test_the_rows_of_a_table_are_compared_with_what_was_submitted(api: Api, tmp_path: Path) -> None:
    api.put(raw("good", 1), raw("other", 2))
    table = write(
        tmp_path,
        HEADER + f"raw_file\tGOOD\tC\t1\t{1:032x}\nraw_file\tother\tC\t7\t{2:032x}\nraw_file\tnew\tC\t1\t{9:032x}\n",
    )
    found = states(files_of_tables(api.commons, "P-X", table, nodes=api.dictionary))
    assert found == {"GOOD": "no-location", "other": "size-differs", "new": "not-submitted"}


def test_a_type_without_an_object_id_has_its_own_id_in_the_index(api: Api) -> None:
    api.put({"type": "old_file", "submitter_id": "O", "md5sum": "a" * 32, "file_size": 4})
    (file,) = files_of_node(api.commons, "P-X", api.dictionary["old_file"])
    assert file.state == "no-location"
    assert file.indexed is not None
    assert file.guid == api.commons.record_ids("P-X", "old_file")["O"] == file.indexed["did"]


def test_other_node_types_and_tables_have_no_files(api: Api, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no data files"):
        list(files_of_node(api.commons, "P-X", api.dictionary["case"]))
    with pytest.raises(UsageProblem, match="no row"):
        list(
            files_of_tables(api.commons, "P-X", write(tmp_path, "type\tsubmitter_id\ncase\tx\n"), nodes=api.dictionary)
        )


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


def test_guids_are_asked_for_at_once_and_those_left_one_by_one(stub: Stub) -> None:
    """The bulk call finds a GUID only with its prefix."""
    record = {"did": "dg.X/2"}
    stub.on("POST /index/bulk/documents", Reply(body=[{"did": "1"}]))
    stub.on("GET /index/index/2", record)
    stub.on("GET /index/index/3", Reply(404, {"error": "no record found"}))
    commons = Commons(stub.url, api_key(stub.url))
    assert index_records(commons, ["1", "2", "3", "1"]) == {"1": {"did": "1"}, "2": record, "3": None}
    assert len(stub.seen) == 3
    assert stub.tokens_given == 0


@pytest.mark.parametrize(
    "indexed",
    [{}, {"size": "big", "hashes": 5, "urls": "x"}, {"size": None, "hashes": {"md5": 5}, "urls": [1]}, {"hashes": []}],
)
def test_an_index_record_of_any_form_does_no_harm(indexed: dict[str, Any]) -> None:
    file = FileState("raw_file", "F", None, "guid", 4, "a" * 32, indexed)
    assert file.state in ("ok", "no-location", "md5-differs", "size-differs")
    assert all(isinstance(url, str) for url in file.to_dict()["urls"])
