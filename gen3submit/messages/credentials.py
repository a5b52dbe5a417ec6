"""Sentences about credentials: finding them, reading them, and what the commons thinks of them."""

from __future__ import annotations

from datetime import UTC, datetime

from gen3submit.messages.commons import quoted


def missing(name: str, variable: str, looked: list[str]) -> str:
    asked = f"`{quoted(name)}`" + (f" (from {variable})" if variable else "")
    places = ", ".join(f"`{quoted(place)}`" for place in looked)
    return f"no credentials file {asked}; looked for {places}. {_new_key()}"


def unreadable(source: str, reason: str) -> str:
    return f"{source}: the credentials file cannot be read: {reason}"


def not_json(source: str) -> str:
    return f"{source}: not a credentials file: JSON with an `api_key` was expected. {_new_key()}"


def bare_key(source: str) -> str:
    return (
        f"{source}: holds a bare key or token; the JSON file with an `api_key` was expected. "
        "Use the file as it was downloaded"
    )


def given_as_key() -> str:
    return (
        "the credentials given are a key or token itself, not the name of a file. "
        "Give the path of the credentials file, or a token as `accesstoken:///TOKEN`"
    )


def without_key(source: str) -> str:
    return f"{source}: no `api_key` in it. {_new_key()}"


def malformed(source: str) -> str:
    return f"{source}: the `api_key` is damaged: it is not a JSON web token. {_new_key()}"


def is_token(source: str) -> str:
    return (
        f"{source}: the `api_key` is an access token, not an API key. {_new_key()}, or give the token as "
        "`accesstoken:///TOKEN`"
    )


def token_malformed(source: str) -> str:
    return f"{source}: the access token is damaged: it is not a JSON web token"


def workspace_tokens_unsupported(source: str) -> str:
    return f"`{quoted(source)}`: tokens of the workspace token service are not supported. {_new_key()}"


def readable_by_others(path: str) -> str:
    return f"{path}: other users of this computer can read this key. Run `chmod 600 {path}`"


def in_memory() -> str:
    return "the credentials given"


def token_in_environment(name: str) -> str:
    return f"the access token in {name}"


def token_given() -> str:
    return "the access token given"


def _new_key() -> str:
    return "Download a new one from the profile page of the commons (Create API key)"


def no_credentials(endpoint: str) -> str:
    return (
        f"`{endpoint}` asks for credentials, and there are none. Download the credentials file from its profile page "
        "(Create API key) and name it, or keep it as `~/.gen3/credentials.json`"
    )


def key_expired(source: str, expired: float, now: float) -> str:
    return f"{source}: the API key expired on {_date(expired)}; this computer's clock says {_date(now)}. {_new_key()}"


def key_refused(source: str, endpoint: str, answer: str) -> str:
    said = f" ({answer})" if answer else ""
    return (
        f"{source}: `{endpoint}` does not accept this API key, "
        f"because it expired, was revoked, or is of another commons{said}. {_new_key()}"
    )


def token_expired(source: str, expired: float) -> str:
    return f"{source} expired on {_date(expired)} and cannot be renewed. Get a new one, or give an API key"


def token_refused(source: str, endpoint: str) -> str:
    return f"`{endpoint}` does not accept {source}, and it cannot be renewed. Get a new one, or give an API key"


def new_token_refused(endpoint: str, answer: str) -> str:
    said = f" ({answer})" if answer else ""
    return (
        f"`{endpoint}` refuses the access token that it has just issued{said}. Log in there in a browser, and try again"
    )


def other_issuer(source: str, issuer: str, endpoint: str, host: str) -> str:
    return (
        f"{source}: issued by `{issuer}`, and therefore not sent to `{endpoint}`. "
        f"Give the credentials file of that commons, or allow it with `--allow-key-host {host}`"
    )


def no_issuer(source: str, endpoint: str, host: str) -> str:
    return (
        f"{source}: does not say which commons issued it, and is therefore not sent to `{endpoint}`. "
        f"Allow it with `--allow-key-host {host}` if that commons issued it"
    )


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
