import json
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from robot_shift import Shift, action

from fleetapp.simulation.robots.faults import Fault, Planned, planned
from fleetapp.vda5050.decode import Rejected, decode

SCHEMAS = Path(__file__).parents[1] / "vda5050" / "schemas"


@cache
def validator(kind):
    schema = json.loads((SCHEMAS / f"{kind}.schema").read_text("utf-8-sig"))
    return jsonschema.Draft202012Validator(schema)


def schema_errors(shift):
    return [
        f"{kind}: {error.message}"
        for kind in ("state", "connection", "visualization", "factsheet")
        for message in shift.messages(kind)
        for error in validator(kind).iter_errors(message)
    ]


def a_busy_day(shift):
    """Everything that makes a robot speak."""
    shift.robot.connected()
    shift.instant("factsheetRequest", "f")
    shift.instant("cancelOrder", "early")
    shift.order(last=4, base=2, actions={1: [action("pick", "p")]})
    shift.run(15_000)
    shift.instant("startPause", "s")
    shift.order(update=1, first=2, last=4, actions={4: [action("drop", "d")]})
    shift.instant("stopPause", "t")
    shift.order(order_id="other", last=1)
    shift.run(15_000)
    shift.instant("startCharging", "c")
    shift.robot.leave()
    shift.run(1_000)


def test_everything_it_says_fits_the_official_schemas():
    shift = Shift(picture_every_ms=200)

    a_busy_day(shift)

    assert schema_errors(shift) == []
    assert all(shift.messages(k) for k in ("state", "connection", "visualization", "factsheet"))


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_can_be_shown_all_day_without_breaking_the_robot(fault):
    shift = Shift(picture_every_ms=200)
    shift.robot.faults.show(fault)

    a_busy_day(shift)

    shift.robot.faults.show(fault, on=False)
    shift.run(2_000)
    assert shift.messages("state")


def with_fault(fault, **what):
    shift = Shift(**what)
    shift.robot.faults.show(fault)
    return shift


def test_emergency_stop_stands_at_once_refuses_orders_and_goes_on_when_it_ends():
    shift = Shift()
    shift.order(last=6)
    shift.run(3_000)

    shift.robot.faults.show(Fault.EMERGENCY_STOP)
    shift.run(4_000)
    stood = shift.x
    shift.run(2_000)

    assert shift.state["safetyState"]["eStop"] == "MANUAL"
    assert shift.x == stood
    shift.order(order_id="o2", last=1)
    assert shift.error_types() == ["orderError"]
    shift.robot.faults.show(Fault.EMERGENCY_STOP, on=False)
    shift.run(20_000)
    assert shift.is_at(6)


def test_manual_mode_clears_the_order_and_refuses_new_ones():
    shift = Shift()
    shift.order(last=6)
    shift.run(3_000)

    shift.robot.faults.show(Fault.MANUAL)
    shift.run(4_000)

    assert shift.state["operatingMode"] == "MANUAL"
    assert shift.state["nodeStates"] == []
    shift.order(order_id="o2", last=1)
    assert shift.error_types() == ["orderError"]


@pytest.mark.parametrize(
    "fault", [Fault.STUCK, Fault.FROZEN, Fault.LOST_POSITION, Fault.FIELD_VIOLATION, Fault.FATAL]
)
def test_faults_that_stop_the_robot_stop_it(fault):
    shift = with_fault(fault)

    shift.order(last=3)
    shift.run(10_000)

    assert shift.is_at(0)


def test_a_frozen_robot_says_nothing():
    shift = with_fault(Fault.FROZEN)
    count = len(shift.said)

    shift.run(30_000)

    assert len(shift.said) == count


def test_a_failing_action_is_reported_and_loads_nothing():
    shift = with_fault(Fault.ACTION_FAILS)

    shift.order(last=1, actions={1: [action("pick", "p")]})
    shift.run(15_000)

    assert shift.action_states() == {"p": "FAILED"}
    assert shift.state["loads"] == []


def test_a_robot_that_forgot_its_order_reports_none_and_stops():
    shift = Shift()
    shift.order(last=6)
    shift.run(3_000)

    shift.robot.faults.show(Fault.FORGETS_ORDER)
    shift.run(5_000)

    assert (shift.state["orderId"], shift.state["nodeStates"]) == ("", [])
    assert shift.state["driving"] is False


def test_ignoring_the_base_drives_into_the_horizon():
    shift = with_fault(Fault.IGNORES_BASE)

    shift.order(last=4, base=1)
    shift.run(20_000)

    assert shift.is_at(4)


def test_replacing_orders_takes_the_second_without_a_word():
    shift = with_fault(Fault.REPLACES_ORDERS)
    shift.order(last=4)

    shift.order(order_id="o2", last=1)

    assert (shift.state["orderId"], shift.error_types()) == ("o2", [])


