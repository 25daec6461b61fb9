"""`fleetapp simulate`: virtual robots on a real broker, in a process of their own.

They speak VDA 5050 2.1 over MQTT and nothing else. Collisions are counted from
where the robots truly are, not from what they report.
"""

import argparse
import json
import os
import select
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fleetapp.cli import places
from fleetapp.cli.simulate_life import Life, now_ms
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmap
from fleetapp.mqtt import address as broker_address
from fleetapp.mqtt.accounts import user_of
from fleetapp.mqtt.address import BrokerAddress
from fleetapp.mqtt.programs import end_with_parent
from fleetapp.simulation.robots import faults, fleet
from fleetapp.simulation.robots.camera import SPOILED_PERMILLE, Camera, Shares
from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.spec import Look


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("simulate", help="virtual robots that speak VDA 5050 2.1")
    parser.add_argument("--site", type=Path, default=None, help="site folder (default: demo)")
    parser.add_argument("--robots", type=int, default=5)
    parser.add_argument("--type", default="carrier", help="robot type of the site")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--broker", help="mqtt[s]://[USER@]HOST:PORT")
    where.add_argument("--data", type=Path, help="data folder of a running engine: its broker")
    parser.add_argument(
        "--credentials",
        type=Path,
        help='JSON lines {"robot_id", "password", "username"?} (mode 0600), one for each robot; '
        f"their ids are fixed: {fleet.MAKER}/r01, {fleet.MAKER}/r02, ...",
    )
    parser.add_argument("--interface", default="uagv")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start",
        choices=tuple(fleet.Start),
        default=fleet.Start.PARKED,
        help="where they stand: parked, or working: spread over the pick stations",
    )
    parser.add_argument(
        "--camera", action=argparse.BooleanOptionalAction, default=None, help="default: its type's"
    )
    parser.add_argument(
        "--spoiled",
        type=int,
        default=SPOILED_PERMILLE,
        metavar="PERMILLE",
        help="frames of a thousand that no recogniser can be sure of: dark, blurred, without the "
        f"carton or with another code, as many of each (default: {SPOILED_PERMILLE})",
    )
    parser.add_argument(
        "--faults", default="", help="SERIAL=FAULT[@FROM[+FOR]],... such as r03=link_loss@30+10"
    )
    parser.add_argument("--visualization-hz", type=float, default=5.0, help="0: none")
    parser.add_argument("--state-interval", type=float, default=1.0, help="seconds, 30 at most")
    parser.add_argument("--report", default=None, help="FILE or - : JSON lines of true poses")
    parser.add_argument(
        "--wait", type=float, default=0.0, help="seconds that the credentials file may take to come"
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Live until interrupted, then print a JSON summary; SIGUSR1 prints one meanwhile."""
    report: IO[str] | None = None
    if options.until_stdin_closes:
        end_with_parent()
    try:
        if options.report is not None:
            report = sys.stdout if options.report == "-" else Path(options.report).open("w", 1)  # noqa: SIM115 - closed below
        life = made(options, report)
    except (ValueError, OSError) as error:
        print(f"fleetapp simulate: {error}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: life.end())
    signal.signal(signal.SIGINT, lambda *_: life.end())
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda *_: life.ask_summary())
    life.live(_input_closed if options.until_stdin_closes else lambda: False)
    life.close()
    print(json.dumps(life.summary()), flush=True)
    if report is not None and report is not sys.stdout:
        report.close()
    return 0


def made(options: argparse.Namespace, report: IO[str] | None) -> Life:
    """The robots at their places, not yet connected.

    Raises:
        ValueError: naming the option that does not fit, and the remedy.
    """
    _check_numbers(options)
    site = load_site(options.site or places.maps_dir() / "demo")
    kind = site.robot_type(options.type)
    if kind is None:
        known = ", ".join(robot_type.type_id for robot_type in site.robot_types)
        raise ValueError(f"--type {options.type!r}: site {site.site_id} has {known}")
    camera = kind.camera if options.camera is None else options.camera
    hz = options.visualization_hz
    road = build_roadmap(site, kind, None)
    robots = fleet.spawn(
        site,
        road,
        fleet.start_nodes(site, road, fleet.Start(options.start), options.seed),
        count=options.robots,
        look=_look(options.seed, options.spoiled) if camera else None,
        now_ms=now_ms(),
        interface=options.interface,
        picture_every_ms=round(1000 / hz) if hz else 0,
        state_every_ms=round(options.state_interval * 1000),
    )
    _wait_for(options.credentials, options.wait)
    logins = _logins(options.credentials)
    if options.credentials is not None:
        _check_ids(options.credentials, logins, [robot.robot_id for robot in robots])
    life = Life(_broker(options), Collisions(kind.length_m, kind.width_m), report)
    for robot in robots:
        login = logins.get(robot.robot_id, Login("", ""))
        life.add(robot, login.user, login.password)
    life.plan(faults.planned(options.faults))
    return life


def _check_numbers(options: argparse.Namespace) -> None:
    limits = (("robots", 1, 10_000), ("visualization_hz", 0, 50), ("spoiled", 0, 1_000))
    for name, least, most in limits:
        value = getattr(options, name)
        if not least <= value <= most:
            raise ValueError(f"--{name.replace('_', '-')} {value}: give {least} to {most}")
    if not 0.1 <= options.state_interval <= 30:
        raise ValueError(f"--state-interval {options.state_interval}: give 0.1 to 30 seconds")


def _look(seed: int, spoiled_permille: int) -> Look:
    shares = Shares.of_all(spoiled_permille)
    camera = Camera(places.assets_dir() / "frames", seed, shares)

    def look(label_code: str | None, sku: str, robot_id: str, attempt: int) -> bytes:
        return camera.frame(label_code, sku, robot_id, attempt).jpeg

    return look


def _broker(options: argparse.Namespace) -> BrokerAddress:
    if options.broker is not None:
        return broker_address.parse(options.broker, None)
    path = options.data / "run" / "engine.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        return BrokerAddress(content["broker_host"], int(content["broker_port"]), False, "", "")  # noqa: FBT003 - tls
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"no engine runs on {options.data} ({error}): start one first") from error


@dataclass(frozen=True, slots=True)
class Login:
    """A robot's broker user."""

    user: str
    password: str


def _wait_for(path: Path | None, seconds: float) -> None:
    """A demo starts us while it still admits the robots: it writes the file when it is done."""
    until = time.monotonic() + seconds
    while path is not None and not path.exists() and time.monotonic() < until:
        time.sleep(0.02)


def _logins(path: Path | None) -> dict[str, Login]:
    if path is None:
        return {}
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            robot_id, password = str(entry["robot_id"]), str(entry["password"])
            user = str(entry.get("username") or user_of(robot_id))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(
                f'{path} line {number}: write {{"robot_id": ..., "password": ...}}'
            ) from None
        found[robot_id] = Login(user if password else "", password)
    return found


def _check_ids(path: Path, logins: dict[str, Login], robot_ids: list[str]) -> None:
    """The file may hold more virtual robots than are asked for, and no others."""
    for robot_id in logins:
        if not fleet.is_virtual(robot_id):
            raise ValueError(
                f"{path}: {robot_id[:130]!r} is no virtual robot: they are {fleet.MAKER}/r01, "
                f"{fleet.MAKER}/r02, ...; admit them under these ids (`fleetapp robot add "
                f"{fleet.MAKER}/r01 --type TYPE --as NAME --json`) and write their lines"
            )
    missing = [robot_id for robot_id in robot_ids if robot_id not in logins]
    if missing:
        raise ValueError(
            f"{path} has no line for {', '.join(missing)[:200]}: admit each "
            f"(`fleetapp robot add {missing[0]} --type TYPE --as NAME --json`) and add what it "
            'prints, or "password": "" where the broker asks for none; or lower --robots'
        )


def _input_closed() -> bool:
    """The parent is gone when our input closes."""
    readable, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(readable) and os.read(sys.stdin.fileno(), 100) == b""
