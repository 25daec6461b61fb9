import base64

import pytest
from robot_shift import Shift, action


def test_a_new_order_is_shown_in_the_very_next_report():
    shift = Shift()

    shift.order(order_id="o7", last=2)

    assert (shift.state["orderId"], shift.state["orderUpdateId"]) == ("o7", 0)
    assert [n["nodeId"] for n in shift.state["nodeStates"]] == ["n1", "n2"]
    assert [e["sequenceId"] for e in shift.state["edgeStates"]] == [1, 3]


def test_passed_nodes_leave_the_report_one_by_one():
    shift = Shift()
    shift.order(last=3)
    shift.run(20_000)

    left = [len(state["nodeStates"]) for state in shift.messages("state")]

    assert [n for i, n in enumerate(left) if i == 0 or n != left[i - 1]] == [0, 3, 2, 1, 0]


def test_the_same_order_sent_again_changes_nothing():
    shift = Shift()
    shift.order(last=3, actions={3: [action("pick", "p")]})
    shift.run(3_000)

    shift.order(last=3, actions={3: [action("pick", "p")]})
    shift.run(30_000)

    assert shift.error_types() == []
    assert shift.action_states() == {"p": "FINISHED"}
    assert shift.robot.driven_m == pytest.approx(6.0, abs=0.01)


def test_an_update_continues_at_the_end_of_the_base_and_replaces_the_horizon():
    shift = Shift()
    shift.order(last=4, base=2, actions={4: [action("pick", "old")]})

    shift.order(update=1, first=2, last=6, base=5, actions={6: [action("drop", "new")]})

    assert shift.state["orderUpdateId"] == 1
    assert [n["nodeId"] for n in shift.state["nodeStates"]] == [f"n{n}" for n in range(1, 7)]
    assert shift.action_states() == {"new": "WAITING"}
    shift.run(20_000)
    assert shift.is_at(5)


def test_an_update_after_the_base_was_driven_continues_there():
    shift = Shift()
    shift.order(last=2)
    shift.run(10_000)

    shift.order(update=1, first=2, last=4)
    shift.run(10_000)

    assert shift.is_at(4)


def test_actions_sent_again_on_the_stitching_node_do_not_run_again():
    shift = Shift()
    shift.order(last=1, actions={1: [action("pick", "p")]})
    shift.run(15_000)
    assert shift.robot.loaded

    shift.order(update=1, first=1, last=2, actions={1: [action("pick", "p")]})
    shift.run(15_000)

    assert shift.is_at(2)
    assert shift.action_states() == {"p": "FINISHED"}


def test_updates_that_are_older_or_do_not_stitch_are_refused_with_their_ids():
    shift = Shift()
    shift.order(update=3, last=4, base=2)

    shift.order(update=2, first=2, last=4)
    shift.order(update=4, first=3, last=4)

    assert shift.error_types() == ["orderUpdateError", "orderUpdateError"]
    assert {r["referenceValue"] for e in shift.state["errors"] for r in e["errorReferences"]} == {
        "o1",
        "2",
        "4",
    }
    assert shift.state["orderUpdateId"] == 3


def test_another_order_while_busy_is_refused_and_the_first_goes_on():
    shift = Shift()
    shift.order(last=3)

    shift.order(order_id="o2", last=2)
    shift.run(20_000)

    assert shift.error_types() == ["orderError"]
    assert (shift.state["orderId"], shift.is_at(3)) == ("o1", True)


def test_errors_go_when_a_new_order_is_accepted():
    shift = Shift()
    shift.order(order_id="far", first=5, last=6)
    assert shift.error_types() == ["noRouteError"]

    shift.order(last=1)

    assert shift.error_types() == []


def test_an_order_may_begin_near_the_robot_if_it_allows_the_deviation():
    shift = Shift()
    body = shift.order_body(first=1, last=2)
    body.nodes[0].node_position.allowed_deviation_x_y = 2.5

    shift.send(body)

    assert shift.state["orderId"] == "o1"


