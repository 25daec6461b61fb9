"""What the row of a robot says, in words: two rows with equal looks are painted alike."""

from dataclasses import dataclass

from fleetapp.api.views import RobotView, StopView
from fleetapp.terms.modes import RobotState
from fleetapp.terms.reasons import HoldReason

from ..figures import NO_BREAK, duration, glued, percent
from ..theme.marks import WORDS
from .robot_rows import AGEING, NEED_YOU
from .stop_look import still_to_stand
from .store import Store


@dataclass(frozen=True, slots=True)
class Standstill:
    """What a robot told of a fleet stop: words, colour token, whether it stands."""

    words: str
    token: str
    stands: bool


@dataclass(frozen=True, slots=True)
class RobotLook:
    """A row: `head` in the colour of the state, `words` after it, the sentence below.

    `battery` is a fraction rounded to what the bar and the figure can show.
    """

    name: str
    state: RobotState
    head: str
    words: str
    sentence: str
    battery: float | None
    battery_words: str
    standstill: Standstill | None
    can_hold: bool
    hollow: bool  # told to stop, and not yet reported to stand


def robot_look(robot: RobotView, store: Store) -> RobotLook:
    """What is said of a robot now; during a fleet stop, what it told of that."""
    stop = _stop_of(robot, store)
    head, words = ("", robot.doing) if stop is not None else _words(robot, store.model.at_ms)
    return RobotLook(
        robot.name,
        robot.state,
        head,
        words,
        glued(robot.why.sentence) if robot.why is not None and stop is None else "",
        None if robot.battery_fraction is None else round(robot.battery_fraction, 2),
        "–" if robot.battery_fraction is None else percent(robot.battery_fraction),
        _standstill(robot, stop) if stop is not None else None,
        robot.admitted and robot.state not in NEED_YOU,
        still_to_stand(robot, store.model.fleet),
    )


def _words(robot: RobotView, at_ms: int) -> tuple[str, str]:
    """Its state and place if it stands, else what it does."""
    if robot.why is None:
        return "", robot.doing
    head = WORDS[robot.state]
    if robot.state in AGEING:
        head = f"{head} {duration(at_ms - robot.why.since_ms)}"
    return head, f" · {robot.place}" if robot.place else ""


def _stop_of(robot: RobotView, store: Store) -> StopView | None:
    """The fleet stop, if nothing else is to be said of this robot."""
    fleet = store.model.fleet
    stopped = robot.why is not None and robot.why.cause == HoldReason.FLEET_STOP.value
    return fleet.stop if fleet is not None and fleet.stop.active and stopped else None


def _standstill(robot: RobotView, stop: StopView) -> Standstill:
    """The time until it stood, or what is still missing."""
    if robot.robot_id in stop.standing:
        after = dict(stop.still_after_ms).get(robot.robot_id)
        words = f"{after / 1000:.1f}{NO_BREAK}s" if after is not None else ""
        return Standstill(words, "text-1", stands=True)
    if robot.robot_id in stop.no_answer:
        return Standstill("no answer", "p1", stands=False)
    return Standstill("told", "text-3", stands=False)
