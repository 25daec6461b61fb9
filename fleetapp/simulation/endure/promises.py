"""What people were told is kept: a stop or hold that was answered is in force after a crash.

The emergency ring brings back what the journal lost, with the first tick after a start.
What was released meanwhile, or never answered, was no promise.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Outcome
from fleetapp.core.state import State
from fleetapp.simulation.endure.model import Model


@dataclass(slots=True)
class Promises:
    """Answers that people wait for or got, since the newest start."""

    given: list[tuple[Command, "Future[Outcome]"]] = field(default_factory=list)
    owed: list[tuple[str, str]] = field(default_factory=list)  # what, about whom

    def note(self, command: Command, answer: "Future[Outcome]") -> None:
        """Somebody gave a command."""
        if isinstance(command, asked.StopAll | asked.HoldRobot | asked.SubmitTask):
            self.given.append((command, answer))

    def crashed(self, model: Model) -> None:
        """The engine is gone: what it had promised is owed, as far as it was still in force."""
        for command, answer in self.given:
            if not answer.done() or not answer.result().accepted:
                continue
            outcome = answer.result()
            if isinstance(command, asked.SubmitTask):
                self.owed.append(("task", outcome.task_id or ""))
            elif not outcome.recorded:
                continue
            elif isinstance(command, asked.StopAll) and model.stopped:
                self.owed.append(("stop", ""))
            elif isinstance(command, asked.HoldRobot):
                known = model.robots.get(command.robot_id)
                if known is not None and "by_person" in known.holds:
                    self.owed.append(("hold", command.robot_id))
        self.given = []

    def broken(self, state: State) -> Iterator[tuple[str, str, str]]:
        """After the first tick of a start: what is owed and not there."""
        for what, about in self.owed:
            if not _is_kept(state, what, about):
                yield "promise kept", about or "fleet", f"a {what} that was answered is gone"
        self.owed = []


def _is_kept(state: State, what: str, about: str) -> bool:
    if what == "stop":
        return state.stop is not None
    if what == "task":
        return about in state.tasks
    robot = state.robots.get(about)
    return robot is not None and any(hold.reason.value == "by_person" for hold in robot.holds)
