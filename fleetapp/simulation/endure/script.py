"""What happens in a seed, drawn before it begins: site, fleet, tasks, commands, faults.

Events name robots and tasks by number, so that one may be left out and the rest still
makes sense. `late` events come when every robot has finished two tasks, with times
counted from then. After the last fault comes the calm, in which all that is feasible
must end.
"""

import random
from dataclasses import dataclass, field, replace

import msgspec

from fleetapp.simulation.endure.catalogue import AIM_NAMES, DECK, SPANS_MS
from fleetapp.simulation.endure.sites import TYPES, SitePlan, draw_plan

Value = int | float | str | bool

MAIN_MS = 400_000
LATE_MS = 60_000
FAULTS = 18  # of a seed before every robot has two tasks
LATE_FAULTS = 3
AIMS = 5
CI_ROBOTS = (3, 8)
LANE_ROBOTS = 4  # at most: a loop driven both ways is soon full
LAYOUTS_CHANGED = 0.3  # of all seeds
LARGE_ROBOTS = (9, 60)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a time (ms since the beginning)."""

    at_ms: int
    what: str  # task, command, fault, aim
    name: str
    number: int = 0  # which robot or task
    args: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """A seed, or what is left of it."""

    seed: int
    plan: SitePlan
    fleet: tuple[str, ...]  # robot types
    events: tuple[Event, ...]
    late: tuple[Event, ...] = ()
    needs_two: bool = True  # the late events wait for two tasks of each robot
    shortest_ms: int = 600_000
    site_dir: str = ""  # a site on disk instead of the plan
    loses_station: int = 0  # which station the layout loses at the end, 0: none


def encode(script: Script) -> bytes:
    """A script as JSON."""
    return msgspec.json.format(msgspec.json.encode(script), indent=1)


def decode(content: bytes) -> Script:
    """A script from JSON.

    Raises:
        msgspec.ValidationError: naming what does not fit.
    """
    return msgspec.json.decode(content, type=Script)


def draw(seed: int, *, large: bool = False, fault_free: bool = False, site_dir: str = "") -> Script:
    """The script of a seed."""
    chance = random.Random(seed)
    plan = draw_plan(chance, large=large)
    count = chance.randint(*(LARGE_ROBOTS if large else CI_ROBOTS))
    if plan.kind == "lane":
        count = min(count, LANE_ROBOTS)
    types = chance.sample(TYPES, chance.randint(1, 3))
    fleet = tuple(chance.choice(types) for _ in range(count))
    events = [*_tasks(chance, count)]
    late: list[Event] = []
    if not fault_free:
        events += _commands(chance, count)
        faults = _faults(seed, chance, count)
        events += faults[:FAULTS]
        late = [_within(chance, fault, LATE_MS // 2) for fault in faults[FAULTS:]]
        events += _aims(seed, chance)
    loses = chance.randrange(1, 1000) if chance.random() < LAYOUTS_CHANGED else 0
    loses = 0 if fault_free or large or site_dir else loses
    events.sort(key=lambda event: event.at_ms)
    late.sort(key=lambda event: event.at_ms)
    return Script(
        seed, plan, fleet, tuple(events), tuple(late), site_dir=site_dir, loses_station=loses
    )


def _tick(chance: random.Random, latest_ms: int, earliest_ms: int = 0) -> int:
    return chance.randrange(earliest_ms, latest_ms, 20)


def _within(chance: random.Random, event: Event, latest_ms: int) -> Event:
    return replace(event, at_ms=_tick(chance, latest_ms))


TASK_KINDS = (
    ("plain", 60),
    ("no_code", 8),
    ("high", 6),
    ("low", 5),
    ("due", 5),
    ("follower", 6),
    ("wish", 6),
    ("impossible_station", 1),
    ("impossible_pair", 1),
    ("impossible_robot", 1),
    ("same_id", 2),
    ("follower_of_unknown", 1),
)


def _tasks(chance: random.Random, robots: int) -> list[Event]:
    names, weights = [name for name, _ in TASK_KINDS], [weight for _, weight in TASK_KINDS]
    count = 4 * robots + chance.randint(0, 6)
    found = []
    for number in range(count):
        name = chance.choices(names, weights)[0]
        at_ms = _tick(chance, 2_000 if number < robots * 2 else MAIN_MS * 3 // 4)
        args: dict[str, Value] = {
            "from": chance.randrange(1000),
            "to": chance.randrange(1000),
            "other": chance.randrange(1000),
        }
        found.append(Event(at_ms, "task", name, number, args))
    return found


COMMANDS = (
    ("cancel", 14),
    ("requeue", 8),
    ("hold", 10),
    ("release", 8),
    ("stop", 3),
    ("release_all", 3),
    ("answer", 8),
    ("acknowledge", 4),
    ("admit_again", 3),
    ("remove", 3),
    ("gone", 6),
)
PEOPLE = (("boss", 70), ("operator", 15), ("local", 10), ("silent_boss", 5))


def _commands(chance: random.Random, robots: int) -> list[Event]:
    names, weights = [name for name, _ in COMMANDS], [weight for _, weight in COMMANDS]
    people, shares = [name for name, _ in PEOPLE], [share for _, share in PEOPLE]
    found = []
    for _ in range(10 + robots):
        args: dict[str, Value] = {
            "by": chance.choices(people, shares)[0],
            "choice": chance.randrange(1000),
        }
        if chance.random() < 0.25:
            args["again_ms"] = chance.choice((0, 20, 500, 20_000))
        name = chance.choices(names, weights)[0]
        at_ms = _tick(chance, MAIN_MS, 5_000)
        found.append(Event(at_ms, "command", name, chance.randrange(1000), args))
    return found


def _aims(seed: int, chance: random.Random) -> list[Event]:
    """A hand from the deck of what people do at a moment of a task."""
    found = []
    for place in range(seed * AIMS, (seed + 1) * AIMS):
        block, card = divmod(place, len(AIM_NAMES))
        shuffled = list(AIM_NAMES)
        random.Random(1_000_003 * block + 11).shuffle(shuffled)
        found.append(Event(_tick(chance, MAIN_MS // 2, 5_000), "aim", shuffled[card], place))
    return found


def _faults(seed: int, chance: random.Random, robots: int) -> list[Event]:
    """A hand from the deck of all faults and moments, so that over all seeds each is played."""
    count = FAULTS + LATE_FAULTS
    begin = seed * count
    found = []
    for place in range(begin, begin + count):
        block, card = divmod(place, len(DECK))
        shuffled = list(DECK)
        random.Random(1_000_003 * block + 7).shuffle(shuffled)
        name, moment = shuffled[card]
        shortest, longest = SPANS_MS[name]
        args: dict[str, Value] = {
            "for_ms": _tick(chance, longest + 20, shortest),
            "moment": moment,
            "choice": chance.randrange(1_000_000),
        }
        at_ms = _tick(chance, MAIN_MS - 40_000, 8_000)
        found.append(Event(at_ms, "fault", name, chance.randrange(robots), args))
    return found
