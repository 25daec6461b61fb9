"""The one gate: a permit only if nothing is in the way at the moment of leaving."""

from dataclasses import replace

import pytest

from fleetapp.fleet.order import ActionKind, Order, OrderAction, OrderPhase, Purpose
from fleetapp.fleet.robot import Hold, Robot
from fleetapp.safety.gate import Moment, ask
from fleetapp.safety.permit import MayCharge, MayDrive, MayGoOn, Permit
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.terms.reasons import HoldReason

NOW_MS = 5_000
WELL = Moment(NOW_MS, stopped=False, journal_ok=True, halted=False)
ROBOT = Robot(
    "acme/r1",
    "acme",
    "r1",
    admitted=True,
    reported=True,
    localized=True,
    node=3,
    mode=OperatingMode.AUTOMATIC,
)
ORDER = Order("o1", "acme/r1", None, Purpose.PARK, "p1", (3, 4), (7,), (), issued_ms=0, update_id=2)
DRIVE, GO_ON = MayDrive("acme/r1", "o1", 2), MayGoOn("acme/r1")
CHARGE, UNCHARGE = MayCharge("acme/r1", start=True), MayCharge("acme/r1", start=False)
ALL = [DRIVE, GO_ON, CHARGE, UNCHARGE]
HELD = (Hold(HoldReason.BY_PERSON, 0, "Sander", "a box fell"),)


@pytest.mark.parametrize("asked", ALL)
def test_where_all_is_known_and_well_the_permit_is_for_just_this_moment(asked):
    assert ask(asked, ROBOT, ORDER, WELL, recorded=True) == Permit(asked, NOW_MS)


IN_THE_WAY = {
    "not admitted": {"admitted": False},
    "not heard since the engine started": {"reported": False},
    "held": {"holds": HELD},
    "told to stand still": {"pause_wanted": True},
    "another is off its floor near it": {"stray_id": "acme/r2"},
    "silent": {"silent": True},
    "not automatic": {"mode": OperatingMode.MANUAL},
    "of unknown mode": {"mode": OperatingMode.UNKNOWN},
    "stopped by its safety controller": {"emergency_stop": EmergencyStop.AUTO_ACKNOWLEDGE},
    "on no node": {"node": None},
    "with a remedy": {"remedy": "It is on another map: enable this site's map"},
    "lost": {"localized": False},
    "another robot": {"robot_id": "acme/r2"},
}


@pytest.mark.parametrize("asked", ALL)
@pytest.mark.parametrize("trouble", IN_THE_WAY.values(), ids=IN_THE_WAY.keys())
def test_nothing_leaves_for_a_robot_that_is(trouble, asked):
    answer = ask(asked, replace(ROBOT, **trouble), ORDER, WELL, recorded=True)

    assert isinstance(answer, str)
    assert answer


@pytest.mark.parametrize("asked", ALL)
def test_nothing_leaves_while_the_fleet_is_stopped_or_the_record_is_not_whole(asked):
    stopped = replace(WELL, stopped=True)
    unwritten = replace(WELL, journal_ok=False)

    answers = [
        ask(asked, ROBOT, ORDER, stopped, recorded=True),
        ask(asked, ROBOT, ORDER, unwritten, recorded=True),
        ask(asked, ROBOT, ORDER, replace(WELL, halted=True), recorded=True),
        ask(asked, ROBOT, ORDER, WELL, recorded=False),
        ask(asked, None, ORDER, WELL, recorded=True),
    ]

    assert answers == ["stopped", "journal", "halt", "not_recorded", "not_admitted"]


def test_no_order_with_a_pick_leaves_for_a_robot_that_is_loaded_unless_it_has_it():
    pick = OrderAction("o1-pick", ActionKind.PICK, 0, "A01", None, "S")
    order = replace(ORDER, purpose=Purpose.CARRY, actions=(pick,))
    loaded = replace(ROBOT, load=LoadState.LOADED)
    picking = replace(order, acknowledged_update=1)  # it picks: the item is what it was sent for

    assert ask(DRIVE, loaded, order, WELL, recorded=True) == "loaded"
    assert isinstance(ask(DRIVE, loaded, picking, WELL, recorded=True), Permit)
    assert isinstance(ask(DRIVE, loaded, ORDER, WELL, recorded=True), Permit)
    assert isinstance(ask(DRIVE, ROBOT, order, WELL, recorded=True), Permit)


ORDERS = {
    "over": None,
    "given up": replace(ORDER, phase=OrderPhase.CANCELLING),
    "another": replace(ORDER, order_id="o2"),
    "another robot's": replace(ORDER, robot_id="acme/r2"),
    "longer by now": replace(ORDER, update_id=3),
    "not so long": replace(ORDER, update_id=1),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_no_order_leaves_that_is(order):
    assert isinstance(ask(DRIVE, ROBOT, order, WELL, recorded=True), str)
