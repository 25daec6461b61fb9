"""Pause, cancel, charge: instant actions, and whether reports show their effect.

An action keeps its id however often it is sent, so that a robot which got it
twice does it once. A robot that says FINISHED and drives on is not believed; a
cancel that ended without effect (it came before its order) is told anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import instant_message
from fleetapp.vda5050.instant import action_id, has_ended, unfinished

RESEND_MS = 1_000
STANDING_MS = 1_000
UNCONFIRMED_MS = 4_000
CANCEL_UNCONFIRMED_MS = 15_000


@dataclass(slots=True)
class Wish:
    """Something the robot was told, until its reports show it."""

    action: wire.Action
    since_ms: int
    sent_ms: int
    told: bool = False
    spent: bool = False  # the robot reports it as ended, and its effect is not seen


class Commanding:
    """The wishes that one robot has open."""

    def __init__(self, robot_id: str, epoch: str) -> None:
        """No wishes. `epoch` makes action ids differ from those of earlier starts."""
        self._robot_id = robot_id
        self._epoch = epoch
        self._number = 0
        self._pause: Wish | None = None
        self._paused = False
        self._confirmed = True
        self._cancel: Wish | None = None
        self._cancel_order = ""
        self._to_send: list[wire.Action] = []

    @property
    def cancelling(self) -> bool:
        """Whether a cancel is under way."""
        return self._cancel is not None

    def want_pause(self, now_ms: int, *, paused: bool) -> None:
        """Stand still, or go on; the last word counts."""
        name = "startPause" if paused else "stopPause"
        self._paused, self._confirmed = paused, False
        action = self._new(name)
        self._pause = Wish(action, now_ms, now_ms)
        self._to_send.append(action)

    def want_cancel(self, order_id: str, now_ms: int) -> None:
        """Give the order up."""
        action = self._new("cancelOrder")
        self._cancel, self._cancel_order = Wish(action, now_ms, now_ms), order_id
        self._to_send.append(action)

    def want_charging(self, *, start: bool) -> None:
        """Start or stop charging; its effect is seen in the battery state."""
        self._to_send.append(self._new("startCharging" if start else "stopCharging"))

    def want_factsheet(self) -> None:
        """Send what it is."""
        self._to_send.append(self._new("factsheetRequest"))

    def cancel_done(self) -> None:
        """The effect of the cancel was seen."""
        self._cancel = None

    def read(
        self, state: wire.State, now_ms: int, *, order_may_come: bool
    ) -> Iterator[seen.RobotObservation]:
        """Effects that this report shows.

        `order_may_come`: the order to cancel may still be on its way to the robot.
        """
        yield from self._read_pause(state, now_ms)
        if not order_may_come:
            yield from self._read_cancel(state, now_ms)

    def _read_pause(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        wish = self._pause
        if wish is None:
            return
        stands = not state.driving and now_ms - wish.since_ms >= STANDING_MS
        effect = (bool(state.paused) or stands) if self._paused else not state.paused
        if effect:
            self._pause, self._confirmed = None, True
            yield seen.PauseConfirmed(self._robot_id, now_ms, self._paused)

    def _read_cancel(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        if self._cancel is None:
            return
        cancel_id = self._cancel.action.action_id
        for action in state.action_states or ():
            if action.action_id == cancel_id and has_ended(action):
                self._cancel.spent = True
        if not is_busy(state):
            self._cancel = None
            yield seen.CancelConfirmed(self._robot_id, now_ms, self._cancel_order)

    def next_deadline_ms(self) -> int | None:
        """When something is to be sent again."""
        times = [w.sent_ms + RESEND_MS for w in (self._pause, self._cancel) if w is not None]
        return min(times, default=None)

    def on_time(self, now_ms: int) -> Iterator[seen.RobotObservation]:
        """Send again what no report shows; say so once if it takes too long."""
        for wish, limit in ((self._pause, UNCONFIRMED_MS), (self._cancel, CANCEL_UNCONFIRMED_MS)):
            if wish is None or now_ms < wish.sent_ms + RESEND_MS:
                continue
            wish.sent_ms = now_ms
            if wish.spent:
                wish.action, wish.spent = self._new(wish.action.action_type), False
            self._to_send.append(wish.action)
            if now_ms - wish.since_ms >= limit and not wish.told:
                wish.told = True
                yield self._late(wish, now_ms)

    def _late(self, wish: Wish, now_ms: int) -> seen.RobotObservation:
        if wish is self._pause:
            return seen.PauseUnconfirmed(self._robot_id, now_ms, self._paused)
        return seen.CancelUnconfirmed(self._robot_id, now_ms, self._cancel_order)

    def take_message(self) -> wire.InstantActions | None:
        """The instant actions to send now, None if there are none."""
        if not self._to_send:
            return None
        message = instant_message(self._to_send)
        self._to_send = []
        return message

    def _new(self, action_type: str) -> wire.Action:
        self._number += 1
        serial = self._robot_id.partition("/")[2]
        return wire.Action(
            action_type=action_type,
            action_id=action_id(serial, action_type, self._epoch, self._number),
            blocking_type="HARD" if action_type == "cancelOrder" else "NONE",
            action_parameters=[],
        )


def is_busy(state: wire.State) -> bool:
    """Whether there is an order to cancel: nodes ahead, actions not ended, or it still drives."""
    busy = any(unfinished(state.action_states))
    return bool(busy or state.driving or state.node_states)
