"""What a virtual robot can do wrong on demand.

Two sorts: what breaks in a hall (emergency stop, lost link, failing action), and
what robots on the market do otherwise than the standard says (drive beyond their
base, say FINISHED and do nothing). The second were measured on real ones.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """Faults by name, as `fleetapp simulate --faults` takes them."""

    # What breaks in a hall.
    EMERGENCY_STOP = "emergency_stop"
    FIELD_VIOLATION = "field_violation"
    MANUAL = "manual"
    FATAL = "fatal"
    WARNING = "warning"
    ACTION_FAILS = "action_fails"
    STUCK = "stuck"  # does not drive, says nothing of it
    FROZEN = "frozen"  # neither drives nor reports
    LINK_LOSS = "link_loss"  # drives on to the end of its base
    LOST_POSITION = "lost_position"
    FORGETS_ORDER = "forgets_order"  # as after a restart of the robot
    EMPTY_BATTERY = "empty_battery"
    # What robots do otherwise than the standard says.
    IGNORES_BASE = "ignores_base"  # drives into the unreleased horizon
    KEEPS_NODE_STATES = "keeps_node_states"
    FIRST_NODE_LISTED = "first_node_listed"
    REPLACES_ORDERS = "replaces_orders"
    TAKES_ANY_UPDATE = "takes_any_update"
    REPEATS_ACTIONS = "repeats_actions"
    REFUSES_SILENTLY = "refuses_silently"
    PAUSE_UNDONE = "pause_undone"  # says FINISHED, drives on
    PAUSE_IGNORED = "pause_ignored"  # stays WAITING
    CANCEL_UNDONE = "cancel_undone"  # says FINISHED, goes on
    CANCEL_KEPT = "cancel_kept"  # while idle: kills the next order
    OLD_KEY_ONLY = "old_key_only"  # reads `instantActions`, not `actions`
    NEW_KEY_ONLY = "new_key_only"
    NO_CONNECTION_TOPIC = "no_connection_topic"
    ONLINE_ONCE = "online_once"  # not said again after a reconnect
    ONLINE_NOT_RETAINED = "online_not_retained"
    NO_FACTSHEET = "no_factsheet"
    NEVER_DRIVING = "never_driving"
    LOCAL_TIME = "local_time"  # timestamps without a zone
    WRONG_CLOCK = "wrong_clock"  # one hour ahead
    ONE_COUNTER = "one_counter"  # header ids shared by all topics
    NULLS = "nulls"
    SILENT_ABOUT_LOADS = "silent_about_loads"
    UNKNOWN_WORDS = "unknown_words"  # enumerations and fields nobody knows


@dataclass(slots=True)
class Faults:
    """The faults a robot shows now; change it at any time."""

    emergency_stop: str = "NONE"
    manual: bool = False
    fails_action: str = ""  # an action type
    error: str = ""  # type of a FATAL error
    ignores_pause: bool = False
    keeps_order: bool = False  # in manual mode: it goes on with its order afterwards
    refuses: str = ""  # error type with which it refuses any order, for a cause that ends
    offset_m: tuple[float, float] = (0.0, 0.0)  # it believes to be that far from where it is
    contradicts: bool = False  # every other report says the opposite of driving and paused
    shown: set[Fault] = field(default_factory=set)

    def show(self, fault: Fault, *, on: bool = True) -> None:
        """Begin or end a fault."""
        match fault:
            case Fault.EMERGENCY_STOP:
                self.emergency_stop = "MANUAL" if on else "NONE"
            case Fault.MANUAL:
                self.manual = on
            case Fault.FATAL:
                self.error = "simulatedFault" if on else ""
        if on:
            self.shown.add(fault)
        else:
            self.shown.discard(fault)

    def key(self) -> tuple[object, ...]:
        """Differs whenever a report must change."""
        told = (self.emergency_stop, self.manual, self.error, self.offset_m)
        return (*told, frozenset(self.shown))

    @property
    def stands_still(self) -> bool:
        """Whether a fault keeps the robot from driving."""
        stopping = {Fault.FIELD_VIOLATION, Fault.STUCK, Fault.FROZEN, Fault.LOST_POSITION}
        stops = self.emergency_stop != "NONE" or bool(self.error)
        return stops or (self.manual and self.keeps_order) or bool(stopping & self.shown)


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault of one robot, `from_s` after the start, for `for_s` (None: for good)."""

    serial: str
    fault: Fault
    from_s: float
    for_s: float | None


def planned(text: str) -> tuple[Planned, ...]:
    """Read `SERIAL=FAULT[@FROM[+FOR]]`, comma between; times in seconds.

    Raises:
        ValueError: naming the part and what may stand there.
    """
    return tuple(_one(part.strip()) for part in text.split(",") if part.strip())


def _one(part: str) -> Planned:
    serial, equals, rest = part.partition("=")
    name, _, when = rest.partition("@")
    start, plus, span = when.partition("+")
    if not equals or not serial or name not in set(Fault):
        raise ValueError(
            f"fault {part!r}: write SERIAL=FAULT[@FROM[+FOR]] with one of {', '.join(Fault)}"
        )
    try:
        return Planned(serial, Fault(name), float(start or 0), float(span) if plus else None)
    except ValueError:
        raise ValueError(
            f"fault {part!r}: FROM and FOR are seconds, such as {serial}={name}@20+10"
        ) from None
