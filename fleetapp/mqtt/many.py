"""Many clients in one thread: the connections of virtual robots.

One selector watches all sockets; a client that lost its connection tries again
after a second. Everything happens on the thread that calls `run_once`.
"""

import logging
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 15
RETRY_S = 1.0
MISC_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Login:
    """How a client signs in, its last will and what it listens to."""

    user: str
    password: str
    will_topic: str
    will_payload: bytes
    topics: tuple[str, ...]


@dataclass(slots=True)
class _Member:
    client: paho.Client
    login: Login
    on_connect: Callable[[], None]
    retry_s: float = 0.0
    watched: int | None = None
    cut_until_s: float = 0.0


class ManyClients:
    """Clients of one broker, each under a name of the caller's."""

    def __init__(self, host: str, port: int) -> None:
        """No clients yet."""
        self._host, self._port = host, port
        self._members: dict[str, _Member] = {}
        self._selector = selectors.DefaultSelector()
        self._misc_s = 0.0

    def add(
        self,
        name: str,
        login: Login,
        *,
        on_connect: Callable[[], None],
        on_message: Callable[[str, bytes], None],
    ) -> None:
        """Add a client; it connects with the next `run_once`."""
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=login.user or name)
        if login.user:
            client.username_pw_set(login.user, login.password)
        client.will_set(login.will_topic, login.will_payload, qos=1, retain=True)

        def connected(c: paho.Client, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
            if reason.is_failure:
                log.error("broker refuses %s: %s", name, reason)
                return
            c.subscribe([(topic, 0) for topic in login.topics])
            on_connect()

        def received(_c: paho.Client, _d: Any, message: paho.MQTTMessage) -> None:
            on_message(message.topic, bytes(message.payload))

        client.on_connect = connected
        client.on_message = received
        self._members[name] = _Member(client, login, on_connect)

    def publish(self, name: str, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Publish as one of the clients; lost if it is not connected."""
        member = self._members[name]
        if member.client.is_connected():
            member.client.publish(topic, payload, qos, retain)

    def cut(self, name: str, seconds: float) -> None:
        """Drop a client's connection without a word, for some time."""
        member = self._members[name]
        member.cut_until_s = time.monotonic() + seconds
        sock = member.client.socket()
        self._unwatch(member)
        if sock is not None:
            sock.close()

    def run_once(self, timeout_s: float) -> None:
        """Read and write what can be, connect who is not connected."""
        now = time.monotonic()
        for member in self._members.values():
            self._keep(member, now)
        for key, events in self._selector.select(timeout_s):
            member = key.data
            if events & selectors.EVENT_READ:
                member.client.loop_read()
            if events & selectors.EVENT_WRITE:
                member.client.loop_write()
        if now - self._misc_s >= MISC_EVERY_S:
            self._misc_s = now
            for member in self._members.values():
                member.client.loop_misc()

    def _keep(self, member: _Member, now: float) -> None:
        sock = member.client.socket()
        if sock is None or sock.fileno() < 0:
            self._unwatch(member)
            if now >= max(member.retry_s, member.cut_until_s):
                member.retry_s = now + RETRY_S
                self._connect(member)
            return
        events = selectors.EVENT_READ
        if member.client.want_write():
            events |= selectors.EVENT_WRITE
        if member.watched != sock.fileno():
            self._unwatch(member)
            self._selector.register(sock, events, member)
            member.watched = sock.fileno()
        elif self._selector.get_key(sock).events != events:
            self._selector.modify(sock, events, member)

    def _connect(self, member: _Member) -> None:
        try:
            member.client.connect(self._host, self._port, KEEP_ALIVE_S)
        except OSError as error:
            log.debug("no connection to %s:%d: %s", self._host, self._port, error)

    def _unwatch(self, member: _Member) -> None:
        if member.watched is None:
            return
        try:
            self._selector.unregister(member.watched)
        except (KeyError, ValueError, OSError):
            log.debug("socket %d was closed already", member.watched)
        member.watched = None

    def close(self) -> None:
        """Say goodbye for all clients."""
        for member in self._members.values():
            member.client.disconnect()
        self._selector.close()
