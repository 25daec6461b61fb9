"""Many clients in one thread: the connections of virtual robots.

One selector watches all sockets; a client without connection tries again after a
while, each at a moment of its own, so that a broker that comes back is not
stormed. Everything happens on the thread that calls `run_once`.
"""

import logging
import random
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 15
CONNECT_S = 2.0
RETRY_S = (0.5, 1.5)
REFUSED_RETRY_S = (5.0, 10.0)
MOST_CONNECTS = 10  # in one `run_once`, so that the others are served meanwhile
MISC_EVERY_S = 1.0
GOODBYE_S = 2.0


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
    retry_s: float = 0.0
    writing: bool = False
    refused: bool = False
    last: paho.MQTTMessageInfo | None = None


class ManyClients:
    """Clients of one broker, each under a name of the caller's."""

    def __init__(self, host: str, port: int, *, tls: bool = False) -> None:
        """No clients yet."""
        self._host, self._port, self._tls = host, port, tls
        self._members: dict[str, _Member] = {}
        self._offline: set[str] = set()
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
        client.connect_timeout = CONNECT_S
        if login.user:
            client.username_pw_set(login.user, login.password)
        if self._tls:
            client.tls_set_context(ssl.create_default_context())
        client.will_set(login.will_topic, login.will_payload, qos=1, retain=True)
        member = _Member(client, login)
        self._members[name] = member
        self._offline.add(name)
        self._follow_socket(name, member)

        def connected(c: paho.Client, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
            member.refused = bool(reason.is_failure)
            if member.refused:
                log.error("the broker refuses %s (%s): check its password", name, reason)
                return
            c.subscribe([(topic, 0) for topic in login.topics])
            on_connect()

        def received(_c: paho.Client, _d: Any, message: paho.MQTTMessage) -> None:
            on_message(message.topic, bytes(message.payload))

        client.on_connect = connected
        client.on_message = received

    def _follow_socket(self, name: str, member: _Member) -> None:
        def opened(_c: paho.Client, _d: Any, sock: Any) -> None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            member.writing = False
            self._selector.register(sock, selectors.EVENT_READ, member)
            self._offline.discard(name)

        def closed(_c: paho.Client, _d: Any, sock: Any) -> None:
            self._selector.unregister(sock)
            self._offline.add(name)
            pause = REFUSED_RETRY_S if member.refused else RETRY_S
            member.retry_s = max(member.retry_s, time.monotonic() + random.uniform(*pause))

        member.client.on_socket_open = opened
        member.client.on_socket_close = closed

    def publish(self, name: str, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Publish as one of the clients; False, and lost, if it is not connected."""
        member = self._members[name]
        if not member.client.is_connected():
            return False
        result = member.client.publish(topic, payload, qos, retain)
        self._watch_writing(member)
        if result.rc != paho.MQTT_ERR_SUCCESS:
            return False
        member.last = result
        return True

    def connected(self) -> int:
        """How many are connected now."""
        return sum(member.client.is_connected() for member in self._members.values())

    def cut(self, name: str, seconds: float) -> None:
        """Drop a client's connection without a word, for some time."""
        member = self._members[name]
        member.retry_s = time.monotonic() + seconds
        sock = member.client.socket()
        if isinstance(sock, socket.socket):
            sock.shutdown(socket.SHUT_RDWR)
            member.client.loop_read()  # paho notices, and closes

    def run_once(self, timeout_s: float) -> None:
        """Read and write what can be, connect who is not connected."""
        if self._offline:
            self._connect_some()
        for key, events in self._selector.select(timeout_s):
            member = key.data
            if events & selectors.EVENT_WRITE:
                member.client.loop_write()
            if events & selectors.EVENT_READ:
                self._read(member)
            self._watch_writing(member)
        now = time.monotonic()
        if now - self._misc_s >= MISC_EVERY_S:
            self._misc_s = now
            for member in self._members.values():
                member.client.loop_misc()
                self._watch_writing(member)

    @staticmethod
    def _read(member: _Member) -> None:
        member.client.loop_read()
        sock = member.client.socket()
        while isinstance(sock, ssl.SSLSocket) and sock.pending():
            member.client.loop_read()  # already decrypted: the selector cannot see it
            sock = member.client.socket()

    def _watch_writing(self, member: _Member) -> None:
        """Wait for a socket to take more only while something is left to write."""
        sock = member.client.socket()
        wanted = member.client.want_write()
        if sock is None or wanted == member.writing:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        self._selector.modify(sock, events, member)
        member.writing = wanted

    def _connect_some(self) -> None:
        now = time.monotonic()
        due = [name for name in sorted(self._offline) if self._members[name].retry_s <= now]
        for name in due[:MOST_CONNECTS]:
            member = self._members[name]
            member.retry_s = now + random.uniform(*RETRY_S)
            try:
                member.client.connect(self._host, self._port, KEEP_ALIVE_S)
            except OSError as error:
                log.debug("no connection to %s:%d: %s", self._host, self._port, error)
            self._watch_writing(member)

    def close(self) -> None:
        """Say goodbye for all clients, once what they said last has arrived.

        An acknowledgement that is still unread when the socket closes would reset
        the connection, and the broker would publish the last will after all.
        """
        until = time.monotonic() + GOODBYE_S
        while any(map(_is_talking, self._members.values())) and time.monotonic() < until:
            self.run_once(0.01)
        for member in self._members.values():
            member.client.disconnect()
        self._selector.close()


def _is_talking(member: _Member) -> bool:
    """Whether its last message is still on the way."""
    if member.last is None or not member.client.is_connected():
        return False
    return not member.last.is_published()
