"""Why robots stand: each that has something to do has one cause, true, and it does not flicker."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fleetapp.core.state import State
from fleetapp.engine.views.reasons import why_of
from fleetapp.fleet.order import OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.terms.reasons import WaitCause

UNEXPLAINED_MS = 12_500  # five seconds without progress, told by a heartbeat of five
UNEXPLAINED_ACTING_MS = 26_500  # the same where an action at its node should be under way
UNTRUE_MS = 2_500  # a report, and what follows from it
FLICKER_MS = 950  # a second, less what a look may come late where the books give no time
W = WaitCause
WAITS = frozenset(cause.value for cause in WaitCause)


def _phase(state: State, robot: Robot) -> OrderPhase | None:
    order = state.orders.get(robot.order_id) if robot.order_id else None
    return order.phase if order is not None else None


def _blocked(state: State, robot: Robot) -> bool:
    """By another robot that is there and has floor, or could have."""
    wait = robot.wait
    other = state.robots.get(wait.blocker_id) if wait is not None and wait.blocker_id else None
    return other is not None and other.robot_id != robot.robot_id and robot.order_id is not None


def _broker_is_down(state: State, _robot: Robot) -> bool:
    broker = state.workers.get("broker")
    return broker is not None and not broker.ok


HOLDS_TRUE: Mapping[WaitCause, Callable[[State, Robot], bool]] = {
    W.TRAFFIC: _blocked,
    W.DEADLOCK_AVOIDANCE: _blocked,
    W.PLAN: lambda state, robot: robot.plan_id in state.plans,
    W.ACKNOWLEDGEMENT: lambda _state, robot: robot.order_id is not None,
    W.RECOGNITION: lambda _state, robot: robot.look is not None,
    W.JOURNAL: lambda state, _robot: not state.journal_ok,
    W.CANCEL: lambda state, robot: _phase(state, robot) is OrderPhase.CANCELLING,
    W.FIELD_VIOLATION: lambda _state, robot: robot.field_violation,
    W.BROKER: _broker_is_down,
    W.HALT: lambda state, _robot: state.halted,
    W.RESUME: lambda _state, robot: robot.resume_wanted,
    W.PAUSED_BY_ROBOT: lambda _state, robot: robot.paused,
    W.STRAY_NEAR: lambda _state, robot: bool(robot.stray_id),
    W.LOST_POSITION: lambda _state, robot: not robot.localized,
}


def untrue(state: State, robot: Robot) -> str:
    """What the robot's wait says and is not so, "" if it is true or cannot be checked."""
    wait = robot.wait
    if wait is None or robot.held or state.stop is not None:
        return ""
    is_true = HOLDS_TRUE.get(wait.cause)
    if is_true is None or is_true(state, robot):
        return ""
    return f"waits for {wait.cause.value}, and that is not so"


def unexplained(state: State, known: Robot, body: VirtualRobot) -> bool:
    """It stands, has something to do, does nothing with its hands, and has no cause."""
    if not known.admitted or (known.task_id is None and known.order_id is None):
        return False
    if body.body.driving or body.book.queue.running:
        return False
    return why_of(state, known) is None


@dataclass(slots=True)
class Standing:
    """Since when robots stand so, and the causes they were given."""

    since: dict[tuple[str, str], int] = field(default_factory=dict)
    causes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def look(
        self, state: State, robots: Mapping[str, VirtualRobot], now_ms: int
    ) -> Iterator[tuple[str, str, str]]:
        """Invariant, subject and story of what is wrong now."""
        for robot_id, body in robots.items():
            known = state.robots.get(robot_id)
            if known is None:
                continue
            nameless = "stands" if unexplained(state, known, body) else ""
            longest_ms = UNEXPLAINED_ACTING_MS if body.book.queue.waiting else UNEXPLAINED_MS
            for name, wrong, limit_ms in (
                ("stands without a cause", nameless, longest_ms),
                ("a cause that is not true", untrue(state, known), UNTRUE_MS),
            ):
                if self._lasts(robot_id, name, wrong, now_ms, limit_ms):
                    yield name, robot_id, f"{wrong}, {told(state, known)}"
            flickers = self._flickers(state, known, now_ms)
            if flickers:
                yield "a cause that flickers", robot_id, flickers

    def engine_started(self) -> None:
        """Nobody named causes while there was no engine, and none is known before a report."""
        self.since.clear()
        self.causes.clear()

    def _lasts(self, robot_id: str, name: str, wrong: str, now_ms: int, limit_ms: int) -> bool:
        key = (robot_id, name)
        if not wrong:
            self.since.pop(key, None)
            return False
        return now_ms - self.since.setdefault(key, now_ms) > limit_ms

    def _flickers(self, state: State, known: Robot, now_ms: int) -> str:
        """A cause that goes and is back within a second."""
        if known.wait is None and not self.causes.get(known.robot_id):
            return ""
        why = why_of(state, known)
        cause = why.cause if why is not None else ""
        past = self.causes.setdefault(known.robot_id, [])
        if past and past[-1][1] == cause:
            return ""
        at_ms = _since_ms(known, cause, now_ms)
        self.causes[known.robot_id] = [*past, (at_ms, cause)][-3:]
        if len(past) < 2 or not cause:
            return ""
        (_, first), (_, second) = past[-2], past[-1]
        quick = at_ms - past[-1][0] < FLICKER_MS and past[-1][0] - past[-2][0] < FLICKER_MS
        # Holds come and go by people, modes by whoever stands at the robot.
        by_itself = not second or (second in WAITS and second != W.MODE.value)
        told = quick and first == cause and cause in WAITS and by_itself
        return f"{first or 'none'}, {second or 'none'}, {cause}" if told else ""


def _since_ms(known: Robot, cause: str, now_ms: int) -> int:
    """When the cause came or went by the books; looks come later, one later than the other."""
    wait = known.wait
    if wait is not None and wait.cause.value == cause:
        return wait.since_ms
    return now_ms if cause else known.waited_until_ms


def told(state: State, robot: Robot) -> str:
    """What the books say of a robot, in a line."""
    task = state.tasks.get(robot.task_id) if robot.task_id else None
    order = state.orders.get(robot.order_id) if robot.order_id else None
    parts = [f"task {task.task_id} {task.state.value}" if task is not None else "no task"]
    if order is not None:
        parts.append(
            f"order {order.order_id} {order.purpose.value} {order.phase.value} passed "
            f"{order.passed} released {order.released_to} of {len(order.nodes) - 1} "
            f"shown {order.acknowledged_update} of {order.update_id}"
        )
    parts += [f"held {h.reason.value}" for h in robot.holds]
    if robot.look is not None:
        parts.append(f"look for {robot.look.task_id} sure {robot.look.sure}")
    return ", ".join(parts)
