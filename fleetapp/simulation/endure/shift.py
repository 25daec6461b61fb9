"""Playing a script: the whole shift of a seed, from the first task to the last calm minute."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fleetapp.api.commands import Command, Person
from fleetapp.simulation.endure import people
from fleetapp.simulation.endure.aims import AIMS, Aims
from fleetapp.simulation.endure.breaks import Break
from fleetapp.simulation.endure.catalogue import CAMERA, EVERYBODY, MOMENTS
from fleetapp.simulation.endure.counts import Counts
from fleetapp.simulation.endure.faults import FAULTS
from fleetapp.simulation.endure.layouts import change_layout
from fleetapp.simulation.endure.script import Event, Script
from fleetapp.simulation.endure.sites import floor_in, floor_of
from fleetapp.simulation.endure.stage import set_up
from fleetapp.simulation.endure.witness import Witness
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import START_MS
from fleetapp.tasks.task import is_open

ROUND_MS = 1_000
MOMENT_MS = 200  # how often a fault looks whether its moment has come
LONGEST_MOMENT_MS = 75_000
LATE_MOMENT_MS = 40_000
SNAPSHOT_MS = 45_000
LONGEST_TWO_MS = 900_000
LONGEST_CALM_MS = 900_000
STEP_TASKS_MS = 30_000


@dataclass(slots=True)
class Result:
    """What a seed showed."""

    seed: int
    virtual_ms: int
    steps: int
    rows: int
    counts: Counts
    breaks: tuple[Break, ...]
    wire: list[tuple[str, bytes]] = field(default_factory=list)


class Shift:
    """A script under way."""

    def __init__(self, script: Script, *, records: bool = False, until: str = "") -> None:
        """Everything stands; over when the invariant `until` broke in a way that is not known."""
        self.script = script
        floor = floor_in(Path(script.site_dir)) if script.site_dir else floor_of(script.plan)
        self.counts = Counts()
        self.witness = Witness(self.counts, records=records, until=until)
        self.stage = set_up(floor, script.fleet, script.seed, self.witness, Weather())
        self.witness.look_at(self.stage)
        self.stage.on_command = self.witness.promises.note
        self.aims = Aims()
        self.stage.on_rows = lambda state, rows: self.aims.look_at(self.stage, state, rows)
        self._events = list(script.events)
        self._moments: list[tuple[int, Event]] = []  # faults that wait for their moment
        self._ends: list[tuple[int, int, Event]] = []
        self._again: list[tuple[int, Event, tuple[Command, Person]]] = []
        self._begun = 0
        self._round_ms = self._snapshot_ms = 0
        self._calm = self._late = False

    def play(self) -> Result:
        """The whole shift."""
        self._run_until(self.script.events[-1].at_ms if self.script.events else 0)
        self._settle_faults()
        if self.script.needs_two and not self.witness.over:
            self._two_tasks_each()
        self._late_faults()
        self._calm_down()
        if self.script.loses_station and not self.witness.over:
            change_layout(self.stage, self.script.loses_station, self._let_pass)
            self._calm_down()
        self.witness.finish()
        system = self.stage.system
        return Result(
            self.script.seed,
            system.now_ms - START_MS,
            self.witness.steps,
            system.trace.rows,
            self.counts,
            tuple(self.witness.breaks),
            self.witness.wire,
        )

    @property
    def _now_ms(self) -> int:
        return self.stage.system.now_ms - START_MS

    def _run_until(self, end_ms: int) -> None:
        """Let time pass; events, faults and rounds come when it is their time."""
        while self._now_ms < end_ms and not self.witness.over:
            self._begin_events()
            step_ms = MOMENT_MS if self._moments else ROUND_MS
            times = [end_ms, self._now_ms + step_ms]
            times += [event.at_ms for event in self._events[:1]]
            times += [at_ms for at_ms, _, _ in self._ends]
            times += [at_ms for at_ms, _, _ in self._again]
            wait_ms = max(20, min(times) - self._now_ms)
            self.witness.run(wait_ms)
            self._go_on()
        self._begin_events()

    def _go_on(self) -> None:
        for end in [e for e in self._ends if e[0] <= self._now_ms]:
            self._end(end)
        for again in [a for a in self._again if a[0] <= self._now_ms]:
            self._again.remove(again)
            self.stage.give(*again[2])
        for moment in tuple(self._moments):
            self._try(moment)
        if self._now_ms - self._round_ms >= ROUND_MS:
            self._round_ms = self._now_ms
            people.go_round(self.stage, calm=self._calm)
        if self._now_ms - self._snapshot_ms > SNAPSHOT_MS and not self.stage.system.engine_dead:
            self._snapshot_ms = self._now_ms
            self.stage.keep_snapshot()

    def _let_pass(self, duration_ms: int) -> None:
        self._run_until(self._now_ms + duration_ms)

    def _begin_events(self) -> None:
        while self._events and self._events[0].at_ms <= self._now_ms:
            event = self._events.pop(0)
            if event.what == "task":
                people.submit(self.stage, event)
            elif event.what == "command":
                self._command(event)
            elif event.what == "aim":
                self.aims.waiting.append(AIMS[event.name])
            else:
                longest_ms = LATE_MOMENT_MS if self._late else LONGEST_MOMENT_MS
                self._moments.append((self._now_ms + longest_ms, event))

    def _command(self, event: Event) -> None:
        given = people.give(self.stage, event)
        self.counts.commands[event.name] += 1
        if "again_ms" in event.args:
            again_ms = self._now_ms + int(event.args["again_ms"])
            self._again.append((again_ms, event, given))

    # --- faults ---------------------------------------------------------------
    def _try(self, moment: tuple[int, Event]) -> None:
        """Begin a fault if its robot does what it is to be met at, or time is up."""
        until_ms, event = moment
        robot = self._robot_at(event)
        if robot is None and self._now_ms < until_ms:
            return
        self._moments.remove(moment)
        chosen = robot or self.stage.robot(event.number)
        if event.name not in EVERYBODY and chosen.robot_id in self.stage.unfit:
            return
        self._begin(event, chosen)

    def _robot_at(self, event: Event) -> VirtualRobot | None:
        """The robot of an event at its moment, else any that is at it."""
        wanted = str(event.args["moment"])
        robots = list(self.stage.system.robots.values())
        turn = event.number % len(robots)
        for robot in (*robots[turn:], *robots[:turn]):
            fits = event.name not in CAMERA or self.stage.has_camera(robot.robot_id)
            if fits and wanted in doing(robot) and robot.robot_id not in self.stage.unfit:
                return robot
        return None

    def _begin(self, event: Event, robot: VirtualRobot) -> None:
        everybody = event.name in EVERYBODY
        robots = list(self.stage.system.robots.values()) if everybody else [robot]
        self.counts.note_fault(event.name, {what for r in robots for what in doing(r)})
        number = self.stage.names.index(robot.robot_id)
        self._until_now(robots)
        FAULTS[event.name].begin(self.stage, robot, event)
        self.witness.fault_began(event.name, robot.robot_id, everybody=everybody)
        if not everybody:
            self.stage.unfit.add(robot.robot_id)
        self._ends.append((self._now_ms + int(event.args["for_ms"]), number, event))
        self._ends.sort(key=lambda end: (end[0], end[1], end[2].name))

    def _end(self, end: tuple[int, int, Event]) -> None:
        _, number, event = end
        self._ends.remove(end)
        robot = self.stage.robot(number)
        self._until_now([robot])
        FAULTS[event.name].end(self.stage, robot, event)
        if event.name not in EVERYBODY:  # that one is no robot's own
            self.stage.unfit.discard(robot.robot_id)

    def _until_now(self, robots: Iterable[VirtualRobot]) -> None:
        """Let them live until now first: what begins or ends counts from now on."""
        for robot in robots:
            robot.advance(self.stage.system.now_ms)

    def _settle_faults(self) -> None:
        """Let the faults that are on, or wait for their moment, come to their end."""
        while (self._ends or self._moments or self._again) and not self.witness.over:
            self._run_until(self._now_ms + ROUND_MS)

    # --- the end ----------------------------------------------------------------
    def _two_tasks_each(self) -> None:
        """Every robot finishes two tasks: those that have not get tasks of their own."""
        end_ms = self._now_ms + LONGEST_TWO_MS
        number = 0
        while self._now_ms < end_ms and not self.witness.over:
            few = [name for name in self.stage.names if self.witness.finished[name] < 2]
            if not few:
                return
            for name in few:
                waits = any(
                    is_open(t) and name in (t.wished_robot_id, t.robot_id)
                    for t in self.stage.system.state.tasks.values()
                )
                if not waits and not self.stage.system.engine_dead:
                    number += 1
                    people.wish(self.stage, name, number)
            self._run_until(self._now_ms + STEP_TASKS_MS // 3)
        self.counts.idle_robots += len(few)
        self.witness.are_idle(few)

    def _late_faults(self) -> None:
        base_ms = self._now_ms
        self._late = True
        if not self.script.late or self.witness.over:
            return
        for number in range(2 * len(self.stage.names)):
            event = Event(
                0, "task", "plain", 20_000 + number, {"from": number * 5, "to": number, "other": 0}
            )
            people.submit(self.stage, event)
        self._events = [
            Event(base_ms + e.at_ms, e.what, e.name, e.number, e.args) for e in self.script.late
        ]
        self._run_until(self._events[-1].at_ms)
        self._settle_faults()

    def _calm_down(self) -> None:
        """No more faults: what is feasible must end."""
        self._calm = True
        end_ms = self._now_ms + LONGEST_CALM_MS
        queued_again = False
        while not self.witness.over:
            self._run_until(self._now_ms + 5_000)
            tasks = self.stage.system.state.tasks.values()
            if not any(is_open(task) for task in tasks) and not queued_again:
                queued_again = True
                people.queue_again(self.stage)
                self._run_until(self._now_ms + 1_000)
                continue
            people.free_followers(self.stage)
            if not any(is_open(t) for t in tasks) and self._now_ms >= self.script.shortest_ms:
                self.witness.all_ended()
                return
            if self._now_ms > max(end_ms, self.script.shortest_ms):
                self.witness.calm_is_over()
                return


def doing(robot: VirtualRobot) -> tuple[str, ...]:
    """What a robot truly does, of the moments that faults are to meet."""
    picks = any(r.action.action_type == "pick" for r in robot.book.queue.running)
    truths = (robot.body.driving, picks, robot.loaded)
    return tuple(word for word, is_so in zip(MOMENTS, truths, strict=True) if is_so)
