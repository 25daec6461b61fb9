"""Looks on while a seed is played, and tells of each invariant that does not hold.

Asks the small functions of the other modules after each step; only exceptions end a seed,
for after one nothing can go on.
"""

import traceback
from collections import Counter
from collections.abc import Iterable

from fleetapp.api.commands import CancelTask
from fleetapp.core import decisions as made
from fleetapp.core.observations import CommandGiven, PayloadRejected
from fleetapp.core.observations_engine import PartBroke
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.fleet.robot import Robot
from fleetapp.simulation.endure import gate
from fleetapp.simulation.endure.arrows import Arrows
from fleetapp.simulation.endure.books import broken_books
from fleetapp.simulation.endure.breaks import Break, Breaks
from fleetapp.simulation.endure.counts import Counts
from fleetapp.simulation.endure.hands import Hands
from fleetapp.simulation.endure.known import capability_of, known_breaks
from fleetapp.simulation.endure.model import Model
from fleetapp.simulation.endure.negatives import broken_rows, bypasses
from fleetapp.simulation.endure.outlines import Excused, overlaps
from fleetapp.simulation.endure.promises import Promises
from fleetapp.simulation.endure.replaying import differs_decided, differs_folded
from fleetapp.simulation.endure.reports import Reports
from fleetapp.simulation.endure.stage import RULES, Stage
from fleetapp.simulation.endure.standing import Standing, told
from fleetapp.simulation.endure.wire_watch import WireWatch
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind

STANDING_EVERY_MS = 200
STOPPED_MS = 9_000  # the pause is sent, taken, braked for and reported, or not confirmed
NEWEST_FAULTS_MS = 60_000


