"""The arrows of each table, and which of them a row takes.

A table lists what some rule can decide. Members of the lists of reasons that no rule sets
any more are kept for journals of older versions and stand in no table, nor do the marks of
a rule of ours that failed: that is a break by itself ("no rule breaks").
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from fleetapp.core import decisions as made
from fleetapp.core import observations_engine as own
from fleetapp.core.evolve_orders import look_in
from fleetapp.core.release import TRAFFIC_CAUSES
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.core.waits import WORDS
from fleetapp.fleet.look import Look
from fleetapp.simulation.endure.model import Model
from fleetapp.tasks.lifecycle import NEXT
from fleetapp.terms.modes import ReviewAnswer, TaskState
from fleetapp.terms.reasons import AlarmKind, HaltReason, HoldReason, WaitCause

H, A = HoldReason, AlarmKind
OF_BROKEN_RULES = frozenset({"rule_broken", "kernel_broken"})
NEVER_HELD = frozenset(
    {H.FLEET_STOP, H.OFF_ROADMAP, H.FOREIGN_ORDER, H.WRONG_MAP, H.REVIEW_REJECTED}
)
NEVER_RAISED = frozenset({A.FOREIGN_ORDER})

ORDER_ARROWS = ("new -> active", "active -> cancelling", "active -> over", "cancelling -> over")
REVIEW_ARROWS = ("new -> open", *(f"open -> {a.value}" for a in ReviewAnswer), "open -> dropped")
LOOK_ARROWS = (
    "none -> ordered",
    "none -> sure",  # of a robot without a camera
    "ordered -> awaited",
    "ordered -> none",
    "awaited -> ordered",  # the engine started: its frame is gone
    "awaited -> sure",
    "awaited -> unsure",
    "awaited -> none",
    "unsure -> sure",  # a person answered
    "unsure -> ordered",
    "unsure -> none",
    "sure -> none",
)
OVER = frozenset({TaskState.QUEUED, TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED})


def holds() -> tuple[HoldReason, ...]:
    """The reasons for which robots are held."""
    return tuple(r for r in HoldReason if r not in NEVER_HELD and r.value not in OF_BROKEN_RULES)


def waits() -> tuple[WaitCause, ...]:
    """The causes that a robot is said to wait for."""
    return tuple(c for c in WaitCause if c in WORDS or c in TRAFFIC_CAUSES)


def halts() -> tuple[HaltReason, ...]:
    """Why the fleet is halted."""
    return tuple(r for r in HaltReason if r.value not in OF_BROKEN_RULES)


def alarms() -> tuple[AlarmKind, ...]:
    """What alarms are about."""
    return tuple(k for k in AlarmKind if k not in NEVER_RAISED and k.value not in OF_BROKEN_RULES)


def all_arrows() -> tuple[str, ...]:
    """Every arrow that there is, so that one that was never taken shows as 0."""
    return (
        *(f"task: {a.value} -> {b.value}" for a, after in NEXT.items() for b in after),
        *(f"order: {arrow}" for arrow in ORDER_ARROWS),
        *(f"look: {arrow}" for arrow in LOOK_ARROWS),
        *(f"review: {arrow}" for arrow in REVIEW_ARROWS),
        *_there_and_back("hold", "free", tuple(r.value for r in holds())),
        *(f"wait: none -> {cause.value}" for cause in waits()),
        *_there_and_back("halt", "none", tuple(r.value for r in halts())),
        *_there_and_back("alarm", "off", tuple(k.value for k in alarms())),
    )


def _there_and_back(table: str, rest: str, words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        yield f"{table}: {rest} -> {word}"
        yield f"{table}: {word} -> {rest}"


class Looking(NamedTuple):
    """A look as the rows tell of it."""

    phase: str = "none"
    task_id: str = ""


NO_LOOK = Looking()


@dataclass(slots=True)
class Arrows:
    """Follows rows one by one and names the arrows that they take."""

    cancelling: set[str] = field(default_factory=set)  # orders that are given up
    looks: dict[str, Looking] = field(default_factory=dict)  # by robot
    ordered: dict[str, Look] = field(default_factory=dict)  # robot: the look in its order
    halted: dict[str, str] = field(default_factory=dict)  # halt id: reason

    def begin_with(self, state: State) -> None:
        """Take over a restored state."""
        self.cancelling = {
            o.order_id for o in state.orders.values() if o.phase.value == "cancelling"
        }
        self.looks = {
            robot.robot_id: Looking(_phase_of(robot.look), robot.look.task_id)
            for robot in state.robots.values()
            if robot.look is not None
        }
        in_orders = {o.robot_id: look_in(o) for o in state.orders.values()}
        self.ordered = {r: look for r, look in in_orders.items() if look is not None}
        self.halted = {halt_id: halt.reason.value for halt_id, halt in state.halts.items()}

    def of(self, model: Model, row: Row) -> Iterator[str]:
        """The arrows that a row takes; `model` is the picture before it."""
        yield from _of_task(model, row)
        yield from self._of_order(row)
        yield from self._of_look(row)
        yield from _of_review_hold_or_wait(row)
        yield from self._of_halt_or_alarm(row)

    def _of_order(self, row: Row) -> Iterator[str]:
        match row.message:
            case made.OrderIssued():
                yield "order: new -> active"
            case made.CancelOrdered(order_id=order_id):
                if order_id not in self.cancelling:
                    yield "order: active -> cancelling"
                self.cancelling.add(order_id)
            case made.OrderEnded(order_id=order_id):
                before = "cancelling" if order_id in self.cancelling else "active"
                self.cancelling.discard(order_id)
                yield f"order: {before} -> over"

    def _of_look(self, row: Row) -> Iterator[str]:
        match row.message:
            case made.LookExpected(robot_id=robot_id, task_id=task_id):
                yield from self._looks(robot_id, "awaited", task_id)
            case made.RecognitionJudged(robot_id=robot_id, task_id=task_id, sure=sure):
                yield from self._looks(robot_id, "sure" if sure else "unsure", task_id)
            case made.RobotHeld(robot_id=robot_id):
                if self._look_of(robot_id).phase in ("ordered", "awaited"):
                    yield from self._ends(robot_id)
            case made.TaskMoved(task_id=task_id, state=state, robot_id=robot_id):
                # A failed task that is settled names the robot that had it: that may look
                # at the package of another by then.
                if robot_id and state in OVER and self._look_of(robot_id).task_id == task_id:
                    yield from self._ends(robot_id)
            case made.RobotRemoved(robot_id=robot_id):
                yield from self._ends(robot_id)
            case own.EngineStarted():
                for robot_id, look in tuple(self.looks.items()):
                    if look.phase == "awaited":
                        yield from self._looks(robot_id, "ordered", look.task_id)
            case _:
                yield from self._of_look_in_order(row)

    def _of_look_in_order(self, row: Row) -> Iterator[str]:
        match row.message:
            case made.OrderIssued() | made.RouteReplaced() as order:
                look = look_in(order)
                self.ordered.pop(order.robot_id, None)
                if look is None:
                    yield from self._ends(order.robot_id)
                else:
                    self.ordered[order.robot_id] = look
                    yield from self._begins(order.robot_id, look)
            case made.OrderEnded(robot_id=robot_id):
                self.ordered.pop(robot_id, None)
            case made.TaskAssigned(task_id=task_id, robot_id=robot_id):
                kept = self.ordered.get(robot_id)
                if kept is not None and kept.task_id == task_id:  # it had the task before
                    yield from self._begins(robot_id, kept)

    def _look_of(self, robot_id: str) -> Looking:
        return self.looks.get(robot_id, NO_LOOK)

    def _begins(self, robot_id: str, look: Look) -> Iterator[str]:
        yield from self._goes_to(robot_id, Looking("ordered", look.task_id))

    def _ends(self, robot_id: str) -> Iterator[str]:
        yield from self._goes_to(robot_id, NO_LOOK)

    def _looks(self, robot_id: str, phase: str, task_id: str) -> Iterator[str]:
        yield from self._goes_to(robot_id, Looking(phase, task_id))

    def _goes_to(self, robot_id: str, look: Looking) -> Iterator[str]:
        before, self.looks[robot_id] = self._look_of(robot_id), look
        if before.phase != look.phase:
            yield f"look: {before.phase} -> {look.phase}"

    def _of_halt_or_alarm(self, row: Row) -> Iterator[str]:
        match row.message:
            case made.HaltBegan(halt_id=halt_id, reason=reason):
                self.halted[halt_id] = reason.value
                yield f"halt: none -> {reason.value}"
            case made.HaltEnded(halt_id=halt_id):
                yield f"halt: {self.halted.pop(halt_id, '?')} -> none"
            case made.AlarmRaised(kind=kind):
                yield f"alarm: off -> {kind.value}"
            case made.AlarmEnded(alarm_id=alarm_id):
                yield f"alarm: {alarm_id.partition(':')[0]} -> off"


def _phase_of(look: Look) -> str:
    if look.sure is not None:
        return "sure" if look.sure else "unsure"
    return "awaited" if look.until_ms is not None else "ordered"


def _of_task(model: Model, row: Row) -> Iterator[str]:
    match row.message:
        case made.TaskAssigned(task_id=task_id):
            yield f"task: {model.tasks.get(task_id, 'queued')} -> assigned"
        case made.TaskMoved(task_id=task_id, state=state):
            yield f"task: {model.tasks.get(task_id, '?')} -> {state.value}"


def _of_review_hold_or_wait(row: Row) -> Iterator[str]:
    match row.message:
        case made.ReviewOpened():
            yield "review: new -> open"
        case made.ReviewClosed(answer=answer):
            yield f"review: open -> {answer.value if answer is not None else 'dropped'}"
        case made.RobotHeld(reason=reason):
            yield f"hold: free -> {reason.value}"
        case made.HoldReleased(reasons=reasons):
            yield from (f"hold: {reason.value} -> free" for reason in reasons)
        case made.RobotWaits(cause=cause):
            yield f"wait: none -> {cause.value}"
