"""The engine: the loop on its thread, and the threads and processes round it.

Journal, ring, server, network, planner and recogniser each have a thread; none of them
touches the state. They meet in one queue, the inbox, which the loop empties each tick.
"""

import logging
import os
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fleetapp.api.site_drawing import layout_of
from fleetapp.core.decisions import ReviewOpened
from fleetapp.core.observations import Input
from fleetapp.core.observations_engine import EngineStarted, WorkerChanged
from fleetapp.core.state import Floor, Rules, State
from fleetapp.core.turn import Row
from fleetapp.engine import run_file
from fleetapp.engine.brokers import Broker
from fleetapp.engine.clock import Clock
from fleetapp.engine.desk import Desk
from fleetapp.engine.inbox import Inbox
from fleetapp.engine.latency import Latency
from fleetapp.engine.loop import CommandItem, Item, Loop
from fleetapp.engine.planner import PlannerLink
from fleetapp.engine.recogniser import RecogniserLink
from fleetapp.engine.record import Record
from fleetapp.engine.service import Outside, Service
from fleetapp.engine.sessions import RawMessage, Sessions
from fleetapp.engine.status import Parts, status_of
from fleetapp.engine.views.fleet import JournalHealth

log = logging.getLogger(__name__)

IDLE_S = 0.1
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Options:
    """How an engine is started."""

    data: Path
    site_path: Path
    bundle_dir: Path
    interface: str
    bundle_digest: str = ""
    api_port: int = 0


