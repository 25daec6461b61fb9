"""Reads a site's folder: `site.toml`, `layout.lif.json`, `zones.json`, `shapes.json`.

Here the files are read and their references resolved. Whether robots can work
with what they say (stations reached and left, dead ends) is `check`.
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from fleetapp.layout.areas import SHAPES_FILE, ZONES_FILE, read_shapes, read_zones
from fleetapp.layout.elements import (
    AisleLabel,
    Edge,
    EdgeRule,
    Node,
    OrientationType,
    RobotType,
    Shape,
    ShapeKind,
    Site,
    Station,
    Zone,
)
from fleetapp.layout.finding import Finding, Findings, Level, SiteError
from fleetapp.layout.lif import LIF_FILE, LifLayout, LifStation, read_lif
from fleetapp.layout.settings import SETTINGS_FILE, Settings, StationClass, read_settings
from fleetapp.terms.modes import StationKind

__all__ = [
    "AisleLabel",
    "Edge",
    "EdgeRule",
    "Finding",
    "Level",
    "Node",
    "OrientationType",
    "RobotType",
    "Shape",
    "ShapeKind",
    "Site",
    "SiteError",
    "Station",
    "Zone",
    "load_site",
    "read_site",
]

SITE_FILES = (LIF_FILE, SHAPES_FILE, SETTINGS_FILE, ZONES_FILE)
# A LIF file of 10,000 nodes has about 15 MB; more than this is no layout.
LARGEST_FILE_BYTES = 200_000_000


def load_site(folder: Path) -> Site:
    """Read a site that robots may use.

    Raises:
        SiteError: with everything that is wrong, if anything is.
    """
    site, findings = read_site(folder)
    if site is None:
        raise SiteError(tuple(found for found in findings if found.level is Level.ERROR))
    return site


def read_site(folder: Path) -> tuple[Site | None, tuple[Finding, ...]]:
    """Read a site and tell what is wrong with it; the site is None if anything is an error."""
    findings = Findings()
    contents = {name: _bytes_of(folder / name, findings) for name in SITE_FILES}
    parsed = {name: _parsed(name, content, findings) for name, content in contents.items()}
    if any(value is None for value in parsed.values()):
        return None, findings.all()
    tables = {name: value for name, value in parsed.items() if value is not None}
    site = _assembled(tables, _digest(contents), findings)
    return (None if findings.errors() else site), findings.all()


def _bytes_of(path: Path, findings: Findings) -> bytes | None:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_FILE_BYTES else None
        problem = f"it has {size} bytes, more than {LARGEST_FILE_BYTES}"
    except OSError as error:
        content, problem = None, error.strerror or str(error)
    if content is None:
        findings.error(
            file=path.name,
            object_id="",
            message=f"cannot be read ({problem})",
            remedy=f"a site's folder holds {', '.join(SITE_FILES)}",
        )
    return content


def _parsed(name: str, content: bytes | None, findings: Findings) -> dict[str, Any] | None:
    if content is None:
        return None
    parse = tomllib.loads if name.endswith(".toml") else _parsed_json
    try:
        value = parse(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        findings.error(
            file=name, object_id="", message=f"is not valid ({error})", remedy="correct the file"
        )
        return None
    if isinstance(value, dict):
        return value
    findings.error(
        file=name,
        object_id="",
        message=f"holds a {type(value).__name__}",
        remedy="the outermost thing must be an object",
    )
    return None


def _parsed_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that stands twice would lose its first value without a word."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {ascii(twice)[:80]} stands twice in one object")
    return found


def _digest(contents: dict[str, bytes | None]) -> str:
    total = hashlib.sha256()
    for name in sorted(contents):
        content = contents[name] or b""
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _assembled(tables: dict[str, dict[str, Any]], digest: str, findings: Findings) -> Site:
    settings = read_settings(tables[SETTINGS_FILE], findings)
    type_ids = tuple(kind.type_id for kind in settings.robot_types)
    layout = read_lif(
        tables[LIF_FILE],
        map_id=settings.map_id,
        layout_id=settings.layout_id,
        type_ids=type_ids,
        findings=findings,
    )
    stations = _stations(layout, settings.station_classes, findings)
    _check_return_station(settings, stations, findings)
    shapes, aisles = read_shapes(tables[SHAPES_FILE], findings)
    return Site(
        site_id=settings.site_id,
        name=settings.name,
        map_id=settings.map_id,
        nodes=layout.nodes,
        edges=layout.edges,
        stations=stations,
        zones=read_zones(tables[ZONES_FILE], findings),
        shapes=shapes,
        aisles=aisles,
        robot_types=settings.robot_types,
        return_station_id=settings.return_station_id,
        layout_version=layout.version,
        digest=digest,
        second_anchor=settings.second_anchor,
    )


def _stations(
    layout: LifLayout, classes: tuple[StationClass, ...], findings: Findings
) -> tuple[Station, ...]:
    nodes = {node.node_id: node for node in layout.nodes}
    found = []
    for raw in layout.stations:
        fitting = next((known for known in classes if known.fits(raw.station_id)), None)
        if fitting is None:
            findings.error(
                file=SETTINGS_FILE,
                object_id=f"station {raw.station_id}",
                message="no [[station_kind]] fits its id",
                remedy='add its id or a pattern to one, as in stations = ["P*"]',
            )
            continue
        found.append(_station(raw, fitting, nodes[raw.node_ids[0]]))
    return tuple(found)


def _station(raw: LifStation, fitting: StationClass, node: Node) -> Station:
    return Station(
        station_id=raw.station_id,
        kind=fitting.kind,
        node_ids=raw.node_ids,
        name=raw.name,
        x_m=node.x_m if raw.x_m is None else raw.x_m,
        y_m=node.y_m if raw.y_m is None else raw.y_m,
        heading_rad=raw.heading_rad,
        width_m=fitting.width_m,
        height_m=fitting.height_m,
    )


def _check_return_station(
    settings: Settings, stations: tuple[Station, ...], findings: Findings
) -> None:
    wanted = settings.return_station_id
    station = next((station for station in stations if station.station_id == wanted), None)
    if station is not None and station.kind is StationKind.RETURN:
        return
    returns = [station.station_id for station in stations if station.kind is StationKind.RETURN]
    known = ", ".join(returns) or "none"
    findings.error(
        file=SETTINGS_FILE,
        object_id="",
        message=f"return_station is {wanted!r}, stations of kind return: {known}",
        remedy="name one of them, or add one to the layout and a [[station_kind]] for it",
    )
