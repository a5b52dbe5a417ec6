"""A practice commons for the tests of what the API can do: on a socket or in process, filled, and looked at whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commons_stub import api_key
from practice import practice_dictionary

from gen3submit import Commons, Dictionary
from gen3submit.dictionary.order import node_order
from gen3submit.practice import practice_commons
from gen3submit.sandbox.app import PracticeCommons
from gen3submit.sandbox.server import Running

STUDY = Path(__file__).parent.parent / "sample_data" / "study"
STUDY_PROJECT = "practice-study"


@dataclass
class Api:
    """A client of a practice commons, and what the tests know of it."""

    commons: Commons
    dictionary: Dictionary
    project: str
    practice: PracticeCommons | None = None

    def put(self, *documents: dict[str, Any]) -> list[str]:
        """Submit documents that have to succeed; their ids."""
        answer = self.commons.submit(self.project, json.dumps(documents).encode(), document_name="test")
        assert (answer.status, answer.json["success"]) == (200, True), answer.json
        return [entity["id"] for entity in answer.json["entities"]]

    def put_table(self, content: bytes) -> dict[str, int]:
        """Submit a table that has to succeed; how many records it created and updated."""
        answer = self.commons.submit(
            self.project, content, content_type="text/tab-separated-values", document_name="test"
        )
        assert (answer.status, answer.json["success"]) == (200, True), answer.json
        return {name: answer.json[f"{name}_entity_count"] for name in ("created", "updated")}

    def put_folder(self, folder: Path) -> dict[str, int]:
        """Submit the tables of a folder, parents first."""
        total = {"created": 0, "updated": 0}
        for type_ in self.order():
            for path in sorted(folder.glob("*.tsv")):
                if path.read_bytes().split(b"\n", 2)[1].startswith(f"{type_}\t".encode()):
                    for name, number in self.put_table(path.read_bytes()).items():
                        total[name] += number
        return total

    def order(self) -> list[str]:
        """The node types, parents first."""
        return [type_ for stage in node_order(self.dictionary) for group in stage for type_ in group.types]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every record of the project as the commons holds it, by node type."""
        found = {}
        for type_ in self.order():
            if self.dictionary[type_].is_submittable and self.dictionary[type_].category != "internal":
                records = list(self.commons.export(self.project, type_))
                if records:
                    found[type_] = sorted(records, key=lambda record: record["id"])
        return found


@contextmanager
def on_a_socket(dictionary: Dictionary | None = None, project: str = STUDY_PROJECT) -> Iterator[Api]:
    """A practice commons that listens on loopback."""
    served = dictionary or practice_dictionary()
    practice = PracticeCommons(served, project=project, with_faults=True)
    with Running(practice) as running:
        yield Api(Commons(running.url, api_key(running.url)), served, project, practice)


def in_process(dictionary: Dictionary | None = None, project: str = STUDY_PROJECT) -> Api:
    """A practice commons without a network."""
    served = dictionary or practice_dictionary()
    return Api(practice_commons(served, project=project), served, project)


@contextmanager
def with_study() -> Iterator[Api]:
    """A practice commons on a socket that holds the sample study."""
    with on_a_socket() as api:
        api.put_folder(STUDY)
        yield api
