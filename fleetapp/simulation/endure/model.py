"""A plain picture of the fleet that follows the rows one by one.

Small dicts that say for each robot what forbids it to be given anything, so that each
row can be asked whether it was allowed at its place, and for each task where it is.
"""

from dataclasses import dataclass, field

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.state import State
from fleetapp.terms.modes import EmergencyStop, OperatingMode


@dataclass(slots=True)
class Known:
    """One robot."""

    admitted: bool = False
    reported: bool = False
    silent: bool = False
    mode: OperatingMode = OperatingMode.UNKNOWN
    emergency_stop: EmergencyStop = EmergencyStop.NONE
    localized: bool = False
    stray_id: str = ""
    holds: dict[str, str] = field(default_factory=dict)  # reason: by whom
    driving: bool = False


@dataclass(slots=True)
class Model:
    """All robots, the fleet stop, and whether the journal can be written."""

    robots: dict[str, Known] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)  # id: state
    stopped: bool = False
    journal_ok: bool = True
    halts: set[str] = field(default_factory=set)

    def begin_with(self, state: State) -> None:
        """Take over a restored state."""
        self.stopped, self.journal_ok = state.stop is not None, state.journal_ok
        self.halts = {key for key, halt in state.halts.items() if halt.whole}
        self.tasks = {task_id: task.state.value for task_id, task in state.tasks.items()}
        self.robots = {
            robot.robot_id: Known(
                robot.admitted,
                robot.reported,
                robot.silent,
                robot.mode,
                robot.emergency_stop,
                robot.localized,
                robot.stray_id,
                {hold.reason.value: hold.by for hold in robot.holds},
                robot.driving,
            )
            for robot in state.robots.values()
        }

    def obstacle(self, robot_id: str) -> str:
        """What forbids this robot anything permissive now, "" if nothing."""
        known = self.robots.get(robot_id, Known())
        forbidding = (
            (self.stopped, "the fleet is stopped"),
            (bool(self.halts), "all is halted"),
            (not self.journal_ok, "the journal cannot be written"),
            (not known.admitted, "it is not admitted"),
            (not known.reported, "it has not reported since the start"),
            (known.silent, "it is silent"),
            (bool(known.holds), f"it is held ({', '.join(known.holds)})"),
            (bool(known.stray_id), "it is paused for another"),
            (known.mode is not OperatingMode.AUTOMATIC, f"it is in {known.mode.value} mode"),
            (known.emergency_stop is not EmergencyStop.NONE, "it is in emergency stop"),
            (not known.localized, "it does not know where it is"),
        )
        return next((text for forbids, text in forbidding if forbids), "")

    def follow(self, message: object) -> None:
        """Let the picture follow a row."""
        match message:
            case own.EngineStarted():
                self.journal_ok = True  # of this start; it says so if it cannot be written
                for known in self.robots.values():
                    known.reported = known.silent = False
            case own.JournalUnavailable():
                self.journal_ok = False
            case own.JournalRecovered():
                self.journal_ok = True
            case made.FleetStopped():
                self.stopped = True
            case made.FleetReleased():
                self.stopped = False
            case made.TaskAccepted(task=task):
                self.tasks[task.task_id] = task.state.value
            case made.TaskAssigned(task_id=task_id):
                self.tasks[task_id] = "assigned"
            case made.TaskMoved(task_id=task_id, state=state):
                self.tasks[task_id] = state.value
            case made.HaltBegan() | made.HaltEnded() | made.RuleBroke():
                self._follow_guard(message)
            case _:
                self._follow_robot(message)

    def _follow_guard(self, message: made.HaltBegan | made.HaltEnded | made.RuleBroke) -> None:
        if isinstance(message, made.RuleBroke):
            for robot_id in message.robot_ids:
                known = self.robots.setdefault(robot_id, Known())
                known.holds["rule_broken"] = "system"
        elif isinstance(message, made.HaltEnded):
            self.halts.discard(message.halt_id)
        elif message.whole:
            self.halts.add(message.halt_id)

    def _follow_robot(self, message: object) -> None:
        robot_id = getattr(message, "robot_id", None)
        if not isinstance(robot_id, str):
            return
        known = self.robots.setdefault(robot_id, Known())
        match message:
            case seen.RobotReported(mode=mode, emergency_stop=stop, localized=localized):
                known.reported, known.mode, known.driving = True, mode, message.driving
                known.emergency_stop, known.localized = stop, localized
            case made.RobotFellSilent():
                known.silent = True
            case made.RobotSpokeAgain():
                known.silent = False
            case made.RobotHeld(reason=reason, by=by):
                known.holds[reason.value] = by
            case made.HoldReleased(reasons=reasons):
                for reason in reasons:
                    known.holds.pop(reason.value, None)
            case made.RobotPaused(stray_id=stray_id):
                known.stray_id = stray_id
            case made.RobotResumed():
                known.stray_id = ""
            case made.RobotAdmitted():
                known.admitted = True
            case made.RobotRemoved():
                self.robots[robot_id] = Known()
