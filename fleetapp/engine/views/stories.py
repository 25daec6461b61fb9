"""The past of a robot in words, kept from the rows as they are made."""

from collections import deque
from collections.abc import Iterable

from fleetapp.api.views import StoryLine
from fleetapp.core import decisions as made
from fleetapp.core.about import about
from fleetapp.core.floor import node_id
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.fleet.order import Purpose

LINES_KEPT = 12


class Stories:
    """The newest lines of each robot."""

    def __init__(self) -> None:
        """Begin without a past."""
        self._lines: dict[str, deque[StoryLine]] = {}

    def note(self, state: State, rows: Iterable[Row]) -> None:
        """Add what the rows tell about robots."""
        for row in rows:
            text = line_of(state, row.message)
            robot_id = about(row.message).robot_id
            if text is None or robot_id is None:
                continue
            lines = self._lines.setdefault(robot_id, deque(maxlen=LINES_KEPT))
            lines.appendleft(StoryLine(state.now_ms, text, row.seq))

    def of(self, robot_id: str) -> tuple[StoryLine, ...]:
        """The lines of a robot, newest first."""
        return tuple(self._lines.get(robot_id, ()))


PURPOSE_TEXT: dict[Purpose, str] = {
    Purpose.TO_PICK: "Sent to pick at {goal}",
    Purpose.LOOK: "Told to look again at {goal}",
    Purpose.CARRY: "Told to pick and carry to {goal}",
    Purpose.TO_RETURN: "Sent back to {goal} with its load",
    Purpose.CHARGE: "Sent to charge at {goal}",
    Purpose.PARK: "Sent to park at {goal}",
    Purpose.MOVE_ASIDE: "Told to make room, to {goal}",
}


def line_of(state: State, message: object) -> str | None:  # noqa: PLR0912 - one line a kind
    """One line about a decision, None for those that people do not need."""
    match message:
        case made.TaskAssigned(task_id=task_id, cost_ms=cost):
            return f"Took {task_id}: the cheapest way over all, {cost / 1000:.0f} s"
        case made.OrderIssued(purpose=purpose, goal_station=goal):
            return PURPOSE_TEXT[purpose].format(goal=goal)
        case made.RouteReplaced(purpose=purpose, goal_station=goal):
            return f"Goes another way: {PURPOSE_TEXT[purpose].format(goal=goal).lower()}"
        case made.RobotWaits(sentence=sentence):
            return sentence
        case made.RobotHeld(by=by, note=note):
            return f"Held by {by}: {note}" if note else f"Held by {by}"
        case made.HoldReleased(by=by, note=note):
            return f"Released by {by}" + (f": {note}" if note else "")
        case made.RecognitionJudged(sentence=sentence):
            return sentence
        case made.TaskMoved(task_id=task_id, state=new, reason=reason):
            return f"{task_id} is {new.value.replace('_', ' ')}: {reason}"
        case made.OrderEnded(how=how, at_node=node) if how != "finished":
            where = f" at {node_id(state.floor, node)}" if node is not None else ""
            return f"Its order ended{where}: {how}"
        case made.RobotAdmitted(by=by, robot_type=kind):
            return f"Admitted as {kind} by {by}"
        case made.RobotFellSilent():
            return "Fell silent"
        case made.RobotSpokeAgain():
            return "Reports again"
        case made.CancelOrdered(reason=reason):
            return f"Told to give its order up: {reason}"
        case made.ChargingAsked(start=start):
            return "Told to charge" if start else "Told to stop charging"
    return None
