"""One step under way: takes messages in, records what is concluded, in order.

Every input and every decision becomes a row; its number is counted here, so
that a decision can name the row that caused it and a replay gets the same
numbers.
"""

from dataclasses import dataclass
from typing import cast

from fleetapp.core import decisions as made
from fleetapp.core.about import about
from fleetapp.core.decisions import Decision
from fleetapp.core.draft import Draft
from fleetapp.core.evolve_decisions import evolve_decision
from fleetapp.core.evolve_inputs import EVOLVE as EVOLVE_INPUTS
from fleetapp.core.evolve_inputs import evolve_input
from fleetapp.core.observations import Input
from fleetapp.core.state import State

# What happens a hundred times an order causes nothing: a chain of causes leads past it.
PASSING = (made.BaseExtended, made.RobotWaits, made.WaitEnded, made.FloorFreed)


@dataclass(frozen=True, slots=True)
class Row:
    """One message with its number and the number of the row that caused it."""

    seq: int
    message: Input | Decision
    cause: int | None


class Turn:
    """The draft of the state and the rows made so far."""

    def __init__(self, state: State) -> None:
        """Begin a step on `state`."""
        self.draft = Draft(state)
        self.rows: list[Row] = []
        self._input_seq: int | None = None

    @property
    def now_ms(self) -> int:
        """The time of the newest message."""
        return self.draft.now_ms

    def take_in(self, message: Input) -> None:
        """Record an input and let the state follow it."""
        self._input_seq = self._number()
        self.rows.append(Row(self._input_seq, message, None))
        evolve_input(self.draft, message)

    def decide(self, decision: Decision) -> None:
        """Record a decision and let the state follow it.

        Its cause is the input being answered; after all inputs of the step are
        answered, it is the newest row about the same task, else robot.
        """
        seq = self._number()
        self.rows.append(Row(seq, decision, self._cause_of(decision)))
        evolve_decision(self.draft, decision)
        self._remember(decision, seq)

    def settle(self) -> None:
        """From now on decisions answer no single input."""
        self._input_seq = None

    def _number(self) -> int:
        self.draft.seq += 1
        return self.draft.seq

    def _cause_of(self, decision: Decision) -> int | None:
        if self._input_seq is not None:
            return self._input_seq
        subject = about(decision)
        if subject.task_id is not None and subject.task_id in self.draft.task_rows:
            return self.draft.task_rows[subject.task_id]
        if subject.robot_id is not None:
            return self.draft.robot_rows.get(subject.robot_id)
        return None

    def _remember(self, decision: Decision, seq: int) -> None:
        if isinstance(decision, PASSING):
            return
        subject = about(decision)
        if subject.task_id is not None:
            if subject.task_id in self.draft.tasks:
                self.draft.task_rows.put(subject.task_id, seq)
            else:
                self.draft.task_rows.drop(subject.task_id)
        if subject.robot_id is not None:
            self.draft.robot_rows.put(subject.robot_id, seq)

    def follow(self, row: Row) -> None:
        """Let the state follow a recorded row."""
        self.draft.seq = row.seq
        if type(row.message) in EVOLVE_INPUTS:
            evolve_input(self.draft, cast("Input", row.message))
            return
        decision = cast("Decision", row.message)
        evolve_decision(self.draft, decision)
        self._remember(decision, row.seq)
