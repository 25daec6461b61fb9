"""What a robot may be given now: nothing permissive unless all is known and well.

Rule 5 of DESIGN.md: unknown state, stale message, low confidence: the robot gets
nothing permissive. A robot's own emergency stop and modes come first.
"""

from fleetapp.fleet.robot import Robot, fatal_error
from fleetapp.terms.modes import EmergencyStop, OperatingMode
from fleetapp.terms.reasons import Out, WaitCause

AUTOMATIC = frozenset({OperatingMode.AUTOMATIC})
LATCHING = frozenset({EmergencyStop.MANUAL, EmergencyStop.REMOTE, EmergencyStop.UNKNOWN})


def emergency_stop_latched(robot: Robot) -> bool:
    """Whether its safety controller waits for a person."""
    return robot.emergency_stop in LATCHING


def obstacle_to_permission(
    robot: Robot, *, journal_ok: bool, stopped: bool, halted: bool
) -> str | None:
    """Why this robot may get nothing permissive now, None if it may.

    `halted`: nothing may be allowed to any robot until a supervisor decides.

    Returns a WaitCause value, or one of "held", "stopped", "paused", "silent",
    "not_admitted", "emergency_stop", "unknown_place". Robots that were not heard since
    this start of the engine count as not admitted.
    """
    if not robot.admitted or not robot.reported:
        return "not_admitted"
    if stopped:
        return "stopped"
    if halted:
        return WaitCause.HALT.value
    if robot.held:
        return "held"
    if robot.stray_id:
        return WaitCause.STRAY_NEAR.value
    if robot.pause_wanted:
        return "paused"  # whatever for: it was told to stand still last
    if robot.silent:
        return "silent"
    if not journal_ok:
        return WaitCause.JOURNAL.value
    if robot.emergency_stop is not EmergencyStop.NONE:
        return "emergency_stop"
    if robot.mode not in AUTOMATIC:
        return WaitCause.MODE.value
    if robot.node is None or robot.remedy or not robot.localized:
        return "unknown_place"
    return None


def out_of_dispatch(robot: Robot) -> Out | None:
    """Why this robot is no candidate for a task, None if it is one."""
    if not robot.admitted:
        return Out.NOT_ADMITTED
    if not (robot.held or robot.reported):
        return Out.SILENT
    ended_elsewhere = out_until_ended(robot)
    if ended_elsewhere is not None:
        return ended_elsewhere
    if robot.node is None or robot.remedy or not robot.localized:
        return Out.OFF_ROADMAP
    if robot.stray_id or robot.pause_wanted or robot.paused or robot.field_violation:
        return Out.PAUSED
    return None


def out_until_ended(robot: Robot) -> Out | None:
    """What only a person or the robot itself ends, None if there is nothing of that kind."""
    if robot.held:
        return Out.HELD
    if robot.silent:
        return Out.SILENT
    if robot.emergency_stop is not EmergencyStop.NONE:
        return Out.EMERGENCY_STOP
    if robot.mode not in AUTOMATIC:
        return Out.NOT_AUTOMATIC
    return Out.FATAL_ERROR if fatal_error(robot) is not None else None
