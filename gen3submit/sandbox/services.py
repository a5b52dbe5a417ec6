"""What every view of the practice commons works with."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary import Dictionary
from gen3submit.rules.documents import TableReader
from gen3submit.rules.store import Record
from gen3submit.rules.submission import Submissions
from gen3submit.sandbox.answers import refuse
from gen3submit.sandbox.log import TransactionLog
from gen3submit.sandbox.storage import SqliteStore

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from gen3submit.sandbox.auth import Tokens
    from gen3submit.sandbox.graphql.schema import Schema

PREFIX = "/api/v0/submission"
PROGRAM_SEED = uuid.UUID("85b08c6a-56a6-4474-9c30-b65abfd214a8")
PROJECT_SEED = uuid.UUID("249b4405-2c69-45d9-96bc-7410333d5d80")
"""Sheepdog derives the ids of programs and projects from these: they are the same in every commons."""


@dataclass
class Services:
    """The state that the views share."""

    dictionary: Dictionary
    store: SqliteStore
    tokens: Tokens
    row_delay: float = 0.0
    """Seconds that each submitted row takes besides the work itself."""
    log: TransactionLog = field(init=False)
    _making: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.log = TransactionLog(self.store)

    @cached_property
    def served(self) -> dict[str, Any]:
        """What ``_dictionary/_all`` answers."""
        return self.dictionary.served()

    @cached_property
    def submissions(self) -> Submissions:
        """The rules of a submission, for this dictionary."""
        return Submissions(self.dictionary.nodes)

    @cached_property
    def reader(self) -> TableReader:
        """Reads TSV and CSV bodies."""
        return TableReader(self.dictionary.nodes)

    @property
    def graphql(self) -> Schema:
        """The GraphQL schema of the dictionary; made when it is first asked for."""
        with self._making:
            return self._graphql

    @cached_property
    def _graphql(self) -> Schema:
        from gen3submit.sandbox.graphql.schema import Schema  # noqa: PLC0415  loads graphql-core only when asked

        return Schema(self)

    def program(self, name: str) -> Record | None:
        """The program of exactly this name."""
        found = self.store.find("program", {"name": name})
        return next((record for record in found if record.properties.get("name") == name), None)

    def project(self, program: str, code: str) -> Record | None:
        """The project of exactly this code in the program of exactly this name."""
        for record in self.store.find("project", {"code": code}):
            if record.properties.get("code") == code:
                owner = self.store.parents(record, "programs")
                if owner and owner[0].properties.get("name") == program:
                    return record
        return None

    def projects(self, program: Record) -> list[Record]:
        """The projects of a program."""
        return self.store.children(program, "project", "programs")

    def project_ids(self) -> list[str]:
        """``<program>-<code>`` of every project."""
        return [
            f"{program.properties.get('name')}-{project.properties.get('code')}"
            for program in self.store.select("program")
            for project in self.projects(program)
        ]

    def resources(self) -> list[str]:
        """The resources that Arborist would know: programs, projects, and the right to make them."""
        found = ["/services/sheepdog/submission/program", "/services/sheepdog/submission/project"]
        for program in self.store.select("program"):
            name = program.properties.get("name")
            found.append(f"/programs/{name}")
            found += [
                f"/programs/{name}/projects/{project.properties.get('code')}" for project in self.projects(program)
            ]
        return found

    def require_program(self, name: str) -> Record:
        """The program, or the refusal of the calls that look no further."""
        found = self.program(name)
        if found is None:
            raise refuse(404, f"program {name} not found")
        return found

    def require_project(self, program: str, code: str) -> Record:
        """The project, or the refusal of the calls that need one."""
        if self.program(program) is None:
            raise refuse(404, f"Program {program} not found")
        found = self.project(program, code)
        if found is None:
            raise refuse(404, f"Project {code} not found")
        return found


def require_state(request: Request, project: Record, *states: str) -> None:
    """Refuse what the project's state does not allow."""
    state = project.properties.get("state")
    if state not in states:
        raise refuse(
            400,
            f"Project is in state '{state}', which prevents {request.path}. In order to perform this action,"
            f" the project must be in state <{' or '.join(states)}>.",
        )
