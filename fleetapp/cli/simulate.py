"""`fleetapp simulate`: virtual robots on a real broker, in a process of their own."""

import argparse
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from fleetapp.cli import places
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmap
from fleetapp.mqtt import address as broker_address
from fleetapp.mqtt.accounts import user_of
from fleetapp.mqtt.many import Login, ManyClients
from fleetapp.simulation.robots.camera import Camera
from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.fleet import spawn
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.vda5050.topics import build, parse

STEP_S = 0.05


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("simulate", help="virtual robots that speak VDA 5050 2.1")
    parser.add_argument("--site", type=Path, default=None, help="site folder (default: demo)")
    parser.add_argument("--robots", type=int, default=5)
    parser.add_argument("--type", default="carrier", help="robot type of the site")
    parser.add_argument("--broker", required=True, help="mqtt[s]://[USER@]HOST:PORT")
    parser.add_argument(
        "--credentials",
        type=Path,
        help='JSON lines {"robot_id", "password"}, one for each robot (mode 0600)',
    )
    parser.add_argument("--interface", default="uagv")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture-hz", type=float, default=4.0, help="rate of visualization")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Live until interrupted, then print a JSON summary."""
    try:
        fleet = VirtualFleet(options)
    except (ValueError, OSError) as error:
        print(f"fleetapp simulate: {error}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, fleet.end)
    try:
        fleet.live()
    except KeyboardInterrupt:
        pass
    finally:
        fleet.close()
    print(json.dumps(fleet.summary()), flush=True)
    return 0


class VirtualFleet:
    """The robots, their connections and the count of collisions."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Put the robots at their places.

        Raises:
            ValueError: naming the option that does not fit.
        """
        site = load_site(options.site or places.maps_dir() / "demo")
        kind = site.robot_type(options.type)
        if kind is None:
            raise ValueError(f"the site has no robot type {options.type!r}")
        self._options = options
        self._ending = False
        self._collisions = Collisions(kind.length_m, kind.width_m)
        camera = Camera(places.assets_dir() / "frames", options.seed) if kind.camera else None
        look = (lambda *what: camera.frame(*what).jpeg) if camera is not None else None
        self.robots = {
            robot.robot_id: robot
            for robot in spawn(
                site,
                build_roadmap(site, kind, None),
                count=options.robots,
                look=look,
                now_ms=_now_ms(),
                interface=options.interface,
                picture_every_ms=round(1000 / options.picture_hz) if options.picture_hz else 0,
            )
        }
        where = broker_address.parse(options.broker, None)
        self._clients = ManyClients(where.host, where.port)
        passwords = _passwords(options.credentials)
        for robot in self.robots.values():
            self._connect(robot, passwords.get(robot.robot_id, ""))

    def _connect(self, robot: VirtualRobot, password: str) -> None:
        spec, will = robot.spec, robot.will()
        topics = tuple(
            build(spec.interface, spec.maker, spec.serial, kind)
            for kind in ("order", "instantActions")
        )
        user = user_of(robot.robot_id)

        def received(topic: str, payload: bytes) -> None:
            address = parse(topic)
            if address is not None:
                robot.on_message(address.kind, payload)

        self._clients.add(
            robot.robot_id,
            Login(user if password else "", password, will.topic, will.payload, topics),
            on_connect=robot.connected,
            on_message=received,
        )

    def live(self) -> None:
        """Move and talk until asked to end."""
        next_s = time.monotonic()
        while not self._ending and not self._input_closed():
            now = _now_ms()
            for name, robot in self.robots.items():
                robot.advance(now)
                for sent in robot.take_sent():
                    self._clients.publish(
                        name, sent.topic, sent.payload, sent.qos, retain=sent.retain
                    )
            self._collisions.check(self.robots.values())
            next_s = max(next_s + STEP_S, time.monotonic())
            while (left := next_s - time.monotonic()) > 0:
                self._clients.run_once(left)

    def _input_closed(self) -> bool:
        """The parent is gone when our input closes."""
        if not self._options.until_stdin_closes:
            return False
        readable, _, _ = select.select([sys.stdin], [], [], 0)
        return bool(readable) and os.read(sys.stdin.fileno(), 100) == b""

    def end(self, *_signal: Any) -> None:
        """End with the next step."""
        self._ending = True

    def close(self) -> None:
        """Say goodbye to the broker."""
        self._clients.close()

    def summary(self) -> dict[str, object]:
        """What happened, from where robots truly were."""
        return {
            "robots": len(self.robots),
            "collisions": self._collisions.count,
            "distance_m": round(sum(r.driven_m for r in self.robots.values()), 1),
        }


def _passwords(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            found[str(entry["robot_id"])] = str(entry["password"])
        except (ValueError, KeyError) as error:
            raise ValueError(
                f'{path} line {number}: write {{"robot_id": ..., "password": ...}}'
            ) from error
    return found


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
