"""A network in virtual time that may lose, double and reorder messages.

It may be cut for one robot, or for all, as when the broker is down.
"""

import heapq
import random
from dataclasses import dataclass

from fleetapp.vda5050.topics import parse

FRAME_AGAIN_MS = 4_000


@dataclass(frozen=True, slots=True)
class Weather:
    """Shares from 0 to 1, and delays in milliseconds."""

    lost: float = 0.0
    doubled: float = 0.0
    delay_ms: tuple[int, int] = (2, 10)
    late: float = 0.0  # share that comes `late_ms` later: overtaken by others
    late_ms: int = 2000


class Network:
    """Messages under way, each with the time when it arrives."""

    def __init__(self, weather: Weather, seed: int) -> None:
        """Begin with nothing under way."""
        self.weather = weather
        self.down = False  # the broker: nobody reaches anybody
        self.cut: set[str] = set()  # robots that hear nothing and are not heard
        self.slow: dict[str, int] = {}  # robots whose reports come that many ms later
        self.doubles_frames: set[str] = set()  # robots whose frames come a second time later
        self._random = random.Random(seed)
        self._under_way: list[tuple[int, int, str, str, bytes]] = []
        self._count = 0
        self.lost = 0

    def send(self, to: str, topic: str, payload: bytes, now_ms: int) -> None:
        """Put a message on its way to `to` ("fleet" or a robot id)."""
        weather = self.weather
        if self.down or self._is_cut(to, topic) or self._random.random() < weather.lost:
            self.lost += 1
            return
        copies = 2 if self._random.random() < weather.doubled else 1
        extra_ms = self._extra_ms(topic) if self.slow or self.doubles_frames else 0
        if extra_ms < 0:
            self._put(now_ms - extra_ms, to, topic, payload)
        for _ in range(copies):
            delay = self._random.randint(*weather.delay_ms)
            if self._random.random() < weather.late:
                delay += weather.late_ms
            self._put(now_ms + delay + max(0, extra_ms), to, topic, payload)

    def _is_cut(self, to: str, topic: str) -> bool:
        if not self.cut:
            return False
        address = parse(topic)
        return to in self.cut or (address is not None and address.robot_id in self.cut)

    def _extra_ms(self, topic: str) -> int:
        """How much later it comes; negative: it comes in time, and again so much later."""
        address = parse(topic)
        if address is None:
            return 0
        if address.kind == "state":
            return self.slow.get(address.robot_id, 0)
        doubled = address.kind == "frame" and address.robot_id in self.doubles_frames
        return -FRAME_AGAIN_MS if doubled else 0

    def send_later(self, to: str, topic: str, payload: bytes, at_ms: int) -> None:
        """Let a message arrive at a time, whatever the weather."""
        self._put(at_ms, to, topic, payload)

    def _put(self, at_ms: int, to: str, topic: str, payload: bytes) -> None:
        self._count += 1
        heapq.heappush(self._under_way, (at_ms, self._count, to, topic, payload))

    def next_ms(self) -> int | None:
        """When the next message arrives."""
        return self._under_way[0][0] if self._under_way else None

    def arrived(self, now_ms: int) -> list[tuple[str, str, bytes]]:
        """Everything that has arrived by now: receiver, topic, payload."""
        found = []
        while self._under_way and self._under_way[0][0] <= now_ms:
            _, _, to, topic, payload = heapq.heappop(self._under_way)
            found.append((to, topic, payload))
        return found
