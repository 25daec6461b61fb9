"""Where a robot is and which way it looks, in the site frame.

Site frame: x east, y north, metres; headings counter-clockwise from x, in
(-pi, pi]. Conversion from and to wire formats happens elsewhere.
"""

import math
from dataclasses import dataclass

from fleetapp.terms.units import wrap_rad


@dataclass(frozen=True, slots=True)
class Pose:
    """A position and a heading in the site frame."""

    x_m: float
    y_m: float
    heading_rad: float

    def distance_m(self, other: "Pose") -> float:
        """Straight distance between the two positions; headings do not count."""
        return math.hypot(other.x_m - self.x_m, other.y_m - self.y_m)

    def ahead(self, distance_m: float) -> "Pose":
        """The pose after driving straight on (negative: straight back)."""
        return Pose(
            self.x_m + distance_m * math.cos(self.heading_rad),
            self.y_m + distance_m * math.sin(self.heading_rad),
            self.heading_rad,
        )


def heading_along(*, start_x_m: float, start_y_m: float, end_x_m: float, end_y_m: float) -> float:
    """Heading of the straight line from start to end, in (-pi, pi].

    Raises:
        ValueError: if both points are the same, for then there is no heading.
    """
    if start_x_m == end_x_m and start_y_m == end_y_m:
        raise ValueError(
            f"both points are ({start_x_m}, {start_y_m}): a heading needs two different points"
        )
    return wrap_rad(math.atan2(end_y_m - start_y_m, end_x_m - start_x_m))
