"""The moments of a submission at which a crash is worth trying, by name."""

from __future__ import annotations

from collections.abc import Callable

Points = Callable[[str], None]
"""Is told the name of each moment as it is passed."""

PLANNED = "planned"
"""The plan is written, and nothing was sent."""
BEFORE_JOURNAL = "before_journal"
"""A batch is made, and the journal knows nothing of its request."""
AFTER_JOURNAL_BEFORE_SEND = "after_journal_before_send"
AFTER_SEND = "after_send"
"""The bytes are with the commons; passed in the thread of the request, before its answer is looked at."""
AFTER_RESPONSE_BEFORE_JOURNAL = "after_response_before_journal"
AFTER_ANSWER_IN_JOURNAL = "after_answer_in_journal"
BEFORE_PROOF = "before_proof"
AFTER_PROOF_BEFORE_JOURNAL = "after_proof_before_journal"
AFTER_PROOF = "after_proof"
BEFORE_SETTLING = "before_settling"
AFTER_SETTLING_BEFORE_JOURNAL = "after_settling_before_journal"
AFTER_SETTLING = "after_settling"
BEFORE_END = "before_end"
"""Every row is settled, and the run is not yet called finished."""
FINISHED = "finished"

POINTS = (
    PLANNED,
    BEFORE_JOURNAL,
    AFTER_JOURNAL_BEFORE_SEND,
    AFTER_SEND,
    AFTER_RESPONSE_BEFORE_JOURNAL,
    AFTER_ANSWER_IN_JOURNAL,
    BEFORE_PROOF,
    AFTER_PROOF_BEFORE_JOURNAL,
    AFTER_PROOF,
    BEFORE_SETTLING,
    AFTER_SETTLING_BEFORE_JOURNAL,
    AFTER_SETTLING,
    BEFORE_END,
    FINISHED,
)


def nowhere(_: str) -> None:
    """Passes every moment."""
