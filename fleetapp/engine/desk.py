"""The counter at which clients are served: snapshots, deltas, poses, crops.

Fed by the loop after every tick, read from server threads. What it hands out is
immutable, so nothing is locked while somebody reads it. Nothing that serves the screen may
end the loop: what breaks here costs what it would have shown.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fleetapp.api.views import Delta, FleetView, PoseView, RobotView, Snapshot
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.engine.views.fleet import (
    DoneCounter,
    JournalHealth,
    StandstillTimes,
    fleet_view,
)
from fleetapp.engine.views.guarded import ViewGuard
from fleetapp.engine.views.plain import plain_fleet
from fleetapp.engine.views.publisher import Publisher, snapshot_of
from fleetapp.engine.views.stories import Stories

PUBLISH_EVERY_MS = 50
FLEET_EVERY_MS = 500


class Desk:
    """What clients were told last, and who wants to hear more."""

    def __init__(self, first_user_needed: Callable[[], bool]) -> None:
        """Begin with nothing told."""
        self._views = ViewGuard()
        self._publisher = Publisher(self._views)
        self._stories = Stories()
        self._done = DoneCounter()
        self._standstill = StandstillTimes()
        self._poses: dict[str, PoseView] = {}
        self._first_user_needed = first_user_needed
        self._listeners: tuple[Callable[[Delta], None], ...] = ()
        self._guard = threading.Lock()
        self._told: tuple[State, FleetView, tuple[RobotView, ...]] | None = None
        self._told_ms = -PUBLISH_EVERY_MS
        self._fleet: FleetView | None = None
        self._fleet_ms = -FLEET_EVERY_MS
        self.stop_sent_after_ms: int | None = None

    def restart(self, state: State) -> None:
        """Take over what was done before a restart."""
        self._done.restart(state.done_count)

    def note(self, state: State, rows: tuple[Row, ...]) -> None:
        """Remember what a tick's rows tell."""
        attempt = self._views.attempt
        for row in rows:
            attempt("a line of a story", partial(self._stories.note, state, (row,)))
        attempt("tasks done", lambda: self._done.note(state.now_ms, state.done_count))
        attempt("times to standstill", lambda: self._standstill.note(state))

    def take_pose(self, pose: PoseView) -> None:
        """Take over where a robot is."""
        self._poses[pose.robot_id] = pose

    def publish(
        self,
        state: State,
        now_ms: int,
        journal: JournalHealth,
        before_telling: Callable[[int], None],
    ) -> bool:
        """Tell everybody what is new, at most every 50 ms; whether it was time.

        `before_telling` gets the number of a delta that somebody is about to hear.
        """
        if now_ms - self._told_ms < PUBLISH_EVERY_MS:
            return False
        self._told_ms = now_ms
        self._views.attempt(
            "what is new", lambda: self._tell(state, now_ms, journal, before_telling)
        )
        return True

    def _tell(
        self,
        state: State,
        now_ms: int,
        journal: JournalHealth,
        before_telling: Callable[[int], None],
    ) -> None:
        fleet = self._fleet_now(state, now_ms, journal)
        delta = self._publisher.delta(state, fleet, self._stories, tuple(self._poses.values()))
        self._poses = {}
        with self._guard:
            self._told = (state, fleet, self._publisher.views())
            listeners = self._listeners
        if not (listeners and _says_something(delta)):
            return
        before_telling(delta.seq)
        for listener in listeners:
            self._views.attempt("a client", partial(listener, replace(delta, at_ms=now_ms)))

    def _fleet_now(self, state: State, now_ms: int, journal: JournalHealth) -> FleetView:
        """The figures; anew twice a second, and at once when the stop changes."""
        fleet = self._fleet
        stop_since = fleet.stop.since_ms if fleet is not None else None
        present = state.stop.since_ms if state.stop is not None else None
        fresh = now_ms - self._fleet_ms < FLEET_EVERY_MS
        if fleet is not None and fresh and stop_since == present and not state.stop:
            return fleet
        self._fleet_ms = now_ms
        first_user_needed = self._first_user_needed()
        view = self._views.made(
            "the figures of the fleet",
            lambda: fleet_view(
                state,
                done=self._done,
                standstill=self._standstill,
                journal=journal,
                stop_sent_after_ms=self.stop_sent_after_ms,
                first_user_needed=first_user_needed,
                guard=self._views,
            ),
            lambda: plain_fleet(state, now_ms=now_ms, first_user_needed=first_user_needed),
        )
        # In a quiet fleet the core's time stands still; ages on the screen must not, and a
        # client that hears nothing would call the connection quiet.
        self._fleet = replace(view, at_ms=now_ms)
        return self._fleet

    def snapshot(self) -> Snapshot | None:
        """What everybody was told last, None before the first tick."""
        with self._guard:
            told, seq = self._told, self._publisher.seq
        return snapshot_of(*told, seq=seq, guard=self._views) if told is not None else None

    def subscribe(self, on_delta: Callable[[Delta], None]) -> Callable[[], None]:
        """Hear every delta from now on; call the result to stop."""
        with self._guard:
            self._listeners = (*self._listeners, on_delta)

        def stop() -> None:
            with self._guard:
                self._listeners = tuple(x for x in self._listeners if x is not on_delta)

        return stop


def _says_something(delta: Delta) -> bool:
    return bool(
        delta.fleet
        or delta.robots
        or delta.tasks
        or delta.alarms
        or delta.reviews
        or delta.poses
        or delta.gone_robots
        or delta.gone_tasks
        or delta.gone_alarms
        or delta.gone_reviews
    )
