import queue
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from fleetapp.mqtt.embedded import EmbeddedBroker

ROBOTS = {"acme/a1": "secret-a", "acme/b2": "secret-b"}
DEADLINE_S = 5.0


def _until(condition: Callable[[], bool], deadline_s: float = DEADLINE_S) -> bool:
    """Wait for a real process; False if the deadline passes first."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return condition()


@dataclass
class Person:
    """A client as anyone could write one."""

    client: paho.Client
    heard: queue.Queue[tuple[str, bytes, bool]] = field(default_factory=queue.Queue)
    codes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    granted: list[int] = field(default_factory=list)

    def listen(self, *topics: str) -> None:
        """Subscribe, and wait until the broker has said yes."""
        before = len(self.granted)
        self.client.subscribe([(topic, 1) for topic in topics])
        assert _until(lambda: len(self.granted) > before)

    def topics_heard(self, quiet_s: float = 0.3) -> list[str]:
        """What came, once nothing more comes."""
        found = []
        while True:
            try:
                found.append(self.heard.get(timeout=quiet_s)[0])
            except queue.Empty:
                return found


@pytest.fixture
def until() -> Callable[..., bool]:
    return _until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    own = EmbeddedBroker(tmp_path / "broker", interface="uagv")
    own.add_robots(ROBOTS)
    own.start()
    yield own
    own.stop()


@pytest.fixture
def sign_in() -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def enter(port: int, user: str | None, password: str = "", client_id: str = "") -> Person:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        person = Person(client)
        people.append(person)
        if user is not None:
            client.username_pw_set(user, password)
        client.on_connect = lambda _c, _d, _f, reason, _p: person.codes.append(str(reason))
        client.on_disconnect = lambda _c, _d, _f, reason, _p: person.lost.append(str(reason))
        client.on_subscribe = lambda _c, _d, mid, _r, _p: person.granted.append(mid)
        client.on_message = lambda _c, _d, m: person.heard.put((m.topic, m.payload, m.retain))
        client.connect("127.0.0.1", port)
        client.loop_start()
        assert _until(lambda: bool(person.codes))
        return person

    yield enter
    for person in people:
        person.client.disconnect()
        person.client.loop_stop()


@pytest.fixture
def stranger() -> Iterator[Callable[[int], socket.socket]]:
    """Another program that holds a port and answers connections."""
    sockets: list[socket.socket] = []

    def hold(port: int) -> socket.socket:
        sock = socket.create_server(("127.0.0.1", port))
        sockets.append(sock)
        return sock

    yield hold
    for sock in sockets:
        sock.close()
