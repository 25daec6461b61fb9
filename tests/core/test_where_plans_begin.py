"""Where a route is asked to begin, and when none is asked for yet."""

from dataclasses import replace

import pytest
from driving_fleet import OTHER, D, driving, order_id

from fleetapp.core import decisions as made
from fleetapp.core import release
from fleetapp.core.legs import goal_node, request_plan
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import OrderPhase, Purpose
from fleetapp.terms.reasons import WaitCause
from fleetapp.traffic.release import Refused

SHOWN = {"acknowledged_update": 9, "update_id": 9, "actions": ()}


def asked(*, to_its_end, **of_order):
    """What is asked for a robot that drives an order, to where its base ends or elsewhere."""
    state = driving()
    order = replace(state.orders[order_id()], **{**SHOWN, **of_order})
    robot = replace(state.robots[D], plan_id=None)
    turn = Turn(
        replace(
            state,
            robots={**state.robots, D: robot},
            orders={**state.orders, order.order_id: order},
        )
    )
    station = next(
        s.station_id
        for s in state.floor.site.stations
        if (goal_node(turn, robot, s.station_id) == order.decision_node) is to_its_end
    )
    request_plan(turn, robot, Purpose.CARRY, station, task_id=order.task_id)
    return order, [row.message for row in turn.rows]


def whole():
    """Its route as far as it may be driven to its end."""
    state = driving()
    order = state.orders[order_id()]
    return {"released_to": len(order.nodes) - 1}


@pytest.mark.parametrize("of_order", [{}, whole()], ids=["base", "whole route"])
def test_another_route_begins_where_the_base_ends(of_order):
    order, (plan,) = asked(to_its_end=False, **of_order)

    assert isinstance(plan, made.PlanRequested)
    assert (plan.start, plan.replaces) == (order.decision_node, order.order_id)


def test_no_route_is_asked_for_to_where_a_whole_order_ends_anyway():
    order, asked_for = asked(to_its_end=True, **whole_to_a_station())

    assert order.fully_released
    assert asked_for == []


def whole_to_a_station():
    """The part of its route that ends at a station, released."""
    state = driving()
    order = state.orders[order_id()]
    road = state.floor.roads[state.robots[D].robot_type]
    end = next(n for n in range(len(order.nodes) - 1, 0, -1) if order.nodes[n] in road.station_at)
    return {
        "nodes": order.nodes[: end + 1],
        "edges": order.edges[:end],
        "released_to": end,
    }


@pytest.mark.parametrize(
    "of_order",
    [{"acknowledged_update": 8}, {"phase": OrderPhase.CANCELLING}],
    ids=["not shown", "given up"],
)
def test_no_other_route_is_asked_for_while_it_is_open_what_the_robot_drives(of_order):
    _, asked_for = asked(to_its_end=False, **of_order)

    assert asked_for == []


def test_a_way_round_keeps_off_the_nodes_of_the_one_in_the_way_and_of_nobody_else():
    state = driving()
    order = replace(state.orders[order_id()], **SHOWN)
    first_edge = state.floor.masks.node_count
    owners = {**state.owners, first_edge: OTHER}
    turn = Turn(replace(state, owners=owners, orders={**state.orders, order.order_id: order}))
    refused = Refused(D, WaitCause.TRAFFIC, OTHER, order.nodes[-1])

    release._go_round(turn, replace(state.robots[D], plan_id=None), refused, ())

    (plan,) = [row.message for row in turn.rows]
    theirs = sorted(r for r, owner in owners.items() if owner == OTHER and r < first_edge)
    assert theirs
    assert list(plan.avoid) == theirs
