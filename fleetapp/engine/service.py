"""The running fleet as the server sees it: implements `fleetapp.api.service.FleetService`."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from fleetapp.api.commands import RESTRICTIVE, AdmitRobot, Command, Outcome, Person, RemoveRobot
from fleetapp.api.layout import Layout
from fleetapp.api.service import AuditReader
from fleetapp.api.views import Delta, Snapshot
from fleetapp.core.known import Known
from fleetapp.core.observations import AccessRecorded, Input, RobotAppeared
from fleetapp.engine.answers import Noted
from fleetapp.engine.desk import Desk
from fleetapp.engine.loop import CommandItem, Item
from fleetapp.terms.reasons import Refusal

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Outside:
    """What the service needs besides the loop; functions, so that it knows no process."""

    layout: Callable[[], Layout]
    review_crop: Callable[[str, str], bytes | None]  # robot id, frame id
    delta_sent: Callable[[int], None]
    status: Callable[[], dict[str, object]]
    diagnostics: Callable[[], dict[str, object]]
    add_broker_user: Callable[[str], str | None]
    remove_broker_user: Callable[[str], bool]


class Service:
    """Hands commands to the loop and reads what the desk last told."""

    def __init__(
        self,
        put: Callable[[Item], None],
        desk: Desk,
        audit: AuditReader,
        outside: Outside,
        look_up: Callable[[Command], Known | None],
    ) -> None:
        """`put` queues something for the loop, from any thread.

        `look_up` asks the journal what is known of a command's ids. It is called in a thread
        of its own, in the order in which commands come.
        """
        self._put = put
        self._desk = desk
        self._audit = audit
        self._outside = outside
        self._look_up = look_up
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="known-ids")

    def close(self) -> None:
        """Take no more commands."""
        self._looking.shutdown(wait=False, cancel_futures=True)

    def submit(self, command: Command, person: Person) -> "Future[Outcome]":
        """Queue a command; the future holds the core's answer.

        What stops, holds, cancels or acknowledges goes straight to the loop; of everything
        else the journal is asked first whether it was wanted before.
        """
        answer: Future[Outcome] = Future()
        if isinstance(command, RESTRICTIVE):
            self._put(CommandItem(command, person, answer))
        else:
            self._looking.submit(self._put_with_known, CommandItem(command, person, answer))
        return answer

    def _put_with_known(self, item: CommandItem) -> None:
        try:
            known = self._look_up(item.command)
        except Exception:  # whatever broke: the command is refused, not lost
            log.exception("what is known of command %s cannot be said", item.command.command_id)
            known = Known(readable=False)
        self._put(replace(item, known=known))

    def snapshot(self) -> Snapshot:
        """What clients were told last.

        Raises:
            RuntimeError: before the first tick.
        """
        snapshot = self._desk.snapshot()
        if snapshot is None:
            raise RuntimeError("the engine has not begun yet: ask again in a second")
        return snapshot

    def subscribe(self, on_delta: Callable[[Delta], None]) -> Callable[[], None]:
        """Hear every delta from now on."""
        return self._desk.subscribe(on_delta)

    def delta_sent(self, seq: int) -> None:
        """A client's socket has taken the deltas up to this one."""
        self._outside.delta_sent(seq)

    def layout(self) -> Layout:
        """The layout of the site."""
        return self._outside.layout()

    def review_crop(self, review_id: str) -> bytes | None:
        """The JPEG of a review, None if it is no longer kept."""
        snapshot = self._desk.snapshot()
        reviews = snapshot.reviews if snapshot is not None else ()
        review = next((r for r in reviews if r.review_id == review_id), None)
        if review is None:
            return None
        return self._outside.review_crop(review.robot_id, review.frame_id)

    def audit(self) -> AuditReader:
        """The journal's reader."""
        return self._audit

    def status(self) -> dict[str, object]:
        """Processes, ports, robots, journal lag."""
        return self._outside.status()

    def diagnostics(self) -> dict[str, object]:
        """More than the status, without secrets."""
        return self._outside.diagnostics()

    def signed_in(self, person: Person, what: str) -> None:
        """Journal who came in, or what they did outside the fleet."""
        self._put(AccessRecorded(0, person.name, what))

    def recorded(self, person: Person, what: str) -> "Future[None]":
        """Journal what somebody changed; done when it is on disk."""
        done: Future[None] = Future()
        self._put(Noted(AccessRecorded(0, person.name, what), done))
        return done

    def add_robot(self, robot_id: str, robot_type: str, name: str, person: Person) -> str | None:
        """Admit a robot, heard or not yet; the password of its broker user if it got one."""
        maker, slash, serial = robot_id.partition("/")
        if not (maker and slash and serial):
            raise ValueError(f"robot id {robot_id!r} is not MAKER/SERIAL: write both parts")
        appeared: Input = RobotAppeared(robot_id, 0, maker, serial, "")
        self._put(appeared)
        outcome = self._answered(
            AdmitRobot(_command_id("add"), robot_id, robot_type, name or serial), person
        )
        if not outcome.accepted:
            raise ValueError(outcome.message)
        try:
            return self._outside.add_broker_user(robot_id)
        except ValueError as error:
            raise ValueError(f"{robot_id} is admitted and has no account: {error}") from error

    def remove_robot(self, robot_id: str, *, keep_user: bool, person: Person) -> None:
        """Remove a robot and, unless kept, its broker user, of one that is admitted no more too.

        An answer that comes too late for whoever asked takes the user all the same.
        """
        answer = self.submit(RemoveRobot(_command_id("remove"), robot_id, "removed"), person)
        try:
            outcome = answer.result(timeout=ANSWER_TIMEOUT_S)
        except TimeoutError:
            if not keep_user:
                answer.add_done_callback(partial(self._take_user_late, robot_id))
            raise
        unknown = outcome.reason == Refusal.UNKNOWN_ROBOT
        if not outcome.accepted and not unknown:
            raise ValueError(outcome.message)
        try:
            had_user = not keep_user and self._outside.remove_broker_user(robot_id)
        except ValueError as error:
            raise ValueError(f"{robot_id} is removed and has its account still: {error}") from error
        if unknown and not had_user:
            raise ValueError(outcome.message)

    def _take_user_late(self, robot_id: str, answer: "Future[Outcome]") -> None:
        """The loop's thread: files and processes are for another."""
        if answer.cancelled() or not answer.result().accepted:
            return
        with suppress(RuntimeError):  # closed: removing it again takes the user
            self._looking.submit(self._take_user, robot_id)

    def _take_user(self, robot_id: str) -> None:
        """Nobody waits for it any more: what went wrong is for the log."""
        try:
            self._outside.remove_broker_user(robot_id)
        except ValueError as error:
            log.error("%s is removed and has its account still: %s", robot_id, error)  # noqa: TRY400 - the message says all

    def _answered(self, command: Command, person: Person) -> Outcome:
        return self.submit(command, person).result(timeout=ANSWER_TIMEOUT_S)


def _command_id(what: str) -> str:
    return f"engine-{what}-{uuid.uuid4().hex}"
