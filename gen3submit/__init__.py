"""Check and submit metadata to a Gen3 data commons, with nothing lost.

The public names; each is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gen3submit.checking import check
    from gen3submit.commons import Commons
    from gen3submit.dictionary import Dictionary
    from gen3submit.errors import CommonsProblem, Gen3SubmitError, UsageProblem
    from gen3submit.findings import CheckResult, Finding
    from gen3submit.fixing import FixResult, fix
    from gen3submit.planning import Plan, plan
    from gen3submit.practice import practice_commons
    from gen3submit.submit import SubmissionReport, prepare, resume, runs, undo, upload, verify

__all__ = [
    "CheckResult",
    "Commons",
    "CommonsProblem",
    "Dictionary",
    "Finding",
    "FixResult",
    "Gen3SubmitError",
    "Plan",
    "SubmissionReport",
    "UsageProblem",
    "check",
    "fix",
    "plan",
    "practice_commons",
    "prepare",
    "resume",
    "runs",
    "undo",
    "upload",
    "verify",
]
__version__ = "0.1.0"

_PLACES = {
    "CheckResult": "findings",
    "Commons": "commons",
    "CommonsProblem": "errors",
    "Dictionary": "dictionary",
    "Finding": "findings",
    "FixResult": "fixing",
    "Gen3SubmitError": "errors",
    "Plan": "planning",
    "SubmissionReport": "submit",
    "UsageProblem": "errors",
    "check": "checking",
    "fix": "fixing",
    "plan": "planning",
    "practice_commons": "practice",
    "prepare": "submit",
    "resume": "submit",
    "runs": "submit",
    "undo": "submit",
    "upload": "submit",
    "verify": "submit",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and the libraries it needs with it, only when it is asked for."""
    if name in _PLACES:
        return getattr(import_module(f"gen3submit.{_PLACES[name]}"), name)
    raise AttributeError(name)
