"""The core as one function: messages in, rows out, nothing else.

`step` folds the messages of one tick, answers each, then settles what follows
for the fleet as a whole (who goes where, how far). A rule that fails is undone: the
step is begun anew past it (`fleetapp.core.guard`). `fold` in `fleetapp.core.follow`
rebuilds the state from recorded rows and decides nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleetapp.core import (
    answer_commands,
    answer_faults,
    answer_halts,
    answer_looks,
    answer_orders,
    answer_pauses,
    answer_plans,
    answer_reports,
    answer_start,
)
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.guard import SETTLING, FaultTold, about_all, answer_whole, kernel_broke
from fleetapp.core.settle import settle
from fleetapp.core.state import State
from fleetapp.core.turn import NOWHERE, Place, Row, Turn

Answer = Callable[[Turn, Any], None]


def _nothing(_turn: Turn, _message: object) -> None:
    return


def _nobody(_error: Exception) -> None:
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
    seen.PauseConfirmed: answer_pauses.on_confirmed,
    seen.PauseUnconfirmed: answer_pauses.on_unconfirmed,
    seen.PauseContradicted: answer_pauses.on_contradicted,
    seen.StandstillSeen: answer_pauses.on_standstill,
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
    own.RecordDoubted: answer_halts.on_doubted,
    own.PartBroke: answer_halts.on_part_broke,
    seen.AccessRecorded: _nothing,
    seen.CommandGiven: answer_commands.on_command,
}


def step(
    state: State, messages: Sequence[seen.Input], told: FaultTold = _nobody
) -> tuple[State, tuple[Row, ...]]:
    """One tick: the new state and every row of it, inputs and decisions in order.

    Args:
        state: before the tick.
        messages: what came in, in order.
        told: hears of an error that a rule ran into, for the log; it changes nothing.
    """
    faults: dict[Place, str] = {}
    while True:
        turn = Turn(state, faults)
        try:
            _answer_all(turn, messages)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises is undone and told
            told(error)
            fault = type(error).__name__
            if turn.at == NOWHERE or turn.at in faults:
                return _without_rules(state, messages, fault)
            faults[turn.at] = fault
        else:
            return turn.draft.freeze(), tuple(turn.rows)


def _answer_all(turn: Turn, messages: Sequence[seen.Input]) -> None:
    for number, message in enumerate(messages):
        answer_whole(turn, number, message, ANSWERS[type(message)])
    turn.settle()
    turn.at = Place(SETTLING, "settle", "")
    about_all(turn, "settle", settle)
    turn.at = NOWHERE


def _without_rules(
    state: State, messages: Sequence[seen.Input], fault: str
) -> tuple[State, tuple[Row, ...]]:
    """What is left when not even the guard works: the record, and what restricts."""
    turn = Turn(state)
    kernel_broke(turn, messages, fault)
    return turn.draft.freeze(), tuple(turn.rows)
