"""Permissive effects wait for the record and the gate; an older one never outruns a newer stop."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fleetapp.core.effects import Charge, Due, ForgetPause, Reply, Resume, SendOrder
from fleetapp.core.state import FleetStop, Halt, Rules, State, prepare_floor
from fleetapp.engine.outbox import Outbox
from fleetapp.fleet.order import Order, OrderPhase, Purpose
from fleetapp.fleet.robot import Hold, Robot, told_to_go_on, told_to_stand
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.safety.permit import MayDrive, MayGoOn
from fleetapp.terms.modes import EmergencyStop, OperatingMode
from fleetapp.terms.reasons import HaltReason, HoldReason

ROOT = Path(__file__).parents[2]
NOW_MS = 5_000
R1, R2 = "acme/r1", "acme/r2"
ORDER = Order("o1", R1, None, Purpose.PARK, "p1", (3, 4), (7,), (), issued_ms=0)


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def robot(robot_id, **changes):
    maker, serial = robot_id.split("/")
    well = Robot(
        robot_id,
        maker,
        serial,
        admitted=True,
        reported=True,
        localized=True,
        node=3,
        mode=OperatingMode.AUTOMATIC,
    )
    return replace(well, **changes)


def state(*robots, orders=(ORDER,), **changes):
    known = robots or (robot(R1), robot(R2))
    return State(
        floor(),
        Rules(confidence_permille=600),
        robots={r.robot_id: r for r in known},
        orders={o.order_id: o for o in orders},
        **changes,
    )


def left(outbox, now):
    return [(leaving.due.effect, leaving.due.seq) for leaving in outbox.take(now, NOW_MS)]


def test_nothing_leaves_before_its_row_is_on_disk():
    outbox = Outbox()
    outbox.add([Due(SendOrder(ORDER, is_new=True), 7)])

    early = left(outbox, state())
    outbox.durable(6)
    still = left(outbox, state())
    outbox.durable(7)

    assert (early, still) == ([], [])
    assert left(outbox, state()) == [(SendOrder(ORDER, is_new=True), 7)]
    assert len(outbox) == 0


def test_what_the_gate_keeps_waits_and_leaves_when_the_cause_is_gone():
    outbox = Outbox()
    outbox.add([Due(SendOrder(ORDER, is_new=True), 7)])
    outbox.durable(7)
    hold = Hold(HoldReason.BY_PERSON, 0, "Sander", "a box fell")

    kept = left(outbox, state(robot(R1, holds=(hold,))))

    assert kept == []
    assert len(left(outbox, state())) == 1


def test_a_resume_is_dropped_once_its_robot_is_told_to_stand_again():
    outbox = Outbox()
    outbox.add([Due(Resume(R1), 7)])
    outbox.durable(7)

    stopped = left(outbox, state(told_to_stand(robot(R1))))
    later = left(outbox, state(told_to_go_on(robot(R1))))

    assert (stopped, later) == ([], [])


def test_an_older_resume_does_not_leave_for_a_newer_one_that_is_not_on_disk():
    outbox = Outbox()
    outbox.add([Due(Resume(R1), 7)])  # then a stop at 8 and its end at 9, in one tick
    outbox.add([Due(Resume(R1), 9)])
    outbox.durable(8)

    early = left(outbox, state())
    outbox.durable(9)

    assert early == []
    assert left(outbox, state()) == [(Resume(R1), 9)]


def test_an_order_does_not_leave_for_a_release_that_is_not_on_disk():
    outbox = Outbox()
    outbox.add([Due(SendOrder(ORDER, is_new=True), 5), Due(Resume(R1), 9), Due(Resume(R2), 6)])
    outbox.durable(8)

    early = left(outbox, state())
    outbox.durable(9)

    assert early == [(Resume(R2), 6)]
    assert left(outbox, state()) == [(SendOrder(ORDER, is_new=True), 5), (Resume(R1), 9)]


def test_nor_is_anything_sent_again_for_it():
    outbox, asked = Outbox(), MayDrive(R1, "o1", 0)
    outbox.add([Due(Resume(R1), 9)])
    outbox.durable(8)

    early = outbox.permit_again(asked, state(), NOW_MS)
    other = outbox.permit_again(MayGoOn(R2), state(), NOW_MS)
    outbox.durable(9)
    left(outbox, state())

    assert early is None
    assert other is not None
    assert outbox.permit_again(asked, state(), NOW_MS).asked == asked


def test_orders_that_are_over_given_up_or_longer_by_now_are_dropped():
    for orders in (
        (),
        (replace(ORDER, phase=OrderPhase.CANCELLING),),
        (replace(ORDER, update_id=1),),
    ):
        outbox = Outbox()
        outbox.add([Due(SendOrder(ORDER, is_new=True), 7)])
        outbox.durable(7)

        assert left(outbox, state(orders=orders)) == []
        assert len(outbox) == 0


def test_charging_that_is_no_longer_wished_and_robots_that_are_gone_are_dropped():
    outbox = Outbox()
    outbox.add([Due(Charge(R1, start=True), 7), Due(Resume(R2), 8)])
    outbox.durable(8)

    assert left(outbox, state(robot(R1), robot(R2, admitted=False))) == []
    assert len(outbox) == 0


def test_a_promise_waits_for_its_row_alone():
    outbox = Outbox()
    promise = Reply("c1", True, "", "queued", "t1", promise=True)
    outbox.add([Due(promise, 7)])
    outbox.durable(7)

    assert left(outbox, state(journal_ok=False)) == [(promise, 7)]


HELD = Hold(HoldReason.BY_PERSON, 0, "Sander", "a box fell")
HALT = Halt("h1", HaltReason.RULE_BROKEN, 0, "settle", True, "")
FORBIDDEN = {
    "stopped": state(stop=FleetStop(0, "Sander", "", ())),
    "halted": state(halts={"h1": HALT}),
    "without a journal": state(journal_ok=False),
    "held": state(robot(R1, holds=(HELD,))),
    "paused for another": state(robot(R1, stray_id=R2)),
    "told to stand": state(told_to_stand(robot(R1))),
    "silent": state(robot(R1, silent=True)),
    "not admitted": state(robot(R1, admitted=False)),
    "not heard": state(robot(R1, reported=False)),
    "unknown": state(robot(R2)),
    "in manual mode": state(robot(R1, mode=OperatingMode.MANUAL)),
    "in emergency stop": state(robot(R1, emergency_stop=EmergencyStop.MANUAL)),
    "not placed": state(robot(R1, localized=False)),
    "not to be driven": state(robot(R1, remedy="drive it by hand")),
}


@pytest.mark.parametrize("before", FORBIDDEN.values(), ids=FORBIDDEN)
def test_nothing_leaves_before_the_row_that_lifted_what_forbade_it_is_on_disk(before):
    outbox, asked = Outbox(), MayDrive(R1, "o1", 0)
    outbox.add([Due(SendOrder(ORDER, is_new=True), 5)])
    outbox.durable(8)
    assert left(outbox, before) == []

    outbox.follow(before, state(robot(R1), seq=9))
    early = left(outbox, state()), outbox.permit_again(asked, state(), NOW_MS)
    outbox.durable(9)

    assert early == ([], None)
    assert outbox.permit_again(asked, state(), NOW_MS) is not None
    assert left(outbox, state()) == [(SendOrder(ORDER, is_new=True), 5)]


def test_what_is_lifted_for_one_robot_keeps_no_other_waiting():
    outbox = Outbox()
    outbox.add([Due(SendOrder(ORDER, is_new=True), 5), Due(Resume(R2), 6)])
    outbox.durable(8)

    outbox.follow(state(robot(R1, holds=(HELD,)), robot(R2)), state(seq=9))

    assert left(outbox, state()) == [(Resume(R2), 6)]


def test_two_obstacles_are_lifted_with_the_row_of_the_last():
    outbox = Outbox()
    outbox.add([Due(SendOrder(ORDER, is_new=True), 5)])
    held_and_silent, silent = robot(R1, holds=(HELD,), silent=True), robot(R1, silent=True)

    outbox.follow(state(held_and_silent, seq=8), state(silent, seq=9))
    outbox.follow(state(silent, seq=9), state(robot(R1), seq=11))
    outbox.durable(9)
    early = left(outbox, state())
    outbox.durable(11)

    assert early == []
    assert len(left(outbox, state())) == 1


def test_a_wish_for_a_pause_is_forgotten_only_when_its_end_is_on_disk():
    outbox = Outbox()
    outbox.add([Due(ForgetPause(R1), 7)])
    early = left(outbox, state())
    outbox.durable(7)

    assert Due(ForgetPause(R1), 7).permissive
    assert early == []
    assert left(outbox, state()) == [(ForgetPause(R1), 7)]


def test_nor_is_it_forgotten_once_its_robot_is_told_to_stand_again():
    outbox = Outbox()
    outbox.add([Due(ForgetPause(R1), 7)])
    outbox.durable(7)

    assert left(outbox, state(told_to_stand(robot(R1)))) == []
    assert len(outbox) == 0
