"""Invariants of books, rows, gate and wire can fail: fed what should not be, they say so."""

from dataclasses import replace

import msgspec
import pytest
from shift_under_way import (
    R1,
    R2,
    a_shift_to_the_end,
    breaks,
    driving,
    extended,
    free_model,
    state,
    with_robot,
)

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.state import FleetStop, Review
from fleetapp.core.turn import Row
from fleetapp.fleet.look import Look
from fleetapp.fleet.robot import Hold, Wait
from fleetapp.simulation.endure import books, gate
from fleetapp.simulation.endure.negatives import broken_rows, bypasses
from fleetapp.simulation.endure.wire_watch import WireWatch
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode, Role
from fleetapp.terms.reasons import HaltReason, HoldReason, WaitCause


def test_floor_of_one_robot_that_excludes_anothers_is_told():
    reach = state().floor.masks.reach
    one, near = next(
        (r, n) for r in range(len(reach)) for n in range(len(reach)) if n != r and reach[r] >> n & 1
    )

    wrong = replace(state(), owners={one: R1, near: R2})

    assert not list(books.floor_of_two(state()))
    assert list(books.floor_of_two(wrong))


def test_a_released_base_that_is_not_owned_is_told():
    order = driving()
    others = {r: o for r, o in state().owners.items() if o != order.robot_id}

    assert not list(books.base_is_owned(state()))
    assert list(books.base_is_owned(replace(state(), owners=others)))


def test_a_task_with_two_robots_is_told():
    order = driving()
    other = next(r for r in state().robots if r != order.robot_id)
    wrong = with_robot(state(), other, task_id=order.task_id)

    assert not list(books.tasks_in_one_place(state()))
    assert list(books.tasks_in_one_place(wrong))


def test_an_order_a_plan_a_look_and_a_wait_that_outlive_their_subject_are_told():
    order = driving()
    robot_id = order.robot_id
    wait = Wait(WaitCause.PLAN, 0, "", "")

    assert list(books.orders_have_robots(with_robot(state(), robot_id, order_id=None)))
    assert list(books.looks_have_tasks(with_robot(state(), robot_id, look=Look("T-gone", 1))))
    idle = with_robot(state(), robot_id, order_id=None, task_id=None, wait=wait)
    assert list(books.waits_have_work(idle))


def test_an_open_question_whose_task_went_on_is_told():
    review = Review(msgspec.convert(_review_fields(), made.ReviewOpened))

    assert list(books.reviews_have_subjects(replace(state(), reviews={"rv": review})))


def _review_fields():
    task_id = driving().task_id
    return {
        "at_ms": 0,
        "review_id": "rv",
        "robot_id": R1,
        "task_id": task_id,
        "frame_id": "f",
        "station_id": "A01",
        "abstain": "low_confidence",
        "doubt": "",
        "meaning": "",
        "boxes": [],
        "target": None,
        "width_px": 1,
        "height_px": 1,
        "light_permille": 1,
        "sharpness_permille": 1,
        "threshold_permille": 1,
        "bundle": "",
        "bundle_digest": "",
    }


def test_a_table_that_grows_beyond_its_subject_is_told():
    grown = replace(state(), commands={f"c{n}": "" for n in range(6_000)})

    assert not list(books.tables_are_bounded(state()))
    assert [name for name, _ in books.tables_are_bounded(grown)] == ["commands"]


@pytest.mark.parametrize(
    "change",
    [
        {"silent": True},
        {"holds": {"by_person": "Olga"}},
        {"mode": OperatingMode.MANUAL},
        {"emergency_stop": EmergencyStop.MANUAL},
        {"localized": False},
        {"stray_id": R2},
        {"admitted": False},
        {"reported": False},
    ],
)
def test_base_for_a_robot_that_may_have_nothing_is_told(change):
    model = free_model()
    assert not list(broken_rows(model, (extended(),)))

    model.robots[R1] = replace(model.robots[R1], **change)

    assert [name for name, _, _ in broken_rows(model, (extended(),))] == [
        "I6 nothing while forbidden"
    ]


@pytest.mark.parametrize("change", [{"stopped": True}, {"journal_ok": False}, {"halts": {"h"}}])
def test_base_while_the_fleet_may_have_nothing_is_told(change):
    model = replace(free_model(), **change)

    assert list(broken_rows(model, (extended(),)))


