"""Finds and reads the credentials: the API key file from the profile page, or an access token."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never

from gen3submit.commons.address import origin_of
from gen3submit.commons.errors import CredentialsProblem
from gen3submit.errors import UsageProblem
from gen3submit.messages import credentials as words

_TOKEN_SCHEME = "accesstoken:"  # noqa: S105  the prefix that Gen3's own tools use, no secret
_LARGEST_FILE = 100_000


class Secret:
    """A text that must not be shown: neither `str`, `repr`, formatting nor pickling gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one request that carries it."""
        return self._text

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> Never:
        raise TypeError(repr(self))


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key or an access token, with what it says of itself. Nothing of it is verified: the commons does that."""

    source: str
    """What messages call it: a path, an environment variable."""
    key: Secret | None
    """The API key, from which access tokens are made."""
    token: Secret | None
    """An access token that was issued already and cannot be renewed."""
    issuer: str
    """The address of the commons that issued it; empty where it does not say."""
    expires_at: float | None
    """Seconds since 1970 by the clock of the commons."""
    warnings: tuple[str, ...] = field(default=())

    @classmethod
    def load(
        cls,
        source: str | Path | Mapping[str, Any] | Credentials | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        home: Path | None = None,
    ) -> Credentials | None:
        """The credentials that `source` names; None if none are named and the default file is not there.

        Args:
            source: the path of a credentials file; a bare name for ``~/.gen3/<name>`` or ``~/.gen3/<name>.json``;
                ``accesstoken:///<token>``; or the content of such a file. Not given: ``GEN3_API_KEY`` (the same
                forms), then ``GEN3_TOKEN`` of `environment`, then ``~/.gen3/credentials.json``.
            environment: environment variables; none are looked at if not given.
            home: the user's home folder, if not the usual one.

        Raises:
            CredentialsProblem: they are not there, or are no credentials.
        """
        if isinstance(source, Credentials):
            return source
        if isinstance(source, Mapping):
            return _from_content(source, words.in_memory())
        folder = (home or _home()) / ".gen3"
        if source is not None:
            return _from_name(os.fspath(source), folder)
        environment = environment or {}
        if name := environment.get("GEN3_API_KEY"):
            return _from_name(name, folder, "GEN3_API_KEY")
        if token := environment.get("GEN3_TOKEN"):
            return _from_token(token.strip(), words.token_in_environment("GEN3_TOKEN"))
        default = folder / "credentials.json"
        return _from_file(default) if default.exists() else None


def claims_of(token: str) -> Mapping[str, Any] | None:
    """What a JSON web token says of itself, unverified; None where it is none."""
    parts = token.split(".")
    if len(parts) != 3 or not all(part.isascii() for part in parts):
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def moment(claims: Mapping[str, Any], name: str) -> float | None:
    """A point in time in the claims of a token; None where there is none or it is no date of this world."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
        return None
    return float(value)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        return Path()


def _expanded(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # `~somebody`, whom this computer does not know
        return Path(name)


def _from_name(name: str, folder: Path, variable: str = "") -> Credentials:
    if name.startswith(_TOKEN_SCHEME):
        return _from_token(name.removeprefix(_TOKEN_SCHEME).strip("/ \n"), words.token_given())
    if claims_of(name.strip()) is not None:
        raise CredentialsProblem(words.given_as_key())
    if name.startswith("idp://"):
        raise CredentialsProblem(words.workspace_tokens_unsupported(name))
    path = _expanded(name)
    places = [path]
    if path.name == name:
        places += [folder / name, folder / f"{name}.json"]
    for place in places:
        if place.is_file():
            return _from_file(place)
    for place in places:
        if place.exists():
            return _from_file(place)  # a folder: reading it tells
    raise CredentialsProblem(words.missing(name, variable, [str(place) for place in places]))


def _from_file(path: Path) -> Credentials:
    source = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise CredentialsProblem(words.unreadable(source, error.strerror or str(error))) from None
    # Windows has no such mode bits; what `stat` makes up there means nothing.
    exposed = os.name == "posix" and bool(mode & (stat.S_IRGRP | stat.S_IROTH))
    warnings = (words.readable_by_others(source),) if exposed else ()
    problem = words.not_json(source)
    value: Any = None
    if len(content) <= _LARGEST_FILE:
        try:
            text = content.decode("utf-8-sig")
            if claims_of(text.strip()) is not None:
                problem = words.bare_key(source)
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
    # Raised out here, so that no exception with the file's text in it is carried along.
    if not isinstance(value, dict):
        raise CredentialsProblem(problem)
    return _from_content(value, source, warnings)


def _from_content(content: Mapping[str, Any], source: str, warnings: tuple[str, ...] = ()) -> Credentials:
    key = content.get("api_key")
    if not isinstance(key, str) or not key.strip():
        raise CredentialsProblem(words.without_key(source))
    claims = claims_of(key.strip())
    if claims is None:
        raise CredentialsProblem(words.malformed(source))
    if claims.get("pur") == "access":
        raise CredentialsProblem(words.is_token(source))
    return Credentials(source, Secret(key.strip()), None, _issuer(claims), moment(claims, "exp"), warnings)


def _from_token(token: str, source: str) -> Credentials:
    claims = claims_of(token)
    if claims is None:
        raise CredentialsProblem(words.token_malformed(source))
    return Credentials(source, None, Secret(token), _issuer(claims), moment(claims, "exp"))


def _issuer(claims: Mapping[str, Any]) -> str:
    """The origin in the claim `iss`, which is the address of the commons followed by `/user`."""
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or "://" not in issuer:
        return ""
    try:
        return origin_of(issuer)
    except UsageProblem:
        return ""
