"""The engine: the loop on its thread, and the threads and processes round it.

Journal, server, network, planner and recogniser each have a thread; none of them
touches the state. They meet in one queue, which the loop empties each tick. A
command ends the wait at once; robots' messages are gathered for 20 ms.
"""

import logging
import os
import queue
import secrets
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fleetapp.api.layout import Layout
from fleetapp.api.views import PoseView
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.writer import JournalWriter
from fleetapp.core.observations import (
    EngineStarted,
    Input,
    JournalRecovered,
    JournalUnavailable,
    WorkerChanged,
)
from fleetapp.core.state import Floor, Rules, State
from fleetapp.core.turn import Row
from fleetapp.engine import run_file, snapshots
from fleetapp.engine.brokers import Broker
from fleetapp.engine.data_folder import DataFolder, take_lock
from fleetapp.engine.desk import Desk
from fleetapp.engine.loop import CommandItem, Durable, Item, Loop
from fleetapp.engine.planner import PlannerLink
from fleetapp.engine.recogniser import RecogniserLink
from fleetapp.engine.rejections import Dropped
from fleetapp.engine.service import Outside, Service
from fleetapp.engine.sessions import RawMessage, Sessions
from fleetapp.engine.status import Parts, status_of
from fleetapp.engine.views.fleet import JournalHealth
from fleetapp.engine.views.layout import layout_of
from fleetapp.mqtt.flood import PER_SECOND

log = logging.getLogger(__name__)

TICK_S = 0.02
IDLE_S = 0.1
SNAPSHOT_ROWS = 20_000
# Each robot is cut to 100 messages a second before this; it bounds the memory if the loop
# itself stands. What is dropped makes robots stale, and a stale robot gets nothing more.
MOST_WAITING = 20_000
CROWDED = f"more than {MOST_WAITING} messages wait for the engine"
FLOOD = f"more than {PER_SECOND} messages a second; the rest is dropped"
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Options:
    """How an engine is started."""

    data: Path
    site_path: Path
    bundle_dir: Path
    interface: str
    api_port: int = 0


@dataclass(slots=True)
class Latency:
    """From the network's callback to the delta handed to clients, milliseconds."""

    samples: deque[float] = field(default_factory=lambda: deque(maxlen=20_000))

    def figures(self) -> dict[str, float]:
        """Median and 99th percentile, empty before the first sample."""
        ordered = sorted(self.samples)
        if not ordered:
            return {}
        return {
            "p50": round(ordered[len(ordered) // 2], 2),
            "p99": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], 2),
        }


