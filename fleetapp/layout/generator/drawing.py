"""Draws what is not roadmap: walls, racks, office, conveyors, and the zones.

Chance (the plan's seed) decides only where the people crossing lies: no robot's
way depends on it.
"""

import random
from typing import Any

from fleetapp.layout.generator.draft import Draft
from fleetapp.layout.generator.plan import AISLE_CELLS, BAY_MM, CELL_MM, RACK_FACE_MM, Hall
from fleetapp.terms.modes import StationKind

WALL_MM = 200
RACK_DEPTH_MM = (AISLE_CELLS * CELL_MM - 2 * RACK_FACE_MM) // 2
SECTION_BAYS = 2
OFFICE_GAP_MM = 1500  # from the last pack column and from the south lane
CROSSING_MM = 1800  # width of the people crossing
PACK_SPEED_MPS = 0.8
GOODS_SPEED_MPS = 1.0
GOODS_DEEP_MM = 1_400


def metres(*values_mm: int) -> list[float]:
    """Metres as they stand in the files."""
    return [value / 1000 for value in values_mm]


def box(west_mm: int, south_mm: int, east_mm: int, north_mm: int) -> list[list[float]]:
    """The four corners of an upright box, counter-clockwise."""
    return [
        metres(west_mm, south_mm),
        metres(east_mm, south_mm),
        metres(east_mm, north_mm),
        metres(west_mm, north_mm),
    ]


def _shape(kind: str, label: str, polygon: list[list[float]]) -> dict[str, Any]:
    return {"kind": kind, "label": label, "polygon": polygon}


def shapes_of(hall: Hall, draft: Draft) -> dict[str, Any]:
    """The content of `shapes.json`."""
    width, height = hall.width_mm, hall.height_mm
    shapes = [_shape("floor", "", box(0, 0, width, height))]
    shapes += [
        _shape("wall", "south wall", box(-WALL_MM, -WALL_MM, width + WALL_MM, 0)),
        _shape("wall", "north wall", box(-WALL_MM, height, width + WALL_MM, height + WALL_MM)),
        _shape("wall", "west wall", box(-WALL_MM, 0, 0, height)),
        _shape("wall", "east wall", box(width, 0, width + WALL_MM, height)),
    ]
    shapes += _racks(hall)
    shapes += _conveyors(draft)
    shapes += _office(hall, draft)
    return {"shapes": shapes, "aisles": _aisle_labels(hall)}


def _racks(hall: Hall) -> list[dict[str, Any]]:
    racks = []
    for aisle in hall.aisles:
        for side in (-1, 1):
            face = aisle.cell * CELL_MM + side * RACK_FACE_MM
            back = face + side * RACK_DEPTH_MM
            for block in range(len(hall.blocks)):
                racks += _rack(hall, block, (min(face, back), max(face, back)), aisle.name)
    return racks


def _rack(hall: Hall, block: int, span_mm: tuple[int, int], label: str) -> list[dict[str, Any]]:
    rows = hall.bay_rows_mm(block)
    sections = []
    for first in range(0, len(rows), SECTION_BAYS):
        last = min(first + SECTION_BAYS, len(rows)) - 1
        south, north = rows[first] - BAY_MM // 2, rows[last] + BAY_MM // 2
        sections.append(_shape("shelf", label, box(span_mm[0], south, span_mm[1], north)))
    return sections


def _conveyors(draft: Draft) -> list[dict[str, Any]]:
    """A roller conveyor takes the cartons away from each pack desk, southward."""
    found = []
    for station in draft.stations:
        if station.kind is StationKind.PACK:
            x, y = station.x_mm, station.y_mm
            polygon = box(x - 1400, y - 2700, x + 1400, y - 1700)
            found.append(_shape("conveyor", station.station_id, polygon))
    return found


def office_west_mm(draft: Draft) -> int:
    """West wall of the office: beyond everything of the last pack station."""
    columns = [x for name, (x, _) in draft.nodes.items() if name[0] == "P"]
    return max(columns) + OFFICE_GAP_MM


def _office(hall: Hall, draft: Draft) -> list[dict[str, Any]]:
    west, north = office_west_mm(draft), hall.rows[0].y_mm - OFFICE_GAP_MM
    if hall.width_mm - west < 3 * CELL_MM:
        return []
    crossing = crossing_west_mm(hall, draft)
    door = box(crossing, north - 100, crossing + CROSSING_MM, north + 100)
    return [
        _shape("room", "Office", box(west, 0, hall.width_mm, north)),
        _shape("door", "", door),
    ]


def crossing_west_mm(hall: Hall, draft: Draft) -> int:
    """West edge of the people crossing: at the office door, if there is an office."""
    west = office_west_mm(draft)
    rooms = hall.width_mm - west >= 3 * CELL_MM
    chance = random.Random(hall.plan.seed)
    first = -(-west // CELL_MM) if rooms else hall.columns[0].cell + 1
    last = max(first, hall.columns[-1].cell - 3)
    cell = chance.randint(first, min(last, first + 2))
    return cell * CELL_MM + (CELL_MM - CROSSING_MM) // 2


def _aisle_labels(hall: Hall) -> list[dict[str, Any]]:
    labels = []
    for aisle in hall.aisles:
        for block in range(len(hall.blocks)):
            below = hall.rows[hall.blocks[block][0]].y_mm
            x_m, y_m = metres(aisle.cell * CELL_MM, below + 900)
            labels.append({"name": aisle.name, "x_m": x_m, "y_m": y_m})
    return labels


def zones_of(hall: Hall, draft: Draft) -> dict[str, Any]:
    """The content of `zones.json`: slow where people work, their crossing at the office."""
    docks = _docks(draft, StationKind.PACK)
    south = min(y for _, y in docks) - 500
    west, east = min(x for x, _ in docks) - 800, office_west_mm(draft) - OFFICE_GAP_MM + 800
    slow = {
        "zone_id": "Z-PACK",
        "kind": "SPEED_LIMIT",
        "name": "Pack stations",
        "reason": "people work at the desks",
        "max_speed_mps": PACK_SPEED_MPS,
        "polygon": box(west, south, east, south + 2100),
    }
    inner = 1 if hall.plan.double_lanes else 0
    crossing = crossing_west_mm(hall, draft)
    people = {
        "zone_id": "Z-CROSSING",
        "kind": "PEOPLE_CROSSING",
        "name": "People crossing",
        "reason": "way to the office",
        "polygon": box(
            crossing,
            hall.rows[0].y_mm - 1000,
            crossing + CROSSING_MM,
            hall.rows[inner].y_mm + 1000,
        ),
    }
    return {"zones": [slow, *_goods_zone(draft), people]}


def _docks(draft: Draft, kind: StationKind) -> list[tuple[int, int]]:
    """Where robots stand at the stations of a kind, mm."""
    return [draft.nodes[n] for s in draft.stations if s.kind is kind for n in s.node_ids]


def _goods_zone(draft: Draft) -> list[dict[str, Any]]:
    """Slow before the goods-in doors, if there are any: pallets and their drivers."""
    docks = _docks(draft, StationKind.GOODS_IN)
    if not docks:
        return []
    north = max(y for _, y in docks) + 500
    west, east = min(x for x, _ in docks) - 800, max(x for x, _ in docks) + 800
    return [
        {
            "zone_id": "Z-GOODS",
            "kind": "SPEED_LIMIT",
            "name": "Goods in",
            "reason": "pallets and their drivers",
            "max_speed_mps": GOODS_SPEED_MPS,
            "polygon": box(west, north - GOODS_DEEP_MM, east, north),
        }
    ]
