"""Faults on demand: what real services, gateways and networks do to a request, by name.

A fault is written ``NAME[@POINT][:ARGUMENT]``, such as ``status@after:504`` or ``reset@later=5``. The point says when
the fault strikes:

``before``: the request is not carried out
``within``: a submission is in the log, and nothing of it is stored; the log stays PENDING for ever
``unlogged``: all is stored, and yet the log stays PENDING for ever
``after``: all is stored and logged
``later=SECONDS``: the answer is the fault's at once; a submission is in the log, and carried out that much later
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from gen3submit.sandbox.answers import html_page, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gen3submit.rules.store import Record
    from gen3submit.sandbox.services import Services

HEADER = "X-Practice-Fault"
LOGIN_PAGE = "/login?next=/"
_FORM = re.compile(
    r"(?P<name>[a-z-]+)(?:@(?P<point>before|within|unlogged|after|later)(?:=(?P<seconds>\d+(?:\.\d+)?))?)?(?::(?P<argument>.*))?",
    re.S,
)


class ConnectionCut(ConnectionError):
    """Raised instead of an answer: the connection is reset."""


class BadFault(ValueError):
    """Raised when a fault is not written as one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, ready to strike a request."""

    name: str
    point: str = "before"
    seconds: float = 0.0
    """With `point` ``later``: how much later the request is carried out."""
    argument: str = ""

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``NAME[@POINT][:ARGUMENT]``.

        Raises:
            BadFault: it is not written so, or there is no fault of this name.
        """
        found = _FORM.fullmatch(text.strip())
        if not found or found["name"] not in {*ANSWERS, *ALTERATIONS, *ACTIONS}:
            raise BadFault(text)
        point = found["point"] or ("after" if found["name"] in ALTERATIONS else "before")
        return cls(found["name"], point, float(found["seconds"] or 0), found["argument"] or "")


@dataclass(slots=True)
class Planned:
    """A fault that waits for its requests."""

    fault: Fault
    method: str = ""
    """Only requests of this method; empty: of any."""
    path: str = ""
    """Only requests whose path holds this text; empty: any."""
    times: int = 1
    """How many requests it still strikes; negative: all."""
    skip: int = 0
    """How many matching requests it lets pass first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in."""

    method: str
    path: str
    document_name: str | None
    size: int
    fault: str | None


class Faults:
    """The faults that are planned, and the requests that came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Planned] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        """Requests by method and path."""
        self.seen: deque[Seen] = deque(maxlen=100_000)
        """The requests in the order they came."""

    def plan(self, fault: str | Fault, *, method: str = "", path: str = "", times: int = 1, skip: int = 0) -> None:
        """Let a fault strike the next requests of this method whose path holds this text."""
        parsed = Fault.parse(fault) if isinstance(fault, str) else fault
        with self._lock:
            self._planned.append(Planned(parsed, method.upper(), path, times, skip))

    def clear(self) -> None:
        """Forget every planned fault."""
        with self._lock:
            self._planned.clear()

    def planned(self) -> list[Planned]:
        """The faults that still wait."""
        with self._lock:
            return list(self._planned)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, if one does."""
        with self._lock:
            for planned in self._planned:
                if planned.method not in ("", method) or planned.path not in path:
                    continue
                if planned.skip:
                    planned.skip -= 1
                    continue
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned.fault
        return None

    def note(self, seen: Seen) -> None:
        """Count a request."""
        with self._lock:
            self.counts[seen.method, seen.path] += 1
            self.seen.append(seen)

    def writes(self, path: str = "") -> int:
        """How many requests that could change something came to paths that hold this text."""
        with self._lock:
            return sum(
                number
                for (method, at), number in self.counts.items()
                if method in ("PUT", "POST", "PATCH", "DELETE")
                and path in at
                and "/v0/submission/" in at
                and not at.endswith(("/graphql", "/graphql/", "/export"))
            )


