"""Which exception an answer is for a caller who expects success."""

from __future__ import annotations

from dataclasses import dataclass

from gen3submit.commons.answer import Answer
from gen3submit.commons.errors import (
    CommonsProblem,
    NotACommons,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Refused,
    ServerTrouble,
    Unreachable,
)
from gen3submit.messages import commons as words


@dataclass(frozen=True, slots=True)
class Asking:
    """What was asked of whom, for the sentences."""

    endpoint: str
    asked: str
    seconds: float
    """How long an answer was waited for."""
    largest: int
    """How many bytes of it would have been read."""


def error_of(answer: Answer, asking: Asking, reason: str = "") -> CommonsProblem | None:
    """What is wrong with an answer; None for a whole one with a 2xx status.

    Args:
        answer: what came back.
        asking: what was asked.
        reason: why no connection could be made, in words.
    """
    endpoint, asked = asking.endpoint, asking.asked
    if answer.status is None:
        if answer.problem == "refused":
            return Unreachable(words.unreachable(endpoint, reason))
        if answer.problem == "timeout":
            return ServerTrouble(words.timed_out(endpoint, asked, asking.seconds))
        return ServerTrouble(words.broke_off(endpoint, asked))
    if answer.problem == "redirect":
        return NotACommons(words.redirected(endpoint, asked, answer.headers.get("location", "")))
    if answer.status >= 400:
        return _refusal(answer, answer.status, asking)
    match answer.problem:
        case None:
            return None
        case "timeout" | "truncated":
            return ServerTrouble(words.truncated(endpoint, asked), broke_off=True)
        case "html":
            return NotACommons(words.web_page(endpoint, asked, answer.server_words))
        case "too-large":
            return ServerTrouble(words.too_large(endpoint, asked, asking.largest))
        case "too-deep":
            return NotACommons(words.too_deep(endpoint, asked))
        case _:
            return NotACommons(words.not_json(endpoint, asked))


def _refusal(answer: Answer, status: int, asking: Asking) -> CommonsProblem:
    endpoint, asked, said = asking.endpoint, asking.asked, answer.server_words
    match status:
        case 401:
            return NotAuthenticated(words.not_authenticated(endpoint, asked, said))
        case 403:
            return NotAllowed(words.not_allowed(endpoint, asked, said))
        case 404 if answer.problem == "html":
            return NotACommons(words.web_page(endpoint, asked, said))
        case 404:
            return NotFound(words.not_found(endpoint, asked, said))
        case 429:
            return ServerTrouble(words.too_many_requests(endpoint, asked, answer.retry_after))
        case _ if status >= 500:
            return ServerTrouble(words.server_trouble(endpoint, asked, status, said, answer.retry_after))
        case _:
            return Refused(words.refused(endpoint, asked, status, said), status=status, answer=answer.json)
