"""The shape of the sentences of one finding code, and what several families of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gen3submit.messages.wording import fact, shortened, shown, visible

if TYPE_CHECKING:
    from gen3submit.findings import Finding

_REASONS = {
    "unique-key-clash": "two records clash under a key that its database keeps unique",
    "database-clash": "its database refuses a key that is there already",
    "type-without-state": "it expects every record that it updates to have a `state`, and this node type has none",
    "file-already-exists": "it cannot add to a file that its index has already",
    "nul-in-body": "the text holds NUL characters",
    "value-breaks-transaction": "a value passes its check and is refused by its database",
}
"""Why the server fails, by the name of the failure in `gen3submit.rules`."""

Sentence = Callable[["Finding"], str]
OptionalSentence = Callable[["Finding"], str | None]


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one finding code."""

    message: Sentence
    """What is wrong."""
    help: OptionalSentence | None = None
    """One concrete thing to do."""
    expected: OptionalSentence | None = None
    """What was expected in the place of the value."""


def say(text: str) -> Sentence:
    """A sentence that is the same for every finding of its code."""

    def sentence(_: Finding) -> str:
        return text

    return sentence


def value_of(finding: Finding, otherwise: str = "the value") -> str:
    """The finding's value in backticks; `otherwise` where it is not known."""
    return otherwise if finding.value is None else shown(finding.value)


def property_of(finding: Finding) -> str:
    """The property that is meant, in backticks."""
    name = finding.property or finding.column
    return "the property" if name is None else shown(name)


def column_of(finding: Finding) -> str:
    """The column as the file spells it, in backticks."""
    name = finding.column if finding.column is not None else finding.property
    return "the column" if name is None else shown(name)


def node_of(finding: Finding, otherwise: str = "this node type") -> str:
    """The node type of the rows, in backticks."""
    return otherwise if finding.node is None else shown(finding.node)


def link_of(finding: Finding) -> str:
    """The link that is meant, in backticks."""
    name = fact(finding.facts, "link") or finding.property or finding.column
    return "the link" if name is None else f"link {shown(name)}"


def reason_of(finding: Finding) -> str:
    """The reason after a colon; nothing where it is not known."""
    reason = fact(finding.facts, "reason")
    return "" if reason is None else f": {_REASONS.get(reason) or visible(shortened(reason, 200))}"


def target_of(finding: Finding) -> str:
    """The parent's node type, in backticks."""
    name = fact(finding.facts, "target")
    return "parent" if name is None else shown(name)
