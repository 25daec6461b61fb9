"""Draws the main lanes and the aisles with their pick places.

A pick place is a node of its own beside the aisle's lane, reached by a spur of
one edge on which the robot faces the rack: a robot that picks, or is held
there, leaves the lane free.
"""

from fleetapp.layout.generator.draft import Draft, DraftStation
from fleetapp.layout.generator.plan import (
    CELL_MM,
    LONGEST_STEP_MM,
    RACK_FACE_MM,
    SIDE_MM,
    Aisle,
    Column,
    Hall,
)
from fleetapp.terms.modes import StationKind

AISLE_SPEED_MMPS = 1400
BAY_SPEED_MMPS = 600
STATION_DEPTH_MM = 150  # the middle of a pick station lies this far inside the rack


def lane_node(row: int, cell: int, hall: Hall) -> str:
    """Id of the node of a row (index) at a cell."""
    return f"{hall.rows[row].name}-{cell:02d}"


def draw_lanes(draft: Draft, hall: Hall) -> None:
    """Rows, side lanes, aisles and pick places."""
    _draw_rows(draft, hall)
    for column in hall.columns:
        _draw_column(draft, hall, column)
    for aisle in hall.aisles:
        _draw_aisle(draft, hall, aisle)


def _draw_rows(draft: Draft, hall: Hall) -> None:
    first, last = hall.columns[0].cell, hall.columns[-1].cell
    for index, row in enumerate(hall.rows):
        nodes = [
            draft.node(lane_node(index, cell, hall), cell * CELL_MM, row.y_mm)
            for cell in range(first, last + 1)
        ]
        draft.one_way(nodes if row.eastward else nodes[::-1])


def side_steps_mm(hall: Hall, block: int) -> tuple[int, ...]:
    """Y of the side lanes' nodes between the two rows of a block, evenly spaced."""
    below, above = hall.blocks[block]
    low_mm, high_mm = hall.rows[below].y_mm, hall.rows[above].y_mm
    pieces = -(-(high_mm - low_mm) // LONGEST_STEP_MM)
    return tuple(low_mm + (high_mm - low_mm) * step // pieces for step in range(1, pieces))


def side_node(column: Column, block: int, step: int) -> str:
    """Id of a side lane's node between two rows."""
    return f"V{column.name}{block + 1}-{step + 1:02d}"


def _draw_column(draft: Draft, hall: Hall, column: Column) -> None:
    x_mm = column.cell * CELL_MM
    nodes = [lane_node(0, column.cell, hall)]
    for index in range(1, len(hall.rows)):
        if (index - 1, index) in hall.blocks:
            block = hall.blocks.index((index - 1, index))
            nodes += [
                draft.node(side_node(column, block, step), x_mm, y_mm)
                for step, y_mm in enumerate(side_steps_mm(hall, block))
            ]
        nodes.append(lane_node(index, column.cell, hall))
    draft.one_way(nodes if column.northward else nodes[::-1])


def _draw_aisle(draft: Draft, hall: Hall, aisle: Aisle) -> None:
    nodes = [lane_node(0, aisle.cell, hall)]
    for index in range(1, len(hall.rows)):
        if (index - 1, index) in hall.blocks:
            block = hall.blocks.index((index - 1, index))
            nodes += [
                _draw_bay(draft, aisle, _bay_number(hall, block, bay), y_mm)
                for bay, y_mm in enumerate(hall.bay_rows_mm(block))
            ]
        nodes.append(lane_node(index, aisle.cell, hall))
    draft.one_way(nodes if aisle.northward else nodes[::-1], AISLE_SPEED_MMPS)


def _bay_number(hall: Hall, block: int, bay: int) -> int:
    """Bays of an aisle count from the north, as people read the plan."""
    blocks_above = len(hall.blocks) - 1 - block
    return blocks_above * hall.plan.bays + hall.plan.bays - bay


def _draw_bay(draft: Draft, aisle: Aisle, number: int, y_mm: int) -> str:
    """A lane node with a pick place west (odd number) and east (even number)."""
    x_mm = aisle.cell * CELL_MM
    lane = draft.node(f"{aisle.name}-L{number:02d}", x_mm, y_mm)
    for side, station_number in ((-1, 2 * number - 1), (1, 2 * number)):
        station_id = f"{aisle.name}-{station_number:02d}"
        place = draft.node(station_id, x_mm + side * SIDE_MM, y_mm)
        draft.two_way(lane, place, BAY_SPEED_MMPS)
        face_mm = x_mm + side * (RACK_FACE_MM + STATION_DEPTH_MM)
        heading_deg = 0 if side > 0 else 180
        draft.stations.append(
            DraftStation(station_id, StationKind.PICK, (place,), face_mm, y_mm, heading_deg)
        )
    return lane
