"""What people do just when a task is at a point of its life.

Commands at drawn times rarely meet what is short: an assignment that no report shows yet,
an open question, a hand-over. An aim waits for a row that shows its point and acts with the
next tick; one that never sees its point does nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.simulation.endure.people import PERSONS, is_right
from fleetapp.simulation.endure.stage import Stage
from fleetapp.simulation.whole.system import BOSS
from fleetapp.terms.modes import ReviewAnswer

WHY = "told so just now"


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a life that a row shows: of which task, with which robot."""

    name: str
    task_id: str
    robot_id: str


@dataclass(frozen=True, slots=True)
class Aim:
    """What is done at a point, with any robot if `robot_id` is "".

    What `touches` the robot is not done while it has a fault.
    """

    point: str
    deed: "Callable[[Stage, State, Point], tuple[Aim, ...]]"
    robot_id: str = ""
    touches: bool = False


@dataclass(slots=True)
class Aims:
    """Those that wait for their point."""

    waiting: list[Aim] = field(default_factory=list)
    met: list[str] = field(default_factory=list)  # points, in their order

    def look_at(self, stage: Stage, state: State, rows: tuple[Row, ...]) -> None:
        """Act on what the rows of a tick show."""
        if not self.waiting:
            return
        for row in rows:
            for point in points_of(state, row):
                self._act(stage, state, point)

    def _act(self, stage: Stage, state: State, point: Point) -> None:
        fits = (
            aim
            for aim in self.waiting
            if aim.point == point.name
            and aim.robot_id in ("", point.robot_id)
            and not (aim.touches and point.robot_id in stage.unfit)
        )
        aim = next(fits, None)
        if aim is not None:
            self.waiting.remove(aim)
            self.met.append(point.name)
            self.waiting += aim.deed(stage, state, point)


def points_of(state: State, row: Row) -> Iterator[Point]:
    """The points that a row shows."""
    match row.message:
        case made.TaskAssigned(task_id=task_id, robot_id=robot_id):
            yield Point("assigned", task_id, robot_id)
        case made.TaskMoved(task_id=task_id, state=task_state, robot_id=robot_id):
            yield Point(task_state.value, task_id, robot_id or "")
        case made.RobotHeld(robot_id=robot_id, reason=reason):
            robot = state.robots.get(robot_id)
            yield Point(f"held {reason.value}", (robot and robot.task_id) or "", robot_id)
        case seen.PauseConfirmed(robot_id=robot_id):
            yield Point("stands", "", robot_id)


# --- what is done ---------------------------------------------------------------
def _give(stage: Stage, command: Command) -> tuple[Aim, ...]:
    stage.give(command, BOSS)
    return ()


def _cancel(stage: Stage, _state: State, point: Point) -> tuple[Aim, ...]:
    return _give(stage, asked.CancelTask(stage.system.command_id(), point.task_id, WHY))


def _requeue(stage: Stage, _state: State, point: Point) -> tuple[Aim, ...]:
    return _give(stage, asked.RequeueTask(stage.system.command_id(), point.task_id, WHY))


def _release(stage: Stage, _state: State, point: Point) -> tuple[Aim, ...]:
    return _give(stage, asked.ReleaseHold(stage.system.command_id(), point.robot_id, WHY))


def _remove(stage: Stage, _state: State, point: Point) -> tuple[Aim, ...]:
    return _give(stage, asked.RemoveRobot(stage.system.command_id(), point.robot_id, WHY))


def _hold_and_remove(stage: Stage, _state: State, point: Point) -> tuple[Aim, ...]:
    """One that drives is not removed: it stands first."""
    _give(stage, asked.HoldRobot(stage.system.command_id(), point.robot_id, WHY))
    return (Aim("stands", _remove, point.robot_id, touches=True),)


def _cancel_and_remove(stage: Stage, state: State, point: Point) -> tuple[Aim, ...]:
    _cancel(stage, state, point)
    return (Aim("returning", _hold_and_remove, point.robot_id, touches=True),)


def _restart_and_cancel(stage: Stage, _state: State, point: Point) -> tuple[Aim, ...]:
    """It loses its order with the item on board, and then nobody wants the item."""
    body = stage.system.robots[point.robot_id]
    body.advance(stage.system.now_ms)
    body.restart()
    return (Aim("held load_unknown", _cancel, point.robot_id),)


def _correct(stage: Stage, state: State, point: Point) -> tuple[Aim, ...]:
    """Somebody reads the label and types it: the one that is wanted, or another."""
    reviews = (r for r in state.reviews.values() if r.asked.task_id == point.task_id)
    review = next((r for r in reviews if r.closed is None), None)
    task = state.tasks.get(point.task_id)
    if review is None or task is None:
        return ()
    code = task.label_code or task.sku if is_right(stage, review) else "L-another"
    answer = asked.AnswerReview(
        stage.system.command_id(), review.asked.review_id, ReviewAnswer.CORRECT, WHY, code
    )
    stage.give(answer, PERSONS["operator"])
    return ()


AIMS: Mapping[str, Aim] = {
    "cancel_assigned": Aim("assigned", _cancel),
    "requeue_assigned": Aim("assigned", _requeue),
    "cancel_looking": Aim("looking", _cancel),
    "requeue_looking": Aim("looking", _requeue),
    "cancel_in_review": Aim("in_review", _cancel),
    "requeue_in_review": Aim("in_review", _requeue),
    "correct_in_review": Aim("in_review", _correct),
    "look_again_in_review": Aim("in_review", _release),
    "settle_failed": Aim("failed", _cancel),
    "cancel_picking": Aim("picking", _cancel),
    "cancel_carrying": Aim("carrying", _cancel),
    "remove_picking": Aim("picking", _hold_and_remove, touches=True),
    "remove_carrying": Aim("carrying", _hold_and_remove, touches=True),
    "remove_dropping": Aim("dropping", _remove, touches=True),
    "remove_returning": Aim("carrying", _cancel_and_remove, touches=True),
    "cancel_lost_dropping": Aim("dropping", _restart_and_cancel, touches=True),
}
