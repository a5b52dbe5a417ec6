"""Finds out what a deletion would do: which records are meant, what is in the way, and the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.commons.errors import NotAllowed
from gen3submit.deleting.answers import asked, entities
from gen3submit.deleting.records import DeletionPlan, Refusal, Target
from gen3submit.dictionary.model import Link, LinkGroup, Node
from gen3submit.dictionary.order import node_order
from gen3submit.errors import UsageProblem
from gen3submit.messages import deleting as words
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.project import ProjectId
from gen3submit.rules.bodies import DELIMITERS, cleaned_columns, decode, read_table
from gen3submit.rules.columns import DocumentRefused
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons


def plan_deletion(
    commons: Commons,
    project: str | ProjectId,
    ids: Iterable[str],
    *,
    nodes: Mapping[str, Node],
    missing: Sequence[str] = (),
    progress: Progress = NO_PROGRESS,
) -> DeletionPlan:
    """Find out, by the commons' own dry run, what deleting these records would do.

    Args:
        commons: where the records are.
        project: the project.
        ids: the ids of the records, in any order.
        nodes: the node types, which tell parents from children; a `Dictionary` is that.
        missing: what was named and is known not to be there.
        progress: is told how far it is.

    Raises:
        UsageProblem: one of them is no id.
        CommonsProblem: the commons cannot be asked, or does not let the caller delete.
    """
    project = ProjectId.parse(project)
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Target] = {}
    absent = [*missing]
    refusals: list[tuple[str, str, list[tuple[str, str]]]] = []
    batches = list(commons.deletion_batches(project, wanted))
    with progress.start(words.looking(), len(wanted), words.records()) as task:
        for batch in batches:
            for entity in entities(asked(commons, project, batch)):
                if entity.target is None:
                    absent += entity.missing
                    continue
                found[entity.target.id] = entity.target
                refusals += ((entity.target.id, reason, dependents) for reason, dependents in entity.errors)
            task.advance(len(batch))
    before: dict[str, list[str]] = {}
    refused = []
    for id_, reason, dependents in refusals:
        others = [(type_, other) for type_, other in dependents if other not in found]
        if dependents and not others:
            before.setdefault(id_, []).extend(other for _, other in dependents)
        else:
            refused.append(Refusal(found[id_], reason, tuple(f"{type_} {other}" for type_, other in others)))
    if len(batches) > 1:
        # A dry run names one path of children only, and looks at its own batch alone.
        told = {refusal.target.id for refusal in refused}
        orphaning = _children(commons, project, found, nodes, before, progress)
        refused += (refusal for refusal in orphaning if refusal.target.id not in told)
    return DeletionPlan(project, tuple(_children_first(found, before, nodes)), tuple(refused), tuple(absent))


def _children(
    commons: Commons,
    project: ProjectId,
    found: Mapping[str, Target],
    nodes: Mapping[str, Node],
    before: dict[str, list[str]],
    progress: Progress,
) -> list[Refusal]:
    """The records of the plan without which a record that stays lacks a parent it needs.

    Puts the children that are in the plan too into `before`. Somebody who may not read records learns of both when the
    commons refuses.
    """
    types = {target.type for target in found.values()}
    children = [
        node
        for node in nodes.values()
        if node.is_submittable and any(link.target in types for link in node.links_by_name.values())
    ]
    needed: dict[str, list[str]] = {}
    with progress.start(words.looking_for_children(), len(children), words.node_types()) as task:
        for node in children:
            try:
                for record in commons.export(project, node.id):
                    id_ = str(record.get("id"))
                    if id_ in found:
                        for parent in _parents(record, node.links_by_name.values()) & found.keys():
                            before.setdefault(parent, []).append(id_)
                    else:
                        for parent in _parents_needed(record, node, found):
                            needed.setdefault(parent, []).append(f"{node.id} {id_}")
            except NotAllowed:
                return []
            task.advance()
    return [Refusal(found[id_], words.needed_by(len(names)), tuple(names)) for id_, names in needed.items()]


def _parents_needed(record: Mapping[str, Any], node: Node, found: Mapping[str, Target]) -> set[str]:
    """The parents of a record that are to be deleted, of each link (or group) that then has none and needs one."""
    needed: set[str] = set()
    for entry in node.links:
        parents = _parents(record, entry.links() if isinstance(entry, LinkGroup) else (entry,))
        if entry.required and parents and parents <= found.keys():
            needed |= parents
    return needed


def _parents(record: Mapping[str, Any], links: Iterable[Link]) -> set[str]:
    """The ids of the parents over these links, in a record as an export gives it."""
    listed = (record.get(link.name) for link in links)
    return {
        str(parent.get("node_id", parent.get("id")))
        for parents in listed
        for parent in (parents if isinstance(parents, list) else ())
        if isinstance(parent, Mapping)
    }


def ids_in_tables(
    commons: Commons, project: str | ProjectId, paths: Any, *, nodes: Mapping[str, Node]
) -> tuple[list[str], list[str]]:
    """The ids of the records that the rows of tables stand for, by their `id` or `submitter_id`.

    Returns:
        The ids, and the submitter_ids (as ``type submitter_id``) that are not in the project.

    Raises:
        UsageProblem: a path is not there or no table.
        CommonsProblem: the commons cannot be asked.
    """
    project = ProjectId.parse(project)
    named: dict[str, dict[str, str]] = {}
    ids: list[str] = []
    missing: list[str] = []
    for source in sources(paths):
        try:
            table = read_table(decode(source.read()), DELIMITERS[source.format])
        except DocumentRefused:
            raise UsageProblem(words.not_utf8(source.path)) from None
        columns = dict(cleaned_columns(table.header))
        if "type" not in columns or not {"id", "submitter_id"} & columns.keys():
            raise UsageProblem(words.no_key_columns(source.path))
        for row in table.rows:
            cells = {
                name: (row.cells[at] or "").strip()
                for name, at in columns.items()
                if name in ("type", "id", "submitter_id")
            }
            if cells.get("id"):
                ids.append(cells["id"])
            elif cells.get("submitter_id") and cells["type"] in nodes:
                named.setdefault(cells["type"], {}).setdefault(cells["submitter_id"].lower(), cells["submitter_id"])
            elif any(cells.values()):
                missing.append(" ".join(filter(None, (cells["type"], cells.get("submitter_id")))))
    for type_, wanted in named.items():
        known = {name.lower(): id_ for name, id_ in _ids_by_name(commons, project, type_).items()}
        ids += (known[name] for name in wanted if name in known)
        missing += (f"{type_} {spelt}" for name, spelt in wanted.items() if name not in known)
    return ids, missing


def _children_first(
    found: Mapping[str, Target], before: Mapping[str, Sequence[str]], nodes: Mapping[str, Node]
) -> Iterator[Target]:
    """The records, those of child types first; and each after the records that are known to depend on it."""
    place = {
        type_: -number for number, stage in enumerate(node_order(nodes)) for group in stage for type_ in group.types
    }
    given: set[str] = set()
    for target in sorted(found.values(), key=lambda target: place.get(target.type or "", 0)):
        path = [target.id]
        while path:
            ahead = next((id_ for id_ in before.get(path[-1], ()) if id_ not in given and id_ not in path), None)
            if ahead is not None:
                path.append(ahead)
                continue
            id_ = path.pop()
            if id_ not in given:
                given.add(id_)
                yield found[id_]


def _ids_by_name(commons: Commons, project: ProjectId, node: str) -> dict[str, str]:
    ids = commons.record_ids(project, node)
    if ids:
        return ids
    # Somebody who may delete need not have the right to see records in GraphQL.
    return {
        str(record["submitter_id"]): str(record["id"])
        for record in commons.export(project, node)
        if record.get("submitter_id") is not None and record.get("id") is not None
    }
