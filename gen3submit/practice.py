"""A practice commons inside this process, with a client that reaches it without a network."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

from gen3submit.commons import Commons, InProcess
from gen3submit.dictionary import Dictionary, practice_dictionary_folder
from gen3submit.sandbox.app import PracticeCommons

ENDPOINT = "http://practice.localhost"
_DAY = 86_400


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
    return Commons(ENDPOINT, _any_key(), transport=InProcess(application))


def _any_key() -> dict[str, str]:
    """An API key in the form of Fence's; the practice commons takes any."""
    now = int(time.time())
    claims = {"iss": f"{ENDPOINT}/user", "pur": "api_key", "sub": "1", "iat": now, "exp": now + 30 * _DAY}
    parts = ({"alg": "none"}, claims, {"signature": "none"})
    key = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return {"api_key": key, "key_id": "practice"}
