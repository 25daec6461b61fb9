"""Which edges a robot type may drive, and how fast.

Three things keep a type off an edge: the layout (no rule for the type), a zone
(BLOCKED; DIRECTED against its direction), and its kinematics (an orientation it
cannot hold, or no way on from the edge's end).
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components
from shapely.geometry import Polygon

from fleetapp.layout.elements import EdgeRule, OrientationType, RobotType, Site, Zone
from fleetapp.layout.exclusion import Covered, Grid, covered_by, robot_headings_rad
from fleetapp.layout.turning import FORBIDDEN_MS, STEER_RAD, Turning
from fleetapp.terms.modes import ZoneKind

# An edge on whose centre line a zone covers less than this is only touched.
TOUCHED_M = 0.001


@dataclass(frozen=True, slots=True)
class Drivable:
    """Masks and tables of one robot type over all nodes and edges of a site."""

    node_free: NDArray[np.bool_]  # no BLOCKED zone touches a robot that stands there
    edge_permitted: NDArray[np.bool_]  # by layout, zones and orientation
    edge_allowed: NDArray[np.bool_]  # permitted, and there is a way on from its end
    edge_home: NDArray[np.bool_]  # part of the connected heart of the roadmap, or behind it
    turning: Turning  # headings, speeds and the cost of turns


def drivable(site: Site, grid: Grid, kind: RobotType) -> Drivable:
    """Where a robot type may go on a site."""
    covered = covered_by(site, grid, kind)
    headings = robot_headings_rad(site, grid, kind)
    node_free, edge_free = _outside_blocked(site, covered)
    permitted = edge_free & node_free[grid.edge_start] & node_free[grid.edge_end]
    permitted &= ~_against_direction(site, grid)
    rules = tuple(edge.rule_for(kind.type_id) for edge in site.edges)
    permitted &= np.array([_can_hold(rule, kind) for rule in rules], dtype=bool)
    speeds = _speeds_mmps(site, covered, kind, rules)
    turning = Turning(kind, headings, speeds, rules)
    allowed, home = _connected(grid, turning, permitted)
    return Drivable(node_free, permitted, allowed, home, turning)


def _can_hold(rule: EdgeRule | None, kind: RobotType) -> bool:
    """Whether a type can drive with the orientation that the layout wants."""
    if rule is None or rule.orientation is OrientationType.GLOBAL:
        return False
    nose_first = abs(rule.orientation_rad) <= STEER_RAD
    tail_first = abs(rule.orientation_rad) >= math.pi - STEER_RAD
    return nose_first or (tail_first and kind.can_reverse)


def _outside_blocked(site: Site, covered: Covered) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    nodes = np.ones(len(covered.nodes), dtype=bool)
    edges = np.ones(len(covered.edges), dtype=bool)
    for zone in site.zones:
        if zone.kind is not ZoneKind.BLOCKED:
            continue
        area = Polygon(zone.polygon)
        nodes &= ~shapely.dwithin(covered.nodes, area, covered.node_radius_m)
        edges &= ~shapely.dwithin(covered.edges, area, covered.edge_radius_m)
    return nodes, edges


def _against_direction(site: Site, grid: Grid) -> NDArray[np.bool_]:
    """Edges that run in a one-way zone and mainly against its direction."""
    against = np.zeros(len(grid.edge_start), dtype=bool)
    ends = np.stack([grid.node_xy_m[grid.edge_start], grid.node_xy_m[grid.edge_end]], axis=1)
    lines = shapely.linestrings(ends)
    for zone in site.zones:
        if zone.kind is not ZoneKind.DIRECTED or zone.direction_rad is None:
            continue
        inside = shapely.length(shapely.intersection(lines, Polygon(zone.polygon))) > TOUCHED_M
        against |= inside & (np.cos(grid.edge_heading_rad - zone.direction_rad) < -0.1)
    return against


def _speeds_mmps(
    site: Site, covered: Covered, kind: RobotType, rules: tuple[EdgeRule | None, ...]
) -> NDArray[np.int32]:
    """Lowest of robot, layout and SPEED_LIMIT zones that the robot's outline enters."""
    limits = [rule.max_speed_mps if rule else None for rule in rules]
    speeds = np.array([limit or kind.max_speed_mps for limit in limits], dtype=np.float64)
    speeds = np.minimum(speeds, kind.max_speed_mps)
    for zone in site.zones:
        if zone.kind is ZoneKind.SPEED_LIMIT and zone.max_speed_mps is not None:
            inside = _enters(covered, zone)
            speeds[inside] = np.minimum(speeds[inside], zone.max_speed_mps)
    return np.maximum(1, np.floor(speeds * 1000 + 0.5)).astype(np.int32)


def _enters(covered: Covered, zone: Zone) -> NDArray[np.bool_]:
    area = Polygon(zone.polygon)
    inside: NDArray[np.bool_] = shapely.intersects(covered.edges, area)
    inside &= ~shapely.touches(covered.edges, area)
    return inside


def _connected(
    grid: Grid, turning: Turning, permitted: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Edges from which the heart of the roadmap can be reached, and those it reaches.

    The heart is the largest set of edges that can all be driven one after the
    other and back. An edge that leads to where nobody gets out again is left
    out, so that no robot is ever sent there.
    """
    count = len(permitted)
    if not permitted.any():
        return permitted.copy(), permitted.copy()
    ways_on = _ways_on(grid, turning, permitted)
    _, label = connected_components(ways_on, directed=True, connection="strong")
    largest = int(np.argmax(np.bincount(label[permitted])))
    heart = int(np.flatnonzero(permitted & (label == largest))[0])
    reaches = np.zeros(count, dtype=bool)
    reached = np.zeros(count, dtype=bool)
    reaches[breadth_first_order(ways_on.T.tocsr(), heart, return_predecessors=False)] = True
    reached[breadth_first_order(ways_on, heart, return_predecessors=False)] = True
    return permitted & reaches, permitted & reaches & reached


def _ways_on(grid: Grid, turning: Turning, permitted: NDArray[np.bool_]) -> "csr_array":
    """Edge-to-edge graph: which edge may follow which."""
    leaving: dict[int, list[int]] = {}
    for edge in np.flatnonzero(permitted).tolist():
        leaving.setdefault(int(grid.edge_start[edge]), []).append(edge)
    rows, columns = [], []
    for edge in np.flatnonzero(permitted).tolist():
        for follower in leaving.get(int(grid.edge_end[edge]), []):
            if turning.ms(edge, follower) != FORBIDDEN_MS:
                rows.append(edge)
                columns.append(follower)
    ones = np.ones(len(rows), dtype=np.int8)
    return csr_array((ones, (rows, columns)), shape=(len(permitted), len(permitted)))
