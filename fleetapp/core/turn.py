"""One step under way: takes messages in, records what is concluded, in order.

Every input and every decision becomes a row; its number is counted here, so
that a decision can name the row that caused it and a replay gets the same
numbers. An input whose rule failed is passed over: its row stands, and nothing else of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fleetapp.core import decisions as made
from fleetapp.core.about import about
from fleetapp.core.decisions import Decision
from fleetapp.core.draft import Draft
from fleetapp.core.evolve_decisions import evolve_decision
from fleetapp.core.evolve_inputs import EVOLVE as EVOLVE_INPUTS
from fleetapp.core.evolve_inputs import evolve_input
from fleetapp.core.observations import CommandGiven, Input
from fleetapp.core.state import State
from fleetapp.traffic.release import Refused

# What happens a hundred times an order causes nothing: a chain of causes leads past it.
PASSING = (made.BaseExtended, made.RobotWaits, made.WaitEnded, made.FloorFreed)


@dataclass(frozen=True, slots=True)
class Row:
    """One message with its number and the number of the row that caused it."""

    seq: int
    message: Input | Decision
    cause: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a step a rule works: for which message, and for which robot."""

    number: int  # of the message within the step
    rule: str
    robot_id: str  # "" for all


NOWHERE = Place(-1, "", "")


class Turn:
    """The draft of the state and the rows made so far."""

    def __init__(self, state: State, faults: Mapping[Place, str] | None = None) -> None:
        """Begin a step on `state`, past the places that failed when it was begun before."""
        self.draft = Draft(state)
        self.began_ms = state.now_ms
        self.faults = faults or {}
        self.at = NOWHERE
        self.refused: dict[str, Refused] = {}  # floor that robots wanted in this step and not got
        self.rows: list[Row] = []
        self._input_seq: int | None = None

    @property
    def now_ms(self) -> int:
        """The time of the newest message."""
        return self.draft.now_ms

    def take_in(self, message: Input) -> bool:
        """Record an input and let the state follow it; whether its rule may be tried."""
        self._record(message)
        if not may_try(self.draft, rule_of(message), robot_of(message)):
            return False
        evolve_input(self.draft, message)
        return True

    def pass_over(self, message: Input) -> int:
        """Record an input of which nothing is done; the number of its row."""
        return self._record(message)

    def _record(self, message: Input) -> int:
        seq = self._input_seq = self._number()
        self.rows.append(Row(seq, message, None))
        self.draft.now_ms = max(self.draft.now_ms, message.at_ms)
        return seq

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
            if subject.robot_id in self.draft.robots:
                self.draft.robot_rows.put(subject.robot_id, seq)
            else:
                self.draft.robot_rows.drop(subject.robot_id)

    def follow(self, row: Row, *, undone: bool = False) -> None:
        """Let the state follow a recorded row, but for an input that was undone."""
        self.draft.seq = row.seq
        if type(row.message) in EVOLVE_INPUTS:
            message = cast("Input", row.message)
            self.draft.now_ms = max(self.draft.now_ms, message.at_ms)
            if not undone and may_try(self.draft, rule_of(message), robot_of(message)):
                evolve_input(self.draft, message)
            return
        decision = cast("Decision", row.message)
        evolve_decision(self.draft, decision)
        self._remember(decision, row.seq)


def rule_of(message: Input) -> str:
    """The name of the rule that answers a message."""
    kind = message.command if isinstance(message, CommandGiven) else message
    return type(kind).__name__


def may_try(draft: Draft, rule: str, robot_id: str) -> bool:
    """Whether a rule has not failed for this robot since a person looked."""
    robot = draft.robots.get(robot_id)
    return robot is None or rule not in robot.broken


def robot_of(message: Input) -> str:
    """The robot that an observation is about; a command may be tried always."""
    return "" if isinstance(message, CommandGiven) else getattr(message, "robot_id", "") or ""
