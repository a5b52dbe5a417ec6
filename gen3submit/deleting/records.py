"""What a deletion would do, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gen3submit.project import ProjectId


@dataclass(frozen=True, slots=True)
class Target:
    """A record that is to be deleted."""

    id: str
    type: str | None = None
    submitter_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The record for machines."""
        return {"id": self.id, "type": self.type, "submitter_id": self.submitter_id}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that the commons would not delete, or did not."""

    target: Target
    reason: str
    """The commons' own words."""
    dependents: tuple[str, ...] = ()
    """Some of the records that depend on it, as ``type id``."""

    def to_dict(self) -> dict[str, Any]:
        """The refusal for machines."""
        return {**self.target.to_dict(), "reason": self.reason, "dependents": list(self.dependents)}


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What a deletion would do; made without changing anything."""

    project: ProjectId
    targets: tuple[Target, ...]
    """Children before their parents."""
    refused: tuple[Refusal, ...]
    missing: tuple[str, ...]
    """Ids or submitter_ids that are not in the project."""

    @property
    def ok(self) -> bool:
        """Whether everything that was named can be deleted."""
        return not self.refused and not self.missing

    @property
    def by_type(self) -> dict[str, int]:
        """How many records of each node type, children first."""
        return dict(Counter(target.type or "?" for target in self.targets))

    def to_dict(self) -> dict[str, Any]:
        """The plan for machines."""
        return {
            "project": str(self.project),
            "records": [target.to_dict() for target in self.targets],
            "refused": [refusal.to_dict() for refusal in self.refused],
            "missing": list(self.missing),
        }


@dataclass(slots=True)
class DeletionReport:
    """What became of a deletion: every record of the plan stands in one of the lists."""

    project: ProjectId
    deleted: list[Target] = field(default_factory=list)
    gone: list[Target] = field(default_factory=list)
    """They were not there any more when their turn came."""
    refused: list[Refusal] = field(default_factory=list)
    unknown: list[Target] = field(default_factory=list)
    """The commons did not say, and could not be asked."""
    not_tried: list[Target] = field(default_factory=list)
    stopped: str | None = None
    """Why the deletion did not go on; None where it went to the end."""

    @property
    def ok(self) -> bool:
        """Whether every record is gone."""
        return not (self.refused or self.unknown or self.not_tried)

    def to_dict(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "project": str(self.project),
            "ok": self.ok,
            "stopped": self.stopped,
            **{name: [each.to_dict() for each in getattr(self, name)] for name in _LISTS},
        }


_LISTS = ("deleted", "gone", "refused", "unknown", "not_tried")
