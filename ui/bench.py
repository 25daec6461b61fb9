"""Frame times of the live map with a synthetic fleet: pan, zoom, movement.

    python -m ui.bench --layout FILE --assets DIR --robots N

Every robot reports a place twelve frames apart, as at five reports a second and 60
frames a second, and glides between. Each frame takes the reports that are due,
changes what is seen, repaints the whole map and runs the event loop once. Prints
one JSON object.
"""

import argparse
import json
import math
import random
import statistics
import sys
import time
from pathlib import Path

from PySide6.QtWidgets import QApplication

from fleetapp.api.codec import decode
from fleetapp.api.layout import Layout
from fleetapp.api.model import Changes, FleetModel
from fleetapp.api.views import PoseView, RobotView
from fleetapp.terms.modes import LoadState, OperatingMode, RobotState

from .app import load_fonts
from .collector import Collector, collect_all
from .map.map_view import MapView
from .theme.tokens import load_theme

STATES = (
    RobotState.WORKING,
    RobotState.WORKING,
    RobotState.WORKING,
    RobotState.WAITING,
    RobotState.IDLE,
    RobotState.HELD,
    RobotState.CHARGING,
)
WARM_UP = 60
REPORT_FRAMES = 12


def way_from(start: str, following: dict[str, list[str]], chance: random.Random) -> tuple[str, ...]:
    """Nine nodes along the roadmap's edges."""
    names = [start]
    while len(names) < 9 and following.get(names[-1]):
        names.append(chance.choice(following[names[-1]]))
    return tuple(names)


def robot_of(
    number: int, layout: Layout, following: dict[str, list[str]], chance: random.Random
) -> RobotView:
    """A made-up robot with a base of five nodes and a horizon."""
    start = layout.nodes[(number * 13) % len(layout.nodes)].node_id
    names = way_from(start, following, chance)
    return RobotView(
        robot_id=f"bench/r{number}",
        name=f"r{number}",
        robot_type=layout.robot_types[0].type_id,
        maker="bench",
        serial=f"r{number}",
        admitted=True,
        state=STATES[number % len(STATES)],
        state_since_ms=0,
        doing="",
        place="",
        x_m=None,
        y_m=None,
        heading_rad=None,
        battery_fraction=0.5,
        charging=False,
        load=LoadState.LOADED if number % 2 else LoadState.EMPTY,
        mode=OperatingMode.AUTOMATIC,
        task_id=None,
        order_id=None,
        why=None,
        holds=(),
        base=names[:5],
        horizon=names[5:],
        remedy="",
        last_report_ms=0,
        protocol="2.1",
    )


class Bench:
    """The map, its fleet, and the frames."""

    def __init__(self, layout: Layout, assets: Path, count: int) -> None:
        """Build the window and put everybody somewhere."""
        self._layout = layout
        self._chance = random.Random(1)
        self._model = FleetModel()
        self._nodes = {node.node_id: node for node in layout.nodes}
        following: dict[str, list[str]] = {}
        for edge in layout.edges:
            following.setdefault(edge.start_node_id, []).append(edge.end_node_id)
        for number in range(count):
            robot = robot_of(number, layout, following, self._chance)
            self._model.robots[robot.robot_id] = robot
        self._map = MapView(self._model, load_theme(assets, "dark"))
        self._map.resize(1600, 1000)
        self._map.show()
        self._map.set_layout(layout)
        self._place(None)
        collect_all()

    def _place(self, frame: int | None) -> None:
        at_s = (frame or 0) / 60
        poses = []
        for number, robot in enumerate(self._model.robots.values()):
            if frame is not None and number % REPORT_FRAMES != frame % REPORT_FRAMES:
                continue
            one = self._nodes[robot.base[0]]
            other = self._nodes[robot.base[min(1, len(robot.base) - 1)]]
            part = (at_s * 0.7 + number * 0.37) % 1.0
            pose = PoseView(
                robot.robot_id,
                one.x_m + (other.x_m - one.x_m) * part,
                one.y_m + (other.y_m - one.y_m) * part,
                math.atan2(other.y_m - one.y_m, other.x_m - one.x_m),
                0,
            )
            self._model.poses[robot.robot_id] = pose
            poses.append(robot.robot_id)
        self._map.take(Changes(poses=tuple(poses)))

    def run(self, frames: int, application: QApplication) -> dict[str, object]:
        """Paint frames and time them."""
        times: dict[str, list[float]] = {"moving": [], "panning": [], "zooming": []}
        for number in range(frames + WARM_UP):
            kind = ("moving", "panning", "zooming")[number * 3 // (frames + WARM_UP)]
            began = time.perf_counter()
            self._change(kind, number)
            self._map.repaint()
            application.processEvents()
            if number >= WARM_UP:
                times[kind].append((time.perf_counter() - began) * 1000)
        return {kind: figures(values) for kind, values in times.items()}

    def _change(self, kind: str, number: int) -> None:
        self._place(number)
        if kind == "panning":
            self._map.pan_by(9 * math.cos(number / 20), 9 * math.sin(number / 20))
        elif kind == "zooming":
            self._map.zoom_by(1.02 if (number // 60) % 2 else 1 / 1.02)


def figures(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and largest, milliseconds."""
    ordered = sorted(values)
    return {
        "frames": len(ordered),
        "p50_ms": round(statistics.median(ordered), 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], 2),
        "max_ms": round(ordered[-1], 2),
    }


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="ui.bench")
    parser.add_argument("--layout", type=Path, required=True)
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--robots", type=int, default=100)
    parser.add_argument("--frames", type=int, default=900)
    options = parser.parse_args()
    application = QApplication([sys.argv[0]])
    Collector(application)
    load_fonts(options.assets)
    layout = decode(options.layout.read_bytes(), Layout)
    bench = Bench(layout, options.assets, options.robots)
    result = {"robots": options.robots, **bench.run(options.frames, application)}
    print(json.dumps(result))  # noqa: T201 - a program's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
