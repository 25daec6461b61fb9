"""What it costs a robot type to go from one edge into the next.

A type that cannot turn on the spot goes on where the heading changes by at most
20 degrees, or, if it can reverse, straight back the way it came. That it then
drives tail first is not followed further than this one edge: give such types
edges with `vehicleOrientation` 180 where they shall drive tail first for longer.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleetapp.layout.elements import EdgeRule, RobotType, TurnRule
from fleetapp.terms.units import wrap_rad

FORBIDDEN_MS = -1
# A heading change up to this is steered while driving.
STEER_RAD = math.radians(20)
# Nobody turns by more than half a circle, but 180 degrees may be turned either way.
HALF_TURN_RAD = math.radians(179)


@dataclass(frozen=True, slots=True)
class Turning:
    """One robot type's headings, speeds and rules on all edges."""

    kind: RobotType
    heading_rad: NDArray[np.float64]  # (m,) the robot's own, not the direction of travel
    speed_mmps: NDArray[np.int32]  # (m,)
    rules: tuple[EdgeRule | None, ...]

    def ms(self, edge: int, follower: int) -> int:
        """Time that the change of heading costs, FORBIDDEN_MS if it is impossible.

        Steering is free. Else the robot stops, turns and starts again, which
        takes v / (2 d) + angle / rotation + v / (2 a) longer than driving on.
        """
        change_rad = wrap_rad(float(self.heading_rad[follower] - self.heading_rad[edge]))
        if abs(change_rad) <= STEER_RAD:
            return 0
        stop_s = int(self.speed_mmps[edge]) / 2000 / self.kind.deceleration_mps2
        start_s = int(self.speed_mmps[follower]) / 2000 / self.kind.acceleration_mps2
        if self.kind.can_turn_in_place and self._may_turn(edge, follower, change_rad):
            turn_s = abs(change_rad) / self.kind.rotation_radps
            return math.ceil(1000 * (stop_s + turn_s + start_s))
        if self.kind.can_reverse and abs(change_rad) >= math.pi - STEER_RAD:
            return math.ceil(1000 * (stop_s + start_s))
        return FORBIDDEN_MS

    def _may_turn(self, edge: int, follower: int, change_rad: float) -> bool:
        arriving, leaving = self.rules[edge], self.rules[follower]
        if arriving is None or leaving is None:
            return False
        return all(
            _turns_that_way(rule, change_rad)
            for rule in (arriving.turn_at_end, leaving.turn_at_start)
        )


def _turns_that_way(rule: TurnRule, change_rad: float) -> bool:
    match rule:
        case TurnRule.BOTH:
            return True
        case TurnRule.NONE:
            return False
        case TurnRule.CCW:
            return change_rad > 0 or abs(change_rad) >= HALF_TURN_RAD
        case TurnRule.CW:
            return change_rad < 0 or abs(change_rad) >= HALF_TURN_RAD
