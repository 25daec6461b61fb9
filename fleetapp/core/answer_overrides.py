"""Overrides: only a signed-in supervisor, always with a reason. All are permissive."""

from collections.abc import Mapping

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core.alarms import end_alarm
from fleetapp.core.answer_reports import hold_if_found_paused, place
from fleetapp.core.decisions import (
    FleetReleased,
    FleetStopped,
    HoldReleased,
    ReviewClosed,
    RobotAdmitted,
    TaskMoved,
)
from fleetapp.core.departure import depart
from fleetapp.core.holding import ALARM_OF
from fleetapp.core.replies import Reply, done, refused
from fleetapp.core.strays import go_on
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot
from fleetapp.safety.holds import holds_that_stay
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind, HoldReason, Refusal


def release_hold(turn: Turn, command: asked.ReleaseHold, person: Person) -> Reply:
    """End the holds of one robot, but for those whose cause still shows."""
    robot = turn.draft.robots.get(command.robot_id)
    if robot is None:
        return refused(
            Refusal.UNKNOWN_ROBOT, f"There is no robot {command.robot_id!r}: check its id."
        )
    near_stray = bool(robot.stray_id)
    if not (robot.held or near_stray):
        return refused(Refusal.NOT_HELD, f"{robot.name} is not held.")
    staying = holds_that_stay(robot)
    ended = tuple(h.reason for h in robot.holds if h.reason not in staying)
    if not (ended or near_stray):
        return refused(STILL_THERE[staying[0]], _stays_held(robot))
    if near_stray:
        go_on(turn, robot, by=person.name, note=command.reason)
    if ended:
        held = turn.draft.robots[robot.robot_id]
        release(turn, held, ended, by=person.name, note=command.reason)
    return done(_released(turn, turn.draft.robots[robot.robot_id], ended))


STILL_THERE: Mapping[HoldReason, Refusal] = {
    HoldReason.EMERGENCY_STOP: Refusal.EMERGENCY_STOP,
    HoldReason.FATAL_ERROR: Refusal.FATAL_ERROR,
}


def _released(turn: Turn, robot: Robot, ended: tuple[HoldReason, ...]) -> str:
    """What a release did, and what keeps the robot all the same."""
    if robot.held:
        over = f"No longer held for: {_names(ended)}. " if ended else ""
        return over + _stays_held(robot)
    told = f"{robot.name} is released."
    if turn.draft.stop is not None:
        return f"{told} The fleet is still stopped."
    if robot.paused_by_others and not robot.resume_wanted:
        return f"{told} It is still paused at the robot."
    return told


def _stays_held(robot: Robot) -> str:
    names = _names(tuple(hold.reason for hold in robot.holds))
    return f"{robot.name} stays held: {names}. Clear it at the robot, then release it again."


def _names(reasons: tuple[HoldReason, ...]) -> str:
    return ", ".join(reason.value.replace("_", " ") for reason in reasons)


def release(
    turn: Turn, robot: Robot, reasons: tuple[HoldReason, ...], *, by: str, note: str
) -> None:
    """End holds of a robot; it goes on if nothing else holds it."""
    all_ended = len(reasons) == len({h.reason for h in robot.holds})
    ours = HoldReason.FOUND_PAUSED in reasons or not robot.paused_by_others
    resume = all_ended and turn.draft.stop is None and not robot.stray_id and ours
    turn.decide(HoldReleased(turn.now_ms, robot.robot_id, reasons, by, note, resume=resume))
    stay = {ALARM_OF.get(hold.reason) for hold in turn.draft.robots[robot.robot_id].holds}
    for kind in (AlarmKind.ROBOT_HELD, AlarmKind.LEFT_BASE, AlarmKind.NO_ROUTE):
        if kind not in stay:
            end_alarm(turn, kind, robot.robot_id)
    _close_reviews(turn, robot, reasons, by, note)


