"""Following one order: what the robot's reports say about it, each fact once.

Acknowledged is what the report shows, never what was sent. A node counts as
passed when it is the last node with its sequence number; robots differ in
whether the first node stays among the node states (VDA5050 issue 341), so that
is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.instant import has_ended
from fleetapp.vda5050.orders import OrderToSend
from fleetapp.vda5050.plain_text import ID_SIGNS, SENTENCE_SIGNS, shown
from fleetapp.vda5050.reporting import about
from fleetapp.vda5050.straying import beyond_base

REFUSALS = frozenset({"validationerror", "ordererror", "orderupdateerror", "norouteerror"})


@dataclass(slots=True)
class Following:
    """The order a robot has from us and what was seen of it."""

    order: OrderToSend
    sent_ms: int
    attempts: int = 1  # sent so often
    asked_ms: int | None = None  # due again, and the gate was asked since; it may say no
    heard: bool = False  # a report came after it was sent last
    unheeded: int = 0  # sent so often, and a report after it did not show it
    shown_update: int = -1
    passed: int = 0
    ended: set[str] = field(default_factory=set)
    finished: bool = False
    unacknowledged_told: bool = False
    refused_told: bool = False
    strayed_to: int = -1  # the farthest node beyond its base that was told
    old_errors: frozenset[str] = frozenset()
    stitch: int = 0  # number of the node with which the newest update begins
    known: bool = False  # whether the robot showed the order before that update

    def read(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        """The facts that this report adds."""
        self.heard = True
        if state.order_id != self.order.order_id or self._was_extended_by_another(state):
            yield from self._elsewhere(robot_id, state, now_ms)
            return
        yield from self._shown(robot_id, state, now_ms)
        yield from self._passed(robot_id, state, now_ms)
        yield from self._strayed(robot_id, state, now_ms)
        yield from self._actions(robot_id, state, now_ms)
        yield from self._finished(robot_id, state, now_ms)
        yield from self._refused(robot_id, state, now_ms)

    def _elsewhere(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        if self.shown_update >= 0:
            shows = shown(state.order_id or "", ID_SIGNS)
            if self._was_extended_by_another(state):
                shows += f" with update {state.order_update_id}"
            yield seen.OrderGone(robot_id, now_ms, self.order.order_id, shows)
            return
        yield from self._refused(robot_id, state, now_ms)

    def _was_extended_by_another(self, state: wire.State) -> bool:
        """Whether it shows an update of our order that we never sent."""
        ours = state.order_id == self.order.order_id
        return ours and (state.order_update_id or 0) > self.order.update_id

    def _shown(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        update = state.order_update_id or 0
        if update > self.shown_update:
            self.shown_update = update
            yield seen.OrderAcknowledged(robot_id, now_ms, self.order.order_id, update)

    def _passed(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        sequence = state.last_node_sequence_id or 0
        number = sequence // 2
        if sequence % 2 or number >= len(self.order.nodes):
            return
        if self.order.nodes[number].node_id != state.last_node_id:
            return  # still the last node of an older order
        if self.passed < number <= self.order.released_to:
            self.passed = number
            yield seen.NodePassed(
                robot_id, now_ms, self.order.order_id, number, state.last_node_id or ""
            )

    def _strayed(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        """By its last node or by its position, it is where it was not released to."""
        number = (state.last_node_sequence_id or 0) // 2
        told = number < len(self.order.nodes) and number > self.order.released_to
        if not told or self.order.nodes[number].node_id != state.last_node_id:
            number = beyond_base(self.order, state.agv_position) or 0
        if number > max(self.order.released_to, self.strayed_to):
            self.strayed_to = number
            node_id = self.order.nodes[number].node_id
            yield seen.LeftBase(robot_id, now_ms, self.order.order_id, node_id)

    def _actions(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        ours = {action.action_id for node in self.order.nodes for action in node.actions}
        for action in state.action_states or ():
            if action.action_id not in ours or action.action_id in self.ended:
                continue
            if has_ended(action):
                self.ended.add(action.action_id)
                yield seen.ActionEnded(
                    robot_id,
                    now_ms,
                    self.order.order_id,
                    action.action_id,
                    action.action_status.upper() == "FINISHED",
                    shown(action.result_description or "", SENTENCE_SIGNS),
                )

    def _finished(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        last = len(self.order.nodes) - 1
        ours = {action.action_id for node in self.order.nodes for action in node.actions}
        at_end = self.passed == last or (last == 0 and self._shows_first(state))
        whole = self.order.released_to == last and self.shown_update >= self.order.update_id
        if self.finished or not at_end or not whole or state.driving or not ours <= self.ended:
            return
        if state.node_states or state.edge_states:
            return  # vda-5050-lib lists the last node until its actions are done
        self.finished = True
        yield seen.OrderFinished(robot_id, now_ms, self.order.order_id)

    def _shows_first(self, state: wire.State) -> bool:
        return state.last_node_id in (self.order.nodes[0].node_id, "", None)

    def _refused(
        self, robot_id: str, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        """A new error about our order while its newest update is not shown."""
        if self.refused_told or self.shown_update >= self.order.update_id:
            return
        for error in state.errors or ():
            if error_key(error) in self.old_errors or not _is_refusal(error):
                continue
            if not self._about_us(error):
                continue
            self.refused_told = True
            text = shown(error.error_description or error.error_type, SENTENCE_SIGNS)
            yield seen.OrderRefused(
                robot_id, now_ms, self.order.order_id, self.order.update_id, text
            )
            return

    def _about_us(self, error: wire.Error) -> bool:
        """Whether the error is about this update; a late copy of an older one is not."""
        for reference in error.error_references or ():
            key, value = reference.reference_key.lower(), str(reference.reference_value)
            if key == "orderid" and value != self.order.order_id:
                return False
            if key == "orderupdateid" and value != str(self.order.update_id):
                return False
        return True


def _is_refusal(error: wire.Error) -> bool:
    return error.error_type.lower().replace("_", "") in REFUSALS


def error_key(error: wire.Error) -> str:
    """Errors are the same if type and references are; texts may differ (issue 102)."""
    return f"{error.error_type}|{about(error)}"
