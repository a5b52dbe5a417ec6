"""A practice commons inside this process, with a client that reaches it without a network."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gen3submit.commons import Commons, InProcess
from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.sandbox.app import PracticeCommons

_HOST = "practice"
_DOMAIN = ".localhost"


def practice_commons(
    dictionary: Dictionary | None = None, data: Path | None = None, project: str = "practice-study"
) -> Commons:
    """A client of a practice commons that lives as long as the client does.

    Args:
        dictionary: the dictionary it serves; the package's own if not given.
        data: the file that keeps its records; in memory if not given.
        project: ``PROGRAM-CODE`` of a project that is made unless it is there.

    Raises:
        UsageProblem: the data file cannot be used, or `project` names none.
    """
    served = dictionary or Dictionary.load(practice_dictionary_folder())
    application = PracticeCommons(served, data, project=project)
    endpoint = _endpoint(data)
    return Commons(endpoint, application.credentials(endpoint), transport=InProcess(application))


def _endpoint(data: Path | None) -> str:
    """An address of its own for each data file, so that the runs of two files are not taken for each other's."""
    of_file = "" if data is None else "-" + hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:8]
    return f"http://{_HOST}{of_file}{_DOMAIN}"


def is_practice(endpoint: str | None) -> bool:
    """Whether the address is that of a practice commons inside a process."""
    return endpoint is not None and endpoint.startswith(f"http://{_HOST}") and endpoint.endswith(_DOMAIN)
