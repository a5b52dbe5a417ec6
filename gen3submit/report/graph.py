"""Where to draw the node types of a submission: layers from parents to children, few crossings, short lines.

Layered drawing after Sugiyama: a node type stands in the layer of its place in the order; a link over several layers
bends at a point in each; layers are ordered by the mean of their neighbours; then everything moves as near to its
neighbours as its layer allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

NODE_WIDTH = 208
NODE_HEIGHT = 64
_BEND_WIDTH = 16
_GAP = 22
_LAYER_GAP = 42
_MARGIN = 8
_SWEEPS = 12

_Point = tuple[str, int]
"""A node type, or a bend of a link: its name and layer."""


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node type and the middle of its box."""

    name: str
    x: float
    y: float
    loops: bool
    """Whether it links to itself."""


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """A link and its line."""

    child: str
    parent: str
    path: str
    """The ``d`` of an SVG path, from the parent's lower edge to the child's upper one."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn."""

    width: int
    height: int
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]


def draw(order: Sequence[Sequence[str]], edges: Sequence[tuple[str, str]]) -> Drawing:
    """Place the node types.

    Args:
        order: the node types in layers, parents first
        edges: (child, parent); what leads to the same or a later layer is not drawn
    """
    rank = {name: layer for layer, names in enumerate(order) for name in names}
    layers: list[list[_Point]] = [[(name, layer) for name in names] for layer, names in enumerate(order)]
    chains: dict[tuple[str, str], list[_Point]] = {}
    neighbours: dict[_Point, list[_Point]] = {point: [] for points in layers for point in points}
    for child, parent in edges:
        if child not in rank or parent not in rank or rank[parent] >= rank[child]:
            continue
        chain: list[_Point] = [(parent, rank[parent])]
        for layer in range(rank[parent] + 1, rank[child]):
            bend = (f"{parent}→{child}", layer)
            layers[layer].append(bend)
            neighbours[bend] = []
            chain.append(bend)
        chain.append((child, rank[child]))
        chains[child, parent] = chain
        for upper, lower in pairwise(chain):
            neighbours[upper].append(lower)
            neighbours[lower].append(upper)
    nodes = set(rank.items())
    widths = {point: NODE_WIDTH if point in nodes else _BEND_WIDTH for points in layers for point in points}
    _untangle(layers, neighbours)
    x = _straighten(layers, neighbours, widths)
    left = min((x[point] - widths[point] / 2 for point in x), default=0.0) - _MARGIN
    right = max((x[point] + widths[point] / 2 for point in x), default=0.0) + _MARGIN

    def y(layer: int) -> float:
        return _MARGIN + NODE_HEIGHT / 2 + layer * (NODE_HEIGHT + _LAYER_GAP)

    loops = {child for child, parent in edges if child == parent}
    return Drawing(
        round(right - left),
        round(y(len(layers) - 1) + NODE_HEIGHT / 2 + _MARGIN) if layers else 0,
        tuple(
            PlacedNode(name, round(x[name, layer] - left, 1), y(layer), name in loops) for name, layer in rank.items()
        ),
        tuple(
            PlacedEdge(child, parent, _path([(x[point] - left, y(point[1])) for point in chain]))
            for (child, parent), chain in chains.items()
        ),
    )


def _untangle(layers: list[list[_Point]], neighbours: Mapping[_Point, Sequence[_Point]]) -> None:
    """Order each layer by the mean place of its neighbours above, then below, and so on."""
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in range(len(layers)) if down else reversed(range(len(layers))):
            other = layer - 1 if down else layer + 1
            if not 0 <= other < len(layers):
                continue
            places = {point: place for place, point in enumerate(layers[other])}

            def mean(item: tuple[int, _Point], places: Mapping[_Point, int] = places) -> float:
                place, point = item
                near = [places[each] for each in neighbours[point] if each in places]
                return sum(near) / len(near) if near else float(place)

            layers[layer] = [point for _, point in sorted(enumerate(layers[layer]), key=mean)]


def _straighten(
    layers: Sequence[Sequence[_Point]],
    neighbours: Mapping[_Point, Sequence[_Point]],
    widths: Mapping[_Point, int],
) -> dict[_Point, float]:
    """The horizontal middle of each point: near its neighbours, in the order of its layer, nothing overlapping."""
    x: dict[_Point, float] = {}
    for points in layers:
        offsets = _offsets(points, widths)
        middle = offsets[-1] / 2 if offsets else 0.0
        x.update({point: offset - middle for point, offset in zip(points, offsets, strict=True)})
    for sweep in range(_SWEEPS):
        for layer in range(len(layers)) if sweep % 2 else reversed(range(len(layers))):
            points = layers[layer]
            wanted = [
                sum(x[each] for each in neighbours[point]) / len(neighbours[point]) if neighbours[point] else x[point]
                for point in points
            ]
            x.update(zip(points, _apart(wanted, _offsets(points, widths)), strict=True))
    return x


def _offsets(points: Sequence[_Point], widths: Mapping[_Point, int]) -> list[float]:
    """How far each point stands from the first where they are as close as they may be."""
    offsets: list[float] = []
    for number, point in enumerate(points):
        if number == 0:
            offsets.append(0.0)
        else:
            offsets.append(offsets[-1] + (widths[points[number - 1]] + widths[point]) / 2 + _GAP)
    return offsets


def _apart(wanted: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones (least squares) that keep the order and the distances.

    Isotonic regression by pooling: points that would overlap move together.
    """
    blocks: list[tuple[float, int]] = []  # (sum, count) of points that touch
    for place, offset in zip(wanted, offsets, strict=True):
        total, count = place - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    shifts = [total / count for total, count in blocks for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


def _path(points: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = points
    y += NODE_HEIGHT / 2
    parts = [f"M{x:.1f} {y:.1f}"]
    for number, (to_x, to_y) in enumerate(rest):
        last = number == len(rest) - 1
        end = to_y - NODE_HEIGHT / 2
        middle = (y + end) / 2
        parts.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {end:.1f}")
        x, y = to_x, end
        if not last:
            y = to_y + NODE_HEIGHT / 2
            parts.append(f"L{x:.1f} {y:.1f}")
    return "".join(parts)
