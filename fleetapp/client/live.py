"""Live updates: one thread that keeps a WebSocket open, and comes back by itself."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from fleetapp.api.codec import DecodeError, decode_live
from fleetapp.api.views import Delta, Snapshot
from fleetapp.client.connection import ClientError, Connection, read_target

log = logging.getLogger(__name__)

BACK_OFF_S = (0.1, 0.3, 1.0, 2.0)
MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LinkState:
    """Whether live data come in, and why not."""

    connected: bool
    detail: str


class LiveFeed:
    """Snapshot and deltas of an engine, from a thread of its own."""

    def __init__(
        self,
        connection: Connection,
        on_message: Callable[[Snapshot | Delta], None],
        on_state: Callable[[LinkState], None],
    ) -> None:
        """Both callbacks are called on the feed's thread."""
        self._connection = connection
        self._on_message = on_message
        self._on_state = on_state
        self._stopping = threading.Event()
        self._heard = False  # anything since the last try to connect
        self._thread = threading.Thread(target=self._run, name="live-feed", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits a moment for the thread."""
        self._stopping.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            self._heard = False
            try:
                self._listen()
            except (ClientError, OSError, WebSocketException, DecodeError, TimeoutError) as error:
                self._on_state(LinkState(connected=False, detail=str(error)))
            except Exception as error:
                # Whatever it was: without this thread the picture would stand still for good.
                log.exception("the live feed met an error that nobody foresaw")
                self._on_state(LinkState(connected=False, detail=str(error)))
            attempt = 0 if self._heard else attempt + 1
            self._stopping.wait(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])

    def _listen(self) -> None:
        # Reading needs no person: a session that ends must not end the picture.
        target = read_target(self._connection.data)
        url = f"ws://127.0.0.1:{target.port}/v1/live?token={target.token}"
        with connect(url, max_size=MOST_BYTES, open_timeout=5, close_timeout=1) as socket:
            self._on_state(LinkState(connected=True, detail=f"port {target.port}"))
            while not self._stopping.is_set():
                try:
                    message = socket.recv(timeout=0.5)
                except TimeoutError:
                    continue
                self._heard = True
                self._on_message(decode_live(message))
