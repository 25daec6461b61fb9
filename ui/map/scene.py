"""What one frame of the map is to show."""

from dataclasses import dataclass

from fleetapp.api.model import FleetModel

from .budget import Budget
from .viewport import Viewport

Place = tuple[float, float, float]  # x and y in metres, heading in radians


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be painted in one frame."""

    view: Viewport
    model: FleetModel
    selected: str
    hovered: str
    show_routes: bool
    show_zones: bool
    small: bool
    places: dict[str, Place]
    now_s: float
    budget: Budget  # for what is not painted yet
