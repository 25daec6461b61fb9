"""One robot told to go on after a pause: due again until its reports show it.

Nothing is sent from here. What may let a robot move is only said to be due; the
fleet's gate decides at that moment, and what may not leave stays due.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.instant import ON_THE_WAY_MS, ActionIds, has_ended

RESEND_MS = 1_000
UNCONFIRMED_MS = 4_000
APART_MS = 1_000


@dataclass(slots=True)
class GoOn:
    """The wish that a robot goes on, until its reports show it."""

    action: wire.Action
    since_ms: int
    sent_ms: int | None = None  # None: not yet by this engine
    asked_ms: int | None = None  # due, and the gate was asked since; it may say no
    goes_on: bool = False  # its newest report says so
    believed_from_ms: int = 0  # until then a pause may still reach it
    heard_ms: int | None = None  # first report since it was sent
    spent: bool = False
    late_told: bool = False


class Resuming:
    """Whether one robot is to go on and has not shown it."""

    def __init__(self, robot_id: str, ids: ActionIds) -> None:
        """No such wish."""
        self._robot_id = robot_id
        self._ids = ids
        self._wish: GoOn | None = None
        self._sent_ms: int | None = None  # the newest that no report showed, wished or not

    def want(self, now_ms: int, *, pause_may_come_until_ms: int = 0) -> None:
        """It is to go on. A pause that is still on its way to it may undo that."""
        action = self._ids.new("stopPause")
        self._wish = GoOn(action, now_ms, believed_from_ms=pause_may_come_until_ms)

    def adopt(self, now_ms: int) -> None:
        """It is to go on by the record; an engine before this one may have just told it."""
        self.want(now_ms)
        self._sent_ms = now_ms

    def may_come_until_ms(self) -> int:
        """Until when a resume that no report showed may still reach the robot; 0 for none.

        A wish that ended calls nothing back that was sent for it.
        """
        if self._sent_ms is None:
            return 0
        return self._sent_ms + ON_THE_WAY_MS

    @property
    def rests(self) -> bool:
        """Whether there is no such wish."""
        return self._wish is None

    def end(self) -> None:
        """It is to stand still, or is no longer ours."""
        self._wish = None

    # --- out ----------------------------------------------------------------
    def due(self, now_ms: int) -> bool:
        """Whether it is to be told, now that the gate may be asked."""
        deadline_ms = self._send_ms()
        if self._wish is None or deadline_ms is None or now_ms < deadline_ms:
            return False
        if self._wish.asked_ms is None:
            self._wish.asked_ms = now_ms
        return True

    def sent(self, now_ms: int) -> wire.Action | None:
        """The action that leaves now."""
        wish = self._wish
        if wish is None:
            return None
        if wish.spent:
            wish.action, wish.spent = self._ids.new("stopPause"), False
        if wish.sent_ms is None or was_kept(wish.asked_ms, now_ms):
            wish.since_ms = now_ms
        wish.sent_ms = self._sent_ms = now_ms
        wish.asked_ms = None
        return wish.action

    # --- what reports say ---------------------------------------------------
    def read(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        """Whether this report shows that it goes on."""
        wish = self._wish
        if wish is None:
            return
        mine = [a for a in state.action_states or () if a.action_id == wish.action.action_id]
        wish.spent = wish.spent or any(has_ended(action) for action in mine)
        wish.goes_on = self._goes_on(wish, state, now_ms)
        yield from self._believed(wish, now_ms)

    @staticmethod
    def _goes_on(wish: GoOn, state: wire.State, now_ms: int) -> bool:
        if state.paused is not None:
            return not state.paused
        if wish.sent_ms is None:
            return False
        if wish.heard_ms is None:
            wish.heard_ms = now_ms
        said_nothing_against = now_ms - wish.heard_ms >= APART_MS
        return wish.spent or bool(state.driving) or said_nothing_against

    def _believed(self, wish: GoOn, now_ms: int) -> Iterator[seen.RobotObservation]:
        if wish.goes_on and now_ms >= wish.believed_from_ms:
            self._wish = self._sent_ms = None
            yield seen.PauseConfirmed(self._robot_id, now_ms, paused=False)

    # --- time ---------------------------------------------------------------
    def _send_ms(self) -> int | None:
        wish = self._wish
        if wish is None or wish.goes_on:
            return None
        return wish.since_ms if wish.sent_ms is None else wish.sent_ms + RESEND_MS

    def next_deadline_ms(self) -> int | None:
        """When it is due again, or believed; nothing while the gate keeps it."""
        wish = self._wish
        if wish is None:
            return None
        if wish.goes_on:
            return wish.believed_from_ms
        return None if wish.asked_ms is not None else self._send_ms()

    def on_time(self, now_ms: int) -> Iterator[seen.RobotObservation]:
        """Say once that no report shows it; believe what nothing can undo any more."""
        wish = self._wish
        if wish is None:
            return
        yield from self._believed(wish, now_ms)
        late = wish.sent_ms is not None and now_ms - wish.since_ms >= UNCONFIRMED_MS
        if late and not wish.goes_on and wish.asked_ms is None and not wish.late_told:
            wish.late_told = True
            yield seen.PauseUnconfirmed(self._robot_id, now_ms, paused=False)


def was_kept(asked_ms: int | None, now_ms: int) -> bool:
    """Whether the gate kept it for long: that is not held against the robot."""
    return asked_ms is not None and now_ms - asked_ms >= RESEND_MS
