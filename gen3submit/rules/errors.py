"""The errors that Sheepdog records on an entity, in its own words and types.

(Facts: Sheepdog 5.2.4, ``EntityErrors`` and ``EntityBase.record_error``.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

INVALID_LINK = "INVALID_LINK"
INVALID_PERMISSIONS = "INVALID_PERMISSIONS"
INVALID_PROPERTY = "INVALID_PROPERTY"
INVALID_TYPE = "INVALID_TYPE"
INVALID_VALUE = "INVALID_VALUE"
MISSING_PROPERTY = "MISSING_PROPERTY"
NOT_UNIQUE = "NOT_UNIQUE"
NOT_FOUND = "NOT_FOUND"
UNCATEGORIZED = "ERROR"

INTERNAL_ERROR = "Internal server error. Sorry, something unexpected went wrong!"
"""The transactional error that stands for every failure Sheepdog did not expect."""


@dataclass(frozen=True, slots=True)
class EntityError:
    """An error (or warning) of one entity."""

    words: str
    """Sheepdog's own words; or how they begin, where `rest` is the same in many errors."""
    keys: tuple[str, ...] = ()
    type: str = UNCATEGORIZED
    rule: str = ""
    """Which rule made it: the name that the checker's finding codes start from."""
    detail: dict[str, Any] = field(default_factory=dict, compare=False)
    """What the rule looked at (value, what was expected ...), for messages to people."""
    rest: str = ""
    """How Sheepdog's words go on: the list of allowed values may be long, and is held once."""

    @property
    def message(self) -> str:
        """Sheepdog's own words."""
        return self.words + self.rest

    def json(self) -> dict[str, Any]:
        """As it stands in Sheepdog's answer."""
        return {"keys": list(self.keys), "message": self.message, "type": self.type}
