"""A shift in which robots drive, for tests of what must not be in it."""

from dataclasses import replace
from functools import cache

from fleetapp.core import decisions as made
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.simulation.endure.model import Known, Model
from fleetapp.simulation.endure.script import Event, draw
from fleetapp.simulation.endure.shift import Shift
from fleetapp.simulation.endure.sites import SitePlan
from fleetapp.terms.modes import EmergencyStop, OperatingMode

R1, R2 = "fleetapp-sim/r01", "fleetapp-sim/r02"


@cache
def a_shift_under_way():
    """Robots drive, with orders, floor and tasks."""
    tasks = tuple(
        Event(20 * n, "task", "plain", n, {"from": 3 * n, "to": n, "other": 0}) for n in range(3)
    )
    script = replace(
        draw(3),
        plan=SitePlan("ring"),
        fleet=("carrier", "carrier", "carrier"),
        events=tasks,
        late=(),
        needs_two=False,
        shortest_ms=0,
    )
    shift = Shift(script)
    shift._run_until(9_000)
    return shift


def a_shift_to_the_end():
    """Under way; its witness has not looked back yet."""
    shift = Shift(a_shift_under_way().script)
    shift._run_until(9_000)
    return shift


def breaks(shift):
    return {found.invariant for found in shift.witness.breaks}


def state():
    return a_shift_under_way().stage.system.state


def driving():
    return next(iter(state().orders.values()))


def with_robot(found: State, robot_id, **changes) -> State:
    robots = {**found.robots, robot_id: replace(found.robots[robot_id], **changes)}
    return replace(found, robots=robots)


def free_model():
    known = Known(
        admitted=True,
        reported=True,
        mode=OperatingMode.AUTOMATIC,
        emergency_stop=EmergencyStop.NONE,
        localized=True,
    )
    return Model(robots={R1: known, R2: replace(known, holds={})})


def extended(robot_id=R1):
    return Row(5, made.BaseExtended(0, "o1", robot_id, 1, 3, ()), None)
