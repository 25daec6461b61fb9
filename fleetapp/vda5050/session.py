"""One robot as fleet control talks to it over VDA 5050 2.x. No input, no output, no clock.

Messages go in with the time they came, observations come out; what is to be sent
is taken from `take_outgoing`. The robot's word is its reports: an order counts
when a report shows it, a pause when a report shows the robot paused, a cancel when nothing
is left to drive. "FINISHED" alone proves nothing, nor does the `connection` topic.

What restricts is sent again from here. What may move the robot never leaves of the
session's own accord: it says what is `due`, and sends only with a permit.

Source: VDA 5050 2.1; what robots do wrong was measured on four of them.
"""

import hashlib
from collections.abc import Iterator

from fleetapp.api.views import PoseView
from fleetapp.core import observations as seen
from fleetapp.safety.permit import Asked, MayCharge, MayDrive, MayGoOn, Permit
from fleetapp.safety.silence import HEARTBEAT_MS
from fleetapp.vda5050 import wire
from fleetapp.vda5050.commanding import Commanding
from fleetapp.vda5050.decode import Decoded, Rejected, decode_noting
from fleetapp.vda5050.extras import CameraFrame, factsheet_seen, frame_of
from fleetapp.vda5050.following import error_key
from fleetapp.vda5050.freshness import Freshness
from fleetapp.vda5050.instant import ActionIds
from fleetapp.vda5050.link import Link
from fleetapp.vda5050.ordering import Ordering
from fleetapp.vda5050.orders import OrderToSend
from fleetapp.vda5050.pausing import Pausing
from fleetapp.vda5050.plain_text import WORD_SIGNS, shown
from fleetapp.vda5050.quirks import quirks_of
from fleetapp.vda5050.reporting import is_news, report_of
from fleetapp.vda5050.resuming import Resuming
from fleetapp.vda5050.sending import Outgoing, Sending

UNNAMED = "without a version"


