"""Negative properties of rows: in no row, while X, is there a Y.

`model` is the plain picture before the row. Each property is a small function that
tells what is wrong, or "".
"""

from collections.abc import Callable, Iterator, Mapping

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core.holding import SYSTEM
from fleetapp.core.observations import CommandGiven
from fleetapp.core.turn import Row
from fleetapp.simulation.endure.model import Known, Model
from fleetapp.terms.modes import Role

PERMISSIVE = (made.OrderIssued, made.BaseExtended, made.RouteReplaced, made.ChargingAsked)
FOR_SUPERVISORS = (
    asked.ReleaseHold,
    asked.ReleaseAll,
    asked.AdmitRobot,
    asked.RemoveRobot,
    asked.EndHalt,
)
NEED_REASON = (asked.ReleaseHold, asked.ReleaseAll, asked.AnswerReview, asked.EndHalt)


def gives_nothing_forbidden(model: Model, row: Row) -> str:
    """I6: no order, base or charging for a robot that is held, stopped, ... (rules 1 and 5)."""
    if isinstance(row.message, PERMISSIVE):
        obstacle = model.obstacle(row.message.robot_id)
        return f"{type(row.message).__name__} while {obstacle}" if obstacle else ""
    return ""


def resumes_only_the_free(model: Model, row: Row) -> str:
    """A robot is told to go on only if nothing else keeps it."""
    message = row.message
    if isinstance(message, made.HoldReleased) and message.resume:
        known = model.robots.get(message.robot_id, Known())
        left = set(known.holds) - {reason.value for reason in message.reasons}
        if model.stopped or left or known.stray_id:
            return f"resumed while stopped={model.stopped}, held={left}, near={known.stray_id}"
    if isinstance(message, made.FleetReleased):
        held = [r for r in message.resume if model.robots.get(r, Known()).holds]
        return f"the release of all resumes {held}, which are held" if held else ""
    if isinstance(message, made.RobotResumed) and message.resume:
        known = model.robots.get(message.robot_id, Known())
        if model.stopped or known.holds:
            return f"resumed while stopped={model.stopped}, held={known.holds}"
    return ""


def holds_end_by_people(_model: Model, row: Row) -> str:
    """I7: a hold ends only by a person, after an emergency stop too."""
    message = row.message
    if isinstance(message, made.HoldReleased) and message.by in ("", SYSTEM):
        return f"the hold {', '.join(message.reasons)} was released by nobody"
    if isinstance(message, made.FleetReleased) and message.by in ("", SYSTEM):
        return "the fleet stop was released by nobody"
    return ""


def silent_robots_keep_their_floor(model: Model, row: Row) -> str:
    """I11: the floor of a silent robot is freed by its report or a person, never by time."""
    message = row.message
    if not isinstance(message, made.FloorFreed | made.OrderEnded):
        return ""
    known = model.robots.get(message.robot_id, Known())
    by_person = isinstance(message, made.OrderEnded) and message.how == "removed"
    return f"{type(message).__name__} while it is silent" if known.silent and not by_person else ""


ENDS_AT_ITS_GOAL = ("finished", "failed")  # it has passed all of its order


def driving_robots_keep_their_floor(model: Model, row: Row) -> str:
    """Floor of a robot whose newest report says that it drives is not freed, but what it passed."""
    message = row.message
    if not isinstance(message, made.FloorFreed | made.OrderEnded):
        return ""
    if not model.robots.get(message.robot_id, Known()).driving:
        return ""
    if isinstance(message, made.OrderEnded):
        keeps_all = message.at_node is None or message.how in (*ENDS_AT_ITS_GOAL, "removed")
        return "" if keeps_all else f"its order ended at one node ({message.how}) while it drives"
    return "FloorFreed while it drives"


ROW_PROPERTIES: Mapping[str, Callable[[Model, Row], str]] = {
    "I6 nothing while forbidden": gives_nothing_forbidden,
    "resume only the free": resumes_only_the_free,
    "I7 holds end by people": holds_end_by_people,
    "I11 silent keeps floor": silent_robots_keep_their_floor,
    "driving keeps floor": driving_robots_keep_their_floor,
}


def broken_rows(model: Model, rows: tuple[Row, ...]) -> Iterator[tuple[str, str, str]]:
    """Invariant, subject and story of each row that was not allowed; the model follows."""
    for row in rows:
        for name, wrong_with in ROW_PROPERTIES.items():
            wrong = wrong_with(model, row)
            if wrong:
                yield name, getattr(row.message, "robot_id", None) or "fleet", wrong
        model.follow(row.message)


def bypasses(rows: tuple[Row, ...]) -> Iterator[str]:
    """I8: commands that were accepted from people who may not give them."""
    given = {row.seq: row.message for row in rows if isinstance(row.message, CommandGiven)}
    for row in rows:
        if not isinstance(row.message, made.CommandAccepted):
            continue
        command_row = given.get(row.cause or 0)
        if command_row is None:
            yield f"{row.message.command_id} accepted, and nobody gave it"
        elif wrong := _may_not(command_row):
            yield f"{type(command_row.command).__name__} accepted: {wrong}"


def _may_not(given: CommandGiven) -> str:
    command, person = given.command, given.person
    supervisor = person.signed_in and person.role is Role.SUPERVISOR
    if isinstance(command, FOR_SUPERVISORS) and not supervisor:
        return f"{person.name} is no signed-in supervisor"
    if isinstance(command, NEED_REASON) and not command.reason.strip():
        return "it gives no reason"
    return ""
