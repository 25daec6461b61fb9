"""Robots that wait for each other in a circle: who gives way, how soon, and to where.

One that waits for a robot which goes on by itself waits long before it looks for
another way. Those that wait in a circle gain nothing by waiting: the one with
the greatest id gives way first, the others one by one if that did not help.
"""

from collections.abc import Iterable, Mapping, Sequence

from fleetapp.traffic.masks import Masks
from fleetapp.traffic.world import Ahead, two_way_part

FIRST_YIELDS_MS = 3_000
NEXT_YIELDS_MS = 5_000
FOLLOWERS_COUNT_AFTER_MS = 15_000  # first the short step aside is tried
IN_THE_WAY_MS = 30_000
IN_A_FOLLOWERS_WAY_MS = 10_000


def circle_of(blockers: Mapping[str, str], robot_id: str) -> tuple[str, ...]:
    """The robots of the circle in which a robot waits for itself, empty if in none.

    Args:
        blockers: for each robot that waits in traffic, for whom.
        robot_id: where to begin; the first of the answer.
    """
    circle = [robot_id]
    other = blockers.get(robot_id)
    while other is not None and other not in circle:
        circle.append(other)
        other = blockers.get(other)
    return tuple(circle) if other == robot_id and len(circle) > 1 else ()


def patience_ms(circle: Sequence[str], robot_id: str) -> int:
    """How long a robot of a circle waits before it gives way."""
    rank = sorted(circle, reverse=True).index(robot_id)
    return FIRST_YIELDS_MS + rank * NEXT_YIELDS_MS


def followers_of(blockers: Mapping[str, str], circle: Sequence[str]) -> tuple[str, ...]:
    """The robots that wait, directly or not, for one of a circle and are not in it."""
    found = list(circle)
    grown = True
    while grown:
        more = [r for r in sorted(blockers) if r not in found and blockers[r] in found]
        found.extend(more)
        grown = bool(more)
    return tuple(found[len(circle) :])


def in_the_way(
    masks: Masks,
    owners: Mapping[int, str],
    robot_id: str,
    *,
    circle: Iterable[Ahead],
    followers: Iterable[Ahead],
) -> dict[int, int]:
    """Where a robot that gives way must not stop, as penalties for the planner.

    Args:
        masks: the site's floor.
        owners: resource to robot id.
        robot_id: who gives way.
        circle: routes of the others in the circle.
        followers: routes of those that wait for it; they weigh less.

    Returns:
        Node to extra milliseconds: where the others drive next over two-way edges,
        and the nodes that anybody else owns; ascending by node.
    """
    owned = [r for r, o in owners.items() if r < masks.node_count and o != robot_id]
    nodes = dict.fromkeys(_parts(masks, followers), IN_A_FOLLOWERS_WAY_MS)
    nodes.update(dict.fromkeys((*owned, *_parts(masks, circle)), IN_THE_WAY_MS))
    return dict(sorted(nodes.items()))


def _parts(masks: Masks, ways: Iterable[Ahead]) -> tuple[int, ...]:
    return tuple(node for ahead in ways for node in two_way_part(masks, ahead))