def _close_reviews(
    turn: Turn, robot: Robot, reasons: tuple[HoldReason, ...], by: str, note: str
) -> None:
    """A supervisor who releases a doubt without answering it: the robot looks again."""
    if HoldReason.NOT_SURE not in reasons:
        return
    for review in tuple(turn.draft.reviews.values()):
        if review.closed is None and review.asked.robot_id == robot.robot_id:
            turn.decide(ReviewClosed(turn.now_ms, review.asked.review_id, None, by, note, None))
    now = turn.draft.robots[robot.robot_id]
    task = turn.draft.tasks.get(now.task_id) if now.task_id else None
    sure = now.look is not None and bool(now.look.sure)
    if task is not None and task.state is TaskState.IN_REVIEW and not sure:
        turn.decide(
            TaskMoved(turn.now_ms, task.task_id, TaskState.LOOKING, "to look again", robot.robot_id)
        )


def release_all(turn: Turn, command: asked.ReleaseAll, person: Person) -> Reply:
    """End the fleet stop; robots with holds of their own stay held."""
    if turn.draft.stop is None:
        return refused(Refusal.NOT_STOPPED, "The fleet is not stopped.")
    free = tuple(
        sorted(
            robot.robot_id
            for robot in turn.draft.robots.values()
            if robot.admitted and not (robot.held or robot.stray_id or robot.paused_by_others)
        )
    )
    turn.decide(FleetReleased(turn.now_ms, person.name, command.reason, free))
    held = sum(1 for r in turn.draft.robots.values() if r.admitted and r.held)
    rest = f" {held} stay held for their own reasons." if held else ""
    return done(f"{len(free)} robots go on.{rest}")


def admit(turn: Turn, command: asked.AdmitRobot, person: Person) -> Reply:
    """Let a robot join under a name and type."""
    robot = turn.draft.robots.get(command.robot_id)
    if robot is None:
        return refused(
            Refusal.UNKNOWN_ROBOT,
            f"{command.robot_id!r} was not heard yet: add it by `fleetapp robot add`.",
        )
    wrong = _wrong_with(turn, command, robot)
    if wrong is not None:
        return wrong
    name = command.name or robot.serial
    turn.decide(RobotAdmitted(turn.now_ms, command.robot_id, command.robot_type, name, person.name))
    end_alarm(turn, AlarmKind.ROBOT_NOTICED, command.robot_id)
    stop = turn.draft.stop
    if stop is not None:  # a fleet stop is for every admitted robot, this one too
        turn.decide(FleetStopped(turn.now_ms, stop.by, stop.note, (command.robot_id,)))
    if robot.reported:
        place(turn, command.robot_id)  # where it stands may need a remedy, as before
        hold_if_found_paused(turn, turn.draft.robots[command.robot_id])
    return done(f"{name} is admitted.")


def _wrong_with(turn: Turn, command: asked.AdmitRobot, robot: Robot) -> Reply | None:
    """Why it cannot be admitted so."""
    if command.robot_type not in turn.draft.floor.types:
        types = ", ".join(sorted(turn.draft.floor.types))
        return refused(
            Refusal.UNKNOWN_TYPE,
            f"This site has no robot type {command.robot_type!r}: use one of {types}.",
        )
    if robot.order_id is not None and robot.robot_type != command.robot_type:
        return refused(
            Refusal.ROBOT_BUSY,
            f"{robot.name} has an order as {robot.robot_type}: remove it, then add it anew.",
        )
    taken = [r for r in turn.draft.robots.values() if r.admitted and r.name == command.name]
    if taken and taken[0].robot_id != command.robot_id:
        return refused(
            Refusal.DUPLICATE_ROBOT, f"The name {command.name} is taken: choose another."
        )
    return None


def remove(turn: Turn, command: asked.RemoveRobot, person: Person) -> Reply:
    """Give a robot nothing any more; one that is only noticed is forgotten until it speaks."""
    robot = turn.draft.robots.get(command.robot_id)
    if robot is None:
        return refused(Refusal.UNKNOWN_ROBOT, f"There is no robot {command.robot_id!r}.")
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    stands = robot.silent or robot.stands_paused
    if order is not None and order.passed < order.released_to and not stands:
        return refused(
            Refusal.ROBOT_BUSY,
            f"{robot.name} still drives its base: hold it and wait until it stands, or switch it "
            "off and wait until it is silent; then remove it.",
        )
    name = robot.name or robot.serial
    text = f"{name} is removed." if robot.admitted else f"{name} is forgotten until it speaks."
    depart(turn, robot, person.name)
    return done(text)
