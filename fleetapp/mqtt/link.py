"""The fleet's connection to the broker: one client, its own network thread.

What comes in goes to a callback on that thread, to be queued. Publishing hands
the bytes to the socket at once; a broken connection comes back by itself.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from fleetapp.mqtt.address import BrokerAddress
from fleetapp.mqtt.flood import FloodGate

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 5
# A broker that was started again is found within this many seconds.
RETRY_S = (1, 3)


class FleetLink:
    """Implements `engine.ports.RobotLink` with paho."""

    def __init__(
        self,
        address: BrokerAddress,
        subscriptions: tuple[str, ...],
        *,
        on_message: Callable[[str, bytes, bool, int], None],
        on_link: Callable[[bool, str], None],
        on_dropped: Callable[[str, int], None],
    ) -> None:
        """The callbacks' arguments.

        Args:
            address: of the broker.
            subscriptions: topics to hear.
            on_message: (topic, payload, retained, received_ns).
            on_link: (connected, detail).
            on_dropped: (topic, count) of messages cut off because a robot sends too many,
                at most once a second and robot.
        """
        self._address = address
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._on_link = on_link
        self._on_dropped = on_dropped
        self._gate = FloodGate()
        self._client = self._make_client(address)

    def _make_client(self, address: BrokerAddress) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=address.user or "fleet", clean_session=True
        )
        if address.user:
            client.username_pw_set(address.user, address.password)
        if address.tls:
            client.tls_set_context(ssl.create_default_context())
        client.reconnect_delay_set(min_delay=RETRY_S[0], max_delay=RETRY_S[1])
        client.on_socket_open = _guarded(_send_at_once)
        client.on_connect = _guarded(self._connected)
        client.on_connect_fail = _guarded(self._unreachable)
        client.on_disconnect = _guarded(self._disconnected)
        client.on_subscribe = _guarded(self._subscribed)
        client.on_message = _guarded(self._received)
        return client

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._client.connect_async(self._address.host, self._address.port, KEEP_ALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect and end the thread."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network; False if there is no connection.

        Nothing is queued for later: an order that waits in a client's queue would
        leave when nobody expects it. Sessions send again what no report shows.
        """
        if not self._client.is_connected():
            return False
        result = self._client.publish(topic, payload, qos, retain)
        return bool(result.rc == paho.MQTT_ERR_SUCCESS)

    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        return bool(self._client.is_connected())

    def _connected(
        self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._on_link(
                False,  # noqa: FBT003 - connected
                f"{self._address!r} refuses us ({reason}): check user and password",
            )
            return
        client.subscribe(
            [(topic, int(topic.endswith("/connection"))) for topic in self._subscriptions]
        )
        self._on_link(True, repr(self._address))  # noqa: FBT003 - connected

    def _subscribed(
        self, _client: paho.Client, _data: Any, _mid: int, reasons: Any, _properties: Any
    ) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self._on_link(
                False,  # noqa: FBT003 - connected
                f"{self._address!r} lets us read no robots ({refused[0]}): allow user "
                f"{self._address.user!r} to read and write {self._subscriptions[0]} and the rest",
            )

    def _unreachable(self, _client: paho.Client, _data: Any) -> None:
        text = f"{self._address!r} does not answer"
        if self._address.tls:
            text += ", or its certificate is not trusted (SSL_CERT_FILE names the authorities)"
        self._on_link(False, text)  # noqa: FBT003 - connected

    def _disconnected(
        self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        self._on_link(False, f"connection to {self._address!r} lost: {reason}")  # noqa: FBT003 - connected

    def _received(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        received_ns = time.monotonic_ns()
        try:
            topic = message.topic
        except UnicodeDecodeError:
            # A broker must not pass this on (MQTT 3.1.1, 1.5.3); one bad message
            # must not end the thread that hears all robots.
            log.warning("a message on a topic that is not UTF-8 was dropped")
            return
        comes_in = self._gate.admits(topic, received_ns)
        dropped = self._gate.newly_dropped(topic, received_ns)
        if dropped:
            self._on_dropped(topic, dropped)
        if not comes_in:
            complaint = self._gate.complaint(topic, received_ns)
            if complaint:
                log.warning(complaint)
            return
        self._on_message(topic, bytes(message.payload), bool(message.retain), received_ns)


def _guarded(do: Callable[..., None]) -> Callable[..., None]:
    """The same; an error is logged and does not end the thread that hears all robots."""

    def guarded(*of_paho: Any) -> None:
        try:
            do(*of_paho)
        except Exception:
            log.exception("the link to the broker met an error that nobody foresaw")

    return guarded


def _send_at_once(_client: paho.Client, _data: Any, sock: Any) -> None:
    """No waiting for more bytes: a pause must not lie behind Nagle's algorithm for 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
