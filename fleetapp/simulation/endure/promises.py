"""What people were told is kept: what was answered is in force after a crash.

A stop, a hold, a task, that a task was given up. The emergency ring brings back what the
journal lost, with the first tick after a start. What was released meanwhile, or never
answered, was no promise. One that lasts is owed after every crash, not only the first.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Outcome
from fleetapp.core import decisions as made
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.simulation.endure.model import Model
from fleetapp.terms.reasons import HoldReason

LASTING = asked.StopAll | asked.HoldRobot | asked.SubmitTask | asked.CancelTask
GIVEN_UP = frozenset({"cancelled", "returning", "failed"})
ENDED = frozenset({"done", "cancelled", "failed"})  # and may be forgotten


@dataclass(slots=True)
class Promises:
    """Answers that people wait for or got."""

    given: list[tuple[Command, "Future[Outcome]"]] = field(default_factory=list)
    owed: list[tuple[str, str]] = field(default_factory=list)  # what, about whom

    def note(self, command: Command, answer: "Future[Outcome]") -> None:
        """Somebody gave a command."""
        if isinstance(command, LASTING):
            self.given.append((command, answer))

    def crashed(self, model: Model) -> None:
        """The engine is gone: what it had promised is owed, as far as it was still in force."""
        self.given = [(c, a) for c, a in self.given if a.done() and a.result().accepted]
        for command, answer in self.given:
            owed = _owed(command, answer.result(), model)
            if owed is not None and owed not in self.owed:
                self.owed.append(owed)

    def lifted(self, rows: tuple[Row, ...]) -> None:
        """What people end with the first tick of a start is owed no more."""
        for row in rows:
            match row.message:
                case made.FleetReleased():
                    self._forget("stop", "")
                case made.HoldReleased(robot_id=robot_id, reasons=reasons):
                    if HoldReason.BY_PERSON in reasons:
                        self._forget("hold", robot_id)
                case made.RobotRemoved(robot_id=robot_id):
                    self._forget("hold", robot_id)

    def _forget(self, what: str, about: str) -> None:
        self.owed = [owed for owed in self.owed if owed != (what, about)]

    def broken(self, state: State) -> Iterator[tuple[str, str, str]]:
        """After the first tick of a start: what is owed and not there."""
        for what, about in self.owed:
            if not _is_kept(state, what, about):
                yield "promise kept", about or "fleet", f"a {what} that was answered is gone"
        self.owed = []


def _owed(command: Command, outcome: Outcome, model: Model) -> tuple[str, str] | None:
    """What an answer promises while it is in force, and about whom."""
    if isinstance(command, asked.SubmitTask):
        task_id = outcome.task_id or ""
        return None if model.tasks.get(task_id) in ENDED else ("task", task_id)
    if not outcome.recorded:
        return None
    if isinstance(command, asked.StopAll) and model.stopped:
        return "stop", ""
    if isinstance(command, asked.CancelTask) and model.tasks.get(command.task_id) in GIVEN_UP:
        return "cancel", command.task_id
    if isinstance(command, asked.HoldRobot):
        known = model.robots.get(command.robot_id)
        is_held = known is not None and "by_person" in known.holds
        return ("hold", command.robot_id) if is_held else None
    return None


def _is_kept(state: State, what: str, about: str) -> bool:
    if what == "stop":
        return state.stop is not None
    if what == "task":
        return about in state.tasks
    if what == "cancel":
        task = state.tasks.get(about)
        return task is not None and task.state.value in GIVEN_UP
    robot = state.robots.get(about)
    return robot is not None and any(hold.reason.value == "by_person" for hold in robot.holds)
