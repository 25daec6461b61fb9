"""The engine's way to the robots: a broker of its own, or somebody else's."""

import logging
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fleetapp.mqtt.accounts import FLEET_USER
from fleetapp.mqtt.address import BrokerAddress
from fleetapp.mqtt.embedded import BrokerError, EmbeddedBroker
from fleetapp.mqtt.link import FleetLink
from fleetapp.vda5050.topics import subscriptions

log = logging.getLogger(__name__)

OnMessage = Callable[[str, bytes, bool, int], None]
OnLink = Callable[[bool, str], None]
OnDropped = Callable[[str, int], None]
WATCH_S = 0.5
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0)


class Broker(Protocol):
    """What the engine needs of a broker; also its `RobotLink`."""

    def start(self, on_message: OnMessage, on_link: OnLink, on_dropped: OnDropped) -> None:
        """Connect."""
        ...

    def stop(self) -> None:
        """Disconnect, and end what was started."""
        ...

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network."""
        ...

    def address(self) -> BrokerAddress:
        """Where it is."""
        ...

    def config_path(self) -> str:
        """Our configuration of it, "" if it is not ours."""
        ...

    def pid(self) -> int | None:
        """Its process if it is ours."""
        ...

    def add_robot(self, robot_id: str) -> str | None:
        """Let a robot in; its new password, None on a foreign broker."""
        ...

    def remove_robot(self, robot_id: str) -> bool:
        """Take its user away; whether it had one."""
        ...


class OwnBroker:
    """The embedded broker, watched and started again when it dies."""

    def __init__(self, folder: Path, *, interface: str, listen: str) -> None:
        """The broker of a data folder."""
        self._embedded = EmbeddedBroker(folder, interface=interface, listen=listen)
        self._folder = folder
        self._interface = interface
        self._link: FleetLink | None = None
        self._ours = False  # whether the broker that we are connected to is the embedded one
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="broker-watch", daemon=True)

    def start(self, on_message: OnMessage, on_link: OnLink, on_dropped: OnDropped) -> None:
        """Start mosquitto, connect, watch.

        Raises:
            BrokerError: if it cannot run.
        """
        self._start_embedded()

        def heard(topic: str, payload: bytes, retained: bool, received_ns: int) -> None:  # noqa: FBT001 - paho's word
            if self._ours:
                on_message(topic, payload, retained, received_ns)

        self._link = FleetLink(
            self.address(),
            subscriptions(self._interface),
            on_message=heard,
            on_link=lambda connected, detail: on_link(*self._judged(connected, detail)),
            on_dropped=on_dropped,
        )
        self._link.start()
        self._watcher.start()

    def _start_embedded(self) -> None:
        """Start mosquitto.

        Raises:
            BrokerError: if it cannot run, or its files cannot be written.
        """
        try:
            self._embedded.start()
        except OSError as error:
            raise BrokerError(
                f"the broker's files in {self._folder} cannot be written ({error}): make room "
                "on the disk, or let this user write there"
            ) from error
        log.info("broker started: process %s on port %d", self._embedded.pid, self._embedded.port)

    def _judged(self, connected: bool, detail: str) -> tuple[bool, str]:  # noqa: FBT001 - paho's word
        """A connection while ours is dead is to a stranger that took the port meanwhile."""
        self._ours = connected and self._embedded.alive()
        if connected and not self._ours:
            return False, str(self._embedded.port_taken())
        return connected, detail

    def _watch(self) -> None:
        attempt = 0
        while not self._stopping.wait(WATCH_S):
            try:
                self._revive()
                attempt = 0
            except Exception as error:
                # A full disk, or whatever it was: nobody else starts the broker again.
                foreseen = isinstance(error, BrokerError)
                log.error("%s", error, exc_info=None if foreseen else error)  # noqa: TRY400 - the message says all
                self._stopping.wait(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])
                attempt += 1

    def _revive(self) -> None:
        """Start the broker again if it died.

        Raises:
            BrokerError: if it cannot run.
        """
        if not self._embedded.alive():
            log.error("the broker died; starting it again")
            self._start_embedded()

    def stop(self) -> None:
        """Disconnect and end mosquitto."""
        self._stopping.set()
        if self._link is not None:
            self._link.stop()
        self._watcher.join(timeout=5)
        self._embedded.stop()

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network."""
        if self._link is None or not self._ours:
            return False
        return self._link.publish(topic, payload, qos, retain=retain)

    def address(self) -> BrokerAddress:
        """Where it is, with the fleet's own account."""
        accounts = self._embedded.accounts
        return BrokerAddress(
            "127.0.0.1", accounts.port, tls=False, user=FLEET_USER, password=accounts.fleet_password
        )

    def config_path(self) -> str:
        """Our configuration."""
        return str(self._embedded.config)

    def pid(self) -> int | None:
        """Its process."""
        return self._embedded.pid

    def add_robot(self, robot_id: str) -> str | None:
        """Let a robot in; its password, shown once."""
        password = secrets.token_urlsafe(18)
        self._embedded.add_robots({robot_id: password})
        return password

    def add_robots(self, passwords: dict[str, str]) -> None:
        """Let many robots in at once."""
        self._embedded.add_robots(passwords)

    def remove_robot(self, robot_id: str) -> bool:
        """Take its user away; whether it had one."""
        return self._embedded.remove_robot(robot_id)


class ForeignBroker:
    """Any broker by its address; its users are its own matter."""

    def __init__(self, address: BrokerAddress, *, interface: str) -> None:
        """A broker that somebody else runs."""
        self._address = address
        self._interface = interface
        self._link: FleetLink | None = None

    def start(self, on_message: OnMessage, on_link: OnLink, on_dropped: OnDropped) -> None:
        """Connect."""
        self._link = FleetLink(
            self._address,
            subscriptions(self._interface),
            on_message=on_message,
            on_link=on_link,
            on_dropped=on_dropped,
        )
        self._link.start()

    def stop(self) -> None:
        """Disconnect."""
        if self._link is not None:
            self._link.stop()

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network."""
        return self._link is not None and self._link.publish(topic, payload, qos, retain=retain)

    def address(self) -> BrokerAddress:
        """Where it is."""
        return self._address

    def config_path(self) -> str:
        """None of ours."""
        return ""

    def pid(self) -> int | None:
        """Not our process."""
        return None

    def add_robot(self, robot_id: str) -> str | None:
        """Its users are its own matter."""
        del robot_id
        return None

    def remove_robot(self, robot_id: str) -> bool:
        """Its users are its own matter."""
        del robot_id
        return False
