"""Counting collisions from where robots truly are.

Two footprints that overlap are one collision, counted when they begin to touch.
Rectangles are compared by separating axes.
"""

import math
from collections.abc import Iterable

from fleetapp.simulation.robots.motion import Body
from fleetapp.simulation.robots.robot import VirtualRobot

Corners = tuple[tuple[float, float], ...]


class Collisions:
    """The pairs that touch now and how many began to."""

    def __init__(self, length_m: float, width_m: float) -> None:
        """All robots have this footprint, centred."""
        self._half = (length_m / 2, width_m / 2)
        self._reach = math.hypot(*self._half) * 2
        self._touching: frozenset[tuple[str, str]] = frozenset()
        self.count = 0

    def check(self, robots: Iterable[VirtualRobot]) -> None:
        """Look at all near pairs."""
        ordered = sorted(robots, key=lambda robot: robot.body.x_m)
        touching = set()
        for number, one in enumerate(ordered):
            for other in ordered[number + 1 :]:
                if other.body.x_m - one.body.x_m > self._reach:
                    break
                if self._touch(one.body, other.body):
                    pair = sorted((one.robot_id, other.robot_id))
                    touching.add((pair[0], pair[1]))
        self.count += len(touching - self._touching)
        self._touching = frozenset(touching)

    def _touch(self, one: Body, other: Body) -> bool:
        if abs(one.y_m - other.y_m) > self._reach:
            return False
        first, second = self._corners(one), self._corners(other)
        axes = [one.heading_rad, one.heading_rad + math.pi / 2]
        axes += [other.heading_rad, other.heading_rad + math.pi / 2]
        return not any(_apart(first, second, angle) for angle in axes)

    def _corners(self, body: Body) -> Corners:
        cos, sin = math.cos(body.heading_rad), math.sin(body.heading_rad)
        length, width = self._half
        return tuple(
            (
                body.x_m + cos * a * length - sin * b * width,
                body.y_m + sin * a * length + cos * b * width,
            )
            for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))
        )


def _apart(first: Corners, second: Corners, angle: float) -> bool:
    cos, sin = math.cos(angle), math.sin(angle)
    one = [x * cos + y * sin for x, y in first]
    other = [x * cos + y * sin for x, y in second]
    return max(one) < min(other) or max(other) < min(one)
