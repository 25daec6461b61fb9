"""Where robots without a task go: homes, parking places, chargers.

A home is a place off the lanes that is kept for one robot. A robot with little
charge goes to a charger; others go home once they have stood idle for a while.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A charger or parking place and the node where a robot stands on it."""

    station_id: str
    node: int
    charger: bool


def nearest_free(
    places: Iterable[Place], taken: frozenset[int], travel_ms: Mapping[int, int]
) -> Place | None:
    """The free place with the shortest drive; ties by node number."""
    free = [place for place in places if place.node not in taken and place.node in travel_ms]
    return min(free, key=lambda place: (travel_ms[place.node], place.node), default=None)


def needs_charge(*, charge_permille: int | None, low_permille: int, charging: bool) -> bool:
    """Whether a robot should go to a charger now."""
    return charge_permille is not None and not charging and charge_permille < low_permille


def charged_enough(*, charge_permille: int | None, enough_permille: int) -> bool:
    """Whether charging may end."""
    return charge_permille is not None and charge_permille >= enough_permille