@pytest.mark.parametrize("start", [True, False])
def test_a_word_about_charging_while_the_fleet_is_stopped_is_told(start):
    rows = (Row(5, made.ChargingAsked(R1, start=start), None),)

    assert not list(broken_rows(free_model(), rows))
    assert [n for n, _, _ in broken_rows(replace(free_model(), stopped=True), rows)] == [
        "I6 nothing while forbidden"
    ]


def test_a_stop_forbids_from_its_row_on_and_a_release_allows_from_its_own():
    model = free_model()
    stop = Row(1, made.FleetStopped(0, "Olga", "", (R1,)), None)
    release = Row(3, made.FleetReleased(0, "Sander", "", (R1,)), None)

    told = list(broken_rows(model, (extended(), stop, extended(), release, extended())))

    assert len(told) == 1


def test_a_hold_released_by_nobody_or_while_another_hold_stays_is_told():
    model = free_model()
    model.robots[R1].holds.update({"by_person": "Olga", "fatal_error": "system"})
    by_nobody = made.HoldReleased(0, R1, (HoldReason.FATAL_ERROR,), "system", "", resume=False)
    too_early = made.HoldReleased(0, R1, (HoldReason.FATAL_ERROR,), "Sander", "", resume=True)

    assert [n for n, _, _ in broken_rows(model, (Row(1, by_nobody, None),))] == [
        "I7 holds end by people"
    ]
    assert [n for n, _, _ in broken_rows(model, (Row(2, too_early, None),))] == [
        "resume only the free"
    ]


def test_floor_of_a_silent_robot_that_is_freed_by_time_is_told():
    model = free_model()
    model.robots[R1].silent = True

    told = list(broken_rows(model, (Row(1, made.FloorFreed(R1, (1,), "time"), None),)))

    assert told[0][0] == "I11 silent keeps floor"


FREED = made.FloorFreed(R1, (1,), "it was moved")


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (FREED, True),
        (made.OrderEnded(0, "o1", R1, "gone: it shows no order", 3), True),
        (made.OrderEnded(0, "o1", R1, "gone: it shows no order", None), False),
        (made.OrderEnded(0, "o1", R1, "finished", 3), False),  # it passed all of it
        (made.OrderEnded(0, "o1", R1, "removed", 3), False),  # a person said so
    ],
)
def test_floor_that_is_freed_of_a_robot_whose_report_says_that_it_drives_is_told(row, wrong):
    model = free_model()
    report = seen.RobotReported(
        R1, 0, "", 0, "", "", 0, 0, 0, True, 900, False, True, False, True,
        OperatingMode.AUTOMATIC, EmergencyStop.NONE, False, LoadState.EMPTY,
    )  # fmt: skip
    stands = replace(report, driving=False)

    told = list(broken_rows(model, (Row(1, report, None), Row(2, row, None))))
    later = list(broken_rows(model, (Row(3, stands, None), Row(4, row, None))))

    assert [name for name, _, _ in told] == (["driving keeps floor"] if wrong else [])
    assert later == []


def test_a_command_accepted_from_somebody_who_may_not_give_it_is_told():
    person = Person("Olga", Role.OPERATOR, signed_in=True)
    given = seen.CommandGiven(0, asked.ReleaseHold("c1", R1, "well"), person)
    rows = (Row(1, given, None), Row(2, made.CommandAccepted("c1", "done"), 1))

    assert list(bypasses(rows))


def test_a_command_accepted_that_nobody_gave_is_told():
    rows = (Row(2, made.CommandAccepted("c1", "done"), None),)

    assert list(bypasses(rows)) == ["c1 accepted, and nobody gave it"]


def leaving(order):
    payload = msgspec.json.encode({"orderId": order.order_id, "orderUpdateId": order.update_id})
    return gate.Leaving(order.robot_id, "order", payload)


def test_a_message_without_its_row_or_before_it_is_durable_is_told():
    order = driving()
    key = (order.order_id, order.update_id)

    assert gate.wrong_with(state(), gate.Rows({key: 9}), 9, leaving(order)) == ("", "")
    early = gate.wrong_with(state(), gate.Rows({key: 9}), 8, leaving(order))
    rowless = gate.wrong_with(state(), gate.Rows(), 9, leaving(order))
    assert early[0] == rowless[0] == "I4 row before message"


def test_a_message_to_a_robot_that_is_held_or_stopped_is_told():
    order = driving()
    rows = gate.Rows({(order.order_id, order.update_id): 1})
    held = with_robot(state(), order.robot_id, holds=(Hold(HoldReason.BY_PERSON, 0, "x", ""),))
    stopped = replace(state(), stop=FleetStop(0, "x", "", ()))

    assert gate.wrong_with(held, rows, 9, leaving(order))[0] == "one gate"
    assert gate.wrong_with(stopped, rows, 9, leaving(order))[0] == "one gate"


