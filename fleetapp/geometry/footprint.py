"""The outline of a robot on the floor, seen from its centre of rotation.

The frame is the robot's own: x ahead, y to the left, the origin where it turns
(VDA 5050 factsheet, `agvGeometry`). Load overhang is not modelled: give the
footprint the size of the loaded robot.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from fleetapp.geometry.pose import Pose


@dataclass(frozen=True, slots=True)
class Footprint:
    """Corners of the convex outline in the robot's frame, metres, counter-clockwise."""

    corners: tuple[tuple[float, float], ...]

    @property
    def radius_m(self) -> float:
        """Radius of the disc that the robot covers while it turns on the spot."""
        return max(math.hypot(x, y) for x, y in self.corners)

    def corners_at(self, headings_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        """Corners turned to each heading, shape (n, corners, 2); still around the origin."""
        corners = np.asarray(self.corners, dtype=np.float64)
        cos, sin = np.cos(headings_rad)[:, None], np.sin(headings_rad)[:, None]
        x, y = corners[None, :, 0], corners[None, :, 1]
        return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)

    def outline_at(self, pose: Pose) -> Polygon:
        """The floor that the robot covers when it stands at a pose."""
        turned = self.corners_at(np.array([pose.heading_rad]))[0]
        return Polygon(turned + np.array([pose.x_m, pose.y_m]))


def rectangle(
    *, length_m: float, width_m: float, ahead_m: float = 0.0, left_m: float = 0.0
) -> Footprint:
    """A rectangular robot whose middle lies ahead and left of its centre of rotation.

    Raises:
        ValueError: if length or width is not a positive number.
    """
    if not (0 < length_m < math.inf and 0 < width_m < math.inf):
        raise ValueError(
            f"a footprint of {length_m} x {width_m} m has no area: give length and width above 0"
        )
    x, y = length_m / 2, width_m / 2
    signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    return Footprint(tuple((ahead_m + a * x, left_m + b * y) for a, b in signs))


def polygon_footprint(corners: tuple[tuple[float, float], ...]) -> Footprint:
    """The convex hull of any outline: a hollow side is counted as covered.

    Raises:
        ValueError: if the corners span no area.
    """
    hull = shapely.convex_hull(shapely.multipoints(np.asarray(corners, dtype=np.float64)))
    if hull.geom_type != "Polygon":
        raise ValueError(f"corners {corners} span no area: give at least three that do")
    ring = shapely.geometry.polygon.orient(hull).exterior.coords[:-1]
    return Footprint(tuple((float(x), float(y)) for x, y in ring))
