"""Where robots are shown between their reports: gliding to the newest place, never beyond."""

import math
import time
from dataclasses import dataclass

from fleetapp.api.views import PoseView

GLIDE_S = 0.28
JUMP_M = 4.0


@dataclass(slots=True)
class Glide:
    """One robot on its way from the place shown to the place reported."""

    from_x: float
    from_y: float
    from_heading: float
    turn: float  # the shorter way round, radians
    pose: PoseView
    began_s: float


class Motion:
    """Shown places of all robots."""

    def __init__(self) -> None:
        """Nobody is shown yet."""
        self._glides: dict[str, Glide] = {}

    def take(self, pose: PoseView) -> None:
        """A robot reported a place."""
        now = time.monotonic()
        shown = self.where(pose.robot_id, now)
        if shown is None or math.hypot(shown[0] - pose.x_m, shown[1] - pose.y_m) > JUMP_M:
            shown = (pose.x_m, pose.y_m, pose.heading_rad)
        turn = math.remainder(pose.heading_rad - shown[2], 2 * math.pi)
        self._glides[pose.robot_id] = Glide(*shown, turn, pose, now)

    def forget(self, robot_id: str) -> None:
        """The robot is gone."""
        self._glides.pop(robot_id, None)

    def where(self, robot_id: str, now: float) -> tuple[float, float, float] | None:
        """The place to show: x, y, heading."""
        glide = self._glides.get(robot_id)
        if glide is None:
            return None
        return _place(glide, now)

    def places(self, now: float) -> dict[str, tuple[float, float, float]]:
        """Everybody's place to show."""
        return {robot_id: _place(glide, now) for robot_id, glide in self._glides.items()}

    def moving(self, now: float) -> bool:
        """Whether anybody still glides."""
        return any(now - glide.began_s < GLIDE_S for glide in self._glides.values())


def _place(glide: Glide, now: float) -> tuple[float, float, float]:
    part = (now - glide.began_s) / GLIDE_S
    pose = glide.pose
    if part >= 1.0:
        return pose.x_m, pose.y_m, pose.heading_rad
    return (
        glide.from_x + (pose.x_m - glide.from_x) * part,
        glide.from_y + (pose.y_m - glide.from_y) * part,
        glide.from_heading + glide.turn * part,
    )
