"""Deletes records: finds out what is there and in the way, puts children first, and settles what became of it."""

from __future__ import annotations

from gen3submit.deleting.carrying import delete
from gen3submit.deleting.preparing import ids_in_tables, plan_deletion
from gen3submit.deleting.records import DeletionPlan, DeletionReport, Refusal, Target

__all__ = ["DeletionPlan", "DeletionReport", "Refusal", "Target", "delete", "ids_in_tables", "plan_deletion"]
