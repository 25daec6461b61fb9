"""Two robots that wait for each other: who gives way, how soon, and to where.

One that waits for a robot which goes on by itself waits long before it looks for
another way. Two that wait for each other gain nothing by waiting: the one with
the greater id gives way first, the other only if that did not help.
"""

from collections.abc import Mapping, Sequence

from fleetapp.traffic.masks import Masks

FIRST_YIELDS_MS = 3_000
SECOND_YIELDS_MS = 8_000
IN_THE_WAY_MS = 30_000


def patience_ms(robot_id: str, blocker_id: str) -> int:
    """How long a robot waits for one that waits for it, before it gives way."""
    return FIRST_YIELDS_MS if robot_id > blocker_id else SECOND_YIELDS_MS


def in_the_way(
    masks: Masks, owners: Mapping[int, str], robot_id: str, blocker_way: Sequence[int]
) -> dict[int, int]:
    """Where a robot that gives way must not stop, as penalties for the planner.

    Args:
        masks: the site's floor.
        owners: resource to robot id.
        robot_id: who gives way.
        blocker_way: the nodes that the other one still passes; not empty.

    Returns:
        Node to extra milliseconds: the other's way, its way out of a dead end at
        the end, and the nodes that anybody else owns; ascending by node.
    """
    nodes = {r for r, o in owners.items() if r < masks.node_count and o != robot_id}
    nodes.update(blocker_way)
    out = masks.outward.get(blocker_way[-1])
    while out is not None:
        nodes.add(out)
        out = masks.outward.get(out)
    return dict.fromkeys(sorted(nodes), IN_THE_WAY_MS)
