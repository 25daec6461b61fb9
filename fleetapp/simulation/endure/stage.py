"""What a seed plays on: the system, its robots by number, cameras, snapshots, people's notes."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from fleetapp.api.commands import Command, Outcome, Person
from fleetapp.core.state import Floor, Rules, State
from fleetapp.core.turn import Row
from fleetapp.engine.snapshots import decode_state, encode_state
from fleetapp.layout.roadmap import RoadMap
from fleetapp.simulation.robots.fleet import Start, spawn_one, start_nodes
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import Member, WholeSystem
from fleetapp.simulation.whole.watching import Watcher

RULES = Rules(confidence_permille=600)
SNAPSHOTS_KEPT = 6


@dataclass(slots=True)
class Cameras:
    """What each robot's camera shows instead of the package: "" is the package itself."""

    shows: dict[str, str] = field(default_factory=dict)

    def look(self, code: str | None, sku: str, robot_id: str, number: int) -> bytes:
        """A frame is the text of its label, and who made it."""
        del sku
        label = self.shows.get(robot_id) or code or "plain"
        return f"{label}|{robot_id}|{number}".encode()


def _nobody(_command: Command, _answer: "Future[Outcome]") -> None:
    return


def _no_rows(_state: State, _rows: tuple[Row, ...]) -> None:
    return


@dataclass(slots=True)
class Stage:
    """One seed under way."""

    floor: Floor
    system: WholeSystem
    cameras: Cameras
    chance: random.Random
    names: tuple[str, ...]  # robot ids by number
    tasks: list[str] = field(default_factory=list)  # task ids in the order of their events
    snapshots: list[tuple[int, bytes]] = field(default_factory=list)
    frames: dict[str, bytes] = field(default_factory=dict)  # newest frame message of each robot
    ended_at_ms: int = 0
    displaced: dict[str, int] = field(default_factory=dict)  # when it was last moved by hand
    unfit: set[str] = field(default_factory=set)  # people leave these alone: a fault is on

    on_command: "Callable[[Command, Future[Outcome]], None]" = field(default=_nobody)

    on_rows: "Callable[[State, tuple[Row, ...]], None]" = field(default=_no_rows)

    def give(self, command: Command, person: Person) -> None:
        """Somebody gives a command."""
        self.on_command(command, self.system.command(command, person))

    def robot(self, number: int) -> VirtualRobot:
        """A robot by number."""
        return self.system.robots[self.names[number % len(self.names)]]

    def road(self, robot_id: str) -> RoadMap:
        """The road map of a robot's type."""
        return self.floor.roads[self.system.types[robot_id]]

    def has_camera(self, robot_id: str) -> bool:
        """Whether it looks at packages."""
        return self.floor.types[self.system.types[robot_id]].camera

    def keep_snapshot(self) -> None:
        """Write a snapshot as the engine does."""
        state = self.system.state
        self.snapshots = [*self.snapshots, (state.seq, encode_state(state))][-SNAPSHOTS_KEPT:]

    def image(self, last_seq: int, choice: int) -> State:
        """A snapshot that the journal reaches, or an empty state; newer ones are gone."""
        self.snapshots = [kept for kept in self.snapshots if kept[0] <= last_seq]
        images = [b"", *(content for _, content in self.snapshots)]
        content = images[choice % len(images)]
        state = decode_state(content, self.floor, RULES) if content else None
        return state or State(self.floor, RULES)


def set_up(
    floor: Floor, fleet: tuple[str, ...], seed: int, watcher: Watcher, weather: Weather
) -> Stage:
    """A fleet that stands at its parking places and chargers."""
    cameras = Cameras()
    places = start_nodes(floor.site, next(iter(floor.roads.values())), Start.PARKED, seed)
    if len(fleet) > len(places):
        fleet = fleet[: len(places)]
    fleet = tuple(kind if kind in floor.roads else min(floor.roads) for kind in fleet)
    members = [
        Member(_robot(floor, kind, places[number], number, cameras), kind)
        for number, kind in enumerate(fleet)
    ]
    system = WholeSystem(
        floor,
        members=members,
        seed=seed,
        weather=weather,
        rules=RULES,
        watcher=watcher,
        outlines=Unlooked(),
    )
    return Stage(floor, system, cameras, random.Random(seed), tuple(system.robots))


def _robot(floor: Floor, kind: str, place: int, number: int, cameras: Cameras) -> VirtualRobot:
    look = cameras.look if floor.types[kind].camera else None
    road = floor.roads[kind]
    now_ms = 1_700_000_000_000
    return spawn_one(floor.site, road, place, number=number, look=look, now_ms=now_ms)


class Unlooked:
    """The watcher looks whether robots touch."""

    count = 0

    def check(self, robots: object) -> None:
        """Nothing."""
