"""What the practice commons says to the person who runs it.

(What it answers to requests are the real services' own words; they stand where the rule is.)
"""

from __future__ import annotations


def data_unusable(path: str, reason: str) -> str:
    """The database file cannot be opened."""
    return f"the data file `{path}` cannot be used: {reason}"


def data_of_others(path: str) -> str:
    """The database file is not ours."""
    return f"`{path}` is a database of another program; name a file of its own for the practice commons"


def data_of_other_version(path: str, found: int, wanted: int) -> str:
    """The database file was made by another version."""
    return f"`{path}` was made by another version of the practice commons (layout {found}, this one reads {wanted})"


def not_a_project(text: str) -> str:
    """The project option holds no project."""
    return f"`{text}` is no project; it is written `PROGRAM-CODE`, such as `practice-study`"


def port_unusable(port: int, reason: str) -> str:
    """The port is taken or forbidden."""
    return f"port {port} cannot be used: {reason}; `--port 0` takes any that is free"
