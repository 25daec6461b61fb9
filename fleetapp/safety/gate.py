"""The one gate: whether something that may move a robot may leave at this moment.

Asked for all of it: an order or update the first time and again, what an earlier
engine sent and no report shows, the end of a pause, charging. Asked with the state
of the moment in which it would leave, however long ago it was decided. What
restricts never comes here.

Source: DESIGN.md, rules 1 and 5.
"""

from dataclasses import dataclass

from fleetapp.fleet.order import ActionKind, Order, OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.safety.permission import obstacle_to_permission
from fleetapp.safety.permit import Asked, MayDrive, Permit
from fleetapp.terms.modes import LoadState


@dataclass(frozen=True, slots=True)
class Moment:
    """What the gate knows of the moment beside robot and order."""

    at_ms: int
    stopped: bool  # the whole fleet
    journal_ok: bool
    halted: bool  # until a supervisor decides


def ask(
    asked: Asked, robot: Robot | None, order: Order | None, moment: Moment, *, recorded: bool
) -> Permit | str:
    """The permit, or the word for what is in the way.

    Args:
        asked: what would leave.
        robot: the one it is for, None if nobody knows it.
        order: the one that `asked` names, None if it is over or none is named.
        moment: the rest of the state.
        recorded: whether everything that allowed it is on disk.
    """
    if not recorded:
        return "not_recorded"
    if robot is None or robot.robot_id != asked.robot_id:
        return "not_admitted"
    obstacle = obstacle_to_permission(
        robot, journal_ok=moment.journal_ok, stopped=moment.stopped, halted=moment.halted
    )
    if obstacle is None and isinstance(asked, MayDrive):
        obstacle = _obstacle_of_order(asked, order) or _obstacle_of_pick(robot, order)
    return Permit(asked, moment.at_ms) if obstacle is None else obstacle


def _obstacle_of_order(asked: MayDrive, order: Order | None) -> str | None:
    """Why this update of the order is not to be driven any more."""
    if order is None or (order.order_id, order.robot_id) != (asked.order_id, asked.robot_id):
        return "order_over"
    if order.phase is not OrderPhase.ACTIVE:
        return "order_given_up"
    return None if order.update_id == asked.update_id else "order_changed"


def _obstacle_of_pick(robot: Robot, order: Order | None) -> str | None:
    """A robot that did not take its order yet and is loaded would pick a second item."""
    if order is None or order.acknowledged_update >= 0 or robot.load is not LoadState.LOADED:
        return None
    picks = any(a.kind is ActionKind.PICK and not a.ended for a in order.actions)
    return "loaded" if picks else None
