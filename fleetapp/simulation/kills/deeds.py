"""What people do in a hall, one function a kind: what comes before, and what is answered last.

Each brings the hall to where its command makes sense, and returns that command. What
was answered on the way is a promise like any other.
"""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Outcome
from fleetapp.api.views import AlarmView, ReviewView, RobotView, Snapshot, TaskView
from fleetapp.simulation.kills.hall import Hall
from fleetapp.simulation.kills.locker import Locker
from fleetapp.simulation.kills.promises import Promises
from fleetapp.terms.modes import ReviewAnswer, RobotState, StationKind, TaskState
from fleetapp.terms.reasons import HoldReason

MOST_OPEN = 6
REVIEW_S = 180.0
LOOKED_AFTER = frozenset({HoldReason.NO_RECOGNITION})
BEFORE_PICK = (TaskState.QUEUED, TaskState.ASSIGNED, TaskState.DRIVING_TO_PICK)


@dataclass(slots=True)
class Shift:
    """People at work in a hall, and what they were told."""

    hall: Hall
    promises: Promises
    chance: random.Random
    picks: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()

    def learn_stations(self) -> None:
        """Where goods come from and go to."""
        stations = self.hall.connection.layout().stations
        self.picks = tuple(s.station_id for s in stations if s.kind is StationKind.PICK)
        self.packs = tuple(s.station_id for s in stations if s.kind is StationKind.PACK)

    def give(self, command: Command) -> Outcome:
        """Give a command and remember what was promised."""
        outcome = self.hall.connection.submit(command)
        self.promises.take(command, outcome)
        return outcome

    def task(self) -> asked.SubmitTask:
        """A task that nobody has ordered before."""
        number = uuid.uuid4().hex
        pick, pack = self.chance.choice(self.picks), self.chance.choice(self.packs)
        return asked.SubmitTask(number, pick, pack, sku="S1", task_id=f"K-{number[:12]}")

    def look_after(self, snapshot: Snapshot) -> None:
        """Release robots that are held for what no person ordered and no question is about."""
        for robot in snapshot.robots:
            reasons = {hold.reason for hold in robot.holds}
            if reasons & LOOKED_AFTER and HoldReason.BY_PERSON not in reasons:
                self.give(asked.ReleaseHold(_id(), robot.robot_id, "it was looked at"))

    def keep_busy(self, snapshot: Snapshot) -> None:
        """Order until robots have enough to do."""
        for _ in range(min(2, MOST_OPEN - snapshot.fleet.tasks_open)):
            self.give(self.task())


def _id() -> str:
    return uuid.uuid4().hex


def order(shift: Shift) -> Command:
    """Another task."""
    return shift.task()


def cancel(shift: Shift) -> Command:
    """Give up a task that was just taken, or one on its way."""
    taken = shift.give(shift.task()).task_id or ""
    on_way = [t.task_id for t in shift.hall.snapshot().tasks if _may_be_cancelled(t)]
    return asked.CancelTask(_id(), shift.chance.choice([*on_way, taken]), "not needed")


def _may_be_cancelled(task: TaskView) -> bool:
    return task.state in BEFORE_PICK


def hold(shift: Shift) -> Command:
    """Hold a robot, if one drives then that one."""
    return asked.HoldRobot(_id(), _a_robot(shift, shift.hall.snapshot()).robot_id, "something fell")


def _a_robot(shift: Shift, snapshot: Snapshot) -> RobotView:
    """One that is not held; one that drives where one does."""
    free = [robot for robot in snapshot.robots if robot.admitted and not robot.holds]
    driving = [robot for robot in free if robot.state is RobotState.WORKING]
    return shift.chance.choice(driving or free or list(snapshot.robots))


def release(shift: Shift) -> Command:
    """Release a robot that stands paused by its own report."""
    held = _a_robot(shift, shift.hall.snapshot()).robot_id
    shift.give(asked.HoldRobot(_id(), held, "something fell"))
    shift.hall.until(partial(_stands, shift, held), f"{held} stands")
    return asked.ReleaseHold(_id(), held, "it was picked up")


def _stands(shift: Shift, robot_id: str) -> bool:
    robots = {robot.robot_id: robot for robot in shift.hall.snapshot().robots}
    return all(hold.confirmed for hold in robots[robot_id].holds)


def stop(shift: Shift) -> Command:
    """Stop all."""
    del shift
    return asked.StopAll(_id(), "smoke")


def release_all(shift: Shift) -> Command:
    """End a stop, once most robots stand by their own reports."""
    shift.give(asked.StopAll(_id(), "smoke"))
    shift.hall.until(partial(_all_stand, shift), "all robots stand")
    return asked.ReleaseAll(_id(), "it was steam")


def _all_stand(shift: Shift) -> bool:
    snapshot = shift.hall.snapshot()
    return len(snapshot.fleet.stop.standing) >= snapshot.fleet.robots_admitted


def acknowledge(shift: Shift) -> Command:
    """Acknowledge an alarm; where there is none the journal is locked until there is one."""
    alarm = _alarm(shift)
    if alarm is None:
        locker = Locker(shift.hall.database, "locked")
        try:
            shift.give(
                asked.HoldRobot(_id(), _a_robot(shift, shift.hall.snapshot()).robot_id, "dust")
            )
            alarm = shift.hall.until(partial(_alarm, shift), "the alarm about the journal")
        finally:
            locker.end()
        shift.hall.until(partial(_is_recorded, shift), "the journal is written again")
    return asked.AcknowledgeAlarm(_id(), alarm.alarm_id)


def _alarm(shift: Shift) -> AlarmView | None:
    alarms = shift.hall.snapshot().alarms
    return next((alarm for alarm in alarms if alarm.acknowledged_by is None), None)


def _is_recorded(shift: Shift) -> bool:
    journal = shift.hall.connection.status()["journal"]
    return bool(journal["ok"] and journal["durable"] == journal["rows"])


def answer_review(shift: Shift) -> Command:
    """Answer a question about a package; people order and look after robots until there is one."""
    review = shift.hall.until(partial(_review_at_work, shift), "a review", REVIEW_S)
    return asked.AnswerReview(_id(), review.review_id, ReviewAnswer.ACCEPT, "read by eye")


def answer_an_open_review(shift: Shift) -> None:
    """Let no task wait for a person when the work ends; one answer a call."""
    review = _review(shift)
    if review is not None:
        shift.give(asked.AnswerReview(_id(), review.review_id, ReviewAnswer.ACCEPT, "read by eye"))


def _review_at_work(shift: Shift) -> ReviewView | None:
    snapshot = shift.hall.snapshot()
    shift.keep_busy(snapshot)
    shift.look_after(snapshot)
    return _review(shift)


def _review(shift: Shift) -> ReviewView | None:
    reviews = shift.hall.snapshot().reviews
    return next((review for review in reviews if review.answer is None), None)


DEEDS: Mapping[str, Callable[[Shift], Command]] = {
    "task": order,
    "cancel": cancel,
    "hold": hold,
    "release": release,
    "stop": stop,
    "release_all": release_all,
    "acknowledge": acknowledge,
    "review": answer_review,
}
# What is taken while the journal cannot be written.
RESTRICTIVE = frozenset({"cancel", "hold", "stop", "acknowledge"})
