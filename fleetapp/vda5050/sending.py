"""What one robot is sent: addressed, numbered, and in the version that it speaks.

What is said and when is `session`; here it becomes bytes and waits to be published.
Each topic counts its own messages.

Source: VDA 5050 2.1, `headerId`.
"""

from dataclasses import dataclass, replace

from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, with_header
from fleetapp.vda5050.topics import build


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Sending:
    """The way to one robot."""

    def __init__(self, interface: str, maker: str, serial: str) -> None:
        """Nothing sent yet."""
        self._interface = interface
        self._sender = Sender(maker, serial)
        self._headers = {"order": 0, "instantActions": 0}
        self._outgoing: list[Outgoing] = []

    def topic(self, kind: str) -> str:
        """The topic of a kind of message, to the robot or from it."""
        return build(self._interface, self._sender.maker, self._sender.serial, kind)

    def speak(self, version: str) -> None:
        """Say this version in headers from now on, if it is one that we speak."""
        if version.startswith("2."):
            # Robots on 2.0 refuse messages that say 2.1 (vda-5050-lib 1.4.0).
            self._sender = replace(self._sender, version=version)

    def send(self, kind: str, message: wire.Header, now_ms: int) -> None:
        """Number a message and put it with those that are to be published."""
        header = self._headers[kind]
        self._headers[kind] = header + 1
        payload = with_header(message, self._sender, header, now_ms)
        self._outgoing.append(Outgoing(self.topic(kind), payload))

    def take(self) -> list[Outgoing]:
        """What is to be published now."""
        taken, self._outgoing = self._outgoing, []
        return taken
