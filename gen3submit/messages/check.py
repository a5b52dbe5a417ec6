"""Sentences about a check that cannot be made."""

from __future__ import annotations


def checking() -> str:
    return "checking"


def reading(path: str) -> str:
    return f"reading {path}"


def existing_unreadable(path: str, why: str) -> str:
    return f"{path}: cannot be used as records already in the commons: {why}"


def no_export() -> str:
    return "a JSON export is a list of records, or an object with such a list under `data`"


def no_project() -> str:
    return "to check against a commons, name the project: `PROGRAM-CODE`"
