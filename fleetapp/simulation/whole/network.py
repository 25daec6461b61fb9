"""A network in virtual time that may lose, double and reorder messages."""

import heapq
import random
from dataclasses import dataclass


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
        self._weather = weather
        self._random = random.Random(seed)
        self._under_way: list[tuple[int, int, str, str, bytes]] = []
        self._count = 0
        self.lost = 0

    def send(self, to: str, topic: str, payload: bytes, now_ms: int) -> None:
        """Put a message on its way to `to` ("fleet" or a robot id)."""
        if self._random.random() < self._weather.lost:
            self.lost += 1
            return
        copies = 2 if self._random.random() < self._weather.doubled else 1
        for _ in range(copies):
            delay = self._random.randint(*self._weather.delay_ms)
            if self._random.random() < self._weather.late:
                delay += self._weather.late_ms
            self._count += 1
            heapq.heappush(self._under_way, (now_ms + delay, self._count, to, topic, payload))

    def arrived(self, now_ms: int) -> list[tuple[str, str, bytes]]:
        """Everything that has arrived by now: receiver, topic, payload."""
        found = []
        while self._under_way and self._under_way[0][0] <= now_ms:
            _, _, to, topic, payload = heapq.heappop(self._under_way)
            found.append((to, topic, payload))
        return found
