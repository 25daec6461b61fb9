"""Whether robots can work on a site: stations, dead ends, robot types.

What the files themselves get wrong (unknown node, duplicate id, edge without
length) is found while they are read (`site`), what is wrong with the floor in
`check_floor`; here is what only shows when the way of each robot type is known.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleetapp.layout.areas import ZONES_FILE
from fleetapp.layout.check_floor import check_floor
from fleetapp.layout.drivable import Drivable, drivable
from fleetapp.layout.elements import Site, Station
from fleetapp.layout.exclusion import Grid, grid_of
from fleetapp.layout.finding import Finding, Findings, Level
from fleetapp.layout.lif import LIF_FILE
from fleetapp.layout.settings import SETTINGS_FILE
from fleetapp.layout.site import read_site
from fleetapp.terms.modes import StationKind

Types = dict[str, Drivable]

_NEEDED = (
    (StationKind.PICK, "no task can begin: give the stations where goods are taken"),
    (StationKind.CHARGER, "robots will run empty: add a charger"),
    (StationKind.PARKING, "idle robots will stand in the way: add parking places"),
)


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
    # Zones come and go: what only they cut off is no fault of the roadmap.
    bare = replace(site, zones=())
    bare_types = {kind.type_id: drivable(bare, grid, kind) for kind in site.robot_types}
    _check_stations(site, grid, types, findings)
    _check_kinds(site, findings)
    _check_ways_out(site, bare_types, findings)
    _check_cut_off(site, types, bare_types, findings)
    _check_dead_ends(site, grid, bare_types, findings)
    check_floor(site, grid, findings)
    return findings.all()


def _check_stations(site: Site, grid: Grid, types: Types, findings: Findings) -> None:
    left_out: dict[str, list[str]] = {type_id: [] for type_id in types}
    served = {type_id: _served_ids(site, grid, where) for type_id, where in types.items()}
    for station in site.stations:
        unable = [type_id for type_id in types if served[type_id].isdisjoint(station.node_ids)]
        if len(unable) == len(types):
            _report_unserved(station, findings)
            continue
        for type_id in unable:
            left_out[type_id].append(station.station_id)
    for type_id, station_ids in left_out.items():
        if station_ids:
            findings.warning(
                file=LIF_FILE,
                object_id=f"robot type {type_id}",
                message=f"it cannot reach and leave {_listed(station_ids)}; it is kept out there",
                remedy="give edges for this type in and out, if it shall work there",
            )


def _served_ids(site: Site, grid: Grid, where: Drivable) -> frozenset[str]:
    """Nodes that robots of a type can be sent to and get away from again."""
    ends = np.unique(grid.edge_end[where.edge_home])
    return frozenset(site.nodes[node].node_id for node in ends.tolist())


def _report_unserved(station: Station, findings: Findings) -> None:
    findings.error(
        file=LIF_FILE,
        object_id=f"station {station.station_id}",
        message=f"no robot type can reach and leave it ({_listed(list(station.node_ids))})",
        remedy="join its node to the roadmap with an edge in and an edge out, and look for "
        "BLOCKED zones and for turns that the types cannot make",
    )


def _check_kinds(site: Site, findings: Findings) -> None:
    kinds = {station.kind for station in site.stations}
    for kind, remedy in _NEEDED:
        if kind not in kinds:
            findings.warning(
                file=SETTINGS_FILE,
                object_id="",
                message=f"no station is of kind {kind}",
                remedy=remedy,
            )


def _check_ways_out(site: Site, types: Types, findings: Findings) -> None:
    """Edges from whose end nobody gets back: an error if that holds for every type there.

    Those that only some types are kept off are told in one finding for those types.
    """
    kept_off: dict[tuple[str, ...], list[str]] = {}
    for number, edge in enumerate(site.edges):
        here = [name for name, where in types.items() if where.edge_permitted[number]]
        stuck = [name for name in here if not types[name].edge_allowed[number]]
        if here and stuck == here:
            findings.error(
                file=LIF_FILE,
                object_id=f"edge {edge.edge_id}",
                message=f"no robot type gets away from its end {edge.end_node_id} again: none "
                "can turn or reverse there, and no other edge leads on",
                remedy="add an edge that leads on, or remove this one",
            )
        elif stuck:
            kept_off.setdefault(tuple(stuck), []).append(edge.edge_id)
        elif not here:
            _report_unused(edge.edge_id, findings)
    for type_ids, edge_ids in kept_off.items():
        findings.warning(
            file=LIF_FILE,
            object_id=f"robot type {', '.join(type_ids)}",
            message=f"it would not get away again from the ends of {_listed(edge_ids)}; "
            "it is kept out there",
            remedy="add edges that lead on without turning, if it shall drive there",
        )


def _report_unused(edge_id: str, findings: Findings) -> None:
    findings.warning(
        file=LIF_FILE,
        object_id=f"edge {edge_id}",
        message="no robot type may or can drive it",
        remedy="add vehicleTypeEdgeProperties for a type of site.toml, or remove the edge",
    )


def _check_cut_off(site: Site, types: Types, bare_types: Types, findings: Findings) -> None:
    """What zones take away from a roadmap that is whole without them."""
    for type_id, where in types.items():
        open_edges = bare_types[type_id].edge_allowed
        lost = _edge_ids(site, where.edge_permitted & open_edges & ~where.edge_allowed)
        if lost:
            findings.warning(
                file=ZONES_FILE,
                object_id=f"robot type {type_id}",
                message=f"zones leave no way on from {_listed(lost)}; it is kept out there",
                remedy="make the zones smaller, or mark the whole stretch as BLOCKED",
            )


def _edge_ids(site: Site, mask: NDArray[np.bool_]) -> list[str]:
    return [site.edges[edge].edge_id for edge in np.flatnonzero(mask).tolist()]


def _check_dead_ends(site: Site, grid: Grid, types: Types, findings: Findings) -> None:
    """Nodes with a single neighbour where no station is, and nodes that nothing joins."""
    at_stations = {node_id for station in site.stations for node_id in station.node_ids}
    neighbours: list[set[int]] = [set() for _ in site.nodes]
    ends = zip(grid.edge_start.tolist(), grid.edge_end.tolist(), strict=True)
    for start, end in ends:
        neighbours[start].add(end)
        neighbours[end].add(start)
    for node, around in zip(site.nodes, neighbours, strict=True):
        if len(around) > 1 or node.node_id in at_stations:
            continue
        text = "a dead end without a station" if around else "no edge begins or ends here"
        findings.warning(
            file=LIF_FILE,
            object_id=f"node {node.node_id}",
            message=text + _turners(types, around=bool(around)),
            remedy="join it to another node, or remove it",
        )


def _turners(types: Types, *, around: bool) -> str:
    able = [
        name
        for name, where in types.items()
        if where.turning.kind.can_turn_in_place or where.turning.kind.can_reverse
    ]
    return f"; only {', '.join(able)} can turn or reverse there" if around and able else ""


def _listed(names: list[str]) -> str:
    """The first five names and how many more."""
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")
