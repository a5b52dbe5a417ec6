"""Ways from one node type to another over links, as Peregrine walks them for ``with_path_to``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gen3submit.dictionary import Node
from gen3submit.sandbox.storage import SqliteStore

LEVELS = {"administrative": 0, "biospecimen": 1, "clinical": 1, "data_file": 3}
"""How far out a category lies; a way leads outwards or inwards, never to and fro."""
OUTERMOST = 4

Edges = Mapping[str, set[str]]
"""Id of a record to the ids of its neighbours."""


@dataclass(frozen=True, slots=True)
class Step:
    """From a node type to a neighbouring one, over a link or against it."""

    name: str
    """The name of the link, or its backref."""
    target: str
    child_type: str
    link: str
    """The link as the child's type names it."""
    upwards: bool
    """From child to parent."""


def steps(nodes: Mapping[str, Node]) -> dict[str, dict[str, Step]]:
    """For each node type the steps to its neighbours, by the name of the link or backref."""
    found: dict[str, dict[str, Step]] = {node_id: {} for node_id in nodes}
    for node in nodes.values():
        for link in node.links_by_name.values():
            found[node.id][link.name] = Step(link.name, link.target, node.id, link.name, upwards=True)
    for node in nodes.values():
        for link in node.links_by_name.values():
            if link.backref:
                found[link.target].setdefault(
                    link.backref, Step(link.backref, node.id, node.id, link.name, upwards=False)
                )
    return found


class Walk:
    """One search for records that a way leads from; remembers the links it has read."""

    def __init__(self, store: SqliteStore, nodes: Mapping[str, Node], all_steps: Mapping[str, Mapping[str, Step]]):
        self._store = store
        self._nodes = nodes
        self._steps = all_steps
        self._edges: dict[Step, tuple[Edges, Edges]] = {}

    def sources(self, start: str, ids: set[str], end: str, matches: Callable[[set[str]], set[str]]) -> Counter[str]:
        """From each of the records `ids` of type `start` the number of ways to records of type `end` that match.

        `matches` narrows ids of the end type to those that are wanted.
        """
        found: Counter[str] = Counter()
        for way, reached in self._ways(start, ids, end):
            here = Counter(dict.fromkeys(matches(reached), 1))
            for step in reversed(way):
                back = self._edges_of(step)[1]
                before: Counter[str] = Counter()
                for there, number in here.items():
                    for id_ in back.get(there, ()):
                        before[id_] += number
                here = before
            for id_ in ids & here.keys():
                found[id_] += here[id_]
        return found

    def _ways(self, start: str, ids: set[str], end: str) -> Iterator[tuple[list[Step], set[str]]]:
        """Every way that does not come back to a type, with what it reaches; ways that reach nothing are left out.

        From where a way would turn back, inwards after outwards or the other way round, it goes no further: samples
        have a way to their subject and none to its study.
        """

        def onwards(
            here: str, before: str, visited: frozenset[str], way: list[Step], reached: set[str]
        ) -> Iterator[tuple[list[Step], set[str]]]:
            if way and here == end:
                yield way, reached
            if not self._leads_on(start, before, here):
                return
            for step in self._steps[here].values():
                if step.target in visited:
                    continue
                edges = self._edges_of(step)[0]
                beyond: set[str] = set()
                for id_ in reached & edges.keys():
                    beyond |= edges[id_]
                if beyond:
                    yield from onwards(step.target, here, visited | {here}, [*way, step], beyond)

        yield from onwards(start, start, frozenset(), [], ids)

    def _leads_on(self, start: str, before: str, here: str) -> bool:
        first, last, this = (LEVELS.get(self._nodes[each].category, OUTERMOST) for each in (start, before, here))
        return this <= last if first > last else this >= last

    def _edges_of(self, step: Step) -> tuple[Edges, Edges]:
        """The neighbours over a step, and over the step back."""
        if step not in self._edges:
            onwards: dict[str, set[str]] = {}
            back: dict[str, set[str]] = {}
            for child, parent in self._store.edges(step.child_type, step.link):
                here, there = (child, parent) if step.upwards else (parent, child)
                onwards.setdefault(here, set()).add(there)
                back.setdefault(there, set()).add(here)
            self._edges[step] = onwards, back
        return self._edges[step]
