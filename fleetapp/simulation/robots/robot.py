"""One virtual robot: messages in, time forward, messages out. No network, no clock.

The same class runs on a real broker and in virtual time. It knows of packages
only what an order's `detectObject` action tells it (`labelCode`, `sku`): a real
robot would know nothing and look, so the camera draws what the warehouse said
should lie there, and sometimes something else.
"""

import base64
import math
from collections.abc import Callable
from dataclasses import dataclass

from fleetapp.simulation.robots.battery import Battery
from fleetapp.simulation.robots.faults import Fault, Faults
from fleetapp.simulation.robots.instant import InstantActions
from fleetapp.simulation.robots.motion import STEP_MS, Body, braking_m, drive
from fleetapp.simulation.robots.order_book import OrderBook
from fleetapp.simulation.robots.report import Doing, position_of, state_of, velocity_of
from fleetapp.simulation.robots.spec import Look, Spec, factsheet_of
from fleetapp.simulation.robots.voice import Sent, Voice
from fleetapp.vda5050 import wire
from fleetapp.vda5050.decode import Rejected, decode
from fleetapp.vda5050.topics import build

__all__ = ["Deed", "Faults", "Look", "Sent", "Spec", "VirtualRobot"]

MOST_ERRORS = 10
MOST_DEEDS = 20
ASKS_BASE_BEFORE_S = 1.0  # it asks for more base this long before it would brake


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that took effect: pick, drop or detectObject."""

    action_type: str
    action_id: str
    node_id: str
    at_ms: int
    frame: bytes = b""


class VirtualRobot:
    """A robot that behaves as VDA 5050 2.1 says, unless told to show a fault."""

    def __init__(self, spec: Spec, look: Look | None, now_ms: int) -> None:
        """Stands at its node; `look` makes a JPEG of what its camera sees."""
        self.spec = spec
        self.faults = Faults()
        self.body = Body(spec.x_m, spec.y_m, spec.heading_rad)
        self.book = OrderBook(spec.map_id, self.faults, last_node_id=spec.node_id)
        self.battery = Battery(spec.charge_fraction)
        self.paused = False
        self.loaded = False
        self.driven_m = 0.0
        self.picks = 0
        self.deeds: list[Deed] = []  # what it did with its hands and its camera, newest last
        self._look = look
        self._voice = Voice(spec.interface, spec.maker, spec.serial, self.faults)
        self._instant = InstantActions()
        self._errors: list[wire.Error] = []
        self._now_ms = self._state_ms = self._picture_ms = now_ms
        self._faults_key = self.faults.key()
        self._looks = 0
        self._cancel_kept = False
        self._asks_base = False
        self._changed = True
        self._lies = False

    @property
    def robot_id(self) -> str:
        """MAKER/SERIAL."""
        return f"{self.spec.maker}/{self.spec.serial}"

    def topic(self, kind: str) -> str:
        """The topic on which it says something of a kind."""
        return build(self.spec.interface, self.spec.maker, self.spec.serial, kind)

    def true_pose(self, now_ms: int) -> tuple[float, float, float]:
        """Where it truly is: x, y in metres and heading; it lives until `now_ms` first."""
        self.advance(now_ms)
        return self.body.x_m, self.body.y_m, self.body.heading_rad

    # --- in ---------------------------------------------------------------
    def will(self) -> Sent:
        """The last will the broker is to publish if the link breaks."""
        return self._voice.will(self._now_ms)

    def connected(self) -> None:
        """The link is there: say so, and report."""
        self._voice.link("ONLINE", self._now_ms)
        self._changed = True

    def leave(self) -> None:
        """Say goodbye; the link is closed next."""
        self._voice.link("OFFLINE", self._now_ms)

    def on_message(self, kind: str, payload: bytes) -> None:
        """Take an order or instant actions."""
        if Fault.FROZEN in self.faults.shown:
            return
        message = decode(kind, payload)
        if isinstance(message, Rejected):
            self._complain(wire.Error("validationError", "WARNING", message.reason))
        elif isinstance(message, wire.Order):
            self._take(message)
        elif isinstance(message, wire.InstantActions):
            for action in self._actions_read(message):
                if not self._instant.knows(action):
                    self._instant.note(action, self._done_at_once(action))
        self._changed = True

    def _actions_read(self, message: wire.InstantActions) -> list[wire.Action]:
        if Fault.OLD_KEY_ONLY in self.faults.shown:
            return message.instant_actions or []
        if Fault.NEW_KEY_ONLY in self.faults.shown:
            return message.actions or []
        return message.actions or message.instant_actions or []

    def _complain(self, error: wire.Error) -> None:
        """Report an error until a new order is accepted; the same one once."""
        if error not in self._errors:
            self._errors = [*self._errors, error][-MOST_ERRORS:]

    def _take(self, order: wire.Order) -> None:
        error = self._not_now(order) or self.book.take(order, self.body)
        if error is not None:
            if Fault.REFUSES_SILENTLY not in self.faults.shown:
                self._complain(error)
            return
        self._errors = []
        self.battery.charging = False
        if self._cancel_kept:
            self._cancel_kept = False
            self.book.clear()

    def _not_now(self, order: wire.Order) -> wire.Error | None:
        """Why it takes no order at all at present."""
        refuses = self.faults.refuses
        if not (self.faults.manual or self.faults.emergency_stop != "NONE" or refuses):
            return None
        reference = wire.Reference("orderId", order.order_id)
        text = "not now" if refuses else "not in automatic mode, or in emergency stop"
        return wire.Error(refuses or "orderError", "WARNING", text, None, [reference])

    def _done_at_once(self, action: wire.Action) -> str:
        """Do an instant action; its status."""
        match action.action_type:
            case "startPause" | "stopPause":
                return self._pause(paused=action.action_type == "startPause")
            case "cancelOrder":
                return self._cancel(action)
            case "startCharging" | "stopCharging":
                return self._charge(action, start=action.action_type == "startCharging")
            case "factsheetRequest":
                if Fault.NO_FACTSHEET not in self.faults.shown:
                    sheet = factsheet_of(self.spec)
                    self._voice.put("factsheet", sheet, self._now_ms, retain=True)
                return "FINISHED"
            case "stateRequest":
                return "FINISHED"
            case "initPosition":
                return self._be_placed(action)
        return self._failed(action, "instantActionError", "not known to this robot")

    def _failed(self, action: wire.Action, kind: str, text: str) -> str:
        references = [
            wire.Reference("actionId", action.action_id),
            wire.Reference("actionType", action.action_type),
        ]
        self._complain(wire.Error(kind, "WARNING", text, None, references))
        return "FAILED"

    def _pause(self, *, paused: bool) -> str:
        if Fault.PAUSE_IGNORED in self.faults.shown:
            return "WAITING"
        undone = self.faults.ignores_pause or Fault.PAUSE_UNDONE in self.faults.shown
        self.paused = paused and not undone
        return "FINISHED"

    def _cancel(self, action: wire.Action) -> str:
        if Fault.CANCEL_UNDONE in self.faults.shown:
            return "FINISHED"
        if self.book.busy:
            self._instant.cancels.append(action.action_id)
            self.book.queue.waiting.clear()
            return "RUNNING"
        if Fault.CANCEL_KEPT in self.faults.shown:
            self._cancel_kept = True
            return "WAITING"
        return self._failed(action, "noOrderToCancel", "there is no order")

    def _charge(self, action: wire.Action, *, start: bool) -> str:
        chargers = self.spec.charger_nodes
        away = chargers is not None and self.book.last_node_id not in chargers
        if start and (self.body.moving or away):
            return self._failed(action, "chargingError", "not at a charger")
        self.battery.charging = start
        return "FINISHED"

    def _be_placed(self, action: wire.Action) -> str:
        """A person tells it where it is: only the node counts, the pose is simulated."""
        parameters = {p.key: p.value for p in action.action_parameters or ()}
        node_id = parameters.get("lastNodeId")
        if self.book.busy or not isinstance(node_id, str):
            return self._failed(action, "initPositionError", "busy, or lastNodeId is missing")
        self.book.last_node_id = node_id
        self.faults.show(Fault.LOST_POSITION, on=False)
        return "FINISHED"

    # --- by hand ------------------------------------------------------------
    def set_down(self, x_m: float, y_m: float, heading_rad: float, node_id: str) -> None:
        """Somebody carries or pushes it elsewhere; it knows where it is then."""
        self.body = Body(x_m, y_m, heading_rad)
        if not self.book.busy:
            self.book.last_node_id = node_id
        self._changed = True

    def pause_by_hand(self, *, paused: bool) -> None:
        """Somebody pauses it at its panel, or lets it go on."""
        self.paused = paused
        self._changed = True

    def unload(self) -> None:
        """Somebody takes its load off."""
        self.loaded = False
        self._changed = True

    def restart(self) -> None:
        """It is switched off and on: what it was told is gone, what it carries stays."""
        self.body.speed_mps = self.body.turning_radps = 0.0
        self.book.forget()
        self._instant = InstantActions()
        self._errors, self.paused, self._cancel_kept = [], False, False
        self.battery.charging = False
        spec = self.spec
        self._voice = Voice(spec.interface, spec.maker, spec.serial, self.faults)
        self.connected()

    # --- time -------------------------------------------------------------
    def next_event_ms(self) -> int:
        """When `advance` has something to do; before, calling it changes nothing."""
        if self._changed or self.is_under_way():
            return self._now_ms
        report_ms = self._state_ms + self.spec.state_every_ms
        ends_ms = self.book.queue.next_end_ms()
        return report_ms if ends_ms is None else min(report_ms, ends_ms)

    def due(self, now_ms: int) -> bool:
        """Whether `advance` has something to do by now."""
        return now_ms >= self.next_event_ms() or self.faults.key() != self._faults_key

    def is_under_way(self) -> bool:
        """Whether something changes with every moment."""
        giving_up = self._gives_up() and (bool(self._instant.cancels) or self.book.busy)
        return self.body.moving or giving_up or bool(self.book.queue.waiting) or self._may_drive()

    def _may_drive(self) -> bool:
        return not (self.paused or self.faults.stands_still) and bool(self.book.legs())

    def advance(self, now_ms: int) -> None:
        """Live until `now_ms`, then report if something happened or it is time."""
        self._note_faults()
        while self._now_ms < now_ms:
            dt_ms = now_ms - self._now_ms
            if self.is_under_way() or self.book.queue.running:
                dt_ms = min(STEP_MS, dt_ms)
            self._now_ms += dt_ms
            self._live(dt_ms / 1000)
        if self._changed or now_ms - self._state_ms >= self.spec.state_every_ms:
            self._report()
        every = self.spec.picture_every_ms
        moves = self.body.driving
        if every and moves and now_ms - self._picture_ms >= every:
            self._picture_ms = now_ms
            position = position_of(self.body, self.spec.map_id, self.faults)
            picture = wire.Visualization(agv_position=position, velocity=velocity_of(self.body))
            self._voice.put("visualization", picture, now_ms)

    def _note_faults(self) -> None:
        key = self.faults.key()
        if key == self._faults_key:
            return
        self._faults_key, self._changed = key, True
        self.book.forget_way()
        if Fault.FORGETS_ORDER in self.faults.shown:
            self.faults.shown.discard(Fault.FORGETS_ORDER)
            self.book.forget()

    def _live(self, dt_s: float) -> None:
        x_m, y_m, was_driving = self.body.x_m, self.body.y_m, self.body.driving
        halt = self.paused or self.faults.stands_still or self._gives_up()
        legs = self.book.legs()
        if legs or was_driving:
            reached = drive(self.body, legs, self.spec.limits, dt_s, halt=halt)
            for _ in range(reached):
                self.book.reach_next()
            self._changed |= reached > 0 or was_driving != self.body.driving
        moved = math.hypot(self.body.x_m - x_m, self.body.y_m - y_m)
        self.driven_m += moved
        self.battery.use(dt_s, moved)
        self._act()
        self._give_up_if_still()
        self._ask_for_base()

    def _gives_up(self) -> bool:
        taken_over = self.faults.manual and not self.faults.keeps_order
        return bool(self._instant.cancels) or taken_over

    def _act(self) -> None:
        """End and begin the actions whose time it is."""
        for action in self.book.queue.end(self._now_ms):
            failed = (
                self.faults.fails_action == action.action_type
                or Fault.ACTION_FAILS in self.faults.shown
            )
            self._set_status(action, "FAILED" if failed else "FINISHED")
            if not failed:
                self._effect(action)
        if self.paused or self.faults.stands_still or self._gives_up():
            return
        for action in self.book.queue.begin(self._now_ms, standing=not self.body.moving):
            self._set_status(action, "RUNNING")

    def _set_status(self, action: wire.Action, status: str) -> None:
        self._changed = True
        state = self.book.actions.get(action.action_id)
        if state is not None:
            state.action_status = status

    def _effect(self, action: wire.Action) -> None:
        if action.action_type in ("pick", "drop"):
            self.loaded = action.action_type == "pick"
            self.picks += action.action_type == "pick"
            self._note_deed(action)
        elif action.action_type == "detectObject" and self._look is not None:
            self._publish_frame(action, self._look)

    def _note_deed(self, action: wire.Action, frame: bytes = b"") -> None:
        node_id = self.book.last_node_id
        deed = Deed(action.action_type, action.action_id, node_id, self._now_ms, frame)
        self.deeds = [*self.deeds, deed][-MOST_DEEDS:]

    def _publish_frame(self, action: wire.Action, look: Callable[..., bytes]) -> None:
        parameters = {p.key: p.value for p in action.action_parameters or ()}
        self._looks += 1
        code = parameters.get("labelCode")
        sku = str(parameters.get("sku", ""))
        image = look(str(code) if code else None, sku, self.robot_id, self._looks)
        self._note_deed(action, image)
        frame = wire.Frame(
            frame_id=f"{self.spec.serial}-{action.action_id}",
            action_id=action.action_id,
            node_id=self.book.last_node_id,
            encoding="image/jpeg",
            data=base64.b64encode(image).decode(),
        )
        self._voice.put("frame", frame, self._now_ms)

    def _give_up_if_still(self) -> None:
        """A cancel, or manual mode, ends the order once the robot stands and acts no more."""
        if not self._gives_up() or self.body.moving or self.book.queue.running:
            return
        if self.book.busy or self._instant.cancels:
            self.book.clear()
            self._instant.end_cancels()
            self._changed = True

    def _ask_for_base(self) -> None:
        """Whether the end of the base comes near while there is a horizon behind it."""
        asks = False
        if self.body.moving and self.book.nodes and not self.book.nodes[-1].released:
            speed = self.body.speed_mps
            needed_m = braking_m(speed, self.spec.limits) + speed * ASKS_BASE_BEFORE_S
            asks = self._base_left_m() <= needed_m
        if asks != self._asks_base:
            self._asks_base, self._changed = asks, True

    def _base_left_m(self) -> float:
        total, x, y = 0.0, self.body.x_m, self.body.y_m
        for leg in self.book.legs():
            total += math.hypot(leg.x_m - x, leg.y_m - y)
            x, y = leg.x_m, leg.y_m
        return total

    # --- out --------------------------------------------------------------
    def take_sent(self) -> list[Sent]:
        """What is to be published now."""
        return self._voice.take_sent()

    def _report(self) -> None:
        self._state_ms, self._changed = self._now_ms, False
        doing = Doing(self.battery, self.paused, self.loaded, self._asks_base, tuple(self._errors))
        state = state_of(doing, self.book, self._instant, self.body, self.faults)
        if self.faults.contradicts:
            self._lies = not self._lies
            if self._lies:
                state.driving, state.paused = not state.driving, not state.paused
        self._voice.put("state", state, self._now_ms)
