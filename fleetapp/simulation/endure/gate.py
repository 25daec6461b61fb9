"""What leaves for robots: a permissive message only after its row, and to nobody forbidden.

Looked at where the link is: whatever way a message took inside, here it must be right
(I4, rule 1, one gate).
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from fleetapp.core import decisions as made
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.terms.modes import EmergencyStop, OperatingMode

PERMISSIVE_ACTIONS = frozenset({"stopPause", "startCharging", "stopCharging"})


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message on its way out."""

    robot_id: str
    kind: str
    payload: bytes


@dataclass(slots=True)
class Rows:
    """By which row each order update, and each action of a robot, was permitted."""

    orders: dict[tuple[str, int], int] = field(default_factory=dict)
    actions: dict[tuple[str, str], int] = field(default_factory=dict)  # robot, action type

    def follow(self, state: State, rows: tuple[Row, ...]) -> None:
        """Note the rows of a tick; several changes of one order are one message."""
        for row in rows:
            message = row.message
            if isinstance(message, made.OrderIssued | made.BaseExtended | made.RouteReplaced):
                order = state.orders.get(message.order_id)
                if order is not None:
                    self.orders[order.order_id, order.update_id] = row.seq
            elif isinstance(message, made.ChargingAsked):
                said, other = ("start", "stop") if message.start else ("stop", "start")
                self.actions[message.robot_id, f"{said}Charging"] = row.seq
                self.actions.pop((message.robot_id, f"{other}Charging"), None)
            else:
                self._follow_pauses(message, row.seq)

    def _follow_pauses(self, message: object, seq: int) -> None:
        """Whoever stands goes on by a row after the one that stopped it."""
        if isinstance(message, made.HoldReleased | made.RobotResumed) and message.resume:
            self.actions[message.robot_id, "stopPause"] = seq
        elif isinstance(message, made.FleetReleased):
            self.actions.update({(robot_id, "stopPause"): seq for robot_id in message.resume})
        elif isinstance(message, made.RobotHeld | made.RobotPaused):
            self.actions.pop((message.robot_id, "stopPause"), None)
        elif isinstance(message, made.FleetStopped):
            for robot_id in message.robot_ids:
                self.actions.pop((robot_id, "stopPause"), None)

    def lose(self, last_seq: int) -> None:
        """Rows that were not durable are gone."""
        self.orders = {k: seq for k, seq in self.orders.items() if seq <= last_seq}
        self.actions = {k: seq for k, seq in self.actions.items() if seq <= last_seq}


def forbidden(state: State, robot_id: str) -> str:
    """Why nothing permissive may leave for a robot, "" if it may."""
    robot = state.robots.get(robot_id)
    if robot is None or not robot.admitted:
        return "it is not admitted"
    forbidding = (
        (state.stop is not None, "the fleet is stopped"),
        (state.halted, "all is halted"),
        (not state.journal_ok, "the journal cannot be written"),
        (bool(robot.holds), "it is held"),
        (bool(robot.stray_id), "it is paused for another"),
        (robot.pause_wanted, "it was told to stand still"),
        (robot.silent, "it is silent"),
        (not robot.reported, "it has not reported since the start"),
        (robot.mode is not OperatingMode.AUTOMATIC, f"it is in {robot.mode.value} mode"),
        (robot.emergency_stop is not EmergencyStop.NONE, "it is in emergency stop"),
    )
    return next((text for forbids, text in forbidding if forbids), "")


def permissive_in(leaving: Leaving) -> tuple[tuple[str, int], ...]:
    """What of a message may let its robot move: order and update, or action types and 0."""
    if leaving.kind not in ("order", "instantActions"):
        return ()
    message: dict[str, Any] = msgspec.json.decode(leaving.payload)
    if leaving.kind == "order":
        return ((str(message["orderId"]), int(message["orderUpdateId"])),)
    names = (str(action["actionType"]) for action in message.get("actions", ()))
    return tuple((name, 0) for name in names if name in PERMISSIVE_ACTIONS)


def wrong_with(state: State, rows: Rows, durable_seq: int, leaving: Leaving) -> tuple[str, str]:
    """Invariant and story of a message that must not leave now; "", "" if it may."""
    for asked in permissive_in(leaving):
        is_order = leaving.kind == "order"
        seq = rows.orders.get(asked) if is_order else rows.actions.get((leaving.robot_id, asked[0]))
        what = f"order {asked}" if is_order else asked[0]
        found = _judge(state, leaving.robot_id, seq, durable_seq, what)
        if found[0]:
            return found
    return "", ""


def _judge(
    state: State, robot_id: str, seq: int | None, durable_seq: int, what: str
) -> tuple[str, str]:
    if seq is None:
        return "I4 row before message", f"{what} left without a row"
    if seq > durable_seq:
        return "I4 row before message", f"{what} left: row {seq}, durable {durable_seq}"
    why = forbidden(state, robot_id)
    return ("one gate", f"{what} left while {why}") if why else ("", "")
