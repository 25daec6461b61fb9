"""Prepares the roadmap of each robot type of a site, or takes it from the cache.

What the tables mean is told in `tables`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleetapp.layout.cache import load_tables, save_tables
from fleetapp.layout.drivable import Drivable, drivable
from fleetapp.layout.elements import RobotType, Site, Station
from fleetapp.layout.exclusion import Exclusions, Grid, Pairs, exclusions, grid_of
from fleetapp.layout.links import links_of
from fleetapp.layout.tables import Numbers, RoadMap
from fleetapp.layout.travel import UNREACHABLE_MS, TravelTimes
from fleetapp.layout.turning import FORBIDDEN_MS
from fleetapp.terms.units import mm, mrad

__all__ = ["FORBIDDEN_MS", "UNREACHABLE_MS", "RoadMap", "build_roadmap", "build_roadmaps"]

# Raise it when the tables of an unchanged site come out differently.
TABLES_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Basis:
    """What is known of a site for one robot type, before tables are made of it."""

    site: Site
    kind: RobotType
    grid: Grid
    where: Drivable
    pairs: Exclusions
    travel: TravelTimes


def build_roadmaps(site: Site, cache_dir: Path | None) -> dict[str, RoadMap]:
    """The roadmap of each robot type, by type id.

    Args:
        site: a site without errors.
        cache_dir: where exclusions and driving times are kept by digest; None
            computes them anew. Files in it may be deleted at any time.
    """
    return {kind.type_id: build_roadmap(site, kind, cache_dir) for kind in site.robot_types}


def build_roadmap(site: Site, kind: RobotType, cache_dir: Path | None) -> RoadMap:
    """The roadmap of one robot type of a site."""
    grid = grid_of(site)
    where = drivable(site, grid, kind)
    key = _key(site, kind)
    cached = load_tables(cache_dir, key)
    pairs = cached.exclusions if cached else exclusions(site, kind)
    travel_ms = _travel_ms(site, where)
    allowed = where.edge_allowed
    travel = TravelTimes(
        node_count=len(site.nodes),
        start=grid.edge_start[allowed],
        end=grid.edge_end[allowed],
        travel_ms=travel_ms[allowed],
        table=cached.travel_ms if cached else None,
    )
    if cache_dir is not None and cached is None:
        save_tables(cache_dir, key, pairs, travel.table() if travel.is_small else None)
    return _assembled(_Basis(site, kind, grid, where, pairs, travel))


def _assembled(basis: _Basis) -> RoadMap:
    site, grid, where, pairs = basis.site, basis.grid, basis.where, basis.pairs
    node_ids = tuple(node.node_id for node in site.nodes)
    edge_ids = tuple(edge.edge_id for edge in site.edges)
    index_of = {node_id: number for number, node_id in enumerate(node_ids)}
    links = links_of(grid, where)
    return RoadMap(
        digest=_digest(basis),
        site_digest=site.digest,
        map_id=site.map_id,
        robot_type=basis.kind,
        node_ids=node_ids,
        index_of=index_of,
        x_mm=np.array([mm(node.x_m) for node in site.nodes], dtype=np.int32),
        y_mm=np.array([mm(node.y_m) for node in site.nodes], dtype=np.int32),
        node_allowed=_visited(grid, where.edge_allowed),
        edge_ids=edge_ids,
        edge_index_of={edge_id: number for number, edge_id in enumerate(edge_ids)},
        edge_start=grid.edge_start,
        edge_end=grid.edge_end,
        edge_length_mm=_lengths_mm(site),
        edge_speed_mmps=where.turning.speed_mmps,
        edge_travel_ms=_travel_ms(site, where),
        edge_heading_mrad=_headings_mrad(where),
        edge_reversed=np.cos(where.turning.heading_rad - grid.edge_heading_rad) < 0,
        edge_allowed=where.edge_allowed,
        out_edges=links.out_edges,
        in_edges=links.in_edges,
        reverse_of=links.reverse_of,
        turns_ms=links.turns_ms,
        exclusive_nodes=_listed(pairs.node_node, len(node_ids)),
        exclusive_edges_of_node=_listed(pairs.node_edge, len(node_ids)),
        exclusive_of_edge=_exclusive_of_edge(pairs, len(edge_ids)),
        station_nodes=_station_nodes(site, index_of, _served(grid, where)),
        station_at=_station_at(site.stations, index_of),
        mouth_of=links.mouth_of,
        travel=basis.travel,
    )


def _lengths_mm(site: Site) -> NDArray[np.int32]:
    return np.array([max(1, mm(edge.length_m)) for edge in site.edges], dtype=np.int32)


def _travel_ms(site: Site, where: Drivable) -> NDArray[np.int32]:
    """Length by speed, rounded up; acceleration is counted where a robot turns."""
    lengths = _lengths_mm(site).astype(np.int64)
    times = -(-lengths * 1000 // where.turning.speed_mmps.astype(np.int64))
    return times.astype(np.int32)


def _headings_mrad(where: Drivable) -> NDArray[np.int32]:
    return np.array([mrad(h) for h in where.turning.heading_rad.tolist()], dtype=np.int32)


def _visited(grid: Grid, edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes at either end of the given edges."""
    nodes = np.zeros(len(grid.node_xy_m), dtype=bool)
    nodes[grid.edge_start[edges]] = True
    nodes[grid.edge_end[edges]] = True
    return nodes


def _served(grid: Grid, where: Drivable) -> NDArray[np.bool_]:
    """Nodes that robots of the type can be sent to and get away from again."""
    nodes = np.zeros(len(grid.node_xy_m), dtype=bool)
    nodes[grid.edge_end[where.edge_home]] = True
    return nodes


def _station_nodes(
    site: Site, index_of: dict[str, int], served: NDArray[np.bool_]
) -> dict[str, Numbers]:
    found = {}
    for station in site.stations:
        nodes = [index_of[node_id] for node_id in station.node_ids]
        usable = tuple(node for node in nodes if served[node])
        if usable:
            found[station.station_id] = usable
    return found


def _station_at(stations: tuple[Station, ...], index_of: dict[str, int]) -> dict[int, str]:
    at: dict[int, str] = {}
    for station in stations:
        for node_id in station.node_ids:
            at.setdefault(index_of[node_id], station.station_id)
    return at


def _exclusive_of_edge(pairs: Exclusions, count: int) -> tuple[tuple[Numbers, Numbers], ...]:
    """For each edge the edges and nodes that it excludes."""
    edges = _listed(pairs.edge_edge, count)
    nodes = _listed(pairs.node_edge[:, ::-1], count)
    return tuple(zip(edges, nodes, strict=True))


def _listed(pairs: Pairs, count: int) -> tuple[Numbers, ...]:
    """Second members by first member, ascending."""
    lists: list[list[int]] = [[] for _ in range(count)]
    for first, second in pairs.tolist():
        lists[first].append(second)
    return tuple(tuple(sorted(numbers)) for numbers in lists)


def _key(site: Site, kind: RobotType) -> str:
    text = f"{TABLES_VERSION}|{site.digest}|{kind.type_id}"
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(basis: _Basis) -> str:
    """Names the content of the tables, whatever they were computed from."""
    site, kind, where, pairs = basis.site, basis.kind, basis.where, basis.pairs
    total = hashlib.sha256(f"{TABLES_VERSION}|{site.digest}|{kind.type_id}".encode())
    tables = (where.edge_allowed, where.turning.speed_mmps)
    for table in (*tables, pairs.node_node, pairs.node_edge, pairs.edge_edge):
        total.update(np.ascontiguousarray(table).tobytes())
    return total.hexdigest()