def test_taking_any_update_drives_back():
    shift = with_fault(Fault.TAKES_ANY_UPDATE)
    shift.order(last=3)
    shift.run(20_000)

    shift.order(update=1, first=0, last=1)
    shift.run(20_000)

    assert shift.is_at(1)


def test_repeating_actions_is_never_idle_again_until_it_is_cancelled():
    shift = with_fault(Fault.REPEATS_ACTIONS)
    shift.order(last=1, actions={1: [action("pick", "p")]})
    shift.order(update=1, first=1, last=2, actions={1: [action("pick", "p")]})
    shift.run(30_000)

    assert sorted(a["actionStatus"] for a in shift.state["actionStates"]) == ["FINISHED", "WAITING"]
    shift.instant("cancelOrder", "c")
    shift.run(100)
    assert not shift.robot.book.busy


def test_refusing_silently_shows_neither_order_nor_error():
    shift = with_fault(Fault.REFUSES_SILENTLY)

    shift.order(order_id="far", first=5, last=6)

    assert (shift.state["orderId"], shift.error_types()) == ("", [])


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        (Fault.PAUSE_UNDONE, "startPause", "FINISHED"),
        (Fault.PAUSE_IGNORED, "startPause", "WAITING"),
        (Fault.CANCEL_UNDONE, "cancelOrder", "FINISHED"),
    ],
)
def test_a_robot_that_only_says_so_drives_on(fault, kind, status):
    shift = with_fault(fault)
    shift.order(last=3)
    shift.run(1_000)

    shift.instant(kind, "i")
    shift.run(20_000)

    assert shift.action_states()["i"] == status
    assert shift.is_at(3)


def test_a_cancel_kept_while_idle_kills_the_next_order():
    shift = with_fault(Fault.CANCEL_KEPT)
    shift.instant("cancelOrder", "c")

    shift.order(last=3)
    shift.run(20_000)

    assert shift.is_at(0)
    assert (shift.state["orderId"], shift.state["nodeStates"], shift.error_types()) == (
        "o1",
        [],
        [],
    )


@pytest.mark.parametrize(
    ("fault", "key"), [(Fault.OLD_KEY_ONLY, "actions"), (Fault.NEW_KEY_ONLY, "instant_actions")]
)
def test_a_robot_that_reads_one_key_does_not_see_the_other(fault, key):
    shift = with_fault(fault)

    shift.instant("startPause", key=key)

    assert shift.state["paused"] is False
    assert shift.state["actionStates"] == []


def test_connection_faults():
    silent, once, passing = (
        with_fault(fault)
        for fault in (Fault.NO_CONNECTION_TOPIC, Fault.ONLINE_ONCE, Fault.ONLINE_NOT_RETAINED)
    )
    for shift in (silent, once, passing):
        shift.robot.connected()
        shift.robot.connected()
        shift.run(50)

    assert silent.messages("connection") == []
    assert len(once.messages("connection")) == 1
    assert not [s for s in passing.said if s.topic.endswith("/connection") and s.retain]


def test_wire_faults():
    shift = Shift()
    faults = (Fault.LOCAL_TIME, Fault.NULLS, Fault.SILENT_ABOUT_LOADS, Fault.UNKNOWN_WORDS)
    for fault in (*faults, Fault.NEVER_DRIVING, Fault.ONE_COUNTER, Fault.KEEPS_NODE_STATES):
        shift.robot.faults.show(fault)
    shift.order(last=3)
    shift.run(3_000)

    state = shift.state
    assert not state["timestamp"].endswith("Z")
    assert state["velocity"] is None
    assert "loads" not in state
    assert state["operatingMode"] == "INTERVENED"
    assert state["driving"] is False
    assert len(state["nodeStates"]) == 4


def test_a_factsheet_full_of_nulls_is_one_of_the_faults():
    shift = Shift()
    shift.robot.faults.show(Fault.NULLS)

    shift.instant("factsheetRequest")

    (sheet,) = shift.messages("factsheet")
    assert sheet["typeSpecification"] is None
    assert sheet["physicalParameters"]["length"] is None
    assert not isinstance(decode("factsheet", json.dumps(sheet).encode()), Rejected)


def test_a_plan_of_faults_is_read_from_one_line():
    assert planned("r03=link_loss@30+10, r04=ignores_base") == (
        Planned("r03", Fault.LINK_LOSS, 30.0, 10.0),
        Planned("r04", Fault.IGNORES_BASE, 0.0, None),
    )


@pytest.mark.parametrize("text", ["r03", "r03=dance", "=stuck", "r03=stuck@soon", "r03=stuck@1+x"])
def test_a_plan_that_cannot_be_read_names_the_part_and_what_may_stand_there(text):
    with pytest.raises(ValueError, match=r"fault 'r?0?3?=?.*(write SERIAL=FAULT|are seconds)"):
        planned(text)
