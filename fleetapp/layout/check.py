"""Whether robots can work on a site: stations, dead ends, near nodes, robot types.

What the files themselves get wrong (unknown node, duplicate id, edge without
length) is found while they are read (`site`); this module adds what only shows
when the roadmap of each robot type is known. No picture of walls is checked
against scanner data; that stays with the people who commission the hall.
"""

from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import Polygon

from fleetapp.layout.drivable import Drivable, drivable
from fleetapp.layout.elements import RobotType, ShapeKind, Site, Station
from fleetapp.layout.exclusion import Grid, covered_by, grid_of
from fleetapp.layout.finding import Finding, Findings, Level
from fleetapp.layout.lif import LIF_FILE
from fleetapp.layout.settings import SETTINGS_FILE
from fleetapp.layout.site import read_site
from fleetapp.terms.modes import StationKind

# Robots at two nodes nearer than this are at the same place for localisation.
VERY_NEAR_M = 0.3
# What robots must not touch; floor and doors they drive over.
SOLID = (ShapeKind.WALL, ShapeKind.SHELF, ShapeKind.ROOM, ShapeKind.CONVEYOR)


def check_site(folder: Path) -> tuple[Site | None, tuple[Finding, ...]]:
    """Read a site and look at it with the eyes of each robot type.

    Returns:
        The site (None if its files have errors) and all findings, errors first.
    """
    site, found = read_site(folder)
    if site is not None:
        found += check_roadmap(site)
    return site, tuple(sorted(found, key=lambda finding: finding.level is not Level.ERROR))


def check_roadmap(site: Site) -> tuple[Finding, ...]:
    """What is wrong with the roadmap of a site whose files could be read."""
    findings = Findings()
    grid = grid_of(site)
    types = {kind.type_id: drivable(site, grid, kind) for kind in site.robot_types}
    _check_stations(site, grid, types, findings)
    _check_charging(site, findings)
    _check_dead_ends(site, grid, types, findings)
    _check_near_nodes(site, grid, findings)
    for kind in site.robot_types:
        _check_obstacles(site, grid, kind, findings)
    return findings.all()


def _served_ids(site: Site, grid: Grid, where: Drivable) -> frozenset[str]:
    ends = np.unique(grid.edge_end[where.edge_home])
    return frozenset(site.nodes[node].node_id for node in ends.tolist())


def _check_stations(site: Site, grid: Grid, types: dict[str, Drivable], findings: Findings) -> None:
    served = {type_id: _served_ids(site, grid, where) for type_id, where in types.items()}
    for station in site.stations:
        able = [
            type_id
            for type_id, nodes in served.items()
            if any(node_id in nodes for node_id in station.node_ids)
        ]
        if not able:
            _report_unserved(station, findings)
            continue
        for type_id in sorted(set(types) - set(able)):
            findings.warning(
                file=LIF_FILE,
                object_id=f"station {station.station_id}",
                message=f"robots of type {type_id} cannot reach and leave it; they are kept out",
                remedy="give edges for this type in and out, if it shall work there",
            )


def _report_unserved(station: Station, findings: Findings) -> None:
    findings.error(
        file=LIF_FILE,
        object_id=f"station {station.station_id}",
        message=f"no robot type can reach and leave it (nodes {', '.join(station.node_ids)})",
        remedy="join its node to the roadmap with an edge in and an edge out, and look for "
        "BLOCKED zones and for turns that the types cannot make",
    )


def _check_charging(site: Site, findings: Findings) -> None:
    kinds = {station.kind for station in site.stations}
    for kind, remedy in (
        (StationKind.CHARGER, "robots will run empty: add a charger"),
        (StationKind.PARKING, "idle robots will stand in the way: add parking places"),
    ):
        if kind not in kinds:
            findings.warning(
                file=SETTINGS_FILE,
                object_id="",
                message=f"no station is of kind {kind}",
                remedy=remedy,
            )


def _check_dead_ends(
    site: Site, grid: Grid, types: dict[str, Drivable], findings: Findings
) -> None:
    """Edges kept out because no way leads on, and nodes that nothing joins."""
    for type_id, where in types.items():
        for edge in np.flatnonzero(where.edge_permitted & ~where.edge_allowed).tolist():
            findings.warning(
                file=LIF_FILE,
                object_id=f"edge {site.edges[edge].edge_id}",
                message=f"a dead end for robots of type {type_id}: nobody gets back to the "
                "roadmap from its end; they are kept out",
                remedy="add an edge that leads on, or remove this one",
            )
    joined = np.zeros(len(site.nodes), dtype=bool)
    joined[grid.edge_start] = True
    joined[grid.edge_end] = True
    for node in np.flatnonzero(~joined).tolist():
        findings.warning(
            file=LIF_FILE,
            object_id=f"node {site.nodes[node].node_id}",
            message="no edge begins or ends here",
            remedy="join it to the roadmap or remove it",
        )


def _check_near_nodes(site: Site, grid: Grid, findings: Findings) -> None:
    points = shapely.points(grid.node_xy_m)
    tree = shapely.STRtree(points)
    pairs = tree.query(points, predicate="dwithin", distance=VERY_NEAR_M).T
    for first, second in sorted(map(tuple, pairs.tolist())):
        if first < second:
            apart_m = float(shapely.distance(points[first], points[second]))
            one, other = site.nodes[first].node_id, site.nodes[second].node_id
            findings.warning(
                file=LIF_FILE,
                object_id=f"node {one}",
                message=f"it lies {apart_m:.2f} m from node {other}",
                remedy=f"a robot cannot tell them apart below {VERY_NEAR_M} m: merge them or "
                "move them apart",
            )


def _check_obstacles(site: Site, grid: Grid, kind: RobotType, findings: Findings) -> None:
    """Edges on which a robot would touch something solid."""
    solid = [shape for shape in site.shapes if shape.kind in SOLID]
    if not solid:
        return
    covered = covered_by(site, grid, kind)
    tree = shapely.STRtree([Polygon(shape.polygon) for shape in solid])
    hits = tree.query(covered.edges, predicate="intersects").T.tolist()
    for edge, shape in sorted(map(tuple, hits)):
        if site.edges[edge].rule_for(kind.type_id) is not None:
            findings.warning(
                file=LIF_FILE,
                object_id=f"edge {site.edges[edge].edge_id}",
                message=f"a robot of type {kind.type_id} touches the {solid[shape].kind} "
                f"{solid[shape].label}".rstrip(),
                remedy="move the edge or correct shapes.json",
            )
