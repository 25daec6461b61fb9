"""A number of virtual robots at the parking places and chargers of a site."""

from fleetapp.layout.roadmap import RoadMap
from fleetapp.layout.site import Site
from fleetapp.simulation.robots.motion import Limits
from fleetapp.simulation.robots.robot import Look, Spec, VirtualRobot
from fleetapp.terms.modes import StationKind

MAKER = "fleetapp-sim"
RESTING = (StationKind.PARKING, StationKind.CHARGER)


def spawn(
    site: Site,
    road: RoadMap,
    *,
    count: int,
    look: Look | None,
    now_ms: int,
    interface: str = "uagv",
    picture_every_ms: int = 0,
    state_every_ms: int = 1000,
) -> list[VirtualRobot]:
    """Robots r01, r02, ... each at a place of its own.

    Raises:
        ValueError: if the site has fewer places than robots.
    """
    places = [
        node
        for kind in RESTING
        for station in site.stations
        if station.kind is kind
        for node in road.station_nodes.get(station.station_id, ())
    ]
    if count > len(places):
        raise ValueError(
            f"{count} robots, but {site.site_id} has only {len(places)} parking places and "
            "chargers: ask for fewer, or make a site with more"
        )
    kind = road.robot_type
    limits = Limits(
        kind.max_speed_mps, kind.acceleration_mps2, kind.deceleration_mps2, kind.rotation_radps
    )
    chargers = frozenset(
        road.node_ids[node]
        for station in site.stations
        if station.kind is StationKind.CHARGER
        for node in road.station_nodes.get(station.station_id, ())
    )
    return [
        VirtualRobot(
            Spec(
                interface,
                MAKER,
                f"r{number + 1:02d}",
                site.map_id,
                road.node_ids[node],
                int(road.x_mm[node]) / 1000,
                int(road.y_mm[node]) / 1000,
                0.0,
                limits,
                charge_fraction=0.55 + 0.4 * ((number * 7) % 10) / 10,
                state_every_ms=state_every_ms,
                picture_every_ms=picture_every_ms,
                length_m=kind.length_m,
                width_m=kind.width_m,
                charger_nodes=chargers,
            ),
            look,
            now_ms,
        )
        for number, node in enumerate(places[:count])
    ]
