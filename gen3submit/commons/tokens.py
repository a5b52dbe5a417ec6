"""Keeps an access token at hand: made from the API key, renewed before it ends and once when it is refused.

How long a token lives is read from the token (`exp` minus `iat`) and measured here from the moment it was asked for,
so that a wrong clock on either side does not matter.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from gen3submit.commons.address import may_receive, origin_of
from gen3submit.commons.answer import Answer
from gen3submit.commons.clock import Clock
from gen3submit.commons.credentials import Credentials, Secret, claims_of, moment
from gen3submit.commons.errors import NotACommons, NotAuthenticated
from gen3submit.commons.http import Http, Request
from gen3submit.messages import commons as words
from gen3submit.messages import credentials as credential_words

RENEW_BEFORE = 300.0
"""Seconds that a token still has when it is renewed; half its life where that is shorter."""

CLOCK_TOLERANCE = 900.0
"""Up to this many seconds after a key's end the commons itself is asked: our clock may be ahead of its."""

_PATHS = ("/user/credentials/cdis/access_token", "/user/credentials/api/access_token")
_LONGEST_TOKEN = 3600
_SPARE = 30


@dataclass(frozen=True, slots=True)
class Token:
    """An access token in use."""

    secret: Secret
    number: int
    """Counts the tokens of this run; tells which one a request was sent with."""
    lifetime: float | None
    """Seconds from its issue to its end; None where the token does not say."""
    since: float
    """When it was asked for, by the monotonic clock."""
    since_wall: float
    """The same by the time of day, which goes on while the computer sleeps."""


