"""What the shell does because of decisions: restrictive at once, permissive after the record.

Effects name ids only; the shell looks up what to send in the state they came
with. Rule 1 of DESIGN.md: `restrictive` ones never wait, the others leave when
the row `seq` is durable. A promise to a person is kept like a permission: whoever
was told that a task is queued will find it after a crash. The answer to what
restricts waits only for the emergency ring, and not for long.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fleetapp.api.commands import RESTRICTIVE
from fleetapp.core import decisions as made
from fleetapp.core.observations import CommandGiven
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.fleet.order import Order
from fleetapp.terms.reasons import Refusal


@dataclass(frozen=True, slots=True)
class SendOrder:
    """Publish the order as it stands (permissive)."""

    order: Order
    is_new: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """Tell a robot to stand still (restrictive)."""

    robot_id: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Tell a robot to go on (permissive)."""

    robot_id: str


@dataclass(frozen=True, slots=True)
class ForgetPause:
    """We wish no pause any more: one that stays is somebody else's.

    It moves nothing, but a robot that is told to stand no longer may be sent on at the
    robot: it waits for the record like what is permissive.
    """

    robot_id: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Tell a robot to give its order up (restrictive)."""

    robot_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class ForgetOrder:
    """The order is over: its session watches it no longer (restrictive)."""

    robot_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class ForgetRobot:
    """The robot is no longer ours: its session asks nothing more of it (restrictive)."""

    robot_id: str


@dataclass(frozen=True, slots=True)
class AskFactsheet:
    """Ask a robot what it is (lets nothing move)."""

    robot_id: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Tell a robot to start or stop charging (permissive)."""

    robot_id: str
    start: bool


