"""Node actions of a virtual robot: which may run now, and for how long.

HARD runs alone and the robot stands, SOFT runs beside others and the robot stands,
NONE runs beside others while it drives. Actions begin in the order of their list;
while the robot is paused none begins and those under way go on.

Source: VDA 5050 2.1, 6.8 "Actions" (blockingType) and 6.9 "startPause".
"""

from dataclasses import dataclass, field

from fleetapp.vda5050 import wire

# What the robot can do at a node, and how long it takes: seconds.
DURATIONS_S: dict[str, float] = {
    "pick": 6.0,
    "drop": 6.0,
    "detectObject": 0.4,
    "finePositioning": 2.0,
    "waitForTrigger": 5.0,
}
ENDED = ("FINISHED", "FAILED")


@dataclass(frozen=True, slots=True)
class Running:
    """An action under way."""

    action: wire.Action
    ends_ms: int


@dataclass(slots=True)
class ActionQueue:
    """Actions of nodes that were reached: waiting in order, and under way."""

    waiting: list[wire.Action] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)

    @property
    def holds_robot(self) -> bool:
        """Whether the robot must stand for one of them."""
        under_way = (running.action for running in self.running)
        return any(needs_standing(action) for action in (*self.waiting, *under_way))

    def next_end_ms(self) -> int | None:
        """When the next action under way ends."""
        return min((running.ends_ms for running in self.running), default=None)

    def begin(self, now_ms: int, *, standing: bool) -> list[wire.Action]:
        """Begin what may begin now."""
        begun = []
        while self.waiting and self._may_begin(self.waiting[0], standing=standing):
            action = self.waiting.pop(0)
            takes_ms = round(DURATIONS_S.get(action.action_type, 1.0) * 1000)
            self.running.append(Running(action, now_ms + takes_ms))
            begun.append(action)
        return begun

    def _may_begin(self, action: wire.Action, *, standing: bool) -> bool:
        if needs_standing(action) and not standing:
            return False
        if action.blocking_type == "HARD":
            return not self.running
        return not any(running.action.blocking_type == "HARD" for running in self.running)

    def end(self, now_ms: int) -> list[wire.Action]:
        """Take out what has ended by now."""
        over = [running.action for running in self.running if running.ends_ms <= now_ms]
        self.running = [running for running in self.running if running.ends_ms > now_ms]
        return over

    def clear(self) -> None:
        """Give all up."""
        self.waiting, self.running = [], []


def needs_standing(action: wire.Action) -> bool:
    """Whether the robot must stand for it."""
    return action.blocking_type != "NONE"
