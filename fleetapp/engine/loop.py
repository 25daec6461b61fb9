"""One tick of the engine: take in, decide, stop what must stop, record, let the rest wait.

It has no thread and no clock: the runtime calls it with the time and what came
in, the simulation in virtual time does the same. Restrictive effects leave
before anything is recorded; permissive ones when their row is durable. The answer to
a restrictive command waits for the emergency ring, the loop never does.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from fleetapp.api.commands import Command, Outcome, Person
from fleetapp.core import effects as due_effects
from fleetapp.core.answer_faults import next_deadline
from fleetapp.core.effects import Due, effects_of
from fleetapp.core.known import Known
from fleetapp.core.observations import CommandGiven, Input
from fleetapp.core.observations_engine import DeadlineFell
from fleetapp.core.state import State
from fleetapp.core.step import step
from fleetapp.core.turn import Row
from fleetapp.engine.answers import Answers, Kept, Noted, NotKept
from fleetapp.engine.entries import entries_of
from fleetapp.engine.outbox import Outbox
from fleetapp.engine.ports import Journal, Planner, Ring
from fleetapp.engine.rejections import Dropped
from fleetapp.engine.sessions import RawMessage, Sessions

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandItem:
    """A person's command with the future that wants its answer, and what is known of its ids."""

    command: Command
    person: Person
    answer: "Future[Outcome]"
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Durable:
    """The journal's word: rows up to `seq` are on disk."""

    seq: int


Item: TypeAlias = RawMessage | Dropped | CommandItem | Noted | Durable | Kept | NotKept | Input


