"""Which nodes and edges two robots may not have at the same time.

A robot that owns a node may turn there, so it covers a disc; a type that cannot
turn covers its outline at the headings of the node's edges. On an edge it
covers what its outline sweeps. Around all of it lies the type's clearance.

For robots of different types each pair is looked at both ways round: own type
here and any other there. The result is symmetric and safe for every pairing.

Pairs that share a node are left out, for only one robot owns a node: unless
both edges leave it in nearly the same direction, where a robot that has left
the node can still be hit.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from fleetapp.geometry import swept_areas
from fleetapp.layout.elements import OrientationType, RobotType, Site

Pairs = NDArray[np.int32]  # shape (k, 2), both orders, sorted

# Touching is not overlapping: one micrometre decides nothing.
TOUCH_M = 1e-6
# Two edges from one node within this angle are listed as exclusive.
NARROW_RAD = math.radians(60)


@dataclass(frozen=True, slots=True)
class Grid:
    """The roadmap's geometry in arrays, the same for every robot type."""

    node_xy_m: NDArray[np.float64]  # (n, 2)
    edge_start: NDArray[np.int32]  # (m,)
    edge_end: NDArray[np.int32]  # (m,)
    edge_heading_rad: NDArray[np.float64]  # (m,) direction of travel


@dataclass(frozen=True, slots=True)
class Covered:
    """What one robot type covers: a core and how far around it."""

    nodes: NDArray[np.object_]
    node_radius_m: float
    edges: NDArray[np.object_]
    edge_radius_m: float


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Mutually exclusive pairs for one robot type against any type of the site."""

    node_node: Pairs
    node_edge: Pairs  # node, edge
    edge_edge: Pairs


def grid_of(site: Site) -> Grid:
    """Positions, ends and directions of a site's roadmap."""
    index = {node.node_id: number for number, node in enumerate(site.nodes)}
    xy = np.array([(node.x_m, node.y_m) for node in site.nodes], dtype=np.float64).reshape(-1, 2)
    start = np.array([index[edge.start_node_id] for edge in site.edges], dtype=np.int32)
    end = np.array([index[edge.end_node_id] for edge in site.edges], dtype=np.int32)
    way = xy[end] - xy[start]
    return Grid(xy, start, end, np.arctan2(way[:, 1], way[:, 0]))


def robot_headings_rad(site: Site, grid: Grid, kind: RobotType) -> NDArray[np.float64]:
    """Which way a robot of a type looks on each edge, shape (m,)."""
    headings = grid.edge_heading_rad.copy()
    for number, edge in enumerate(site.edges):
        rule = edge.rule_for(kind.type_id)
        if rule is None:
            continue
        if rule.orientation is OrientationType.GLOBAL:
            headings[number] = rule.orientation_rad
        else:
            headings[number] += rule.orientation_rad
    return headings


def covered_by(site: Site, grid: Grid, kind: RobotType) -> Covered:
    """The floor that a robot of a type needs on every node and edge."""
    headings = robot_headings_rad(site, grid, kind)
    sweeps = swept_areas(
        kind.footprint,
        starts_m=grid.node_xy_m[grid.edge_start],
        ends_m=grid.node_xy_m[grid.edge_end],
        headings_rad=headings,
    )
    if kind.can_turn_in_place:
        points: NDArray[np.object_] = shapely.points(grid.node_xy_m)
        return Covered(points, kind.footprint.radius_m + kind.clearance_m, sweeps, kind.clearance_m)
    outlines = _standing(grid, headings, kind)
    return Covered(outlines, kind.clearance_m, sweeps, kind.clearance_m)


def _standing(
    grid: Grid, headings_rad: NDArray[np.float64], kind: RobotType
) -> NDArray[np.object_]:
    """Hull of the outlines at the headings of each node's edges."""
    corners: list[list[NDArray[np.float64]]] = [[] for _ in grid.node_xy_m]
    turned = kind.footprint.corners_at(headings_rad)
    for edge, heading in enumerate(turned):
        for node in (grid.edge_start[edge], grid.edge_end[edge]):
            corners[node].append(heading + grid.node_xy_m[node])
    disc = shapely.buffer(shapely.points(grid.node_xy_m), kind.footprint.radius_m)
    hulls = [
        shapely.convex_hull(shapely.multipoints(np.concatenate(own))) if own else disc[node]
        for node, own in enumerate(corners)
    ]
    return np.array(hulls, dtype=np.object_)


