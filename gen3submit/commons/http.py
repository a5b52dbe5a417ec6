"""Sends one HTTP request and reads its answer within bounds; repeats it only where it is a read.

No other module of the package opens a connection to a commons.
"""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from typing import IO, Any, Literal
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError, ReadTimeoutError

from gen3submit import __version__
from gen3submit.commons.address import is_loopback
from gen3submit.commons.answer import Answer, Problem, is_web_page, parsed
from gen3submit.commons.clock import Clock
from gen3submit.commons.credentials import Secret
from gen3submit.commons.verdict import Asking, error_of
from gen3submit.messages import commons as words

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 330.0
"""The gateways give up after 300 s; waiting a little longer gets their answer instead of none."""
LARGEST_ANSWER = 256 * 2**20
LARGEST_DOWNLOAD = 64 * 2**30

_BLOCK = 64 * 1024
_ATTEMPTS = 4
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
_RETRY_BUDGET = 120.0
_MOST_REDIRECTS = 5
_SHORTEST_SECRET = 8
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the commons."""

    method: str
    path: str
    """Path and query below the endpoint, every part escaped."""
    asked: str
    """What it asks for, as messages say it."""
    body: bytes | None = field(default=None, repr=False)
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    expects: Literal["json", "text", "nothing"] = "json"
    """`text`: anything but a web page will do."""
    patient: bool = True
    """Whether it is asked again where the answer breaks off."""
    token: Secret | None = None
    hides: tuple[Secret, ...] = ()
    """Secrets in the body; an answer that repeats them is not to be shown."""


class _Bearer(AuthBase):
    """Proves who we are with the access token, or with nothing: then requests does not look into `~/.netrc`."""

    def __init__(self, token: Secret | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


class Http:
    """The connections to one commons. Fit for several threads at once."""

    def __init__(
        self,
        endpoint: str,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        transport: BaseAdapter | None = None,
        progress: Callable[[str], None] | None = None,
        clock: Clock | None = None,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self.endpoint = endpoint
        self._answer_seconds = answer_seconds
        self._largest_answer = largest_answer
        self._progress = progress or (lambda _: None)
        self._clock = clock or Clock()
        self._answered = False
        self._transport = transport
        self._headers = {
            "User-Agent": f"gen3submit/{__version__}",
            "Accept": "application/json, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }
        self._reads = self._session()

    def _session(self) -> requests.Session:
        session = requests.Session()
        # A POST with cookies would need a CSRF header too; and nobody else's session is to be taken up.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Proxies and certificates are taken from the environment, as everywhere; never for this very computer.
        session.trust_env = not is_loopback(self.endpoint)
        session.headers.update(self._headers)
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=32, max_retries=0))
        if self._transport is not None:
            session.mount(f"{self.endpoint}/", self._transport)
        return session

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._reads.close()

    def write(self, request: Request) -> Answer:
        """Send the request once: no second try, no redirect. Never raises for what the network or the commons does."""
        # A connection of its own for each: one that the other side closes while it is idle, just when it is taken up
        # again, would make the outcome unclear.
        with self._session() as session:
            session.headers["Connection"] = "close"
            return self._once(session, request, None)

    def read(self, request: Request, sink: IO[bytes] | None = None) -> Answer:
        """Send the request, and again where that can help; for what changes nothing, whatever its method.

        Args:
            request: what to ask.
            sink: where the body of a success goes instead of into memory; emptied before each try.
        """
        begin = self._clock.monotonic()
        redirects = attempt = 0
        while True:
            if sink is not None:
                sink.seek(0)
                sink.truncate()
            answer = self._once(self._reads, request, sink)
            if answer.problem == "redirect" and redirects < _MOST_REDIRECTS and request.method == "GET":
                path = self._same_origin_path(request, answer)
                if path is not None:
                    redirects += 1
                    request = replace(request, path=path)
                    continue
            attempt += 1
            pause = self._pause(answer, attempt) if request.patient or answer.problem != "truncated" else None
            if pause is None or self._clock.monotonic() - begin + pause > _RETRY_BUDGET:
                return answer
            why = words.waiting_for_connection()
            if answer.status is not None and answer.problem is None:
                why = words.waiting_for_status(answer.status)
            self._progress(words.waiting(self.endpoint, why, pause))
            self._clock.sleep(pause)

    def _pause(self, answer: Answer, attempt: int) -> float | None:
        """How long to wait before the next try; None for no further one."""
        # A commons that was never reached is more likely misspelt than restarting.
        broken = answer.problem in {"reset", "truncated"} or (answer.problem == "refused" and self._answered)
        if attempt >= _ATTEMPTS or not (broken or answer.status in _TRANSIENT):
            return None
        wished = answer.retry_after
        if wished is not None:
            return wished + random.uniform(0, 1) if wished <= _LONGEST_PAUSE else None  # noqa: S311  no cryptography
        return _FIRST_PAUSE * float(2 ** (attempt - 1)) * random.uniform(0.75, 1.5)  # noqa: S311  no cryptography

    def _same_origin_path(self, request: Request, answer: Answer) -> str | None:
        """Where a redirect leads on this commons; None where it leads away from it."""
        try:
            target = urlsplit(urljoin(self.endpoint + request.path, answer.headers.get("location", "")))
            origin = f"{target.scheme}://{target.netloc}"
        except ValueError:
            return None
        return target.path + (f"?{target.query}" if target.query else "") if origin == self.endpoint else None

    def _once(self, session: requests.Session, request: Request, sink: IO[bytes] | None) -> Answer:
        clock = self._clock
        begin = clock.monotonic()
        response, problem, sent, reason = self._opened(session, request)
        if response is None:
            assert problem is not None
            answer = Answer(None, elapsed=clock.monotonic() - begin, problem=problem, sent=sent)
            return self._judged(answer, request, reason)
        self._answered = True
        status = response.status_code
        headers = {
            name.lower(): _hide(value.encode("utf-8", "replace"), request).decode("utf-8", "replace")
            for name, value in response.headers.items()
            if name.lower() != "set-cookie"
        }
        to_sink = sink if sink is not None and 200 <= status < 300 else None
        try:
            raw, problem = self._body(response, to_sink, begin)
        finally:
            response.close()
        content_type = headers.get("content-type", "")
        value, text = None, ""
        if raw is not None and problem in {None, "truncated"}:
            raw = _hide(raw, request)
            if request.expects == "json" or status >= 300:
                value, text, found = parsed(raw, content_type) if raw or status != 204 else (None, "", None)
            else:
                text = raw.decode("utf-8-sig", errors="replace")
                found = "html" if request.expects == "text" and is_web_page(text, content_type) else None
            problem = problem or found
        if 300 <= status < 400:
            problem = "redirect"
        answer = Answer(status, value, text, headers, clock.monotonic() - begin, problem)
        return self._judged(answer, request)

    def _judged(self, answer: Answer, request: Request, reason: str = "") -> Answer:
        """The answer together with what a caller who expects success would raise."""
        asking = Asking(self.endpoint, request.asked, self._answer_seconds, self._largest_answer)
        return replace(answer, error=error_of(answer, asking, reason))

    def _opened(
        self, session: requests.Session, request: Request
    ) -> tuple[requests.Response | None, Problem | None, bool, str]:
        """The answer up to its body; or what was met instead, whether anything was sent, and the reason in words."""
        try:
            response = session.request(
                request.method,
                self.endpoint + request.path,
                # As a file it is sent block by block. In one piece, all of it would have to leave within the time
                # that the socket has for connecting.
                data=BytesIO(request.body) if request.body is not None else None,
                headers={**request.headers, **({"Content-Type": request.content_type} if request.content_type else {})},
                auth=_Bearer(request.token),
                timeout=(CONNECT_SECONDS, self._answer_seconds),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # Nothing is raised in here: the exception carries the request, and that the token.
            return None, *_met(error)
        return response, None, True, ""

    def _body(
        self, response: requests.Response, sink: IO[bytes] | None, begin: float
    ) -> tuple[bytes | None, Problem | None]:
        """The body, as far as it came and fits, and what is wrong with it; into `sink` where there is one."""
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            return None, "not-json"
        content = bytearray()
        size = 0
        limit = self._largest_answer if sink is None else LARGEST_DOWNLOAD
        while True:
            try:
                # `read` would wait until the whole block is there, however slowly it comes.
                part = response.raw.read1(_BLOCK, decode_content=True)
            except (HTTPError, OSError) as error:
                timed_out = isinstance(error, ReadTimeoutError | TimeoutError)
                return bytes(content), "timeout" if timed_out else "truncated"
            if not part:
                break
            size += len(part)
            if size > limit:
                return None, "too-large"
            if sink is None:
                content += part
                # The socket's own time-out is for each part; this one is for a server that drips.
                if self._clock.monotonic() - begin > 2 * self._answer_seconds:
                    return bytes(content), "timeout"
                continue
            if size == len(part) and is_web_page(
                part[:1000].decode("utf-8", "replace"), response.headers.get("Content-Type", "")
            ):
                return None, "html"
            sink.write(part)
        return (bytes(content) if sink is None else None), "truncated" if _is_short(response) else None


def _is_short(response: requests.Response) -> bool:
    """Whether fewer bytes came than were announced; older urllib3 does not tell."""
    announced = response.headers.get("Content-Length", "")
    if not announced.isascii() or not announced.isdigit():
        return False
    try:
        return int(response.raw.tell()) < int(announced)
    except (AttributeError, OSError):
        return False


def _met(error: Exception) -> tuple[Problem, bool, str]:
    """What an exception of requests means: the problem, whether anything may have been sent, and the reason."""
    reason: Any = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(error, requests.exceptions.ProxyError):
        return "refused", False, words.reason_proxy()
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "refused", False, words.reason_connect_timeout(CONNECT_SECONDS)
    if isinstance(reason, NameResolutionError):
        return "refused", False, words.reason_unknown_host()
    if isinstance(reason, NewConnectionError):
        refused = isinstance(reason.__cause__, ConnectionRefusedError) or "refused" in str(reason)
        return "refused", False, words.reason_refused() if refused else words.reason_no_connection()
    if isinstance(error, requests.exceptions.SSLError) and _is_certificate(reason):
        return "refused", False, words.reason_certificate()
    if isinstance(error, requests.Timeout):
        return "timeout", True, ""
    if isinstance(error, ValueError):  # requests refuses the address or a header before it opens anything
        return "refused", False, words.reason_no_connection()
    return "reset", True, ""


def _is_certificate(error: Any) -> bool:
    """Whether the commons could not prove who it is; other TLS errors may come in the middle of things."""
    return isinstance(error, BaseException) and (
        isinstance(error, ssl.SSLCertVerificationError)
        or "CERTIFICATE_VERIFY_FAILED" in str(error)
        or any(isinstance(inner, ssl.SSLCertVerificationError) for inner in error.args)
    )


def _hide(content: bytes, request: Request) -> bytes:
    """The content without our own secrets, should the other side repeat them."""
    for secret in (request.token, *request.hides):
        # Replacing something of a few characters would only spoil the answer.
        if secret is not None and len(text := secret.reveal().encode()) >= _SHORTEST_SECRET:
            content = content.replace(text, b"[secret]")
    return content
