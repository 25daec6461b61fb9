"""The order that one robot has from us: what is sent of it, and when it is due again.

Nothing is sent from here. An update that no report shows is due again, under the
same number; the fleet's gate decides whether it leaves. Time in which it was not
allowed to leave is not held against the robot.
"""

from collections.abc import Iterator
from dataclasses import replace

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.following import Following
from fleetapp.vda5050.instant import ON_THE_WAY_MS
from fleetapp.vda5050.orders import OrderToSend
from fleetapp.vda5050.resuming import was_kept

RESEND_MS = (1_000, 2_000, 3_000, 4_000)  # together the ten seconds that a wait may last
ATTEMPTS_TOLD = 4


class Ordering:
    """The order under way, if there is one."""

    def __init__(self, robot_id: str) -> None:
        """No order."""
        self._robot_id = robot_id
        self.following: Following | None = None

    def give(self, order: OrderToSend, now_ms: int, *, old_errors: frozenset[str]) -> None:
        """A new order leaves, or an update of the one it has."""
        following = self.following
        if following is None or following.order.order_id != order.order_id:
            self.following = Following(order, now_ms, old_errors=old_errors)
            return
        # An adopted order may know the update already: then it continues where that began.
        adopted = following.order.update_id == order.update_id
        stitch = following.stitch if adopted else following.order.released_to
        self.following = replace(
            following,
            order=order,
            known=stitch > 0 or following.shown_update >= 0,
            sent_ms=now_ms,
            attempts=1,
            asked_ms=None,
            heard=False,
            unheeded=0,
            stitch=stitch,
            finished=False,
            unacknowledged_told=False,
            refused_told=False,
            old_errors=old_errors,
        )

    def adopt(
        self,
        order: OrderToSend,
        passed: int,
        shown_update: int,
        now_ms: int,
        *,
        stitch: int,
        ended: frozenset[str],
    ) -> None:
        """Follow an order that was sent before a restart; see `Session.adopt`."""
        self.following = Following(
            order,
            now_ms,
            shown_update=shown_update,
            passed=passed,
            known=shown_update >= 0,
            stitch=stitch,
            ended=set(ended),
        )

    def end(self) -> None:
        """There is no order any more."""
        self.following = None

    def forget(self, order_id: str) -> None:
        """This order is over for us."""
        if self.following is not None and self.following.order.order_id == order_id:
            self.following = None

    def count_anew(self, now_ms: int) -> None:
        """It may take its order again: what it did not show before is not held against it."""
        following = self.following
        if following is not None:
            following.sent_ms, following.attempts, following.unheeded = now_ms, 1, 0
            following.unacknowledged_told = following.refused_told = False
            following.asked_ms = None

    def read(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        """What this report says of the order."""
        if self.following is not None:
            yield from self.following.read(self._robot_id, state, now_ms)

    def may_come(self, now_ms: int) -> bool:
        """Whether an order that no report has shown yet may still reach the robot."""
        following = self.following
        if following is None or following.shown_update >= 0:
            return False
        return now_ms - following.sent_ms < ON_THE_WAY_MS

    # --- due again ----------------------------------------------------------
    def due(self, now_ms: int) -> OrderToSend | None:
        """The update that no report shows, now that the gate may be asked."""
        following = self._unshown()
        if following is None or now_ms < following.sent_ms + _wait_ms(following):
            return None
        if following.asked_ms is None:
            following.asked_ms = now_ms
        return following.order

    def again(self, now_ms: int) -> None:
        """It leaves once more."""
        following = self.following
        if following is None:
            return
        if was_kept(following.asked_ms, now_ms):
            following.attempts, following.unheeded, following.heard = 0, 0, False
        # Without a report it may be the network: that ends by itself, and a hold does not.
        following.unheeded += following.heard
        following.heard, following.asked_ms = False, None
        following.attempts += 1
        following.sent_ms = now_ms

    @property
    def rests(self) -> bool:
        """Whether there is no update that a report is still to show."""
        return self._unshown() is None

    def next_deadline_ms(self) -> int | None:
        """When it is due again or something is to be told; nothing while the gate keeps it."""
        following = self._unshown()
        if following is None or following.asked_ms is not None:
            return None
        if self._is_unheeded(following):
            return following.sent_ms
        return following.sent_ms + _wait_ms(following)

    def on_time(self, now_ms: int) -> Iterator[seen.RobotObservation]:
        """Say once that it was sent often and reports do not show it."""
        following = self._unshown()
        if following is None or not self._is_unheeded(following):
            return
        following.unacknowledged_told = True
        order = following.order
        yield seen.OrderUnacknowledged(
            self._robot_id, now_ms, order.order_id, order.update_id, following.unheeded
        )

    @staticmethod
    def _is_unheeded(following: Following) -> bool:
        return following.unheeded >= ATTEMPTS_TOLD and not following.unacknowledged_told

    def _unshown(self) -> Following | None:
        """The order if no report shows its newest update."""
        following = self.following
        if following is None or following.shown_update >= following.order.update_id:
            return None
        return following


def _wait_ms(following: Following) -> int:
    return RESEND_MS[min(max(following.attempts, 1), len(RESEND_MS)) - 1]
