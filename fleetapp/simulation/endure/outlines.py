"""Where robots truly are: outlines that must not overlap (I2).

Judged from the virtual robots' own poses with shapely, by nothing that the core uses.
A robot that somebody sets down, or that appears otherwise, nearer to another than that
one needs to hear of it and brake is nobody's fault: that pair is excused until it is
apart again.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import box

from fleetapp.simulation.robots.robot import VirtualRobot

TOUCH_M2 = 0.0005
REPORT_S, TICK_S, NETWORK_S = 1.0, 0.02, 0.05
STEP_S = 0.1  # of a robot's life
APART_M = 0.3
FARTHEST_M = 3.0  # robots whose middles are farther apart do not touch: none is so long


def outline_of(robot: VirtualRobot) -> shapely.Polygon:
    """The floor that a robot truly covers."""
    half_length, half_width = robot.spec.length_m / 2, robot.spec.width_m / 2
    body = robot.body
    plain = box(-half_length, -half_width, half_length, half_width)
    turned = rotate(plain, body.heading_rad, origin=(0, 0), use_radians=True)
    return translate(turned, body.x_m, body.y_m)


def needs_m(robot: VirtualRobot) -> float:
    """How far it drives until it stands for something that appears now."""
    limits = robot.spec.limits
    delay_s = REPORT_S + TICK_S + NETWORK_S
    top = min(limits.speed_mps, robot.body.speed_mps + limits.acceleration_mps2 * delay_s)
    if not robot.body.driving:
        top = 0.0
    return top * delay_s + top**2 / (2 * limits.deceleration_mps2)


def near_pairs(robots: Iterable[VirtualRobot]) -> Iterator[tuple[VirtualRobot, VirtualRobot]]:
    """Pairs whose outlines might touch."""
    ordered = sorted(((r.body.x_m, r.body.y_m, r) for r in robots), key=lambda place: place[0])
    for number, (x_m, y_m, one) in enumerate(ordered):
        for other_x_m, other_y_m, other in ordered[number + 1 :]:
            if other_x_m - x_m > FARTHEST_M:
                break
            if abs(other_y_m - y_m) < FARTHEST_M:
                reach_m = _radius_m(one) + _radius_m(other)
                if math.hypot(other_x_m - x_m, other_y_m - y_m) < reach_m:
                    yield one, other


def _radius_m(robot: VirtualRobot) -> float:
    return math.hypot(robot.spec.length_m, robot.spec.width_m) / 2


def overlap(one: VirtualRobot, other: VirtualRobot) -> bool:
    """Whether two robots truly touch."""
    return bool(outline_of(one).intersection(outline_of(other)).area > TOUCH_M2)


def reaction_s(robot: VirtualRobot) -> float:
    """How long it drives on beyond its base until it was seen, told to stop and stands."""
    limits = robot.spec.limits
    told_s = REPORT_S + 2 * (TICK_S + NETWORK_S) + STEP_S
    return told_s + limits.speed_mps / limits.deceleration_mps2


def is_beyond_base(robot: VirtualRobot) -> bool:
    """Whether it truly passed a node that was not released to it."""
    passed = robot.book.passed
    return bool(passed) and not passed[-1].released and robot.book.busy


@dataclass(slots=True)
class Excused:
    """Pairs that appeared too near to each other for anybody to help it."""

    pairs: set[frozenset[str]] = field(default_factory=set)
    beyond_since: dict[str, int] = field(default_factory=dict)

    def look_for_strays(self, robots: Mapping[str, VirtualRobot], now_ms: int) -> None:
        """One that drives beyond its base cannot be stopped at once: until then nobody errs."""
        for robot in robots.values():
            if not is_beyond_base(robot):
                self.beyond_since.pop(robot.robot_id, None)
                continue
            since_ms = self.beyond_since.setdefault(robot.robot_id, now_ms)
            if now_ms - since_ms <= reaction_s(robot) * 1000:
                touched = (o for o in robots.values() if o is not robot and overlap(robot, o))
                self.pairs.update(frozenset((robot.robot_id, o.robot_id)) for o in touched)

    def appeared(self, robot: VirtualRobot, others: Iterable[VirtualRobot]) -> None:
        """A robot is somewhere else all at once."""
        here = outline_of(robot)
        for other in others:
            if other is not robot and here.distance(outline_of(other)) < needs_m(other):
                self.pairs.add(frozenset((robot.robot_id, other.robot_id)))

    def forget_apart(self, robots: dict[str, VirtualRobot]) -> None:
        """Pairs that stand apart again, or so far that each could brake, are judged again."""
        for pair in tuple(self.pairs):
            one, other = (robots[robot_id] for robot_id in sorted(pair))
            apart_m = outline_of(one).distance(outline_of(other))
            still = not (one.body.driving or other.body.driving)
            can_brake = apart_m > needs_m(one) + needs_m(other)
            if apart_m > APART_M and (still or can_brake):
                self.pairs.discard(pair)


def overlaps(robots: Iterable[VirtualRobot], excused: Excused) -> Iterator[tuple[str, str]]:
    """Pairs that truly touch and should not."""
    for one, other in near_pairs(robots):
        pair = frozenset((one.robot_id, other.robot_id))
        if pair not in excused.pairs and overlap(one, other):
            first, second = sorted(pair)
            yield first, second
