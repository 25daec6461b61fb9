import math

import pytest
from robot_shift import LIMITS

from fleetapp.simulation.robots.collisions import Collisions
from fleetapp.simulation.robots.robot import Spec, VirtualRobot


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
