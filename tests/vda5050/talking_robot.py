"""A robot that says what it is told to say, and the session that hears it."""

import json

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

    def waits(self, ms):
        self.now += ms
        return self.session.on_time(self.now)


def of(kind, observations):
    return [o for o in observations if isinstance(o, kind)]
