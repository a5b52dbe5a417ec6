"""The states of a run, of its rows and of its requests."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """How far a submission is."""

    PLANNING = "planning"
    """The plan is being written; a run that was killed here has sent nothing and is worth nothing."""
    READY = "ready"
    """Planned, and nothing was sent so far."""
    SENDING = "sending"
    """Under way; or killed under way, if no process works on it."""
    STOPPED = "stopped"
    """Stopped before its end; `resume` goes on."""
    FINISHED = "finished"
    """The fate of every row is settled."""
    REFUSED = "refused"
    """The check found errors, so nothing was sent and nothing will be."""
    ABANDONED = "abandoned"
    """Another run took its place."""


class RowState(StrEnum):
    """What is known of a row. ``pending → sent → confirmed | rejected | unknown`` is the usual way."""

    PENDING = "pending"
    SENT = "sent"
    """A request that carries it may have reached the commons, or was answered and is not proved yet.

    Written only when the submission stops; until then the request tells of its rows (`gen3submit.journal.carried`).
    """
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """It could not be settled what became of it."""
    UNCHANGED = "unchanged"
    """The commons holds exactly this already; nothing is sent."""
    BLOCKED = "blocked"
    """A parent of it in the same submission failed."""
    LEFT_OUT = "left-out"
    """Never sent, for a finding that says why."""


class Action(StrEnum):
    """What sending a row does to the commons."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"


class Outcome(StrEnum):
    """What became of a row, in the words of reports."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    NOT_SENT = "not-sent"
    UNKNOWN = "unknown"


class RequestState(StrEnum):
    """How far a request is."""

    OPEN = "open"
    """Written before its bytes left; no answer is written yet."""
    ANSWERED = "answered"
    """The commons said that it stored the rows; that is not proved yet."""
    UNSETTLED = "unsettled"
    """What came back does not tell what became of it, nor did anything else so far."""
    DONE = "done"
    """Settled."""


OUTCOMES = {
    RowState.PENDING: Outcome.NOT_SENT,
    RowState.LEFT_OUT: Outcome.NOT_SENT,
    RowState.SENT: Outcome.UNKNOWN,
    RowState.UNKNOWN: Outcome.UNKNOWN,
    RowState.REJECTED: Outcome.REJECTED,
    RowState.UNCHANGED: Outcome.UNCHANGED,
    RowState.BLOCKED: Outcome.BLOCKED,
}
"""The outcome of a row by its state; a confirmed one is what its action says."""


def outcome(state: str, action: str | None) -> Outcome:
    """The outcome of a row in this state, where `action` is what the commons did with it."""
    if state == RowState.CONFIRMED:
        return Outcome.CREATED if action == Action.CREATE else Outcome.UPDATED
    return OUTCOMES[RowState(state)]
