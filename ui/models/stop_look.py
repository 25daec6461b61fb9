"""How far a fleet stop has come, for button, banner, panel and rows alike. Pure.

It counts only what robots reported themselves: one that stands has certainly been told, of
one that does not nobody knows it. "Stopped" is said once all stand.
"""

from collections.abc import Iterable
from dataclasses import replace

from fleetapp.api.views import FleetView, RobotView, StopView
from fleetapp.terms.modes import RobotState
from fleetapp.terms.reasons import HoldReason

from ..theme.marks import WORDS

STOPPED = "Stopped"
TOLD = "Told to stop"
NOT_REACHED = "Not reached"


def total_of(stop: StopView) -> int:
    """How many robots are to stand."""
    return len(stop.standing) + len(stop.sent) + len(stop.no_answer)


def all_stand(stop: StopView) -> bool:
    """Whether the stop is in force and every robot stands by its own report."""
    return stop.active and not stop.sent and not stop.no_answer


def nobody_answers(stop: StopView) -> bool:
    """Whether no robot is known to be told: none of them answers, or the engine is gone."""
    return stop.active and bool(stop.no_answer) and not stop.sent and not stop.standing


def stop_word(stop: StopView) -> str:
    """Such as "Told 11 of 18", then "Stopped"; "Not reached" if none of them answers."""
    if all_stand(stop):
        return STOPPED
    if nobody_answers(stop):
        return NOT_REACHED
    return f"Told {len(stop.standing)} of {total_of(stop)}" if stop.active else "Told"


def still_to_stand(robot: RobotView, fleet: FleetView | None) -> bool:
    """Whether the fleet stop is for this robot and it has not reported yet that it stands."""
    if fleet is None or not fleet.stop.active or robot.state is not RobotState.STOPPED:
        return False
    return robot.robot_id not in fleet.stop.standing


def ids_still_to_stand(robots: Iterable[RobotView], fleet: FleetView | None) -> frozenset[str]:
    """All for whom the stop is and who have not reported yet that they stand."""
    if fleet is None or not fleet.stop.active:
        return frozenset()
    stopped = (robot.robot_id for robot in robots if robot.state is RobotState.STOPPED)
    return frozenset(stopped).difference(fleet.stop.standing)


def state_word(robot: RobotView, fleet: FleetView | None) -> str:
    """The word of its state; "Stopped" only of one that stands."""
    if fleet is None or not still_to_stand(robot, fleet):
        return WORDS[robot.state]
    return "No answer" if robot.robot_id in fleet.stop.no_answer else TOLD


def why_sentence(robot: RobotView, fleet: FleetView | None) -> str:
    """Why it stands, "" if it does not; a fleet stop says no more than the robot's report."""
    if robot.why is None:
        return ""
    stop = fleet.stop if fleet is not None and fleet.stop.active else None
    by_stop = robot.why.cause == HoldReason.FLEET_STOP.value
    if stop is None or not by_stop or robot.robot_id in stop.standing:
        return robot.why.sentence
    if robot.robot_id in stop.no_answer:
        return "No answer to the fleet stop: it may still drive."
    return "Told to stop with the whole fleet; not reported yet that it stands."


def as_reported(robot: RobotView, fleet: FleetView | None) -> RobotView:
    """A robot whose sentence says of a fleet stop no more than it reported itself."""
    if robot.why is None or not still_to_stand(robot, fleet):
        return robot
    return replace(robot, why=replace(robot.why, sentence=why_sentence(robot, fleet)))
