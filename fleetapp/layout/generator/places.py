"""Draws pack stations, goods-in, return, chargers and parking, all off the main lanes.

Pack, goods-in and return docks lie on a one-way pull-through: in by one column,
past the queue to the dock, out by the next column, so that nobody reverses and
nobody who stands there is in the way of the main lane. Chargers and parking
places are spurs of one edge.
"""

from dataclasses import dataclass

from fleetapp.layout.generator.draft import Draft, DraftStation
from fleetapp.layout.generator.lanes import lane_node, side_node, side_steps_mm
from fleetapp.layout.generator.plan import CELL_MM, SPUR_MM, Hall, PlanError
from fleetapp.terms.modes import StationKind

DOCK_SPEED_MMPS = 1000
SPUR_SPEED_MMPS = 800
DESK_MM = 1800  # from a pack dock to the middle of its desk
GATE_MM = 1500  # from a goods-in dock to the middle of its gate
CHARGER_MM = 1150  # from a charging robot to the middle of its charger


@dataclass(frozen=True, slots=True)
class PullThrough:
    """A dock with its queue: in by one cell, out by another."""

    prefix: str  # of the node ids
    in_cell: int
    out_cell: int
    south: bool  # south of the first row, else north of the last
    queue: int


def draw_places(draft: Draft, hall: Hall) -> None:
    """All stations but the pick places.

    Raises:
        PlanError: if they do not fit round the aisles.
    """
    _draw_packs(draft, hall)
    free_cells = _draw_gates(draft, hall)
    _draw_chargers(draft, hall)
    _draw_parking(draft, hall, free_cells)


def _fitting(option: str, wanted: int | None, room: int, usual: int, more: str) -> int:
    """How many are built: as wished, or the usual number where nothing is wished."""
    if wanted is None:
        return min(usual, room)
    if wanted > room:
        raise PlanError(
            f"--{option} {wanted}: there is room for {room}: give fewer, or more {more}"
        )
    return wanted


def _draw_pull_through(draft: Draft, hall: Hall, place: PullThrough) -> str:
    """Draw one dock with queue and way out; the dock's node id."""
    outer = 0 if place.south else len(hall.rows) - 1
    inner = 1 if place.south else outer - 1
    sign = -1 if place.south else 1
    y_mm = hall.rows[outer].y_mm
    in_mm, out_mm = place.in_cell * CELL_MM, place.out_cell * CELL_MM
    steps = range(1, place.queue + 1)
    queue = [
        draft.node(f"{place.prefix}-Q{place.queue + 1 - step}", in_mm, y_mm + sign * step * CELL_MM)
        for step in steps
    ]
    deepest_mm = y_mm + sign * (place.queue + 1) * CELL_MM
    dock = draft.node(place.prefix, in_mm, deepest_mm)
    way_out = [draft.node(f"{place.prefix}-X1", out_mm, deepest_mm)]
    way_out += [
        draft.node(f"{place.prefix}-X{step + 1}", out_mm, deepest_mm - sign * step * CELL_MM)
        for step in steps
    ]
    in_lane = lane_node(outer, place.in_cell, hall)
    out_lane = lane_node(outer, place.out_cell, hall)
    draft.one_way([in_lane, *queue, dock, *way_out, out_lane], DOCK_SPEED_MMPS)
    if hall.plan.double_lanes:
        draft.link(lane_node(inner, place.in_cell, hall), in_lane)
        draft.link(out_lane, lane_node(inner, place.out_cell, hall))
    return dock


def _draw_packs(draft: Draft, hall: Hall) -> None:
    plan = hall.plan
    first, last = hall.columns[0].cell + 1, hall.columns[-1].cell - 1
    cells = 2 * plan.docks
    room = (last - first + 1) // cells
    for number in range(_fitting("packs", plan.packs, room, 8, "aisles, or fewer docks")):
        station_id = f"P{number + 1}"
        docks = []
        for dock in range(plan.docks):
            cell = first + number * cells + 2 * dock
            prefix = f"{station_id}-{dock + 1}"
            place = PullThrough(prefix, cell, cell + 1, south=True, queue=plan.queue)
            docks.append(_draw_pull_through(draft, hall, place))
        middle_mm = sum(draft.nodes[dock][0] for dock in docks) // len(docks)
        y_mm = draft.nodes[docks[0]][1] - DESK_MM
        draft.stations.append(
            DraftStation(station_id, StationKind.PACK, tuple(docks), middle_mm, y_mm, -90)
        )