def exclusions(site: Site, kind: RobotType) -> Exclusions:
    """All exclusive pairs of nodes and edges for one type against every type."""
    grid = grid_of(site)
    own = covered_by(site, grid, kind)
    others = [covered_by(site, grid, other) for other in _distinct(site, grid)]
    node_node = [_near(own.nodes, o.nodes, own.node_radius_m + o.node_radius_m) for o in others]
    node_edge = [_near(own.nodes, o.edges, own.node_radius_m + o.edge_radius_m) for o in others]
    edge_node = [_near(own.edges, o.nodes, own.edge_radius_m + o.node_radius_m) for o in others]
    edge_edge = [_near(own.edges, o.edges, own.edge_radius_m + o.edge_radius_m) for o in others]
    return Exclusions(
        node_node=_symmetric(node_node),
        node_edge=_without_ends(
            np.concatenate(node_edge + [pairs[:, ::-1] for pairs in edge_node]), grid
        ),
        edge_edge=_without_neighbours(_symmetric(edge_edge), grid),
    )


def _distinct(site: Site, grid: Grid) -> list[RobotType]:
    """One type of each outline and way of driving: more would give the same pairs."""
    seen: dict[object, RobotType] = {}
    for kind in site.robot_types:
        headings = robot_headings_rad(site, grid, kind).tobytes()
        same = (kind.footprint, kind.clearance_m, kind.can_turn_in_place, headings)
        seen.setdefault(same, kind)
    return list(seen.values())


def _near(first: NDArray[np.object_], second: NDArray[np.object_], distance_m: float) -> Pairs:
    if len(first) == 0 or len(second) == 0:
        return np.empty((0, 2), dtype=np.int32)
    tree = shapely.STRtree(second)
    found = tree.query(first, predicate="dwithin", distance=max(0.0, distance_m - TOUCH_M))
    pairs: Pairs = found.T.astype(np.int32)
    return pairs


def _symmetric(parts: list[Pairs]) -> Pairs:
    both = np.concatenate(parts + [part[:, ::-1] for part in parts])
    return np.unique(both[both[:, 0] != both[:, 1]], axis=0).astype(np.int32)


def _without_ends(pairs: Pairs, grid: Grid) -> Pairs:
    node, edge = pairs[:, 0], pairs[:, 1]
    foreign = (grid.edge_start[edge] != node) & (grid.edge_end[edge] != node)
    return np.unique(pairs[foreign], axis=0).astype(np.int32)


def _without_neighbours(pairs: Pairs, grid: Grid) -> Pairs:
    """Keep pairs without a common node, on the same two nodes, or leaving one narrowly."""
    first, second = pairs[:, 0], pairs[:, 1]
    common = np.zeros(len(pairs), dtype=np.int32)
    narrow = np.zeros(len(pairs), dtype=bool)
    for one_end in (0, 1):
        for other_end in (0, 1):
            meets = _end(grid, first, one_end) == _end(grid, second, other_end)
            away = _away(grid, first, one_end) - _away(grid, second, other_end)
            narrow |= meets & (np.cos(away) > math.cos(NARROW_RAD))
            common += meets
    kept: Pairs = pairs[(common != 1) | narrow]
    return kept


def _end(grid: Grid, edges: NDArray[np.int32], end: int) -> NDArray[np.int32]:
    nodes: NDArray[np.int32] = (grid.edge_end if end else grid.edge_start)[edges]
    return nodes


def _away(grid: Grid, edges: NDArray[np.int32], end: int) -> NDArray[np.float64]:
    """Direction of the edge seen from one of its ends."""
    heading: NDArray[np.float64] = grid.edge_heading_rad[edges] + (math.pi if end else 0.0)
    return heading
