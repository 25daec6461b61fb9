"""The floor that a robot covers while it drives a straight piece.

The robot keeps its heading: turning on the spot is a disc around its centre of
rotation (`Footprint.radius_m`). A convex outline moved along a line covers the
convex hull of its first and last place, so the hull is exact, not a sample.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from fleetapp.geometry.footprint import Footprint
from fleetapp.geometry.pose import Pose


def swept_area(footprint: Footprint, *, start: Pose, end_x_m: float, end_y_m: float) -> Polygon:
    """Floor covered from `start` straight to the end point, at the start's heading."""
    areas = swept_areas(
        footprint,
        starts_m=np.array([[start.x_m, start.y_m]]),
        ends_m=np.array([[end_x_m, end_y_m]]),
        headings_rad=np.array([start.heading_rad]),
    )
    area: Polygon = areas[0]
    return area


def swept_areas(
    footprint: Footprint,
    *,
    starts_m: NDArray[np.float64],
    ends_m: NDArray[np.float64],
    headings_rad: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Floor covered on each of n straight pieces.

    Args:
        footprint: the robot's outline.
        starts_m: shape (n, 2), site frame.
        ends_m: shape (n, 2), site frame.
        headings_rad: shape (n,); the robot's heading on the piece, which for a
            robot that reverses is not the direction of travel.

    Returns:
        Shape (n,), one polygon each.

    Raises:
        ValueError: if the shapes do not fit each other.
    """
    if starts_m.shape != ends_m.shape or starts_m.shape != (len(headings_rad), 2):
        raise ValueError(
            f"starts_m {starts_m.shape}, ends_m {ends_m.shape} and headings_rad "
            f"{headings_rad.shape} do not fit: give (n, 2), (n, 2) and (n,)"
        )
    if len(headings_rad) == 0:
        return np.empty(0, dtype=np.object_)
    turned = footprint.corners_at(headings_rad)
    corners = np.concatenate([turned + starts_m[:, None], turned + ends_m[:, None]], axis=1)
    hulls: NDArray[np.object_] = shapely.convex_hull(shapely.multipoints(corners))
    return hulls
