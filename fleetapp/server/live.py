"""Live updates on a WebSocket: a snapshot, then deltas, at most twenty a second.

Deltas that a slow client has not taken yet are merged, the latest value of each
thing wins; nobody waits for anybody.
"""

import asyncio
import contextlib
from dataclasses import replace
from typing import TypeVar

from fastapi import WebSocket, WebSocketDisconnect

from fleetapp.api.codec import encode_live
from fleetapp.api.service import FleetService
from fleetapp.api.views import Delta

LEAST_PAUSE_S = 0.05
T = TypeVar("T")


def merged(before: Delta, after: Delta) -> Delta:
    """Two deltas as one: the later value of each id, all that is gone."""
    return replace(
        after,
        fleet=after.fleet or before.fleet,
        robots=_latest(before.robots, after.robots, "robot_id", after.gone_robots),
        gone_robots=_gone(before.gone_robots, after.gone_robots, after.robots, "robot_id"),
        tasks=_latest(before.tasks, after.tasks, "task_id", after.gone_tasks),
        gone_tasks=_gone(before.gone_tasks, after.gone_tasks, after.tasks, "task_id"),
        alarms=_latest(before.alarms, after.alarms, "alarm_id", after.gone_alarms),
        gone_alarms=_gone(before.gone_alarms, after.gone_alarms, after.alarms, "alarm_id"),
        reviews=_latest(before.reviews, after.reviews, "review_id", after.gone_reviews),
        gone_reviews=_gone(before.gone_reviews, after.gone_reviews, after.reviews, "review_id"),
        poses=_latest(before.poses, after.poses, "robot_id", after.gone_robots),
    )


def _latest(
    before: tuple[T, ...], after: tuple[T, ...], key: str, gone: tuple[str, ...]
) -> tuple[T, ...]:
    table = {getattr(value, key): value for value in before}
    table |= {getattr(value, key): value for value in after}
    return tuple(value for name, value in table.items() if name not in gone)


def _gone(
    before: tuple[str, ...], after: tuple[str, ...], back: tuple[object, ...], key: str
) -> tuple[str, ...]:
    """What is gone now, once each: what came back meanwhile is not."""
    returned = {getattr(value, key) for value in back}
    return tuple(dict.fromkeys((*(name for name in before if name not in returned), *after)))


class Mailbox:
    """What one client has still to be told; filled from another thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Empty."""
        self._loop = loop
        self._pending: Delta | None = None
        self._news = asyncio.Event()

    def put(self, delta: Delta) -> None:
        """Called on the core loop's thread: hand over and return."""
        with contextlib.suppress(RuntimeError):  # the server is ending
            self._loop.call_soon_threadsafe(self._merge, delta)

    def _merge(self, delta: Delta) -> None:
        self._pending = delta if self._pending is None else merged(self._pending, delta)
        self._news.set()

    async def take(self) -> Delta:
        """Wait for news and take all of it."""
        while True:
            await self._news.wait()
            self._news.clear()
            delta, self._pending = self._pending, None
            if delta is not None:
                return delta


async def serve_live(socket: WebSocket, service: FleetService) -> None:
    """Serve one client until it goes."""
    await socket.accept()
    mailbox = Mailbox(asyncio.get_running_loop())
    stop = service.subscribe(mailbox.put)
    watcher = asyncio.create_task(_until_gone(socket))
    try:
        snapshot = await asyncio.to_thread(service.snapshot)
        await socket.send_bytes(encode_live(snapshot))
        while not watcher.done():
            taking = asyncio.create_task(mailbox.take())
            await asyncio.wait({taking, watcher}, return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                taking.cancel()
                break
            delta = taking.result()
            await socket.send_bytes(encode_live(delta))
            service.delta_sent(delta.seq)
            await asyncio.sleep(LEAST_PAUSE_S)
    except (WebSocketDisconnect, RuntimeError, ConnectionError):
        return
    finally:
        watcher.cancel()
        stop()


async def _until_gone(socket: WebSocket) -> None:
    """Clients say nothing; what is read is their leaving."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive()
