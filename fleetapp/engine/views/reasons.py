"""Why a robot stands still: one sentence, since when, what ends it."""

from fleetapp.api.views import Why
from fleetapp.core.state import State
from fleetapp.fleet.robot import Hold, Robot
from fleetapp.terms.actors import named
from fleetapp.terms.modes import EmergencyStop, OperatingMode
from fleetapp.terms.reasons import HoldReason
from fleetapp.terms.units import duration

SUPERVISOR = "a supervisor releases it"

HOLD_ENDS: dict[HoldReason, str] = {
    HoldReason.NOT_SURE: "a person answers the review",
    HoldReason.EMERGENCY_STOP: "the emergency stop is reset at the robot, then "
    "a supervisor releases it",
    HoldReason.FATAL_ERROR: "the fault is cleared at the robot, then a supervisor releases it",
    HoldReason.LOAD_UNKNOWN: "a person looked at the load and a supervisor releases it",
}

HEADS: dict[HoldReason, str] = {
    HoldReason.BY_PERSON: "Held by {by}",
    HoldReason.NOT_SURE: "Camera not sure",
    HoldReason.EMERGENCY_STOP: "Emergency stop",
}


def why_of(state: State, robot: Robot) -> Why | None:
    """The sentence for a robot that stands still, None for one that does not."""
    seq = state.robot_rows.get(robot.robot_id)
    if not robot.admitted:
        return _noticed(robot, seq)
    if state.stop is not None:
        return Why(
            f"Stopped with the whole fleet by {named(state.stop.by)}.",
            HoldReason.FLEET_STOP.value,
            state.stop.since_ms,
            "a supervisor releases the fleet",
            state.stop.note,
            journal_seq=seq,
        )
    if robot.holds:
        return _held(robot.holds[0], seq)
    if robot.silent:
        return _silent(state, robot, seq)
    return _unfit(robot, seq) or _waiting(robot, seq)


def _noticed(robot: Robot, seq: int | None) -> Why:
    sentence = robot.remedy or "Heard, and not admitted: it gets nothing."
    return Why(
        sentence,
        "noticed",
        robot.state_since_ms,
        "a supervisor admits it",
        robot.robot_id,
        journal_seq=seq,
    )


def _held(hold: Hold, seq: int | None) -> Why:
    head = HEADS.get(hold.reason, "Held").format(by=named(hold.by))
    sentence = f"{head}: {_lower_first(hold.note)}" if hold.note else head
    return Why(
        sentence if sentence.endswith(".") else sentence + ".",
        hold.reason.value,
        hold.since_ms,
        HOLD_ENDS.get(hold.reason, SUPERVISOR),
        hold.evidence,
        journal_seq=seq,
    )


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[:2] not in ("r0", "r1") else text


def _silent(state: State, robot: Robot, seq: int | None) -> Why:
    order = state.orders.get(robot.order_id) if robot.order_id else None
    road = next(iter(state.floor.roads.values()))
    where = f" at {road.node_ids[order.decision_node]}" if order is not None else ""
    return Why(
        f"No report for {duration(robot.silent_since_ms - robot.heard_ms)} and more. "
        f"It stops by itself{where}, the end of its base."
        if order is not None
        else "No report in time. It has nothing to drive.",
        "silent",
        robot.heard_ms,
        "it reports again",
        "",
        journal_seq=seq,
    )


def _unfit(robot: Robot, seq: int | None) -> Why | None:
    if not robot.reported:
        return Why(
            "Not heard since the engine started.",
            "unknown",
            robot.state_since_ms,
            "it reports",
            "",
            journal_seq=seq,
        )
    if robot.emergency_stop is not EmergencyStop.NONE:
        return Why(
            "Its safety controller reports a stop that it ends by itself.",
            "emergency_stop",
            robot.state_since_ms,
            "the stop is over",
            robot.emergency_stop.value,
            journal_seq=seq,
        )
    if robot.mode is not OperatingMode.AUTOMATIC:
        return Why(
            f"It is in {robot.mode.value} mode and takes no orders.",
            "mode",
            robot.state_since_ms,
            "somebody switches it to automatic",
            "",
            journal_seq=seq,
        )
    if robot.remedy:
        return Why(
            robot.remedy,
            "unknown_place",
            robot.state_since_ms,
            "that is done",
            "",
            journal_seq=seq,
        )
    return None


def _waiting(robot: Robot, seq: int | None) -> Why | None:
    wait = robot.wait
    if wait is None:
        return None
    return Why(
        wait.sentence,
        wait.cause.value,
        wait.since_ms,
        wait.ends,
        wait.evidence,
        wait.blocker_id,
        seq,
    )