def breaks():
    """Ways to spoil an order, each with the word its error must have."""

    def edge_missing(order):
        order.edges.pop()

    def sequence_gap(order):
        order.nodes[1].sequence_id = 7

    def wrong_end(order):
        order.edges[0].end_node_id = "elsewhere"

    def base_with_hole(order):
        order.nodes[1].released = False

    def first_unreleased(order):
        for node in order.nodes:
            node.released = False

    def edge_beyond_base(order):
        order.nodes[-1].released = False

    def no_position(order):
        order.nodes[1].node_position = None

    def other_map(order):
        order.nodes[1].node_position.map_id = "cellar"

    def no_id(order):
        order.order_id = ""

    def no_nodes(order):
        order.nodes, order.edges = [], []

    return [
        (edge_missing, "edges"),
        (sequence_gap, "sequenceId 7"),
        (wrong_end, "does not lead"),
        (base_with_hole, "released"),
        (first_unreleased, "first node"),
        (edge_beyond_base, "its end is not"),
        (no_position, "nodePosition"),
        (other_map, "cellar"),
        (no_id, "orderId"),
        (no_nodes, "no nodes"),
    ]


@pytest.mark.parametrize(
    ("spoil", "says"), breaks(), ids=lambda value: getattr(value, "__name__", "")
)
def test_an_order_that_is_not_well_formed_is_refused_and_says_why(spoil, says):
    shift = Shift()
    body = shift.order_body(last=3)
    spoil(body)

    shift.send(body)

    assert shift.error_types() == ["validationError"]
    assert says in shift.state["errors"][0]["errorDescription"]
    assert shift.state["orderId"] == ""


def test_an_action_it_cannot_do_is_refused_with_the_order():
    shift = Shift()

    shift.order(last=1, actions={1: [action("paint", "a")]})

    assert shift.error_types() == ["orderError"]
    assert "paint" in shift.state["errors"][0]["errorDescription"]


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff", b'{"nodes": 5}', b"null"])
def test_bytes_that_are_no_order_are_an_error_and_nothing_else(payload):
    shift = Shift()

    shift.robot.on_message("order", payload)
    shift.run(50)

    assert shift.error_types() == ["validationError"]


def test_a_flood_of_bad_messages_does_not_let_the_report_grow():
    shift = Shift()

    for number in range(200):
        shift.order(order_id=f"far{number}", first=5, last=6)

    assert len(shift.state["errors"]) == 10


def test_a_pick_takes_its_time_and_loads():
    shift = Shift()
    shift.order(last=1, actions={1: [action("pick", "p")]})
    assert shift.run_until(lambda: shift.action_states()["p"] == "RUNNING")
    began = shift.now_ms

    assert shift.run_until(lambda: shift.action_states()["p"] == "FINISHED")

    assert 5_900 <= shift.now_ms - began <= 6_200
    assert len(shift.state["loads"]) == 1


def test_hard_actions_run_one_after_another_and_the_robot_stands():
    shift = Shift()
    shift.order(last=2, actions={1: [action("pick", "a"), action("drop", "b")]})

    assert shift.run_until(lambda: shift.action_states()["a"] == "RUNNING")

    assert shift.action_states()["b"] == "WAITING"
    assert shift.is_at(1)
    shift.run(8_000)
    assert shift.is_at(1)
    shift.run(8_000)
    assert shift.is_at(2)


def test_an_action_that_blocks_nothing_runs_while_it_drives():
    shift = Shift()
    shift.order(last=3, actions={1: [action("detectObject", "d", "NONE")]})

    assert shift.run_until(lambda: shift.action_states()["d"] == "FINISHED")

    assert shift.robot.body.speed_mps > 1.0


def test_soft_actions_run_together_and_the_robot_stands():
    shift = Shift()
    actions = [action("pick", "a", "SOFT"), action("detectObject", "b", "SOFT")]
    shift.order(last=2, actions={1: actions})

    assert shift.run_until(lambda: shift.action_states()["b"] == "FINISHED")

    assert shift.action_states()["a"] == "RUNNING"
    assert shift.is_at(1)


def test_a_look_publishes_a_frame_that_names_action_and_node():
    shift = Shift()
    shift.order(
        last=1, actions={1: [action("detectObject", "d1", labelCode="L1", sku="S1", secret="x")]}
    )
    shift.run(10_000)

    (frame,) = shift.messages("frame")

    assert (frame["actionId"], frame["nodeId"], frame["encoding"]) == ("d1", "n1", "image/jpeg")
    assert base64.b64decode(frame["data"]) == b"L1|S1|acme/a1|1"
    assert shift.action_states() == {"d1": "FINISHED"}
