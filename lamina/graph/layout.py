"""Places the boxes of a diagram in layers, so that none overlap and edges pass between them.

Layers are those of the longest path, their order that of the fewest crossings found by sweeping;
an edge over several layers keeps a lane free in each of them.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]

_GAP_ACROSS = 24.0
_GAP_ALONG = 34.0
_LANE = 6.0
_ARROW = 9.0  # the last piece before a box, straight so that the arrow is
_SWEEPS = 12
_LANE_WEIGHT = 8.0  # lanes resist bends more than boxes do


@dataclass
class Layout:
    """Where everything is: `along` is the direction of the flow, `across` the other one."""

    centers: list[Point]  # (across, along) of each box
    paths: list[list[Point]]  # one an edge; pieces alternate: straight, curve, straight ...
    size: Point


@dataclass
class _Grid:
    """Layers of cells; a cell is a box, or a lane that an edge keeps free."""

    layers: list[list[int]]
    widths: list[float]
    is_lane: list[bool]
    chains: list[list[int]]  # the cells that each edge runs through
    above: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    below: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def place(sizes: Sequence[Point], edges: Sequence[tuple[int, int]]) -> Layout:
    """Finds a place for every box and a path for every edge.

    Args:
        sizes: (across, along) of each box.
        edges: Pairs of box numbers, first to second; without circles.
    """
    ranks = layer_numbers(len(sizes), edges)
    grid = _grid(sizes, edges, ranks)
    _order(grid)
    across = _across(grid)
    tops, bands, total = _along(grid, sizes)
    centers = [(across[box], tops[rank] + bands[rank] / 2) for box, rank in enumerate(ranks)]
    paths = [_path(chain, across, centers, sizes, tops, bands, ranks) for chain in grid.chains]
    right = max(across[cell] + grid.widths[cell] / 2 for cell in range(len(grid.widths)))
    return Layout(centers, paths, (right, total))


def layer_numbers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest path that leads to each box; boxes nothing leads to stand before their users."""
    ranks = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        ranks[target] = max(ranks[target], ranks[source] + 1)
    users = defaultdict(list)
    for source, target in edges:
        users[source].append(ranks[target])
    has_source = {target for _, target in edges}
    for box, targets in users.items():
        if box not in has_source:
            ranks[box] = min(targets) - 1
    return ranks


def _grid(sizes: Sequence[Point], edges: Sequence[tuple[int, int]], ranks: list[int]) -> _Grid:
    grid = _Grid(
        [[] for _ in range(max(ranks) + 1)], [s[0] for s in sizes], [False] * len(sizes), []
    )
    for box, rank in enumerate(ranks):
        grid.layers[rank].append(box)
    for source, target in edges:
        chain = [source]
        for rank in range(ranks[source] + 1, ranks[target]):
            grid.layers[rank].append(len(grid.widths))
            chain.append(len(grid.widths))
            grid.widths.append(_LANE)
            grid.is_lane.append(True)
        chain.append(target)
        grid.chains.append(chain)
        for one, other in itertools.pairwise(chain):
            grid.below[one].append(other)
            grid.above[other].append(one)
    return grid


def _order(grid: _Grid) -> None:
    """Sorts each layer by the mean place of its neighbours, down and up in turn."""
    best, fewest = [list(layer) for layer in grid.layers], _crossings(grid)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        layers = grid.layers if down else grid.layers[::-1]
        for fixed, moved in itertools.pairwise(layers):
            place_of = {cell: index for index, cell in enumerate(fixed)}
            own = {cell: index for index, cell in enumerate(moved)}
            neighbours = grid.above if down else grid.below
            moved.sort(
                key=lambda cell: _mean(
                    [place_of[other] for other in neighbours[cell]],
                    own[cell],
                )
            )
        count = _crossings(grid)
        if count < fewest:
            best, fewest = [list(layer) for layer in grid.layers], count
    grid.layers[:] = best


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(grid: _Grid) -> int:
    """How often edges between neighbouring layers cross."""
    total = 0
    for upper, lower in zip(grid.layers, grid.layers[1:], strict=False):
        place_of = {cell: index for index, cell in enumerate(lower)}
        ends = [index for cell in upper for index in sorted(place_of[c] for c in grid.below[cell])]
        seen: list[int] = []
        for end in ends:
            total += sum(other > end for other in seen)
            seen.append(end)
    return total


