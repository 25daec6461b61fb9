import math

import pytest
from robot_shift import LIMITS

from fleetapp.cli import simulate_life
from fleetapp.cli.simulate_life import Life
from fleetapp.mqtt.address import BrokerAddress
from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.robot import Spec, VirtualRobot
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, order_message, with_header


def robot(serial, x, y, heading=0.0):
    return VirtualRobot(Spec("uagv", "acme", serial, "hall", "n0", x, y, heading, LIMITS), None, 0)


@pytest.mark.parametrize(
    ("x", "y", "heading", "touches"),
    [
        (0.95, 0.0, 0.0, False),
        (0.85, 0.0, 0.0, True),
        (0.0, 0.75, 0.0, False),
        (0.0, 0.65, 0.0, True),
        (0.85, 0.75, 0.0, False),
        (0.0, 0.75, math.pi / 2, True),
        (0.95, 0.75, math.pi / 4, False),
        (0.0, 0.0, 1.0, True),
    ],
)
def test_two_outlines_that_overlap_are_a_collision(x, y, heading, touches):
    found = Collisions(0.9, 0.7)

    found.check([robot("a", 0.0, 0.0), robot("b", x, y, heading)])

    assert found.count == int(touches)


def test_a_collision_counts_once_until_the_two_are_apart_again():
    found = Collisions(0.9, 0.7)
    one, other = robot("a", 0.0, 0.0), robot("b", 0.5, 0.0)
    for _ in range(5):
        found.check([one, other])
    assert found.count == 1

    other.body.x_m = 2.0
    found.check([one, other])
    other.body.x_m = 0.5
    found.check([one, other])

    assert found.count == 2


def test_robots_that_drive_through_each_other_while_the_machine_stalls_are_counted():
    now_ms = simulate_life.now_ms()
    life = Life(BrokerAddress("127.0.0.1", 1, False, "", ""), Collisions(0.9, 0.7), None)
    for serial, begin, end in (("a1", 0.0, 20.0), ("a2", 20.0, 0.0)):
        spec = Spec("uagv", "acme", serial, "hall", "n0", begin, 0.0, 0.0, LIMITS)
        robot = VirtualRobot(spec, None, now_ms)
        life.add(robot, "", "")
        nodes = [
            wire.OrderNode(f"n{n}", 2 * n, True, [], wire.NodePosition(x, 0.0, "hall"))
            for n, x in enumerate((begin, end))
        ]
        order = order_message("o1", 0, nodes, [wire.OrderEdge("e", 1, True, "n0", "n1", [], 1.5)])
        robot.on_message("order", with_header(order, Sender("acme", serial), 0, now_ms))

    life.live_until(now_ms + 40_000)

    assert [round(r.body.x_m) for r in life.robots.values()] == [20, 0]
    assert life.summary()["collisions"] == 1
