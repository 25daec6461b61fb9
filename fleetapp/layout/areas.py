"""Zones and drawn shapes out of `zones.json` and `shapes.json`.

LIF has no polygons; these two files are ours (`docs/site-format.md`). Zone
kinds are named as in VDA 5050 3.0 where it has a name for them.
"""

import math
from typing import Any

import shapely
from shapely.geometry import Polygon

from fleetapp.layout.elements import AisleLabel, Point, Shape, ShapeKind, Zone
from fleetapp.layout.fields import Fields, named
from fleetapp.layout.finding import Findings
from fleetapp.terms.modes import ZoneKind
from fleetapp.terms.units import wrap_rad

ZONES_FILE = "zones.json"
SHAPES_FILE = "shapes.json"

_ZONE_KEYS = ("zone_id", "kind", "name", "reason", "max_speed_mps", "direction_deg", "polygon")


def read_zones(raw: dict[str, Any], findings: Findings) -> tuple[Zone, ...]:
    """The zones of a parsed `zones.json`."""
    top = Fields(raw, ZONES_FILE, "", findings)
    top.only("zones")
    zones: dict[str, Zone] = {}
    for item in top.children("zones"):
        entry = Fields(item, ZONES_FILE, named("zone", item.get("zone_id")), findings)
        zone = _zone(entry)
        if zone is None:
            continue
        if zone.zone_id in zones:
            entry.error(
                f"the id {zone.zone_id} is given to more than one zone", "give each its own id"
            )
        zones.setdefault(zone.zone_id, zone)
    return tuple(zones.values())


def _zone(entry: Fields) -> Zone | None:
    entry.only(*_ZONE_KEYS)
    zone_id, kind_name = entry.text("zone_id"), entry.text("kind")
    polygon = entry.polygon("polygon")
    if kind_name is not None and kind_name not in tuple(ZoneKind):
        entry.error(f"kind is {kind_name!r}", f"use one of: {', '.join(ZoneKind)}")
        return None
    if zone_id is None or kind_name is None or not _has_area(entry, polygon):
        return None
    kind = ZoneKind(kind_name)
    speed_mps = direction_rad = None
    if kind is ZoneKind.SPEED_LIMIT:
        speed_mps = entry.number("max_speed_mps", low=0, high=20, exclusive=True)
    if kind is ZoneKind.DIRECTED:
        degrees = entry.number("direction_deg", low=-360, high=360)
        direction_rad = None if degrees is None else wrap_rad(math.radians(degrees))
    name = entry.text("name", zone_id) or zone_id
    reason = entry.text("reason", "") or ""
    return Zone(zone_id, kind, name, polygon, speed_mps, direction_rad, reason)


def read_shapes(
    raw: dict[str, Any], findings: Findings
) -> tuple[tuple[Shape, ...], tuple[AisleLabel, ...]]:
    """Shapes and aisle labels of a parsed `shapes.json`."""
    top = Fields(raw, SHAPES_FILE, "", findings)
    top.only("shapes", "aisles")
    shapes = []
    for number, item in enumerate(top.children("shapes"), start=1):
        label = item.get("label") or number
        shape = _shape(Fields(item, SHAPES_FILE, named("shape", label), findings))
        if shape is not None:
            shapes.append(shape)
    aisles = []
    for item in top.children("aisles", required=False):
        entry = Fields(item, SHAPES_FILE, named("aisle", item.get("name")), findings)
        entry.only("name", "x_m", "y_m")
        name, x_m, y_m = entry.text("name"), entry.number("x_m"), entry.number("y_m")
        if name is not None and x_m is not None and y_m is not None:
            aisles.append(AisleLabel(name, x_m, y_m))
    return tuple(shapes), tuple(aisles)


def _shape(entry: Fields) -> Shape | None:
    entry.only("kind", "label", "polygon")
    kind, polygon = entry.text("kind"), entry.polygon("polygon")
    if kind is not None and kind not in tuple(ShapeKind):
        entry.error(f"kind is {kind!r}", f"use one of: {', '.join(ShapeKind)}")
        return None
    if kind is None or not _has_area(entry, polygon):
        return None
    return Shape(ShapeKind(kind), polygon, entry.text("label", "") or "")


def _has_area(entry: Fields, polygon: tuple[Point, ...]) -> bool:
    if not polygon:
        return False
    area = Polygon(polygon)
    if area.is_valid and area.area > 0:
        return True
    why = shapely.is_valid_reason(area) if not area.is_valid else "it has no area"
    entry.error(f"its polygon is not usable: {why}", "give the corners in order, once round")
    return False
