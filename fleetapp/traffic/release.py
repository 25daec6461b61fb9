"""How far a robot may drive: extending the base of its order.

Decides only how many nodes may be released now; which way to go is the planner's
business. Floor is given if nobody else owns it or anything that it excludes, and
if no circle of robots would wait for each other: the wait-for graph stays
acyclic, so somebody can always go on. Nor is anybody let into a two-way lane
towards a robot that it could not pass there. The mouth of a spur is given only together
with the spur's end: who waited in the mouth would shut in whoever stands inside.

Source: VDA 5050 2.1, section 6.6.4 "Order updates"; DESIGN.md, rule 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fleetapp.terms.reasons import WaitCause
from fleetapp.traffic.world import Ahead, World


@dataclass(frozen=True, slots=True)
class Candidate:
    """A robot that could use more base.

    `want_to` is the node number along the route up to which it should be
    released so that it need not brake; `waiting_since_ms` decides who is first.
    """

    robot_id: str
    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    released_to: int
    want_to: int
    waiting_since_ms: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A robot may go on to node number `released_to` and owns these resources."""

    robot_id: str
    released_to: int
    resources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A robot must wait before a node, because of another robot."""

    robot_id: str
    cause: WaitCause
    blocker_id: str
    node: int


def extend_all(world: World, candidates: Iterable[Candidate]) -> tuple[Grant | Refused, ...]:
    """Give floor to those who may go on, the longest waiting first."""
    in_turn = sorted(candidates, key=lambda c: (c.waiting_since_ms, c.robot_id))
    return tuple(
        answer for candidate in in_turn for answer in (_extend(world, candidate),) if answer
    )


def _extend(world: World, candidate: Candidate) -> Grant | Refused | None:
    """As far as wanted, or as far as free and safe; a refusal only if not one node is."""
    free_to, refusal = _free_to(world, candidate)
    reached = free_to
    while reached > candidate.released_to:
        unsafe = _unsafe(world, candidate, reached)
        if unsafe is None:
            resources = _resources(world, candidate, reached)
            world.give(candidate.robot_id, resources, _then(candidate, reached))
            return Grant(candidate.robot_id, reached, resources)
        if unsafe.blocker_id != candidate.robot_id or refusal is None:
            refusal = unsafe  # that it may not stop in a mouth is no reason, what bars the end is
        reached -= 1
    return refusal


def _free_to(world: World, candidate: Candidate) -> tuple[int, Refused | None]:
    """How far the floor is free, and what stands there."""
    reached = candidate.released_to
    while reached < candidate.want_to or (
        reached > candidate.released_to and _in_mouth(world, candidate, reached)
    ):
        node = candidate.nodes[reached + 1]
        for resource in (world.masks.edge(candidate.edges[reached]), node):
            blocker = world.owner_of_reach(resource, candidate.robot_id)
            if blocker is not None:
                refused = Refused(candidate.robot_id, WaitCause.TRAFFIC, blocker, node)
                if _in_mouth(world, candidate, reached):
                    reached = max(candidate.released_to, reached - 1)
                return reached, refused
        reached += 1
    return reached, None


def _in_mouth(world: World, candidate: Candidate, reached: int) -> bool:
    """Whether this node is the mouth of the spur that the route ends in."""
    last = len(candidate.nodes) - 1
    return (
        reached == last - 1
        and world.mouth_of.get(candidate.nodes[last]) == (candidate.nodes[reached])
    )


def _unsafe(world: World, candidate: Candidate, reached: int) -> Refused | None:
    """Why the robot must not be released up to here, None if it may."""
    node = candidate.nodes[reached]
    if reached < candidate.want_to and _in_mouth(world, candidate, reached):
        return Refused(candidate.robot_id, WaitCause.TRAFFIC, candidate.robot_id, node)
    then = _then(candidate, reached)
    other = world.closes_circle(candidate.robot_id, then) or _newly_met(world, candidate, then)
    if other is None:
        return None
    return Refused(candidate.robot_id, WaitCause.DEADLOCK_AVOIDANCE, other, node)


def _newly_met(world: World, candidate: Candidate, then: Ahead) -> str | None:
    """Who would come head-on; whoever stands so already may move, for it may be backing out."""
    other = world.meets_head_on(candidate.robot_id, then)
    if other is None:
        return None
    now = _then(candidate, candidate.released_to)
    return None if world.meets_head_on(candidate.robot_id, now) == other else other


def _resources(world: World, candidate: Candidate, reached: int) -> tuple[int, ...]:
    """Edges and nodes beyond the base up to a node number, without what it owns already."""
    new: list[int] = []
    for index in range(candidate.released_to, reached):
        for resource in (world.masks.edge(candidate.edges[index]), candidate.nodes[index + 1]):
            if world.owners.get(resource) != candidate.robot_id and resource not in new:
                new.append(resource)
    return tuple(new)


def _then(candidate: Candidate, reached: int) -> Ahead:
    """The candidate's route if it were released up to a node number."""
    return Ahead(candidate.nodes, candidate.edges, reached)
