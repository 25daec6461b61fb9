"""Core, sessions, robots and network in one process and virtual time.

The production loop, sessions and virtual robots, with lists where the engine has
a broker, a database and processes. The same seed gives the same run. The engine may
be killed at any tick and started again from what was durable.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Outcome, Person
from fleetapp.api.views import PoseView
from fleetapp.core.decisions import PlanRequested
from fleetapp.core.observations import (
    CommandGiven,
    Input,
    PackageRecognised,
    RobotAppeared,
    SeenBox,
)
from fleetapp.core.observations_engine import EngineStarted
from fleetapp.core.rows import Entry
from fleetapp.core.state import Floor, Rules, State
from fleetapp.core.turn import Row
from fleetapp.engine.answers import Kept
from fleetapp.engine.loop import CommandItem, Durable, Item, Loop
from fleetapp.engine.planner import solve
from fleetapp.engine.sessions import RawMessage, Sessions
from fleetapp.engine.snapshots import restore
from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.fleet import spawn
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.simulation.whole.network import Network, Weather
from fleetapp.terms.modes import Role
from fleetapp.vda5050.topics import parse

TICK_MS = 20
RECOGNITION_MS = 150
BOSS = Person("Sander", Role.SUPERVISOR, signed_in=True)


@dataclass(slots=True)
class Trace:
    """What happened."""

    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    longest_traffic_wait_ms: int = 0
    stood: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note_waits(self, state: State) -> None:
        """How long robots with a task stand for others, whatever the wait is called meanwhile."""
        for robot in state.robots.values():
            wait = robot.wait
            if wait is None or robot.task_id is None or wait.blocker_id is None:
                continue
            moved_ms, since_ms = self.stood.get(robot.robot_id, (-1, 0))
            if moved_ms != robot.moved_ms:
                since_ms = state.now_ms
                self.stood[robot.robot_id] = (robot.moved_ms, since_ms)
            self.longest_traffic_wait_ms = max(
                self.longest_traffic_wait_ms, state.now_ms - since_ms
            )


class WholeSystem:
    """A fleet in virtual time."""

    def __init__(
        self,
        floor: Floor,
        *,
        robots: int,
        robot_type: str,
        seed: int = 1,
        weather: Weather | None = None,
        rules: Rules | None = None,
    ) -> None:
        """Robots stand at their places and are admitted."""
        self.now_ms = 1_700_000_000_000
        self.trace = Trace()
        self.entries: list[Entry] = []
        self.network = Network(weather or Weather(), seed)
        self.collisions = Collisions(
            floor.types[robot_type].length_m, floor.types[robot_type].width_m
        )
        self._floor = floor
        self._items: list[Item] = []
        self._later: list[tuple[int, Input]] = []
        self._commands = 0
        look = _looks if floor.types[robot_type].camera else None
        self.robots: dict[str, VirtualRobot] = {
            robot.robot_id: robot
            for robot in spawn(
                floor.site, floor.roads[robot_type], count=robots, look=look, now_ms=self.now_ms
            )
        }
        self._rules = rules or Rules(confidence_permille=600)
        self._starts = 0
        self._durable_seq = 0
        self.ring: list[CommandGiven] = []
        self.loop = self._started(State(floor, self._rules))
        self._admit(robot_type)

    def _started(self, state: State) -> Loop:
        """An engine on this state; its action ids differ from those of earlier starts."""
        self._starts += 1
        sessions = Sessions(
            self, self, interface="uagv", epoch=f"s{self._starts}", on_pose=self._ignore_pose
        )
        sessions.adopt(state, self.now_ms)
        return Loop(state, sessions, self, self, ring=self, on_rows=self._note)

    def kill_engine(self, *, dead_ms: int, lost_rows: int = 0) -> None:
        """End the engine without a word; robots go on alone, then it starts again.

        Args:
            dead_ms: how long nobody decides.
            lost_rows: newest rows that had not become durable. What they permitted was not
                sent; what they forbade was.
        """
        self._durable_seq = len(self.entries) - lost_rows
        self.entries = self.entries[: self._durable_seq]
        end = self.now_ms + dead_ms
        while self.now_ms < end:
            self.now_ms += TICK_MS
            self._items, self._later = [], []
            self._deliver()
            if self.now_ms % 60 == 0:
                self._advance_robots()
        self._items, self._later = [], []
        self.loop = self._started(restore(State(self._floor, self._rules), self.entries))
        self._items.append(
            EngineStarted(
                0, f"boot-{self._starts}", "virtual", "", "", "virtual", "", self._floor.digest
            )
        )

    @property
    def undurable_rows(self) -> int:
        """How many of the newest rows the engine does not know to be durable."""
        return len(self.entries) - self._durable_seq

    def _admit(self, robot_type: str) -> None:
        for robot in self.robots.values():
            self._items.append(
                RobotAppeared(robot.robot_id, 0, robot.spec.maker, robot.spec.serial, "2.1.0")
            )
            self.command(
                asked.AdmitRobot(self.command_id(), robot.robot_id, robot_type, robot.spec.serial),
                BOSS,
            )
            robot.connected()

    @property
    def state(self) -> State:
        """The core's state."""
        return self.loop.state

    def command_id(self) -> str:
        """An id that was not used before."""
        self._commands += 1
        return f"c{self._commands}"

    def command(self, command: Command, person: Person = BOSS) -> "Future[Outcome]":
        """Give a command; it is taken in with the next tick."""
        answer: Future[Outcome] = Future()
        self._items.append(CommandItem(command, person, answer))
        return answer

    def run(self, duration_ms: int) -> None:
        """Let time pass."""
        end = self.now_ms + duration_ms
        while self.now_ms < end:
            self.tick()

    def tick(self) -> None:
        """One tick of the engine and of every robot."""
        self.now_ms += TICK_MS
        self._deliver()
        due = [item for item in self._later if item[0] <= self.now_ms]
        if due:
            self._later = [item for item in self._later if item[0] > self.now_ms]
            self._items.extend(message for _, message in due)
        wake = self.loop.next_wake_ms()
        if self._items or (wake is not None and wake <= self.now_ms):
            items, self._items = self._items, []
            told = (item.seq for item in items if isinstance(item, Durable))
            self._durable_seq = max((self._durable_seq, *told))
            self.loop.tick(self.now_ms, items)
        if self.now_ms % 60 == 0:
            self._advance_robots()

    def _deliver(self) -> None:
        for to, topic, payload in self.network.arrived(self.now_ms):
            if to == "fleet":
                self._items.append(RawMessage(topic, payload))
                continue
            address = parse(topic)
            if address is not None:
                self.robots[to].on_message(address.kind, payload)

    def _advance_robots(self) -> None:
        for robot in self.robots.values():
            robot.advance(self.now_ms)
            for sent in robot.take_sent():
                self.network.send("fleet", sent.topic, sent.payload, self.now_ms)
        self.collisions.check(self.robots.values())

    # --- ports of the loop --------------------------------------------------
    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network."""
        del qos, retain
        address = parse(topic)
        if address is None or address.robot_id not in self.robots:
            return False
        self.network.send(address.robot_id, topic, payload, self.now_ms)
        return True

    def append(self, entries: Sequence[Entry]) -> None:
        """Record; durable with the next tick."""
        self.entries.extend(entries)
        if entries:
            self._items.append(Durable(entries[-1].seq))

    def keep(self, row_seq: int, given: CommandGiven) -> None:
        """Keep a command that is in force; its answer leaves with the next tick."""
        self.ring.append(given)
        self._items.append(Kept(row_seq))

    def solve(self, problem: PlanRequested) -> None:
        """Plan; the answer comes with the next tick."""
        self._items.append(solve(self._floor, problem))

    def look(self, robot_id: str, frame_id: str, encoding: str, image: bytes) -> None:
        """Recognise: the virtual camera's label is what the answer says."""
        del encoding
        code = image.decode(errors="replace")
        sha256 = hashlib.sha256(image).hexdigest()
        box = SeenBox(400, 300, 480, 360, "box", 950, (code,) if code else ())
        answer = PackageRecognised(
            robot_id, 0, frame_id, sha256, "virtual", "", 1280, 960, 500, 900, 0, None, (box,), 80
        )
        self._later.append((self.now_ms + RECOGNITION_MS, answer))

    def _note(self, state: State, rows: tuple[Row, ...]) -> None:
        self.trace.rows += len(rows)
        self.trace.kinds.update(type(row.message).__name__ for row in rows)
        self.trace.note_waits(state)

    def _ignore_pose(self, pose: PoseView) -> None:
        """Nobody looks at a screen here."""


def _looks(code: str | None, sku: str, robot_id: str, number: int) -> bytes:
    """In virtual time a frame is the text of its label."""
    del sku, robot_id, number
    return (code or "plain").encode()
