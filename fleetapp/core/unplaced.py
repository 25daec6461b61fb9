"""Robots that stand where they could not be placed are judged again when floor changes hands.

Their reports say nothing new meanwhile, so no report would ask again: the robot in the
way was moved, and the one beside it would own nothing for ever.
"""

from fleetapp.core.answer_reports import place
from fleetapp.core.guard import each
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot


def place_again(turn: Turn) -> None:
    """Place whoever is not, if anybody's floor changed in this step."""
    if not turn.draft.owners.changed:
        return
    waiting = [r.robot_id for r in turn.draft.robots.values() if _is_unplaced(r)]
    for robot_id in each(turn, "place_again", waiting):
        place(turn, robot_id)


def _is_unplaced(robot: Robot) -> bool:
    placed = robot.node is not None and not robot.remedy
    return robot.admitted and robot.reported and robot.order_id is None and not placed
