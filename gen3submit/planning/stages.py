"""The place of each node type of a submission in the order of sending."""

from __future__ import annotations

from gen3submit.dictionary import Dictionary
from gen3submit.dictionary.order import node_order
from gen3submit.findings import CheckResult
from gen3submit.journal import Journal
from gen3submit.journal import rows as row_store


def number_types(journal: Journal, result: CheckResult, dictionary: Dictionary) -> dict[str, int]:
    """Write the node types of the submission, with their stages and circles; their numbers by name."""
    names = sorted({name for file in result.files for name in set(file.types) if name is not None})
    known = [name for name in names if name in dictionary.nodes and dictionary.nodes[name].is_submittable]
    places: dict[str, tuple[int, int | None]] = {}
    circles = 0
    for stage, groups in enumerate(node_order(dictionary.nodes, known)):
        for group in groups:
            circles += group.record_by_record
            for name in group.types:
                places[name] = (stage, circles if group.record_by_record else None)
    numbers = {name: number for number, name in enumerate(names, 1)}
    with journal.writing():
        journal.insert_many(
            "type", ((number, name, *places.get(name, (None, None))) for name, number in numbers.items())
        )
    return numbers


def steps(journal: Journal) -> list[list[row_store.TypeEntry]]:
    """The node types in the order in which they are sent: what stands in one entry does not depend on each other.

    The types of a circle have an entry of their own, and within it go record by record.
    """
    by_stage: dict[int, dict[int | None, list[row_store.TypeEntry]]] = {}
    for entry in row_store.types(journal):
        if entry.stage is not None:
            by_stage.setdefault(entry.stage, {}).setdefault(entry.circle, []).append(entry)
    found = []
    for stage in sorted(by_stage):
        groups = by_stage[stage]
        if None in groups:
            found.append(groups[None])
        found += [groups[circle] for circle in sorted(circle for circle in groups if circle is not None)]
    return found
