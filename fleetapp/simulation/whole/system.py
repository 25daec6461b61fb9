"""Core, sessions, robots and network in one process and virtual time.

The production loop, sessions and virtual robots, with lists where the engine has
a broker, a database and processes. The same seed gives the same run. The engine may
be killed at any tick and started again from what was durable.

Time jumps to the next moment at which something is due. The engine ticks on a grid
of 20 ms, robots that drive live in steps of 100 ms.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Outcome, Person
from fleetapp.api.views import PoseView
from fleetapp.core.decisions import PlanRequested
from fleetapp.core.observations import CommandGiven, RobotAppeared
from fleetapp.core.observations_engine import EngineStarted
from fleetapp.core.rows import Entry
from fleetapp.core.state import Floor, Rules, State
from fleetapp.core.turn import Row
from fleetapp.engine.loop import CommandItem, Durable, Item, Loop
from fleetapp.engine.sessions import RawMessage, Sessions
from fleetapp.engine.snapshots import restore
from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.fleet import spawn
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.simulation.whole.journal import VirtualJournal
from fleetapp.simulation.whole.network import Network, Weather
from fleetapp.simulation.whole.ring import VirtualRing
from fleetapp.simulation.whole.watching import Nobody, Watcher
from fleetapp.simulation.whole.workers import Later, VirtualPlanner, VirtualRecogniser
from fleetapp.terms.modes import Role
from fleetapp.vda5050.topics import parse

TICK_MS = 20
LIVING_MS = 100  # the step of a robot that drives
START_MS = 1_700_000_000_000
BOSS = Person("Sander", Role.SUPERVISOR, signed_in=True)
INTERFACE = "uagv"


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


@dataclass(frozen=True, slots=True)
class Member:
    """A robot of the fleet and the type it is admitted under."""

    robot: VirtualRobot
    robot_type: str


class Outlines(Protocol):
    """Looks whether robots touch."""

    count: int

    def check(self, robots: Iterable[VirtualRobot]) -> None:
        """Look at all robots."""
        ...


class WholeSystem:
    """A fleet in virtual time."""

    def __init__(
        self,
        floor: Floor,
        *,
        robots: int = 0,
        robot_type: str = "",
        members: Sequence[Member] | None = None,
        seed: int = 1,
        weather: Weather | None = None,
        rules: Rules | None = None,
        watcher: Watcher | None = None,
        outlines: Outlines | None = None,
    ) -> None:
        """Robots stand at their places and are admitted: `robots` of a type, or `members`."""
        self.now_ms = START_MS
        self.trace = Trace()
        self.journal = VirtualJournal(TICK_MS)
        self.network = Network(weather or Weather(), seed)
        self.watcher: Watcher = watcher or Nobody()
        if members is None:
            members = _members(floor, robots, robot_type, self.now_ms)
        self.types = {member.robot.robot_id: member.robot_type for member in members}
        self.robots = {member.robot.robot_id: member.robot for member in members}
        self.collisions: Outlines = outlines or _collisions(floor, members[0].robot_type)
        self._floor = floor
        self._items: list[Item] = []
        self._later = Later()
        self.planner = VirtualPlanner(floor, self._later)
        self.recogniser = VirtualRecogniser(self._later)
        self._commands = 0
        self._retained: dict[str, bytes] = {}
        self._robot_due: dict[str, int] = {}
        self._rules = rules or Rules(confidence_permille=600)
        self._starts = 0
        self._durable_seq = 0
        self.ring = VirtualRing()
        self.engine_dead = False
        self.loop = self._started(State(floor, self._rules))
        self._wake_ms: int | None = None
        self._admit()

    # --- the engine's life ----------------------------------------------------
    def _started(self, state: State) -> Loop:
        """An engine on this state; its action ids differ from those of earlier starts."""
        self._starts += 1
        sessions = Sessions(
            self, self, interface=INTERFACE, epoch=f"s{self._starts}", on_pose=self._ignore_pose
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
        self.crash_engine(len(self.entries) - lost_rows)
        self.run(dead_ms)
        self.start_engine(State(self._floor, self._rules))

    def crash_engine(self, end_seq: int) -> None:
        """End the engine; its journal ends with row `end_seq`."""
        self.journal.crash(end_seq)
        self.ring.crash()
        self._durable_seq = end_seq
        self.engine_dead = True
        self._items = []
        self._later.clear()

    def start_engine(self, image: State) -> None:
        """Start it again: from a snapshot or an empty state, and the rows after it."""
        self._items = []
        self._later.clear()
        self.engine_dead = False
        self.loop = self._started(restore(image, self.entries[image.seq :]))
        boot_id, digest = f"boot-{self._starts}", self._floor.digest
        self._items.append(EngineStarted(0, boot_id, "virtual", "", "", "virtual", "", digest))
        self._items.extend(self.ring.owed(self.entries))
        for topic, payload in self._retained.items():
            self._items.append(RawMessage(topic, payload, retained=True))
        self._wake_ms = self.loop.next_wake_ms()
        self.watcher.started(self.loop.state)

    def start_on(self, floor: Floor, image: State) -> None:
        """Start it again on another layout; `image` is on that layout too."""
        self._floor = floor
        self.planner.change_floor(floor)
        self.start_engine(image)

    @property
    def entries(self) -> list[Entry]:
        """The rows of the journal, durable or not."""
        return self.journal.entries

    @property
    def durable_seq(self) -> int:
        """The newest row that the engine knows to be durable."""
        return self._durable_seq

    @property
    def undurable_rows(self) -> int:
        """How many of the newest rows the engine does not know to be durable."""
        return len(self.entries) - self._durable_seq

    def _admit(self) -> None:
        for robot in self.robots.values():
            self._items.append(
                RobotAppeared(robot.robot_id, 0, robot.spec.maker, robot.spec.serial, "2.1.0")
            )
            kind = self.types[robot.robot_id]
            self.command(
                asked.AdmitRobot(self.command_id(), robot.robot_id, kind, robot.spec.serial), BOSS
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
        self.tell(CommandItem(command, person, answer))
        return answer

    def tell(self, item: Item) -> None:
        """Let the engine take something in with its next tick; a dead one hears nothing."""
        if not self.engine_dead:
            self._items.append(item)

    # --- time -----------------------------------------------------------------
    def run(self, duration_ms: int) -> None:
        """Let time pass, from one moment at which something is due to the next."""
        end_ms = _on_grid(self.now_ms + duration_ms, TICK_MS)
        self.look_around()
        while (at_ms := self._next_ms()) <= end_ms:
            self._live(at_ms)
        self.now_ms = end_ms

    def tick(self) -> None:
        """Let one tick pass."""
        self.run(TICK_MS)

    def look_around(self) -> None:
        """See anew what is due when: something was changed from outside."""
        self._wake_ms = None if self.engine_dead else self.loop.next_wake_ms()
        self._robot_due = {}
        for robot in self.robots.values():
            self._expect(robot)
            if robot.due(self.now_ms):
                self._robot_due[robot.robot_id] = self._soon(robot)

    def _soon(self, robot: VirtualRobot) -> int:
        step_ms = LIVING_MS if robot.is_under_way() else TICK_MS
        return _on_grid(self.now_ms + 1, step_ms)

    def _expect(self, robot: VirtualRobot) -> None:
        """Note when a robot has something to do next."""
        if robot.is_under_way():
            due_ms = _on_grid(self.now_ms + 1, LIVING_MS)
        else:
            due_ms = _on_grid(max(robot.next_event_ms(), self.now_ms + 1), TICK_MS)
        self._robot_due[robot.robot_id] = due_ms

    def _next_ms(self) -> int:
        """The next moment on the grid at which something is due."""
        soonest = self.now_ms + TICK_MS
        if self._items or self.ring.writes:
            return soonest
        others = (self.network.next_ms(), *self._engine_times())
        times = [time for time in others if time is not None]
        times.append(min(self._robot_due.values(), default=soonest))
        return max(soonest, _on_grid(min(times), TICK_MS))

    def _engine_times(self) -> tuple[int | None, ...]:
        if self.engine_dead:
            return ()
        return (self._later.next_ms(), self.journal.next_ms(), self._wake_ms)

    def _live(self, at_ms: int) -> None:
        """One moment of the engine and of every robot that has something to do."""
        self.now_ms = at_ms
        self._deliver()
        if not self.engine_dead:
            self._tick_engine()
        due = [self.robots[name] for name, due_ms in self._robot_due.items() if due_ms <= at_ms]
        if due:
            self._advance(due)

    def _tick_engine(self) -> None:
        self._items.extend(self._later.due(self.now_ms))
        self._items.extend(self.journal.due(self.now_ms))
        self._items.extend(self.ring.due())
        is_due = self._wake_ms is not None and self._wake_ms <= self.now_ms
        if not self._items and not is_due:
            return
        items, self._items = self._items, []
        told = (item.seq for item in items if isinstance(item, Durable))
        self._durable_seq = max((self._durable_seq, *told))
        self.ring.durable(self._durable_seq)
        self.loop.tick(self.now_ms, items)
        self._wake_ms = self.loop.next_wake_ms()
        self.watcher.ticked()

    def _deliver(self) -> None:
        for to, topic, payload in self.network.arrived(self.now_ms):
            address = parse(topic)
            if to == "fleet":
                if address is not None and not self.engine_dead:
                    self.watcher.taken_in(address.robot_id, address.kind, payload)
                self.tell(RawMessage(topic, payload))
            elif address is not None and to in self.robots:
                robot = self.robots[to]
                robot.advance(self.now_ms)  # what it is told counts from now on
                robot.on_message(address.kind, payload)
                self._robot_due[to] = self._soon(robot)

    def _advance(self, robots: list[VirtualRobot]) -> None:
        for robot in robots:
            robot.advance(self.now_ms)
            for sent in robot.take_sent():
                if sent.retain:
                    self._retained[sent.topic] = sent.payload
                self.network.send("fleet", sent.topic, sent.payload, self.now_ms)
            self._expect(robot)
        self.collisions.check(self.robots.values())
        self.watcher.moved()

    # --- ports of the loop --------------------------------------------------
    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network."""
        del qos, retain
        address = parse(topic)
        if address is None or address.robot_id not in self.robots:
            return False
        self.watcher.published(address.robot_id, address.kind, payload)
        self.network.send(address.robot_id, topic, payload, self.now_ms)
        return True

    def append(self, entries: Sequence[Entry]) -> None:
        """Record; durable with the next tick, unless the journal is in trouble."""
        self.journal.append(entries, self.now_ms)

    def keep(self, row_seq: int, given: CommandGiven) -> None:
        """Keep a command that is in force; its answer leaves with the next tick."""
        self.ring.keep(row_seq, given)

    def solve(self, problem: PlanRequested) -> None:
        """Plan; the answer comes with the next tick."""
        self.planner.solve(problem, self.now_ms)

    def look(self, robot_id: str, frame_id: str, encoding: str, image: bytes) -> None:
        """Recognise: the virtual camera's label is what the answer says."""
        del encoding
        self.recogniser.look(robot_id, frame_id, image, self.now_ms)

    def _note(self, state: State, rows: tuple[Row, ...]) -> None:
        self.trace.rows += len(rows)
        self.trace.kinds.update(type(row.message).__name__ for row in rows)
        self.trace.note_waits(state)
        self.watcher.decided(state, rows)

    def _ignore_pose(self, pose: PoseView) -> None:
        """Nobody looks at a screen here."""


def _members(floor: Floor, count: int, robot_type: str, now_ms: int) -> tuple[Member, ...]:
    """Robots of one type where robots park."""
    look = _looks if floor.types[robot_type].camera else None
    road = floor.roads[robot_type]
    robots = spawn(floor.site, road, count=count, look=look, now_ms=now_ms)
    return tuple(Member(robot, robot_type) for robot in robots)


def _collisions(floor: Floor, robot_type: str) -> Collisions:
    """Of a fleet of one type, or of one as large as its first robot."""
    kind = floor.types[robot_type]
    return Collisions(kind.length_m, kind.width_m)


def _on_grid(at_ms: int, step_ms: int) -> int:
    """The first moment of a grid that is not before a time."""
    return -(-at_ms // step_ms) * step_ms


def _looks(code: str | None, sku: str, robot_id: str, number: int) -> bytes:
    """In virtual time a frame is the text of its label."""
    del sku, robot_id, number
    return (code or "plain").encode()
