import pytest
from robot_shift import LIMITS, Shift, action

from fleetapp.simulation.robots.motion import braking_m


def driving(**what):
    shift = Shift(**what)
    shift.order(last=6)
    assert shift.run_until(lambda: shift.robot.body.speed_mps > 1.5)
    return shift


def test_a_cancel_while_driving_stops_on_the_way_and_then_gives_the_order_up():
    shift = driving()
    before = shift.x

    shift.instant("cancelOrder", "c")

    assert shift.action_states()["c"] == "RUNNING"
    assert shift.run_until(lambda: shift.action_states()["c"] == "FINISHED")
    assert shift.x - before == pytest.approx(braking_m(1.6, LIMITS), abs=0.2)
    assert (shift.state["nodeStates"], shift.state["edgeStates"]) == ([], [])
    assert shift.state["driving"] is False
    assert shift.state["orderId"] == "o1"


def test_a_cancel_lets_the_action_under_way_end_and_fails_those_that_wait():
    shift = Shift()
    shift.order(last=1, actions={1: [action("pick", "p"), action("drop", "d")]})
    assert shift.run_until(lambda: shift.action_states()["p"] == "RUNNING")

    shift.instant("cancelOrder", "c")
    shift.run(8_000)

    assert shift.action_states() == {"p": "FINISHED", "d": "FAILED", "c": "FINISHED"}
    assert len(shift.state["loads"]) == 1


def test_a_cancel_without_an_order_fails_and_says_so():
    shift = Shift()

    shift.instant("cancelOrder", "c")

    assert shift.action_states() == {"c": "FAILED"}
    assert shift.error_types() == ["noOrderToCancel"]


def test_two_cancels_end_together():
    shift = driving()

    shift.instant("cancelOrder", "c1")
    shift.instant("cancelOrder", "c2")
    shift.run(10_000)

    assert {shift.action_states()[name] for name in ("c1", "c2")} == {"FINISHED"}


def test_after_a_cancel_on_the_way_a_new_order_from_the_last_node_is_taken():
    shift = driving()
    shift.instant("cancelOrder", "c")
    shift.run(10_000)
    last = int(shift.state["lastNodeId"][1:])

    shift.order(order_id="o2", first=last, last=last + 2)
    shift.run(15_000)

    assert shift.is_at(last + 2)


def test_an_instant_action_sent_twice_is_done_once():
    shift = Shift()
    shift.instant("startPause", "p")
    shift.instant("stopPause", "q")

    shift.instant("startPause", "p")

    assert shift.state["paused"] is False


def test_both_keys_for_instant_actions_are_understood():
    for key in ("actions", "instant_actions"):
        shift = Shift()

        shift.instant("startPause", key=key)

        assert shift.state["paused"] is True


def test_an_action_nobody_knows_fails_with_its_name():
    shift = Shift()

    shift.instant("dance", "x")

    assert shift.action_states() == {"x": "FAILED"}
    assert {"actionType", "actionId"} == {
        r["referenceKey"] for r in shift.state["errors"][0]["errorReferences"]
    }


def test_ended_instant_actions_leave_the_report_after_a_while():
    shift = Shift()

    for number in range(60):
        shift.instant("stateRequest", f"i{number}")

    assert len(shift.state["actionStates"]) == 20
    assert "i59" in shift.action_states()


def test_it_charges_at_a_charger_and_stops_when_told_or_ordered_away():
    shift = Shift(chargers=frozenset({"n0"}))
    before = shift.state["batteryState"]["batteryCharge"]

    shift.instant("startCharging")
    shift.run(60_000)

    assert shift.state["batteryState"]["charging"] is True
    assert shift.state["batteryState"]["batteryCharge"] > before
    shift.order(last=1)
    assert shift.state["batteryState"]["charging"] is False


def test_it_does_not_charge_where_there_is_no_charger():
    shift = Shift(chargers=frozenset({"n5"}))

    shift.instant("startCharging", "c")

    assert shift.action_states() == {"c": "FAILED"}
    assert shift.state["batteryState"]["charging"] is False


def test_driving_uses_the_battery():
    shift = Shift()
    before = shift.robot.battery.charge_fraction
    shift.order(last=11)
    shift.run(60_000)

    assert shift.robot.battery.charge_fraction < before - 22 / 30_000


def test_the_factsheet_comes_when_asked_and_stays_with_the_broker():
    shift = Shift()

    shift.instant("factsheetRequest")

    (sent,) = [s for s in shift.said if s.topic.endswith("/factsheet")]
    assert sent.retain
    assert shift.messages("factsheet")[0]["physicalParameters"]["speedMax"] == LIMITS.speed_mps


def test_it_reports_at_least_every_second_and_numbers_each_topic_for_itself():
    shift = Shift(picture_every_ms=200)
    shift.robot.connected()
    shift.order(last=4)
    shift.run(20_000)

    assert len(shift.messages("state")) >= 20
    for kind in ("state", "visualization", "connection"):
        ids = [message["headerId"] for message in shift.messages(kind)]
        assert ids == list(range(len(ids)))
        assert ids


def test_pictures_come_while_it_moves_at_the_rate_asked_for():
    shift = Shift(picture_every_ms=200)
    shift.order(last=4)
    shift.run(2_000)
    assert 8 <= len(shift.messages("visualization")) <= 10

    shift.run(60_000)
    count = len(shift.messages("visualization"))
    shift.run(10_000)

    assert len(shift.messages("visualization")) == count


def test_it_says_online_with_retain_and_offline_when_it_leaves():
    shift = Shift()
    shift.robot.connected()
    shift.robot.leave()
    shift.run(50)

    sent = [s for s in shift.said if s.topic.endswith("/connection")]
    assert [m["connectionState"] for m in shift.messages("connection")] == ["ONLINE", "OFFLINE"]
    assert all(s.retain and s.qos == 1 for s in sent)
    will = shift.robot.will()
    assert will.retain
    assert b"CONNECTIONBROKEN" in will.payload
