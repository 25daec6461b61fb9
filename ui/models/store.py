"""The fleet as the screen knows it: fed from a thread, told to the screen once a frame."""

import queue
import time
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from fleetapp.api.model import Changes, FleetModel
from fleetapp.api.views import Delta, Snapshot
from fleetapp.client.connection import Connection
from fleetapp.client.live import LinkState, LiveFeed

FRAME_MS = 33
QUIET_S = 2.0  # without a word the engine is called quiet
GONE_S = 3.0  # and then of no robot is it known any more that it stands
MOST_A_FRAME = 20


class Word(StrEnum):
    """How new what the screen shows is."""

    LIVE = "Live"
    QUIET = "Quiet"
    LOST = "Lost"


class Store(QObject):
    """Holds the client model; `changed` comes at most once a frame."""

    changed = Signal(object)  # Changes
    link_changed = Signal(object)  # LinkState

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        """Connected to nothing yet."""
        super().__init__(parent)
        self.model = FleetModel()
        self.link = LinkState(connected=False, detail="connecting")
        self.heard_s = 0.0
        self._messages: queue.SimpleQueue[Snapshot | Delta | LinkState] = queue.SimpleQueue()
        self._feed = LiveFeed(connection, self._messages.put, self._messages.put)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.take_messages)
        self.link_changed.connect(self._follow_link)

    def start(self) -> None:
        """Begin to listen."""
        self._feed.start()
        self._timer.start()

    def stop(self) -> None:
        """Listen no longer."""
        self._timer.stop()
        self._feed.stop()

    def age_s(self) -> float:
        """Seconds since the last word of the engine."""
        return time.monotonic() - self.heard_s if self.heard_s else float("inf")

    @property
    def word(self) -> Word:
        """What top bar and foot call it."""
        if not self.link.connected:
            return Word.LOST
        return Word.QUIET if self.age_s() > QUIET_S else Word.LIVE

    def _follow_link(self, link: LinkState) -> None:
        if not link.connected:
            self._lose()

    def _lose(self) -> None:
        """No word of the engine: what belongs to the stop says so."""
        changes = self.model.lose()
        if changes.everything:
            self.changed.emit(changes)

    def take_messages(self) -> None:
        """Apply what came in since the last frame and say what changed."""
        merged: list[Changes] = []
        for _ in range(MOST_A_FRAME):
            try:
                message = self._messages.get_nowait()
            except queue.Empty:
                break
            if isinstance(message, LinkState):
                self.link = message
                self.link_changed.emit(message)
                continue
            self.heard_s = time.monotonic()
            merged.append(self.model.apply(message))
        if merged:
            self.changed.emit(joined(merged))
        elif self.heard_s and self.age_s() > GONE_S:
            self._lose()


def joined(parts: list[Changes]) -> Changes:
    """What several messages changed, as if by one."""
    if len(parts) == 1:
        return parts[0]
    return Changes(
        everything=any(p.everything for p in parts),
        fleet=any(p.fleet for p in parts),
        robots=_ids([p.robots for p in parts]),
        tasks=_ids([p.tasks for p in parts]),
        alarms=_ids([p.alarms for p in parts]),
        reviews=_ids([p.reviews for p in parts]),
        poses=_ids([p.poses for p in parts]),
    )


def _ids(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part))
