"""What the core hands to the journal: one entry a message, hashes come later."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on its way to a journal row.

    `seq` counts without gaps from 1 over the life of a data folder; `body` is
    the canonical JSON of the message (sorted keys, no spaces, UTF-8).
    """

    seq: int
    at_ms: int
    kind: str  # "input" or "decision"
    type: str
    version: int
    actor: str
    robot_id: str | None
    task_id: str | None
    order_id: str | None
    order_update_id: int | None
    cause_seq: int | None
    body: bytes
