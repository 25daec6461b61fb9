"""The layout loses a station between two starts of the engine (F14).

Allowed only while no robot has an order, and tasks may be at several points of their life
without one. So it comes when all tasks are done: a robot gets two more, and the planner
falls silent, or the robot refuses more floor, until the first is where it is to be. Then
the engine ends and starts on the new layout. If orders stay, the layout stays too.
"""

from collections.abc import Callable
from dataclasses import replace

from fleetapp.core.state import Floor, prepare_floor
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.endure import people
from fleetapp.simulation.endure.stage import Stage
from fleetapp.terms.modes import SOURCE_KINDS, TaskState

LONGEST_MS = 60_000
STEP_MS = 200
DEAD_MS = 1_000
S = TaskState
WANTED = (S.ASSIGNED, S.DRIVING_TO_PICK, S.LOOKING)


def change_layout(stage: Stage, choice: int, let_pass: Callable[[int], None]) -> None:
    """Let the station of two tasks go: one is at a state of the choice, one waits behind it."""
    sources = [s.station_id for s in stage.floor.site.stations if s.kind in SOURCE_KINDS]
    if len(sources) < 2 or stage.system.engine_dead:
        return
    robot_id, wanted = stage.names[choice % len(stage.names)], WANTED[choice // 7 % len(WANTED)]
    stage.system.planner.dead = wanted is S.ASSIGNED
    for number in (choice, choice + len(sources)):  # both from the same station
        people.wish(stage, robot_id, 20_000 + number)
    first_id = stage.tasks[-2]
    for _ in range(LONGEST_MS // STEP_MS):
        let_pass(STEP_MS)
        if _stays_without_order(stage, first_id, wanted):
            _start_without(stage, stage.system.state.tasks[first_id].from_station, let_pass)
            break
    stage.system.planner.dead = False
    stage.system.robots[robot_id].faults.refuses = ""


def _stays_without_order(stage: Stage, task_id: str, wanted: TaskState) -> bool:
    """Whether the task is where it is to be and nobody has an order."""
    system = stage.system
    task = system.state.tasks.get(task_id)
    if task is None or not task.robot_id or system.engine_dead:
        return False
    if task.state is S.DRIVING_TO_PICK:
        system.planner.dead = True
        if wanted is S.DRIVING_TO_PICK:
            system.robots[task.robot_id].faults.refuses = "orderError"
    return task.state in WANTED and not system.state.orders


def _start_without(stage: Stage, station_id: str, let_pass: Callable[[int], None]) -> None:
    system = stage.system
    system.crash_engine(len(system.entries))
    let_pass(DEAD_MS)
    stage.floor = without(stage.floor, station_id)
    system.start_on(stage.floor, stage.image(len(system.entries), 0))


def without(floor: Floor, station_id: str) -> Floor:
    """The tables of the same site without a station."""
    site = floor.site
    left = tuple(s for s in site.stations if s.station_id != station_id)
    smaller = replace(site, stations=left, digest=f"{site.digest[:40]}-{station_id}")
    return prepare_floor(smaller, build_roadmaps(smaller, None))
