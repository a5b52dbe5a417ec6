"""What came back for one request: read within bounds, taken to pieces, and told what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, Literal

from gen3submit.commons.errors import CommonsProblem
from gen3submit.commons.parsing import parse_shallow
from gen3submit.messages.commons import quoted

Problem = Literal[
    "refused",  # no connection could be made: refused, no such host, certificate, no connection in time
    "unauthenticated",  # no access token could be got, so nothing was sent
    "timeout",  # sent, and no (complete) answer in time
    "reset",  # the connection broke before the answer
    "truncated",  # the answer broke off
    "redirect",
    "html",  # a web page where JSON was expected
    "not-json",
    "too-large",
    "too-deep",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request met. Nothing in it, nor its `repr`, holds a secret of the caller."""

    status: int | None
    """The HTTP status; None where no answer came."""
    json: Any = field(default=None, repr=False)
    """The JSON value of the body; None where it is none."""
    text: str = field(default="", repr=False)
    """The body as text."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case; without cookies."""
    elapsed: float = 0.0
    """Seconds from the beginning of the request to the end of the answer."""
    problem: Problem | None = None
    """Why the answer cannot be relied on; None for any whole JSON answer, a 400 or 500 too."""
    sent: bool = True
    """False only where it is certain that no part of the request reached the commons."""
    error: CommonsProblem | None = field(default=None, repr=False)
    """What a caller who expects success raises; None for a whole answer with a 2xx status."""
    token_number: int = 0
    """Which access token it was sent with; for `Commons.renew`."""

    @property
    def words(self) -> str:
        """One sentence on what is wrong; empty where nothing is."""
        return str(self.error) if self.error is not None else ""

    @property
    def server_words(self) -> str:
        """What the commons itself said is wrong, on one line; empty where it said nothing."""
        return server_words(self.json, self.text)

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait that the commons asks for; None where it does not."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            # Its own clock, not ours, is what its date is counted from.
            until = parsedate_to_datetime(value)
            since = parsedate_to_datetime(self.headers.get("date", ""))
            return max(0.0, (until - since).total_seconds())
        except (ValueError, TypeError):
            return None


def parsed(raw: bytes, content_type: str) -> tuple[Any, str, Problem | None]:
    """The JSON value and the text of a body, and what is wrong with it where JSON was expected."""
    text = raw.decode("utf-8-sig", errors="replace")
    try:
        value = parse_shallow(text)
        problem: Problem | None = None
    except RecursionError:
        return None, text, "too-deep"
    except ValueError:  # no JSON, or a number of more digits than Python takes
        value, problem = None, "not-json"
    if problem is None:
        return value, text, None
    if is_web_page(text, content_type):
        return None, text, "html"
    if text.lstrip()[:1] in {"{", "["}:
        return None, text, "truncated"
    return None, text, problem


def is_web_page(text: str, content_type: str) -> bool:
    """Whether a body is HTML. The content type alone does not tell: manifests and templates come as `text/html`."""
    start = text[:1000].lstrip().lower()
    return start.startswith(("<!doctype html", "<html")) or ("html" in content_type.lower() and start.startswith("<"))


def server_words(value: Any, text: str) -> str:
    """What an answer says in words, on one line; empty where it says nothing."""
    if isinstance(value, Mapping):
        for name in ("message", "error", "errors", "msg", "transactional_errors"):
            said = value.get(name)
            if said:
                return quoted("; ".join(_texts(said)))
        return ""
    if value is not None:
        return ""
    if not is_web_page(text, "html"):
        return quoted(text)
    # Fence answers errors with a page; its own words stand behind "Error Message:".
    page = text[:20_000]
    found = re.search(r"Error Message:(.{0,2000})", page, re.DOTALL | re.IGNORECASE)
    if found is None:
        found = re.search(r"<title[^>]{0,200}>(.{0,500}?)</title", page, re.DOTALL | re.IGNORECASE)
    pieces = re.split(r"<[^<>]*>", found[1]) if found else []
    return quoted(unescape(next((piece for piece in pieces if piece.strip()), "")))


def _texts(said: Any) -> list[str]:
    if isinstance(said, list):
        return [text for item in said[:5] for text in _texts(item)]
    if isinstance(said, Mapping):
        return _texts(said.get("message") or json.dumps(said))
    return [str(said)]
