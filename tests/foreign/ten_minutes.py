"""Six robots that are not ours do picks on `maps/small` for ten minutes; one JSON object.

    python tests/foreign/ten_minutes.py --sdk-python V/bin/python --node-modules N/node_modules

A real engine with its embedded broker, three robots on `vda-5050-lib` 1.4.0 and three
on `vda5050-sdk` 0.2.0 (README.md says how to install them). Six tasks are kept open.
Status 1 unless each robot delivered, none failed, every pick is journalled as not
verified, nobody stands without a reason, and the journal verifies.
"""

import argparse
import json
import os
import random
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

from fleetapp.api.commands import SubmitTask
from fleetapp.audit.verify import verify
from fleetapp.client.connection import ClientError, Connection
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import RoadMap, build_roadmaps
from fleetapp.layout.site import Site
from fleetapp.terms.modes import StationKind, TaskState

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OPEN_TASKS = 6
PATIENCE_S = 40
KINDS = (("siemens", "js", "floor-lib"), ("gitee", "py", "sdk"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--sdk-python", required=True, help="Python that has vda5050-sdk[mqtt]")
    parser.add_argument("--node-modules", required=True, help="folder that has vda-5050-lib")
    parser.add_argument("--each", type=int, default=3, help="robots of each maker")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = run(Path(folder), options)
    print(json.dumps(result))
    return 0 if result["passed"] else 1


def run(data: Path, options: argparse.Namespace) -> dict[str, object]:
    password = secrets.token_urlsafe(12)
    fleetapp = [sys.executable, "-m", "fleetapp"]
    subprocess.run(
        [*fleetapp, "user", "add", "boss", "--data", str(data), "--password-stdin"],
        input=f"{password}\n", text=True, check=True, cwd=ROOT, capture_output=True,
    )  # fmt: skip
    engine = subprocess.Popen(
        [*fleetapp, "engine", "--data", str(data), "--site", str(ROOT / "maps" / "small")],
        cwd=ROOT, stdin=subprocess.DEVNULL, stderr=(data / "engine.err").open("wb"),
    )  # fmt: skip
    robots: list[subprocess.Popen[bytes]] = []
    try:
        boss = signed_in(data, password)
        robots = start_robots(data, boss, options)
        created = feed(boss, options.minutes * 60)
        return judged(data, boss, created, options)
    finally:
        for process in (*robots, engine):
            process.terminate()
        for process in (*robots, engine):
            process.wait(20)


def signed_in(data: Path, password: str) -> Connection:
    boss = Connection(data)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            boss.status()
        except ClientError:
            time.sleep(0.1)
        else:
            boss.sign_in("boss", password)
            return boss
    raise SystemExit((data / "engine.err").read_text())


def start_robots(
    data: Path, boss: Connection, options: argparse.Namespace
) -> list[subprocess.Popen[bytes]]:
    site = load_site(ROOT / "maps" / "small")
    roads = build_roadmaps(site, None)
    port = str(json.loads((data / "run" / "engine.json").read_text())["broker_port"])
    started = []
    places = resting_nodes(site, roads["sdk"])
    for maker, prefix, kind in KINDS:
        for number in range(options.each):
            serial = f"{prefix}{number + 1}"
            secret = boss.add_robot(f"{maker}/{serial}", kind, serial)
            node, road = next(places), roads[kind]
            words = [port, serial, secret or "", site.map_id]
            words += [str(road.x_mm[node] / 1000), str(road.y_mm[node] / 1000), road.node_ids[node]]
            command, environment = (
                [options.sdk_python, str(HERE / "sdk_robot.py")],
                dict(os.environ),
            )
            if kind == "floor-lib":
                command = ["node", str(HERE / "lib_robot.js")]
                environment["NODE_PATH"] = options.node_modules
            log = (data / f"{serial}.log").open("wb")
            started.append(
                subprocess.Popen([*command, *words], env=environment, stdout=log, stderr=log)
            )
    return started


def resting_nodes(site: Site, road: RoadMap):
    for station in site.stations:
        if station.kind in (StationKind.PARKING, StationKind.CHARGER):
            yield from road.station_nodes.get(station.station_id, ())


def feed(boss: Connection, seconds: float) -> int:
    """Keep tasks open until the time is over, then let those under way end for a while."""
    chance = random.Random(1)
    stations = boss.layout().stations
    picks = [s.station_id for s in stations if s.kind is StationKind.PICK]
    packs = [s.station_id for s in stations if s.kind is StationKind.PACK]
    began, created = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        open_now = sum(1 for task in boss.snapshot().tasks if task.ended_ms is None)
        for _ in range(OPEN_TASKS - open_now):
            task = SubmitTask(uuid.uuid4().hex, chance.choice(picks), chance.choice(packs), sku="S")
            created += boss.submit(task).accepted
        time.sleep(1)
    return created


def judged(
    data: Path, boss: Connection, created: int, options: argparse.Namespace
) -> dict[str, object]:
    snapshot = boss.snapshot()
    done = Counter(t.robot_id for t in snapshot.tasks if t.state is TaskState.DONE)
    failed = sum(1 for t in snapshot.tasks if t.state is TaskState.FAILED)
    status = boss.status()
    until = time.monotonic() + PATIENCE_S
    while status["journal"]["durable"] < status["journal"]["rows"] and time.monotonic() < until:
        status = boss.status()
    with sqlite3.connect(f"file:{data / 'audit.db'}?mode=ro", uri=True) as journal:
        bodies = journal.execute("SELECT body FROM journal WHERE type = 'RecognitionJudged'")
        verdicts = Counter(json.loads(body)["verification"] for (body,) in bodies)
    names = {r.robot_id: r.name for r in snapshot.robots}
    proof = verify(data / "audit.db")
    return {
        "robots": len(names),
        "minutes": options.minutes,
        "tasks_created": created,
        "tasks_done": sum(done.values()),
        "tasks_done_by_robot": {name: done.get(robot_id, 0) for robot_id, name in names.items()},
        "tasks_failed": failed,
        "verifications": dict(verdicts),
        "standing": {r.name: r.why.sentence for r in snapshot.robots if r.why is not None},
        "journal_rows": status["journal"]["rows"],
        "journal_verified": proof.ok,
        "passed": proof.ok
        and not failed
        and len(done) == len(names) == 2 * options.each
        and set(verdicts) == {"not_verified"},
    }


if __name__ == "__main__":
    sys.exit(main())
