"""The one queue in which all threads of the engine meet; the loop empties it each tick.

A command ends the wait at once; what robots send is gathered for 20 ms. A stop and a
hold go past everything that waits, into a tick of their own. Each robot is
cut to 100 messages a second before this; `MOST_WAITING` bounds the memory if the loop
itself stands. What is dropped makes robots stale, and a stale robot gets nothing more.
"""

import queue
import time

from fleetapp.api.commands import HoldRobot, StopAll
from fleetapp.core.observations import Input
from fleetapp.engine.loop import CommandItem, Item
from fleetapp.engine.rejections import Dropped
from fleetapp.engine.sessions import RawMessage
from fleetapp.mqtt.flood import PER_SECOND

TICK_S = 0.02
MOST_WAITING = 20_000
MOST_A_TICK = 500  # a tick is not to keep the next stop waiting
CROWDED = f"more than {MOST_WAITING} messages wait for the engine"
FLOOD = f"more than {PER_SECOND} messages a second; the rest is dropped"


class Inbox:
    """What waits for the loop."""

    def __init__(self) -> None:
        """Nothing waits."""
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._urgent: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._kept: list[Item] = []  # gathered before something urgent came
        self._unheard = 0

    def put(self, item: Item | Input) -> None:
        """Give the loop something; from any thread."""
        if isinstance(item, CommandItem) and isinstance(item.command, StopAll | HoldRobot):
            self._urgent.put(item)
            self.wake()
            return
        self._queue.put(item)

    def wake(self) -> None:
        """End a wait for nothing."""
        self._queue.put(None)

    def waiting(self) -> int:
        """How many items wait."""
        return self._queue.qsize()

    def take_message(self, topic: str, payload: bytes, retained: bool, received_ns: int) -> None:  # noqa: FBT001 - paho's word
        """A message of the network's thread; dropped, and counted, if too many wait."""
        if self._queue.qsize() >= MOST_WAITING:
            self._unheard += 1
            return
        if self._unheard:
            count, self._unheard = self._unheard, 0
            self.put(Dropped(topic, count, CROWDED, "look at the load of this machine"))
        self.put(RawMessage(topic, payload, retained, received_ns))

    def take_flood(self, topic: str, count: int) -> None:
        """Messages of one robot that were dropped before they came here."""
        self.put(Dropped(topic, count, FLOOD, "look what is wrong with the robot"))

    def gather(self, patience_s: float) -> list[Item]:
        """What came in: at once with a command, else of one tick; waits so long for the first."""
        items, self._kept = self._kept, []
        until = time.monotonic() + (0.0 if items else patience_s)
        while len(items) < MOST_A_TICK:
            urgent = self._take_urgent()
            if urgent:
                self._kept = items
                return urgent
            left = until - time.monotonic()
            try:
                item = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                return items
            if item is None and self._urgent.empty():
                return items
            if item is None:
                continue
            items.append(item)
            if isinstance(item, CommandItem):
                until = 0.0
            elif len(items) == 1:
                until = min(until, time.monotonic() + TICK_S)
        return items

    def _take_urgent(self) -> list[Item]:
        items: list[Item] = []
        while not self._urgent.empty():
            items.append(self._urgent.get_nowait())
        return items
