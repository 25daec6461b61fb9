"""Who owns what floor, where everybody will stand, and what everybody wants next.

One round of grants works on one world; only its own grants change it. Whoever
has base left will drive it, so a robot is weighed where its base ends; a robot
without a route is weighed on all the floor that it owns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fleetapp.traffic.masks import Masks


@dataclass(frozen=True, slots=True)
class Ahead:
    """A route and how far it is released: `nodes[released_to]` is where its base ends."""

    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    released_to: int

    @property
    def stand(self) -> int:
        """The decision point."""
        return self.nodes[self.released_to]


class World:
    """Ownership and remaining routes during one round of grants."""

    def __init__(
        self,
        masks: Masks,
        owners: Mapping[int, str],
        ahead: Mapping[str, Ahead],
        mouth_of: Mapping[int, int],
    ) -> None:
        """Take over the floor as it is.

        Args:
            masks: exclusions of the site.
            owners: resource to robot id.
            ahead: the route of each robot that drives one.
            mouth_of: end of each one-edge spur to its mouth.
        """
        self.masks = masks
        self.owners = dict(owners)
        self.mouth_of = mouth_of
        self._ahead = dict(ahead)
        self._holds = self._reach_by_owner()
        self._stands = {robot_id: self._stand_of(robot_id) for robot_id in self._holds}

    def _reach_by_owner(self) -> dict[str, int]:
        """The floor that each robot keeps others out of, as bits."""
        holds: dict[str, int] = {}
        for resource, owner in self.owners.items():
            holds[owner] = holds.get(owner, 0) | self.masks.reach[resource]
        return dict(sorted(holds.items()))

    def _stand_of(self, robot_id: str) -> int:
        """The floor that a robot keeps others out of once it has driven its base."""
        ahead = self._ahead.get(robot_id)
        return self._holds[robot_id] if ahead is None else self.masks.reach[ahead.stand]

    def owner_of_reach(self, resource: int, robot_id: str) -> str | None:
        """Another robot that keeps this one out of a resource, None if it is free."""
        for other, holds in self._holds.items():
            if holds >> resource & 1 and other != robot_id:
                return other
        return None

    def closes_circle(self, robot_id: str, then: Ahead) -> str | None:
        """Whom the robot would wait for in a circle that comes back to it, None if in none.

        Robot A waits for B if B will stand on floor that A wants next. A robot needs
        all that it wants, so every robot in its way counts.

        Args:
            robot_id: who would be given floor.
            then: its route as released after that.
        """
        stand = self.masks.reach[then.stand]
        first = self._in_the_way(robot_id, then)
        seen: dict[str, None] = {}
        waiting = list(reversed(first))
        while waiting:
            other = waiting.pop()
            if other in seen:
                continue
            seen[other] = None
            ahead = self._ahead.get(other)
            if ahead is None:
                continue
            if self._want(ahead) & stand:
                return first[0]
            waiting.extend(n for n in self._in_the_way(other, ahead) if n != robot_id)
        return None

    def _in_the_way(self, robot_id: str, ahead: Ahead) -> list[str]:
        want = self._want(ahead)
        if want == 0:
            return []
        return [
            other for other, stand in self._stands.items() if stand & want and other != robot_id
        ]

    def _want(self, ahead: Ahead) -> int:
        """Floor wanted next as bits; the mouth of a spur is wanted together with its end."""
        index, last = ahead.released_to, len(ahead.edges)
        if index >= last:
            return 0
        step = 1
        if index == last - 2 and self.mouth_of.get(ahead.nodes[last]) == ahead.nodes[index + 1]:
            step = 2
        edges, nodes = ahead.edges[index : index + step], ahead.nodes[index + 1 : index + 1 + step]
        return self.masks.way(nodes, edges)

    def meets_head_on(self, robot_id: str, then: Ahead) -> str | None:
        """Who would come towards the robot on a two-way lane with no place to pass.

        Source: a lane between two robots is safe if one of the two can reach a node
        that is not on the other's way before they meet.
        """
        mine = two_way_part(self.masks, then)
        if not mine:
            return None
        mine_mask = self.masks.plain(mine)
        for other, stand in self._stands.items():
            if stand & mine_mask and other != robot_id and self._cannot_pass(then, mine, other):
                return other
        return None

    def _cannot_pass(self, then: Ahead, mine: tuple[int, ...], other: str) -> bool:
        ahead = self._ahead.get(other) or self._standing(other)
        if ahead is None:
            return False
        my_reach, its_reach = self.masks.reach[then.stand], self._stands[other]
        my_part = _up_to(mine, its_reach)
        its_part = _up_to(two_way_part(self.masks, ahead), my_reach)
        if my_part is None or its_part is None:
            return False
        return not self._has_refuge(my_part, its_part) and not self._has_refuge(its_part, my_part)

    def _has_refuge(self, way: tuple[int, ...], other_way: tuple[int, ...]) -> bool:
        """Whether some node before the meeting is clear of the other's way."""
        taken = self.masks.plain(other_way)
        return any(not self.masks.reach[node] & taken for node in way[:-1])

    def _standing(self, robot_id: str) -> Ahead | None:
        """A robot without a route as one at its end; None if it stands between nodes."""
        nodes = [
            resource
            for resource, owner in self.owners.items()
            if owner == robot_id and resource < self.masks.node_count
        ]
        return Ahead((nodes[0],), (), 0) if len(nodes) == 1 else None

    def give(self, robot_id: str, resources: tuple[int, ...], then: Ahead) -> None:
        """Let a robot own floor from now on; `then` is its route as released now."""
        for resource in resources:
            self.owners[resource] = robot_id
        self._holds[robot_id] = self._holds.get(robot_id, 0) | self.masks.reach_of(resources)
        self._ahead[robot_id] = then
        self._stands[robot_id] = self.masks.reach[then.stand]


def two_way_part(masks: Masks, ahead: Ahead) -> tuple[int, ...]:
    """Nodes that follow over two-way edges; past the end, the way out of a dead end."""
    part: list[int] = []
    for index in range(ahead.released_to, len(ahead.edges)):
        if not masks.two_way[ahead.edges[index]]:
            return tuple(part)
        part.append(ahead.nodes[index + 1])
    node: int | None = ahead.nodes[-1]
    while node is not None and (node := masks.outward.get(node)) is not None:
        part.append(node)
    return tuple(part)


def _up_to(nodes: Iterable[int], reach: int) -> tuple[int, ...] | None:
    """Nodes up to and with the first one within the reach; None if there is none."""
    way: list[int] = []
    for node in nodes:
        way.append(node)
        if reach >> node & 1:
            return tuple(way)
    return None
