"""Permissive effects wait here until their row is durable and the gate lets them out.

Promises to people wait here too: what was said to be queued is on disk.

Rule 1 of DESIGN.md: what was allowed but not recorded could never be explained.
An effect that the gate keeps, because its robot was held, fell silent or left
automatic mode meanwhile, waits and is asked for again; one that nobody wants any more
is dropped. What sessions want to send again comes through the same gate.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from fleetapp.core.effects import Charge, Due, Effect, ForgetPause, Reply, Resume, SendOrder
from fleetapp.core.state import State
from fleetapp.engine.lifts import Lifts
from fleetapp.fleet.order import OrderPhase
from fleetapp.safety import gate
from fleetapp.safety.permit import Asked, MayCharge, MayDrive, MayGoOn, Permit


@dataclass(frozen=True, slots=True)
class Leaving:
    """An effect that leaves now, with the gate's permit; what moves no robot needs none."""

    due: Due
    permit: Permit | None


class Outbox:
    """Effects in the order of their rows."""

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting: deque[Due] = deque()
        self._lifts = Lifts()
        self._durable_seq = 0

    def follow(self, before: State, after: State) -> None:
        """Learn what a step lifted: nothing leaves by that before its row is on disk."""
        self._lifts.follow(before, after)

    def add(self, due: Iterable[Due]) -> None:
        """Queue permissive effects; of one kind for one robot only the newest is wanted."""
        for new in due:
            asked = _asked(new.effect)
            if asked is not None:
                self._waiting = deque(old for old in self._waiting if not _replaced(old, asked))
            self._waiting.append(new)

    def durable(self, seq: int) -> None:
        """Rows up to `seq` are on disk."""
        self._durable_seq = max(self._durable_seq, seq)
        self._lifts.durable(self._durable_seq)

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, state: State, now_ms: int) -> tuple[Leaving, ...]:
        """The effects that may leave now."""
        if not self._waiting or self._waiting[0].seq > self._durable_seq:
            return ()
        leaving: list[Leaving] = []
        staying: deque[Due] = deque()
        for due in self._waiting:
            if not _alive(state, due.effect):
                continue
            asked = _asked(due.effect)
            permit = self._permit(asked, state, now_ms) if asked else None
            if permit is not None or (asked is None and due.seq <= self._durable_seq):
                leaving.append(Leaving(due, permit))
            else:
                staying.append(due)
        self._waiting = staying
        return tuple(leaving)

    def permit_again(self, asked: Asked, state: State, now_ms: int) -> Permit | None:
        """The permit for something that was sent before, None while it may not leave."""
        return self._permit(asked, state, now_ms)

    def _permit(self, asked: Asked, state: State, now_ms: int) -> Permit | None:
        """The gate's answer with the state as it is now.

        That state may know of a release that is not on disk yet. So nothing leaves for a
        robot before what lifted the last obstacle and all that was decided for it is:
        neither what an older row allowed nor what was sent before.
        """
        recorded = self._lifts.newest(asked.robot_id) <= self._durable_seq and all(
            due.seq <= self._durable_seq
            for due in self._waiting
            if _robot_of(due.effect) == asked.robot_id
        )
        order = state.orders.get(asked.order_id) if isinstance(asked, MayDrive) else None
        moment = gate.Moment(
            now_ms,
            stopped=state.stop is not None,
            journal_ok=state.journal_ok,
            halted=state.halted,
        )
        robot = state.robots.get(asked.robot_id)
        answer = gate.ask(asked, robot, order, moment, recorded=recorded)
        return answer if isinstance(answer, Permit) else None


def _asked(effect: Effect) -> Asked | None:
    """What an effect asks of the gate; nothing if it moves no robot."""
    match effect:
        case SendOrder(order=order):
            return MayDrive(order.robot_id, order.order_id, order.update_id)
        case Resume(robot_id=robot_id):
            return MayGoOn(robot_id)
        case Charge(robot_id=robot_id, start=start):
            return MayCharge(robot_id, start)
    return None


def _robot_of(effect: Effect) -> str:
    asked = _asked(effect)
    return asked.robot_id if asked is not None else ""


def _replaced(old: Due, asked: Asked) -> bool:
    before = _asked(old.effect)
    return type(before) is type(asked) and _robot_of(old.effect) == asked.robot_id


def _alive(state: State, effect: Effect) -> bool:
    """Whether somebody still wants it."""
    if isinstance(effect, SendOrder):
        order = state.orders.get(effect.order.order_id)
        if order is None or order.phase is not OrderPhase.ACTIVE:
            return False
        return order.update_id == effect.order.update_id  # a newer one waits behind it
    if isinstance(effect, Reply):
        return True
    if not isinstance(effect, Resume | Charge | ForgetPause):
        return False
    robot = state.robots.get(effect.robot_id)
    if robot is None or not robot.admitted:
        return False
    if isinstance(effect, Charge):
        return robot.charge_asked == effect.start
    return not robot.pause_wanted
