"""Writes a drawn hall as the four files of a site.

One object a line, so that a change of the layout shows as changed lines.
"""

import json
import shlex
from pathlib import Path
from typing import Any

from fleetapp.layout.areas import SHAPES_FILE, ZONES_FILE
from fleetapp.layout.generator.draft import Draft
from fleetapp.layout.generator.drawing import metres, shapes_of, zones_of
from fleetapp.layout.generator.lanes import draw_lanes
from fleetapp.layout.generator.places import draw_places
from fleetapp.layout.generator.plan import CELL_MM, HallPlan, build_hall
from fleetapp.layout.generator.types import robot_type_tables, type_ids
from fleetapp.layout.lif import LIF_FILE
from fleetapp.layout.settings import SETTINGS_FILE

# A generated layout carries the date of the generator's rules, not of the run,
# so that the same plan gives the same bytes. Raise it when the rules change.
RULES_OF = "2026-11-24T00:00:00Z"
README_FILE = "README.md"
LAYOUT_VERSION = "1"
RADIANS = {0: 0.0, 90: 1.570796, -90: -1.570796, 180: 3.141592}

_STATION_KINDS = """\
# Kind and outline (metres) of the stations, by patterns on their ids; the first that fits counts.
[[station_kind]]
kind = "pick"
stations = ["A*"]
width_m = 0.3
height_m = 1.0

[[station_kind]]
kind = "pack"
stations = ["P*"]
width_m = {pack_width_m}
height_m = 2.0

[[station_kind]]
kind = "goods_in"
stations = ["G*"]
width_m = 3.4
height_m = 1.4

[[station_kind]]
kind = "return"
stations = ["R*"]
width_m = 3.4
height_m = 1.4

[[station_kind]]
kind = "charger"
stations = ["C*"]
width_m = 0.7
height_m = 1.2

[[station_kind]]
kind = "parking"
stations = ["K*"]
width_m = 1.3
height_m = 1.1
"""


def command_of(plan: HallPlan) -> str:
    """The command line that makes a site."""
    numbers = {
        "aisles": plan.aisles,
        "bays": plan.bays,
        "cross-aisles": plan.cross_aisles,
        "packs": plan.packs,
        "docks": plan.docks,
        "queue": plan.queue,
        "goods-in": plan.goods_in,
        "chargers": plan.chargers,
        "parking": plan.parking,
        "seed": plan.seed,
    }
    options = [f"--{name} {value}" for name, value in numbers.items() if value is not None]
    options += [] if plan.double_lanes else ["--single-lanes"]
    options += ["--foreign-types"] if plan.foreign_types else []
    options += [f"--id {shlex.quote(plan.site_id)}", f"--name {shlex.quote(plan.name)}"]
    return " ".join(("fleetapp site new", *options, "--to DIR"))


def _readme(plan: HallPlan) -> str:
    return (
        f"# {plan.name}\n\n"
        "A made-up warehouse: data only, drawn by the program itself with\n\n"
        f"```\n{command_of(plan)}\n```\n\n"
        "The same command gives the same bytes. Nothing in it comes from a real hall or from\n"
        "somebody else's files. Licence: Apache-2.0, as the program.\n\n"
        f"- `{LIF_FILE}`: nodes, edges, stations (LIF 1.0.0 of the VDMA)\n"
        f"- `{SETTINGS_FILE}`: name, robot types, kinds of stations\n"
        f"- `{ZONES_FILE}`: areas with a rule\n"
        f"- `{SHAPES_FILE}`: walls, racks and rooms as drawn\n\n"
        "The formats are told in `docs/site-format.md`.\n"
    )


def site_files(plan: HallPlan) -> dict[str, bytes]:
    """The files of a site by name.

    Raises:
        PlanError: if the hall cannot be built as wished.
    """
    hall = build_hall(plan)
    draft = Draft()
    draw_lanes(draft, hall)
    draw_places(draft, hall)
    files = {
        LIF_FILE: _lif(plan, draft),
        SHAPES_FILE: _lined(shapes_of(hall, draft)),
        ZONES_FILE: _lined(zones_of(hall, draft)),
        SETTINGS_FILE: _settings(plan),
        README_FILE: _readme(plan),
    }
    return {name: text.encode() for name, text in files.items()}


