"""What a session tells a robot, how often, and when it tells it nothing."""

import json

import pytest
from talking_robot import Robot, of, order

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, with_header


@pytest.fixture
def robot():
    robot = Robot()
    robot.says()
    return robot


def types(messages):
    return [a["actionType"] for m in messages for a in m.get("actions", ())]


def orders(messages):
    return [m["orderUpdateId"] for m in messages if "nodes" in m]


def broken(robot):
    payload = with_header(
        wire.Connection(connection_state="CONNECTIONBROKEN"), Sender("acme", "r1"), 0, 0
    )
    return robot.session.on_message("connection", payload, robot.now, retained=True)


def test_no_cancel_goes_to_a_robot_that_has_nothing_to_cancel(robot):
    robot.session.cancel("o1", robot.now)

    assert robot.sent() == []
    assert of(seen.CancelConfirmed, robot.says())


def test_a_cancel_goes_at_once_if_its_order_may_be_there_by_now(robot):
    robot.is_sent(order())
    robot.sent()

    robot.session.cancel("o1", robot.now)

    assert types(robot.sent()) == ["cancelOrder"]


def test_a_cancel_is_not_repeated_to_a_robot_that_no_longer_has_an_order(robot):
    robot.is_sent(order())
    robot.says(order_id="o1", node_states=[wire.NodeState("n1", 2, True)])
    robot.session.cancel("o1", robot.now)
    robot.sent()

    told = robot.says(order_id="o1")
    robot.waits(5_000)

    assert of(seen.CancelConfirmed, told)
    assert types(robot.sent()) == []


def test_a_cancel_is_told_again_each_second_until_reports_show_it(robot):
    robot.is_sent(order())
    ahead = {"order_id": "o1", "driving": True, "node_states": [wire.NodeState("n1", 2, True)]}
    robot.says(**ahead)
    robot.sent()
    robot.session.cancel("o1", robot.now)

    told = []
    for _ in range(20):
        told += robot.says(after_ms=500, **ahead)
        told += robot.waits(500)
    cancels = [a for m in robot.sent() for a in m.get("actions", ())]
    told += robot.waits(10_000)
    told += robot.says(order_id="o1")

    assert {a["actionType"] for a in cancels} == {"cancelOrder"}
    assert 20 <= len(cancels) <= 21
    assert len({a["actionId"] for a in cancels}) == 1  # so that a robot that got all does it once
    assert [o.order_id for o in of(seen.CancelUnconfirmed, told)] == ["o1"]
    assert [o.order_id for o in of(seen.CancelConfirmed, told)] == ["o1"]


@pytest.mark.parametrize("status", ["WAITING", "RUNNING", "odd"])
def test_an_instant_action_that_never_ends_keeps_no_robot_busy(robot, status):
    stuck = [
        wire.ActionState("x", status, "startPause"),
        wire.ActionState("r1-cancelOrder-b-1", ""),
    ]
    robot.is_sent(order())
    robot.says(order_id="o1", driving=True)
    robot.session.cancel("o1", robot.now)

    told = robot.says(order_id="o1", after_ms=4_000, action_states=stuck)

    assert of(seen.CancelConfirmed, told)
    assert of(seen.RobotReported, told)[0].idle


def test_an_order_sent_before_a_stop_is_not_sent_again_after_it(robot):
    robot.is_sent(order())
    robot.session.pause(robot.now)
    robot.sent()

    for _ in range(10):
        robot.waits(1_500)

    assert orders(robot.sent()) == []


def test_after_the_stop_it_is_sent_and_counted_anew(robot):
    robot.is_sent(order())
    robot.session.pause(robot.now)
    robot.waits(20_000)
    robot.may_go_on()
    robot.says()
    robot.sent()

    told = [o for _ in range(12) for o in (*robot.says(), *robot.waits(3_000))]

    assert set(orders(robot.sent())) == {0}
    assert len(of(seen.OrderUnacknowledged, told)) == 1


