"""Cancel, charge, ask what it is: instant actions, and whether reports show their effect.

An action keeps its id however often it is sent, so that a robot which got it
twice does it once. A robot that says FINISHED and drives on is not believed; a
cancel that ended without effect (it came before its order) is told anew. No cancel
goes to a robot that has nothing to cancel: one on the market keeps it and gives up
the next order. Charging may move a robot: it is only said to be due, the gate decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.instant import ActionIds, has_ended, unfinished
from fleetapp.vda5050.resuming import was_kept

RESEND_MS = 1_000
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
    asked_ms: int | None = None  # due again, and the gate was asked since; it may say no


class Commanding:
    """The wishes that one robot has open."""

    def __init__(self, robot_id: str, ids: ActionIds) -> None:
        """No wishes."""
        self._robot_id = robot_id
        self._ids = ids
        self._busy = True  # until a report says that there is nothing to cancel
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

    def want_cancel(self, order_id: str, now_ms: int, *, order_may_come: bool) -> None:
        """Give the order up; not sent to a robot that has none, nor will get it."""
        action = self._ids.new("cancelOrder")
        self._cancel, self._cancel_order = Wish(action, now_ms, now_ms), order_id
        if self._busy or order_may_come:
            self._to_send.append(action)

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
        self._cancel = self._charge = None
        self._sheets_left = 0

    def take(self) -> list[wire.Action]:
        """What is to be sent now. It lets nothing move."""
        taken, self._to_send = self._to_send, []
        return taken

    # --- charging -----------------------------------------------------------
    def want_charging(self, now_ms: int, *, start: bool) -> wire.Action:
        """Start or stop charging; its effect is seen in the battery state."""
        action = self._ids.new("startCharging" if start else "stopCharging")
        self._charge = Wish(action, now_ms, now_ms)
        return action

    def drive_off(self) -> None:
        """An order ends the wish to charge."""
        self._charge = None

    def charge_due(self, now_ms: int) -> bool | None:
        """Whether it is to start (True) or stop charging, now that the gate may be asked."""
        wish = self._charge
        if wish is None or now_ms < wish.sent_ms + _charge_every_ms(wish):
            return None
        if wish.asked_ms is None:
            wish.asked_ms = now_ms
        return wish.action.action_type == "startCharging"

    def charge_again(self, now_ms: int) -> wire.Action | None:
        """The action that leaves again now."""
        wish = self._charge
        if wish is None:
            return None
        if was_kept(wish.asked_ms, now_ms):
            wish.since_ms = now_ms
        self._renew(wish, now_ms)
        wish.asked_ms = None
        return wish.action

    # --- what reports say ---------------------------------------------------
    def read(
        self, state: wire.State, now_ms: int, *, order_may_come: bool
    ) -> Iterator[seen.RobotObservation]:
        """Effects that this report shows.

        `order_may_come`: the order to cancel may still be on its way to the robot.
        """
        self._busy = is_busy(state)
        self._note_spent(state)
        if self._cancel is not None and not (self._busy or order_may_come):
            self._cancel = None
            yield seen.CancelConfirmed(self._robot_id, now_ms, self._cancel_order)
        if self._charge is not None and _charges_as_told(state, self._charge.action):
            self._charge = None
        self._ask_factsheet(now_ms)

    def _note_spent(self, state: wire.State) -> None:
        ended = {action.action_id for action in state.action_states or () if has_ended(action)}
        for wish in (self._cancel, self._charge):
            if wish is not None:
                wish.spent = wish.spent or wish.action.action_id in ended

    def _ask_factsheet(self, now_ms: int) -> None:
        if self._sheets_left and now_ms >= self._sheet_ms:
            self._sheets_left -= 1
            self._sheet_ms = now_ms + FACTSHEET_EVERY_MS
            self._to_send.append(self._ids.new("factsheetRequest"))

    # --- time ---------------------------------------------------------------
    @property
    def rests(self) -> bool:
        """Whether there is neither a cancel nor a charge to be shown."""
        return self._cancel is None and self._charge is None

    def next_deadline_ms(self) -> int | None:
        """When something is to be sent again; nothing while the gate keeps it."""
        times = []
        if self._cancel is not None:
            times.append(self._cancel.sent_ms + RESEND_MS)
        if self._charge is not None and self._charge.asked_ms is None:
            times.append(self._charge.sent_ms + _charge_every_ms(self._charge))
        return min(times, default=None)

    def on_time(self, now_ms: int, *, order_may_come: bool) -> Iterator[seen.RobotObservation]:
        """Send a cancel again that no report shows; say so once of what takes too long."""
        yield from self._cancel_again(now_ms, order_may_come=order_may_come)
        charge = self._charge
        if charge is None or charge.asked_ms is not None or charge.told:
            return
        due = now_ms >= charge.sent_ms + _charge_every_ms(charge)
        if due and now_ms - charge.since_ms >= CHARGE_UNCONFIRMED_MS:
            charge.told = True
            start = charge.action.action_type == "startCharging"
            yield seen.ChargingUnconfirmed(self._robot_id, now_ms, start)

    def _cancel_again(
        self, now_ms: int, *, order_may_come: bool
    ) -> Iterator[seen.RobotObservation]:
        wish = self._cancel
        if wish is None or now_ms < wish.sent_ms + RESEND_MS:
            return
        self._renew(wish, now_ms)
        if self._busy or order_may_come:
            self._to_send.append(wish.action)
        if now_ms - wish.since_ms >= CANCEL_UNCONFIRMED_MS and not wish.told:
            wish.told = True
            yield seen.CancelUnconfirmed(self._robot_id, now_ms, self._cancel_order)

    def _renew(self, wish: Wish, now_ms: int) -> None:
        """Told once more: under a new id if the robot is done with the old one."""
        wish.sent_ms = now_ms
        if wish.spent:
            wish.action, wish.spent = self._ids.new(wish.action.action_type), False


def is_busy(state: wire.State) -> bool:
    """Whether there is an order to cancel: nodes ahead, actions not ended, or it still drives."""
    busy = any(unfinished(state.action_states))
    return bool(busy or state.driving or state.node_states)


def _charge_every_ms(wish: Wish) -> int:
    """Seldom once an alarm was raised: the charger may be at fault, it stays asked for."""
    return CHARGE_UNCONFIRMED_MS if wish.told else CHARGE_RESEND_MS


def _charges_as_told(state: wire.State, action: wire.Action) -> bool:
    """Whether the battery state shows it; a robot that does not say is not asked twice."""
    battery = state.battery_state
    if battery is None or battery.charging is None:
        return True
    if action.action_type == "stopCharging":
        return not battery.charging
    return battery.charging or (battery.battery_charge or 0.0) >= FULL_PERCENT