def drawn_files(plan: HallPlan, draft: Draft) -> dict[str, bytes]:
    """The files of a site drawn otherwise: without walls and zones; name and types are the plan's.

    Stations are called A.. (pick), P.. (pack), R1 (return), C.. (charger), K.. (parking).
    """
    files = {
        LIF_FILE: _lif(plan, draft),
        SHAPES_FILE: _lined({"shapes": [], "aisles": []}),
        ZONES_FILE: _lined({"zones": []}),
        SETTINGS_FILE: _settings(plan),
    }
    return {name: text.encode() for name, text in files.items()}


def write_site(plan: HallPlan, folder: Path) -> None:
    """Write a site's files into a folder, which is made if it is missing.

    Raises:
        PlanError: if the hall cannot be built as wished.
        OSError: if a file cannot be written.
    """
    files = site_files(plan)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _lined(content: dict[str, list[dict[str, Any]]]) -> str:
    """JSON with one list entry a line."""
    parts = [f'"{key}": {_list(items)}' for key, items in content.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _list(items: list[dict[str, Any]]) -> str:
    lines = [json.dumps(item, separators=(",", ":")) for item in items]
    return "[\n" + ",\n".join(lines) + "\n]"


def _lif(plan: HallPlan, draft: Draft) -> str:
    meta = {
        "projectIdentification": plan.name,
        "creator": "fleetapp site new",
        "exportTimestamp": RULES_OF,
        "lifVersion": "1.0.0",
    }
    head = {
        "layoutId": plan.site_id,
        "layoutName": plan.name,
        "layoutVersion": LAYOUT_VERSION,
        "layoutLevelId": "floor",
    }
    types = type_ids(foreign=plan.foreign_types)
    body = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    body.append(f'"nodes": {_list(_nodes(plan, draft, types))}')
    body.append(f'"edges": {_list(_edges(draft, types))}')
    body.append(f'"stations": {_list(_stations(draft))}')
    layout = "{\n" + ",\n".join(body) + "\n}"
    return f'{{\n"metaInformation": {json.dumps(meta)},\n"layouts": [{layout}]\n}}\n'


def _nodes(plan: HallPlan, draft: Draft, types: tuple[str, ...]) -> list[dict[str, Any]]:
    nodes = []
    for node_id, (x_mm, y_mm) in draft.nodes.items():
        x_m, y_m = metres(x_mm, y_mm)
        nodes.append(
            {
                "nodeId": node_id,
                "mapId": plan.site_id,
                "nodePosition": {"x": x_m, "y": y_m},
                "vehicleTypeNodeProperties": [{"vehicleTypeId": kind} for kind in types],
            }
        )
    return nodes


def _edges(draft: Draft, types: tuple[str, ...]) -> list[dict[str, Any]]:
    edges = []
    for (start, end), speed_mmps in draft.edges.items():
        rules = []
        for kind in types:
            rule: dict[str, Any] = {"vehicleTypeId": kind, "orientationType": "TANGENTIAL"}
            if speed_mmps is not None:
                rule["maxSpeed"] = speed_mmps / 1000
            rules.append(rule)
        edges.append(
            {
                "edgeId": f"{start}_{end}",
                "startNodeId": start,
                "endNodeId": end,
                "vehicleTypeEdgeProperties": rules,
            }
        )
    return edges


def _stations(draft: Draft) -> list[dict[str, Any]]:
    stations = []
    for station in draft.stations:
        x_m, y_m = metres(station.x_mm, station.y_mm)
        position: dict[str, float] = {"x": x_m, "y": y_m}
        if station.heading_deg is not None:
            position["theta"] = RADIANS[station.heading_deg]
        stations.append(
            {
                "stationId": station.station_id,
                "interactionNodeIds": list(station.node_ids),
                "stationName": station.station_id,
                "stationPosition": position,
            }
        )
    return stations


def _settings(plan: HallPlan) -> str:
    head = (
        "# A site of fleetapp: see docs/site-format.md. Metres, seconds, radians.\n"
        f"site_id = {json.dumps(plan.site_id, ensure_ascii=False)}\n"
        f"name = {json.dumps(plan.name, ensure_ascii=False)}\n"
        f"map_id = {json.dumps(plan.site_id, ensure_ascii=False)}\n"
        'return_station = "R1"\n'
    )
    # The desk reaches 0.6 m (a single one 1.4 m) beyond its outermost docks.
    desk_mm = 2 * CELL_MM * (plan.docks - 1) + (1200 if plan.docks > 1 else 2800)
    kinds = _STATION_KINDS.format(pack_width_m=desk_mm / 1000)
    return "\n".join((head, robot_type_tables(foreign=plan.foreign_types), kinds))
