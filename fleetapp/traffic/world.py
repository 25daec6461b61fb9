"""Who owns what floor, and where everybody goes next.

One round of grants works on one world; only its own grants change it.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from fleetapp.traffic.masks import Masks


class Way(Protocol):
    """A route with a released part."""

    @property
    def robot_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def nodes(self) -> tuple[int, ...]:
        """All of its nodes."""
        ...

    @property
    def edges(self) -> tuple[int, ...]:
        """All of its edges."""
        ...


class World:
    """Ownership and next wishes during one round of grants."""

    def __init__(
        self,
        masks: Masks,
        owners: Mapping[int, str],
        wants: Mapping[str, tuple[int, int]],
        mouth_of: Mapping[int, int],
    ) -> None:
        """Take over the floor as it is.

        Args:
            masks: exclusions of the site.
            owners: resource to robot id.
            wants: for each robot that is not fully released its next edge (as a
                resource) and node.
            mouth_of: end of each spur to its mouth.
        """
        self.masks = masks
        self.owners = dict(owners)
        self.mouth_of = mouth_of
        self._wants = dict(wants)
        self._holds = self._reach_by_owner()

    def _reach_by_owner(self) -> dict[str, int]:
        """The floor that each robot keeps others out of, as bits."""
        holds: dict[str, int] = {}
        for resource, owner in self.owners.items():
            holds[owner] = holds.get(owner, 0) | self.masks.reach[resource]
        return dict(sorted(holds.items()))

    def owner_of_reach(self, resource: int, robot_id: str) -> str | None:
        """Another robot that keeps this one out of a resource, None if it is free."""
        for other, holds in self._holds.items():
            if holds >> resource & 1 and other != robot_id:
                return other
        return None

    def closes_circle(self, way: Way, reached: int, resources: Iterable[int]) -> str | None:
        """Whom it would wait for in a circle that comes back to it, None if in none.

        The wait-for graph has one arrow a robot: to the owner of the floor that it
        wants next. Taking `resources`, the robot would want what comes after them.
        """
        if reached >= len(way.edges):
            return None
        taken = self.masks.reach_of(resources)
        edge, node = self.masks.edge(way.edges[reached]), way.nodes[reached + 1]
        first = self.owner_of_reach(edge, way.robot_id) or self.owner_of_reach(node, way.robot_id)
        seen: set[str] = set()
        other = first
        while other is not None and other not in seen:
            seen.add(other)
            other = self._waits_for(other, way.robot_id, taken)
            if other == way.robot_id:
                return first
        return None

    def _waits_for(self, robot_id: str, taker: str, taken: int) -> str | None:
        want = self._wants.get(robot_id)
        if want is None:
            return None
        for resource in want:
            if taken >> resource & 1:
                return taker
            owner = self.owner_of_reach(resource, robot_id)
            if owner is not None:
                return owner
        return None

    def give(self, robot_id: str, resources: tuple[int, ...], want: tuple[int, int] | None) -> None:
        """Let a robot own floor from now on; `want` is what it will ask for next."""
        for resource in resources:
            self.owners[resource] = robot_id
        self._holds[robot_id] = self._holds.get(robot_id, 0) | self.masks.reach_of(resources)
        if want is None:
            self._wants.pop(robot_id, None)
        else:
            self._wants[robot_id] = want
