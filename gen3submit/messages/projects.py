"""Sentences about programs and projects."""

from __future__ import annotations

from gen3submit.messages.wording import shown


def created_program(name: str, endpoint: str) -> str:
    return f"created the program {shown(name)} on {endpoint}"


def created_project(project: str, endpoint: str) -> str:
    return f"created the project {shown(project)} on {endpoint}; who may submit to it, its administrators decide"


def program_there(name: str, endpoint: str) -> str:
    return f"the program {shown(name)} was on {endpoint} already; nothing was changed"


def project_there(project: str, endpoint: str) -> str:
    return f"the project {shown(project)} was on {endpoint} already; nothing was changed"


def state_changed(project: str, state: str) -> str:
    if state == "open":
        return f"{shown(project)} is open: it takes submissions"
    return f"{shown(project)} is in review: it takes no submissions until `gen3submit project open {project}`"


def none() -> str:
    return "the commons has no projects"