class Tokens:
    """The access tokens of one run, for several threads at once."""

    def __init__(
        self,
        http: Http,
        credentials: Credentials | None,
        *,
        allow_key_host: str | bool | None = None,
        clock: Clock,
        no_credentials: Exception | None = None,
    ) -> None:
        """Nothing is asked of the commons before the first token is needed.

        Args:
            http: the commons that tokens are for.
            credentials: whose tokens.
            allow_key_host: a host that may have the key although it did not issue it; True for the endpoint's.
            clock: the time.
            no_credentials: what to raise instead of "no credentials" where that says more.
        """
        self._http = http
        self._endpoint = http.endpoint
        self._credentials = credentials
        self._allow = allow_key_host
        self._clock = clock
        self._no_credentials = no_credentials
        self._lock = threading.Lock()
        self._token: Token | None = None

    @property
    def available(self) -> bool:
        """Whether there are credentials at all."""
        return self._credentials is not None

    @property
    def expires_at(self) -> float | None:
        """When the token at hand ends, in seconds since 1970 by this computer's clock; None where there is none."""
        token = self._token
        if token is None or token.lifetime is None:
            return None
        return self._clock.now() + token.lifetime - self._age(token)

    @property
    def number(self) -> int:
        """The number of the token at hand; 0 where there is none yet."""
        return self._token.number if self._token is not None else 0

    def current(self) -> Token:
        """A token that has some time left.

        Raises:
            NotAuthenticated: there are no credentials, or they are refused, expired or meant for another commons.
            CommonsProblem: the commons gives no token for another reason.
        """
        with self._lock:
            if self._token is None or self._is_ending(self._token):
                self._token = self._new()
            return self._token

    def renew(self, number: int) -> Token:
        """A newer token than the one of this number, which was refused; made at most once for all threads.

        Raises:
            NotAuthenticated: there is no newer one to be had.
            CommonsProblem: the commons gives no token for another reason.
        """
        with self._lock:
            if self._token is None or self._token.number <= number:
                if self._credentials is not None and self._credentials.key is None:
                    raise NotAuthenticated(credential_words.token_refused(self._credentials.source, self._endpoint))
                self._token = self._new()
            return self._token

    def _age(self, token: Token) -> float:
        return max(self._clock.monotonic() - token.since, self._clock.now() - token.since_wall)

    def _is_ending(self, token: Token) -> bool:
        if token.lifetime is None or (self._credentials is not None and self._credentials.key is None):
            return False  # a 401 will tell
        return token.lifetime - self._age(token) < min(RENEW_BEFORE, token.lifetime / 2)

    def _new(self) -> Token:
        credentials = self._credentials
        if credentials is None:
            if self._no_credentials is not None:
                raise self._no_credentials
            raise NotAuthenticated(credential_words.no_credentials(self._endpoint))
        self._check_host(credentials)
        now = self._clock.now()
        expired = credentials.expires_at is not None and credentials.expires_at < now - CLOCK_TOLERANCE
        since = self._clock.monotonic()
        if credentials.key is None:
            assert credentials.token is not None
            if expired:
                raise NotAuthenticated(credential_words.token_expired(credentials.source, credentials.expires_at or 0))
            left = None if credentials.expires_at is None else credentials.expires_at - now
            return Token(credentials.token, 1, left, since, now)
        if expired:
            raise NotAuthenticated(credential_words.key_expired(credentials.source, credentials.expires_at or 0, now))
        secret = self._issued(credentials, credentials.key)
        claims = claims_of(secret.reveal()) or {}
        issued, ends = moment(claims, "iat"), moment(claims, "exp")
        lifetime = ends - issued if issued is not None and ends is not None and ends > issued else None
        return Token(secret, self.number + 1, lifetime, since, now)

    def _issued(self, credentials: Credentials, key: Secret) -> Secret:
        """A new token from the commons."""
        ends = credentials.expires_at
        # Fence refuses a token that would outlive the key, and makes tokens of one hour unless told otherwise.
        left = None if ends is None else ends - self._clock.now() - _SPARE
        wish = int(left) if left is not None and 0 < left < _LONGEST_TOKEN else None
        answer = self._exchange(key, wish)
        if answer.status == 400 and ends is not None:
            left = ends - (_server_time(answer) or self._clock.now()) - _SPARE
            if 0 < left < _LONGEST_TOKEN and int(left) != wish:
                answer = self._exchange(key, int(left))
        if answer.status in {400, 401, 403}:
            now = self._clock.now()
            if ends is not None and ends < max(now, _server_time(answer) or now):
                raise NotAuthenticated(credential_words.key_expired(credentials.source, ends, now))
            raise NotAuthenticated(
                credential_words.key_refused(credentials.source, self._endpoint, answer.server_words)
            )
        if answer.error is not None:
            raise answer.error
        token = answer.json.get("access_token") if isinstance(answer.json, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token.strip():
            raise NotACommons(words.unexpected_json(self._endpoint, words.asked_token()))
        return Secret(token)

    def _exchange(self, key: Secret, seconds: int | None) -> Answer:
        """What the token service says to an API key."""
        query = "" if seconds is None else f"?expires_in={seconds}"
        answer = Answer(None)
        for path in _PATHS:
            answer = self._http.read(
                Request(
                    "POST",
                    path + query,
                    words.asked_token(),
                    json.dumps({"api_key": key.reveal()}).encode(),
                    "application/json",
                    hides=(key,),
                )
            )
            # The portal answers paths that no service has, with 200 and its page.
            if answer.status != 404 and not (answer.status == 200 and answer.problem == "html"):
                break
        return answer

    def _check_host(self, credentials: Credentials) -> None:
        """Refuse to show a secret to a commons that did not issue it."""
        if credentials.issuer and may_receive(self._endpoint, credentials.issuer):
            return
        host = urlsplit(self._endpoint).netloc
        if self._allow is True or (isinstance(self._allow, str) and _same_host(self._allow, self._endpoint)):
            return
        if not credentials.issuer:
            raise NotAuthenticated(credential_words.no_issuer(credentials.source, self._endpoint, host))
        raise NotAuthenticated(
            credential_words.other_issuer(credentials.source, credentials.issuer, self._endpoint, host)
        )


def _same_host(allowed: str, endpoint: str) -> bool:
    """Whether a host (or address) that the user allows is that of the endpoint."""
    if "://" in allowed:
        return origin_of(allowed) == endpoint
    return urlsplit(origin_of(f"{endpoint.partition('://')[0]}://{allowed}")).netloc == urlsplit(endpoint).netloc


def _server_time(answer: Answer) -> float | None:
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return None
