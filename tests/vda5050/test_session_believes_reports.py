"""A session believes what a robot's reports show, and nothing else.

Each test is something that was measured on robots of other makers.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talking_robot import SENDER, Robot, of, order

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.decode import Rejected, decode
from fleetapp.vda5050.encode import Sender, with_header
from fleetapp.vda5050.session import Session
from fleetapp.vda5050.topics import TopicError, build, parse


@pytest.fixture
def robot():
    robot = Robot()
    robot.says()
    return robot


def test_an_order_is_acknowledged_when_a_report_shows_it(robot):
    robot.is_sent(order())

    assert not of(seen.OrderAcknowledged, robot.says())
    shown = of(seen.OrderAcknowledged, robot.says(order_id="o1", order_update_id=0))

    assert [o.order_update_id for o in shown] == [0]


@pytest.mark.parametrize(("sequence_id", "passed"), [(2, [1]), (3, []), (6, []), (0, [])])
def test_only_the_number_of_a_node_of_the_order_says_that_it_was_passed(robot, sequence_id, passed):
    robot.is_sent(order(released=2))

    told = robot.says(order_id="o1", last_node_id="n1", last_node_sequence_id=sequence_id)

    assert [o.index for o in of(seen.NodePassed, told)] == passed  # 3 is an edge, 6 is beyond


def test_a_robot_that_always_says_the_same_is_told_of_once_in_five_seconds(robot):
    told = [o for _ in range(300) for o in robot.says(after_ms=100)]  # half a minute

    assert [type(o) for o in told] == [seen.Heartbeat] * 6


def test_a_lost_order_is_sent_again_under_the_same_number_and_told_once(robot):
    robot.is_sent(order())
    first = robot.sent()[0]

    told = []
    for _ in range(12):
        told += [*robot.says(), *robot.waits(3_000)]
    again = robot.sent()

    assert {m["orderUpdateId"] for m in again} == {first["orderUpdateId"]}
    assert len(of(seen.OrderUnacknowledged, told)) == 1


def test_an_order_to_a_robot_that_is_not_heard_is_sent_again_and_not_held_against_it(robot):
    robot.is_sent(order())

    told = [o for _ in range(12) for o in robot.waits(11_000)]

    assert len(robot.sent()) == 13
    assert told == []


def test_an_update_continues_at_the_stitching_node_without_its_actions(robot):
    robot.is_sent(order(released=0))
    robot.says(order_id="o1", order_update_id=0)
    robot.sent()

    robot.is_sent(order(update=1, released=2))
    update = robot.sent()[0]

    assert update["orderUpdateId"] == 1
    assert update["nodes"][0]["sequenceId"] == 0
    assert update["nodes"][0]["actions"] == []


def test_sequence_numbers_count_nodes_even_and_edges_odd(robot):
    robot.is_sent(order())

    sent = robot.sent()[0]

    assert [n["sequenceId"] for n in sent["nodes"]] == [0, 2, 4]
    assert [e["sequenceId"] for e in sent["edges"]] == [1, 3]
    assert [n["released"] for n in sent["nodes"]] == [True, True, False]
    assert [e["released"] for e in sent["edges"]] == [True, False]


def test_a_passed_node_is_told_once_and_never_backward(robot):
    robot.is_sent(order())
    shows = {"order_id": "o1", "last_node_id": "n1", "last_node_sequence_id": 2}

    first = of(seen.NodePassed, robot.says(**shows))
    again = of(seen.NodePassed, robot.says(**shows))

    assert [o.index for o in first] == [1]
    assert again == []


def test_the_last_node_of_an_older_order_passes_nothing(robot):
    robot.is_sent(order())

    told = robot.says(order_id="o1", last_node_id="elsewhere", last_node_sequence_id=2)

    assert not of(seen.NodePassed, told)


def test_a_node_beyond_the_base_is_a_robot_that_left_its_base(robot):
    robot.is_sent(order(released=1))

    told = robot.says(order_id="o1", last_node_id="n2", last_node_sequence_id=4)

    assert [o.node_id for o in of(seen.LeftBase, told)] == ["n2"]


def test_a_robot_whose_position_is_beyond_its_base_left_it_whatever_nodes_it_tells(robot):
    robot.is_sent(order(released=1))

    def at(x, y=0.0, **fields):
        position = wire.AgvPosition(x, y, 0.0, "hall", position_initialized=True)
        return of(seen.LeftBase, robot.says(order_id="o1", agv_position=position, **fields))

    assert at(1.4) == []  # it stopped a little past the node
    assert at(1.8, y=3.0) == []  # not on its way: by hand, or another frame
    assert [o.node_id for o in at(1.7)] == ["n2"]
    assert at(2.0) == []  # told once
    assert at(2.0, last_node_id="n2", last_node_sequence_id=4) == []


def test_floor_that_was_released_once_is_no_floor_beyond_the_base(robot):
    there_and_back = order(released=2, nodes=5)
    nodes = (*there_and_back.nodes[:3], *reversed(there_and_back.nodes[:2]))
    robot.is_sent(replace(there_and_back, nodes=nodes))

    position = wire.AgvPosition(0.0, 0.0, 0.0, "hall", position_initialized=True)

    assert not of(seen.LeftBase, robot.says(order_id="o1", agv_position=position))


def test_an_update_that_we_never_sent_makes_the_order_somebody_elses(robot):
    robot.is_sent(order())
    robot.says(order_id="o1")

    told = robot.says(order_id="o1", order_update_id=7)

    assert [o.shows for o in of(seen.OrderGone, told)] == ["o1 with update 7"]
    assert not of(seen.OrderAcknowledged, told)


def test_an_order_is_finished_only_when_nothing_of_it_is_left(robot):
    robot.is_sent(order(released=2))
    ended = [wire.ActionState("a-pick", "FINISHED")]
    at_end = {"order_id": "o1", "last_node_id": "n2", "last_node_sequence_id": 4}

    still = robot.says(**at_end, action_states=ended, node_states=[wire.NodeState("n2", 4)])
    done = robot.says(**at_end, action_states=ended)

    assert not of(seen.OrderFinished, still)
    assert len(of(seen.OrderFinished, done)) == 1


def test_a_robot_that_shows_another_order_has_lost_ours(robot):
    robot.is_sent(order())
    robot.says(order_id="o1")

    assert [o.shows for o in of(seen.OrderGone, robot.says(order_id="other"))] == ["other"]


def test_a_refusal_is_an_error_about_this_update_only(robot):
    robot.is_sent(order())
    old = wire.Error("orderError", "WARNING", "late", None, [wire.Reference("orderId", "o0")])
    ours = wire.Error("orderError", "WARNING", "busy", None, [wire.Reference("orderId", "o1")])

    assert not of(seen.OrderRefused, robot.says(errors=[old]))
    assert [o.error for o in of(seen.OrderRefused, robot.says(errors=[old, ours]))] == ["busy"]


def test_finished_is_not_believed_of_one_that_drives_a_pause_is_confirmed_by_paused(robot):
    robot.session.pause(robot.now)
    action = robot.sent()[0]["actions"][0]["actionId"]
    lies = [wire.ActionState(action, "FINISHED")]

    driving = robot.says(driving=True, action_states=lies)
    paused = robot.says(driving=True, paused=True)

    assert not of(seen.PauseConfirmed, driving)
    assert of(seen.PauseConfirmed, paused)


def test_a_pause_without_effect_is_sent_again_under_the_same_id_and_told_once(robot):
    robot.session.pause(robot.now)

    told = []
    for _ in range(8):
        robot.says(driving=True, after_ms=50)
        told += robot.waits(1_000)
    ids = {a["actionId"] for m in robot.sent() for a in m["actions"]}

    assert len(ids) == 1
    assert len(of(seen.PauseUnconfirmed, told)) == 1


def test_a_cancel_that_ended_without_effect_is_told_anew_under_another_id(robot):
    robot.is_sent(order())
    robot.session.cancel("o1", robot.now)
    first = robot.sent()[-1]["actions"][0]["actionId"]

    ended = wire.ActionState(first, "FAILED", "cancelOrder")
    robot.says(order_id="o1", node_states=[wire.NodeState("n1", 2, True)], action_states=[ended])
    robot.waits(1_500)

    again = robot.sent()[-1]["actions"][0]
    assert (again["actionType"], again["actionId"] != first) == ("cancelOrder", True)


def test_an_order_that_is_given_up_is_not_sent_again(robot):
    robot.is_sent(order())
    robot.session.cancel("o1", robot.now)
    robot.sent()

    robot.waits(2_500)

    assert {"actions"} == {key for m in robot.sent() for key in m if key in ("actions", "nodes")}


def test_a_cancel_is_not_confirmed_while_its_order_may_still_come(robot):
    robot.is_sent(order())
    robot.session.cancel("o1", robot.now)

    assert not of(seen.CancelConfirmed, robot.says(after_ms=500))
    assert of(seen.CancelConfirmed, robot.says(after_ms=3_000))


def test_instant_actions_go_under_both_keys_for_robots_on_2_0(robot):
    robot.session.pause(robot.now)

    message = robot.sent()[0]

    assert message["actions"] == message["instantActions"]


def test_a_robot_on_2_0_is_answered_in_2_0():
    robot = Robot()
    payload = with_header(
        wire.Connection(connection_state="ONLINE"), Sender("acme", "r1", "2.0.0"), 0, robot.now
    )
    robot.session.on_message("connection", payload, robot.now, retained=True)

    robot.is_sent(order())

    assert robot.sent()[0]["version"] == "2.0.0"


def test_old_reports_never_move_what_is_shown_backward(robot):
    robot.says(header=50, last_node_id="n2")

    assert robot.says(header=49, sent_ms_ago=2_000, last_node_id="n1") == []
    assert robot.says(header=50, sent_ms_ago=200, last_node_id="n1") == []


def test_a_robot_whose_header_ids_do_not_count_is_heard_by_its_timestamps(robot):
    told = [robot.says(header=0, last_node_id=f"n{n}") for n in (1, 2, 3)]

    assert all(of(seen.RobotReported, one) for one in told)


def test_a_robot_that_began_anew_without_a_word_is_heard_at_once(robot):
    robot.says(header=900, last_node_id="n2")

    assert of(seen.RobotReported, robot.says(header=400, last_node_id="n1"))


def test_a_clock_that_was_set_back_at_a_restart_silences_nobody(robot):
    robot.says(header=900, last_node_id="n2")

    assert of(seen.RobotReported, robot.says(header=1, sent_ms_ago=10**9, last_node_id="n1"))
    assert not robot.says(header=0, sent_ms_ago=10**9 + 500, last_node_id="n2")


def test_a_retained_report_is_old_by_nature(robot):
    payload = with_header(wire.State(order_id="x"), SENDER, 99, robot.now)

    assert robot.session.on_message("state", payload, robot.now, retained=True) == []


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_no_bytes_raise(payload):
    for kind in ("state", "connection", "factsheet", "visualization", "frame", "order"):
        decode(kind, payload)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"nul",
        b'{"driving": "perhaps"}',
        b'{"agvPosition":{"x":1e999,"y":0}}',
        b'{"agvPosition":{"x":1e7,"y":0,"theta":0,"mapId":"m"}}',
        b"[" * 100_000,
        b"x" * 70_000,
        b'{"lastNodeSequenceId": -1}',
    ],
)
def test_unusable_reports_are_rejected_with_reason_and_remedy(payload):
    rejected = decode("state", payload)

    assert isinstance(rejected, Rejected)
    assert rejected.reason
    assert rejected.remedy


def test_unknown_words_nulls_and_extra_fields_lose_no_report():
    payload = b"""{"orderId": null, "nodeStates": null, "operatingMode": "INTERVENED",
        "errors": null, "safetyState": {"eStop": "ODD", "fieldViolation": false}, "new": {"a": 1}}"""

    assert isinstance(decode("state", payload), wire.State)


@pytest.mark.parametrize("part", ["", "a/b", "#", "+", "$SYS", "x" * 65, "a b", "\u00e4"])
def test_no_wildcard_or_separator_gets_into_a_topic(part):
    with pytest.raises(TopicError):
        build("uagv", part, "r1", "order")
    assert parse(f"uagv/v2/{part}/r1/state") is None or "/" in part


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"frame_id": "f", "data": "no base64"}, "data is not base64"),
        ({"frame_id": "f", "data": ""}, "frameId or data is empty"),
        ({"frame_id": "", "data": "aaaa"}, "frameId or data is empty"),
        ({"frame_id": "f" * 201, "data": "aaaa"}, f"frame_id is '{'f' * 63}…'"),
    ],
)
def test_a_frame_that_cannot_be_used_is_rejected_and_goes_to_nobody(fields, reason):
    robot = Robot()
    payload = with_header(wire.Frame(action_id="a", **fields), SENDER, 1, robot.now)

    facts = robot.session.on_message("frame", payload, robot.now, retained=False)

    (rejected,) = (fact for fact in facts if isinstance(fact, seen.PayloadRejected))
    assert (rejected.topic, rejected.reason) == ("frame", reason)
    assert robot.session.take_frames() == []


def connection(word, retained=False):
    payload = with_header(wire.Connection(connection_state=word), SENDER, 0, 0)
    session = Session("uagv", "acme", "r1", "boot")
    return session.on_message("connection", payload, 1_000, retained=retained)


def test_what_the_broker_keeps_and_last_wills_are_no_words_of_a_robot():
    assert not of(seen.RobotAppeared, connection("ONLINE", retained=True))
    assert not of(seen.RobotAppeared, connection("CONNECTIONBROKEN"))
    assert not of(seen.RobotAppeared, connection("OFFLINE"))
    assert of(seen.RobotAppeared, connection("ONLINE"))
