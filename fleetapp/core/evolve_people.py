"""How decisions about commands, reviews, alarms and admission change the state."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fleetapp.core import decisions as made
from fleetapp.core.draft import Draft
from fleetapp.core.known import UsedId
from fleetapp.core.state import (
    CLOSED_REVIEWS_KEPT,
    COMMANDS_KEPT,
    GONE_ALARMS_KEPT,
    Alarm,
    FleetStop,
    Review,
)
from fleetapp.fleet.robot import let_go, told_to_go_on, told_to_stand
from fleetapp.terms.reasons import AlarmKind

ADVICE = frozenset(
    {
        AlarmKind.ROBOT_NOTICED,
        AlarmKind.PAYLOAD_REJECTED,
        AlarmKind.ROBOT_WARNING,
        AlarmKind.NOT_CHARGING,
        AlarmKind.LONG_WAIT,
    }
)  # once gone, nobody has to acknowledge these


OF_DANGER = frozenset(
    {
        AlarmKind.EMERGENCY_STOP,
        AlarmKind.STOP_UNCONFIRMED,
        AlarmKind.HOLD_UNCONFIRMED,
        AlarmKind.LEFT_BASE,
        AlarmKind.RULE_BROKEN,
        AlarmKind.RECORD_DOUBTED,
    }
)  # at most one of a kind for each robot


def _command_accepted(draft: Draft, decision: made.CommandAccepted) -> None:
    if decision.command_id in draft.commands:
        return  # what it was used for first counts
    used = decision.used or UsedId("", "", decision.task_id or "")
    draft.commands.put(decision.command_id, used)
    if len(draft.commands) > COMMANDS_KEPT:
        draft.commands.drop(next(iter(draft.commands)))


def _nothing(_draft: Draft, _decision: object) -> None:
    return


def _stopped(draft: Draft, decision: made.FleetStopped) -> None:
    before = draft.stop
    if before is None:
        draft.stop = FleetStop(decision.at_ms, decision.by, decision.note, decision.robot_ids)
    else:
        told = tuple(sorted({*before.robot_ids, *decision.robot_ids}))
        draft.stop = replace(before, robot_ids=told)
    for robot_id in decision.robot_ids:
        draft.robots.put(robot_id, told_to_stand(draft.robots[robot_id]))
        draft.change_robot(robot_id, state_since_ms=decision.at_ms)


def _fleet_released(draft: Draft, decision: made.FleetReleased) -> None:
    draft.stop = None
    draft.dispatch_due = True
    for robot_id in decision.resume:
        draft.robots.put(robot_id, told_to_go_on(draft.robots[robot_id]))
        draft.change_robot(robot_id, state_since_ms=decision.at_ms)
    for robot in tuple(draft.robots.values()):
        if robot.pause_wanted and not robot.held and not robot.stray_id:
            draft.robots.put(robot.robot_id, let_go(robot))  # paused at the robot before


def _review_opened(draft: Draft, decision: made.ReviewOpened) -> None:
    draft.reviews.put(decision.review_id, Review(decision))


def _review_closed(draft: Draft, decision: made.ReviewClosed) -> None:
    review = draft.reviews[decision.review_id]
    draft.reviews.put(decision.review_id, replace(review, closed=decision))
    closed = [key for key, value in draft.reviews.mapping().items() if value.closed is not None]
    for review_id in closed[: max(0, len(closed) - CLOSED_REVIEWS_KEPT)]:
        draft.reviews.drop(review_id)


def _alarm_raised(draft: Draft, decision: made.AlarmRaised) -> None:
    before = draft.alarms.get(decision.alarm_id)
    count = before.count + 1 if before is not None else 1
    draft.alarms.put(decision.alarm_id, Alarm(decision, count=count))


def _alarm_ended(draft: Draft, decision: made.AlarmEnded) -> None:
    alarm = draft.alarms.get(decision.alarm_id)
    if alarm is None:
        return
    if alarm.acknowledged_by is not None or alarm.raised.kind in ADVICE:
        draft.alarms.drop(decision.alarm_id)
        return
    draft.alarms.put(decision.alarm_id, replace(alarm, gone_ms=decision.at_ms))
    _forget_gone(draft)


def _forget_gone(draft: Draft) -> None:
    """Those that are gone longest; none about danger that nobody has acknowledged."""
    gone = [
        (value.gone_ms, key)
        for key, value in draft.alarms.mapping().items()
        if value.gone_ms is not None and value.raised.kind not in OF_DANGER
    ]
    for _, alarm_id in sorted(gone)[: max(0, len(gone) - GONE_ALARMS_KEPT)]:
        draft.alarms.drop(alarm_id)


def _alarm_acknowledged(draft: Draft, decision: made.AlarmAcknowledged) -> None:
    alarm = draft.alarms[decision.alarm_id]
    if alarm.gone_ms is not None:
        draft.alarms.drop(decision.alarm_id)
        return
    draft.alarms.put(decision.alarm_id, replace(alarm, acknowledged_by=decision.by))


def _admitted(draft: Draft, decision: made.RobotAdmitted) -> None:
    known = draft.robots[decision.robot_id]
    as_before = known.robot_type == decision.robot_type
    draft.change_robot(
        decision.robot_id,
        admitted=True,
        home=known.home if as_before else None,  # another type may not get there
        fruitless=known.fruitless if as_before else None,
        robot_type=decision.robot_type,
        name=decision.name,
        remedy="",
        # What was decided of it while it was not ours is over; given another name it keeps all.
        holds=known.holds if known.admitted else (),
        broken=known.broken if known.admitted else (),
        state_since_ms=decision.at_ms,
    )
    draft.dispatch_due = True


def _home(draft: Draft, decision: made.HomeGiven) -> None:
    draft.change_robot(decision.robot_id, home=decision.node)


def _removed(draft: Draft, decision: made.RobotRemoved) -> None:
    for resource in [
        r for r, owner in draft.owners.mapping().items() if owner == decision.robot_id
    ]:
        draft.owners.drop(resource)
    for plan in tuple(draft.plans.values()):
        if plan.robot_id == decision.robot_id:
            draft.plans.drop(plan.problem_id)
    draft.dispatch_due = True  # its place is free
    # Nothing that was said, decided or seen of it stays: what speaks again begins anew. Ids of
    # its orders are made of numbers of rows, so none comes twice.
    draft.robots.drop(decision.robot_id)
    draft.robot_rows.drop(decision.robot_id)


PEOPLE: Mapping[type, Callable[[Draft, Any], None]] = {
    made.CommandAccepted: _command_accepted,
    made.CommandRefused: _nothing,
    made.FleetStopped: _stopped,
    made.FleetReleased: _fleet_released,
    made.ReviewOpened: _review_opened,
    made.ReviewClosed: _review_closed,
    made.AlarmRaised: _alarm_raised,
    made.AlarmEnded: _alarm_ended,
    made.AlarmAcknowledged: _alarm_acknowledged,
    made.RobotAdmitted: _admitted,
    made.RobotRemoved: _removed,
    made.HomeGiven: _home,
}
