"""What a caller may do in a project, from the rights that Fence and Arborist list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gen3submit.project import ProjectId, is_addressable

_ALL = "*"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the services let a caller do in one project."""

    known: bool
    """False where the commons listed no rights at all: it does so, with status 200, when its rights service fails."""
    methods: frozenset[str]
    """What Sheepdog lets the caller do: `create`, `read`, `update`, `delete`, `release` …; `*` for everything."""
    queries: bool
    """Whether GraphQL and the transaction log show the project. A submitter may lack this."""

    def grants(self, method: str) -> bool:
        """Whether Sheepdog lets the caller do this."""
        return method in self.methods or _ALL in self.methods

    @property
    def submits(self) -> bool:
        """Whether records can be sent with PUT, which needs two rights."""
        return self.grants("create") and self.grants("update")


def rights_in(authz: Any, project: ProjectId) -> Rights:
    """The rights for one project; those granted for what stands above it count too."""
    methods: set[str] = set()
    queries = False
    path = ""
    resources = ["/"]
    for part in ("programs", project.program, "projects", project.code):
        path += f"/{part}"
        resources.append(path)
    for resource in resources:
        for service, method in _granted(authz, resource):
            if service in {"sheepdog", _ALL}:
                methods.add(method)
            if service in {"peregrine", _ALL} and method in {"read", _ALL}:
                queries = True
    return Rights(isinstance(authz, Mapping) and bool(authz), frozenset(methods), queries)


def projects_in(authz: Any) -> list[ProjectId]:
    """The projects that the rights name one by one."""
    found = []
    for resource in authz if isinstance(authz, Mapping) else ():
        parts = str(resource).split("/")
        is_project = len(parts) == 5 and (parts[0], parts[1], parts[3]) == ("", "programs", "projects")
        if is_project and is_addressable(parts[2]) and is_addressable(parts[4]):
            found.append(ProjectId(parts[2], parts[4]))
    return found


def _granted(authz: Any, resource: str) -> list[tuple[str, str]]:
    grants = authz.get(resource) if isinstance(authz, Mapping) else None
    return [
        (str(grant.get("service")), str(grant.get("method")))
        for grant in (grants if isinstance(grants, list) else ())
        if isinstance(grant, Mapping)
    ]
