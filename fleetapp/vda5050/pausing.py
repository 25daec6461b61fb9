"""One robot told to stand still: what proves it, and what disproves it afterwards.

`paused` in a report that came after the action was sent is proof; a robot whose
reports never carry it proves it by the end of the action, at rest. One that tells
neither can only be seen to stand. What was proved is watched until the robot may go on: a
report that says otherwise is answered by another pause at once.

Source: VDA 5050 2.1, `paused` in the state: optional, true while a pause is on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

from fleetapp.core import observations as seen
from fleetapp.vda5050 import wire
from fleetapp.vda5050.instant import ON_THE_WAY_MS, ActionIds, has_ended

RESEND_MS = 1_000
UNCONFIRMED_MS = 4_000
APART_MS = 1_000  # two reports of standing that are nearer say little
STOOD_M = 0.05  # noise of a position that does not change
BRAKING_MS = 8_000  # from 2 m/s at 0.3 m/s2 it takes 7 s: after that driving is no braking
DOUBTED = 3  # contradictions after which one report is no longer enough
AGREE_MS = 5_000  # how long reports must agree then (DESIGN.md, rule 6)


class Proof(StrEnum):
    """What the reports show of a pause."""

    NONE = "none"
    STANDS = "stands"  # at rest; nothing says that it stays so
    PAUSED = "paused"


@dataclass(slots=True)
class Pause:
    """A pause that is wished, and what the reports showed of it so far."""

    action: wire.Action
    since_ms: int  # wished, or contradicted: from here its proof is waited for
    sent_ms: int
    believed_from_ms: int = 0  # until then a resume may still reach it: `paused` may be of before
    proof: Proof = Proof.NONE
    proved_ms: int = 0
    rested: bool = False  # it came to rest since
    spent: bool = False  # the robot reports the action as ended
    late_told: bool = False
    contradictions: int = 0
    agrees_ms: int | None = None  # since when every report says so
    stood_ms: int | None = None  # first of the reports that show it at rest
    stood_at: wire.AgvPosition | None = None


class Pausing:
    """The pause that one robot is to keep, if it is to keep one."""

    def __init__(self, robot_id: str, ids: ActionIds) -> None:
        """None wished; nothing known of how its reports speak."""
        self._robot_id = robot_id
        self._ids = ids
        self._pause: Pause | None = None
        self._says_paused = False  # its reports carry `paused`
        self._sent_ms = 0
        self._was_shown = True
        self._to_send: list[wire.Action] = []

    @property
    def wanted(self) -> bool:
        """Whether the last word to it was to stand still."""
        return self._pause is not None

    def may_come_until_ms(self) -> int:
        """Until when a pause that no report showed may still reach the robot; 0 for none."""
        return 0 if self._was_shown else self._sent_ms + ON_THE_WAY_MS

    def want(self, now_ms: int, *, resume_may_come_until_ms: int = 0) -> None:
        """Stand still; wished once more it is sent and proved once more."""
        before = self._pause
        action = self._ids.new("startPause")
        self._pause = Pause(action, now_ms, now_ms, believed_from_ms=resume_may_come_until_ms)
        if before is not None:
            self._pause.contradictions = before.contradictions
        self._send(self._pause, now_ms)

    def end(self) -> None:
        """It may go on, or is no longer ours."""
        self._pause = None

    def take(self) -> list[wire.Action]:
        """What is to be sent now. It lets nothing move."""
        taken, self._to_send = self._to_send, []
        return taken

    # --- what reports say ---------------------------------------------------
    def read(self, state: wire.State, now_ms: int) -> Iterator[seen.RobotObservation]:
        """What this report proves or disproves."""
        self._says_paused |= state.paused is not None
        pause = self._pause
        if pause is None:
            return
        mine = [a for a in state.action_states or () if a.action_id == pause.action.action_id]
        pause.spent = pause.spent or any(has_ended(action) for action in mine)
        of_now = now_ms >= pause.believed_from_ms
        self._was_shown |= bool(mine) or (of_now and bool(state.paused))
        if pause.proof is not Proof.NONE:
            yield from self._watch(pause, state, now_ms)
        else:
            yield from self._prove(pause, state, mine, now_ms)

    def _prove(
        self, pause: Pause, state: wire.State, mine: list[wire.ActionState], now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        proof = self._proof_in(pause, state, mine, now_ms)
        if proof is Proof.NONE:
            pause.agrees_ms = None
            return
        if pause.agrees_ms is None:
            pause.agrees_ms = now_ms
        if pause.contradictions >= DOUBTED and now_ms - pause.agrees_ms < AGREE_MS:
            return
        pause.proof, pause.proved_ms, pause.rested = proof, now_ms, not state.driving
        if proof is Proof.PAUSED:
            yield seen.PauseConfirmed(self._robot_id, now_ms, paused=True)
        else:
            yield seen.StandstillSeen(self._robot_id, now_ms)

    def _proof_in(
        self, pause: Pause, state: wire.State, mine: list[wire.ActionState], now_ms: int
    ) -> Proof:
        if pause.contradictions and state.driving:
            return Proof.NONE  # braking is believed once
        done = any(action.action_status.upper() == "FINISHED" for action in mine)
        if self._says_paused:
            of_now = done or now_ms >= pause.believed_from_ms
            return Proof.PAUSED if state.paused and of_now else Proof.NONE
        if mine:
            return Proof.PAUSED if done and not state.driving else Proof.NONE
        return Proof.STANDS if self._stood(pause, state, now_ms) else Proof.NONE

    @staticmethod
    def _stood(pause: Pause, state: wire.State, now_ms: int) -> bool:
        """Whether an earlier report, far enough back, showed it at rest at the same place."""
        if state.driving or pause.stood_ms is None or _moved(pause.stood_at, state.agv_position):
            pause.stood_ms = None if state.driving else now_ms
            pause.stood_at = state.agv_position
            return False
        return now_ms - pause.stood_ms >= APART_MS

    def _watch(
        self, pause: Pause, state: wire.State, now_ms: int
    ) -> Iterator[seen.RobotObservation]:
        pause.rested = pause.rested or not state.driving
        braked = pause.rested or now_ms - pause.proved_ms > BRAKING_MS
        drives = bool(state.driving) and braked
        if not drives and state.paused is not False:
            return
        pause.proof, pause.since_ms, pause.late_told = Proof.NONE, now_ms, False
        pause.agrees_ms = pause.stood_ms = None
        pause.contradictions += 1
        pause.spent = True  # what it was told is done, and undone
        if now_ms >= pause.sent_ms + RESEND_MS:
            self._again(pause, now_ms)
        yield seen.PauseContradicted(self._robot_id, now_ms, pause.contradictions)

    # --- time ---------------------------------------------------------------
    def next_deadline_ms(self) -> int | None:
        """When the pause is to be sent again."""
        pause = self._pause
        if pause is None or pause.proof is not Proof.NONE:
            return None
        return pause.sent_ms + RESEND_MS

    def on_time(self, now_ms: int) -> Iterator[seen.RobotObservation]:
        """Send again what no report proves; say so once if it takes too long."""
        deadline_ms, pause = self.next_deadline_ms(), self._pause
        if pause is None or deadline_ms is None or now_ms < deadline_ms:
            return
        self._again(pause, now_ms)
        if now_ms - pause.since_ms >= UNCONFIRMED_MS and not pause.late_told:
            pause.late_told = True
            yield seen.PauseUnconfirmed(self._robot_id, now_ms, paused=True)

    def _again(self, pause: Pause, now_ms: int) -> None:
        if pause.spent:
            pause.action, pause.spent = self._ids.new("startPause"), False
        self._send(pause, now_ms)

    def _send(self, pause: Pause, now_ms: int) -> None:
        pause.sent_ms = self._sent_ms = now_ms
        self._was_shown = False
        self._to_send.append(pause.action)


def _moved(before: wire.AgvPosition | None, now: wire.AgvPosition | None) -> bool:
    if before is None or now is None:
        return False
    return hypot(now.x - before.x, now.y - before.y) > STOOD_M
