"""What `site.toml` says: name, map, robot types, kinds of stations.

LIF gives a station neither a kind nor an outline, so `site.toml` names them by
patterns on the station's id (`docs/site-format.md`).
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from fleetapp.geometry import polygon_footprint
from fleetapp.layout.elements import RobotType
from fleetapp.layout.fields import Fields, named
from fleetapp.layout.finding import Findings
from fleetapp.terms.modes import StationKind

SETTINGS_FILE = "site.toml"

_TOP_KEYS = (
    "site_id",
    "name",
    "map_id",
    "layout_id",
    "return_station",
    "robot_type",
    "station_kind",
    "audit",
)
_TYPE_KEYS = (
    "type_id",
    "length_m",
    "width_m",
    "center_ahead_m",
    "center_left_m",
    "outline",
    "clearance_m",
    "max_speed_mps",
    "loaded_speed_mps",
    "acceleration_mps2",
    "deceleration_mps2",
    "rotation_radps",
    "can_turn_in_place",
    "can_reverse",
    "camera",
    "state_interval_s",
    "battery_hours",
    "pick",
    "drop",
    "detect",
)


@dataclass(frozen=True, slots=True)
class StationClass:
    """Kind and outline of all stations whose id fits one of the patterns."""

    kind: StationKind
    patterns: tuple[str, ...]
    width_m: float
    height_m: float

    def fits(self, station_id: str) -> bool:
        """Whether a station's id fits one of the patterns (case counts)."""
        return any(fnmatchcase(station_id, pattern) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Settings:
    """The content of `site.toml`."""

    site_id: str
    name: str
    map_id: str
    layout_id: str
    return_station_id: str
    robot_types: tuple[RobotType, ...]
    station_classes: tuple[StationClass, ...]
    second_anchor: str  # a file for the journal's head outside the data folder, "" for none


def read_settings(raw: dict[str, Any], findings: Findings) -> Settings:
    """Read a parsed `site.toml`; whatever is wrong goes into `findings`."""
    top = Fields(raw, SETTINGS_FILE, "", findings)
    top.only(*_TOP_KEYS)
    site_id = top.text("site_id") or ""
    return Settings(
        site_id=site_id,
        name=top.text("name") or site_id,
        map_id=top.text("map_id") or "",
        layout_id=top.text("layout_id", "") or "",
        return_station_id=top.text("return_station") or "",
        robot_types=_robot_types(top),
        station_classes=tuple(_station_classes(top)),
        second_anchor=_second_anchor(top),
    )


def _second_anchor(top: Fields) -> str:
    if "audit" not in top.raw:
        return ""
    entry = top.child("audit")
    entry.only("anchor")
    path = entry.text("anchor") or ""
    if path and not Path(path).is_absolute():
        entry.error(f"anchor is {path!r}", "give it as a whole path, from the root on")
        return ""
    return path


def _robot_types(top: Fields) -> tuple[RobotType, ...]:
    found: dict[str, RobotType] = {}
    for item in top.children("robot_type"):
        object_id = named("robot type", item.get("type_id"))
        entry = Fields(item, SETTINGS_FILE, object_id, top.findings)
        kind = _robot_type(entry)
        if kind is None:
            continue
        if kind.type_id in found:
            entry.error("its type_id is given more than once", "give each type its own type_id")
        found.setdefault(kind.type_id, kind)
    if not found:
        top.error("it names no usable robot type", "add a [[robot_type]] table")
    return tuple(found.values())


def _robot_type(entry: Fields) -> RobotType | None:
    entry.only(*_TYPE_KEYS)
    type_id = entry.text("type_id")
    length_m = entry.number("length_m", low=0, high=20, exclusive=True)
    width_m = entry.number("width_m", low=0, high=20, exclusive=True)
    speed_mps = entry.number("max_speed_mps", low=0, high=20, exclusive=True)
    acceleration = entry.number("acceleration_mps2", low=0, high=20, exclusive=True)
    deceleration = entry.number("deceleration_mps2", low=0, high=20, exclusive=True)
    rotation = entry.number("rotation_radps", low=0, high=20, exclusive=True)
    if type_id is None or length_m is None or width_m is None or speed_mps is None:
        return None
    if acceleration is None or deceleration is None or rotation is None:
        return None
    ahead_m = entry.number("center_ahead_m", default=0.0, low=-20, high=20) or 0.0
    left_m = entry.number("center_left_m", default=0.0, low=-20, high=20) or 0.0
    loaded = entry.number("loaded_speed_mps", default=speed_mps, low=0, high=20, exclusive=True)
    clearance_m = entry.number("clearance_m", default=0.05, low=0, high=2)
    interval_s = entry.number("state_interval_s", default=30.0, low=0, high=600, exclusive=True)
    hours = entry.number("battery_hours", default=3.0, low=0, high=100, exclusive=True)
    return RobotType(
        type_id=type_id,
        length_m=length_m,
        width_m=width_m,
        center_offset=(ahead_m, left_m),
        outline=_outline(entry),
        clearance_m=clearance_m or 0.0,
        max_speed_mps=speed_mps,
        loaded_speed_mps=loaded or speed_mps,
        acceleration_mps2=acceleration,
        deceleration_mps2=deceleration,
        rotation_radps=rotation,
        can_turn_in_place=entry.flag("can_turn_in_place", default=True),
        can_reverse=entry.flag("can_reverse", default=False),
        camera=entry.flag("camera", default=False),
        state_interval_s=interval_s or 30.0,
        battery_hours=hours or 3.0,
        pick_parameters=entry.parameters("pick"),
        drop_parameters=entry.parameters("drop"),
        detect_parameters=entry.parameters("detect"),
    )


def _outline(entry: Fields) -> tuple[tuple[float, float], ...]:
    corners = entry.polygon("outline", required=False)
    if not corners:
        return ()
    try:
        polygon_footprint(corners)
    except ValueError as error:
        entry.error(f"outline: {error}", "leave outline out to use length_m and width_m")
        return ()
    return corners


def _station_classes(top: Fields) -> list[StationClass]:
    found = []
    for number, item in enumerate(top.children("station_kind"), start=1):
        label = item.get("kind", number)
        entry = Fields(item, SETTINGS_FILE, named("station kind", label), top.findings)
        entry.only("kind", "stations", "width_m", "height_m")
        kind, patterns = entry.text("kind"), entry.texts("stations")
        width_m = entry.number("width_m", low=0, high=100, exclusive=True)
        height_m = entry.number("height_m", low=0, high=100, exclusive=True)
        if kind is not None and kind not in tuple(StationKind):
            entry.error(f"kind is {kind!r}", f"use one of: {', '.join(StationKind)}")
        elif kind is not None and width_m is not None and height_m is not None:
            found.append(StationClass(StationKind(kind), patterns, width_m, height_m))
    return found