def test_charging_is_told_again_until_the_battery_shows_it(robot):
    robot.is_charged(start=True)
    robot.waits(6_000)
    first = robot.sent()
    robot.says(battery_state=wire.BatteryState(40.0, charging=True))

    told = robot.waits(60_000)

    assert types(first) == ["startCharging", "startCharging"]
    assert len({a["actionId"] for m in first for a in m["actions"]}) == 1
    assert (robot.sent(), told) == ([], [])


def test_charging_that_does_not_begin_is_told_of_once_and_stays_asked_for(robot):
    robot.is_charged(start=True)

    told = []
    for _ in range(20):
        robot.says(battery_state=wire.BatteryState(40.0, charging=False))
        told += robot.waits(5_000)

    assert [o.start for o in of(seen.ChargingUnconfirmed, told)] == [True]
    assert robot.session.next_deadline_ms() is not None


def test_a_refused_start_of_charging_is_told_under_a_new_id(robot):
    robot.is_charged(start=True)
    first = robot.sent()[0]["actions"][0]["actionId"]
    robot.says(action_states=[wire.ActionState(first, "FAILED", "startCharging")])

    robot.waits(6_000)

    assert robot.sent()[0]["actions"][0]["actionId"] != first


def test_a_full_robot_need_not_charge_and_an_order_ends_the_wish(robot):
    robot.is_charged(start=True)
    robot.says(battery_state=wire.BatteryState(100.0, charging=False))
    assert robot.session.next_deadline_ms() is None

    robot.is_charged(start=True)
    robot.is_sent(order())
    robot.says(order_id="o1", battery_state=wire.BatteryState(50.0, charging=False))

    assert robot.session.next_deadline_ms() is None


def test_a_factsheet_is_asked_for_with_its_reports_and_not_for_ever(robot):
    robot.session.ask_factsheet()
    for _ in range(10):
        robot.says(after_ms=11_000)

    assert types(robot.sent()) == ["factsheetRequest"] * 3


def test_a_factsheet_that_came_is_not_asked_for_again(robot):
    robot.session.ask_factsheet()
    robot.says()
    robot.session.on_message("factsheet", b"{}", robot.now, retained=False)
    robot.says(after_ms=11_000)

    assert types(robot.sent()) == ["factsheetRequest"]


def test_a_robot_that_is_no_longer_ours_is_sent_nothing_more(robot):
    robot.is_sent(order())
    robot.session.pause(robot.now)
    robot.session.cancel("o1", robot.now)
    robot.is_charged(start=True)
    robot.session.ask_factsheet()
    robot.sent()

    robot.session.forget()
    robot.says(driving=True)
    robot.waits(60_000)

    assert robot.sent() == []


def test_reports_after_a_broken_link_end_the_doubt_though_it_never_says_online(robot):
    assert [o.online for o in of(seen.LinkChanged, broken(robot))] == [False]

    first, second = robot.says(), robot.says()

    assert not of(seen.LinkChanged, first)
    assert [o.online for o in of(seen.LinkChanged, second)] == [True]


def test_a_retained_word_with_an_old_header_counts(robot):
    robot.says(header=5_000)
    old = json.dumps({"headerId": 0, "version": "2.1.0", "connectionState": "CONNECTIONBROKEN"})

    told = robot.session.on_message("connection", old.encode(), robot.now, retained=True)

    assert [o.online for o in of(seen.LinkChanged, told)] == [False]


def test_an_error_whose_text_counts_up_is_no_news(robot):
    def blocked(seconds):
        text = f"blocked for {seconds} s"
        return robot.says(errors=[wire.Error("pathBlocked", "WARNING", text)])

    told = [blocked(seconds) for seconds in range(5)]

    assert [len(of(seen.RobotReported, one)) for one in told] == [1, 0, 0, 0, 0]


def test_errors_of_one_type_about_different_things_are_different(robot):
    def at(node):
        reference = wire.Reference("nodeId", node)
        return wire.Error("pathBlocked", "WARNING", "", None, [reference])

    robot.says(errors=[at("n1")])

    assert of(seen.RobotReported, robot.says(errors=[at("n1"), at("n2")]))
    assert not of(seen.RobotReported, robot.says(errors=[at("n2"), at("n1")]))


