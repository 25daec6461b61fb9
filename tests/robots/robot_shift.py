"""A virtual robot on a line of nodes n0, n1, ... one after another, in virtual time."""

import json
import math
from dataclasses import dataclass, field

from fleetapp.simulation.robots.motion import Limits
from fleetapp.simulation.robots.robot import Spec, VirtualRobot
from fleetapp.vda5050 import wire
from fleetapp.vda5050.encode import Sender, order_message, with_header

LIMITS = Limits(1.6, 0.8, 0.9, 1.2)
STEP_MS = 50
START_MS = 1_700_000_000_000


def look(code, sku, robot_id, number):
    return f"{code}|{sku}|{robot_id}|{number}".encode()


def action(kind, action_id, blocking="HARD", **parameters):
    return wire.Action(
        kind, action_id, blocking, [wire.Parameter(key, value) for key, value in parameters.items()]
    )


@dataclass
class Shift:
    """One robot, what it was told and what it said."""

    points: list = field(default_factory=lambda: [(2.0 * n, 0.0) for n in range(12)])
    speed_mps: float = 2.0
    picture_every_ms: int = 0
    chargers: frozenset | None = None
    now_ms: int = START_MS
    said: list = field(default_factory=list)

    def __post_init__(self):
        self.robot = VirtualRobot(
            Spec(
                "uagv",
                "acme",
                "a1",
                "hall",
                "n0",
                *self.points[0],
                0.0,
                LIMITS,
                picture_every_ms=self.picture_every_ms,
                charger_nodes=self.chargers,
            ),
            look,
            self.now_ms,
        )
        self.run(1)

    def order_body(self, order_id="o1", update=0, first=0, last=3, base=None, actions=None):
        """Nodes `first` to `last`, released up to `base`; sequence numbers from node 0 on."""
        base = last if base is None else base
        actions = actions or {}
        numbers = range(first, last + 1)
        nodes = [
            wire.OrderNode(
                f"n{n}",
                2 * n,
                n <= base,
                list(actions.get(n, ())),
                wire.NodePosition(*self.points[n], "hall"),
            )
            for n in numbers
        ]
        edges = [
            wire.OrderEdge(
                f"e{n}", 2 * n + 1, n < base, f"n{n}", f"n{n + 1}", [], self.speed_mps, None
            )
            for n in numbers[:-1]
        ]
        return order_message(order_id, update, nodes, edges)

    def send(self, message, kind="order"):
        self.robot.on_message(kind, with_header(message, Sender("acme", "a1"), 0, self.now_ms))
        self.run(1)

    def order(self, **what):
        self.send(self.order_body(**what))

    def instant(self, kind, action_id="i1", key="actions", **parameters):
        message = wire.InstantActions(**{key: [action(kind, action_id, "NONE", **parameters)]})
        self.send(message, "instantActions")

    def run(self, milliseconds):
        end = self.now_ms + milliseconds
        while self.now_ms < end:
            self.now_ms = min(end, self.now_ms + STEP_MS)
            self.robot.advance(self.now_ms)
            self.said += self.robot.take_sent()

    def run_until(self, condition, most_s=120):
        for _ in range(most_s * 1000 // STEP_MS):
            if condition():
                return True
            self.run(STEP_MS)
        return False

    def messages(self, kind):
        return [json.loads(s.payload) for s in self.said if s.topic.endswith(f"/{kind}")]

    @property
    def state(self):
        return self.messages("state")[-1]

    def action_states(self):
        return {a["actionId"]: a["actionStatus"] for a in self.state["actionStates"]}

    def error_types(self):
        return [error["errorType"] for error in self.state["errors"]]

    @property
    def x(self):
        return self.robot.body.x_m

    def is_at(self, number):
        x, y = self.points[number]
        return math.hypot(self.robot.body.x_m - x, self.robot.body.y_m - y) < 1e-6