def pause_ends(robot_id):
    payload = msgspec.json.encode({"actions": [{"actionType": "stopPause"}]})
    return gate.Leaving(robot_id, "instantActions", payload)


def test_a_robot_goes_on_only_by_a_row_after_the_one_that_stopped_it():
    resumed = made.HoldReleased(0, R1, (HoldReason.BY_PERSON,), "Sander", "", resume=True)
    held = made.RobotHeld(0, R1, HoldReason.BY_PERSON, "Olga", "", "", pause=True)
    rows = gate.Rows()
    free = with_robot(state(), R1, holds=(), pause_wanted=False, reported=True)

    rows.follow(state(), (Row(5, resumed, None),))
    after_release = gate.wrong_with(free, rows, 9, pause_ends(R1))
    rows.follow(state(), (Row(6, held, None),))
    after_hold = gate.wrong_with(free, rows, 9, pause_ends(R1))

    assert after_release == ("", "")
    assert after_hold == ("I4 row before message", "stopPause left without a row")


@pytest.mark.parametrize("start", [True, False])
def test_charging_that_begins_or_ends_without_its_row_is_told(start):
    rows = gate.Rows()
    rows.follow(state(), (Row(5, made.ChargingAsked(R1, start=not start), None),))
    name = "startCharging" if start else "stopCharging"
    payload = msgspec.json.encode({"actions": [{"actionType": name}]})

    found = gate.wrong_with(state(), rows, 9, gate.Leaving(R1, "instantActions", payload))

    assert found == ("I4 row before message", f"{name} left without a row")


HALT = made.HaltBegan(0, "h1", HaltReason.RECORD_DOUBTED, "", whole=True, note="")


HALT_ENDED = made.HaltEnded(0, "h1", "Sander", "")


STOP = made.FleetStopped(0, "Olga", "", (R1,))


HOLD = made.RobotHeld(0, R1, HoldReason.BY_PERSON, "Olga", "", "", pause=True)


PERSON = (HoldReason.BY_PERSON,)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (HALT, HALT_ENDED),
        (STOP, made.FleetReleased(0, "Sander", "", (R1,))),
        (HOLD, made.HoldReleased(0, R1, PERSON, "Sander", "", resume=True)),
        (own.JournalUnavailable(0, "full"), own.JournalRecovered(0)),
        (made.RobotFellSilent(0, R1, 3_000), made.RobotSpokeAgain(0, R1)),
        (
            made.RobotPaused(0, R1, R2),
            made.RobotResumed(0, R1, R2, "Sander", "", resume=True),
        ),
    ],
)
def test_what_leaves_while_it_is_forbidden_or_before_its_end_is_on_disk_is_told(begins, ends):
    watch = WireWatch(free_model())
    watch.follow((Row(5, begins, None),))

    meanwhile = list(watch.wrong_with(R1, 9))
    watch.follow((Row(8, ends, None),))
    early, late = list(watch.wrong_with(R1, 7)), list(watch.wrong_with(R1, 8))

    assert [name for name, _, _ in meanwhile] == ["one gate"]
    assert [name for name, _, _ in early] == ["I4 row before message"]
    assert late == []


def test_of_two_that_forbid_the_one_that_ends_last_must_be_on_disk():
    watch = WireWatch(free_model())
    watch.follow((Row(1, HALT, None), Row(2, HOLD, None)))
    watch.follow((Row(3, HALT_ENDED, None),))
    watch.follow((Row(4, made.HoldReleased(0, R1, PERSON, "Sander", "", resume=True), None),))

    assert list(watch.wrong_with(R1, 3))
    assert not list(watch.wrong_with(R2, 3))


def test_a_message_that_leaves_before_the_end_of_a_halt_is_on_disk_breaks_the_seed():
    shift = a_shift_to_the_end()
    system, order = shift.stage.system, next(iter(shift.stage.system.state.orders.values()))
    seq = system.durable_seq
    halt_and_end = (Row(seq + 1, HALT, None), Row(seq + 2, HALT_ENDED, None))

    shift.witness.published(order.robot_id, "order", leaving(order).payload)
    before = breaks(shift)
    shift.witness.decided(system.state, halt_and_end)
    shift.witness.published(order.robot_id, "order", leaving(order).payload)

    assert before == set()
    assert breaks(shift) == {"I4 row before message"}
