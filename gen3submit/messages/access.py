"""Sentences about who a caller is and what they may do."""

from __future__ import annotations

from datetime import UTC, datetime

from gen3submit.messages.wording import shown, visible


def key_ends_soon(source: str, days: float) -> str:
    if days <= 0:
        return f"the API key of {shown(source)} has expired. Make a new one on the profile page of the commons"
    left = f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours"
    return (
        f"the API key of {shown(source)} ends in {left}. Make a new one on the profile page of the commons in time:"
        " no program can renew it"
    )


def who(username: str, email: str, endpoint: str) -> str:
    more = f" ({visible(email)})" if email and email != username else ""
    return f"you are {shown(username)}{more} on {endpoint}"


def credentials_line(source: str, expires_at: float | None) -> str:
    ends = f", ends {moment(expires_at)}" if expires_at is not None else ""
    return f"credentials: {visible(source)}{ends}"


def token_line(expires_at: float) -> str:
    return f"access token: ends {moment(expires_at)}; it is renewed when it is needed"


def moment(seconds: float) -> str:
    """A point in time, as ``2026-05-17 09:30 UTC``."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "at a time that is no date"


def rights_unknown() -> str:
    return (
        "the commons lists no rights at all. Either nobody gave you any, or its rights service fails at the moment; "
        "try again, or ask its administrators"
    )


def no_projects() -> str:
    return "you have no right to any project. The administrators of the commons grant rights"


def may_create(programs: bool, projects: bool) -> str:
    if programs and projects:
        return "you may create programs and projects"
    return f"you may create {'programs' if programs else 'projects'}"


def may_submit(project: str) -> str:
    return f"you may submit to {shown(project)}"


def may_not_submit(project: str, missing: list[str]) -> str:
    return (
        f"you may not submit to {shown(project)}: {' and '.join(f'`{method}`' for method in missing)} is missing. "
        "The administrators of the commons grant rights"
    )


def no_queries(project: str) -> str:
    return (
        f"GraphQL and the transaction log do not show you {shown(project)}: `read` in the service `peregrine` is"
        " missing. Submitting works without, but what became of a lost answer is harder to find out"
    )