class Witness:
    """The watcher of a seed."""

    def __init__(self, counts: Counts, *, records: bool = False, until: str = "") -> None:
        """`records`: keep what goes out on the wire.

        `until`: over when this invariant broke in a way that is not known.
        """
        self._until = until
        self._known = known_breaks()
        self.counts = counts
        self.steps = 0
        self.over = False
        self.finished: Counter[str] = Counter()  # tasks done, by robot
        self._given_up: set[str] = set()  # tasks that somebody wanted cancelled
        self.wire: list[tuple[str, bytes]] = []
        self._records = records
        self._breaks = Breaks()
        self._model = Model()
        self._arrows = Arrows()
        self._rows = gate.Rows()
        self._wire = WireWatch()
        self._excused = Excused()
        self._standing = Standing()
        self._reports = Reports()
        self._before: State | None = None
        self._looked_ms = 0
        self._displaced: dict[str, int] = {}
        self._faults: dict[str, list[tuple[int, str]]] = {}
        self._failure: Exception | None = None
        self.promises = Promises()

    def look_at(self, stage: Stage) -> None:
        """Begin to look."""
        self._stage = stage
        self._began = stage.system.state
        self._hands = Hands(stage.floor, stage.system.types)

    @property
    def breaks(self) -> list[Break]:
        """What was found."""
        return list(self._breaks.found.values())

    def run(self, duration_ms: int) -> None:
        """Let time pass; an exception is a break, and the end."""
        try:
            self._stage.system.run(duration_ms)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            self._exception(error)
        if self._failure is not None:
            self._exception(self._failure)

    def _exception(self, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        where = " < ".join(
            f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in reversed(frames)
        )
        self._tell(
            "no exception", type(error).__name__ + " in " + frames[-1].name, f"{error} at {where}"
        )
        self.over = True

    def _tell(self, invariant: str, subject: str, story: str) -> None:
        about = self._about(subject)
        text = f"{story}{about}"
        capability = capability_of(invariant, text, self._known)
        self._breaks.note(invariant, subject, self._stage.system.now_ms, text, capability)
        self.over = self.over or (invariant == self._until and not capability)

    def _about(self, subject: str) -> str:
        """The faults that the robots named by a break had lately."""
        now_ms = self._stage.system.now_ms
        lately = [
            f"{name} {(now_ms - at_ms) / 1000:.0f} s ago"
            for robot_id, faults in self._faults.items()
            if robot_id in subject or robot_id == "*"
            for at_ms, name in faults
            if now_ms - at_ms < NEWEST_FAULTS_MS
        ]
        return f" [{'; '.join(lately)}]" if lately else ""

    def _all(self, found: Iterable[tuple[str, str, str]]) -> None:
        for invariant, subject, story in found:
            self._tell(invariant, subject, story)

    # --- what happens ---------------------------------------------------------
    def fault_began(self, name: str, robot_id: str, *, everybody: bool) -> None:
        """Named in the story of a break."""
        key = "*" if everybody else robot_id
        past = self._faults.setdefault(key, [])
        past.append((self._stage.system.now_ms, name))
        del past[:-4]

    def taken_in(self, robot_id: str, kind: str, payload: bytes) -> None:
        """A message of a robot comes in."""
        if kind == "frame":
            self._stage.frames[robot_id] = payload
        self._reports.taken_in(robot_id, kind, payload)

    def published(self, robot_id: str, kind: str, payload: bytes) -> None:
        """A message for a robot goes out."""
        if self._records:
            self.wire.append((f"{robot_id}/{kind}", payload))
        system = self._stage.system
        leaving = gate.Leaving(robot_id, kind, payload)
        invariant, story = gate.wrong_with(system.state, self._rows, system.durable_seq, leaving)
        if invariant:
            self._tell(invariant, robot_id, story)
        if gate.permissive_in(leaving):
            self._all(self._wire.wrong_with(robot_id, system.durable_seq))

    def decided(self, state: State, rows: tuple[Row, ...]) -> None:
        """A tick made rows."""
        try:
            self._judge(state, rows)
        except Exception as error:  # noqa: BLE001 - the loop lets onlookers fail: told in `run`
            self._failure = error

    def _judge(self, state: State, rows: tuple[Row, ...]) -> None:
        counts = self.counts
        counts.rules.update(type(row.message).__name__ for row in rows)
        self._all(failures_in(rows))
        self._rows.follow(state, rows)
        self._wire.follow(rows)
        self.promises.lifted(rows)
        self._all(broken_rows_with_arrows(self._model, self._arrows, counts, rows))
        for story in bypasses(rows):
            self._tell("I8 no bypass", "command", story)
        self._all(self._hands.follow(rows))
        self._note_done(rows)
        self._all(broken_books(self._before, state))
        self._all(self._reports.judge(state, rows))
        self._before = state
        self._stage.on_rows(state, rows)

    def _note_done(self, rows: tuple[Row, ...]) -> None:
        for row in rows:
            message = row.message
            if isinstance(message, CommandGiven) and isinstance(message.command, CancelTask):
                self._given_up.add(message.command.task_id)
            if isinstance(message, made.RobotRemoved):
                self.fault_began("removed", message.robot_id, everybody=False)
            if isinstance(message, made.TaskMoved) and message.state is TaskState.DONE:
                self.finished[message.robot_id or ""] += 1

    def ticked(self) -> None:
        """A tick is over."""
        self.steps += 1
        system = self._stage.system
        self._all(self.promises.broken(system.state))
        if system.now_ms - self._looked_ms >= STANDING_EVERY_MS:
            self._looked_ms = system.now_ms
            self._all(self._standing.look(system.state, system.robots, system.now_ms))
            self._look_for_stopped()

    def moved(self) -> None:
        """Robots lived a moment."""
        system = self._stage.system
        self._note_displaced()
        self._excused.look_for_strays(system.robots, system.now_ms)
        for one, other in overlaps(system.robots.values(), self._excused):
            self._tell("I2 no overlap", f"{one}+{other}", self._both(one, other))
        self._all(self._hands.look(system.robots))

    def _note_displaced(self) -> None:
        system = self._stage.system
        for robot_id, at_ms in self._stage.displaced.items():
            if self._displaced.get(robot_id) != at_ms:
                self._displaced[robot_id] = at_ms
                self._excused.appeared(system.robots[robot_id], system.robots.values())
        if self._excused.pairs:
            self._excused.forget_apart(system.robots)

    def _both(self, one: str, other: str) -> str:
        system = self._stage.system
        parts = []
        for robot_id in (one, other):
            body = system.robots[robot_id].body
            set_down = self._stage.displaced.get(robot_id)
            moved = f" set down {(system.now_ms - set_down) / 1000:.0f} s ago" if set_down else ""
            known = system.state.robots.get(robot_id)
            by_the_books = told(system.state, known) if known is not None else "in no book"
            parts.append(
                f"{robot_id} at {body.x_m:.2f},{body.y_m:.2f} {body.speed_mps:.2f} m/s{moved} "
                f"({by_the_books})"
            )
        return "; ".join(parts)

    def _look_for_stopped(self) -> None:
        """I6: told to stand, a robot stands in time, or there is an alarm, or it is silent."""
        system = self._stage.system
        alarmed = {
            a.raised.robot_id
            for a in system.state.alarms.values()
            if a.raised.kind in (AlarmKind.STOP_UNCONFIRMED, AlarmKind.HOLD_UNCONFIRMED)
        }
        for robot_id, body in system.robots.items():
            known = system.state.robots.get(robot_id)
            if known is None or not known.admitted or robot_id in alarmed or known.silent:
                continue
            since_ms = told_to_stand_ms(system.state, known)
            if since_ms is None or system.now_ms - since_ms <= STOPPED_MS:
                continue
            if body.body.moving:
                self._tell("I6 stands after a stop", robot_id, "drives, and there is no alarm")

    def started(self, state: State) -> None:
        """The engine came back: what was promised must be there."""
        self._replay()
        self._began = state
        self.promises.crashed(self._model)
        self._rows.lose(state.seq)
        self._model.begin_with(state)
        self._wire.begin_with(state)
        self._arrows.begin_with(state)
        self._reports.engine_started()
        self._standing.engine_started()
        self._before = None

    # --- the end ----------------------------------------------------------------
    def calm_is_over(self) -> None:
        """I9: the calm lasted long enough, and tasks are still open."""
        state = self._stage.system.state
        for task in state.tasks.values():
            if is_open(task):
                robot = state.robots.get(task.robot_id or "")
                doing = told(state, robot) if robot is not None else "no robot"
                wish = f", wished {task.wished_robot_id}" if task.wished_robot_id else ""
                wait = f", {robot.wait}" if robot is not None and robot.wait else ""
                place = f", remedy {robot.remedy}" if robot is not None and robot.remedy else ""
                story = f"is {task.state.value} {task.note!r}{wish}: {doing}{wait}{place}"
                self._tell("I9 all ends", task.task_id, story)

    def all_ended(self) -> None:
        """I9: no task is open; one that failed could have been done."""
        stations = {s.station_id for s in self._stage.floor.site.stations}
        for task in self._stage.system.state.tasks.values():
            is_feasible = {task.from_station, task.to_station} <= stations
            if task.state is TaskState.FAILED and is_feasible:
                self._tell("I9 all ends", task.task_id, f"failed while all was calm: {task.note!r}")
            if task.state is TaskState.CANCELLED and task.task_id not in self._given_up:
                self._tell("I9 all ends", task.task_id, "was cancelled, and nobody asked for that")

    def are_idle(self, robot_ids: Iterable[str]) -> None:
        """I9: robots that did not finish two tasks, though they had tasks of their own."""
        for robot_id in robot_ids:
            self._tell("I9 all ends", robot_id, "did not finish the tasks it was wished for")

    def finish(self) -> None:
        """Replay."""
        if self.over:
            return
        system = self._stage.system
        if system.engine_dead:
            return
        empty = State(self._stage.floor, RULES)
        wrong = differs_folded(empty, system.entries, system.state)
        if wrong:
            self._tell("replay: same state", "fold", wrong)
        self._replay()

    def _replay(self) -> None:
        """What was decided since the newest start, once more."""
        entries = self._stage.system.entries
        wrong = differs_decided(self._began, entries[self._began.seq :])
        if wrong:
            self._tell("replay: same rows", "step", wrong)


def told_to_stand_ms(state: State, robot: Robot) -> int | None:
    """Since when a stop or a hold keeps a robot, None if none does."""
    times = [hold.since_ms for hold in robot.holds]
    times += [state.stop.since_ms] if state.stop is not None else []
    return min(times, default=None)


def failures_in(rows: tuple[Row, ...]) -> Iterable[tuple[str, str, str]]:
    """No exception reaches the guard, in the core or beside it."""
    for row in rows:
        message = row.message
        if isinstance(message, made.RuleBroke):
            yield "no rule breaks", message.rule, f"{message.fault} for {message.robot_ids}"
        elif isinstance(message, PartBroke):
            yield "no rule breaks", message.part, f"{message.fault} for {message.robot_id}"
        elif isinstance(message, PayloadRejected) and message.reason.startswith("not understood"):
            yield "no rule breaks", message.topic, message.reason


def broken_rows_with_arrows(
    model: Model, arrows: Arrows, counts: Counts, rows: tuple[Row, ...]
) -> Iterable[tuple[str, str, str]]:
    """The negative properties of rows, counting the arrows they take on the way."""
    for row in rows:
        counts.transitions.update(arrows.of(model, row))
        yield from broken_rows(model, (row,))
