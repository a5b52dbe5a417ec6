"""Names a project of a commons: `PROGRAM-CODE`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words

_NEW_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")

# Sheepdog and the gateway answer these paths themselves, so a program of that name could never be reached.
_TAKEN_PROGRAM_NAMES = frozenset({"admin", "getschema", "graphql", "template", "validation"})


@dataclass(frozen=True, slots=True)
class ProjectId:
    """A project: the program's name and the project's code. `str()` of it is the project_id.

    Raises:
        UsageProblem: a name is empty, or cannot stand in a path (`/`, `..`, control characters, spaces at its ends).
    """

    program: str
    code: str

    def __post_init__(self) -> None:
        for name in (self.program, self.code):
            if not is_addressable(name):
                raise UsageProblem(words.unusable_project(str(self)))

    @classmethod
    def parse(cls, text: str | ProjectId) -> ProjectId:
        """The project that `text` names; the program ends at the first hyphen, as it does for the Gen3 services."""
        if isinstance(text, ProjectId):
            return text
        program, hyphen, code = text.partition("-")
        if not hyphen:
            raise UsageProblem(words.no_project_id(text))
        return cls(program, code)

    def __str__(self) -> str:
        return f"{self.program}-{self.code}"


def is_addressable(name: str) -> bool:
    """Whether the services can be asked for a program, project or node type of this name."""
    return (
        bool(name)
        and name == name.strip()
        and name not in {".", ".."}
        and "/" not in name
        and "\\" not in name
        and all(character.isprintable() for character in name)
    )


def check_new_program(name: str) -> None:
    """Refuse a program name that the commons would take, but that makes trouble later.

    Raises:
        UsageProblem: other characters than letters, digits, `_` and `.`; or a path that the services use themselves.
    """
    # project_id is split at the first hyphen: the projects of a program `a-b` would seem to be of the program `a`.
    if not _NEW_NAME.fullmatch(name) or "-" in name:
        raise UsageProblem(words.bad_new_program(name))
    if name.lower() in _TAKEN_PROGRAM_NAMES:
        raise UsageProblem(words.taken_program_name(name))


def check_new_project(code: str) -> None:
    """Refuse a project code that the commons would take, but that makes trouble later.

    Raises:
        UsageProblem: other characters than letters, digits, `_`, `.` and `-`.
    """
    if not _NEW_NAME.fullmatch(code):
        raise UsageProblem(words.bad_new_project(code))
