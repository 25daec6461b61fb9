"""A robot that says what it is told to say, and the session that hears it."""

import json

from fleetapp.safety.permit import MayCharge, MayDrive, MayGoOn, Permit
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, with_header
from fleetapp.vda5050.orders import ActionToSend, EdgeToSend, NodeToSend, OrderToSend
from fleetapp.vda5050.session import Session

SENDER = Sender("acme", "r1")
PICK = ActionToSend("a-pick", "pick", (("stationType", "floor"),))


def order(update=0, released=1, nodes=3, actions=(PICK,)):
    return OrderToSend(
        "o1",
        update,
        "hall",
        tuple(
            NodeToSend(f"n{n}", float(n), 0.0, tuple(actions) if n == 0 else ())
            for n in range(nodes)
        ),
        tuple(EdgeToSend(f"e{n}", 1.0, 1.0) for n in range(nodes - 1)),
        released,
    )


class Robot:
    """Says what it is told to say."""

    def __init__(self):
        self.session = Session("uagv", "acme", "r1", "boot")
        self.header = 0
        self.now = 1_000_000

    def says(self, *, header=None, after_ms=100, sent_ms_ago=0, **fields):
        self.now += after_ms
        state = {
            "order_id": "",
            "last_node_id": "n0",
            "last_node_sequence_id": 0,
            "driving": False,
            "operating_mode": "AUTOMATIC",
            "node_states": [],
            "edge_states": [],
            "action_states": [],
            "errors": [],
            "agv_position": wire.AgvPosition(0.0, 0.0, 0.0, "hall", True),
            "battery_state": wire.BatteryState(80.0, False),
            "safety_state": wire.SafetyState("NONE", field_violation=False),
        } | fields
        payload = with_header(
            wire.State(**state),
            SENDER,
            self.header if header is None else header,
            self.now - sent_ms_ago,
        )
        self.header += 1
        return self.session.on_message("state", payload, self.now, retained=False)

    def sent(self):
        return [json.loads(o.payload) for o in self.session.take_outgoing()]

    def waits(self, ms, *, allowed=True):
        """Time passes; whether the fleet's gate lets out what is due meanwhile."""
        self.now += ms
        told = self.session.on_time(self.now)
        for asked in self.session.due(self.now):
            if allowed:
                self.session.send_again(self.permit(asked), self.now)
        return told

    # What the gate permits: the permits are of this moment.
    def permit(self, asked):
        return Permit(asked, self.now)

    def is_sent(self, order):
        asked = MayDrive("acme/r1", order.order_id, order.update_id)
        self.session.send_order(self.permit(asked), order, self.now)

    def may_go_on(self):
        self.session.resume(self.permit(MayGoOn("acme/r1")), self.now)

    def is_charged(self, *, start):
        asked = MayCharge("acme/r1", start)
        self.session.charge(self.permit(asked), self.now, start=start)


def of(kind, observations):
    return [o for o in observations if isinstance(o, kind)]