class Engine:
    """A running engine; `start` returns when it serves, `stop` when all has ended.

    `on_failure` is called from the loop's thread if the core itself fails: nobody
    decides any more, robots stop at the ends of their bases, and the process is to end.
    """

    def __init__(
        self,
        options: Options,
        floor: Floor,
        rules: Rules,
        broker: Broker,
        *,
        recogniser_command: tuple[str, ...],
        first_user_needed: Callable[[], bool],
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the lock and put the parts together; nothing runs yet.

        Raises:
            AlreadyRunningError: if another engine holds the data folder.
            OtherSiteError: if the journal is of another site, or orders of another layout run.
        """
        self._options = options
        self._floor = floor
        self._on_failure = on_failure
        self._boot_id = uuid.uuid4().hex
        self._link_told: tuple[bool, str] | None = None
        self._untold_ns = 0  # when the oldest report came that no client was told of yet
        self._stopping = False
        self.failed = False
        self.token = secrets.token_urlsafe(32)
        self.inbox = Inbox()
        self.record = self._new_record()
        state = self.record.restored(floor, rules)
        self._clock = Clock(after_ms=state.now_ms)
        self.latency = Latency()
        self.desk = Desk(first_user_needed)
        self.desk.restart(state)
        self.broker = broker
        self.recogniser = RecogniserLink(recogniser_command, self.inbox.put)
        self.planner = PlannerLink(floor, self.inbox.put)
        self._sessions = self._new_sessions()
        self.loop = self._new_loop(state)
        self.service = Service(
            self.inbox.put, self.desk, self.record.audit, self._outside(), self.record.known.of
        )
        self._thread = threading.Thread(target=self._run, name="core-loop", daemon=True)

    def _new_record(self) -> Record:
        return Record(
            self._options.data,
            self._options.site_path,
            self._boot_id,
            self.inbox.put,
            second_anchor=self._floor.site.second_anchor,
        )

    def _new_loop(self, state: State) -> Loop:
        return Loop(
            state,
            self._sessions,
            self.record.journal,
            self.planner,
            ring=self.record.ring,
            on_rows=self._note_rows,
        )

    def _new_sessions(self) -> Sessions:
        return Sessions(
            self.broker,
            self.recogniser,
            interface=self._options.interface,
            epoch=self._boot_id[:8],
            on_pose=self.desk.take_pose,
        )

    def _outside(self) -> Outside:
        layout = layout_of(self._floor.site)
        return Outside(
            layout=lambda: layout,
            review_crop=self.recogniser.crop,
            delta_sent=self.latency.sent,
            status=self.status,
            diagnostics=self.status,
            add_broker_user=self.broker.add_robot,
            remove_broker_user=self.broker.remove_robot,
        )

    # --- life -------------------------------------------------------------
    def start(self) -> None:
        """Start everything but the server.

        Raises:
            BrokerError: if the embedded broker cannot run.
        """
        # First of all: what workers say of themselves counts from this row on.
        self.inbox.put(self._started())
        for doubt in self.record.doubts():
            self.inbox.put(doubt)
        for given in self.record.owed():
            self.inbox.put(given)
        self.broker.start(self.inbox.take_message, self._link_changed, self.inbox.take_flood)
        self.record.start()
        self.planner.start()
        self.recogniser.start()
        self._sessions.adopt(self.loop.state, self._clock.now_ms())
        self._thread.start()

    def _started(self) -> EngineStarted:
        site = self._floor.site
        return EngineStarted(
            0,
            self._boot_id,
            VERSION,
            site.site_id,
            site.digest,
            str(self._options.bundle_dir.name),
            self._options.bundle_digest,
            self._floor.digest,
        )

    def write_run_file(self, api_port: int) -> None:
        """Tell clients where the engine is."""
        address = self.broker.address()
        run_file.write(
            self.record.folder.run_file,
            run_file.RunFile(
                pid=os.getpid(),
                api_port=api_port,
                token=self.token,
                broker_host=address.host,
                broker_port=address.port,
                broker_config=self.broker.config_path(),
                broker_pid=self.broker.pid() or 0,
                site_id=self._floor.site.site_id,
                site_path=str(self._options.site_path),
                started_ms=self._clock.started_ms,
                version=VERSION,
            ),
        )

    def stop(self) -> None:
        """End the loop, then what it needs; the journal is written to its end."""
        self._stopping = True
        self.inbox.wake()
        self._thread.join(timeout=5)
        self.service.close()
        self.planner.stop()
        self.recogniser.stop()
        self.record.finish(self.loop.state)
        self.broker.stop()
        self.record.leave()

    # --- the loop's thread ------------------------------------------------
    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        except Exception:
            log.exception("the core failed; the engine ends, robots stop at their base's end")
            self.failed = True
            self._on_failure()

    def _turn(self) -> None:
        items = self.inbox.gather(self._patience_s())
        now = self._clock.now_ms()
        began_ns = time.monotonic_ns()
        commands = [item for item in items if isinstance(item, CommandItem)]
        self._note_reports(items)
        self.loop.tick(now, items)
        if commands:
            self._note_stop(commands, began_ns)
        self._publish(now)
        self.record.keep_snapshot(self.loop.state)
        self.record.watch()

    def _patience_s(self) -> float:
        wake = self.loop.next_wake_ms()
        if wake is None:
            return IDLE_S
        return min(IDLE_S, max(0.0, (wake - self._clock.now_ms()) / 1000))

    def _note_reports(self, items: list[Item]) -> None:
        if self._untold_ns:
            return
        for item in items:
            if isinstance(item, RawMessage) and item.topic.endswith("/state"):
                self._untold_ns = item.received_ns
                return

    def _note_rows(self, state: State, rows: tuple[Row, ...]) -> None:
        self.desk.note(state, rows)
        self.record.note(rows)
        for row in rows:
            if isinstance(row.message, ReviewOpened):
                self.recogniser.keep_for_review(row.message.robot_id, row.message.frame_id)

    def _note_stop(self, commands: list[CommandItem], began_ns: int) -> None:
        names = {type(item.command).__name__ for item in commands}
        if "StopAll" in names:
            self.desk.stop_sent_after_ms = (time.monotonic_ns() - began_ns) // 1_000_000

    def _publish(self, now: int) -> None:
        state = self.loop.state
        journal = self.record.journal
        health = JournalHealth(
            journal.durable_seq,
            journal.lag_ms(),
            state.journal_ok,
            f"row {state.seq:,}",
        )
        if self.desk.publish(state, now, health, self._mark_delta):
            self._untold_ns = 0

    def _mark_delta(self, delta_seq: int) -> None:
        if self._untold_ns:
            self.latency.told(delta_seq, self._untold_ns)

    # --- other threads ------------------------------------------------------
    def _link_changed(self, connected: bool, detail: str) -> None:  # noqa: FBT001 - paho's word
        if (connected, detail) != self._link_told:  # each failed attempt tells the same
            self._link_told = (connected, detail)
            log.info("broker is %sconnected: %s", "" if connected else "not ", detail)
            self.inbox.put(WorkerChanged(0, "broker", ok=connected, detail=detail))

    def put(self, message: Input) -> None:
        """Give the core an observation of the engine's own."""
        self.inbox.put(message)

    def status(self) -> dict[str, object]:
        """What `fleetapp status` prints."""
        return status_of(
            Parts(
                self.loop.state,
                self.broker,
                self.recogniser,
                self.record.journal,
                self.latency.figures(),
                self._sessions.tallies(),
                self.record.status(),
            )
        )
