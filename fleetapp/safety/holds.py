"""Rules about holds: when a hold must also pause, and what a release ends.

A hold pauses only a robot that could move; a fleet stop goes to every admitted
robot (DESIGN.md, rule 5).
"""

from fleetapp.fleet.order import Order
from fleetapp.fleet.robot import Robot, fatal_error
from fleetapp.safety.permission import emergency_stop_latched
from fleetapp.terms.reasons import HoldReason


def could_move(robot: Robot, order: Order | None) -> bool:
    """Whether it drives, or has floor or an action left in its order."""
    if robot.driving:
        return True
    if order is None:
        return False
    unfinished = any(not action.ended for action in order.actions)
    return order.passed < order.released_to or unfinished


def holds_that_stay(robot: Robot) -> tuple[HoldReason, ...]:
    """Holds that no release can end yet, because their cause still shows."""
    staying = []
    if emergency_stop_latched(robot):
        staying.append(HoldReason.EMERGENCY_STOP)
    if fatal_error(robot) is not None:
        staying.append(HoldReason.FATAL_ERROR)
    return tuple(staying)
