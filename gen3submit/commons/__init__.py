"""A Gen3 commons (Fence, Sheepdog, Peregrine, indexd) as a caller sees it; the one part that speaks HTTP."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gen3submit.commons.answer import Answer
    from gen3submit.commons.client import Commons
    from gen3submit.commons.credentials import Credentials
    from gen3submit.commons.in_process import InProcess
    from gen3submit.commons.rights import Rights
    from gen3submit.commons.transactions import LoggedDocument, Transaction

__all__ = ["Answer", "Commons", "Credentials", "InProcess", "LoggedDocument", "Rights", "Transaction"]

_PLACES = {
    "Answer": "answer",
    "Commons": "client",
    "Credentials": "credentials",
    "InProcess": "in_process",
    "LoggedDocument": "transactions",
    "Rights": "rights",
    "Transaction": "transactions",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and requests with it, only when it is asked for."""
    if name in _PLACES:
        return getattr(import_module(f"gen3submit.commons.{_PLACES[name]}"), name)
    raise AttributeError(name)
