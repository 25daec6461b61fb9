"""What one robot is sent: addressed, numbered, and in the version that it speaks.

What is said and when is `session`; here it becomes bytes and waits to be published.
Each topic counts its own messages. There is no other way to the wire, and nothing
that may move a robot passes here without a permit of the gate for just that, made
in this very tick.

Source: VDA 5050 2.1, `headerId`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fleetapp.safety.permit import Asked, MayCharge, MayDrive, MayGoOn, Permit
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, instant_message, order_message, with_header
from fleetapp.vda5050.orders import OrderToSend, wire_edges, wire_nodes
from fleetapp.vda5050.topics import build

# Actions that let nothing move: these alone need no permit.
FREE = frozenset({"startPause", "cancelOrder", "factsheetRequest"})


class NoPermitError(ValueError):
    """Something that may move a robot was about to be sent without the gate's permit."""


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
        self._robot_id = f"{maker}/{serial}"
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

    def send_order(
        self, permit: Permit, order: OrderToSend, now_ms: int, *, stitch: int, known: bool
    ) -> None:
        """Send an order from its node number `stitch` on.

        Raises:
            NoPermitError: if the permit is for something else or for another moment.
        """
        self._check(permit, MayDrive(self._robot_id, order.order_id, order.update_id), now_ms)
        nodes, edges = wire_nodes(order, stitch, known=known), wire_edges(order, stitch)
        self._send("order", order_message(order.order_id, order.update_id, nodes, edges), now_ms)

    def send_action(self, permit: Permit, action: wire.Action, now_ms: int) -> None:
        """Send an instant action that may move the robot.

        Raises:
            NoPermitError: if the permit is for something else or for another moment.
        """
        self._check(permit, self._asked_for(action), now_ms)
        self._send("instantActions", instant_message([action]), now_ms)

    def send_free(self, actions: Sequence[wire.Action], now_ms: int) -> None:
        """Send instant actions that let nothing move.

        Raises:
            NoPermitError: if one of them may.
        """
        for action in actions:
            if action.action_type not in FREE:
                raise NoPermitError(f"{action.action_type} to {self._robot_id}: ask the gate first")
        if actions:
            self._send("instantActions", instant_message(actions), now_ms)

    def _asked_for(self, action: wire.Action) -> Asked:
        if action.action_type == "stopPause":
            return MayGoOn(self._robot_id)
        if action.action_type in ("startCharging", "stopCharging"):
            return MayCharge(self._robot_id, start=action.action_type == "startCharging")
        raise NoPermitError(f"{action.action_type} to {self._robot_id}: nothing permits that")

    def _check(self, permit: Permit, asked: Asked, now_ms: int) -> None:
        if permit.asked != asked or permit.at_ms != now_ms:
            raise NoPermitError(f"{asked} at {now_ms}: the permit is {permit}; ask the gate now")

    def _send(self, kind: str, message: wire.Header, now_ms: int) -> None:
        """Number a message and put it with those that are to be published."""
        header = self._headers[kind]
        self._headers[kind] = header + 1
        payload = with_header(message, self._sender, header, now_ms)
        self._outgoing.append(Outgoing(self.topic(kind), payload))

    def take(self) -> list[Outgoing]:
        """What is to be published now."""
        taken, self._outgoing = self._outgoing, []
        return taken
