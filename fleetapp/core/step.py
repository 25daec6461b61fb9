"""The core as one function: messages in, rows out, nothing else.

`step` folds the messages of one tick, answers each, then settles what follows
for the fleet as a whole (who goes where, how far). `fold` rebuilds the state
from recorded rows and decides nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fleetapp.core import (
    answer_commands,
    answer_faults,
    answer_looks,
    answer_orders,
    answer_plans,
    answer_reports,
    answer_start,
)
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.settle import settle
from fleetapp.core.state import State
from fleetapp.core.turn import Row, Turn

Answer = Callable[[Turn, Any], None]


def _nothing(_turn: Turn, _message: object) -> None:
    return


ANSWERS: Mapping[type, Answer] = {
    seen.RobotAppeared: answer_reports.on_appeared,
    seen.RobotReported: answer_reports.on_reported,
    seen.Heartbeat: answer_reports.on_heartbeat,
    seen.LinkChanged: _nothing,
    seen.NodePassed: answer_orders.on_passed,
    seen.OrderAcknowledged: answer_orders.on_acknowledged,
    seen.OrderUnacknowledged: answer_orders.on_unacknowledged,
    seen.OrderRefused: answer_orders.on_refused,
    seen.ActionEnded: answer_orders.on_action_ended,
    seen.OrderFinished: answer_orders.on_finished,
    seen.OrderGone: answer_orders.on_gone,
    seen.CancelConfirmed: answer_orders.on_cancelled,
    seen.CancelUnconfirmed: answer_orders.on_cancel_unconfirmed,
    seen.PauseConfirmed: answer_orders.on_pause,
    seen.PauseUnconfirmed: answer_orders.on_pause_unconfirmed,
    seen.ChargingUnconfirmed: answer_reports.on_charging_unconfirmed,
    seen.LeftBase: answer_orders.on_left_base,
    seen.QuirkSeen: _nothing,
    seen.FactsheetSeen: answer_reports.on_factsheet,
    seen.PayloadRejected: answer_faults.on_rejected,
    seen.MessagesUsable: answer_faults.on_usable,
    seen.FrameReceived: answer_looks.on_frame,
    seen.PackageRecognised: answer_looks.on_recognised,
    seen.PlanProposed: answer_plans.on_proposed,
    own.DeadlineFell: answer_faults.on_deadline,
    own.JournalUnavailable: answer_faults.on_journal_down,
    own.JournalRecovered: answer_faults.on_journal_up,
    own.WorkerChanged: answer_faults.on_worker,
    own.EngineStarted: answer_start.on_started,
    seen.AccessRecorded: _nothing,
    seen.CommandGiven: answer_commands.on_command,
}


def step(state: State, messages: Sequence[seen.Input]) -> tuple[State, tuple[Row, ...]]:
    """One tick: the new state and every row of it, inputs and decisions in order."""
    turn = Turn(state)
    for message in messages:
        turn.take_in(message)
        ANSWERS[type(message)](turn, message)
    turn.settle()
    settle(turn)
    return turn.draft.freeze(), tuple(turn.rows)


def fold(state: State, rows: Iterable[Row]) -> State:
    """The state after recorded rows, without deciding anything again."""
    turn = Turn(state)
    for row in rows:
        turn.follow(row)
    return turn.draft.freeze()