class Loop:
    """The state and what surrounds it, advanced tick by tick."""

    def __init__(
        self,
        state: State,
        sessions: Sessions,
        journal: Journal,
        planner: Planner,
        *,
        ring: Ring,
        on_rows: Callable[[State, tuple[Row, ...]], None],
    ) -> None:
        """`on_rows` is told of every tick that made rows (views, crops)."""
        self.state = state
        self._sessions = sessions
        self._journal = journal
        self._planner = planner
        self._ring = ring
        self._on_rows = on_rows
        self._outbox = Outbox()
        self._answers = Answers()
        self._faults = sessions.faults
        self._deadline: tuple[State | None, int | None] = (None, None)

    def next_wake_ms(self) -> int | None:
        """When something falls due without a message."""
        if self._faults:
            return self.state.now_ms
        times = [
            self._sessions.next_deadline_ms(),
            self._core_deadline(),
            self._answers.next_deadline_ms(),
        ]
        return min((time for time in times if time is not None), default=None)

    def _core_deadline(self) -> int | None:
        """The core's next deadline, asked once for a state: it looks at every robot."""
        if self._deadline[0] is not self.state:
            self._deadline = (self.state, next_deadline(self.state))
        return self._deadline[1]

    def tick(self, now_ms: int, items: Sequence[Item]) -> None:
        """Take in what came since the last tick and do what follows."""
        now_ms = max(now_ms, self.state.now_ms + 1)
        messages = self._messages(now_ms, items)
        if messages:
            self._decide(now_ms, messages)
            self._sessions.wake_released(self.state, now_ms)
        self._send_permitted(now_ms)
        self._sessions.flush()
        self._answers.on_time(now_ms)

    def _messages(self, now_ms: int, items: Sequence[Item]) -> list[Input]:
        messages: list[Input] = [_stamped(fault, now_ms) for fault in self._faults.take()]
        for item in items:
            if isinstance(item, RawMessage):
                messages.extend(self._sessions.take_in(item, now_ms))
            elif isinstance(item, Dropped):
                messages.extend(self._sessions.dropped(item, now_ms))
            elif isinstance(item, Durable | Kept | NotKept):
                self._recorded(item)
            elif isinstance(item, CommandItem):
                messages.append(self._command(item, now_ms))
            elif isinstance(item, Noted):
                message = _stamped(item.message, now_ms)
                self._answers.expect_record(message, item.done)
                messages.append(message)
            else:
                messages.append(_stamped(item, now_ms))
        messages.extend(self._sessions.on_time(now_ms))
        deadline = self._core_deadline()
        if deadline is not None and deadline <= now_ms:
            messages.append(DeadlineFell(now_ms))
        return messages

    def _command(self, item: CommandItem, now_ms: int) -> CommandGiven:
        given = CommandGiven(now_ms, item.command, item.person, item.known)
        self._answers.expect(given, item.answer)
        return given

    def _recorded(self, word: Durable | Kept | NotKept) -> None:
        """The journal or the ring tells what is on disk."""
        if isinstance(word, Durable):
            self._outbox.durable(word.seq)
            self._answers.durable(word.seq)
        elif isinstance(word, Kept):
            self._answers.kept(word.row_seq)
        else:
            self._answers.not_kept(word.row_seq)

    def _decide(self, now_ms: int, messages: Sequence[Input]) -> None:
        before = self.state
        self.state, rows = step(before, messages, _rule_failed)
        self._outbox.follow(before, self.state)
        self._answers.entered(rows)
        due = effects_of(self.state, rows, partial(self._faults.of_row, "effect"))
        # A stop must never wait for a slow or full disk; permission to move must.
        self._send((d for d in due if not d.permissive), now_ms)
        self._sessions.flush()
        self._keep_in_ring(rows, due)
        self._journal.append(entries_of(rows, now_ms, self._faults.of_columns))
        unwritable = self._faults.unwritable
        self._outbox.add(d for d in due if d.permissive and d.seq not in unwritable)
        try:
            self._on_rows(self.state, rows)
        except Exception:  # who only looks on must not end what is looked at
            log.exception("what is shown could not follow a tick")

    def _send_permitted(self, now_ms: int) -> None:
        """What the gate lets out now: decisions that are on disk, then what is due again."""
        for leaving in self._outbox.take(self.state, now_ms):
            if leaving.permit is None:
                self._send((leaving.due,), now_ms)
            else:
                self._sessions.send_permitted(
                    leaving.due.effect, leaving.permit, self.state, now_ms
                )
        for asked in self._sessions.due_again(now_ms):
            permit = self._outbox.permit_again(asked, self.state, now_ms)
            if permit is not None:
                self._sessions.send_again(permit, now_ms)

    def _send(self, due: Iterable[Due], now_ms: int) -> None:
        for item in due:
            effect = item.effect
            if isinstance(effect, due_effects.SolvePlan):
                with self._faults.guard("planner", effect.problem.robot_id):
                    self._planner.solve(effect.problem)
            elif isinstance(effect, due_effects.Reply):
                self._reply(effect, now_ms)
            elif isinstance(effect, due_effects.Unpermitted):
                self._sessions.carry_out(effect, now_ms)

    def _reply(self, reply: due_effects.Reply, now_ms: int) -> None:
        if reply.given_seq is None:
            self._answers.give(reply)
            return
        self._answers.wait_for_ring(reply.given_seq, reply, now_ms)

    def _keep_in_ring(self, rows: Sequence[Row], due: Iterable[Due]) -> None:
        """Commands that are in force now and whose rows are not on disk yet."""
        given = {row.seq: row.message for row in rows if isinstance(row.message, CommandGiven)}
        for item in due:
            reply = item.effect
            if isinstance(reply, due_effects.Reply) and reply.given_seq in given:
                self._ring.keep(reply.given_seq, given[reply.given_seq])


def _rule_failed(error: Exception) -> None:
    log.error("a rule failed; it was undone and its robots are held", exc_info=error)


def _stamped(message: Any, now_ms: int) -> Input:
    """The message at the time of this tick: rows of one tick share their time."""
    stamped: Input = replace(message, at_ms=now_ms)
    return stamped
