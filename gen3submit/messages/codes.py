"""The page of each finding code: what it means, what the server does and why, and how to mend it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FAMILIES = {
    "values": "values and columns",
    "identity": "which record a row is",
    "links": "parents",
    "structure": "files and rows",
    "changes": "what the server changes or keeps without a word",
    "files": "data files on this computer",
}
"""The families of codes, in the order in which they are listed, with their titles."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """All that is told of a finding code."""

    code: str
    family: str
    """A key of `FAMILIES`."""
    severity: str
    """``error`` or ``warning``."""
    about: str
    """``row`` or ``file``: what a finding of this code is about."""
    title: str
    """In a few words."""
    meaning: str
    server: str
    """What the server does with such data, and why."""
    mend: str
    """How to put it right."""
    example: str


@cache
def codes() -> tuple[CodePage, ...]:
    """The page of every code, family by family."""
    pages = tomllib.loads(files("gen3submit.messages").joinpath("codes.toml").read_text("utf-8"))
    return tuple(CodePage(code, **{name: text.strip() for name, text in page.items()}) for code, page in pages.items())


def code_page(code: str) -> CodePage | None:
    """The page of this code; None where there is no such code."""
    return next((page for page in codes() if page.code == code), None)
