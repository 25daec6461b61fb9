"""What may come next in a typed line, best first, each with the reason why it fits. Pure."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

from fleetapp.api.layout import StationDrawing
from fleetapp.api.views import RobotView, TaskView
from fleetapp.client.spelling import nearest, plain, same
from fleetapp.terms.modes import RobotState, StationKind

from .line_words import (
    TASK_SLOTS,
    TASK_VERBS,
    Names,
    filled,
    pool,
    slot_at_end,
    words_of,
)
from .task_line import counted
from .task_rows import ENDED, item_words

MOST = 8
VERB_ROWS = (
    ("pick", "plus", "item from station to station"),
    ("bring", "plus", "item from station to station"),
    ("hold", "hand", "robot: it stands still until released"),
    ("release", "play", "robot: a supervisor signs"),
    ("cancel", "ban", "task: shows first what follows"),
    ("why", "circle-help", "robot or task: why it stands or waits"),
    ("find", "search", "robot, task, item or station"),
    ("stop all", "octagon-x", "every robot; not a safety function"),
)
SIGN_ROWS = {
    "from": "where it is picked",
    "to": "where it is brought",
    "by": "when it is due",
    "priority": "low, normal or high",
    "with": "only this robot",
    "after": "only when that task is done",
}
PRIORITY_ROWS = {"high": "before others", "normal": "as usual", "low": "when nothing else waits"}
STANDING = frozenset(
    {
        RobotState.STOPPED, RobotState.EMERGENCY_STOP, RobotState.HELD, RobotState.SILENT,
        RobotState.WAITING,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """A row: icon, name, why it fits, and the whole line once it is taken."""

    icon: str
    name: str
    why: str
    line: str


@dataclass(frozen=True, slots=True)
class Known:
    """What offers are made of."""

    names: Names
    stations: dict[str, StationDrawing]
    robots: tuple[RobotView, ...]
    tasks: tuple[TaskView, ...]


Row = tuple[str, str, str]  # icon, name, why


def last_word(text: str) -> tuple[int, str]:
    """Where the word at the end begins, and its letters; "" after a space."""
    begin = max(text.rfind(" "), text.rfind(",")) + 1
    return begin, text[begin:]


def offers(text: str, known: Known) -> tuple[Offer, ...]:
    """Rows that continue a line; a word that is not known gets its nearest guess."""
    begin, typed = last_word(text)
    slot = slot_at_end(text)
    rows = [] if _is_full(slot, text[:begin]) else _rows(slot, text[:begin], known)
    wanted = plain(typed)
    fitting = [row for row in rows if plain(row[1]).startswith(wanted)]
    fitting += [row for row in rows if row not in fitting and _within(wanted, row[1])]
    if not fitting and typed:
        fitting = _guessed(slot, typed, rows, known.names)
    if slot not in {"verb", ""}:
        signs = _signs(slot, text, known.names)
        fitting += [row for row in signs if row[1].startswith(typed.lower())]
    head = text[:begin]
    return tuple(Offer(*row, f"{head}{row[1]} ") for row in fitting[:MOST])


def _is_full(slot: str, head: str) -> bool:
    """Whether a slot holds already what it can."""
    held = filled(words_of(head)).get(slot, [])
    if slot == "what":
        return bool(counted([*held, "item"])[0][:-1]) and bool(held)
    if slot == "robot":
        return bool(held) and not head.rstrip().endswith(",")
    return bool(held)


def _within(wanted: str, name: str) -> bool:
    return len(wanted) > 1 and wanted in plain(name)


def _guessed(slot: str, typed: str, rows: list[Row], names: Names) -> list[Row]:
    guess = nearest(typed, pool(slot, names))
    found = [row for row in rows if guess is not None and row[1].startswith(guess)]
    return [(icon, name, f"nearest to “{typed}”") for icon, name, _why in found[:1]]


def _rows(slot: str, head: str, known: Known) -> list[Row]:
    if slot == "verb":
        return [(icon, name, why) for name, icon, why in VERB_ROWS]
    if slot == "from":
        return _sources(head, known)
    if slot == "to":
        return _targets(head, known)
    if slot in {"with", "robot", "about"}:
        return _robots(head, slot, known)
    if slot in {"task", "after"}:
        return _tasks(known)
    if slot == "priority":
        return [("flag", name, why) for name, why in PRIORITY_ROWS.items()]
    if slot == "by":
        return _times(known.names.now_ms)
    if slot == "what":
        return _items(known)
    return [("octagon-x", "all", "every robot stands still")] if slot == "all" else []


def _signs(slot: str, text: str, names: Names) -> list[Row]:
    """Words that begin the next slot, once the present one holds something."""
    words = words_of(text)
    verb = words[0].text.lower() if words else ""
    slots = filled(words if text.endswith(" ") else words[:-1])
    held = slots.get(slot, [])
    if verb == "hold" and held and slot == "robot":
        return [("chevron-right", "because", "the reason, for the record")]
    if verb not in TASK_VERBS or not held:
        return []
    among = pool(slot, names)
    if among and same("".join(held), among) is None:
        return []
    needed = [name for name in ("from", "to") if name not in slots]
    free = [name for name in TASK_SLOTS if name not in slots and name not in needed]
    offered = needed[:1] or free
    return [("chevron-right", name, SIGN_ROWS[name]) for name in offered]


def _items(known: Known) -> list[Row]:
    times = Counter(t.sku for t in known.tasks if t.sku)
    last = {t.sku: t.from_station for t in known.tasks if t.sku}
    ranked = sorted(times, key=lambda sku: (-times[sku], sku))
    return [("package", sku, f"ordered {times[sku]} ×, last from {last[sku]}") for sku in ranked]


def usual_lines(known: Known, most: int = 4) -> tuple[Offer, ...]:
    """Tasks to begin with one press: what is ordered most, from where it was last."""
    rows = _items(known)[:most]
    last = {t.sku: t.from_station for t in known.tasks if t.sku}
    return tuple(
        Offer("package", f"pick {sku}", f"from {last[sku]}", f"pick {sku} from {last[sku]} to ")
        for _icon, sku, _why in rows
    )


def _open(known: Known) -> list[TaskView]:
    return [task for task in known.tasks if task.state not in ENDED]


def _sources(head: str, known: Known) -> list[Row]:
    """Where this item was picked before comes first."""
    what, _count = counted(filled(words_of(head)).get("what", []))
    sku = " ".join(what)
    before = {t.from_station for t in known.tasks if sku and t.sku == sku}
    waiting = Counter(t.from_station for t in _open(known))
    rows = []
    for name in sorted(known.names.sources, key=lambda n: (n not in before, n)):
        why = "this item was picked here" if name in before else ""
        here = f"{_count_of(waiting[name])} open" if waiting[name] else ""
        rows.append(("map-pin", name, "; ".join(filter(None, (why, here))) or "free"))
    return rows


def _count_of(number: int) -> str:
    return "1 task" if number == 1 else f"{number} tasks"


def _targets(head: str, known: Known) -> list[Row]:
    """Free stations first, the nearest of them first."""
    source = same("".join(filled(words_of(head)).get("from", [])), known.names.sources)
    coming = Counter(t.to_station for t in _open(known) if t.robot_id)
    there = {robot.place: robot.name for robot in known.robots if robot.admitted}
    names = sorted(n for n in known.names.targets if n != source)
    far = {name: _metres(source, name, known) for name in names}
    packs = {n for n, s in known.stations.items() if s.kind is StationKind.PACK}
    names.sort(key=lambda n: (n not in packs, n in there, far[n] or 0.0, n))
    return [
        ("map-pin", name, _why_target(far[name], there.get(name, ""), coming[name], first=not n))
        for n, name in enumerate(names)
    ]


def _why_target(metres: float | None, robot: str, coming: int, *, first: bool) -> str:
    way = f", {metres:.0f} m" if metres is not None else ""
    free = "nearest free station" if first and metres is not None else "free"
    words = f"busy: {robot} is there" if robot else f"{free}{way}"
    others = coming - (1 if robot else 0)
    if others > 0:
        words += f"; {others} robot{'s' if others > 1 else ''} on the way"
    return words


def _metres(source: str | None, target: str, known: Known) -> float | None:
    """Straight through the air; the way along the lanes is longer."""
    begin, end = known.stations.get(source or ""), known.stations.get(target)
    if begin is None or end is None:
        return None
    return hypot(begin.x_m - end.x_m, begin.y_m - end.y_m)


def _robots(head: str, slot: str, known: Known) -> list[Row]:
    verb = head.split(maxsplit=1)[0].lower()
    named = {word.lower() for word in filled(words_of(head)).get(slot, [])}
    robots = [r for r in known.robots if r.admitted and r.name.lower() not in named]
    if verb == "release":
        robots = [robot for robot in robots if robot.holds]
    if slot == "with":
        robots.sort(key=lambda r: (r.state is not RobotState.IDLE, r.name))
    else:
        robots.sort(key=lambda r: (r.state not in STANDING, r.name))
    rows = [("bot", robot.name, _why_robot(robot)) for robot in robots]
    return rows + (_tasks(known) if slot == "about" else [])


def _why_robot(robot: RobotView) -> str:
    if robot.why is not None:
        return robot.why.sentence
    return f"{robot.doing or robot.state.value.capitalize()}, {robot.place}".rstrip(", ")


def _tasks(known: Known) -> list[Row]:
    tasks = sorted(_open(known), key=lambda t: t.task_id)
    return [
        ("list-checks", t.task_id, f"{item_words(t)}, {t.from_station} → {t.to_station}")
        for t in tasks
    ]


def _times(now_ms: int) -> list[Row]:
    now = datetime.fromtimestamp(now_ms / 1000).astimezone()
    rows = []
    for minutes in (10, 15, 20, 30, 45, 60, 90, 120):
        moment = now + timedelta(minutes=minutes)
        moment += timedelta(minutes=-moment.minute % 5)
        whole = round((moment - now).total_seconds() / 60)
        rows.append(("clock", f"{moment:%H:%M}", f"in {whole} min"))
    return list(dict.fromkeys(rows))
