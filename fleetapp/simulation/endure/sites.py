"""Small sites to try the fleet on, drawn from a few numbers.

Halls come from the site generator; the ring is a drawing of its own: a one-way loop
with everything on spurs. The lane is the same loop driven both ways, where robots could
meet head-on. Robot types differ in size, camera and how often they report.
"""

import functools
import random
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fleetapp.core.state import Floor, prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.generator import HallPlan, drawn_files, site_files
from fleetapp.layout.generator.draft import Draft, DraftStation
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.terms.modes import StationKind

CELL_MM = 1600
SPUR_MM = 1800
TYPES = ("carrier", "plain", "floor-lib", "sdk")  # as the generator calls them
# Length and width: each fits on neighbouring nodes while it turns (`generator.plan`).
SIZES_M = ((0.9, 0.7), (0.6, 0.5), (1.0, 0.5), (0.8, 0.8))


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What site; a few numbers that stand in a script."""

    kind: str
    aisles: int = 2
    bays: int = 2
    cross_aisles: int = 2
    packs: int = 1
    sizes: tuple[int, ...] = (0, 0, 1, 2)  # of each type, an index of SIZES_M
    cameras: tuple[bool, ...] = (True, False, True, False)


SHORT_KINDS = ("single", "cross", "double", "ring", "lane")
KIND_SHARES = (2, 2, 2, 2, 1)
DRAWN_KINDS = ("ring", "lane")


def draw_plan(chance: random.Random, *, large: bool) -> SitePlan:
    """A site; a large one has room for 60 robots."""
    sizes = tuple(chance.randrange(len(SIZES_M)) for _ in TYPES)
    cameras = (True, False, chance.random() < 0.5, chance.random() < 0.5)
    if large:
        bays, cross = chance.randint(5, 9), chance.randint(3, 4)
        return SitePlan("large", chance.randint(8, 12), bays, cross, 3, sizes, cameras)
    kind = chance.choices(SHORT_KINDS, KIND_SHARES)[0]
    aisles, bays = chance.randint(2, 3), chance.randint(2, 3)
    cross = 3 if kind == "cross" else 2
    return SitePlan(kind, aisles, bays, cross, chance.randint(1, 2), sizes, cameras)


@functools.lru_cache(maxsize=32)
def floor_of(plan: SitePlan) -> Floor:
    """The prepared tables of a site."""
    drawn = plan.kind in DRAWN_KINDS
    files = drawn_files(_hall(plan), _ring(plan)) if drawn else _hall_files(plan)
    files["site.toml"] = _with_types(files["site.toml"].decode(), plan).encode()
    with tempfile.TemporaryDirectory(prefix="fleetapp-endure-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return floor_in(Path(folder))


def floor_in(folder: Path) -> Floor:
    """The prepared tables of a site's folder."""
    site = load_site(folder)
    return prepare_floor(site, build_roadmaps(site, None))


def _hall(plan: SitePlan) -> HallPlan:
    large = plan.kind == "large"
    small = {} if large else {"docks": 1, "queue": 1, "chargers": 2}
    return HallPlan(
        name="Endurance",
        site_id="endure",
        aisles=plan.aisles,
        bays=plan.bays,
        cross_aisles=plan.cross_aisles,
        packs=plan.packs,
        goods_in=None if large else 1 if plan.kind == "double" else 0,
        double_lanes=plan.kind in ("double", "large"),
        foreign_types=True,
        **small,
    )


def _hall_files(plan: SitePlan) -> dict[str, bytes]:
    return site_files(_hall(plan))


def _ring(plan: SitePlan) -> Draft:
    """A loop, counter-clockwise or both ways, with spurs outward at every node but the corners."""
    draft = Draft()
    across, up = 4 + 2 * plan.aisles, 1 + plan.bays
    corners = ((0, 0), (across, 0), (across, up), (0, up))
    cells: list[tuple[int, int]] = []
    for (x, y), (to_x, to_y) in zip(corners, (*corners[1:], corners[0]), strict=True):
        steps = max(abs(to_x - x), abs(to_y - y))
        cells += [(x + (to_x - x) * n // steps, y + (to_y - y) * n // steps) for n in range(steps)]
    loop = [draft.node(f"L{x:02d}{y:02d}", *_at_mm(x, y)) for x, y in cells]
    draft.one_way([*loop, loop[0]])
    if plan.kind == "lane":
        draft.one_way([loop[0], *reversed(loop)])
    sides = {
        (0, -1): [c for c in cells if c[1] == 0 and c not in corners],
        (0, 1): [c for c in cells if c[1] == up and c not in corners],
        (1, 0): [c for c in cells if c[0] == across and c not in corners],
        (-1, 0): [c for c in cells if c[0] == 0 and c not in corners],
    }
    _spurs(draft, sides, plan)
    return draft


def _at_mm(x: int, y: int) -> tuple[int, int]:
    return 5000 + x * CELL_MM, 5000 + y * CELL_MM


def _spurs(
    draft: Draft, sides: dict[tuple[int, int], list[tuple[int, int]]], plan: SitePlan
) -> None:
    """Packs and the return station below, then parking; picks above, chargers and parking beside.

    Stations: names tell the kinds (`drawn_files`).
    """
    below, above = sides[0, -1], sides[0, 1]
    names = [f"P{n + 1}" for n in range(plan.packs)] + ["R1"]
    names += [f"K{n + 1:02d}" for n in range(len(below) - len(names))]
    _spur_row(draft, (0, -1), below, names)
    _spur_row(draft, (0, 1), above, [f"A{n + 1:02d}" for n in range(len(above))])
    right, left = sides[1, 0], sides[-1, 0]
    _spur_row(draft, (1, 0), right, [f"C{n + 1:02d}" for n in range(len(right))])
    _spur_row(draft, (-1, 0), left, [f"K{n + 51:02d}" for n in range(len(left))])


KINDS = {
    "A": StationKind.PICK,
    "P": StationKind.PACK,
    "R": StationKind.RETURN,
    "C": StationKind.CHARGER,
    "K": StationKind.PARKING,
}


def _spur_row(
    draft: Draft, way: tuple[int, int], cells: list[tuple[int, int]], names: list[str]
) -> None:
    for (x, y), name in zip(cells, names, strict=True):
        at_x, at_y = _at_mm(x, y)
        end_x, end_y = at_x + way[0] * SPUR_MM, at_y + way[1] * SPUR_MM
        node = draft.node(name, end_x, end_y)
        draft.two_way(f"L{x:02d}{y:02d}", node, 600)
        beyond = (end_x + way[0] * 700, end_y + way[1] * 700)
        draft.stations.append(DraftStation(name, KINDS[name[0]], (node,), *beyond, None))


def _with_types(text: str, plan: SitePlan) -> str:
    """The site's settings with this plan's sizes and cameras."""
    head, *tables = text.split("[[robot_type]]")
    made = [_with_type(table, plan) for table in tables]
    return "[[robot_type]]".join((head, *made))


def _with_type(table: str, plan: SitePlan) -> str:
    number = next(n for n, name in enumerate(TYPES) if f'type_id = "{name}"' in table)
    length_m, width_m = SIZES_M[plan.sizes[number]]
    table = re.sub(r"(?m)^length_m = .*$", f"length_m = {length_m}", table, count=1)
    table = re.sub(r"(?m)^width_m = .*$", f"width_m = {width_m}", table, count=1)
    camera = "true" if plan.cameras[number] else "false"
    return re.sub(r"(?m)^camera = .*$", f"camera = {camera}", table, count=1)
