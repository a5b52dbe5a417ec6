"""The sentences about findings: what is wrong, what was expected, and one concrete way out.

The sentences of each family of codes stand in a module of their own; this one finds them by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gen3submit.messages import (
    finding_changes,
    finding_files,
    finding_identity,
    finding_links,
    finding_structure,
    finding_submission,
    finding_values,
)

if TYPE_CHECKING:
    from gen3submit.findings import Finding
    from gen3submit.messages.finding_words import Words

WORDS: Mapping[str, Words] = {
    **finding_values.WORDS,
    **finding_identity.WORDS,
    **finding_links.WORDS,
    **finding_structure.WORDS,
    **finding_changes.WORDS,
    **finding_submission.WORDS,
    **finding_files.WORDS,
}


def message(finding: Finding) -> str:
    """What is wrong, in one sentence."""
    return WORDS[finding.code].message(finding)


def help_line(finding: Finding) -> str | None:
    """One concrete thing to do; None where there is nothing better to say than the message."""
    advise = WORDS[finding.code].help
    return advise(finding) if advise else None


def expected_line(finding: Finding) -> str | None:
    """What was expected in the place of the value; None where the message says it all."""
    expect = WORDS[finding.code].expected
    return expect(finding) if expect else None