class Session:
    """What is known of one robot on the wire."""

    def __init__(self, interface: str, maker: str, serial: str, epoch: str) -> None:
        """A robot of which nothing was heard yet; `epoch` names this start of the engine."""
        self.robot_id = f"{maker}/{serial}"
        self._maker, self._serial = maker, serial
        self._sending = Sending(interface, maker, serial)
        self._frames: list[CameraFrame] = []
        self._pose: PoseView | None = None
        self._report: seen.RobotReported | None = None
        self._told_ms = 0
        self._freshness = Freshness()
        self._link = Link()
        self._quirks: set[str] = set()
        self._errors: frozenset[str] = frozenset()
        self._ordering = Ordering(self.robot_id)
        ids = ActionIds(self.robot_id, epoch)
        self._pausing = Pausing(self.robot_id, ids)
        self._resuming = Resuming(self.robot_id, ids)
        self._commanding = Commanding(self.robot_id, ids)
        self._protocol = ""
        self._has_appeared = False

    # --- in ---------------------------------------------------------------
    def on_message(
        self, kind: str, payload: bytes, now_ms: int, *, retained: bool
    ) -> list[seen.RobotObservation]:
        """The observations that follow from a message on one of the robot's topics."""
        if retained and kind not in ("connection", "factsheet"):
            return []  # a retained report is old by nature
        decoded = decode_noting(kind, payload)
        if isinstance(decoded, Rejected):
            topic = self._sending.topic(kind)
            return [
                seen.PayloadRejected(self.robot_id, now_ms, topic, decoded.reason, decoded.remedy)
            ]
        alive = not retained and not _is_farewell(decoded.message)
        return list(self._read(decoded, now_ms, alive=alive))

    def _read(
        self, decoded: Decoded, now_ms: int, *, alive: bool
    ) -> Iterator[seen.RobotObservation]:
        message = decoded.message
        yield from self._appear(message, now_ms, alive=alive)
        for quirk in quirks_of(decoded):
            if quirk not in self._quirks:
                self._quirks.add(quirk)
                yield seen.QuirkSeen(self.robot_id, now_ms, quirk)
        if isinstance(message, wire.State):
            yield from self._read_state(message, now_ms)
        elif isinstance(message, wire.Connection):
            yield from self._read_connection(message, now_ms)
        elif isinstance(message, wire.Factsheet):
            self._commanding.factsheet_came()
            yield factsheet_seen(self.robot_id, message, now_ms)
        elif isinstance(message, wire.Visualization):
            self._take_pose(message.agv_position, now_ms)
        elif isinstance(message, wire.Frame):
            yield from self._read_frame(message, now_ms)

    def _appear(
        self, message: wire.Header, now_ms: int, *, alive: bool
    ) -> Iterator[seen.RobotAppeared]:
        """Told with its first word of its own, and again if its reports say another version.

        What the broker kept, and a last will, are no words of its own: a robot that was
        removed leaves both behind.
        """
        version = shown(message.version or "", WORD_SIGNS)
        is_report = isinstance(message, wire.State)
        if is_report or not self._has_appeared:
            self._sending.speak(version)
        is_known = self._has_appeared and not (is_report and version not in ("", self._protocol))
        if is_known or not alive:
            return
        self._has_appeared, self._protocol = True, version
        yield seen.RobotAppeared(
            self.robot_id, now_ms, self._maker, self._serial, version or UNNAMED
        )

    def _read_state(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        if not self._freshness.takes(state):
            return
        if self._link.report_came():
            yield seen.LinkChanged(self.robot_id, now_ms, online=True)
        self._take_pose(state.agv_position, now_ms)
        report = report_of(self.robot_id, state, now_ms, self._report)
        if is_news(self._report, report):
            self._report, self._told_ms = report, now_ms
            yield report
        elif now_ms - self._told_ms >= HEARTBEAT_MS:
            self._told_ms = now_ms
            yield seen.Heartbeat(self.robot_id, now_ms)
        yield from self._follow(state, now_ms)
        yield from self._pausing.read(state, now_ms)
        yield from self._resuming.read(state, now_ms)
        may_come = self._ordering.may_come(now_ms)
        yield from self._commanding.read(state, now_ms, order_may_come=may_come)
        self._send_free(now_ms)
        self._errors = frozenset(error_key(error) for error in state.errors or ())

    def _follow(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        for fact in self._ordering.read(state, now_ms):
            if not isinstance(fact, seen.OrderGone):
                yield fact
                continue
            self._ordering.end()
            if self._commanding.cancelling:
                self._commanding.cancel_done()
                yield seen.CancelConfirmed(self.robot_id, now_ms, fact.order_id)
            else:
                yield fact

    def _read_connection(self, message: wire.Connection, now_ms: int) -> Iterator[seen.LinkChanged]:
        online = message.connection_state.upper() == "ONLINE"
        if online and self._link.is_down:
            self._freshness.forget()  # it may have started anew
        if self._link.said(online=online):
            yield seen.LinkChanged(self.robot_id, now_ms, online)

    def _read_frame(
        self, message: wire.Frame, now_ms: int
    ) -> Iterator[seen.FrameReceived | seen.PayloadRejected]:
        frame = frame_of(self.robot_id, message)
        if isinstance(frame, Rejected):
            yield seen.PayloadRejected(self.robot_id, now_ms, "frame", frame.reason, frame.remedy)
            return
        self._frames.append(frame)
        yield seen.FrameReceived(
            self.robot_id,
            now_ms,
            frame.frame_id,
            message.action_id,
            message.node_id,
            hashlib.sha256(frame.image).hexdigest(),
        )

    def _take_pose(self, position: wire.AgvPosition | None, now_ms: int) -> None:
        if position is not None:
            self._pose = PoseView(self.robot_id, position.x, position.y, position.theta, now_ms)

    # --- time -------------------------------------------------------------
    def next_deadline_ms(self) -> int | None:
        """When `on_time` and `due` want to be called next."""
        times = [
            self._pausing.next_deadline_ms(),
            self._resuming.next_deadline_ms(),
            self._commanding.next_deadline_ms(),
            self._ordering.next_deadline_ms() if self._order_is_wanted() else None,
        ]
        return min((time for time in times if time is not None), default=None)

    @property
    def rests(self) -> bool:
        """Whether nothing is to be told, sent or sent again until something comes in."""
        return (
            self._pausing.next_deadline_ms() is None
            and self._resuming.rests
            and self._commanding.rests
            and self._ordering.rests
        )

    def on_time(self, now_ms: int) -> list[seen.RobotObservation]:
        """Send again what restricts and no report shows; say what was tried often enough."""
        may_come = self._ordering.may_come(now_ms)
        told = [
            *self._pausing.on_time(now_ms),
            *self._resuming.on_time(now_ms),
            *self._commanding.on_time(now_ms, order_may_come=may_come),
            *(self._ordering.on_time(now_ms) if self._order_is_wanted() else ()),
        ]
        self._send_free(now_ms)
        return told

    def due(self, now_ms: int) -> tuple[Asked, ...]:
        """What may move the robot and no report shows: to be sent again if the gate permits it.

        What it does not permit stays due.
        """
        if self._pausing.wanted:
            return ()  # what was allowed before a stop must not reach the robot after it
        found: list[Asked] = []
        if self._resuming.due(now_ms):
            found.append(MayGoOn(self.robot_id))
        start = self._commanding.charge_due(now_ms)
        if start is not None:
            found.append(MayCharge(self.robot_id, start))
        order = self._ordering.due(now_ms) if self._order_is_wanted() else None
        if order is not None:
            found.append(MayDrive(self.robot_id, order.order_id, order.update_id))
        return tuple(found)

    def _order_is_wanted(self) -> bool:
        """Whether the newest update is to be shown: not of an order that is given up."""
        return not (self._commanding.cancelling or self._pausing.wanted)

    # --- out: what may move the robot ---------------------------------------
    def send_order(self, permit: Permit, order: OrderToSend, now_ms: int) -> None:
        """Send a new order, or an update of the one it has."""
        self._commanding.drive_off()
        self._ordering.give(order, now_ms, old_errors=self._errors)
        self._send_order(permit, now_ms)

    def resume(self, permit: Permit, now_ms: int) -> None:
        """Tell it to go on; an order that it has not shown is sent and counted anew."""
        may_come_until_ms = self._pausing.may_come_until_ms()
        self._pausing.end()
        self._resuming.want(now_ms, pause_may_come_until_ms=may_come_until_ms)
        self._send_action(permit, self._resuming.sent(now_ms), now_ms)
        self._ordering.count_anew(now_ms)

    def charge(self, permit: Permit, now_ms: int, *, start: bool) -> None:
        """Tell it to start or stop charging."""
        self._send_action(permit, self._commanding.want_charging(now_ms, start=start), now_ms)

    def send_again(self, permit: Permit, now_ms: int) -> None:
        """Send once more what was due."""
        match permit.asked:
            case MayDrive():
                self._ordering.again(now_ms)
                self._send_order(permit, now_ms)
            case MayGoOn():
                self._send_action(permit, self._resuming.sent(now_ms), now_ms)
            case MayCharge():
                self._send_action(permit, self._commanding.charge_again(now_ms), now_ms)

    def _send_order(self, permit: Permit, now_ms: int) -> None:
        following = self._ordering.following
        if following is not None:
            self._sending.send_order(
                permit,
                following.order,
                now_ms,
                stitch=following.stitch,
                known=following.known,
            )

    def _send_action(self, permit: Permit, action: wire.Action | None, now_ms: int) -> None:
        if action is not None:
            self._sending.send_action(permit, action, now_ms)

    # --- out: what lets nothing move ----------------------------------------
    def speak(self, version: str) -> None:
        """Use the protocol version that the robot spoke before a restart."""
        self._sending.speak(version)

    def adopt(
        self,
        order: OrderToSend,
        passed: int,
        shown_update: int,
        now_ms: int,
        *,
        stitch: int,
        ended: frozenset[str],
    ) -> None:
        """Follow an order that was sent before a restart; nothing is sent by that.

        Args:
            order: as it stands by the record; its newest update may not have been sent.
            passed: number of the last node passed.
            shown_update: the newest update that a report showed, -1 for none.
            now_ms: the time.
            stitch: number of the node at which the newest update continues.
            ended: actions whose end was told.
        """
        self._ordering.adopt(order, passed, shown_update, now_ms, stitch=stitch, ended=ended)

    def adopt_resume(self, now_ms: int) -> None:
        """Its pause ended by the record, and no report showed that it goes on: due by now."""
        self._resuming.adopt(now_ms)

    def forget_order(self, order_id: str) -> None:
        """The order is over for us."""
        self._ordering.forget(order_id)

    def pause(self, now_ms: int) -> None:
        """Tell it to stand still; sending it again is always right."""
        may_come_until_ms = self._resuming.may_come_until_ms()
        self._resuming.end()
        self._pausing.want(now_ms, resume_may_come_until_ms=may_come_until_ms)
        self._send_free(now_ms)

    def forget_pause(self) -> None:
        """Wish no pause any more, and say nothing: who else paused it lets it go on."""
        self._pausing.end()

    def cancel(self, order_id: str, now_ms: int) -> None:
        """Tell it to give its order up, unless its reports show that it has none."""
        may_come = self._ordering.may_come(now_ms)
        self._commanding.want_cancel(order_id, now_ms, order_may_come=may_come)
        self._send_free(now_ms)

    def ask_factsheet(self) -> None:
        """Ask what it is, with its next report."""
        self._commanding.want_factsheet()

    def forget(self) -> None:
        """The robot is no longer ours: nothing more is sent to it; it may be noticed again."""
        self._report = None
        self._has_appeared = False
        self._ordering.end()
        self._pausing.end()
        self._resuming.end()
        self._commanding.forget()

    def take_outgoing(self) -> list[Outgoing]:
        """What is to be published now."""
        return self._sending.take()

    def take_frames(self) -> list[CameraFrame]:
        """Frames that came in since the last call."""
        taken, self._frames = self._frames, []
        return taken

    def take_pose(self) -> PoseView | None:
        """The newest pose since the last call."""
        taken, self._pose = self._pose, None
        return taken

    def _send_free(self, now_ms: int) -> None:
        self._sending.send_free((*self._pausing.take(), *self._commanding.take()), now_ms)


def _is_farewell(message: wire.Header) -> bool:
    """Whether it says that the robot is not, or no longer, there."""
    return isinstance(message, wire.Connection) and message.connection_state.upper() != "ONLINE"
