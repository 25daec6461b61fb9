"""What hall is wanted, and the grid that follows from it.

All lengths are whole millimetres, so that the same plan gives the same bytes on
any machine. Distances are chosen for a robot of about 0.9 x 0.7 m that turns on
the spot: it covers a disc of 1.24 m with its clearance, so no two nodes are
nearer than 1.25 m and a turning robot never touches the next node's robot.

    north
    TW  <-<-<-<-<-   outer ring, against the clock, with everything that stands
    TE  ->->->->->   inner ring, with the clock          (goods in, parking: top)
        | ^ | ^ |    aisles, one way in turns
    MW, ME           further pairs between the blocks
        | ^ | ^ |
    LW  <-<-<-<-<-
    LE  ->->->->->   pack stations below
"""

from dataclasses import dataclass

CELL_MM = 1600  # node distance on main lanes and distance of parallel lanes
AISLE_CELLS = 3  # distance of neighbouring aisles: 4.8 m
EDGE_CELLS = 2  # from the innermost side lane to the first aisle
BAY_MM = 1250  # distance of pick places along an aisle
SIDE_MM = 1250  # from the aisle's lane to the pick places on both sides
RACK_FACE_MM = 1850  # from the aisle's lane to the rack
HEAD_MM = 1850  # from a cross lane to the first pick place
SPUR_MM = 1800  # length of the spur to a charger or parking place
LONGEST_STEP_MM = 1800  # node distance on side lanes
SOUTH_MM = 5200  # from the south wall to the pack docks
LEFT_CELLS = 2  # from the west wall to the outer side lane: 3.2 m
NORTH_MM = 2900  # from the goods-in docks to the north wall
LONGEST_NAME = 100
RIGHT_MM = 3900  # from the outer side lane to the east wall


class PlanError(ValueError):
    """A hall that cannot be built as wished; the text names value and remedy."""


@dataclass(frozen=True, slots=True)
class HallPlan:
    """The wishes: how many of everything."""

    name: str
    site_id: str
    aisles: int = 12
    bays: int = 12  # on each side of an aisle, in each block
    cross_aisles: int = 3  # top and bottom count
    packs: int | None = None  # None: as many as fit, up to 8
    docks: int = 2  # of each pack station
    queue: int = 2  # places to queue before each dock
    goods_in: int | None = None  # None: as many as fit, up to 5
    chargers: int | None = None  # None: as many as fit, up to 18
    parking: int | None = None  # None: as many as fit, up to 42
    double_lanes: bool = True
    foreign_types: bool = False  # robot types for other makers' robots
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A main lane from side to side."""

    name: str
    y_mm: int
    eastward: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A main lane along a side of the hall."""

    name: str
    cell: int
    northward: bool


@dataclass(frozen=True, slots=True)
class Aisle:
    """A one-way lane between racks."""

    name: str
    cell: int
    northward: bool


@dataclass(frozen=True, slots=True)
class Hall:
    """Where the lanes of a plan lie."""

    plan: HallPlan
    rows: tuple[Row, ...]  # south to north
    columns: tuple[Column, ...]  # west to east
    aisles: tuple[Aisle, ...]  # west to east
    blocks: tuple[tuple[int, int], ...]  # rows (index) below and above each block of racks

    @property
    def width_mm(self) -> int:
        """Inner width of the hall."""
        return self.columns[-1].cell * CELL_MM + RIGHT_MM

    @property
    def height_mm(self) -> int:
        """Inner height of the hall."""
        return self.rows[-1].y_mm + 2 * CELL_MM + NORTH_MM

    def bay_rows_mm(self, block: int) -> tuple[int, ...]:
        """Y of the pick places of a block, south to north."""
        first_mm = self.rows[self.blocks[block][0]].y_mm + HEAD_MM
        return tuple(first_mm + BAY_MM * bay for bay in range(self.plan.bays))


def build_hall(plan: HallPlan) -> Hall:
    """The grid of a plan.

    Raises:
        PlanError: if a number is out of range.
    """
    _check(plan)
    columns_west, columns_east = _columns(plan)
    first_aisle = columns_west[-1].cell + EDGE_CELLS
    aisles = tuple(
        Aisle(f"A{number + 1:02d}", first_aisle + AISLE_CELLS * number, number % 2 == 1)
        for number in range(plan.aisles)
    )
    shift = aisles[-1].cell + EDGE_CELLS
    columns = columns_west + tuple(
        Column(column.name, column.cell + shift, column.northward) for column in columns_east
    )
    rows, blocks = _rows(plan)
    return Hall(plan, rows, columns, aisles, blocks)


def _columns(plan: HallPlan) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Side lanes west and east; the eastern cells count from the innermost."""
    outer_west = Column("WS", LEFT_CELLS, northward=False)
    outer_east = Column("EN", 1 if plan.double_lanes else 0, northward=True)
    if not plan.double_lanes:
        return (outer_west,), (outer_east,)
    inner_west = Column("WN", LEFT_CELLS + 1, northward=True)
    inner_east = Column("ES", 0, northward=False)
    return (outer_west, inner_west), (inner_east, outer_east)


def _rows(plan: HallPlan) -> tuple[tuple[Row, ...], tuple[tuple[int, int], ...]]:
    y_mm = SOUTH_MM + (plan.queue + 1) * CELL_MM
    block_mm = 2 * HEAD_MM + BAY_MM * (plan.bays - 1)
    rows: list[Row] = []
    blocks: list[tuple[int, int]] = []
    for number in range(plan.cross_aisles):
        if rows:
            y_mm += block_mm
            blocks.append((len(rows) - 1, len(rows)))
        for eastward in _directions(plan, number):
            if rows and rows[-1].y_mm == y_mm:
                y_mm += CELL_MM
            rows.append(Row(f"H{number + 1}{'E' if eastward else 'W'}", y_mm, eastward))
    return tuple(rows), tuple(blocks)


def _directions(plan: HallPlan, number: int) -> tuple[bool, ...]:
    """Eastward or not, for the lanes of one cross aisle, south to north."""
    if plan.double_lanes:
        return (True, False)
    last = number == plan.cross_aisles - 1
    return (False,) if last else (number % 2 == 0,)


def _check(plan: HallPlan) -> None:
    for option, text in (("id", plan.site_id), ("name", plan.name)):
        if not text.strip() or not text.isprintable() or len(text) > LONGEST_NAME:
            raise PlanError(
                f"--{option} is {text[:60]!a}: give 1 to {LONGEST_NAME} printable characters"
            )
    bounds = (
        ("aisles", plan.aisles, 2, 99),
        ("bays", plan.bays, 2, 40),
        ("cross-aisles", plan.cross_aisles, 2, 9),
        ("packs", plan.packs, 1, 99),
        ("docks", plan.docks, 1, 4),
        ("queue", plan.queue, 1, 6),
        ("goods-in", plan.goods_in, 0, 99),
        ("chargers", plan.chargers, 1, 999),
        ("parking", plan.parking, 1, 999),
    )
    for name, value, low, high in bounds:
        if value is not None and not low <= value <= high:
            raise PlanError(f"--{name} is {value}: give {low} to {high}")
