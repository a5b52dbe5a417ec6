"""A practice commons in this process, with short words for what tests ask of it."""

from __future__ import annotations

import functools
from typing import Any

from werkzeug.test import Client, TestResponse

from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.sandbox.app import PracticeCommons

BASE = "/api/v0/submission"
PROJECT = f"{BASE}/practice/study"


@functools.cache
def practice_dictionary() -> Dictionary:
    return Dictionary.load(practice_dictionary_folder())


class Practice:
    """A practice commons with the project `practice-study`, and a token for it."""

    def __init__(self, data: Any = None, **options: Any):
        self.commons = PracticeCommons(practice_dictionary(), data, **{"with_faults": True, **options})
        self.client = Client(self.commons)
        self.token = self.client.post("/user/credentials/api/access_token", json={"api_key": "any"}).json[
            "access_token"
        ]

    def ask(self, method: str, path: str, *, fault: str | None = None, **request: Any) -> TestResponse:
        """A request to a path of the submission API, as somebody who is logged in."""
        headers = {"Authorization": f"bearer {self.token}", **request.pop("headers", {})}
        if fault:
            headers["X-Practice-Fault"] = fault
        whole = path if path.startswith(("/user", "/index", "/authz", "/_", "/api")) else BASE + path
        return self.client.open(whole, method=method, headers=headers, **request)

    def put(self, *documents: dict[str, Any], path: str = "/practice/study", **request: Any) -> TestResponse:
        return self.ask("PUT", path, json=list(documents), **request)

    def stored(self, *documents: dict[str, Any]) -> list[str]:
        """Submit documents that have to succeed; their ids."""
        answer = self.put(*documents).json
        assert answer["success"], answer
        return [entity["id"] for entity in answer["entities"]]

    def query(self, query: str, **variables: Any) -> Any:
        """The data of a query that has to succeed."""
        answer = self.ask("POST", "/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.json
        return answer.json["data"]

    def complaints(self, query: str, **variables: Any) -> list[str]:
        """The errors of a query that has to fail."""
        answer = self.ask("POST", "/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 400, answer.json
        return answer.json["errors"]

    def log(self, fields: str = "state documents{name}", **arguments: Any) -> list[Any]:
        """The entries of the transaction log, the oldest first."""
        given = "".join(f",{name}:{value}" for name, value in arguments.items())
        query = f'{{transaction_log(project_id:"practice-study",first:0,order_by_asc:"id"{given}){{{fields}}}}}'
        return self.query(query)["transaction_log"]


def study(submitter_id: str = "ST", **properties: Any) -> dict[str, Any]:
    return {
        "type": "study",
        "submitter_id": submitter_id,
        "projects": {"code": "study"},
        "study_title": "A study",
        **properties,
    }


def subject(submitter_id: str = "SU", parent: str = "ST", **properties: Any) -> dict[str, Any]:
    return {
        "type": "subject",
        "submitter_id": submitter_id,
        "studies": {"submitter_id": parent},
        "species": "Homo sapiens",
        **properties,
    }


def sample(submitter_id: str = "SA", parent: str = "SU", **properties: Any) -> dict[str, Any]:
    return {
        "type": "sample",
        "submitter_id": submitter_id,
        "subjects": {"submitter_id": parent},
        "sample_type": "Primary Tumor",
        **properties,
    }


def core_metadata(submitter_id: str = "CM", **properties: Any) -> dict[str, Any]:
    return {
        "type": "core_metadata_collection",
        "submitter_id": submitter_id,
        "projects": {"code": "study"},
        **properties,
    }


def reads(submitter_id: str = "RE", *, collections: tuple[str, ...] = ("CM",), **properties: Any) -> dict[str, Any]:
    return {
        "type": "submitted_unaligned_reads",
        "submitter_id": submitter_id,
        "core_metadata_collections": [{"submitter_id": each} for each in collections],
        "file_name": f"{submitter_id}.fastq",
        "file_size": 10,
        "md5sum": "c" * 32,
        "data_category": "Sequencing Reads",
        "data_type": "Unaligned Reads",
        "data_format": "FASTQ",
        **properties,
    }
