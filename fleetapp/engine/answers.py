"""Who waits for which answer, and answers to what is in force that wait for the ring.

A stop, a hold, a cancel acts at once; its answer leaves when the emergency ring or
the journal has the command, whichever is first. After 200 ms it leaves all the same,
and says that a crash would lose what it answers.
"""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from fleetapp.api.commands import Outcome
from fleetapp.core.effects import Reply
from fleetapp.core.observations import AccessRecorded, CommandGiven, Input
from fleetapp.core.turn import Row

PATIENCE_MS = 200
NOT_RECORDED = "In force, not recorded."


@dataclass(frozen=True, slots=True)
class Kept:
    """The ring's word: the command of this row is on disk."""

    row_seq: int


@dataclass(frozen=True, slots=True)
class NotKept:
    """The ring's word: the command of this row is not on disk, and will not be."""

    row_seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact whose teller waits until its row is on disk."""

    message: Input
    done: "Future[None]"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An answer, and until when it waits."""

    reply: Reply
    until_ms: int


class Answers:
    """The futures of commands under way."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._expected: list[tuple[CommandGiven, Future[Outcome]]] = []
        self._futures: dict[int, Future[Outcome]] = {}  # by the row of the command
        self._waiting: dict[int, _Waiting] = {}  # by the row of the command
        self._noted: list[tuple[Input, Future[None]]] = []
        self._unrecorded: dict[int, Future[None]] = {}  # by the row of the fact

    def expect_record(self, message: Input, done: "Future[None]") -> None:
        """Somebody waits until this fact of this tick is on disk."""
        self._noted.append((message, done))

    def expect(self, given: CommandGiven, answer: "Future[Outcome]") -> None:
        """Somebody waits for the answer to a command of this tick."""
        self._expected.append((given, answer))

    def entered(self, rows: Iterable[Row]) -> None:
        """The commands of this tick have their rows: two under one id have one answer each."""
        told = (CommandGiven, AccessRecorded)
        seqs = {id(row.message): row.seq for row in rows if isinstance(row.message, told)}
        for given, answer in self._expected:
            if id(given) in seqs:
                self._futures[seqs[id(given)]] = answer
        for message, done in self._noted:
            if id(message) in seqs:
                self._unrecorded[seqs[id(message)]] = done
        self._expected, self._noted = [], []

    def next_deadline_ms(self) -> int | None:
        """When an answer has waited long enough."""
        return min((waiting.until_ms for waiting in self._waiting.values()), default=None)

    def wait_for_ring(self, given_seq: int, reply: Reply, now_ms: int) -> None:
        """Give this answer when the ring or the journal has its command."""
        self._waiting[given_seq] = _Waiting(reply, now_ms + PATIENCE_MS)

    def kept(self, row_seq: int) -> None:
        """The ring has the command of this row."""
        waiting = self._waiting.pop(row_seq, None)
        if waiting is not None:
            self.give(waiting.reply)

    def durable(self, seq: int) -> None:
        """The journal has all rows up to this one."""
        for row_seq in [row for row in self._waiting if row <= seq]:
            self.kept(row_seq)
        for row_seq in [row for row in self._unrecorded if row <= seq]:
            done = self._unrecorded.pop(row_seq)
            if not done.done():
                done.set_result(None)

    def not_kept(self, row_seq: int) -> None:
        """Neither has it, and the ring will not."""
        waiting = self._waiting.pop(row_seq, None)
        if waiting is not None:
            self._give(waiting.reply, recorded=False)

    def on_time(self, now_ms: int) -> None:
        """Give the answers that have waited long enough."""
        late = [row for row, waiting in self._waiting.items() if waiting.until_ms <= now_ms]
        for row_seq in late:
            self.not_kept(row_seq)

    def give(self, reply: Reply) -> None:
        """Answer whoever waits."""
        self._give(reply, recorded=True)

    def _give(self, reply: Reply, *, recorded: bool) -> None:
        text = reply.message if recorded else f"{reply.message} {NOT_RECORDED}"
        outcome = Outcome(
            reply.command_id, reply.accepted, reply.reason, text, reply.task_id, recorded
        )
        answer = self._futures.pop(reply.asked_seq or 0, None)
        if answer is not None and not answer.done():
            answer.set_result(outcome)
