"""Poses, footprints and swept areas."""

from fleetapp.geometry.footprint import Footprint, polygon_footprint, rectangle
from fleetapp.geometry.pose import Pose, heading_along
from fleetapp.geometry.swept import swept_area, swept_areas

__all__ = [
    "Footprint",
    "Pose",
    "heading_along",
    "polygon_footprint",
    "rectangle",
    "swept_area",
    "swept_areas",
]
