"""How a virtual robot moves: trapezoid speeds along straight edges, turns on the spot.

It never drives beyond the stop it was given, and brakes in time for it. A node
where the way bends by more than 20 degrees is a stop of its own.
"""

import math
from dataclasses import dataclass

from fleetapp.terms.units import wrap_rad

BEND_RAD = math.radians(20)
STEP_S = 0.05
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

    @property
    def moving(self) -> bool:
        """Whether it drives."""
        return self.speed_mps > 1e-3


def step(body: Body, legs: tuple[Leg, ...], limits: Limits, dt_s: float) -> bool:
    """Move for a moment along the legs; whether the end of the first was reached.

    Args:
        body: changed in place.
        legs: the way up to the next stop; the robot stops at the end of the last.
        limits: what it can do.
        dt_s: at most `STEP_S`.
    """
    if not legs:
        _brake(body, limits, dt_s)
        return False
    first = legs[0]
    ahead_m = math.hypot(first.x_m - body.x_m, first.y_m - body.y_m)
    if ahead_m <= SNAP_M:
        body.x_m, body.y_m = first.x_m, first.y_m
        return True
    heading = math.atan2(first.y_m - body.y_m, first.x_m - body.x_m)
    if not body.moving and not _turned(body, heading, limits, dt_s):
        return False
    stop_m = ahead_m + _beyond_m(heading, first, legs[1:])
    allowed = min(first.speed_mps, limits.speed_mps)
    braking = math.sqrt(2 * limits.deceleration_mps2 * max(0.0, stop_m))
    faster = body.speed_mps + limits.acceleration_mps2 * dt_s
    body.speed_mps = max(0.02, min(allowed, braking, faster))
    travel_m = min(body.speed_mps * dt_s, ahead_m)
    body.x_m += math.cos(heading) * travel_m
    body.y_m += math.sin(heading) * travel_m
    body.heading_rad = heading
    if ahead_m - travel_m > SNAP_M:
        return False
    body.x_m, body.y_m = first.x_m, first.y_m
    if stop_m <= ahead_m + SNAP_M:
        body.speed_mps = 0.0
    return True


def _beyond_m(heading: float, first: Leg, rest: tuple[Leg, ...]) -> float:
    """How much further it may drive beyond the first leg without a stop."""
    total, x, y = 0.0, first.x_m, first.y_m
    for leg in rest:
        bend = abs(wrap_rad(math.atan2(leg.y_m - y, leg.x_m - x) - heading))
        if bend > BEND_RAD:
            break
        total += math.hypot(leg.x_m - x, leg.y_m - y)
        x, y = leg.x_m, leg.y_m
    return total


def _turned(body: Body, heading: float, limits: Limits, dt_s: float) -> bool:
    """Turn towards a heading; whether it is reached."""
    error = wrap_rad(heading - body.heading_rad)
    most = limits.rotation_radps * dt_s
    if abs(error) <= most:
        body.heading_rad = heading
        return True
    body.heading_rad = wrap_rad(body.heading_rad + math.copysign(most, error))
    return False


def _brake(body: Body, limits: Limits, dt_s: float) -> None:
    """Come to rest straight ahead, however long that takes."""
    slower = max(0.0, body.speed_mps - limits.deceleration_mps2 * dt_s)
    travel_m = (body.speed_mps + slower) / 2 * dt_s
    body.x_m += math.cos(body.heading_rad) * travel_m
    body.y_m += math.sin(body.heading_rad) * travel_m
    body.speed_mps = slower