@dataclass(frozen=True, slots=True)
class SolvePlan:
    """Give a problem to the planner; its answer is an observation (no effect on robots)."""

    problem: made.PlanRequested


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the person whose command was decided.

    A promise waits for its record. Of what is in force already `given_seq` is the row of
    the command: its answer waits for the emergency ring or for that row. `asked_seq` is the
    row of the command always: two may come under one id.
    """

    command_id: str
    accepted: bool
    reason: str
    message: str
    task_id: str | None
    promise: bool
    given_seq: int | None = None
    asked_seq: int | None = None


Effect = (
    SendOrder
    | Pause
    | Resume
    | ForgetPause
    | CancelOrder
    | ForgetOrder
    | ForgetRobot
    | AskFactsheet
    | Charge
    | SolvePlan
    | Reply
)

# These let nothing move: no permit is needed.
Unpermitted = Pause | ForgetPause | CancelOrder | ForgetOrder | ForgetRobot | AskFactsheet
# These take back what restricts, or move a robot: they wait for the record.
PERMISSIVE = (SendOrder, Resume, Charge, ForgetPause)


@dataclass(frozen=True, slots=True)
class Due:
    """An effect and the row it follows from."""

    effect: Effect
    seq: int

    @property
    def permissive(self) -> bool:
        """Whether it must wait for the record."""
        if isinstance(self.effect, Reply):
            return self.effect.promise
        return isinstance(self.effect, PERMISSIVE)


Broke = Callable[[Row, Exception], None]


def _raise(_row: Row, error: Exception) -> None:
    raise error


def effects_of(state: State, rows: Iterable[Row], broke: Broke = _raise) -> tuple[Due, ...]:
    """The effects of one step's rows; several changes of one order are one message.

    `broke` hears of a row whose effect cannot be told; the others are done.
    """
    found = _Found()
    for row in rows:
        try:
            found.add(row)
        except Exception as error:  # noqa: BLE001 - whatever it is: told, and held for it
            broke(row, error)
    return found.all_of(state)


class _Found:
    """The effects found so far."""

    def __init__(self) -> None:
        self._due: list[Due] = []
        self._orders: dict[str, tuple[int, bool]] = {}
        self._releases: list[int] = []  # rows that may have ended the wish for a pause
        self._urgent: set[int] = set()  # rows of commands that are answered at once

    def add(self, row: Row) -> None:
        """What follows from a row."""
        message = row.message
        if isinstance(message, made.HoldReleased | made.RobotResumed | made.FleetReleased):
            self._releases.append(row.seq)
        if isinstance(message, CommandGiven):
            if isinstance(message.command, RESTRICTIVE):  # in force when it is answered
                self._urgent.add(row.seq)
        elif isinstance(message, made.CommandAccepted):
            given_seq = row.cause if row.cause in self._urgent else None
            self._due.append(Due(_accepted(message, row.cause, given_seq), row.seq))
        elif isinstance(message, made.CommandRefused):
            self._due.append(Due(_refused(message, row.cause), row.seq))
        elif isinstance(message, made.OrderIssued):
            self._orders[message.order_id] = (row.seq, True)
        elif isinstance(message, made.BaseExtended | made.RouteReplaced):
            is_new = self._orders.get(message.order_id, (0, False))[1]
            self._orders[message.order_id] = (row.seq, is_new)
        else:
            self._due.extend(Due(effect, row.seq) for effect in _plain(message))

    def all_of(self, state: State) -> tuple[Due, ...]:
        """All of them, orders last and once each."""
        if self._releases:
            self._due.extend(Due(effect, self._releases[-1]) for effect in _let_go(state))
        for order_id, (seq, is_new) in self._orders.items():
            order = state.orders.get(order_id)
            if order is not None:
                self._due.append(Due(SendOrder(order, is_new), seq))
        return tuple(self._due)


def _let_go(state: State) -> Iterator[ForgetPause]:
    """Whom we told to stand and no longer do, while another's pause keeps it.

    Whoever ends that pause at the robot must not be answered by another one of ours.
    """
    for robot in state.robots.values():
        if robot.paused_by_others and not robot.pause_wanted:
            yield ForgetPause(robot.robot_id)


def _accepted(message: made.CommandAccepted, asked_seq: int | None, given_seq: int | None) -> Reply:
    return Reply(
        message.command_id,
        accepted=True,
        reason="",
        message=message.message,
        task_id=message.task_id,
        promise=given_seq is None,
        given_seq=given_seq,
        asked_seq=asked_seq,
    )


def _refused(message: made.CommandRefused, asked_seq: int | None) -> Reply:
    return Reply(
        message.command_id,
        accepted=False,
        reason=message.refusal.value,
        message=message.message,
        task_id=None,
        promise=False,
        asked_seq=asked_seq,
    )


def _plain(message: object) -> tuple[Effect, ...]:
    match message:
        case made.RobotHeld(robot_id=robot_id, pause=True):
            return (Pause(robot_id),)
        case made.RobotPaused(robot_id=robot_id):
            return (Pause(robot_id),)
        case made.RobotResumed(robot_id=robot_id, resume=True):
            return (Resume(robot_id),)
        case made.FleetStopped(robot_ids=robot_ids):
            return tuple(Pause(robot_id) for robot_id in robot_ids)
        case made.RuleBroke(robot_ids=robot_ids):
            return (*(Pause(robot_id) for robot_id in robot_ids), *_answer_to_broken(message))
        case made.HoldReleased(robot_id=robot_id, resume=True):
            return (Resume(robot_id),)
        case made.FleetReleased(resume=robot_ids):
            return tuple(Resume(robot_id) for robot_id in robot_ids)
        case made.PlanRequested():
            return (SolvePlan(message),)
    return _of_one_robot(message)


def _answer_to_broken(message: made.RuleBroke) -> tuple[Effect, ...]:
    """Whoever gave the command hears that its rule failed, and what was done all the same."""
    if message.command_id is None:
        return ()
    text = f"The rule that answers this failed ({message.fault}); nothing of it was done."
    if message.robot_ids:
        text += f" {len(message.robot_ids)} robots were told to stand still, and are held."
    accepted = bool(message.robot_ids)  # what restricts was done by other means
    reason = "" if accepted else Refusal.RULE_BROKEN.value
    given_seq = message.undone_seq if accepted else None
    return (
        Reply(
            message.command_id,
            accepted,
            reason,
            text,
            None,
            promise=False,
            given_seq=given_seq,
            asked_seq=message.undone_seq,
        ),
    )


def _of_one_robot(message: object) -> tuple[Effect, ...]:
    match message:
        case made.CancelOrdered(robot_id=robot_id, order_id=order_id):
            return (CancelOrder(robot_id, order_id),)
        case made.OrderEnded(robot_id=robot_id, order_id=order_id):
            return (ForgetOrder(robot_id, order_id),)
        case made.RobotRemoved(robot_id=robot_id):
            return (ForgetRobot(robot_id),)
        case made.RobotAdmitted(robot_id=robot_id):
            return (AskFactsheet(robot_id),)
        case made.ChargingAsked(robot_id=robot_id, start=start):
            return (Charge(robot_id, start),)
    return ()
