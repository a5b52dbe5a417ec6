"""Sentences about rows that are kept back when a submission is planned or carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, node_of, say
from gen3submit.messages.wording import fact, facts_list, listed, shown

if TYPE_CHECKING:
    from gen3submit.findings import Finding

_CHANGES = {
    "edited": "was changed",
    "made": "was created",
    "gone": "was deleted",
}


def _circle(finding: Finding) -> str:
    members = facts_list(finding.facts, "circle")
    if len(members) == 1:
        return f"the record {listed(members)} is its own parent, and cannot be sent before itself"
    named = listed(members, 6) if members else "the records"
    return f"the record is its own ancestor: {named} form a circle, and none of them can be sent before the others"


WORDS = {
    "record-cycle": Words(
        _circle,
        say("take the parent of one of them out, send them, and add that parent in a second submission"),
    ),
    "changed-on-server": Words(
        lambda f: (
            f"the {node_of(f, 'record')} {shown(fact(f.facts, 'record') or 'of this row')} "
            f"{_CHANGES.get(str(fact(f.facts, 'change')), 'was changed')} in the commons by somebody else after the "
            "plan was made"
        ),
        say("look at the record, then send with `--overwrite`, or make a new plan"),
    ),
}
