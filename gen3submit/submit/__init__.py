"""Submitting: sent in order, nothing lost, every row told; and resuming, verifying, undoing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gen3submit.submit.circumstances import Circumstances
    from gen3submit.submit.listing import RunSummary, runs
    from gen3submit.submit.patience import Patience
    from gen3submit.submit.recovery import recover
    from gen3submit.submit.report import SubmissionReport
    from gen3submit.submit.stopping import Stop
    from gen3submit.submit.undoing import UndoPlan, undo
    from gen3submit.submit.unfinished import UnfinishedSubmission
    from gen3submit.submit.uploading import prepare, resume, upload
    from gen3submit.submit.verifying import Verification, verify

__all__ = [
    "Circumstances",
    "Patience",
    "RunSummary",
    "Stop",
    "SubmissionReport",
    "UndoPlan",
    "UnfinishedSubmission",
    "Verification",
    "prepare",
    "recover",
    "resume",
    "runs",
    "undo",
    "upload",
    "verify",
]

_PLACES = {
    "Circumstances": "circumstances",
    "Patience": "patience",
    "RunSummary": "listing",
    "Stop": "stopping",
    "SubmissionReport": "report",
    "UndoPlan": "undoing",
    "UnfinishedSubmission": "unfinished",
    "Verification": "verifying",
    "prepare": "uploading",
    "recover": "recovery",
    "resume": "uploading",
    "undo": "undoing",
    "upload": "uploading",
    "verify": "verifying",
    "runs": "listing",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only when it is asked for."""
    if name in _PLACES:
        return getattr(import_module(f"gen3submit.submit.{_PLACES[name]}"), name)
    raise AttributeError(name)
