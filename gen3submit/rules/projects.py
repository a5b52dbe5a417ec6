"""The ids of programs and projects, which Sheepdog derives from their names: the same in every commons."""

from __future__ import annotations

import uuid

_PROGRAM_SEED = uuid.UUID("85b08c6a-56a6-4474-9c30-b65abfd214a8")
_PROJECT_SEED = uuid.UUID("249b4405-2c69-45d9-96bc-7410333d5d80")


def program_record_id(name: str) -> str:
    """The id of the program with this name."""
    return str(uuid.uuid5(_PROGRAM_SEED, name))


def project_record_id(code: str) -> str:
    """The id of the project with this code."""
    return str(uuid.uuid5(_PROJECT_SEED, code))