@dataclass(slots=True)
class Hold:
    """Keeps a submission between its entry in the log and its work."""

    seconds: float = 0.0
    loses: bool = False
    """Whether nothing is stored although the answer says so."""
    forgets: bool = False
    """Whether the log is never told how it ended."""
    opened: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Tell that the entry is there, then wait."""
        self.opened.set()
        time.sleep(self.seconds)


def gateway() -> Response:
    """What a Gen3 gateway makes of every 5xx behind it."""
    return Response(
        '{ "error": "service failure - try again later"}', status=500, content_type="application/octet-stream"
    )


def _status(argument: str) -> Response:
    status, _, retry_after = argument.partition(",")
    answer = message(int(status or 503), "internal server error" if (status or "503")[0] == "5" else "refused")
    if retry_after:
        answer.headers["Retry-After"] = retry_after
    return answer


def _html(argument: str) -> Response:
    return html_page(int(argument or 200), "a page where an answer should be")


def _reset(_argument: str) -> Response:
    raise ConnectionCut


def _unauthorized(argument: str) -> Response:
    return message(401, f"Authentication Error: {argument or 'Signature has expired'}")


def _login(_argument: str) -> Response:
    return Response(status=302, headers={"Location": LOGIN_PAGE}, content_type="text/html")


ANSWERS: dict[str, Callable[[str], Response]] = {
    "status": _status,
    "html": _html,
    "gateway": lambda _: gateway(),
    "reset": _reset,
    "unauthorized": _unauthorized,
    "revoked": lambda _: html_page(401, "token is denylisted"),
    "forbidden": lambda _: message(403, "You don't have access to this resource: user is unauthorized"),
    "login": _login,
    "unable-to-write": lambda _: message(400, "Unable to write to database, please try again"),
    "malformed": lambda _: Response('{"success": true, "entities": [', content_type="application/json"),
    "empty": lambda _: Response("", content_type="application/json"),
}
"""Faults that put an answer of their own in place of the request's: name → argument → answer.

``status:503,RETRY_AFTER``, ``html:STATUS`` (200 if not given), ``unauthorized:WORDS``.
"""


def _edited(answer: Response, change: Callable[[list[Any]], list[Any]]) -> Response:
    try:
        said = json.loads(answer.get_data())
        said["entities"] = change(said["entities"])
    except (ValueError, KeyError, TypeError):
        return answer
    answer.set_data(json.dumps(said))
    return answer


def _truncate(answer: Response, argument: str) -> Response:
    body = answer.get_data()
    kept = body[: int(argument) if argument else len(body) // 2]
    cut = Response(status=answer.status_code, headers=dict(answer.headers))
    cut.response = _broken_off(kept)
    cut.headers["Content-Length"] = str(len(body))
    return cut


def _broken_off(kept: bytes) -> Iterator[bytes]:
    yield kept
    raise ConnectionCut


def _says_failure(answer: Response, _argument: str) -> Response:
    try:
        said = {**json.loads(answer.get_data()), "success": False}
    except (ValueError, TypeError):
        return answer
    answer.set_data(json.dumps(said))
    return answer


def _foreign(entities: list[Any]) -> list[Any]:
    keys = [{"project_id": "somebody-else", "submitter_id": "a record that was not sent"}]
    return [*entities[:-1], {**entities[-1], "unique_keys": keys}] if entities else entities


ALTERATIONS: dict[str, Callable[[Response, str], Response]] = {
    "truncate": _truncate,
    "drop-answer": lambda answer, n: _edited(answer, lambda found: found[: -int(n or 1)]),
    "double-answer": lambda answer, _: _edited(answer, lambda found: [*found, *found[-1:]]),
    "reorder-answers": lambda answer, _: _edited(answer, lambda found: found[::-1]),
    "foreign-answer": lambda answer, _: _edited(answer, _foreign),
    "success-false": _says_failure,
}
"""Faults that change the request's own answer: ``truncate:BYTES``, ``drop-answer:NUMBER`` and so on."""

ACTIONS = {"delay", "too-large", "lost", "edit", "remove", "expire-tokens"}
"""Faults that the app carries out itself:

``delay:SECONDS``; ``too-large:BYTES`` (413 where the body is larger); ``lost``: the answer says success and nothing
is stored; ``edit:TYPE/SUBMITTER_ID/PROPERTY=VALUE`` and ``remove:TYPE/SUBMITTER_ID``: somebody else changes or
deletes a record; ``expire-tokens``: every token given so far is refused from now on.
"""


def edit(services: Services, argument: str) -> None:
    """Change a property of every record of this type and submitter_id, as somebody else might."""
    where, _, value = argument.partition("=")
    where, _, name = where.rpartition("/")
    with services.store.work():
        for record in _named(services, where):
            record.properties[name] = value
            record.properties["updated_datetime"] = datetime.now(UTC).isoformat()
            services.store.put(record)


def remove(services: Services, argument: str) -> None:
    """Delete every record of this type and submitter_id, as somebody else might."""
    with services.store.work():
        for record in _named(services, argument):
            services.store.delete(record)


def _named(services: Services, where: str) -> list[Record]:
    type_, _, submitter_id = where.partition("/")
    return [record for record in services.store.select(type_) if record.properties.get("submitter_id") == submitter_id]
