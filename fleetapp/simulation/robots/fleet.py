"""A number of virtual robots, parked or spread over the pick stations of a site."""

import random
from dataclasses import dataclass
from enum import StrEnum

from fleetapp.layout.roadmap import RoadMap
from fleetapp.layout.site import Site
from fleetapp.simulation.robots.motion import Limits
from fleetapp.simulation.robots.robot import Look, Spec, VirtualRobot
from fleetapp.terms.modes import StationKind

MAKER = "fleetapp-sim"
RESTING = (StationKind.PARKING, StationKind.CHARGER)


class Start(StrEnum):
    """Where robots stand when they begin."""

    PARKED = "parked"
    WORKING = "working"  # spread over the pick stations, as in the middle of a shift


@dataclass(frozen=True, slots=True)
class Figures:
    """What all robots of a fleet have in common."""

    interface: str
    state_every_ms: int
    picture_every_ms: int
    charger_nodes: frozenset[str]


def start_nodes(site: Site, road: RoadMap, start: Start, seed: int) -> tuple[int, ...]:
    """Nodes that robots can stand on at the same time, in the order in which they are given.

    Parking places come first and chargers then; or, for `Start.WORKING`, pick stations
    drawn by `seed` and then the parking places.
    """
    resting = _nodes(site, road, RESTING)
    if start is Start.PARKED:
        return resting
    picks = list(_nodes(site, road, (StationKind.PICK,)))
    random.Random(seed).shuffle(picks)
    return _apart(road, (*picks, *resting))


def _nodes(site: Site, road: RoadMap, kinds: tuple[StationKind, ...]) -> tuple[int, ...]:
    return tuple(
        node
        for kind in kinds
        for station in site.stations
        if station.kind is kind
        for node in road.station_nodes.get(station.station_id, ())
    )


def _apart(road: RoadMap, nodes: tuple[int, ...]) -> tuple[int, ...]:
    """Those that exclude none before them."""
    kept: list[int] = []
    closed: set[int] = set()
    for node in nodes:
        if node not in closed:
            kept.append(node)
            closed.add(node)
            closed.update(road.exclusive_nodes[node])
    return tuple(kept)


def spawn(
    site: Site,
    road: RoadMap,
    places: tuple[int, ...] | None = None,
    *,
    count: int,
    look: Look | None,
    now_ms: int,
    interface: str = "uagv",
    picture_every_ms: int = 0,
    state_every_ms: int = 1000,
) -> list[VirtualRobot]:
    """Robots r01, r02, ... each at a node of its own: `places`, or where robots park.

    Raises:
        ValueError: if there are fewer places than robots.
    """
    places = start_nodes(site, road, Start.PARKED, 0) if places is None else places
    if count > len(places):
        raise ValueError(
            f"{count} robots, but {site.site_id} has only {len(places)} places for them to "
            "stand: ask for fewer, or make a site with more parking places and chargers"
        )
    figures = Figures(interface, state_every_ms, picture_every_ms, _chargers(site, road))
    return [
        VirtualRobot(_spec(site, road, number, node, figures), look, now_ms)
        for number, node in enumerate(places[:count])
    ]


def spawn_one(
    site: Site, road: RoadMap, place: int, *, number: int, look: Look | None, now_ms: int
) -> VirtualRobot:
    """The robot with this number, counted from 0, of the type of a road map, at a node."""
    figures = Figures("uagv", 1000, 0, _chargers(site, road))
    return VirtualRobot(_spec(site, road, number, place, figures), look, now_ms)


def _chargers(site: Site, road: RoadMap) -> frozenset[str]:
    return frozenset(road.node_ids[node] for node in _nodes(site, road, (StationKind.CHARGER,)))


def serial_of(number: int) -> str:
    """The serial of the robot with this number, counted from 1."""
    return f"r{number:02d}"


def is_virtual(robot_id: str) -> bool:
    """Whether one of our robots could have this identity."""
    digits = robot_id.removeprefix(f"{MAKER}/r")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 9 else 0
    return number > 0 and robot_id == f"{MAKER}/{serial_of(number)}"


def _spec(site: Site, road: RoadMap, number: int, node: int, figures: Figures) -> Spec:
    kind = road.robot_type
    return Spec(
        figures.interface,
        MAKER,
        serial_of(number + 1),
        site.map_id,
        road.node_ids[node],
        int(road.x_mm[node]) / 1000,
        int(road.y_mm[node]) / 1000,
        0.0,
        Limits(
            kind.max_speed_mps, kind.acceleration_mps2, kind.deceleration_mps2, kind.rotation_radps
        ),
        charge_fraction=0.55 + 0.4 * ((number * 7) % 10) / 10,
        state_every_ms=figures.state_every_ms,
        picture_every_ms=figures.picture_every_ms,
        length_m=kind.length_m,
        width_m=kind.width_m,
        charger_nodes=figures.charger_nodes,
    )
