"""What follows from a start of the engine: what the site no longer has is given up.

A layout may be changed between two starts, while no robot has an order; the engine
refuses anything else. Where robots stand follows from their reports. Until a robot is
heard, the floor where it stood by its last report is kept for it, on a new layout too.
"""

from fleetapp.core import observations_engine as own
from fleetapp.core.alarms import end_alarm
from fleetapp.core.answer_halts import tell_unfolded
from fleetapp.core.answer_reports import place
from fleetapp.core.decisions import TaskMoved
from fleetapp.core.departure import depart
from fleetapp.core.holding import SYSTEM
from fleetapp.core.turn import Turn
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind


def on_started(turn: Turn, message: own.EngineStarted) -> None:
    """End tasks and admissions that name what this site does not have; tell lost rows."""
    tell_unfolded(turn)
    _end_what_is_judged_anew(turn)
    floor = turn.draft.floor
    for task in tuple(turn.draft.tasks.values()):
        missing = [n for n in (task.from_station, task.to_station) if n not in floor.stations]
        if missing and is_open(task):
            reason = f"site {message.site_id} no longer has station {missing[0]}"
            failed = TaskState.FAILED
            turn.decide(TaskMoved(turn.now_ms, task.task_id, failed, reason, task.robot_id))
    for robot in tuple(turn.draft.robots.values()):
        if robot.admitted and robot.robot_type not in floor.types:
            depart(turn, robot, SYSTEM)
    _keep_floor_of_unheard(turn)


def _end_what_is_judged_anew(turn: Turn) -> None:
    """Alarms about silence and the journal are of the engine that ended."""
    end_alarm(turn, AlarmKind.JOURNAL_UNAVAILABLE)
    for robot_id in tuple(turn.draft.robots):
        end_alarm(turn, AlarmKind.ROBOT_SILENT, robot_id)


def _keep_floor_of_unheard(turn: Turn) -> None:
    """Who owns nothing (its numbers meant other places) owns the floor of its last report.

    Others may be given floor before it is heard, and it stands somewhere.
    """
    owners = frozenset(turn.draft.owners.mapping().values())
    for robot in tuple(turn.draft.robots.values()):
        knows = robot.x_mm is not None and robot.localized
        if robot.admitted and robot.node is None and knows and robot.robot_id not in owners:
            place(turn, robot.robot_id)