class Engine:
    """A running engine; `start` returns when it serves, `stop` when all has ended."""

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

        `on_failure` is called from the loop's thread if the core itself fails: nobody
        decides any more, robots stop at the ends of their bases, and the process is to end.

        Raises:
            AlreadyRunningError: if another engine holds the data folder.
        """
        self._options = options
        self._floor = floor
        self.folder = DataFolder(options.data)
        self.folder.prepare()
        self._lock = take_lock(self.folder)
        self._inbox: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._boot_id = uuid.uuid4().hex
        self._wall0_ms = time.time_ns() // 1_000_000
        self._mono0_ns = time.monotonic_ns()
        self._poses: dict[str, PoseView] = {}
        self._snapshot_seq = 0
        self._stopping = False
        self.failed = False
        self._on_failure = on_failure
        self._oldest_ns = 0
        self._unheard = 0
        self.latency = Latency()
        self.token = secrets.token_urlsafe(32)
        self.desk = Desk(first_user_needed)
        self.broker = broker
        self.recogniser = RecogniserLink(recogniser_command, self._inbox.put)
        self.planner = PlannerLink(floor, self._inbox.put)
        self.journal = JournalWriter(
            self.folder.database,
            self._boot_id,
            on_durable=lambda seq: self._inbox.put(Durable(seq)),
            on_trouble=lambda why: self._inbox.put(JournalUnavailable(0, why)),
            on_recovered=lambda: self._inbox.put(JournalRecovered(0)),
        )
        self.audit = JournalReader(self.folder.database)
        state = self._restored(floor, rules)
        self._layout: Layout = layout_of(floor.site)
        sessions = Sessions(
            broker,
            self.recogniser,
            interface=options.interface,
            epoch=self._boot_id[:8],
            on_pose=self._take_pose,
        )
        self._sessions = sessions
        self.loop = Loop(state, sessions, self.journal, self.planner, self._rows_made)
        self.service = Service(self._inbox.put, self.desk, self.audit, self._outside())
        self._thread = threading.Thread(target=self._run, name="core-loop", daemon=True)

    def _restored(self, floor: Floor, rules: Rules) -> State:
        """The newest snapshot and the rows after it; nothing is decided again."""
        last = self.journal.durable_seq
        state = snapshots.newest(self.folder.snapshots_dir, last, floor, rules)
        if last > state.seq:
            state = snapshots.restore(state, self.audit.entries(state.seq + 1))
        self._snapshot_seq = state.seq
        self.desk.restart(state)
        return state

    def _outside(self) -> Outside:
        return Outside(
            layout=lambda: self._layout,
            review_crop=self.recogniser.crop,
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
        self.broker.start(self._received, self._link_changed, self._flooded)
        self.journal.start()
        self.planner.start()
        self.recogniser.start()
        self.audit.start_verifying()
        self._inbox.put(self._started())
        self._sessions.adopt(self.loop.state, self.now_ms())
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
            self.recogniser.bundle_digest,
        )

    def write_run_file(self, api_port: int) -> None:
        """Tell clients where the engine is."""
        address = self.broker.address()
        run_file.write(
            self.folder.run_file,
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
                started_ms=self._wall0_ms,
                version=VERSION,
            ),
        )

    def stop(self) -> None:
        """End the loop, then what it needs; the journal is written to its end."""
        self._stopping = True
        self._inbox.put(None)
        self._thread.join(timeout=5)
        self.planner.stop()
        self.recogniser.stop()
        self.audit.stop_verifying()
        self.journal.close()
        snapshots.save(self.folder.snapshots_dir, self.loop.state)
        self.broker.stop()
        self.folder.run_file.unlink(missing_ok=True)
        self._lock.close()

    def now_ms(self) -> int:
        """The engine's time: wall time at the start, then monotonic."""
        return self._wall0_ms + (time.monotonic_ns() - self._mono0_ns) // 1_000_000

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
        items = self._gather()
        now = self.now_ms()
        began_ns = time.monotonic_ns()
        commands = [item for item in items if isinstance(item, CommandItem)]
        self.loop.tick(now, items)
        if commands:
            self._note_stop(commands, began_ns)
        self._publish(now)
        self._keep_snapshot()

    def _gather(self) -> list[Item]:
        """What came in: at once with a command, else of one tick."""
        items: list[Item] = []
        until = time.monotonic() + self._patience_s()
        while True:
            left = until - time.monotonic()
            try:
                item = (
                    self._inbox.get(timeout=max(0.0, left))
                    if left > 0
                    else self._inbox.get_nowait()
                )
            except queue.Empty:
                return items
            if item is None:
                return items
            items.append(item)
            if isinstance(item, CommandItem):
                until = 0.0
            elif len(items) == 1:
                until = min(until, time.monotonic() + TICK_S)

    def _patience_s(self) -> float:
        wake = self.loop.next_wake_ms()
        if wake is None:
            return IDLE_S
        return min(IDLE_S, max(0.0, (wake - self.now_ms()) / 1000))

    def _note_stop(self, commands: list[CommandItem], began_ns: int) -> None:
        names = {type(item.command).__name__ for item in commands}
        if "StopAll" in names:
            self.desk.stop_sent_after_ms = (time.monotonic_ns() - began_ns) // 1_000_000

    def _rows_made(self, state: State, rows: tuple[Row, ...]) -> None:
        self.desk.note(state, rows)

    def _publish(self, now: int) -> None:
        state = self.loop.state
        poses, self._poses = self._poses, {}
        self.desk.poses(poses)
        health = JournalHealth(
            self.journal.durable_seq,
            self.journal.lag_ms(),
            state.journal_ok,
            f"row {state.seq:,}",
        )
        told = self.desk.publish(state, now, health)
        if told and self._oldest_ns:
            self.latency.samples.append((time.monotonic_ns() - self._oldest_ns) / 1e6)
            self._oldest_ns = 0

    def _keep_snapshot(self) -> None:
        state = self.loop.state
        if state.seq - self._snapshot_seq >= SNAPSHOT_ROWS:
            self._snapshot_seq = state.seq
            snapshots.save(self.folder.snapshots_dir, state)

    # --- other threads ------------------------------------------------------
    def _received(self, topic: str, payload: bytes, retained: bool, received_ns: int) -> None:  # noqa: FBT001 - paho's word
        if self._inbox.qsize() >= MOST_WAITING:
            self._unheard += 1
            return
        if self._unheard:
            count, self._unheard = self._unheard, 0
            self._inbox.put(Dropped(topic, count, CROWDED, "look at the load of this machine"))
        if not self._oldest_ns and topic.endswith("/state"):
            self._oldest_ns = received_ns
        self._inbox.put(RawMessage(topic, payload, retained, received_ns))

    def _link_changed(self, connected: bool, detail: str) -> None:  # noqa: FBT001 - paho's word
        self._inbox.put(WorkerChanged(0, "broker", ok=connected, detail=detail))

    def _flooded(self, topic: str, count: int) -> None:
        self._inbox.put(Dropped(topic, count, FLOOD, "look what is wrong with the robot"))

    def _take_pose(self, pose: PoseView) -> None:
        self._poses[pose.robot_id] = pose

    def put(self, message: Input) -> None:
        """Give the core an observation of the engine's own."""
        self._inbox.put(message)

    def status(self) -> dict[str, object]:
        """What `fleetapp status` prints."""
        return status_of(
            Parts(
                self.loop.state,
                self.broker,
                self.recogniser,
                self.journal,
                self.latency.figures(),
                self._sessions.tallies(),
            )
        )