def _across(grid: _Grid) -> list[float]:
    """Places the cells of each layer near the mean of their neighbours, without overlap."""
    across = [0.0] * len(grid.widths)
    for layer in grid.layers:
        _settle(grid, layer, across, [0.0] * len(layer))
    for sweep in range(2 * _SWEEPS):
        sides = (grid.above, grid.below) if sweep % 2 == 0 else (grid.below, grid.above)
        for layer in grid.layers if sweep % 2 == 0 else grid.layers[::-1]:
            wishes = [
                _mean([across[other] for other in sides[0][cell] or sides[1][cell]], across[cell])
                for cell in layer
            ]
            _settle(grid, layer, across, wishes)
    left = min(across[cell] - grid.widths[cell] / 2 for cell in range(len(across)))
    return [center - left for center in across]


def _settle(grid: _Grid, layer: list[int], across: list[float], wishes: list[float]) -> None:
    """Moves the cells of a layer as near to their wishes as their widths allow.

    Least squares with least distances between neighbours: with the distances taken off, this is
    isotonic regression, solved by pooling adjacent violators (Ayer et al., 1955).
    """
    offsets, offset = [], 0.0
    for index, cell in enumerate(layer):
        if index:
            previous = layer[index - 1]
            offset += (grid.widths[previous] + grid.widths[cell]) / 2 + _GAP_ACROSS
        offsets.append(offset)
    blocks: list[tuple[float, float, int]] = []  # (mean, weight, number of cells)
    for cell, wish, start in zip(layer, wishes, offsets, strict=True):
        block = (wish - start, _LANE_WEIGHT if grid.is_lane[cell] else 1.0, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, weight, count = blocks.pop()
            both = weight + block[1]
            block = ((mean * weight + block[0] * block[1]) / both, both, count + block[2])
        blocks.append(block)
    means = [mean for mean, _, count in blocks for _ in range(count)]
    for cell, mean, start in zip(layer, means, offsets, strict=True):
        across[cell] = mean + start


def _along(grid: _Grid, sizes: Sequence[Point]) -> tuple[list[float], list[float], float]:
    """Start and thickness of each layer, and the length of all."""
    bands = [
        max((sizes[cell][1] for cell in layer if not grid.is_lane[cell]), default=0.0)
        for layer in grid.layers
    ]
    tops, top = [], 0.0
    for upper, lower, band in zip(grid.layers, [*grid.layers[1:], []], bands, strict=True):
        tops.append(top)
        top += band + _GAP_ALONG + 1.5 * max(0, min(len(upper), len(lower)) - 2)
    return tops, bands, tops[-1] + bands[-1]


def _path(
    chain: list[int],
    across: list[float],
    centers: list[Point],
    sizes: Sequence[Point],
    tops: list[float],
    bands: list[float],
    ranks: list[int],
) -> list[Point]:
    """Points of an edge: straight inside a layer, then a curve to the next layer, and so on."""
    source, target = chain[0], chain[-1]
    first = ranks[source]
    points = [(across[source], centers[source][1] + sizes[source][1] / 2)]
    points.append((across[source], tops[first] + bands[first]))
    for step, cell in enumerate(chain[1:-1], start=1):
        start = tops[first + step]
        points += [(across[cell], start), (across[cell], start + bands[first + step])]
    points.append((across[target], tops[ranks[target]] - _ARROW))
    points.append((across[target], centers[target][1] - sizes[target][1] / 2))
    return points
