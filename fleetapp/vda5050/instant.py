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


def action_id(serial: str, action_type: str, epoch: str, number: int) -> str:
    """The id of an instant action of ours; its type can be read off it."""
    return f"{serial}-{action_type}-{epoch}-{number}"


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
