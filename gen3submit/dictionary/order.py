"""The order of node types, parents first, from the links of the dictionary."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from gen3submit.dictionary.model import Node


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Node types that have one place in the order.

    One type nearly always; several where links lead in a circle.
    """

    types: tuple[str, ...]
    """Sorted by name."""
    record_by_record: bool
    """Whether a record may have its parent among records of these same types.

    True for a node type that links to itself, and for types whose links lead in a circle; records of such a
    group must be ordered one by one.
    """


def node_order(nodes: Mapping[str, Node], among: Collection[str] | None = None) -> list[tuple[NodeGroup, ...]]:
    """The node types in stages: every parent type stands in an earlier stage than its children.

    Groups of one stage do not depend on each other; they are sorted by name.

    Args:
        nodes: the node types by id; a `Dictionary` is that
        among: only these node types, and only the links between them; every node type if not given
    """
    chosen = [node_id for node_id in nodes if among is None or node_id in among]
    known = set(chosen)
    parents = {node_id: {link.target for link in nodes[node_id].links_by_name.values()} & known for node_id in chosen}
    groups = {}
    for members in _circles(parents):
        types = tuple(sorted(members))
        group = NodeGroup(types, len(types) > 1 or types[0] in parents[types[0]])
        groups.update(dict.fromkeys(types, group))
    sorter: TopologicalSorter[NodeGroup] = TopologicalSorter()
    for node_id, group in groups.items():
        sorter.add(group, *({groups[parent] for parent in parents[node_id]} - {group}))
    sorter.prepare()
    stages = []
    while sorter.is_active():
        stage = sorter.get_ready()
        stages.append(tuple(sorted(stage, key=lambda group: group.types)))
        sorter.done(*stage)
    return stages


def _circles(parents: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The strongly connected components (Tarjan): those together that can be reached from each other."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[list[str]] = []
    for start in parents:
        if start in index:
            continue
        # Kept on a list of our own: a chain of node types may be longer than Python's recursion allows.
        path = [(start, iter(parents[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        waiting.add(start)
        while path:
            node, ahead = path[-1]
            for parent in ahead:
                if parent not in index:
                    index[parent] = low[parent] = len(index)
                    stack.append(parent)
                    waiting.add(parent)
                    path.append((parent, iter(parents[parent])))
                    break
                if parent in waiting:
                    low[node] = min(low[node], index[parent])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = stack.index(node)
                    found.append(stack[cut:])
                    waiting.difference_update(stack[cut:])
                    del stack[cut:]
    return found
