"""The sessions of all robots, and the way between them and the network.

A robot gets a session with its first message. What sessions want to send leaves
in `flush`; frames go to the recogniser undecoded, poses to the screen.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fleetapp.api.views import PoseView
from fleetapp.core import effects as due
from fleetapp.core.observations import Input, PayloadRejected
from fleetapp.core.state import State
from fleetapp.engine.faults import Faults
from fleetapp.engine.orders_out import order_to_send
from fleetapp.engine.ports import Recogniser, RobotLink
from fleetapp.engine.rejections import Dropped, Rejections, Tally
from fleetapp.fleet.order import Order, OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.safety.permit import Asked, Permit
from fleetapp.terms.reasons import AlarmKind
from fleetapp.vda5050.plain_text import WORD_SIGNS, shown
from fleetapp.vda5050.session import Session
from fleetapp.vda5050.topics import PART, parse

log = logging.getLogger(__name__)

TOPIC_SIGNS = 120
REST_MS = 60_000  # a session that failed for a robot nobody knows is tried again
SESSION = "session"  # the rule that fails when a session does


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A message as the network gave it."""

    topic: str
    payload: bytes
    retained: bool = False
    received_ns: int = 0


class Sessions:
    """One session a robot."""

    def __init__(
        self,
        link: RobotLink,
        recogniser: Recogniser,
        *,
        interface: str,
        epoch: str,
        on_pose: Callable[[PoseView], None],
    ) -> None:
        """`epoch` names this start of the engine, so that action ids never repeat."""
        self._link = link
        self._recogniser = recogniser
        self._interface = interface
        self._epoch = epoch
        self._on_pose = on_pose
        self._sessions: dict[str, Session] = {}
        self._active: dict[str, Session] = {}
        self._touched: set[str] = set()  # robots whose sessions may have come to rest, or begun
        self._restless: set[str] = set()
        self._rejections = Rejections()
        self.faults = Faults()
        self._made_anew: dict[str, int] = {}  # so that ids of actions never repeat
        self._rest_since: dict[str, int] = {}  # of robots that the core does not know
        self._resting: dict[str, bool] = {}  # robots whose session failed; whether they were held

    def take_in(self, message: RawMessage, now_ms: int) -> list[Input]:
        """The observations that follow from a message."""
        address = parse(message.topic)
        if address is None or address.interface != self._interface:
            rejected = PayloadRejected(
                "",
                now_ms,
                shown(message.topic, TOPIC_SIGNS),
                _why_no_topic(message.topic, self._interface),
                f"publish on {self._interface}/v2/MANUFACTURER/SERIAL/TOPIC",
            )
            return list(self._rejections.note(rejected, now_ms))
        if address.robot_id in self._resting:
            return []  # until a person has released the robot
        found: list[Input] = []
        with self._whole(address.robot_id):
            session = self._of(address.robot_id)
            found.extend(self._heard(session, message, address.kind, now_ms))
            self._pass_on(session)
        return found

    def _heard(
        self, session: Session, message: RawMessage, kind: str, now_ms: int
    ) -> Iterator[Input]:
        for fact in session.on_message(kind, message.payload, now_ms, retained=message.retained):
            if isinstance(fact, PayloadRejected):
                yield from self._rejections.note(fact, now_ms)
            else:
                yield fact

    @contextmanager
    def _whole(self, robot_id: str) -> Iterator[None]:
        """A session that fails costs its robot: it is made anew, and hears nothing meanwhile."""
        try:
            yield
        except Exception as error:
            log.exception("the session of %s failed", robot_id)
            if robot_id not in self._resting:
                self._resting[robot_id] = False
                self.faults.note(SESSION, robot_id, error)
            self._sessions[robot_id] = self._active[robot_id] = self._made(robot_id)
            self._touched.add(robot_id)

    def wake_released(self, state: State, now_ms: int) -> None:
        """Sessions that failed work again once a person has released their robots.

        A robot that nobody knew when its session failed was never held: its session works
        again when the robot is known, at the latest after a minute.
        """
        for robot_id, was_held in tuple(self._resting.items()):
            robot = state.robots.get(robot_id)
            if robot is not None and SESSION in robot.broken:
                self._resting[robot_id] = True
            elif was_held or self._has_rested(robot_id, robot, now_ms):
                del self._resting[robot_id]
                self._rest_since.pop(robot_id, None)
                if robot is not None:
                    self._adopt(robot, state, now_ms)

    def _has_rested(self, robot_id: str, robot: Robot | None, now_ms: int) -> bool:
        """Whether a robot that is not held for its session may be heard again."""
        if robot is not None:
            return not self.faults.is_untold(SESSION, robot_id)  # else it is held next
        return now_ms - self._rest_since.setdefault(robot_id, now_ms) > REST_MS

    def dropped(self, message: Dropped, now_ms: int) -> list[Input]:
        """What follows from messages that nobody read."""
        address = parse(message.topic)
        robot_id = address.robot_id if address is not None else ""
        rejected = PayloadRejected(
            robot_id,
            now_ms,
            shown(message.topic, TOPIC_SIGNS),
            message.reason,
            message.remedy,
            message.count,
        )
        return list(self._rejections.note(rejected, now_ms, dropped=True))

    def tallies(self) -> dict[str, Tally]:
        """How many messages were not used, by robot, since the engine started."""
        return self._rejections.tallies()

    def _made(self, robot_id: str) -> Session:
        maker, _, serial = robot_id.partition("/")
        self._made_anew[robot_id] = again = self._made_anew.get(robot_id, -1) + 1
        epoch = f"{self._epoch}.{again}" if again else self._epoch
        return Session(self._interface, maker, serial, epoch)

    def _of(self, robot_id: str) -> Session:
        session = self._sessions.get(robot_id)
        if session is None:
            session = self._sessions[robot_id] = self._made(robot_id)
        self._active[robot_id] = session
        self._touched.add(robot_id)
        return session

    def _pass_on(self, session: Session) -> None:
        pose = session.take_pose()
        if pose is not None:
            self._on_pose(pose)
        for frame in session.take_frames():
            self._recogniser.look(frame.robot_id, frame.frame_id, frame.encoding, frame.image)

    def on_time(self, now_ms: int) -> list[Input]:
        """What follows from time alone."""
        told: list[Input] = list(self._rejections.on_time(now_ms))
        for session in self._at_work():
            deadline = session.next_deadline_ms()
            if deadline is not None and deadline <= now_ms:
                self._touched.add(session.robot_id)
                with self._whole(session.robot_id):
                    told.extend(session.on_time(now_ms))
                    self._active[session.robot_id] = session
        return told

    def _at_work(self) -> list[Session]:
        """Sessions that wait for something to be shown, in their order.

        Most have nothing to wait for: asking each of them at each tick took a fifth of
        the loop's time.
        """
        for robot_id in self._touched:
            session = self._sessions.get(robot_id)
            if session is None or session.rests:
                self._restless.discard(robot_id)
            else:
                self._restless.add(robot_id)
        self._touched.clear()
        return [s for robot_id, s in self._sessions.items() if robot_id in self._restless]

    def next_deadline_ms(self) -> int | None:
        """When a session wants to send something again."""
        times = [session.next_deadline_ms() for session in self._at_work()]
        times.append(self._rejections.next_deadline_ms())
        return min((time for time in times if time is not None), default=None)

    def due_again(self, now_ms: int) -> list[Asked]:
        """What may move robots and no report shows: to be sent again if the gate permits it."""
        found: list[Asked] = []
        for session in self._at_work():
            with self._whole(session.robot_id):
                found.extend(session.due(now_ms))
        return found

    def send_again(self, permit: Permit, now_ms: int) -> None:
        """Send once more what was due."""
        robot_id = permit.asked.robot_id
        with self._whole(robot_id):
            self._of(robot_id).send_again(permit, now_ms)

    def send_permitted(self, effect: due.Effect, permit: Permit, state: State, now_ms: int) -> None:
        """Let the robot's session send for the first time what the gate permits."""
        robot_id = permit.asked.robot_id
        with self._whole(robot_id):
            match effect:
                case due.SendOrder(order=order):
                    robot = state.robots[order.robot_id]
                    sending = order_to_send(state.floor, order, robot.robot_type)
                    self._of(robot_id).send_order(permit, sending, now_ms)
                case due.Resume():
                    self._of(robot_id).resume(permit, now_ms)
                case due.Charge(start=start):
                    self._of(robot_id).charge(permit, now_ms, start=start)

    def carry_out(self, effect: due.Unpermitted, now_ms: int) -> None:
        """Let the robot's session do what lets nothing move.

        If the session fails at it the one made in its place tries again: a stop must
        leave, and a new session has forgotten whatever the old one stumbled over.
        """
        robot_id = effect.robot_id
        before = self._of(robot_id)
        with self._whole(robot_id):
            _do(before, effect, now_ms)
        if self._of(robot_id) is not before:
            with self._whole(robot_id):
                _do(self._of(robot_id), effect, now_ms)

    def adopt(self, state: State, now_ms: int) -> None:
        """After a restart: follow the orders that robots have, and pause those told to pause.

        What may move a robot is only due by this; the gate waits for its first report.
        """
        for robot in state.robots.values():
            with self._whole(robot.robot_id):
                self._adopt(robot, state, now_ms)
        for alarm in state.alarms.values():
            if alarm.raised.kind is AlarmKind.PAYLOAD_REJECTED and alarm.gone_ms is None:
                self._rejections.expect(alarm.raised.robot_id or "", now_ms)

    def _adopt(self, robot: Robot, state: State, now_ms: int) -> None:
        session = self._of(robot.robot_id)
        if robot.admitted:
            session.speak(robot.protocol)
        order = state.orders.get(robot.order_id) if robot.order_id else None
        if order is not None:
            _follow(session, order, state, now_ms)
        if robot.admitted:
            session.ask_factsheet()
        if robot.pause_wanted:
            session.pause(now_ms)
        elif robot.resume_wanted:
            session.adopt_resume(now_ms)

    def flush(self) -> None:
        """Hand everything to the network."""
        for session in self._active.values():
            for out in session.take_outgoing():
                self._link.publish(out.topic, out.payload, out.qos, retain=out.retain)
        self._active.clear()