def _draw_gates(draft: Draft, hall: Hall) -> list[int]:
    """Goods-in gates and the return station in the north; the cells left free."""
    plan = hall.plan
    cells = list(range(hall.columns[0].cell + 1, hall.columns[-1].cell))
    # One place is the return station's.
    usual = max(1, min(5, len(cells) // 7))
    gates = _fitting("goods-in", plan.goods_in, len(cells) // 2 - 1, usual, "aisles")
    names = [f"G{number + 1}" for number in range(gates)] + ["R1"]
    for number, name in enumerate(names):
        # The northern lane runs west: in by the eastern cell, out downstream of it.
        place_at = (2 * number + 1) * len(cells) // (2 * len(names)) - 1
        out_cell = cells[0] + min(place_at, len(cells) - 2)
        place = PullThrough(name, out_cell + 1, out_cell, south=False, queue=1)
        dock = _draw_pull_through(draft, hall, place)
        x_mm, y_mm = draft.nodes[dock]
        kind = StationKind.RETURN if name == "R1" else StationKind.GOODS_IN
        draft.stations.append(
            DraftStation(name, kind, (dock,), x_mm - CELL_MM // 2, y_mm + GATE_MM, 90)
        )
    used = {draft.nodes[name][0] // CELL_MM for name in names}
    used |= {cell - 1 for cell in used}
    return [cell for cell in cells if cell not in used]


def _side_slots(hall: Hall) -> list[tuple[int, int, int]]:
    """Block, step and y of the side lanes' nodes, north to south."""
    slots = []
    for block in reversed(range(len(hall.blocks))):
        steps = list(enumerate(side_steps_mm(hall, block)))
        slots += [(block, step, y_mm) for step, y_mm in reversed(steps)]
    return slots


def _draw_chargers(draft: Draft, hall: Hall) -> None:
    slots = _side_slots(hall)
    wanted = _fitting("chargers", hall.plan.chargers, len(slots), 18, "bays or cross-aisles")
    column = hall.columns[-1]
    x_mm = column.cell * CELL_MM + SPUR_MM
    for number in range(wanted):
        block, step, y_mm = slots[number * len(slots) // wanted]
        station_id = f"C{number + 1:02d}"
        node = draft.node(station_id, x_mm, y_mm)
        draft.two_way(side_node(column, block, step), node, SPUR_SPEED_MMPS)
        draft.stations.append(
            DraftStation(station_id, StationKind.CHARGER, (node,), x_mm + CHARGER_MM, y_mm, 0)
        )


def _draw_parking(draft: Draft, hall: Hall, free_cells: list[int]) -> None:
    """Parking places in the west, then in the north between the gates."""
    column, top = hall.columns[0], len(hall.rows) - 1
    x_mm = column.cell * CELL_MM - SPUR_MM
    spots = [(side_node(column, b, step), x_mm, y_mm, 180) for b, step, y_mm in _side_slots(hall)]
    y_mm = hall.rows[top].y_mm + SPUR_MM
    spots += [(lane_node(top, cell, hall), cell * CELL_MM, y_mm, 90) for cell in free_cells]
    wanted = _fitting("parking", hall.plan.parking, len(spots), 42, "aisles or bays")
    for number, (mouth, spot_x_mm, spot_y_mm, heading_deg) in enumerate(spots[:wanted]):
        station_id = f"K{number + 1:02d}"
        node = draft.node(station_id, spot_x_mm, spot_y_mm)
        draft.two_way(mouth, node, SPUR_SPEED_MMPS)
        draft.stations.append(
            DraftStation(
                station_id, StationKind.PARKING, (node,), spot_x_mm, spot_y_mm, heading_deg
            )
        )
