"""Who a caller is in a commons, and what they may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gen3submit.commons.rights import Rights, projects_in, rights_in
from gen3submit.errors import CommonsProblem
from gen3submit.messages import access as words
from gen3submit.project import ProjectId, is_addressable

if TYPE_CHECKING:
    from gen3submit.commons import Commons

METHODS = ("create", "update", "delete", "read")
"""What there is to be allowed, as people ask for it."""

SOON_DAYS = 7
"""A key that ends before is warned of."""

_MOST_PROJECTS = 1000
_DAY = 86_400
_PROGRAMS = "/services/sheepdog/submission/program"
_PROJECTS = "/services/sheepdog/submission/project"


@dataclass(frozen=True, slots=True)
class Access:
    """A caller, as a commons knows them."""

    endpoint: str
    username: str
    email: str
    credentials: str
    """Where the credentials come from: a path, an environment variable."""
    key_expires_at: float | None
    """Seconds since 1970; None where the key (or token) does not say."""
    token_expires_at: float | None
    projects: Mapping[str, Rights]
    """By project_id: the projects in which the caller may do anything."""
    known: bool
    """False where the commons listed no rights at all: it does so, too, when its rights service fails."""
    creates_programs: bool
    creates_projects: bool
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "commons": self.endpoint,
            "username": self.username,
            "email": self.email,
            "credentials": self.credentials,
            "key_expires_at": self.key_expires_at,
            "token_expires_at": self.token_expires_at,
            "rights_known": self.known,
            "creates_programs": self.creates_programs,
            "creates_projects": self.creates_projects,
            "projects": {
                project: {
                    **{method: rights.grants(method) for method in METHODS},
                    "submits": rights.submits,
                    "queries": rights.queries,
                }
                for project, rights in self.projects.items()
            },
            "warnings": list(self.warnings),
        }


def access(commons: Commons, *, now: float, project: str | ProjectId | None = None) -> Access:
    """Who the caller is, and what they may do in which project.

    Args:
        commons: the commons, with the caller's credentials.
        now: seconds since 1970.
        project: a project to look at besides those that the rights name.

    Raises:
        CommonsProblem: the commons does not know the caller, or cannot be asked.
    """
    user = commons.user()
    authz = commons.authz()
    named = {str(each): each for each in projects_in(authz)}
    if project is not None:
        named[str(project)] = ProjectId.parse(project)
    named |= {str(each): each for each in _of_programs(commons, authz)}
    every = {name: rights_in(authz, each) for name, each in sorted(named.items())[:_MOST_PROJECTS]}
    credentials = commons.credentials
    warnings = [*commons.warnings]
    expires = credentials.expires_at if credentials else None
    if expires is not None and expires - now < SOON_DAYS * _DAY and credentials is not None and credentials.key:
        warnings.append(words.key_ends_soon(credentials.source, (expires - now) / _DAY))
    return Access(
        commons.endpoint,
        str(user.get("username") or user.get("name") or ""),
        str(user.get("email") or ""),
        credentials.source if credentials else "",
        expires,
        commons.token_expires_at,
        {name: rights for name, rights in every.items() if rights.methods or rights.queries},
        isinstance(authz, Mapping) and bool(authz),
        _grants_all(authz, _PROGRAMS),
        _grants_all(authz, _PROJECTS),
        tuple(warnings),
    )


def _of_programs(commons: Commons, authz: Any) -> list[ProjectId]:
    """The projects that are reached through a right to all of them: the rights name what stands above them."""
    resources = [str(resource).rstrip("/") for resource in authz] if isinstance(authz, Mapping) else []
    above = {"/", "", "/programs"} & set(resources)
    programs = {resource.split("/")[2] for resource in resources if resource.count("/") in (2, 3) and _of(resource)}
    try:
        if above:
            programs |= set(commons.programs())
        return [
            ProjectId(program, code)
            for program in sorted(programs)
            if is_addressable(program)
            for code in commons.projects(program)
            if is_addressable(code)
        ]
    except CommonsProblem:
        return []  # what the rights name themselves is told all the same


def _of(resource: str) -> bool:
    parts = resource.split("/")
    return parts[1] == "programs" and (len(parts) == 3 or parts[3] == "projects")


def _grants_all(authz: Any, resource: str) -> bool:
    """Whether everything is granted on the resource, or on one above it."""
    parts = resource.split("/")
    above = ["/", *("/".join(parts[:length]) for length in range(2, len(parts) + 1))]
    grants = [authz.get(each) for each in above] if isinstance(authz, Mapping) else []
    return any(
        isinstance(grant, Mapping) and grant.get("service") in ("sheepdog", "*") and grant.get("method") == "*"
        for each in grants
        for grant in (each if isinstance(each, list) else ())
    )
