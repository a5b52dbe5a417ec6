"""The drawing of node types: nothing overlaps, parents stand above, lines end at their boxes."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from gen3submit.report.graph import NODE_HEIGHT, NODE_WIDTH, Drawing, draw


def overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    return [
        (one.name, other.name)
        for one, other in combinations(drawing.nodes, 2)
        if abs(one.x - other.x) < NODE_WIDTH and abs(one.y - other.y) < NODE_HEIGHT
    ]


@st.composite
def graphs(pick: st.DrawFn) -> tuple[list[list[str]], list[tuple[str, str]]]:
    sizes = pick(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    order = [[f"{layer}.{number}" for number in range(size)] for layer, size in enumerate(sizes)]
    names = [name for layer in order for name in layer]
    return order, pick(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=25))


@given(graphs())
def test_boxes_stand_in_their_layers_and_inside_the_drawing(
    graph: tuple[list[list[str]], list[tuple[str, str]]],
) -> None:
    order, edges = graph
    drawing = draw(order, edges)
    assert overlaps(drawing) == []
    place = {node.name: node for node in drawing.nodes}
    assert sorted(place) == sorted(name for layer in order for name in layer)
    for node in drawing.nodes:
        assert NODE_WIDTH / 2 <= node.x <= drawing.width - NODE_WIDTH / 2
        assert NODE_HEIGHT / 2 <= node.y <= drawing.height - NODE_HEIGHT / 2
    for edge in drawing.edges:
        parent, child = place[edge.parent], place[edge.child]
        assert parent.y < child.y
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", edge.path)]
        assert numbers[:2] == [parent.x, parent.y + NODE_HEIGHT / 2]
        assert numbers[-2:] == [child.x, child.y - NODE_HEIGHT / 2]


def test_a_chain_is_a_straight_line() -> None:
    drawing = draw([["a"], ["b"], ["c"]], [("b", "a"), ("c", "b")])
    assert len({node.x for node in drawing.nodes}) == 1


def test_crossing_links_are_untangled() -> None:
    drawing = draw([["a", "b"], ["x", "y"]], [("x", "b"), ("y", "a")])
    x = {node.name: node.x for node in drawing.nodes}
    assert (x["a"] < x["b"]) == (x["y"] < x["x"])


def test_a_link_to_the_own_type_is_marked_not_drawn() -> None:
    drawing = draw([["a"]], [("a", "a")])
    assert drawing.edges == ()
    assert drawing.nodes[0].loops


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([], []).nodes == ()
