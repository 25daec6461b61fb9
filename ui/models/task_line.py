"""The typed line: tasks, questions and commands from words, and what is still missing.

pick [COUNT] SKU from STATION to STATION [priority low|normal|high] [with ROBOT]
hold ROBOT    release ROBOT    why ROBOT    find TEXT    stop all
"""

from dataclasses import dataclass

from fleetapp.api.commands import HoldRobot, StopAll, SubmitTask
from fleetapp.terms.modes import Priority

VERBS = ("pick", "bring", "hold", "release", "why", "find", "stop all")


@dataclass(frozen=True, slots=True)
class Names:
    """What a line may name: stations by capital letters, robots by name."""

    stations: frozenset[str]
    robots: dict[str, str]  # name in small letters -> robot id


@dataclass(frozen=True, slots=True)
class Line:
    """What a line means: a command, or a view to open, or what it still lacks."""

    command: SubmitTask | HoldRobot | StopAll | None = None
    show_robot: str = ""
    release_robot: str = ""
    missing: str = ""


def parse(text: str, names: Names, command_id: str) -> Line:
    """The meaning of a line.

    Args:
        text: what was typed.
        names: stations and robots of the site.
        command_id: the id for a command.
    """
    words = text.split()
    if not words:
        return Line(missing="pick SKU from STATION to STATION, or: why r01")
    verb = words[0].lower()
    if verb in ("pick", "bring"):
        return _task(words[1:], names, command_id)
    if verb == "stop" and len(words) > 1 and words[1].lower() == "all":
        return Line(command=StopAll(command_id, "typed"))
    if verb in ("hold", "release", "why", "find"):
        return _robot(verb, words[1:], names, command_id)
    return Line(missing=f"{words[0]!r} is not known: begin with {', '.join(VERBS)}")


def _robot(verb: str, words: list[str], names: Names, command_id: str) -> Line:
    if not words:
        return Line(missing="which robot?")
    robot_id = names.robots.get(words[0].lower())
    if robot_id is None:
        return Line(missing=f"there is no robot {words[0]}")
    if verb == "hold":
        return Line(command=HoldRobot(command_id, robot_id, " ".join(words[1:])))
    if verb == "release":
        return Line(release_robot=robot_id, show_robot=robot_id)
    return Line(show_robot=robot_id)


def _task(words: list[str], names: Names, command_id: str) -> Line:
    slots = _slots(words)
    what = slots.get("what", [])
    count = 1
    if what and what[0].isdigit() and len(what) > 1:
        count, what = int(what[0]), what[1:]
    if not what:
        return Line(missing="what? type a SKU")
    stations = {}
    for slot in ("from", "to"):
        wanted = "".join(slots.get(slot, []))
        if not wanted:
            return Line(missing=f"{slot} which station?")
        found = _station(wanted, names)
        if found is None:
            return Line(missing=f"there is no station {wanted}")
        stations[slot] = found
    priority = "".join(slots.get("priority", ["normal"])).lower()
    if priority not in [p.value for p in Priority]:
        return Line(missing="priority is low, normal or high")
    robot = "".join(slots.get("with", []))
    if robot and robot.lower() not in names.robots:
        return Line(missing=f"there is no robot {robot}")
    return Line(
        command=SubmitTask(
            command_id,
            stations["from"],
            stations["to"],
            sku=" ".join(what),
            count=count,
            priority=Priority(priority),
            robot_id=names.robots[robot.lower()] if robot else None,
        )
    )


def _slots(words: list[str]) -> dict[str, list[str]]:
    slots: dict[str, list[str]] = {"what": []}
    slot = "what"
    for word in words:
        if word.lower() in ("from", "to", "priority", "with"):
            slot = word.lower()
            slots[slot] = []
        else:
            slots[slot].append(word)
    return slots


def _station(wanted: str, names: Names) -> str | None:
    """A station however it is written: case and signs do not matter."""
    plain = _plain(wanted)
    return next((name for name in sorted(names.stations) if _plain(name) == plain), None)


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).upper()


def completions(text: str, names: Names, most: int = 8) -> list[str]:
    """Whole lines that continue what was typed."""
    head, _, last = text.rpartition(" ")
    previous = head.split()[-1].lower() if head else ""
    if not head:
        pool: list[str] = [verb for verb in VERBS if verb.startswith(last.lower())]
    elif previous in ("from", "to"):
        pool = [s for s in sorted(names.stations) if _plain(s).startswith(_plain(last))]
    elif previous in ("hold", "release", "why", "find", "with"):
        pool = [n for n in sorted(names.robots) if n.startswith(last.lower())]
    elif previous == "priority":
        pool = [p.value for p in Priority]
    else:
        pool = [w for w in ("from", "to", "priority", "with") if w.startswith(last.lower())]
    return [f"{head} {item}".strip() for item in pool[:most] if last or not head]
