"""The state of the fleet: frozen tables of frozen values, and what never changes.

`Floor` holds the prepared tables of the site; its digest is recorded, so that a
journal names what it was decided upon. Tables are copied at most once a step,
and only if something in them changes (`fleetapp.core.draft`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleetapp.core.decisions import (
    AlarmRaised,
    PlanRequested,
    ReviewClosed,
    ReviewOpened,
    TaskAssigned,
)
from fleetapp.core.known import UsedId
from fleetapp.fleet.order import Order
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import RoadMap
from fleetapp.layout.site import RobotType, Site, Station
from fleetapp.tasks.task import Task
from fleetapp.terms.reasons import HaltReason
from fleetapp.traffic.masks import Masks


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits that the core decides by; the engine takes them from the site and options."""

    confidence_permille: int
    recognition_timeout_ms: int = 10_000
    plan_timeout_ms: int = 10_000
    pause_confirm_ms: int = 4_000
    # A load sensor may be late and one report may be lost: a report this much later decides.
    load_agrees_ms: int = 5_000
    long_wait_ms: int = 30_000
    reroute_after_ms: int = 20_000
    node_tolerance_mm: int = 500
    round_trip_ms: int = 1_500
    battery_low_permille: int = 200
    battery_enough_permille: int = 800
    battery_min_for_task_permille: int = 300
    battery_reserve_permille: int = 100  # what is to be left on arrival at a charger
    overtaken_most: int = 50  # younger tasks of the same or a lower priority that may go before
    patience_high_ms: int = 300_000  # a task that waited longer is overtaken by none
    patience_normal_ms: int = 900_000
    patience_low_ms: int = 1_800_000
    auto_charge: bool = True
    auto_park: bool = True


@dataclass(frozen=True, slots=True)
class Floor:
    """The site and the tables prepared from it."""

    site: Site
    roads: Mapping[str, RoadMap]
    stations: Mapping[str, Station]
    types: Mapping[str, RobotType]
    masks: Masks
    digest: str


def prepare_floor(site: Site, roads: Mapping[str, RoadMap]) -> Floor:
    """Everything that never changes, from a site and its road maps."""
    masks = Masks(roads.values())
    return Floor(
        site,
        roads,
        {station.station_id: station for station in site.stations},
        {kind.type_id: kind for kind in site.robot_types},
        masks,
        "+".join(f"{type_id}:{roads[type_id].digest[:16]}" for type_id in sorted(roads)),
    )


@dataclass(frozen=True, slots=True)
class Review:
    """A review and, once given, its answer."""

    asked: ReviewOpened
    closed: ReviewClosed | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is on, or gone and not yet acknowledged."""

    raised: AlarmRaised
    gone_ms: int | None = None
    acknowledged_by: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class FleetStop:
    """The fleet stop that is on."""

    since_ms: int
    by: str
    note: str
    robot_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Halt:
    """Nothing is allowed (`whole`), or one rule rests, until a supervisor decides."""

    halt_id: str
    reason: HaltReason
    since_ms: int
    rule: str
    whole: bool
    note: str


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A row that could not be followed at a start: the fleet begins without it."""

    seq: int
    type: str
    robot_id: str
    fault: str


@dataclass(frozen=True, slots=True)
class Worker:
    """A process or connection of the engine."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything the core knows."""

    floor: Floor
    rules: Rules
    now_ms: int = 0
    started_ms: int = 0
    ran_site_id: str = ""  # site and tables of the newest start in the journal
    ran_floor: str = ""
    robots: Mapping[str, Robot] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    owners: Mapping[int, str] = field(default_factory=dict)
    plans: Mapping[str, PlanRequested] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    assigned: Mapping[str, TaskAssigned] = field(default_factory=dict)  # by task id
    commands: Mapping[str, UsedId] = field(default_factory=dict)  # newest command ids
    workers: Mapping[str, Worker] = field(default_factory=dict)
    stop: FleetStop | None = None
    journal_ok: bool = True
    dispatch_due: bool = True
    done_count: int = 0
    failed_count: int = 0
    rejected_count: int = 0
    numbers: int = 0  # a counter for ids: the same journal makes the same ids
    tasks_taken: int = 0  # numbers of tasks: who came first
    seq: int = 0  # journal rows so far: every input and decision is one
    task_rows: Mapping[str, int] = field(default_factory=dict)  # newest row of each task
    robot_rows: Mapping[str, int] = field(default_factory=dict)  # newest decision of each robot
    halts: Mapping[str, Halt] = field(default_factory=dict)
    unfolded: tuple[Unfolded, ...] = ()  # told at the next start of the engine

    @property
    def halted(self) -> bool:
        """Whether nothing may be allowed until a supervisor decides."""
        return any(halt.whole for halt in self.halts.values())


ENDED_TASKS_KEPT = 600
COMMANDS_KEPT = 5_000
CLOSED_REVIEWS_KEPT = 100
GONE_ALARMS_KEPT = 100
