"""Which action states are of instant actions, in 2.x reports that do not tell them apart.

They say nothing about an order: robots on the market keep `startPause` or
`cancelOrder` WAITING for ever, and would never be idle again.

Source: VDA 5050 2.1, 6.8.2 "Predefined actions".
"""

from collections.abc import Iterable, Iterator

from fleetapp.vda5050 import wire

TYPES = (
    "startPause",
    "stopPause",
    "startCharging",
    "stopCharging",
    "initPosition",
    "enableMap",
    "downloadMap",
    "deleteMap",
    "stateRequest",
    "logReport",
    "cancelOrder",
    "factsheetRequest",
)
ENDED = frozenset({"FINISHED", "FAILED"})
ON_THE_WAY_MS = 3_000  # what has not come by then does not come


class ActionIds:
    """Makes the instant actions of one robot; their ids never repeat."""

    def __init__(self, robot_id: str, epoch: str) -> None:
        """`epoch` names this start of the engine: ids differ from those of earlier ones."""
        self._serial = robot_id.partition("/")[2]
        self._epoch = epoch
        self._number = 0

    def new(self, action_type: str) -> wire.Action:
        """An action with an id of its own; its type can be read off it."""
        self._number += 1
        return wire.Action(
            action_type=action_type,
            action_id=f"{self._serial}-{action_type}-{self._epoch}-{self._number}",
            blocking_type="HARD" if action_type == "cancelOrder" else "NONE",
            action_parameters=[],
        )


def has_ended(action: wire.ActionState) -> bool:
    """Whether nothing more comes of it."""
    return action.action_status.upper() in ENDED


def is_instant(action: wire.ActionState) -> bool:
    """Whether it is no part of an order; by its type, or by an id of ours if it has none."""
    if action.action_type:
        return action.action_type in TYPES
    return any(f"-{name}-" in action.action_id for name in TYPES)


def unfinished(actions: Iterable[wire.ActionState] | None) -> Iterator[wire.ActionState]:
    """The actions of orders that have not ended."""
    return (a for a in actions or () if not (has_ended(a) or is_instant(a)))
