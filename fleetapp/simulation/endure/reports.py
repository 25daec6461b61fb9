"""What robots reported, as the wire brought it: nothing is believed that no report says.

I5: what is shown is never older than what was seen. Nothing is called confirmed,
stopped or standing unless the newest report says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from fleetapp.core.observations import RobotReported
from fleetapp.core.state import State
from fleetapp.core.turn import Row


@dataclass(slots=True)
class Said:
    """What of a report is looked at."""

    headerId: int  # noqa: N815 - as the wire says it
    timestamp: str
    paused: bool = False
    driving: bool = False

    @property
    def header(self) -> int:
        """Which of its reports it is."""
        return self.headerId


_STATE = msgspec.json.Decoder(Said)


@dataclass(slots=True)
class Reports:
    """The newest of each robot, and what came since the last tick."""

    newest: dict[str, Said] = field(default_factory=dict)
    stale_only: dict[str, bool] = field(default_factory=dict)  # of this tick

    def taken_in(self, robot_id: str, kind: str, payload: bytes) -> None:
        """A message comes in with the next tick."""
        if kind == "connection":
            self.newest.pop(robot_id, None)  # it may have started anew
        if kind != "state":
            return
        try:
            message = _STATE.decode(payload)
        except msgspec.DecodeError:
            return  # the engine cannot use it either
        header = message.header
        before = self.newest.get(robot_id)
        timestamp = message.timestamp
        # One that started anew counts from 0 again; then its clock tells.
        is_new = before is None or header > before.header or timestamp > before.timestamp
        if is_new:
            self.newest[robot_id] = message
        was_stale = self.stale_only.get(robot_id, True)
        self.stale_only[robot_id] = was_stale and not is_new

    def engine_started(self) -> None:
        """It knows of no report."""
        self.newest, self.stale_only = {}, {}

    def judge(self, state: State, rows: tuple[Row, ...]) -> Iterator[tuple[str, str, str]]:
        """After the tick that took them in."""
        for row in rows:
            message = row.message
            if isinstance(message, RobotReported) and self.stale_only.get(message.robot_id):
                yield "I5 never older", message.robot_id, "a report older than the newest was taken"
        self.stale_only.clear()
        yield from self.unproved(state)

    def unproved(self, state: State) -> Iterator[tuple[str, str, str]]:
        """Pauses that count as confirmed while the newest report says otherwise."""
        for robot in state.robots.values():
            said = self.newest.get(robot.robot_id)
            if not robot.pause_confirmed or said is None:
                continue
            if said.driving and not said.paused:
                story = "its pause is confirmed, and its newest report says that it drives"
                yield "confirmed by reports", robot.robot_id, story
            if robot.stands_paused and said.driving:
                story = "it is called standing, and its newest report says that it drives"
                yield "confirmed by reports", robot.robot_id, story
