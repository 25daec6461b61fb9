"""A robot as the core keeps it: what it last reported, and what we decided about it."""

from dataclasses import dataclass, replace

from fleetapp.fleet.fruitless import Fruitless
from fleetapp.fleet.look import Look
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.terms.reasons import HoldReason, WaitCause


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason to stand still that only a person ends."""

    reason: HoldReason
    since_ms: int
    by: str
    note: str
    evidence: str = ""
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A reason to stand still that ends by itself."""

    cause: WaitCause
    since_ms: int
    sentence: str
    ends: str
    evidence: str = ""
    blocker_id: str | None = None
    alarmed: bool = False


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot. `node` is an index into the road map, None while it stands on no node."""

    robot_id: str
    maker: str
    serial: str
    protocol: str = ""
    name: str = ""
    robot_type: str = ""
    admitted: bool = False
    node: int | None = None
    home: int | None = None  # a place off the lanes that is kept for it
    remedy: str = ""  # why it cannot be driven, and what a person can do
    # as last reported
    reported: bool = False
    first_report: bool = False  # the newest report is the first since the engine started
    x_mm: int | None = None
    y_mm: int | None = None
    heading_mrad: int | None = None
    map_id: str = ""
    localized: bool = False
    last_node_id: str = ""
    shown_order_id: str = ""
    battery_permille: int | None = None
    charging: bool = False
    driving: bool = False
    paused: bool = False
    idle: bool = True
    mode: OperatingMode = OperatingMode.UNKNOWN
    emergency_stop: EmergencyStop = EmergencyStop.NONE
    field_violation: bool = False
    load: LoadState = LoadState.UNKNOWN
    errors: tuple[tuple[str, str, str], ...] = ()  # (type, level, text)
    online: bool = True
    heard_ms: int = 0
    moved_ms: int = 0  # when the reports last showed another place
    silent: bool = False
    silent_since_ms: int = 0
    # as decided
    holds: tuple[Hold, ...] = ()
    wait: Wait | None = None
    waited: WaitCause | None = None  # the cause of its last wait, and when that was over
    waited_until_ms: int = 0
    pause_wanted: bool = False
    foreign_pause: bool = False  # it was paused at the robot before we told it to stand still
    pause_confirmed: bool = False  # its reports say so since it was told
    pause_stands: bool = False  # they cannot say so, and show it at rest
    pause_failed: bool = False
    resume_wanted: bool = False  # our pause is over, and no report shows that it goes on
    doubted: tuple[int, ...] = ()  # floor it may be on until it is placed, whoever owns it
    stray_id: str = ""  # a robot off its floor near this one: it is paused meanwhile
    order_id: str | None = None
    task_id: str | None = None
    plan_id: str | None = None  # an open plan problem
    planned_ms: int = 0  # when a plan was last asked for
    fruitless: Fruitless | None = None  # plans that were asked for in vain since its last route
    look: Look | None = None  # at the package of its task
    charge_asked: bool = False
    quirks: tuple[str, ...] = ()
    software: str = ""
    length_mm: int | None = None  # as its factsheet says
    width_mm: int | None = None
    state_since_ms: int = 0
    broken: tuple[str, ...] = ()  # rules that failed for it, not tried until it is released

    @property
    def shown(self) -> bool:
        """Whether people see it: admitted, or noticed because it was heard."""
        return self.admitted or bool(self.protocol)

    @property
    def held(self) -> bool:
        """Whether a person must release it."""
        return bool(self.holds)

    @property
    def paused_by_others(self) -> bool:
        """Whether somebody else paused it, at the robot: no release of ours ends that."""
        ours = self.pause_wanted or self.resume_wanted
        return self.foreign_pause or (self.paused and not ours)

    @property
    def stands_paused(self) -> bool:
        """Whether its own reports say that it is paused, as far as they can, and at rest.

        A robot reports `paused` as soon as it takes the pause, while it still brakes.
        """
        return (self.pause_confirmed or self.pause_stands) and not self.driving


def told_to_stand(robot: Robot) -> Robot:
    """Nothing is proved yet of a pause that is just wished, nor of an earlier one any more."""
    return replace(
        robot,
        foreign_pause=robot.paused_by_others,
        pause_wanted=True,
        pause_confirmed=False,
        pause_stands=False,
        pause_failed=False,
        resume_wanted=False,
    )


def told_to_go_on(robot: Robot) -> Robot:
    """Its pause is over by our will; that it goes on must still be seen."""
    return replace(
        robot,
        pause_wanted=False,
        pause_confirmed=False,
        pause_stands=False,
        pause_failed=False,
        resume_wanted=robot.resume_wanted or robot.pause_wanted or robot.paused,
    )


def let_go(robot: Robot) -> Robot:
    """We no longer wish it to stand; a pause that somebody else put on it is theirs to end."""
    return replace(
        robot,
        pause_wanted=False,
        pause_confirmed=False,
        pause_stands=False,
        pause_failed=False,
    )


FATAL_LEVELS = frozenset({"FATAL", "CRITICAL"})


def fatal_error(robot: Robot) -> str | None:
    """The text of its gravest error, None if it has no fatal one."""
    for error_type, level, text in robot.errors:
        if level in FATAL_LEVELS:
            return f"{error_type}: {text}" if text else error_type
    return None
