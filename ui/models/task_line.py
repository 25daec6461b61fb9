"""What a typed line means: commands to send, a view to open, or what is still missing.

The grammar stands in `line_words`. Only what the engine has a command for is understood.
"""

from dataclasses import dataclass

from fleetapp.api.commands import Command, HoldRobot, StopAll, SubmitTask
from fleetapp.client.spelling import nearest, plain, same
from fleetapp.client.task_order import MOST_COUNT, next_ms
from fleetapp.terms.modes import Priority

from ..figures import clock
from .line_words import (
    TASK_VERBS,
    VERBS,
    Names,
    filled,
    pool,
    words_of,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a line means; `missing` is "" only if it is whole and valid."""

    commands: tuple[Command, ...] = ()
    show_robot: str = ""
    show_task: str = ""
    release_robot: str = ""
    cancel_task: str = ""
    find: str = ""
    does: str = ""  # what Enter does
    missing: str = ""


class IncompleteError(ValueError):
    """A line that lacks something; its text says what."""


def parse(text: str, names: Names, command_id: str) -> Line:
    """The meaning of a line.

    Args:
        text: what was typed.
        names: stations, robots and tasks of the site.
        command_id: the id for a command.
    """
    words = words_of(text)
    if not words:
        return Line(missing="Nothing typed")
    verb, slots = words[0].text.lower(), filled(words)
    try:
        if verb in TASK_VERBS:
            return _task(slots, names, command_id)
        if verb in {"hold", "release"}:
            return _robot(verb, slots, names, command_id)
        return _other(verb, slots, names, command_id)
    except IncompleteError as lack:
        return Line(missing=str(lack))


def _other(verb: str, slots: dict[str, list[str]], names: Names, command_id: str) -> Line:
    if verb == "stop":
        if [word.lower() for word in slots.get("all", [])] != ["all"]:
            raise IncompleteError("Stop all?")
        return Line((StopAll(command_id, "typed"),), does="Stop all")
    if verb == "find":
        wanted = " ".join(slots.get("text", []))
        if not wanted:
            raise IncompleteError("Text missing")
        return Line(find=wanted, does="Find")
    if verb == "cancel":
        task = _named("task", slots.get("task", []), names, "task")
        return Line(cancel_task=task, does=f"Cancel {task} …")
    if verb == "why":
        return _why(slots, names)
    guess = nearest(verb, VERBS)
    raise IncompleteError(f"{verb} is not known" + (f": {guess}?" if guess else ""))


def _why(slots: dict[str, list[str]], names: Names) -> Line:
    about = _named("about", slots.get("about", []), names, "robot or task")
    robot_id = names.robots.get(about)
    if robot_id is not None:
        return Line(show_robot=robot_id, does=f"Show {about}")
    return Line(show_task=about, does=f"Show {about}")


def _named(slot: str, said: list[str], names: Names, kind: str) -> str:
    """The one thing that a slot names.

    Raises:
        IncompleteError: naming what is missing, or the nearest guess.
    """
    if not said:
        raise IncompleteError(f"{kind.capitalize()} missing")
    among = pool(slot, names)
    wanted = "".join(said)
    found = same(wanted, among)
    if found is None and any(plain(name).startswith(plain(wanted)) for name in among):
        raise IncompleteError(f"{kind.capitalize()} missing")
    if found is None:
        guess = nearest(wanted, among)
        raise IncompleteError(f"No {kind} {wanted}" + (f": {guess}?" if guess else ""))
    return found


def _robot(verb: str, slots: dict[str, list[str]], names: Names, command_id: str) -> Line:
    said = slots.get("robot", [])
    if not said:
        raise IncompleteError("Robot missing")
    wanted = tuple(dict.fromkeys(_named("robot", [word], names, "robot") for word in said))
    if verb == "release":
        robot_id = names.robots[wanted[0]]
        if len(wanted) > 1:
            raise IncompleteError("One robot at a time")
        if robot_id not in names.held:
            raise IncompleteError(f"{wanted[0]} is not held")
        return Line(release_robot=robot_id, show_robot=robot_id, does=f"Release {wanted[0]} …")
    if "because" in slots and not slots["because"]:
        raise IncompleteError("Reason missing")
    reason = " ".join(slots.get("because", []))
    holds = tuple(
        HoldRobot(command_id if n == 0 else f"{command_id}-{n}", names.robots[name], reason)
        for n, name in enumerate(wanted)
    )
    return Line(holds, does=f"Hold {', '.join(wanted)}")


def _task(slots: dict[str, list[str]], names: Names, command_id: str) -> Line:
    what, count = counted(slots.get("what", []))
    if not what:
        raise IncompleteError("Item missing")
    if not 1 <= count <= MOST_COUNT:
        raise IncompleteError(f"Count {count}: 1 to {MOST_COUNT}")
    places = {}
    for slot in ("from", "to"):
        said = slots.get(slot, [])
        if not said:
            lack = "Station" if slot in slots else slot.capitalize()
            raise IncompleteError(f"{lack} missing")
        if same("".join(said), pool(slot, names)) is None:
            _refuse_use(slot, "".join(said), names)
        places[slot] = _named(slot, said, names, "station")
    robot = _named("with", slots["with"], names, "robot") if "with" in slots else ""
    priority = Priority.NORMAL
    if "priority" in slots:
        priority = Priority(_named("priority", slots["priority"], names, "priority"))
    command = SubmitTask(
        command_id,
        places["from"],
        places["to"],
        sku=" ".join(what),
        count=count,
        priority=priority,
        due_ms=due_ms(" ".join(slots["by"]), names.now_ms) if "by" in slots else None,
        after_task_id=_named("after", slots["after"], names, "task") if "after" in slots else None,
        robot_id=names.robots[robot] if robot else None,
    )
    return Line((command,), does="Add task")


def _refuse_use(slot: str, wanted: str, names: Names) -> None:
    """A station that exists, but not for that.

    Raises:
        IncompleteError: if it is one.
    """
    other, deed = (names.targets, "picked at") if slot == "from" else (names.sources, "brought to")
    station = same(wanted, other)
    if station is not None:
        raise IncompleteError(f"Nothing is {deed} {station}")


def counted(what: list[str]) -> tuple[list[str], int]:
    """Item and count: the first word is a count if an item follows it."""
    if len(what) > 1 and what[0].isdecimal() and len(what[0]) <= 6:
        return what[1:], int(what[0])
    return what, 1


def due_ms(said: str, now_ms: int) -> int:
    """The next moment of that time of day, local time.

    Raises:
        IncompleteError: if it is no time, or has just passed.
    """
    if not said:
        raise IncompleteError("Time missing")
    try:
        at_ms = next_ms(plain(said), now_ms)
    except ValueError as error:
        raise IncompleteError(f"Time {said}: write it as 14:30") from error
    if at_ms <= now_ms:
        raise IncompleteError(f"{clock(at_ms)[:5]} has passed")
    return at_ms
