"""The projects of a commons with their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gen3submit.errors import CommonsProblem
from gen3submit.project import is_addressable


class CommonsLike(Protocol):
    """What is asked of a commons here."""

    def programs(self) -> list[str]:
        """The names of all programs."""

    def projects(self, program: str) -> list[str]:
        """The codes of the projects of a program."""

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data that a GraphQL query gives."""


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project of a commons."""

    program: str
    code: str
    state: str | None
    """``open`` or ``review``; None where the caller may not read the project by GraphQL."""

    @property
    def project_id(self) -> str:
        """``PROGRAM-CODE``."""
        return f"{self.program}-{self.code}"

    def to_dict(self) -> dict[str, Any]:
        """The project for machines."""
        return {"project_id": self.project_id, "program": self.program, "code": self.code, "state": self.state}


def list_projects(commons: CommonsLike, programs: Iterable[str] = ()) -> list[ListedProject]:
    """The projects of these programs, or of all, in the order of their names.

    Raises:
        NotFound: there is no such program.
        CommonsProblem: the commons cannot be asked.
    """
    names = list(programs) or [name for name in commons.programs() if is_addressable(name)]
    states = _states(commons)
    return [
        ListedProject(program, code, states.get(f"{program}-{code}"))
        for program in sorted(names)
        for code in sorted(commons.projects(program))
    ]


def _states(commons: CommonsLike) -> dict[str, str]:
    try:
        found = commons.query("{project(first: 0) {project_id state}}").get("project")
    except CommonsProblem:
        return {}  # who may list projects need not have any right to GraphQL
    return {
        str(each["project_id"]): str(each["state"])
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, Mapping) and each.get("project_id") and each.get("state")
    }