def test_an_order_that_may_not_leave_again_stays_due_and_is_not_held_against_the_robot(robot):
    robot.is_sent(order())
    robot.sent()

    told = []
    for _ in range(10):
        told += robot.says()
        told += robot.waits(5_000, allowed=False)
    kept, deadline_ms = robot.sent(), robot.session.next_deadline_ms()
    told += robot.waits(100)

    assert kept == []
    assert deadline_ms is None
    assert orders(robot.sent()) == [0]
    assert not of(seen.OrderUnacknowledged, told)


def test_what_is_due_while_it_may_leave_is_asked_for_no_sooner_than_it_is_due(robot):
    robot.is_sent(order())

    assert robot.session.due(robot.now + 900) == ()
    assert len(robot.session.due(robot.now + 1_000)) == 1


def test_charging_that_may_not_be_told_again_is_no_alarm(robot):
    robot.is_charged(start=True)
    robot.sent()

    told = []
    for _ in range(10):
        robot.says(battery_state=wire.BatteryState(40.0, charging=False))
        told += robot.waits(10_000, allowed=False)

    assert robot.sent() == []
    assert not of(seen.ChargingUnconfirmed, told)


def test_charging_is_not_due_for_a_robot_that_is_to_stand(robot):
    robot.is_charged(start=True)
    robot.says(battery_state=wire.BatteryState(40.0, charging=False))
    robot.session.pause(robot.now)

    assert robot.session.due(robot.now + 60_000) == ()


def test_tries_before_it_was_kept_are_not_counted_with_those_after(robot):
    robot.is_sent(order())
    for wait_ms in (1_000, 2_000, 3_000):
        robot.says()
        robot.waits(wait_ms)
    robot.waits(60_000, allowed=False)
    robot.says()

    told = [*robot.waits(2_000), *robot.waits(0)]

    assert not of(seen.OrderUnacknowledged, told)


def test_the_time_in_which_charging_was_kept_is_not_counted(robot):
    robot.is_charged(start=True)
    for _ in range(6):
        robot.says(battery_state=wire.BatteryState(40.0, charging=False))
        robot.waits(10_000, allowed=False)
    robot.waits(1_000)

    told = robot.waits(6_000)

    assert not of(seen.ChargingUnconfirmed, told)


def test_the_end_of_charging_is_told_again_until_the_battery_shows_it(robot):
    robot.is_charged(start=False)
    robot.says(battery_state=wire.BatteryState(40.0, charging=True))
    robot.waits(6_000)
    first = robot.sent()
    robot.says(battery_state=wire.BatteryState(41.0, charging=False))

    robot.waits(60_000)

    assert types(first) == ["stopCharging", "stopCharging"]
    assert robot.sent() == []


def test_an_order_that_is_given_up_and_gone_is_cancelled_and_not_lost(robot):
    robot.is_sent(order())
    robot.says(order_id="o1")
    robot.session.cancel("o1", robot.now)

    told = robot.says(order_id="other")

    assert [o.order_id for o in of(seen.CancelConfirmed, told)] == ["o1"]
    assert not of(seen.OrderGone, told)


def test_an_order_that_two_errors_refuse_is_refused_once(robot):
    robot.is_sent(order())
    about = [wire.Reference("orderId", "o1")]
    errors = [
        wire.Error("orderError", "WARNING", "busy", None, about),
        wire.Error("validationError", "WARNING", "odd", None, about),
    ]

    told = robot.says(errors=errors) + robot.says(errors=list(reversed(errors)))

    assert [o.error for o in of(seen.OrderRefused, told)] == ["busy"]


def test_an_error_of_before_or_of_another_kind_refuses_nothing(robot):
    about = [wire.Reference("orderId", "o1")]
    old = wire.Error("orderError", "WARNING", "of before", None, about)
    other = wire.Error("batteryError", "WARNING", "low", None, about)
    robot.says(errors=[old])
    robot.is_sent(order())

    told = robot.says(errors=[old]) + robot.says(errors=[old, other])

    assert not of(seen.OrderRefused, told)
