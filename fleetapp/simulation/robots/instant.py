"""Instant actions a virtual robot was given, and how far each is.

An action that comes again under the same id is done once. Ended ones are kept in
the reports for a while, so that one lost report does not hide them.
"""

from dataclasses import dataclass, field

from fleetapp.simulation.robots.actions import ENDED
from fleetapp.vda5050 import wire

MOST_KEPT = 20


@dataclass(slots=True)
class InstantActions:
    """Their states, oldest first."""

    states: dict[str, wire.ActionState] = field(default_factory=dict)
    cancels: list[str] = field(default_factory=list)  # ids of cancels under way

    def knows(self, action: wire.Action) -> bool:
        """Whether it came before."""
        return action.action_id in self.states

    def note(self, action: wire.Action, status: str) -> None:
        """Remember how far it is."""
        self.states[action.action_id] = wire.ActionState(
            action.action_id, status, action.action_type
        )
        ended = [key for key, state in self.states.items() if state.action_status in ENDED]
        for key in ended[: max(0, len(self.states) - MOST_KEPT)]:
            del self.states[key]

    def end_cancels(self) -> None:
        """What was to be cancelled is gone."""
        for action_id in self.cancels:
            if action_id in self.states:
                self.states[action_id].action_status = "FINISHED"
        self.cancels = []
