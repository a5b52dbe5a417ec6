"""What can go wrong between caller and commons, split by what the caller can do.

::

    CommonsProblem
    ├── Unreachable        no connection: the address, the network
    ├── NotACommons        something answered, but no commons: a web page, a redirect, no JSON
    ├── NotAuthenticated   who you are is not proved: no key, or one that is expired, revoked, or meant for another host
    ├── NotAllowed         you are known and may not (403)
    ├── NotFound           the program, project, record or path is not there (404)
    ├── Refused            the request itself is refused (other 4xx), with the server's words
    │   └── QueryRefused   the errors of a GraphQL query
    └── ServerTrouble      the commons fails or is too slow (5xx, 429, time-outs, answers that break off)

    UsageProblem
    └── CredentialsProblem the credentials given cannot be used: no such file, no key in it, a damaged key
"""

from __future__ import annotations

from typing import Any

from gen3submit.errors import CommonsProblem, UsageProblem


class Unreachable(CommonsProblem):
    """Raised when no connection could be made. Nothing was sent."""


class NotACommons(CommonsProblem):
    """Raised when what answered is not a Gen3 commons, or hides behind something that is not."""


class NotAuthenticated(CommonsProblem):
    """Raised when the commons does not know the caller, or the caller's secret is not meant for it."""


class NotAllowed(CommonsProblem):
    """Raised when the commons knows the caller and says no."""


class NotFound(CommonsProblem):
    """Raised when what is asked for is not there."""


class Refused(CommonsProblem):
    """Raised when the commons refuses the request itself.

    Attributes:
        status: the HTTP status.
        answer: the JSON value of the answer, None where there was none.
    """

    def __init__(self, message: str, *, status: int | None = None, answer: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer


class QueryRefused(Refused):
    """Raised when a GraphQL query has errors.

    Attributes:
        errors: the server's words, one text an error.
        data: what was answered beside the errors; None for most.
    """

    def __init__(self, message: str, *, status: int | None, errors: list[str], data: Any) -> None:
        super().__init__(message, status=status)
        self.errors = errors
        self.data = data


class ServerTrouble(CommonsProblem):
    """Raised when the commons fails, is too busy or too slow.

    Attributes:
        broke_off: whether the answer began as a success and broke off in the middle.
    """

    def __init__(self, message: str, *, broke_off: bool = False) -> None:
        super().__init__(message)
        self.broke_off = broke_off


class CredentialsProblem(UsageProblem):
    """Raised when the credentials that were given cannot be used."""


__all__ = [
    "CommonsProblem",
    "CredentialsProblem",
    "NotACommons",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "QueryRefused",
    "Refused",
    "ServerTrouble",
    "Unreachable",
]
