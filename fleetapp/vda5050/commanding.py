"""Pause, cancel, charge: instant actions, and whether reports show their effect.

An action keeps its id however often it is sent, so that a robot which got it
twice does it once. A robot that says FINISHED and drives on is not believed; a
cancel that ended without effect (it came before its order) is told anew. No cancel
goes to a robot that has nothing to cancel: one on the market keeps it and gives up
the next order.
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
CHARGE_RESEND_MS = 5_000  # a charger takes a while to lock in
CHARGE_UNCONFIRMED_MS = 30_000
FULL_PERCENT = 99.0
FACTSHEET_EVERY_MS = 10_000
FACTSHEET_ATTEMPTS = 3


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
        self._busy = True  # until a report says that there is nothing to cancel
        self._pause: Wish | None = None
        self._paused = False
        self._cancel: Wish | None = None
        self._cancel_order = ""
        self._charge: Wish | None = None
        self._sheets_left = 0
        self._sheet_ms = 0
        self._to_send: list[wire.Action] = []

    @property
    def cancelling(self) -> bool:
        """Whether a cancel is under way."""
        return self._cancel is not None

    @property
    def pausing(self) -> bool:
        """Whether the last word to it was to stand still."""
        return self._paused

    def want_pause(self, now_ms: int, *, paused: bool) -> None:
        """Stand still, or go on; the last word counts."""
        self._paused = paused
        action = self._new("startPause" if paused else "stopPause")
        self._pause = Wish(action, now_ms, now_ms)
        self._to_send.append(action)

    def want_cancel(self, order_id: str, now_ms: int, *, order_may_come: bool) -> None:
        """Give the order up; not sent to a robot that has none, nor will get it."""
        action = self._new("cancelOrder")
        self._cancel, self._cancel_order = Wish(action, now_ms, now_ms), order_id
        if self._busy or order_may_come:
            self._to_send.append(action)

    def want_charging(self, now_ms: int, *, start: bool) -> None:
        """Start or stop charging; its effect is seen in the battery state."""
        action = self._new("startCharging" if start else "stopCharging")
        self._charge = Wish(action, now_ms, now_ms)
        self._to_send.append(action)

    def drive_off(self) -> None:
        """An order ends the wish to charge."""
        self._charge = None

    def want_factsheet(self) -> None:
        """Ask what it is, as soon as it is heard."""
        self._sheets_left, self._sheet_ms = FACTSHEET_ATTEMPTS, 0

    def factsheet_came(self) -> None:
        """It said what it is."""
        self._sheets_left = 0

    def cancel_done(self) -> None:
        """The effect of the cancel was seen."""
        self._cancel = None

    def forget(self) -> None:
        """The robot is no longer ours: nothing more is asked of it."""
        self._pause = self._cancel = self._charge = None
        self._paused, self._sheets_left = False, 0

    def read(
        self, state: wire.State, now_ms: int, *, order_may_come: bool
    ) -> Iterator[seen.RobotObservation]:
        """Effects that this report shows.

        `order_may_come`: the order to cancel may still be on its way to the robot.
        """
        self._busy = is_busy(state)
        yield from self._read_pause(state, now_ms)
        self._note_spent(state)
        if self._cancel is not None and not (self._busy or order_may_come):
            self._cancel = None
            yield seen.CancelConfirmed(self._robot_id, now_ms, self._cancel_order)
        if self._charge is not None and _charges_as_told(state, self._charge.action):
            self._charge = None
        self._ask_factsheet(now_ms)

    def _read_pause(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        wish = self._pause
        if wish is None:
            return
        stands = not state.driving and now_ms - wish.since_ms >= STANDING_MS
        effect = (bool(state.paused) or stands) if self._paused else not state.paused
        if effect:
            self._pause = None
            yield seen.PauseConfirmed(self._robot_id, now_ms, self._paused)

    def _note_spent(self, state: wire.State) -> None:
        ended = {action.action_id for action in state.action_states or () if has_ended(action)}
        for wish in (self._cancel, self._charge):
            if wish is not None:
                wish.spent = wish.spent or wish.action.action_id in ended

    def _ask_factsheet(self, now_ms: int) -> None:
        if self._sheets_left and now_ms >= self._sheet_ms:
            self._sheets_left -= 1
            self._sheet_ms = now_ms + FACTSHEET_EVERY_MS
            self._to_send.append(self._new("factsheetRequest"))

    def next_deadline_ms(self) -> int | None:
        """When something is to be sent again."""
        times = [w.sent_ms + RESEND_MS for w in (self._pause, self._cancel) if w is not None]
        if self._charge is not None:
            times.append(self._charge.sent_ms + _charge_every_ms(self._charge))
        return min(times, default=None)

    def on_time(self, now_ms: int, *, order_may_come: bool) -> Iterator[seen.RobotObservation]:
        """Send again what no report shows; say so once if it takes too long."""
        if self._is_due(self._pause, RESEND_MS, now_ms):
            yield from self._again(self._pause, UNCONFIRMED_MS, now_ms)
        if self._is_due(self._cancel, RESEND_MS, now_ms):
            sends = self._busy or order_may_come
            yield from self._again(self._cancel, CANCEL_UNCONFIRMED_MS, now_ms, sends=sends)
        if self._is_due(self._charge, _charge_every_ms(self._charge), now_ms):
            yield from self._again(self._charge, CHARGE_UNCONFIRMED_MS, now_ms)

    @staticmethod
    def _is_due(wish: Wish | None, every_ms: int, now_ms: int) -> bool:
        return wish is not None and now_ms >= wish.sent_ms + every_ms

    def _again(
        self, wish: Wish | None, limit_ms: int, now_ms: int, *, sends: bool = True
    ) -> Iterator[seen.RobotObservation]:
        if wish is None:
            return
        wish.sent_ms = now_ms
        if wish.spent:
            wish.action, wish.spent = self._new(wish.action.action_type), False
        if sends:
            self._to_send.append(wish.action)
        if now_ms - wish.since_ms >= limit_ms and not wish.told:
            wish.told = True
            yield self._late(wish, now_ms)

    def _late(self, wish: Wish, now_ms: int) -> seen.RobotObservation:
        if wish is self._pause:
            return seen.PauseUnconfirmed(self._robot_id, now_ms, self._paused)
        if wish is self._charge:
            start = wish.action.action_type == "startCharging"
            return seen.ChargingUnconfirmed(self._robot_id, now_ms, start)
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


def _charge_every_ms(wish: Wish | None) -> int:
    """Seldom once an alarm was raised: the charger may be at fault, it stays asked for."""
    return CHARGE_UNCONFIRMED_MS if wish is not None and wish.told else CHARGE_RESEND_MS


def _charges_as_told(state: wire.State, action: wire.Action) -> bool:
    """Whether the battery state shows it; a robot that does not say is not asked twice."""
    battery = state.battery_state
    if battery is None or battery.charging is None:
        return True
    if action.action_type == "stopCharging":
        return not battery.charging
    return battery.charging or (battery.battery_charge or 0.0) >= FULL_PERCENT