def _do(session: Session, effect: due.Unpermitted, now_ms: int) -> None:
    match effect:
        case due.Pause():
            session.pause(now_ms)
        case due.ForgetPause():
            session.forget_pause()
        case due.CancelOrder(order_id=order_id):
            session.cancel(order_id, now_ms)
        case due.ForgetOrder(order_id=order_id):
            session.forget_order(order_id)
        case due.ForgetRobot():
            session.forget()
        case due.AskFactsheet():
            session.ask_factsheet()


def _follow(session: Session, order: Order, state: State, now_ms: int) -> None:
    """Follow an order that was sent by an earlier session."""
    session.adopt(
        order_to_send(state.floor, order, state.robots[order.robot_id].robot_type),
        order.passed,
        order.acknowledged_update,
        now_ms,
        stitch=order.stitched_at,
        ended=frozenset(action.action_id for action in order.actions if action.ended),
    )
    if order.phase is OrderPhase.CANCELLING:
        session.cancel(order.order_id, now_ms)


def _why_no_topic(topic: str, interface: str) -> str:
    """Which part of a topic does not fit."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[0] != interface:
        return "not a topic of a robot"
    for name, part in (("manufacturer", parts[2]), ("serial number", parts[3])):
        if not PART.fullmatch(part):
            signs = "1 to 64 of A-Z a-z 0-9 _ . : -"
            return f"{name} {shown(part, WORD_SIGNS)!r} is not {signs}"
    return "not a topic of a robot"
