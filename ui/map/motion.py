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
        self._glides[pose.robot_id] = Glide(*shown, pose, now)

    def forget(self, robot_id: str) -> None:
        """The robot is gone."""
        self._glides.pop(robot_id, None)

    def where(self, robot_id: str, now: float) -> tuple[float, float, float] | None:
        """The place to show: x, y, heading."""
        glide = self._glides.get(robot_id)
        if glide is None:
            return None
        part = min(1.0, (now - glide.began_s) / GLIDE_S)
        turn = math.remainder(glide.pose.heading_rad - glide.from_heading, 2 * math.pi)
        return (
            glide.from_x + (glide.pose.x_m - glide.from_x) * part,
            glide.from_y + (glide.pose.y_m - glide.from_y) * part,
            glide.from_heading + turn * part,
        )

    def places(self, now: float) -> dict[str, tuple[float, float, float]]:
        """Everybody's place to show."""
        found = {}
        for robot_id, glide in self._glides.items():
            pose = glide.pose
            if now - glide.began_s >= GLIDE_S:
                found[robot_id] = (pose.x_m, pose.y_m, pose.heading_rad)
            else:
                place = self.where(robot_id, now)
                if place is not None:
                    found[robot_id] = place
        return found

    def moving(self, now: float) -> bool:
        """Whether anybody still glides."""
        return any(now - glide.began_s < GLIDE_S for glide in self._glides.values())
