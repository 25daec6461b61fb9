"""The sessions of all robots, and the way between them and the network.

A robot gets a session with its first message. What sessions want to send leaves
in `flush`; frames go to the recogniser undecoded, poses to the screen.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from fleetapp.api.views import PoseView
from fleetapp.core import effects as due
from fleetapp.core.observations import Input, PayloadRejected, RobotObservation
from fleetapp.core.state import State
from fleetapp.engine.orders_out import order_to_send
from fleetapp.engine.ports import Recogniser, RobotLink
from fleetapp.engine.rejections import Dropped, Rejections, Tally
from fleetapp.fleet.order import OrderPhase
from fleetapp.safety.permit import Asked, Permit
from fleetapp.terms.reasons import AlarmKind
from fleetapp.vda5050.plain_text import WORD_SIGNS, shown
from fleetapp.vda5050.session import Session
from fleetapp.vda5050.topics import PART, parse

log = logging.getLogger(__name__)

TOPIC_SIGNS = 120


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
        self._rejections = Rejections()

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
        session = self._session(address.maker, address.serial)
        found: list[Input] = []
        for fact in _heard(session, message, address.kind, now_ms):
            if isinstance(fact, PayloadRejected):
                found.extend(self._rejections.note(fact, now_ms))
            else:
                found.append(fact)
        self._pass_on(session)
        return found

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

    def _session(self, maker: str, serial: str) -> Session:
        robot_id = f"{maker}/{serial}"
        session = self._sessions.get(robot_id)
        if session is None:
            session = Session(self._interface, maker, serial, self._epoch)
            self._sessions[robot_id] = session
        self._active[robot_id] = session
        return session

    def _of(self, robot_id: str) -> Session:
        maker, _, serial = robot_id.partition("/")
        return self._session(maker, serial)

    def _pass_on(self, session: Session) -> None:
        pose = session.take_pose()
        if pose is not None:
            self._on_pose(pose)
        for frame in session.take_frames():
            self._recogniser.look(frame.robot_id, frame.frame_id, frame.encoding, frame.image)

    def on_time(self, now_ms: int) -> list[Input]:
        """What follows from time alone."""
        told: list[Input] = list(self._rejections.on_time(now_ms))
        for session in self._sessions.values():
            deadline = session.next_deadline_ms()
            if deadline is not None and deadline <= now_ms:
                told.extend(session.on_time(now_ms))
                self._active[session.robot_id] = session
        return told

    def next_deadline_ms(self) -> int | None:
        """When a session wants to send something again."""
        times = [session.next_deadline_ms() for session in self._sessions.values()]
        times.append(self._rejections.next_deadline_ms())
        return min((time for time in times if time is not None), default=None)

    def due_again(self, now_ms: int) -> list[Asked]:
        """What may move robots and no report shows: to be sent again if the gate permits it."""
        return [asked for session in self._sessions.values() for asked in session.due(now_ms)]

    def send_again(self, permit: Permit, now_ms: int) -> None:
        """Send once more what was due."""
        self._of(permit.asked.robot_id).send_again(permit, now_ms)

    def send_permitted(self, effect: due.Effect, permit: Permit, state: State, now_ms: int) -> None:
        """Let the robot's session send for the first time what the gate permits."""
        match effect:
            case due.SendOrder(order=order):
                robot = state.robots[order.robot_id]
                sending = order_to_send(state.floor, order, robot.robot_type)
                self._of(order.robot_id).send_order(permit, sending, now_ms)
            case due.Resume(robot_id=robot_id):
                self._of(robot_id).resume(permit, now_ms)
            case due.Charge(robot_id=robot_id, start=start):
                self._of(robot_id).charge(permit, now_ms, start=start)

    def carry_out(self, effect: due.Effect, now_ms: int) -> None:
        """Let the robot's session do what lets nothing move."""
        match effect:
            case due.Pause(robot_id=robot_id):
                self._of(robot_id).pause(now_ms)
            case due.CancelOrder(robot_id=robot_id, order_id=order_id):
                self._of(robot_id).cancel(order_id, now_ms)
            case due.ForgetOrder(robot_id=robot_id, order_id=order_id):
                self._of(robot_id).forget_order(order_id)
            case due.ForgetRobot(robot_id=robot_id):
                self._of(robot_id).forget()
            case due.AskFactsheet(robot_id=robot_id):
                self._of(robot_id).ask_factsheet()

    def adopt(self, state: State, now_ms: int) -> None:
        """After a restart: follow the orders that robots have, and pause those told to pause.

        What may move a robot is only due by this; the gate waits for its first report.
        """
        for robot in state.robots.values():
            if robot.admitted:
                self._of(robot.robot_id).speak(robot.protocol)
        for order in state.orders.values():
            robot = state.robots[order.robot_id]
            session = self._of(order.robot_id)
            sending = order_to_send(state.floor, order, robot.robot_type)
            ended = frozenset(action.action_id for action in order.actions if action.ended)
            session.adopt(
                sending,
                order.passed,
                order.acknowledged_update,
                now_ms,
                stitch=order.stitched_at,
                ended=ended,
            )
            if order.phase is OrderPhase.CANCELLING:
                session.cancel(order.order_id, now_ms)
        for robot in state.robots.values():
            if robot.admitted:
                self._of(robot.robot_id).ask_factsheet()
            if robot.pause_wanted:
                self._of(robot.robot_id).pause(now_ms)
            elif robot.resume_wanted:
                self._of(robot.robot_id).adopt_resume(now_ms)
        for alarm in state.alarms.values():
            if alarm.raised.kind is AlarmKind.PAYLOAD_REJECTED and alarm.gone_ms is None:
                self._rejections.expect(alarm.raised.robot_id or "", now_ms)

    def flush(self) -> int:
        """Hand everything to the network; how many messages that were."""
        count = 0
        for session in self._active.values():
            for out in session.take_outgoing():
                self._link.publish(out.topic, out.payload, out.qos, retain=out.retain)
                count += 1
        self._active.clear()
        return count


def _heard(session: Session, message: RawMessage, kind: str, now_ms: int) -> list[RobotObservation]:
    """What follows from a message; one that is our fault costs its robot, not the fleet."""
    try:
        return session.on_message(kind, message.payload, now_ms, retained=message.retained)
    except Exception as error:
        log.exception("a message on %s cannot be read", message.topic)
        topic = shown(message.topic, TOPIC_SIGNS)
        reason = f"not understood ({type(error).__name__})"
        remedy = "tell the makers of fleetapp; the log has the details"
        return [PayloadRejected(session.robot_id, now_ms, topic, reason, remedy)]


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
