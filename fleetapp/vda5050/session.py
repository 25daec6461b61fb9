"""One robot as fleet control talks to it over VDA 5050 2.x. No input, no output, no clock.

Messages go in with the time they came, observations come out; what is to be sent
is taken from `take_outgoing`. The robot's word is its reports: an order counts
when a report shows it, a pause when a report shows the robot paused or standing,
a cancel when nothing is left to drive. "FINISHED" alone proves nothing, nor does
the `connection` topic.

Source: VDA 5050 2.1; what robots do wrong was measured on four of them.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from fleetapp.api.views import PoseView
from fleetapp.core import observations as seen
from fleetapp.safety.silence import HEARTBEAT_MS
from fleetapp.vda5050 import wire
from fleetapp.vda5050.commanding import Commanding
from fleetapp.vda5050.decode import Decoded, Rejected, decode_noting
from fleetapp.vda5050.encode import order_message
from fleetapp.vda5050.extras import CameraFrame, factsheet_seen, frame_of
from fleetapp.vda5050.following import Following, error_key
from fleetapp.vda5050.freshness import Freshness
from fleetapp.vda5050.link import Link
from fleetapp.vda5050.orders import OrderToSend, wire_edges, wire_nodes
from fleetapp.vda5050.plain_text import WORD_SIGNS, shown
from fleetapp.vda5050.quirks import quirks_of
from fleetapp.vda5050.reporting import is_news, report_of
from fleetapp.vda5050.sending import Outgoing, Sending

RESEND_MS = (1_000, 2_000, 3_000, 4_000)  # together the ten seconds that a wait may last
ATTEMPTS_TOLD = 4
UNNAMED = "without a version"
ON_THE_WAY_MS = 3_000  # what has not come by then does not come


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
        self._following: Following | None = None
        self._commanding = Commanding(self.robot_id, epoch)
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
        order_may_come = self._order_may_come(now_ms)
        yield from self._commanding.read(state, now_ms, order_may_come=order_may_come)
        self._send_instant(now_ms)
        self._errors = frozenset(error_key(error) for error in state.errors or ())

    def _order_may_come(self, now_ms: int) -> bool:
        """Whether an order that no report has shown yet may still reach the robot."""
        following = self._following
        if following is None or following.shown_update >= 0:
            return False
        return now_ms - following.sent_ms < ON_THE_WAY_MS

    def _follow(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        following = self._following
        if following is None:
            return
        for fact in following.read(self.robot_id, state, now_ms):
            if not isinstance(fact, seen.OrderGone):
                yield fact
                continue
            self._following = None
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
        """When `on_time` wants to be called next."""
        times = [self._commanding.next_deadline_ms()]
        following = self._following
        if following is not None and self._wants_to_be_shown(following):
            times.append(following.sent_ms + self._wait_ms(following))
        return min((time for time in times if time is not None), default=None)

    def on_time(self, now_ms: int) -> list[seen.RobotObservation]:
        """Send again what no report shows yet; say so when it was tried often enough."""
        order_may_come = self._order_may_come(now_ms)
        told = list(self._commanding.on_time(now_ms, order_may_come=order_may_come))
        self._send_instant(now_ms)
        following = self._following
        if following is None or not self._wants_to_be_shown(following):
            return told
        if now_ms < following.sent_ms + self._wait_ms(following):
            return told
        # Without a report it may be the network: that ends by itself, and a hold does not.
        following.unheeded += following.heard
        following.heard = False
        following.attempts += 1
        following.sent_ms = now_ms
        self._send_order(following, now_ms)
        if following.unheeded >= ATTEMPTS_TOLD and not following.unacknowledged_told:
            following.unacknowledged_told = True
            told.append(
                seen.OrderUnacknowledged(
                    self.robot_id,
                    now_ms,
                    following.order.order_id,
                    following.order.update_id,
                    following.unheeded,
                )
            )
        return told

    def _wants_to_be_shown(self, following: Following) -> bool:
        """Whether the newest update is sent again.

        Never of an order that is given up, to a robot that is to stand still (what was
        allowed before a stop must not reach it after), or to one that has said nothing
        since this start of the engine.
        """
        if self._commanding.cancelling or self._commanding.pausing or self._report is None:
            return False
        return following.shown_update < following.order.update_id

    @staticmethod
    def _wait_ms(following: Following) -> int:
        return RESEND_MS[min(following.attempts, len(RESEND_MS)) - 1]

    # --- out --------------------------------------------------------------
    def send_order(self, order: OrderToSend, now_ms: int) -> None:
        """Send a new order, or an update of the one it has."""
        following = self._following
        self._commanding.drive_off()
        if following is None or following.order.order_id != order.order_id:
            self._following = Following(order, now_ms, old_errors=self._errors)
            self._send_order(self._following, now_ms)
            return
        stitch = following.order.released_to
        self._following = replace(
            following,
            order=order,
            known=stitch > 0 or following.shown_update >= 0,
            sent_ms=now_ms,
            attempts=1,
            heard=False,
            unheeded=0,
            stitch=stitch,
            finished=False,
            unacknowledged_told=False,
            refused_told=False,
            old_errors=self._errors,
        )
        self._send_order(self._following, now_ms)

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
        """Follow an order that was sent before a restart.

        Args:
            order: as it stands by the record; its newest update may not have been sent.
            passed: number of the last node passed.
            shown_update: the newest update that a report showed, -1 for none.
            now_ms: the time.
            stitch: number of the node at which the newest update continues.
            ended: actions whose end was told.
        """
        self._following = Following(
            order,
            now_ms,
            shown_update=shown_update,
            passed=passed,
            known=shown_update >= 0,
            stitch=stitch,
            ended=set(ended),
        )

    def forget_order(self, order_id: str) -> None:
        """The order is over for us."""
        if self._following is not None and self._following.order.order_id == order_id:
            self._following = None

    def pause(self, now_ms: int) -> None:
        """Tell it to stand still; sending it again is always right."""
        self._commanding.want_pause(now_ms, paused=True)
        self._send_instant(now_ms)

    def resume(self, now_ms: int) -> None:
        """Tell it to go on; an order that it has not shown is sent and counted anew."""
        self._commanding.want_pause(now_ms, paused=False)
        self._send_instant(now_ms)
        following = self._following
        if following is not None:
            following.sent_ms, following.attempts, following.unheeded = now_ms, 1, 0
            following.unacknowledged_told = following.refused_told = False

    def cancel(self, order_id: str, now_ms: int) -> None:
        """Tell it to give its order up, unless its reports show that it has none."""
        may_come = self._order_may_come(now_ms)
        self._commanding.want_cancel(order_id, now_ms, order_may_come=may_come)
        self._send_instant(now_ms)

    def charge(self, now_ms: int, *, start: bool) -> None:
        """Tell it to start or stop charging."""
        self._commanding.want_charging(now_ms, start=start)
        self._send_instant(now_ms)

    def ask_factsheet(self) -> None:
        """Ask what it is, with its next report."""
        self._commanding.want_factsheet()

    def forget(self) -> None:
        """The robot is no longer ours: nothing more is sent to it; it may be noticed again."""
        self._following = self._report = None
        self._has_appeared = False
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

    def _send_order(self, following: Following, now_ms: int) -> None:
        order, stitch = following.order, following.stitch
        message = order_message(
            order.order_id,
            order.update_id,
            wire_nodes(order, stitch, known=following.known),
            wire_edges(order, stitch),
        )
        self._sending.send("order", message, now_ms)

    def _send_instant(self, now_ms: int) -> None:
        message = self._commanding.take_message()
        if message is not None:
            self._sending.send("instantActions", message, now_ms)


def _is_farewell(message: wire.Header) -> bool:
    """Whether it says that the robot is not, or no longer, there."""
    return isinstance(message, wire.Connection) and message.connection_state.upper() != "ONLINE"
