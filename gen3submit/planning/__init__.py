"""The plan of a submission: what is sent, in which order, and what that does to the commons."""

from __future__ import annotations

from gen3submit.planning.planned import Plan, PlannedChange, PlannedType
from gen3submit.planning.planning import plan

__all__ = ["Plan", "PlannedChange", "PlannedType", "plan"]
