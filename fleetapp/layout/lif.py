"""Nodes, edges and stations out of a LIF file.

Read: positions, edges (their rules for each robot type: `lif_rules`), stations.
Not used: heights, node orientations, and actions, whose REQUIRED ones give a
warning.

Source: LIF 1.0.0 (VDMA, March 2024), schema in `tests/layout/data`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fleetapp.layout.elements import Edge, Node
from fleetapp.layout.fields import Fields, named
from fleetapp.layout.finding import Findings
from fleetapp.layout.lif_rules import read_rules, unknown_types

LIF_FILE = "layout.lif.json"
KNOWN_VERSIONS = ("1.0",)
# Two nodes nearer than this are one point for a robot's localisation.
SHORTEST_EDGE_M = 0.01

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class LifStation:
    """A station as LIF knows it: LIF has neither kind nor outline."""

    station_id: str
    name: str
    node_ids: tuple[str, ...]
    x_m: float | None
    y_m: float | None
    heading_rad: float | None


@dataclass(frozen=True, slots=True)
class LifLayout:
    """The content of one layout of a LIF file."""

    version: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    stations: tuple[LifStation, ...]


def read_lif(
    raw: dict[str, Any],
    *,
    map_id: str,
    layout_id: str,
    type_ids: tuple[str, ...],
    findings: Findings,
) -> LifLayout:
    """Read one layout of a parsed LIF file; whatever is wrong goes into `findings`.

    Args:
        raw: the parsed file.
        map_id: for nodes that name no map.
        layout_id: which layout to take; empty if the file has just one.
        type_ids: the robot types that the site knows.
        findings: collects what is wrong.
    """
    top = Fields(raw, LIF_FILE, "", findings)
    _check_version(top)
    layout = _chosen_layout(top, layout_id)
    nodes = _without_doubles(
        tuple(_nodes(layout, map_id)), lambda node: node.node_id, "node", findings
    )
    by_id = {node.node_id: node for node in nodes}
    _warn_of_types(layout, type_ids)
    _warn_of_actions(layout)
    edges = _without_doubles(
        tuple(_edges(layout, by_id, type_ids)), lambda edge: edge.edge_id, "edge", findings
    )
    stations = _without_doubles(
        tuple(_stations(layout, by_id)), lambda station: station.station_id, "station", findings
    )
    return LifLayout(layout.text("layoutVersion", "") or "", nodes, edges, stations)


def _check_version(top: Fields) -> None:
    version = top.child("metaInformation").text("lifVersion") or ""
    if version and version.rsplit(".", 1)[0] not in KNOWN_VERSIONS:
        top.warning(
            f"lifVersion is {version}, this program knows 1.0",
            "export the layout as LIF 1.0.0, or check that nothing is missing on the map",
        )


def _chosen_layout(top: Fields, layout_id: str) -> Fields:
    layouts = top.children("layouts")
    fitting = [item for item in layouts if not layout_id or item.get("layoutId") == layout_id]
    if len(fitting) == 1:
        return Fields(fitting[0], LIF_FILE, "", top.findings)
    names = ", ".join(named("layout", item.get("layoutId")) for item in layouts[:9]) or "none"
    wanted = f"layout {layout_id!r}" if layout_id else "exactly one layout"
    top.error(
        f"{wanted} is wanted, the file holds: {names}",
        'name the layout to take in site.toml, as in layout_id = "..."',
    )
    return Fields({"nodes": [], "edges": [], "stations": []}, LIF_FILE, "", top.findings)


def _nodes(layout: Fields, map_id: str) -> list[Node]:
    found = []
    for raw in layout.children("nodes"):
        entry = Fields(raw, LIF_FILE, named("node", raw.get("nodeId")), layout.findings)
        node_id = entry.text("nodeId")
        position = entry.child("nodePosition")
        x_m, y_m = position.number("x"), position.number("y")
        own_map = entry.text("mapId", map_id)
        if own_map != map_id:
            entry.error(
                f"mapId is {own_map!r}, the site's map is {map_id!r}",
                "keep one map in a site: correct mapId or map_id in site.toml",
            )
        if node_id is not None and x_m is not None and y_m is not None:
            found.append(Node(node_id, x_m, y_m, map_id))
    return found


def _warn_of_types(layout: Fields, type_ids: tuple[str, ...]) -> None:
    counts = unknown_types(_objects(layout.raw.get("edges")), type_ids)
    for type_id, count in sorted(counts.items()):
        layout.findings.warning(
            file=LIF_FILE,
            object_id=named("robot type", type_id),
            message=f"{count} edges have rules for it, site.toml does not know it",
            remedy=f"add it to site.toml, or use one of: {', '.join(type_ids)}",
        )


def _warn_of_actions(layout: Fields) -> None:
    """Nodes and edges with actions that a fleet manager must always send."""
    for key, noun, properties in (
        ("nodes", "node", "vehicleTypeNodeProperties"),
        ("edges", "edge", "vehicleTypeEdgeProperties"),
    ):
        for item in _objects(layout.raw.get(key)):
            actions = [a for rule in _objects(item.get(properties)) for a in _actions(rule)]
            if any(action.get("requirementType") == "REQUIRED" for action in actions):
                layout.findings.warning(
                    file=LIF_FILE,
                    object_id=named(noun, item.get(f"{noun}Id")),
                    message="it has a REQUIRED action, which is never sent from here",
                    remedy="make sure that robots may pass without it, or take it out",
                )


def _actions(rule: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return _objects(rule.get("actions"))


def _objects(value: Any) -> tuple[dict[str, Any], ...]:
    """The objects in a list, whatever else is in it."""
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, dict))


def _edges(layout: Fields, nodes: dict[str, Node], type_ids: tuple[str, ...]) -> list[Edge]:
    found = []
    for raw in layout.children("edges"):
        entry = Fields(raw, LIF_FILE, named("edge", raw.get("edgeId")), layout.findings)
        edge_id = entry.text("edgeId")
        ends = [_known_node(entry, key, nodes) for key in ("startNodeId", "endNodeId")]
        rules = read_rules(entry, type_ids)
        start, end = ends
        if edge_id is None or start is None or end is None:
            continue
        length_m = math.hypot(end.x_m - start.x_m, end.y_m - start.y_m)
        if length_m < SHORTEST_EDGE_M:
            entry.error(
                f"it is {length_m * 1000:.0f} mm long, from {start.node_id} to {end.node_id}",
                "move its nodes apart or remove the edge",
            )
            continue
        found.append(Edge(edge_id, start.node_id, end.node_id, length_m, rules))
    return found


def _known_node(entry: Fields, key: str, nodes: dict[str, Node]) -> Node | None:
    node_id = entry.text(key)
    if node_id is None:
        return None
    if node_id not in nodes:
        entry.error(f"{key} names unknown node {node_id}", "add the node or remove the edge")
    return nodes.get(node_id)


def _stations(layout: Fields, nodes: dict[str, Node]) -> list[LifStation]:
    found = []
    for raw in layout.children("stations"):
        entry = Fields(raw, LIF_FILE, named("station", raw.get("stationId")), layout.findings)
        station_id = entry.text("stationId")
        node_ids = entry.texts("interactionNodeIds")
        for node_id in node_ids:
            if node_id not in nodes:
                entry.error(
                    f"interactionNodeIds names unknown node {node_id}",
                    "add the node or take it out of the station",
                )
        known = tuple(node_id for node_id in node_ids if node_id in nodes)
        if station_id is not None and not known:
            entry.error("it has no node", "give at least one node in interactionNodeIds")
        elif station_id is not None:
            found.append(_station(entry, station_id, known))
    return found


def _station(entry: Fields, station_id: str, node_ids: tuple[str, ...]) -> LifStation:
    x_m = y_m = heading_rad = None
    if entry.raw.get("stationPosition") is not None:
        position = entry.child("stationPosition")
        x_m, y_m = position.number("x"), position.number("y")
        if position.raw.get("theta") is not None:
            heading_rad = position.number("theta", low=-2 * math.pi, high=2 * math.pi)
    name = entry.text("stationName", station_id) or station_id
    return LifStation(station_id, name, node_ids, x_m, y_m, heading_rad)


def _without_doubles(
    items: tuple[_Item, ...], id_of: Callable[[_Item], str], noun: str, findings: Findings
) -> tuple[_Item, ...]:
    """The first item of each id; every further one is an error."""
    kept: dict[str, _Item] = {}
    for item in items:
        if id_of(item) in kept:
            findings.error(
                file=LIF_FILE,
                object_id=f"{noun} {id_of(item)}",
                message=f"the id {id_of(item)} is given to more than one {noun}",
                remedy="give each its own id",
            )
        kept.setdefault(id_of(item), item)
    return tuple(kept.values())
