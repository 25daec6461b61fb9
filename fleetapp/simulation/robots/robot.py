"""One virtual robot: messages in, time forward, messages out. No network, no clock.

The same class runs on a real broker and in virtual time. It knows of packages
only what an order's `detectObject` action tells it (label code, SKU), as a real
robot would know nothing and look.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from fleetapp.simulation.robots.motion import STEP_S, Body, Leg, Limits, step
from fleetapp.simulation.robots.order_book import OrderBook
from fleetapp.vda5050 import wire
from fleetapp.vda5050.decode import Rejected, decode
from fleetapp.vda5050.encode import Sender, with_header
from fleetapp.vda5050.topics import build

Look = Callable[[str | None, str, str, int], bytes]

ACTION_S: dict[str, float] = {"pick": 6.0, "drop": 6.0, "detectObject": 0.4}
DRAIN_PER_S = 1 / (8 * 3600)
DRAIN_PER_M = 1 / 30_000
CHARGE_PER_S = 1 / 1800


@dataclass(frozen=True, slots=True)
class Spec:
    """What the robot is and where it starts."""

    interface: str
    maker: str
    serial: str
    map_id: str
    node_id: str
    x_m: float
    y_m: float
    heading_rad: float
    limits: Limits
    charge_fraction: float = 0.9
    state_every_ms: int = 1000
    picture_every_ms: int = 0  # of `visualization`; 0 sends none


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the robot publishes."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(slots=True)
class Faults:
    """Faults shown on demand."""

    emergency_stop: str = "NONE"
    manual: bool = False
    fails_action: str = ""
    error: str = ""
    ignores_pause: bool = False


class VirtualRobot:
    """A robot that behaves as VDA 5050 2.1 says."""

    def __init__(self, spec: Spec, look: Look | None, now_ms: int) -> None:
        """Stands at its node; `look` makes a JPEG of what its camera sees."""
        self.spec = spec
        self.faults = Faults()
        self.body = Body(spec.x_m, spec.y_m, spec.heading_rad)
        self.book = OrderBook(last_node_id=spec.node_id)
        self.paused = False
        self.loaded = False
        self.charging = False
        self.driven_m = 0.0
        self._charge = spec.charge_fraction
        self._look = look
        self._sender = Sender(spec.maker, spec.serial)
        self._headers: dict[str, int] = {}
        self._sent: list[Sent] = []
        self._now_ms = now_ms
        self._state_ms = now_ms
        self._picture_ms = now_ms
        self._ends_ms: int | None = None
        self._errors: list[wire.Error] = []
        self._instant: dict[str, wire.ActionState] = {}
        self._cancel: str | None = None
        self._looks = 0
        self._changed = True

    @property
    def robot_id(self) -> str:
        """MAKER/SERIAL."""
        return f"{self.spec.maker}/{self.spec.serial}"

    # --- in ---------------------------------------------------------------
    def will(self) -> Sent:
        """The last will the broker is to publish if the link breaks."""
        return self._message(
            "connection", wire.Connection(connection_state="CONNECTIONBROKEN"), qos=1, retain=True
        )

    def connected(self) -> None:
        """The link is there: say so, and report."""
        self._put("connection", wire.Connection(connection_state="ONLINE"), qos=1, retain=True)
        self._changed = True

    def on_message(self, kind: str, payload: bytes) -> None:
        """Take an order or instant actions."""
        message = decode(kind, payload)
        if isinstance(message, Rejected):
            self._errors.append(wire.Error("validationError", "WARNING", message.reason))
        elif isinstance(message, wire.Order):
            self._take(message)
        elif isinstance(message, wire.InstantActions):
            for action in message.actions or message.instant_actions or ():
                self._do_at_once(action)
        self._changed = True

    def _take(self, order: wire.Order) -> None:
        if self.faults.manual or self.faults.emergency_stop != "NONE":
            self._errors.append(wire.Error("orderError", "WARNING", "not in automatic mode"))
            return
        error = self.book.take(order)
        if error is not None:
            self._errors.append(error)
            return
        self._errors = [e for e in self._errors if e.error_level == "FATAL"]
        self.charging = False

    def _do_at_once(self, action: wire.Action) -> None:
        if action.action_id in self._instant:
            return  # sent again
        status = "FINISHED"
        match action.action_type:
            case "startPause":
                self.paused = not self.faults.ignores_pause
            case "stopPause":
                self.paused = False
            case "cancelOrder":
                self._cancel = action.action_id
                status = "RUNNING"
            case "startCharging":
                self.charging = True
            case "stopCharging":
                self.charging = False
            case "factsheetRequest":
                self._put("factsheet", self._factsheet(), retain=True)
            case "stateRequest":
                pass
            case _:
                status = "FAILED"
        self._instant[action.action_id] = wire.ActionState(
            action.action_id, status, action.action_type
        )
        while len(self._instant) > 20:
            self._instant.pop(next(iter(self._instant)))

    # --- time -------------------------------------------------------------
    def advance(self, now_ms: int) -> None:
        """Live until `now_ms`, then report if something happened or it is time."""
        while self._now_ms < now_ms:
            dt_ms = min(int(STEP_S * 1000), now_ms - self._now_ms)
            self._now_ms += dt_ms
            self._live(dt_ms / 1000)
        if self._changed or now_ms - self._state_ms >= self.spec.state_every_ms:
            self._report()
        every = self.spec.picture_every_ms
        if every and self.body.moving and now_ms - self._picture_ms >= every:
            self._picture_ms = now_ms
            self._put("visualization", wire.Visualization(agv_position=self._position()))

    def _live(self, dt_s: float) -> None:
        before_m = (self.body.x_m, self.body.y_m)
        was_moving = self.body.moving
        stopped = self.paused or self.faults.emergency_stop != "NONE" or self._cancel is not None
        way = () if stopped else self.book.way()
        legs = tuple(_leg(node, edge) for node, edge in way)
        if step(self.body, legs, self.spec.limits, dt_s):
            self.book.reach_next()
            self._changed = True
        if was_moving != self.body.moving:
            self._changed = True
        moved = abs(self.body.x_m - before_m[0]) + abs(self.body.y_m - before_m[1])
        self.driven_m += moved
        self._use_charge(dt_s, moved)
        self._act()
        self._finish_cancel()

    def _use_charge(self, dt_s: float, moved_m: float) -> None:
        if self.charging:
            self._charge = min(1.0, self._charge + CHARGE_PER_S * dt_s)
        else:
            self._charge = max(0.0, self._charge - DRAIN_PER_S * dt_s - DRAIN_PER_M * moved_m)

    def _act(self) -> None:
        """Begin or end the action whose turn it is."""
        if not self.book.waiting or self.body.moving:
            return
        action = self.book.waiting[0]
        state = self.book.actions[action.action_id]
        if self._ends_ms is None:
            if self.paused:
                return
            state.action_status = "RUNNING"
            self._ends_ms = self._now_ms + round(ACTION_S.get(action.action_type, 1.0) * 1000)
            self._changed = True
        elif self._now_ms >= self._ends_ms:
            self._ends_ms = None
            self.book.waiting.pop(0)
            failed = self.faults.fails_action == action.action_type
            state.action_status = "FAILED" if failed else "FINISHED"
            self._changed = True
            if not failed:
                self._effect(action)

    def _effect(self, action: wire.Action) -> None:
        if action.action_type == "pick":
            self.loaded = True
        elif action.action_type == "drop":
            self.loaded = False
        elif action.action_type == "detectObject" and self._look is not None:
            self._publish_frame(action, self._look)

    def _publish_frame(self, action: wire.Action, look: Look) -> None:
        parameters = {p.key: p.value for p in action.action_parameters or ()}
        self._looks += 1
        code = parameters.get("labelCode")
        image = look(
            str(code) if code else None,
            str(parameters.get("sku", "")),
            self.robot_id,
            self._looks,
        )
        self._put(
            "frame",
            wire.Frame(
                frame_id=f"{self.spec.serial}-{action.action_id}",
                action_id=action.action_id,
                node_id=self.book.last_node_id,
                encoding="image/jpeg",
                data=base64.b64encode(image).decode(),
            ),
        )

    def _finish_cancel(self) -> None:
        if self._cancel is None or self.body.moving:
            return
        state = self._instant.get(self._cancel)
        if state is not None:
            state.action_status = "FINISHED"
        self._cancel, self._ends_ms = None, None
        self.book.clear()
        self._changed = True

    # --- out --------------------------------------------------------------
    def take_sent(self) -> list[Sent]:
        """What is to be published now."""
        taken, self._sent = self._sent, []
        return taken

    def _report(self) -> None:
        self._state_ms, self._changed = self._now_ms, False
        book = self.book
        errors = list(self._errors)
        if self.faults.error:
            errors.append(wire.Error(self.faults.error, "FATAL", self.faults.error))
        self._put(
            "state",
            wire.State(
                order_id=book.order_id,
                order_update_id=book.update_id,
                last_node_id=book.last_node_id,
                last_node_sequence_id=book.last_sequence,
                driving=self.body.moving,
                paused=self.paused,
                new_base_request=False,
                operating_mode="MANUAL" if self.faults.manual else "AUTOMATIC",
                node_states=[
                    wire.NodeState(n.node_id, n.sequence_id, n.released) for n in book.nodes
                ],
                edge_states=[
                    wire.EdgeState(e.edge_id, e.sequence_id, e.released) for e in book.edges
                ],
                agv_position=self._position(),
                velocity=wire.Velocity(self.body.speed_mps, 0.0, 0.0),
                loads=[wire.Load("load-1", "carton")] if self.loaded else [],
                action_states=[*book.actions.values(), *self._instant.values()],
                battery_state=wire.BatteryState(round(self._charge * 100, 1), self.charging),
                errors=errors,
                safety_state=wire.SafetyState(self.faults.emergency_stop, field_violation=False),
            ),
        )

    def _position(self) -> wire.AgvPosition:
        return wire.AgvPosition(
            round(self.body.x_m, 3),
            round(self.body.y_m, 3),
            round(self.body.heading_rad, 4),
            self.spec.map_id,
            position_initialized=True,
        )

    def _factsheet(self) -> wire.Factsheet:
        return wire.Factsheet(
            type_specification=wire.TypeSpecification("virtual", "CARRIER"),
            physical_parameters=wire.PhysicalParameters(self.spec.limits.speed_mps, 0.9, 0.7),
        )

    def _put(self, kind: str, message: wire.Header, *, qos: int = 0, retain: bool = False) -> None:
        self._sent.append(self._message(kind, message, qos=qos, retain=retain))

    def _message(self, kind: str, message: wire.Header, *, qos: int, retain: bool) -> Sent:
        header = self._headers.get(kind, 0)
        self._headers[kind] = header + 1
        topic = build(self.spec.interface, self.spec.maker, self.spec.serial, kind)
        return Sent(topic, with_header(message, self._sender, header, self._now_ms), qos, retain)


def _leg(node: wire.OrderNode, edge: wire.OrderEdge) -> Leg:
    position = node.node_position
    if position is None:
        raise ValueError(f"node {node.node_id} of the order has no position")
    return Leg(position.x, position.y, edge.max_speed or 1.0)
