"""One round: people at work, an answer, `kill -9`, a start, and a look at what was promised."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fleetapp.api.commands import ReleaseAll, ReleaseHold
from fleetapp.api.views import Snapshot
from fleetapp.audit.verify import verify
from fleetapp.client.connection import ClientError
from fleetapp.simulation.kills.deeds import DEEDS, RESTRICTIVE, Shift, answer_an_open_review
from fleetapp.simulation.kills.hall import Hall, alive
from fleetapp.simulation.kills.locker import Locker
from fleetapp.simulation.kills.promises import Picks, Promises, picks_in
from fleetapp.terms.modes import Role

DRAIN_S = 300.0
GONE_S = 30.0
WITH_CAMERA = frozenset({"review"})
USER = "user"  # no command of the fleet: the server answers it


@dataclass(frozen=True, slots=True)
class Kill:
    """After which answer the engine is killed, and how its journal is then."""

    kind: str
    journal: str  # healthy, slow, locked


@dataclass(frozen=True, slots=True)
class Break:
    """A promise that was not kept."""

    kill: int
    kind: str
    journal: str
    what: str


@dataclass(slots=True)
class Count:
    """What a run has found."""

    kills: Counter[str] = field(default_factory=Counter)  # "kind/journal"
    breaks: list[Break] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    not_recorded: int = 0
    commands: int = 0
    picks: int = 0
    slowest_answer_ms: dict[str, int] = field(default_factory=dict)  # by journal, restrictive


def kinds_of(robot_has_camera: bool) -> tuple[Kill, ...]:  # noqa: FBT001 - what the robots have
    """Every kind of answer in every state of the journal in which it is given."""
    kinds = (*(k for k in DEEDS if robot_has_camera or k not in WITH_CAMERA), USER)
    usual = [Kill(kind, journal) for kind in kinds for journal in ("healthy", "slow")]
    return (*usual, *(Kill(kind, "locked") for kind in kinds if kind in RESTRICTIVE))


class Rounds:
    """Rounds in one hall."""

    def __init__(self, hall: Hall, seed: int, count: Count) -> None:
        """The hall is open."""
        self._hall = hall
        self._count = count
        self._promises = Promises()
        self._shift = Shift(hall, self._promises, random.Random(seed))
        self._shift.learn_stations()
        self._people = 0
        self._now = (0, Kill("", ""))

    def one(self, number: int, kill: Kill) -> None:
        """Work, kill, start, look."""
        self._now = (number, kill)
        self._work()
        children = self._hall.children()
        is_promised = self._answer_then_kill(kill)
        self._hall.bury_engine()
        # A kill after a refusal shows nothing.
        self._count.kills[f"{kill.kind}/{kill.journal}"] += is_promised
        self._hall.start_engine()
        snapshot = self._hall.until(self._hall.all_heard, "all robots report again")
        self._look(snapshot)
        for pid in children:
            if not _gone(pid):
                self._broken(f"process {pid} of the killed engine is still there")

    def _work(self) -> None:
        """Let robots drive: end what the round before left, order."""
        if self._promises.stopped:
            self._shift.give(ReleaseAll(uuid.uuid4().hex, "the round is over"))
        for robot_id in sorted(self._promises.held):
            self._shift.give(ReleaseHold(uuid.uuid4().hex, robot_id, "the round is over"))
        snapshot = self._hall.snapshot()
        self._shift.look_after(snapshot)
        self._shift.keep_busy(snapshot)

    def _answer_then_kill(self, kill: Kill) -> bool:
        """Whether something was promised."""
        if kill.kind == USER:
            self._add_user_then_kill(kill)
            return True
        command = DEEDS[kill.kind](self._shift)
        locker = None if kill.journal == "healthy" else Locker(self._hall.database, kill.journal)
        try:
            began = time.monotonic()
            outcome = self._hall.connection.submit(command)
            self._hall.kill_engine()
            took_ms = round((time.monotonic() - began) * 1000)
        finally:
            if locker is not None:
                locker.end()
        self._promises.take(command, outcome)
        if not outcome.accepted:
            self._count.refused[f"{kill.kind}: {outcome.reason}"] += 1
        elif kill.kind in RESTRICTIVE:
            slowest = self._count.slowest_answer_ms
            slowest[kill.journal] = max(slowest.get(kill.journal, 0), took_ms)
        return outcome.accepted

    def _add_user_then_kill(self, kill: Kill) -> None:
        self._people += 1
        name = f"person-{self._people}-{uuid.uuid4().hex[:6]}"
        locker = None if kill.journal == "healthy" else Locker(self._hall.database, kill.journal)
        try:
            self._hall.connection.add_user(name, Role.OPERATOR, uuid.uuid4().hex)
            self._hall.kill_engine()
        finally:
            if locker is not None:
                locker.end()
        self._promises.people.append(name)

    # --- what was promised ------------------------------------------------------
    def _look(self, snapshot: Snapshot) -> None:
        found = self._promises.broken_in(snapshot)
        found += self._promises.missing_in(self._hall.database)
        people = {person.name for person in self._hall.connection.users()}
        found += [f"{name} is not there" for name in self._promises.people if name not in people]
        for what in found:
            self._broken(what)

    def _broken(self, what: str) -> None:
        number, kill = self._now
        self._count.breaks.append(Break(number, kill.kind, kill.journal, what))

    def breaks_off(self, error: Exception) -> None:
        """The hall did not do what it must after a kill: no round follows."""
        self._broken(f"the hall does not go on: {error}")

    def end(self) -> None:
        """Let the robots finish, end the hall and look at the whole journal."""
        self._now = (0, Kill("end", "healthy"))
        self._work()
        try:
            self._hall.until(self._is_idle, "all tasks end", DRAIN_S)
        except (ClientError, RuntimeError) as error:
            self._broken(str(error))
        summary = self._hall.close()
        picks = picks_in(self._hall.database)
        self._promises.look_at_all_again()
        for what in (
            *picks.doubled,
            *differs_in_picks(picks, summary),
            *self._promises.missing_in(self._hall.database),
        ):
            self._broken(what)
        if not (proof := verify(self._hall.database)).ok:
            self._broken(f"the journal does not verify: {proof.message}")
        if (self._hall.data / "evidence").exists():
            self._broken("a journal that nobody touched was doubted")
        self._count.picks += picks.done
        self._count.commands += len(self._promises.commands)
        self._count.not_recorded += self._promises.not_recorded

    def _is_idle(self) -> bool:
        answer_an_open_review(self._shift)
        snapshot = self._hall.snapshot()
        self._shift.look_after(snapshot)
        return snapshot.fleet.tasks_open == 0


def differs_in_picks(picks: Picks, summary: Mapping[str, Any]) -> tuple[str, ...]:
    """What the journal says of picks against what the robots counted."""
    if "picks" not in summary:
        return ("the robots did not say how often they picked",)
    picked = int(summary["picks"])
    if picked == picks.done:
        return ()
    return (f"robots picked {picked} times, the journal knows of {picks.done}",)


def _gone(pid: int) -> bool:
    """Whether a child of the killed engine ends; one that was just loading takes a while."""
    end = time.monotonic() + GONE_S
    while alive(pid, b"mosquitto") or alive(pid, b"recogniser"):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
