"""How a virtual robot moves: trapezoid speeds along straight edges, turns on the spot.

It never drives beyond the stop it was given, brakes in time for it and for slower
edges, and keeps to its accelerations. A node where the way bends by more than 20
degrees is a stop of its own. Left out: how fast turning begins and ends, driving
backward, curves.
"""

import math
from dataclasses import dataclass

from fleetapp.terms.units import wrap_rad

BEND_RAD = math.radians(20)
STEP_MS = 100  # the longest step that `drive` is made for
SNAP_M = 0.002


@dataclass(frozen=True, slots=True)
class Limits:
    """What the robot can do."""

    speed_mps: float
    acceleration_mps2: float
    deceleration_mps2: float
    rotation_radps: float


@dataclass(frozen=True, slots=True)
class Leg:
    """One straight edge ahead."""

    x_m: float  # where it ends
    y_m: float
    speed_mps: float


@dataclass(slots=True)
class Body:
    """Where the robot truly is."""

    x_m: float
    y_m: float
    heading_rad: float
    speed_mps: float = 0.0
    turning_radps: float = 0.0

    @property
    def moving(self) -> bool:
        """Whether it goes forward; turning on the spot is not going."""
        return self.speed_mps > 1e-3

    @property
    def driving(self) -> bool:
        """As VDA 5050 2.1 says of `driving`: driving and/or rotating."""
        return self.moving or self.turning_radps != 0.0


def drive(
    body: Body, legs: tuple[Leg, ...], limits: Limits, dt_s: float, *, halt: bool = False
) -> int:
    """Move for a moment along the legs; how many of their ends were reached.

    Args:
        body: changed in place.
        legs: the way up to the next stop; the robot stops at the end of the last.
        limits: what it can do.
        dt_s: at most `STEP_MS`.
        halt: come to rest as soon as it can, on the way.
    """
    body.turning_radps = 0.0
    if not legs:
        _brake_straight_on(body, limits, dt_s)
        return 0
    if not body.moving:
        body.speed_mps = 0.0
        if halt or not _turned(body, legs[0], limits, dt_s):
            return 0
    speed = _next_speed(body, legs, limits, dt_s, halt=halt)
    travel_m = (body.speed_mps + speed) / 2 * dt_s
    body.speed_mps = speed
    return _move(body, legs, travel_m)


def braking_m(speed_mps: float, limits: Limits) -> float:
    """The way it needs to come to rest: v**2 / (2 a)."""
    return speed_mps**2 / (2 * limits.deceleration_mps2)


def _next_speed(
    body: Body, legs: tuple[Leg, ...], limits: Limits, dt_s: float, *, halt: bool
) -> float:
    slowest = max(0.0, body.speed_mps - limits.deceleration_mps2 * dt_s)
    if halt:
        return slowest
    fastest = body.speed_mps + limits.acceleration_mps2 * dt_s
    allowed = min(legs[0].speed_mps, limits.speed_mps)
    sees_m = braking_m(fastest, limits) + fastest * dt_s
    distance, x, y = 0.0, body.x_m, body.y_m
    for number, leg in enumerate(legs):
        distance += math.hypot(leg.x_m - x, leg.y_m - y)
        then = _speed_at_end(legs, number, (x, y))
        allowed = min(allowed, _speed_towards(body.speed_mps, distance, then, limits, dt_s))
        if then == 0.0 or distance > sees_m:
            break
        x, y = leg.x_m, leg.y_m
    return min(fastest, max(slowest, allowed))


def _speed_at_end(legs: tuple[Leg, ...], number: int, start: tuple[float, float]) -> float:
    """How fast it may be where a leg ends: 0 at a stop, else what the next one allows."""
    if _is_stop(legs, number, start):
        return 0.0
    return legs[number + 1].speed_mps


def _is_stop(legs: tuple[Leg, ...], number: int, start: tuple[float, float]) -> bool:
    if number + 1 == len(legs):
        return True
    leg, after = legs[number], legs[number + 1]
    if math.hypot(leg.x_m - start[0], leg.y_m - start[1]) <= SNAP_M:
        return False
    heading = math.atan2(leg.y_m - start[1], leg.x_m - start[0])
    bend = wrap_rad(math.atan2(after.y_m - leg.y_m, after.x_m - leg.x_m) - heading)
    return abs(bend) > BEND_RAD


def _speed_towards(
    speed_mps: float, distance_m: float, then_mps: float, limits: Limits, dt_s: float
) -> float:
    """The highest speed after this step from which `then_mps` can still be met.

    Solves (v0 + v) / 2 * dt + (v**2 - then**2) / (2 a) = distance for v.
    """
    a = limits.deceleration_mps2
    rest = a * dt_s * speed_mps - 2 * a * distance_m - then_mps**2
    root = (a * dt_s) ** 2 - 4 * rest
    return max(0.0, (math.sqrt(root) - a * dt_s) / 2) if root > 0 else 0.0


def _move(body: Body, legs: tuple[Leg, ...], travel_m: float) -> int:
    reached = 0
    for number, leg in enumerate(legs):
        start = (body.x_m, body.y_m)
        ahead_m = math.hypot(leg.x_m - start[0], leg.y_m - start[1])
        if ahead_m > SNAP_M:
            body.heading_rad = math.atan2(leg.y_m - start[1], leg.x_m - start[0])
        if travel_m < ahead_m - SNAP_M:
            body.x_m += math.cos(body.heading_rad) * travel_m
            body.y_m += math.sin(body.heading_rad) * travel_m
            break
        stop = _is_stop(legs, number, start)
        body.x_m, body.y_m = leg.x_m, leg.y_m
        travel_m = max(0.0, travel_m - ahead_m)
        reached += 1
        if stop:
            body.speed_mps = 0.0
            break
    return reached


def _turned(body: Body, leg: Leg, limits: Limits, dt_s: float) -> bool:
    """Turn towards the end of a leg; whether the robot looks there."""
    if math.hypot(leg.x_m - body.x_m, leg.y_m - body.y_m) <= SNAP_M:
        return True
    heading = math.atan2(leg.y_m - body.y_m, leg.x_m - body.x_m)
    error = wrap_rad(heading - body.heading_rad)
    most = limits.rotation_radps * dt_s
    if abs(error) <= most:
        body.heading_rad = heading
        return True
    body.turning_radps = math.copysign(limits.rotation_radps, error)
    body.heading_rad = wrap_rad(body.heading_rad + body.turning_radps * dt_s)
    return False


def _brake_straight_on(body: Body, limits: Limits, dt_s: float) -> None:
    """Come to rest without a way: only a robot that lost its order does this."""
    slower = max(0.0, body.speed_mps - limits.deceleration_mps2 * dt_s)
    travel_m = (body.speed_mps + slower) / 2 * dt_s
    body.x_m += math.cos(body.heading_rad) * travel_m
    body.y_m += math.sin(body.heading_rad) * travel_m
    body.speed_mps = slower
