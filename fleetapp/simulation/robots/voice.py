"""What a virtual robot says: messages with their headers, ready to publish.

Header ids count per topic; QoS and retain are those of the standard.

Source: VDA 5050 2.1, 6.4 "Protocol header" and 6.14 "Topic connection".
"""

from dataclasses import dataclass

from fleetapp.simulation.robots.faults import Fault, Faults
from fleetapp.simulation.robots.faulty_wire import spoil
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, with_header
from fleetapp.vda5050.topics import build

AN_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the robot publishes."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Voice:
    """The outgoing side of one robot."""

    def __init__(self, interface: str, maker: str, serial: str, faults: Faults) -> None:
        """Nothing said yet."""
        self._interface, self._maker, self._serial = interface, maker, serial
        self._faults = faults
        self._sender = Sender(maker, serial)
        self._headers: dict[str, int] = {}
        self._sent: list[Sent] = []
        self._greeted = False

    def put(self, kind: str, message: wire.Header, now_ms: int, *, retain: bool = False) -> None:
        """Say something; retained messages are kept by the broker for who comes later."""
        if Fault.FROZEN not in self._faults.shown:
            self._sent.append(self._made(kind, message, now_ms, retain=retain))

    def link(self, state: str, now_ms: int) -> None:
        """Say on the `connection` topic how the link is."""
        shown = self._faults.shown
        again = self._greeted and Fault.ONLINE_ONCE in shown
        if Fault.NO_CONNECTION_TOPIC in shown or again:
            return
        self._greeted = True
        retain = Fault.ONLINE_NOT_RETAINED not in shown
        self.put("connection", wire.Connection(connection_state=state), now_ms, retain=retain)

    def will(self, now_ms: int) -> Sent:
        """The last will, which the broker publishes if the link breaks."""
        broken = wire.Connection(connection_state="CONNECTIONBROKEN")
        return self._made("connection", broken, now_ms, retain=True)

    def take_sent(self) -> list[Sent]:
        """What is to be published now."""
        taken, self._sent = self._sent, []
        return taken

    def _made(self, kind: str, message: wire.Header, now_ms: int, *, retain: bool) -> Sent:
        shown = self._faults.shown
        counter = "all" if Fault.ONE_COUNTER in shown else kind
        header = self._headers.get(counter, 0)
        self._headers[counter] = header + 1
        at_ms = now_ms + (AN_HOUR_MS if Fault.WRONG_CLOCK in shown else 0)
        payload = spoil(kind, with_header(message, self._sender, header, at_ms), shown)
        topic = build(self._interface, self._maker, self._serial, kind)
        return Sent(topic, payload, 1 if kind == "connection" else 0, retain)
