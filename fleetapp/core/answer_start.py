"""What follows from a start of the engine: what the site no longer has is given up.

A layout may be changed between two starts, while no robot has an order; the engine
refuses anything else. Where robots stand follows from their reports.
"""

from fleetapp.core import observations_engine as own
from fleetapp.core.answer_halts import tell_unfolded
from fleetapp.core.decisions import RobotRemoved, TaskMoved
from fleetapp.core.holding import SYSTEM
from fleetapp.core.turn import Turn
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import TaskState


def on_started(turn: Turn, message: own.EngineStarted) -> None:
    """End tasks and admissions that name what this site does not have; tell lost rows."""
    tell_unfolded(turn)
    floor = turn.draft.floor
    for task in tuple(turn.draft.tasks.values()):
        missing = [n for n in (task.from_station, task.to_station) if n not in floor.stations]
        if missing and is_open(task):
            reason = f"site {message.site_id} no longer has station {missing[0]}"
            failed = TaskState.FAILED
            turn.decide(TaskMoved(turn.now_ms, task.task_id, failed, reason, task.robot_id))
    for robot in tuple(turn.draft.robots.values()):
        if robot.admitted and robot.robot_type not in floor.types:
            turn.decide(RobotRemoved(turn.now_ms, robot.robot_id, SYSTEM))
