"""Addresses of a commons: what the user gives, made one origin; what goes into a path, escaped."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

from gen3submit.errors import UsageProblem
from gen3submit.messages import commons as words

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_NODE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
# Either a plain id, or a GUID with its prefix (`dg.4DFC/…`). Nothing else with a slash: `_dry_run/<id>` and
# `<id>/to_delete/true` are other paths of Sheepdog, and some of them delete.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*|[A-Za-z0-9][A-Za-z0-9.]*/[A-Za-z0-9][A-Za-z0-9.:-]*")


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as `https://host` or `https://host:port`; a missing scheme is https.

    A path is dropped: people paste the address of any page of the commons.

    Raises:
        UsageProblem: it is no address, or holds a password.
    """
    text = address.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise UsageProblem(words.bad_endpoint("…" if "@" in address else address)) from None
    if "@" in parts.netloc:
        raise UsageProblem(words.endpoint_with_password())
    if ":" in host:
        host = f"[{host}]"
    if scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise UsageProblem(words.bad_endpoint(address))
    if port is None or port == _DEFAULT_PORTS[scheme]:
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{port}"


def is_loopback(origin: str) -> bool:
    """Whether the address is this very computer."""
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_receive(origin: str, issuer: str) -> bool:
    """Whether a secret issued by `issuer` may go to `origin`: the same host and port, and not less encrypted."""
    return origin == issuer or (issuer.startswith("http://") and origin == "https://" + issuer.removeprefix("http://"))


def escaped(part: str) -> str:
    """One part of a path or one value of a query string, with everything escaped that could end it.

    Callers refuse `.` and `..` beforehand: no escaping keeps HTTP libraries from resolving them.
    """
    return quote(part, safe="", errors="replace")


def checked_node(name: str) -> str:
    """The name of a node type (or of a shared part of the dictionary, such as `_terms`), fit for path and GraphQL.

    Raises:
        UsageProblem: it has other characters than letters, digits, `_` and `-`.
    """
    if not _NODE_NAME.fullmatch(name):
        raise UsageProblem(words.bad_node_name(name))
    return name


def checked_id(id_: str) -> str:
    """The id of a record, escaped for a path.

    Raises:
        UsageProblem: it could not be an id, and might be taken for another path.
    """
    if not _ID.fullmatch(id_):
        raise UsageProblem(words.bad_id(id_))
    return quote(id_, safe="/:")
