"""What robots send against the schema loses no report, and nothing of it does harm."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoiled_messages import MESSAGES, spoiled
from talking_robot import Robot, of, order

from fleetapp.core import codec
from fleetapp.core import observations as seen
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.vda5050.session import Session

HEADER = {
    "headerId": 1,
    "timestamp": "2025-01-01T00:00:00.000Z",
    "version": "2.1.0",
    "manufacturer": "acme",
    "serialNumber": "r1",
}
STATE = HEADER | {
    "orderId": "",
    "orderUpdateId": 0,
    "lastNodeId": "n0",
    "lastNodeSequenceId": 0,
    "driving": False,
    "operatingMode": "AUTOMATIC",
    "nodeStates": [],
    "edgeStates": [],
    "actionStates": [],
    "batteryState": {"batteryCharge": 50, "charging": False},
    "errors": [],
    "loads": [],
    "safetyState": {"eStop": "NONE", "fieldViolation": False},
    "agvPosition": {"x": 1, "y": 2, "theta": 0, "mapId": "m", "positionInitialized": True},
}


def heard(message, kind="state"):
    """What follows from a message that is the first of its robot."""
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return Session("uagv", "acme", "r1", "boot").on_message(kind, payload, 1_000, retained=False)


def report(**fields):
    (found,) = of(seen.RobotReported, heard(STATE | fields))
    return found


@pytest.mark.parametrize("field", sorted(STATE))
def test_a_null_in_any_field_loses_no_report(field):
    assert of(seen.RobotReported, heard(STATE | {field: None}))


@pytest.mark.parametrize(
    "fields",
    [
        {"safetyState": {"eStop": None, "fieldViolation": None}},
        {"batteryState": {"batteryCharge": None, "charging": None}},
        {"errors": [{"errorType": None, "errorLevel": None, "errorReferences": None}]},
        {"errors": [{"errorType": "e", "errorReferences": [{"referenceValue": {"a": 1}}]}]},
        {"actionStates": [{"actionId": "a", "actionStatus": None}]},
        {"nodeStates": [{"nodeId": "n", "sequenceId": 0, "released": None}]},
        {"agvPosition": {"x": None, "y": None, "theta": None, "mapId": None}},
        {"agvPosition": {}},
        {"velocity": {"vx": "fast"}},
        {"loads": [None, {"weight": "heavy"}]},
        {"headerId": 7.5},
        {"timestamp": 17},
        {"version": 2.1},
        {"serialNumber": 12},
        {"orderId": 12, "lastNodeId": 3},
    ],
    ids=str,
)
def test_nulls_and_numbers_in_the_wrong_place_lose_no_report(fields):
    told = heard(STATE | fields)

    assert of(seen.RobotReported, told)
    assert not of(seen.PayloadRejected, told)


@pytest.mark.parametrize("kind", ["connection", "factsheet", "visualization"])
def test_nulls_lose_no_other_message_either(kind):
    nulls = dict.fromkeys(
        ("connectionState", "typeSpecification", "physicalParameters", "agvPosition", "velocity")
    )

    assert not of(seen.PayloadRejected, heard(HEADER | nulls, kind))


def test_a_byte_order_mark_loses_no_report():
    assert of(seen.RobotReported, heard(b"\xef\xbb\xbf" + json.dumps(STATE).encode()))


def test_what_was_mended_is_a_quirk_of_the_robot():
    quirks = [q.quirk for q in of(seen.QuirkSeen, heard(STATE | {"orderId": 12}))]

    assert quirks == ["nulls or numbers where the schema wants a value or text"]


def test_a_robot_that_names_no_version_is_noticed_all_the_same():
    nameless = {key: value for key, value in STATE.items() if key != "version"}

    (appeared,) = of(seen.RobotAppeared, heard(nameless))

    assert appeared.protocol == "without a version"


def test_a_half_position_is_none_and_words_count_in_any_case():
    assert report(agvPosition={"x": 3}).x_mm is None
    assert report(operatingMode="automatic").mode is OperatingMode.AUTOMATIC
    assert report(safetyState={"eStop": "none"}).emergency_stop is EmergencyStop.NONE
    assert report(safetyState={"eStop": "new"}).emergency_stop is EmergencyStop.UNKNOWN
    assert report(loads=None).load is LoadState.UNKNOWN


def test_an_emergency_stop_lasts_until_a_report_says_that_it_is_over():
    session = Session("uagv", "acme", "r1", "boot")

    def says(header, safety):
        message = STATE | {"headerId": header, "safetyState": safety, "lastNodeId": f"n{header}"}
        payload = json.dumps(message).encode()
        (found,) = of(
            seen.RobotReported, session.on_message("state", payload, header, retained=False)
        )
        return found.emergency_stop

    assert says(1, {"eStop": "MANUAL", "fieldViolation": False}) is EmergencyStop.MANUAL
    assert says(2, None) is EmergencyStop.MANUAL
    assert says(3, {"eStop": None}) is EmergencyStop.MANUAL
    assert says(4, {"eStop": "NONE"}) is EmergencyStop.NONE


@pytest.mark.parametrize("size", [1e300, 1e308, -1, 1e4])
def test_a_size_that_no_robot_has_counts_as_not_given(size):
    body = {"speedMax": size, "length": size, "width": size}

    (sheet,) = of(
        seen.FactsheetSeen, heard(HEADER | {"physicalParameters": body}, kind="factsheet")
    )

    assert (sheet.length_mm, sheet.width_mm, sheet.max_speed_mmps) == (None, None, None)


def test_long_and_unprintable_texts_are_cut_before_anybody_keeps_them():
    long = "x" * 20_000
    errors = [
        {"errorType": f"e{n}", "errorLevel": "WARNING", "errorDescription": "a\nb\u202ec"}
        for n in range(300)
    ]
    fatal = {"errorType": "broken", "errorLevel": "FATAL"}

    found = report(orderId=long, lastNodeId=long, errors=[*errors, fatal])

    assert max(len(found.order_id), len(found.last_node_id)) <= 128
    assert found.errors[0].level == "FATAL"
    assert len(found.errors) == 20
    assert found.errors[1].text == "a·b·c"


@pytest.mark.parametrize("field", ["frameId", "actionId", "nodeId", "encoding"])
def test_a_frame_with_ids_that_nobody_could_show_is_rejected(field):
    frame = HEADER | {"frameId": "f", "data": "aGFsbG8="}

    assert of(seen.FrameReceived, heard(frame, "frame"))
    for text in ("x" * 129, "a\nb"):
        assert of(seen.PayloadRejected, heard(frame | {field: text}, "frame"))


@pytest.mark.parametrize("kind", sorted(MESSAGES))
@settings(max_examples=300, deadline=None)
@given(chance=st.randoms(use_true_random=False), times=st.integers(1, 3))
def test_no_message_with_something_wrong_in_it_raises(kind, chance, times):
    robot = Robot()
    robot.says()
    robot.is_sent(order(released=1))
    robot.is_charged(start=True)

    told = robot.session.on_message(kind, spoiled(chance, kind, times), robot.now, retained=False)
    told += robot.waits(5_000)

    for observation in told:
        assert len(codec.encode(observation)) < 12_000


@pytest.mark.parametrize("percent", [1e308, -1e308, 250, -3])
def test_a_charge_that_no_battery_has_is_full_or_empty(percent):
    charge = report(batteryState={"batteryCharge": percent, "charging": False}).battery_permille

    assert charge == (1_000 if percent > 0 else 0)
