"""How the edges of a roadmap hang together, for one robot type.

What leaves and enters a node, what a turn costs, which edge leads back, and where
a spur opens. Which edges the type may drive at all is `drivable`.
"""

from dataclasses import dataclass

import numpy as np

from fleetapp.layout.drivable import Drivable
from fleetapp.layout.exclusion import Grid
from fleetapp.layout.tables import Numbers


@dataclass(frozen=True, slots=True)
class Links:
    """Lists by node or edge; the fields of the same names in `tables.RoadMap`."""

    out_edges: tuple[Numbers, ...]
    in_edges: tuple[Numbers, ...]
    turns_ms: tuple[Numbers, ...]
    reverse_of: Numbers
    mouth_of: dict[int, int]


def links_of(grid: Grid, where: Drivable) -> Links:
    """The links of one robot type."""
    count = len(grid.node_xy_m)
    allowed = np.flatnonzero(where.edge_allowed).tolist()
    out_edges: list[list[int]] = [[] for _ in range(count)]
    in_edges: list[list[int]] = [[] for _ in range(count)]
    for edge in allowed:
        out_edges[int(grid.edge_start[edge])].append(edge)
        in_edges[int(grid.edge_end[edge])].append(edge)
    turns: list[Numbers] = [()] * len(grid.edge_start)
    for edge in allowed:
        followers = out_edges[int(grid.edge_end[edge])]
        turns[edge] = tuple(where.turning.ms(edge, follower) for follower in followers)
    return Links(
        out_edges=_frozen(out_edges),
        in_edges=_frozen(in_edges),
        turns_ms=tuple(turns),
        reverse_of=_reverse_of(grid),
        mouth_of=_mouth_of(grid, out_edges, in_edges),
    )


def _frozen(lists: list[list[int]]) -> tuple[Numbers, ...]:
    return tuple(tuple(numbers) for numbers in lists)


def _reverse_of(grid: Grid) -> Numbers:
    ends = list(zip(grid.edge_start.tolist(), grid.edge_end.tolist(), strict=True))
    by_ends = {pair: edge for edge, pair in reversed(list(enumerate(ends)))}
    return tuple(by_ends.get((end, start), -1) for start, end in ends)


def _mouth_of(grid: Grid, out_edges: list[list[int]], in_edges: list[list[int]]) -> dict[int, int]:
    mouths = {}
    for node, (incoming, outgoing) in enumerate(zip(in_edges, out_edges, strict=True)):
        before = {int(grid.edge_start[edge]) for edge in incoming}
        after = {int(grid.edge_end[edge]) for edge in outgoing}
        if len(before) == 1 and before == after:
            mouths[node] = before.pop()
    return mouths
