"""Keys, tokens and rights: the part of Fence and Arborist that a submitter meets.

Any API key gets a token, except one that is itself a JWT and has expired. Tokens are real JWTs, signed (HS256) with
a secret that is kept with the data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gen3submit.sandbox.answers import Json, Refusal, html_page, json_answer, refuse
from gen3submit.sandbox.storage import SqliteStore

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

USERNAME = "submitter"
MAX_TOKEN_SECONDS = 3600
MAX_KEY_SECONDS = 30 * 24 * 3600
SERVICES = ("sheepdog", "peregrine", "indexd", "fence")
"""The services in which the practice user may do everything."""


class Tokens:
    """Makes tokens and recognises its own."""

    def __init__(self, store: SqliteStore, lifetime: float = MAX_TOKEN_SECONDS, clock: Callable[[], float] = time.time):
        """`lifetime` is the longest that a token lives, in seconds; `clock` tells the time."""
        self._secret = store.setting("token secret", secrets.token_hex(32)).encode()
        self.lifetime = lifetime
        self.clock = clock
        self.revoked: set[str] = set()
        """API keys that get no token any more."""
        self._void: set[str] = set()
        self._given: set[str] = set()

    def issue(self, issuer: str, lifetime: float) -> str:
        """A new access token."""
        now = self.clock()
        number = secrets.token_hex(16)
        self._given.add(number)
        return self._sign(
            {
                "pur": "access",
                "iss": issuer,
                "aud": ["gen3"],
                "iat": int(now),
                "exp": round(now + lifetime, 3) if lifetime < 60 else int(now + lifetime),
                "jti": number,
                "scope": ["openid", "user", "data"],
                "azp": "",
                "sub": "1",
                "context": {
                    "user": {"name": USERNAME, "is_admin": True, "google": {"proxy_group": None}},
                },
            }
        )

    def api_key(self, issuer: str, lifetime: float = MAX_KEY_SECONDS) -> dict[str, str]:
        """The content of a credentials file, as a commons gives it to its users."""
        now, number = self.clock(), secrets.token_hex(16)
        claims = {
            "pur": "api_key",
            "iss": issuer,
            "aud": ["gen3"],
            "iat": int(now),
            "exp": int(now + lifetime),
            "jti": number,
            "scope": ["openid", "user", "data"],
            "azp": "",
            "sub": "1",
        }
        return {"api_key": self._sign(claims), "key_id": number}

    def complaint(self, token: str) -> str | None:
        """What is wrong with a token, in the words of the real services; None where nothing is."""
        parts = token.split(".")
        if len(parts) != 3:
            return "Not enough segments"
        claims = unpacked(token)
        signed = token.rpartition(".")[0]
        if claims is None or not hmac.compare_digest(self._signature(signed), parts[2]):
            return "Signature verification failed"
        if claims.get("pur") != "access":
            return f"claims have incorrect purpose: expected access, got {claims.get('pur')}"
        if claims.get("exp", 0) <= self.clock() or claims.get("jti") in self._void:
            return "Signature has expired"
        return None

    def expire_all(self) -> None:
        """Let every token that was given so far be refused as expired."""
        self._void |= self._given
        self._given.clear()

    def _sign(self, claims: Json) -> str:
        header = {"alg": "HS256", "typ": "JWT", "kid": "practice"}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed: str) -> str:
        return _base64url(hmac.new(self._secret, signed.encode(), hashlib.sha256).digest())


def unpacked(token: str) -> Json | None:
    """The claims of a JWT, unverified; None where it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def require_token(request: Request, tokens: Tokens) -> None:
    """Refuse a request without a valid token, as the listings do."""
    header = request.headers.get("Authorization")
    if header is None:
        raise _unauthenticated("no authorization header provided")
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise _unauthenticated("could not parse authorization header")
    _check(token, tokens)


def require_rights(request: Request, tokens: Tokens) -> None:
    """Refuse a request without a valid token, as the calls do that ask Arborist first."""
    header = request.headers.get("Authorization") or ""
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise _unauthenticated("Didn't receive JWT correctly")
    _check(token, tokens)


def exchange(request: Request, tokens: Tokens, issuer: str) -> Response:
    """``POST /user/credentials/api/access_token``: an API key for an access token."""
    key = _api_key(request)
    if not key:
        raise Refusal(html_page(400, "Please provide an api_key in payload"))
    if key in tokens.revoked:
        raise Refusal(html_page(401, "token is denylisted"))
    asked = request.args.get("expires_in")
    lifetime = tokens.lifetime
    if asked is not None:
        if not asked.isdecimal() or not int(asked):
            raise Refusal(html_page(400, f"Invalid 'expires_in' value '{asked}'"))
        lifetime = min(float(asked), lifetime)
    claims = unpacked(key)
    if claims is not None:
        if claims.get("pur", "api_key") != "api_key":
            raise Refusal(html_page(401, f"claims have incorrect purpose: expected api_key, got {claims['pur']}"))
        expiry = claims.get("exp")
        if isinstance(expiry, int | float):
            if expiry <= tokens.clock():
                raise Refusal(html_page(401, "Signature has expired"))
            if expiry < tokens.clock() + lifetime:
                raise Refusal(
                    html_page(
                        400,
                        "Cannot issue an access token that would expire after the provided API key does. Please"
                        " obtain a new API key and try again",
                    )
                )
    return json_answer({"access_token": tokens.issue(issuer, lifetime)})


def user(request: Request, tokens: Tokens, resources: list[str]) -> Response:
    """``GET /user/user/``: who the token speaks for, and what they may do."""
    header = request.headers.get("Authorization") or ""
    if not header:
        raise Refusal(html_page(401, "Please login"))
    complaint = tokens.complaint(header.partition(" ")[2])
    if complaint:
        raise Refusal(html_page(401, complaint))
    return json_answer(
        {
            "username": USERNAME,
            "name": USERNAME,
            "display_name": "Practice submitter",
            "email": f"{USERNAME}@example.org",
            "sub": "1",
            "user_id": 1,
            "is_admin": True,
            "active": True,
            "idp": "practice",
            "role": "user",
            "azp": None,
            "groups": [],
            "message": "",
            "project_access": {
                path.rpartition("/")[2]: ["create", "read", "update", "delete", "release"]
                for path in resources
                if "/projects/" in path
            },
            "resources": resources,
            "authz": mapping(resources),
        }
    )


def mapping(resources: list[str]) -> dict[str, list[dict[str, str]]]:
    """Arborist's mapping: for each resource the services and methods that are granted."""
    granted = [{"service": service, "method": "*"} for service in SERVICES]
    return dict.fromkeys(resources, granted)


def _api_key(request: Request) -> Any:
    if request.content_type == "application/x-www-form-urlencoded":
        return request.form.get("api_key")
    try:
        body = json.loads(request.get_data())
    except ValueError:
        return None
    key = body.get("api_key") if isinstance(body, dict) else None
    return key if isinstance(key, str) else None


def _check(token: str, tokens: Tokens) -> None:
    complaint = tokens.complaint(token.strip())
    if complaint:
        raise _unauthenticated(complaint)


def _unauthenticated(reason: str) -> Refusal:
    return refuse(401, f"Authentication Error: {reason}")


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
