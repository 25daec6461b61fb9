"""`fleetapp bench`: figures of this machine. Measure side by side, report ratios."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from fleetapp.api.codec import encode
from fleetapp.api.commands import SubmitTask
from fleetapp.api.site_drawing import layout_of
from fleetapp.cli import places
from fleetapp.cli.bench_audit import measure
from fleetapp.cli.bench_window import measure_window
from fleetapp.cli.desktop import window_environment
from fleetapp.cli.numbers import seconds, whole
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import RoadMap, build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.modes import StationKind, TaskState
from fleetapp.traffic.planners.shortest import find_route

STEP_MS = 200
ROUTES = 100


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser(
        "bench", help="measure screen, window, task line, traffic or journal on this machine"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    screen = what.add_parser("screen", help="frame times of the live map")
    window = what.add_parser("window", help="how long a page holds the window's thread")
    window.add_argument("--seconds", type=seconds(0.1), default=8.0, help="on each page")
    typed = what.add_parser("line", help="how soon each letter of a typed line is answered")
    typed.add_argument("--site", type=Path, default=None)
    typed.add_argument("--json", action="store_true", help="JSON (the only form)")
    traffic = what.add_parser("traffic", help="the whole system in virtual time")
    audit = what.add_parser("audit", help="write, verify and export a journal")
    audit.add_argument("--rows", type=whole(1, 100_000_000), default=200_000)
    audit.add_argument("--json", action="store_true", help="JSON (the only form)")
    traffic.add_argument("--duration", type=seconds(1), default=3600, help="virtual seconds")
    traffic.add_argument("--type", default="plain", help="robot type of the site")
    traffic.add_argument("--seed", type=int, default=1)
    for command in (screen, window, traffic):
        command.add_argument(
            "--robots", type=whole(1, 10_000), default=100 if command is screen else 50
        )
        command.add_argument("--site", type=Path, default=None)
        command.add_argument("--json", action="store_true", help="JSON (the only form)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print one JSON object."""
    if options.what == "audit":
        print(json.dumps(measure(max(1, options.rows))))
        return 0
    site_path = options.site or places.maps_dir() / "demo"
    measures = {
        "screen": _screen, "window": measure_window, "line": _line, "traffic": _traffic
    }  # fmt: skip
    return measures[options.what](options, site_path)


def _screen(options: argparse.Namespace, site_path: Path) -> int:
    wanted = ["--assets", str(places.assets_dir()), "--robots", str(options.robots)]
    return _in_window_module("bench", site_path, wanted)


def _line(_options: argparse.Namespace, site_path: Path) -> int:
    return _in_window_module("bench_line", site_path, [])


def _in_window_module(name: str, site_path: Path, wanted: list[str]) -> int:
    """A bench of the desktop's, with the drawing of a site."""
    with tempfile.TemporaryDirectory() as folder:
        layout = Path(folder) / "layout.json"
        layout.write_bytes(encode(layout_of(load_site(site_path))))
        command = [sys.executable, "-m", f"{places.window_module()}.{name}"]
        command += ["--layout", str(layout), *wanted]
        return subprocess.call(command, env=window_environment(unseen=True))


def _traffic(options: argparse.Namespace, site_path: Path) -> int:
    site = load_site(site_path)
    floor = prepare_floor(site, build_roadmaps(site, None))
    system = WholeSystem(floor, robots=options.robots, robot_type=options.type, seed=options.seed)
    chance = random.Random(options.seed)
    picks = [s.station_id for s in site.stations if s.kind is StationKind.PICK]
    packs = [s.station_id for s in site.stations if s.kind is StationKind.PACK]
    began, start, thirds = time.monotonic(), system.now_ms, [0, 0, 0]
    duration_ms = round(options.duration * 1000)
    while (passed := system.now_ms - start) < duration_ms:
        queued = sum(1 for t in system.state.tasks.values() if t.state is TaskState.QUEUED)
        if queued < max(4, options.robots // 3):
            system.command(
                SubmitTask(uuid.uuid4().hex, chance.choice(picks), chance.choice(packs), sku="S")
            )
        before = system.state.done_count
        system.run(STEP_MS)
        thirds[min(2, passed * 3 // duration_ms)] += system.state.done_count - before
    wall = time.monotonic() - began
    routes_ms = _route_times(floor.roads[options.type], picks, packs, chance)
    print(
        json.dumps(
            {
                "robots": options.robots,
                "virtual_s": options.duration,
                "tasks_done": system.state.done_count,
                "tasks_done_thirds": thirds,
                "collisions": system.collisions.count,
                "longest_traffic_wait_s": system.trace.longest_traffic_wait_ms / 1000,
                "route_ms_p50": routes_ms[len(routes_ms) // 2],
                "route_ms_p99": routes_ms[len(routes_ms) * 99 // 100],
                "rows": system.trace.rows,
                "wall_s": round(wall, 1),
                "times_real": round(options.duration / wall, 1),
            }
        )
    )
    return 1 if system.collisions.count else 0


def _route_times(
    road: RoadMap, picks: list[str], packs: list[str], chance: random.Random
) -> list[float]:
    """Milliseconds to find each of a hundred ways across the site, in order."""
    taken = []
    for _ in range(ROUTES):
        start, goal = chance.choice(picks), chance.choice(packs)
        began = time.perf_counter()
        find_route(road, road.station_nodes[start][0], road.station_nodes[goal][0])
        taken.append(round((time.perf_counter() - began) * 1000, 2))
    return sorted(taken)
